#include "trawl/report.h"

#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "report/transparency.h"
#include "report/context.h"
#include "report/writing.h"

/** Each of at most six sorters at a time. 16 MiB is some 37,000 items a run, so ten million need 270 runs; as fast as
 * 64 MiB. */
#define SORT_MEMORY ((size_t)16 << 20)

/** Reads the source to its end, sorted by place. */
static int collect(struct item_source *items, struct sorter *sorted, struct nearby *nearby)
{
    struct buf key = {0}, value = {0};
    struct item item = {0};
    int error = 0, got = 0;
    while (!error && (got = items->next(items, &item)) > 0) {
        if (got == ITEM_ENCODED) {
            error = sorter_add(sorted, items->path, items->path_len, items->bytes, items->n);
            continue;
        }
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

static int write_findings(struct sorter *ranked, struct writing *writing)
{
    struct finding finding = {0}, next;
    struct where *place;
    uint64_t rank = 0, number = 0, places = 0, hashed = 0;
    int part = 0, error = 0;
    while (!error && (part = findings_next(ranked, &next, &place)) > 0) {
        if (part == FINDING_HEAD) {
            item_clear(&finding.head);
            finding = next;
            finding.rank = ++rank;
            finding.places_before = places;
            places += finding.n_places;
            finding.hashed_before = hashed;
            hashed += finding.head.has_digests;
            number = 0;
            error = writing_finding(writing, &finding);
        } else {
            error = writing_place(writing, &finding, ++number, place);
            where_unref(place);
        }
    }
    item_clear(&finding.head);
    return error ? error : part;
}

/** What to look at next, in a file of its own; it names files that are on no list. */
static int write_review(struct report *report, struct outputs *outputs)
{
    return review_write(&report->review, outputs_add(outputs, report->casefd, "review_next.jsonl"));
}

/** What became of files since an older case, in a file of its own. */
static int write_changes(struct report *report, struct outputs *outputs)
{
    if (!report->end->since)
        return 0;
    return changes_write(&report->changes, outputs_add(outputs, report->casefd, "changes.jsonl"),
                         !report->info->no_inventory);
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

/** What people said, in the order of contents. */
static int open_verdicts(struct report *report)
{
    struct sorter *said = sorter_new(report->casefd, report->memory);
    int error = report->end->verdicts ? report->end->verdicts(report->end->verdict_context, said) : 0;
    error = error ? error : sorter_finish(said);
    int opened = verdicts_open(&report->verdicts, said);
    return error ? error : opened;
}

/** Items to the inventory, the totals, and the findings in `ranked`. */
static int gather(struct report *report, struct item_source *items, struct sorter *ranked, struct output *inventory,
                  struct writing *writing)
{
    struct flood flood = {0};
    struct nearby *nearby = nearby_new(report->casefd, report->memory);
    /* All that a small case has, so that it is not written out and read again. */
    struct sorter *sorted = sorter_new(report->casefd, 3 * report->memory);
    struct sorter *hits = sorter_new(report->casefd, report->memory);
    struct sorter *listed = sorter_new(report->casefd, report->memory);
    int error = open_verdicts(report);
    error = error ? error : changes_open(&report->changes, report->end->since, report->casefd, report->memory);
    struct verdicts found = {0};
    error = error ? error : changes_found(&report->changes, &found);
    error = error ? error : collect(items, sorted, nearby);
    error = error ? error : inventory_write(report, sorted, nearby, hits, inventory, writing);
    sorter_free(sorted);
    error = error ? error : find_listed(report, nearby, hits, &flood, listed);
    sorter_free(hits);
    nearby_free(nearby);
    error = error ? error
                  : findings_build(listed, ranked, report->casefd, report->memory, report->info, &flood,
                                   &report->verdicts, report->end->since ? &found : NULL, &report->totals);
    error = error ? error : verdicts_end(&report->verdicts);
    verdicts_free(&found);
    sorter_free(listed);
    flood_free(&flood);
    return error ? error : sorter_finish(ranked);
}

static void tell_totals(const struct totals *from, struct report_totals *totals)
{
    *totals = (struct report_totals){
        .files = from->all.files,
        .bytes = from->all.bytes,
        .findings = from->findings,
        .locations = from->locations,
        .unexamined = from->unexamined,
        .top = from->top,
        .exact = from->exact,
    };
    memcpy(totals->by_status, from->by_status, sizeof(totals->by_status));
    memcpy(totals->by_severity, from->by_severity, sizeof(totals->by_severity));
}

int report_write_bounded(int casefd, const struct case_info *info, const struct case_end *end, unsigned formats,
                         struct item_source *items, size_t memory, struct report_totals *totals)
{
    struct report report = {.casefd = casefd, .info = info, .end = end, .memory = memory};
    struct outputs outputs = {0};
    struct writing writing = {0};
    struct sorter *ranked = sorter_new(casefd, memory);
    totals_init(&report.totals, info);
    review_open(&report.review, casefd, memory);
    struct output *inventory = outputs_add(&outputs, casefd, "inventory.jsonl");
    int error = writing_open(&writing, &report, formats, &outputs);
    error = error ? error : gather(&report, items, ranked, inventory, &writing);
    error = error ? error : write_changes(&report, &outputs);
    error = error ? error : write_review(&report, &outputs);
    error = error ? error : writing_begin_findings(&writing);
    error = error ? error : write_findings(ranked, &writing);
    error = error ? error : writing_end(&writing);
    writing_close(&writing);
    if (!error)
        transparency_write(&report, &outputs_add(&outputs, casefd, "transparency.json")->buf);
    if (!error)
        summary_write(&report, &outputs_add(&outputs, casefd, "summary.json")->buf);
    error = outputs_publish(&outputs, casefd, error);
    tell_totals(&report.totals, totals);
    totals->media = report.media.n + report.media.left_out;
    totals->silent = report.changes.n[CHANGE_SILENT];
    summary_since(&report, &totals->since);
    sorter_free(ranked);
    totals_free(&report.totals);
    spots_free(&report.spots);
    review_free(&report.review);
    verdicts_free(&report.verdicts);
    media_free(&report.media);
    changes_free(&report.changes);
    return error;
}

int report_write(int casefd, const struct case_info *info, const struct case_end *end, unsigned formats,
                 struct item_source *items, struct report_totals *totals)
{
    return report_write_bounded(casefd, info, end, formats, items, SORT_MEMORY, totals);
}
