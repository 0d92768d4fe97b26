/* case_report.c: the items of a journal, and what people said of them, on their way to the reports. */

#include "core/item_glance.h"
#include "report/verdict.h"
#include "scan/case.h"
#include "scan/case_cut.h"
#include "scan/recorder.h"

/** The journal's items, as report_write takes them. */
struct journal_items {
    struct item_source source;
    struct journal_reader *reader;
    struct cut_list cuts;
    const struct case_folder *folder;
};

/** --minimise: an item on no list whose place another record has as a finding, under its name: an archive on a list
 * that was cut short at first. */
static bool is_doubled(const struct case_folder *folder, const struct item *item)
{
    struct done_key key;
    if (!folder->info.minimise || item->matches.n)
        return false;
    done_key_of(item->where, &key);
    const struct done_row *row = done_set_find(&folder->done, &key);
    return row && row->listed;
}

/** A record of a file of the host about which there is nothing to decide: it goes on as it stands. */
static bool is_plain(struct journal_items *items, const struct journal_record *record)
{
    struct identity identity;
    bool has_identity;
    struct item_glance glance;
    struct item_source *source = &items->source;
    if (record->type != JOURNAL_ITEM || items->cuts.n || items->folder->info.minimise ||
        !recorder_read_item(record, &identity, &has_identity, &source->bytes, &source->n) ||
        !item_glance(source->bytes, source->n, &glance) || !glance.is_root || glance.listed)
        return false;
    source->path = glance.name;
    source->path_len = glance.name_len;
    if (items->folder->since && recorder_is_reused(record))
        items->folder->since->reused++;
    return true;
}

static int next_item(struct item_source *source, struct item *item)
{
    struct journal_items *items = (struct journal_items *)source;
    struct journal_record record;
    int r;
    while ((r = journal_reader_next(items->reader, &record)) == 1) {
        struct identity identity;
        bool has_identity;
        const uint8_t *bytes;
        size_t n;
        if (is_plain(items, &record))
            return ITEM_ENCODED;
        if (record.type == JOURNAL_ITEM && recorder_read_item(&record, &identity, &has_identity, &bytes, &n) &&
            item_decode(bytes, n, item)) {
            if (items->folder->since && !item->where->depth && recorder_is_reused(&record))
                items->folder->since->reused++;
            if (!is_doubled(items->folder, item) && cut_list_apply(&items->cuts, item))
                return 1;
            item_clear(item);
        }
    }
    return r ? r : cut_list_rest(&items->cuts, item);
}

/** What people said, in the order in which they said it. */
static int add_verdicts(const void *context, struct sorter *out)
{
    const struct case_folder *folder = context;
    struct journal_reader *reader;
    struct journal_record record;
    int r = journal_reader_open(folder->journal_dirfd, &reader);
    while (!r && (r = journal_reader_next(reader, &record)) == 1) {
        r = 0;
        if (record.type == JOURNAL_VERDICT && record.n >= 33 && record.payload[0] > VERDICT_NONE &&
            record.payload[0] < VERDICTS)
            r = verdict_add(out, record.payload + 1, (enum verdict)record.payload[0]);
    }
    journal_reader_close(reader);
    return r;
}

/** Calls back for what the journal says of changes. */
static int each_change(const void *context, int (*take)(void *to, const uint8_t *bytes, size_t n), void *to)
{
    const struct case_folder *folder = context;
    struct journal_reader *reader;
    struct journal_record record;
    int r = journal_reader_open(folder->journal_dirfd, &reader);
    if (r)
        return r;
    journal_reader_trust(reader);
    while ((r = journal_reader_next(reader, &record)) == 1)
        if (record.type == JOURNAL_CHANGE && (r = take(to, record.payload, record.n)))
            break;
    journal_reader_close(reader);
    return r < 0 ? r : 0;
}

int case_report(const struct case_folder *folder, int dirfd, unsigned formats, struct report_totals *totals)
{
    struct journal_items items = {.source = {.next = next_item}, .folder = folder};
    struct case_end end = folder->end;
    /* A reading of its own, only where there are any. */
    end.verdicts = folder->verdicts ? add_verdicts : NULL;
    end.verdict_context = folder;
    end.since = folder->since;
    if (folder->since) {
        folder->since->records = each_change;
        folder->since->context = folder;
        folder->since->reused = 0;
    }
    int r = cut_list_read(&items.cuts, folder->journal_dirfd, dirfd);
    if (!r)
        r = journal_reader_open(folder->journal_dirfd, &items.reader);
    if (!r) {
        journal_reader_trust(items.reader);
        r = report_write(dirfd, &folder->info, &end, formats, &items.source, totals);
    }
    journal_reader_close(items.reader);
    cut_list_free(&items.cuts);
    return r;
}
