/* context.h: one writing of the reports, and what a writer is. */
#ifndef REPORT_CONTEXT_H
#define REPORT_CONTEXT_H

#include "report/change.h"
#include "report/finding.h"
#include "report/media.h"
#include "report/output.h"
#include "report/nearby.h"
#include "report/totals.h"
#include "trawl/report.h"

struct report {
    int casefd;
    const struct case_info *info;
    const struct case_end *end;
    /** Bytes that each of the sorters may hold. */
    size_t memory;
    /** Complete before the first writer begins. */
    struct totals totals;
    struct spots spots;
    struct review review;
    struct verdicts verdicts;
    struct media media;
    /** scan --since; empty without. */
    struct changes changes;
};

/** A format that is text: one const struct and one row in writing.c. NULL where it has nothing to write. */
struct report_writer {
    enum report_format format;
    /** Name in the case folder. */
    const char *file;
    /** Before all else; totals are not there yet where the writer has `item`. */
    void (*begin)(const struct report *report, struct buf *out);
    /** Each file found, in the order of inventory.jsonl; those that --no-inventory hides are left out. */
    void (*item)(const struct report *report, const struct item *item, struct buf *out);
    /** Of each finding in the order of rank: its beginning, its places, its end. */
    void (*finding)(const struct report *report, const struct finding *finding, struct buf *out);
    /** `number` from 1 to finding->n_places. */
    void (*place)(const struct finding *finding, uint64_t number, const struct where *where, struct buf *out);
    void (*finding_end)(const struct finding *finding, struct buf *out);
    void (*end)(const struct report *report, struct buf *out);
};

extern const struct report_writer report_jsonl, report_csv, report_html;

/**
 * A format that is a database. Calls come in the same order as a writer's; NULL where it takes nothing. Each returns 0
 * or -errno.
 */
struct report_store {
    enum report_format format;
    const char *file;
    /** Begins on the empty file of `out`. */
    int (*open)(const struct report *report, struct output *out, void **state);
    int (*item)(void *state, const struct item *item);
    int (*finding)(void *state, const struct finding *finding);
    int (*place)(void *state, const struct finding *finding, uint64_t number, const struct where *where);
    /** All was written, totals are there. */
    int (*end)(void *state, const struct report *report);
    /** Frees it, whatever went before; `state` may be NULL. */
    void (*close)(void *state);
};

struct writing;

/** Writes inventory.jsonl and the totals from sorted items; gives them to the writers of items; adds what is on a list,
 * and what may lie beside it, to `nearby`, and near entries to `hits` (flood.h). Returns 0 or -errno. */
int inventory_write(struct report *report, struct sorter *sorted, struct nearby *nearby, struct sorter *hits,
                    struct output *out, struct writing *writing);
/** summary.json. */
void summary_write(const struct report *report, struct buf *out);
/** Its section `since`, in numbers. */
void summary_since(const struct report *report, struct since_totals *out);
/** report_write with the sorters' memory given: results do not depend on it. */
int report_write_bounded(int casefd, const struct case_info *info, const struct case_end *end, unsigned formats,
                         struct item_source *items, size_t memory, struct report_totals *totals);

#endif
