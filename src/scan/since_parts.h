/* since_parts.h: what the parts of since.h share. */
#ifndef SCAN_SINCE_PARTS_H
#define SCAN_SINCE_PARTS_H

#include "report/change.h"
#include "scan/old_case.h"
#include "scan/run.h"
#include "scan/since.h"

/** How far the identity of a file can be trusted on its file system. */
enum sameness {
    /** Device, inode, size, both times. */
    SAME_IN_ALL,
    /** The same without the device: its number is made up when it is mounted. */
    SAME_BUT_DEVICE,
    /** Path, size and mtime: inodes are made up. */
    SAME_BY_PATH,
};

struct volume {
    dev_t dev;
    enum sameness how;
};

struct since {
    struct run *run;
    struct old_case old;
    struct since_info info;
    /** What this run is asked; only while the older case is opened. */
    const struct case_info *asked;
    const struct run_mark *mark;
    bool is_judged;
    /** Records of the older case may be copied. */
    bool reuses;
    /** Its lists were others: what is copied is matched again. */
    bool rematches;
    /** It says nothing of files that are on no list. */
    bool is_hidden;
    /** Verdicts that are in the case already. */
    uint64_t verdicts;
    /** Of the walk. */
    size_t hint;
    uint64_t met;
    pthread_t copier;
    bool has_copier;
    int copied;
    /** Guards what is below: how far the walk has come in the order of rows, whether it is over. */
    pthread_mutex_t lock;
    pthread_cond_t moved;
    size_t reached;
    bool walked, whole;
    /** Records of verdicts that were copied; the copier's while it runs. */
    uint64_t new_verdicts;
    struct volume *volumes;
    size_t n_volumes, cap_volumes;
    /** Sources that were walked; folders that could not be read. */
    struct done_set sources, closed;
    /** Contents that were on a list before. */
    struct done_set listed;
};

/** True if it is the file of then, with all that it is a part of. */
bool since_same(struct since *since, const struct walk *walk, const struct walk_entry *entry,
                const struct old_row *row);
/** Writes a change down. */
void since_tell(struct since *since, const struct change *change);
/** True if the old case's question allows its answers to be used for this one; else says why not. */
bool since_fits(const struct old_case *old, const struct case_info *now, const struct run_mark *mark, bool *other_lists,
                const char **why);

#endif
