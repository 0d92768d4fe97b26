/* case.h: a case folder: made or taken up again, its journal read back, its reports written. */
#ifndef SCAN_CASE_H
#define SCAN_CASE_H

#include <stdbool.h>
#include <stdint.h>

#include "journal/done.h"
#include "plan/shard_state.h"
#include "report/change.h"
#include "trawl/journal.h"
#include "trawl/report.h"

struct case_folder {
    char *path;
    int dirfd, journal_dirfd;
    /** An unfinished case was found: `info` and `done` are what its journal says. */
    bool resumed;
    /** Its last run ended by itself and completely. */
    bool finished;
    /** Set before case_read: no run will go on with it, so `done` is left out, which would hold a row for each item. */
    bool only_reports;
    struct journal_state state;
    struct case_info info;
    struct done_set done;
    /** Items that were in flight when a run died. */
    uint64_t suspects;
    /** Records of items, of verdicts. */
    uint64_t items, verdicts;
    /** Of a shard: files that are not as they were when the plan was made. */
    struct done_set stale;
    /** Of a shard, or merged: containers that others read, too. */
    uint64_t ranges;
    /** Of a case that was merged: its shards. */
    struct shard_cover cover;
    /** Files of the host that they are or are in: these are taken up first. */
    char **suspect_paths;
    size_t n_suspect_paths;
    /** --since; owned; NULL without. */
    struct since_told *since;
    /** Sentences for the reports. */
    struct case_end end;
};

/** A sentence of at most this many bytes says why something cannot be. */
#define CASE_WHY 256

/**
 * Makes the folder (NULL: a name made of the time), or opens one that holds a case; locks it against other runs.
 * Returns 0, or an exit status with a sentence in `why`.
 */
int case_open(struct case_folder *folder, const char *path, char why[CASE_WHY]);
/** Makes the folder or opens it, and locks it, whatever is in it. Returns 0, or an exit status after a line on stderr.
 */
int case_make(struct case_folder *folder, const char *path);
/** True if nothing is in the folder. */
bool case_is_empty(int dirfd);
/** Opens an existing case for reading only (report, verify). */
int case_open_existing(struct case_folder *folder, const char *path, char why[CASE_WHY]);
/** Reads the journal: fills info, done, end and state. Returns 0 or -errno (-EBADMSG: its beginning is not readable).
 */
int case_read(struct case_folder *folder);
/** The same of a case that is only read: a journal that never began is -EBADMSG, too. */
int case_read_back(struct case_folder *folder);
/** Says what a report of one shard, or of several that were put together, must say; `end` is then final. Called once,
 * between the last record and case_report. */
void case_settle(struct case_folder *folder);
/** What the case goes on from; a copy. NULL: from none. */
void case_set_since(struct case_folder *folder, const struct since_info *info);
/** Writes all reports from the journal into `dirfd`. Returns 0 or -errno. */
int case_report(const struct case_folder *folder, int dirfd, unsigned formats, struct report_totals *totals);
void case_close(struct case_folder *folder);

#endif
