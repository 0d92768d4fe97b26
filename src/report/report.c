#include "trawl/report.h"

#include <errno.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "report/context.h"

/** Each of at most six sorters at a time. 16 MiB is some 37,000 items a run, so ten million need 270 runs; as fast as
 * 64 MiB. */
#define SORT_MEMORY ((size_t)16 << 20)

static const struct report_writer *const report_writers[] = {&report_jsonl, &report_csv, &report_html};
#define WRITERS (sizeof(report_writers) / sizeof(*report_writers))
/** Inventory, review, summary, and one for each writer. */
#define OUTPUTS_MAX (3 + WRITERS)

/** The files being written; none gets its name before all are on disk. */
struct outputs {
    struct output items[OUTPUTS_MAX];
    size_t n;
};

static struct output *add_output(struct outputs *outputs, int casefd, const char *name)
{
    struct output *output = &outputs->items[outputs->n++];
    output_open(output, casefd, name);
    return output;
}

/** Reads the source to its end, sorted by place. */
static int collect(struct item_source *items, struct sorter *sorted, struct nearby *nearby)
{
    struct buf key = {0}, value = {0};
    struct item item = {0};
    int error = 0, got = 0;
    while (!error && (got = items->next(items, &item)) > 0) {
        key.len = value.len = 0;
        where_key(item.where, &key);
        item_encode(&item, &value);
        nearby_mark(nearby, &item);
        error = sorter_add(sorted, key.data, key.len, value.data, value.len);
        item_clear(&item);
    }
    buf_free(&key);
    buf_free(&value);
    error = error ? error : got;
    return error ? error : sorter_finish(sorted);
}

/** What the writers asked for write, each into its own file. */
struct writing {
    const struct report_writer *writer[WRITERS];
    struct output *out[WRITERS];
    size_t n;
};

static int drain_all(struct writing *writing)
{
    int error = 0;
    for (size_t i = 0; i < writing->n; i++) {
        output_drain(writing->out[i]);
        error = error ? error : writing->out[i]->error;
    }
    return error;
}

static void write_head(const struct report *report, const struct finding *finding, struct writing *writing)
{
    for (size_t i = 0; i < writing->n; i++)
        if (writing->writer[i]->finding)
            writing->writer[i]->finding(report, finding, &writing->out[i]->buf);
}

static void write_place(const struct finding *finding, uint64_t number, const struct where *place,
                        struct writing *writing)
{
    for (size_t i = 0; i < writing->n; i++) {
        writing->writer[i]->place(finding, number, place, &writing->out[i]->buf);
        if (number == finding->n_places && writing->writer[i]->finding_end)
            writing->writer[i]->finding_end(finding, &writing->out[i]->buf);
    }
}

static int write_findings(const struct report *report, struct sorter *ranked, struct writing *writing)
{
    struct finding finding = {0}, next;
    struct where *place;
    uint64_t rank = 0, number = 0;
    int part = 0, error = 0;
    while (!error && (part = findings_next(ranked, &next, &place)) > 0) {
        if (part == FINDING_HEAD) {
            item_clear(&finding.head);
            finding = next;
            finding.rank = ++rank;
            number = 0;
            write_head(report, &finding, writing);
        } else {
            write_place(&finding, ++number, place, writing);
            where_unref(place);
        }
        error = drain_all(writing);
    }
    item_clear(&finding.head);
    return error ? error : part;
}

/** The files of findings in the formats asked for. */
static int write_formats(const struct report *report, struct sorter *ranked, unsigned formats, struct outputs *outputs)
{
    struct writing writing = {0};
    for (size_t i = 0; i < WRITERS; i++) {
        if (!(formats & report_writers[i]->format))
            continue;
        writing.writer[writing.n] = report_writers[i];
        writing.out[writing.n] = add_output(outputs, report->casefd, report_writers[i]->file);
        if (report_writers[i]->begin)
            report_writers[i]->begin(report, &writing.out[writing.n]->buf);
        writing.n++;
    }
    int error = write_findings(report, ranked, &writing);
    for (size_t i = 0; i < writing.n && !error; i++)
        if (writing.writer[i]->end)
            writing.writer[i]->end(report, &writing.out[i]->buf);
    return error;
}

/** What to look at next, in a file of its own; it names files that are on no list. */
static int write_review(struct report *report, struct outputs *outputs)
{
    return review_write(&report->review, add_output(outputs, report->casefd, "review_next.jsonl"));
}

/** From items sorted by place to those that are on a list, sorted by content. */
static int find_listed(struct report *report, struct nearby *nearby, struct sorter *hits, struct flood *flood,
                       struct sorter *listed)
{
    bool names = !report->info->no_inventory;
    int error = sorter_finish(hits);
    error = error ? error : flood_find(flood, hits, report->info->flood);
    error = error ? error : nearby_finish(nearby, flood, listed, &report->spots, names ? &report->review : NULL);
    return error ? error : sorter_finish(listed);
}

/** Items to the inventory, the totals, and the findings in `ranked`. */
static int gather(struct report *report, struct item_source *items, struct sorter *ranked, struct outputs *outputs)
{
    struct flood flood = {0};
    struct nearby *nearby = nearby_new(report->casefd, report->memory);
    struct sorter *sorted = sorter_new(report->casefd, report->memory);
    struct sorter *hits = sorter_new(report->casefd, report->memory);
    struct sorter *listed = sorter_new(report->casefd, report->memory);
    struct output *inventory = add_output(outputs, report->casefd, "inventory.jsonl");
    int error = collect(items, sorted, nearby);
    error = error ? error : inventory_write(report, sorted, nearby, hits, inventory);
    sorter_free(sorted);
    error = error ? error : find_listed(report, nearby, hits, &flood, listed);
    sorter_free(hits);
    nearby_free(nearby);
    error = error ? error : write_review(report, outputs);
    error = error
                ? error
                : findings_build(listed, ranked, report->casefd, report->memory, report->info, &flood, &report->totals);
    sorter_free(listed);
    flood_free(&flood);
    return error ? error : sorter_finish(ranked);
}

/** All files get to the disk, then all get their names, summary.json the last of them. */
static int publish(struct outputs *outputs, int casefd, int error)
{
    for (size_t i = 0; i < outputs->n && !error; i++)
        error = output_finish(&outputs->items[i]);
    size_t published = 0;
    while (!error && published < outputs->n)
        error = output_publish(&outputs->items[published++]);
    for (size_t i = error ? 0 : outputs->n; i < outputs->n; i++)
        output_discard(&outputs->items[i]);
    if (!error && fsync(casefd) < 0)
        error = -errno;
    return error;
}

int report_write_bounded(int casefd, const struct case_info *info, const struct case_end *end, unsigned formats,
                         struct item_source *items, size_t memory, struct report_totals *totals)
{
    struct report report = {.casefd = casefd, .info = info, .end = end, .memory = memory};
    struct outputs outputs = {0};
    struct sorter *ranked = sorter_new(casefd, memory);
    totals_init(&report.totals, info);
    review_open(&report.review, casefd, memory);
    int error = gather(&report, items, ranked, &outputs);
    error = error ? error : write_formats(&report, ranked, formats, &outputs);
    if (!error)
        summary_write(&report, &add_output(&outputs, casefd, "summary.json")->buf);
    error = publish(&outputs, casefd, error);
    *totals = (struct report_totals){
        .files = report.totals.all.files,
        .bytes = report.totals.all.bytes,
        .findings = report.totals.findings,
        .locations = report.totals.locations,
        .unexamined = report.totals.unexamined,
    };
    sorter_free(ranked);
    totals_free(&report.totals);
    spots_free(&report.spots);
    review_free(&report.review);
    return error;
}

int report_write(int casefd, const struct case_info *info, const struct case_end *end, unsigned formats,
                 struct item_source *items, struct report_totals *totals)
{
    return report_write_bounded(casefd, info, end, formats, items, SORT_MEMORY, totals);
}
