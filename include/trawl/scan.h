/* scan.h: one run of the line, from sources to the case folder (or, for `trawl hash`, to a stream). */
#ifndef TRAWL_SCAN_H
#define TRAWL_SCAN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "trawl/limits.h"
#include "trawl/match.h"
#include "trawl/report.h"
#include "trawl/unpack.h"

#define TRAWL_VERSION "0.1.0"

enum progress_mode { PROGRESS_AUTO, PROGRESS_ALWAYS, PROGRESS_NEVER };

struct plan;

/** All that the command line can ask. Strings are borrowed from argv. */
struct scan_options {
    /** False: `trawl hash`: lines go to stdout, no lists, no case folder. */
    bool is_scan;
    const char *const *sources;
    size_t n_sources;
    /** --from: a file of sources, one a line, or NUL-separated with -0; NULL without. "-" is stdin. */
    const char *from;
    bool from_nul;
    /** scan --plan: what is to be read is the share of `shard`, counted from 0, of `shards`; NULL without. */
    struct plan *plan;
    uint32_t shard, shards;
    /** plan --target-bytes: what a unit weighs. */
    uint64_t target_bytes;
    const char *const *lists;
    size_t n_lists;
    const char *const *known;
    size_t n_known;
    /** --map: columns of tables, and what codes mean: see hashset_reading. */
    const char *const *maps;
    size_t n_maps;
    /** --type: of bare hex lines; HASH_UNKNOWN without. */
    enum hash_type bare;
    /** -o; NULL: ./trawl-YYYYMMDD-HHMMSS. */
    const char *case_dir;
    /** --since: an older case, whose results hold for files that have not changed; NULL without. */
    const char *since;
    /** --recheck: percent of them that are read all the same. */
    unsigned recheck;
    unsigned jobs;
    uint64_t memory;
    int max_distance;
    int min_quality;
    /** Percent of a video's frames that must be near a listed one, and of the listed one's near a frame of it. */
    int file_share, list_share;
    /** Contents that one near entry may hit before it is demoted; 0: any number. */
    unsigned flood;
    /** --retain: days; 0 without. */
    unsigned retain_days;
    bool decode_exact;
    /** --frames */
    enum video_frames frames;
    /** Pictures are looked up (hash: hashed) turned and mirrored as well. */
    bool rotations;
    /** A picture that is on a list by its digest is not decoded. */
    bool no_decode_hits;
    /** What is searched for files, where no reader explains the bytes. */
    enum carve_mode carve;
    /** --verify-evidence and --expect-...: what a medium's digests must be. */
    struct unpack_verify verify;
    /** A reduced picture of each picture on a list goes into the journal, and into report.html. */
    bool thumbnails;
    bool no_inventory;
    /** --minimise: names and hashes of files on no list are not even in the journal. */
    bool minimise;
    bool no_sandbox;
    struct limits limits;
    /** enum report_format bits. */
    unsigned formats;
    /** --metrics; NULL without. */
    const char *metrics;
    enum progress_mode progress;
    bool quiet;
    int verbose;
};

/** Fills in defaults: jobs from the affinity mask and cgroup quota, memory from a quarter of what this process may use.
 */
void scan_options_default(struct scan_options *options, bool is_scan);

/**
 * Runs a scan (or a hash) to its end. Must be called while the process has one thread. Words for people go to stderr.
 * Returns the program's exit status.
 */
int scan_run(const struct scan_options *options);

/**
 * `trawl match CASE`: a line to stdout for each entry of the options' lists that something in the case is on; not for
 * those that the list `new_since` has too, unless that is NULL. Returns the exit status.
 */
int scan_match(const struct scan_options *options, const char *case_dir, const char *new_since);

/**
 * `trawl match -o`: makes *options those of a scan of the same sources that goes on from a case (--since), as its own
 * was asked, but for what is in the options already: lists, folder, threads. What it borrows is in *info, for
 * case_info_clear. Returns 0 or an exit status.
 */
int scan_ask_back(const char *case_dir, struct case_info *info, struct scan_options *options);

/** `trawl report`: writes the reports of a case again from its journal. Returns the exit status. */
int scan_report(const char *case_dir, unsigned formats, int verbose);

/**
 * `trawl verify`: derives the reports again and says on stdout whether a byte of journal or reports was changed.
 * Returns 0 if none was, else EXIT_UNEXAMINED.
 */
int scan_verify(const char *case_dir);

/**
 * `trawl review`: takes a table of verdicts into the case's journal, writes its reports again and transparency.json to
 * stdout. Returns the exit status.
 */
int scan_review(const char *case_dir, const char *verdicts, bool quiet);

/** `trawl purge`: removes all that names a file from a case whose time is over (or `now`). Returns the exit status. */
int scan_purge(const char *case_dir, bool now, bool quiet);

#endif
