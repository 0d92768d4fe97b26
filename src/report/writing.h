/* writing.h: the formats asked for, each writing its file, all fed from one pass over items and one over findings. */
#ifndef REPORT_WRITING_H
#define REPORT_WRITING_H

#include "report/context.h"

/** One file being written: by a writer or into a store, the other one is NULL. */
struct sink {
    const struct report_writer *writer;
    const struct report_store *store;
    void *state;
    struct output *out;
};

struct writing {
    const struct report *report;
    struct sink sinks[OUTPUTS_MAX];
    size_t n;
};

/** Opens the files of all formats and begins those that take items. Each returns 0 or the first -errno. */
int writing_open(struct writing *writing, const struct report *report, unsigned formats, struct outputs *outputs);
int writing_item(struct writing *writing, const struct item *item);
/** Begins the others: totals are there. */
int writing_begin_findings(struct writing *writing);
int writing_finding(struct writing *writing, const struct finding *finding);
int writing_place(struct writing *writing, const struct finding *finding, uint64_t number, const struct where *where);
int writing_end(struct writing *writing);
/** Frees what the sinks hold, whatever went before. */
void writing_close(struct writing *writing);

#endif
