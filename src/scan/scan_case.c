/* scan_case.c: a scan into a case folder: new, gone on with or finished before; its journal's frame, and its reports.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/buf.h"
#include "scan/access.h"
#include "scan/case.h"
#include "scan/case_totals.h"
#include "scan/crash.h"
#include "scan/run.h"
#include "scan/run_json.h"
#include "scan/run_mark.h"
#include "scan/scan_parts.h"
#include "scan/since.h"

static int output_error(const char *path, int error)
{
    fprintf(stderr, "trawl: %s: %s; the case can be resumed: run the same command again with -o %s\n", path,
            strerror(-error), path);
    return EXIT_OUTPUT;
}

static bool same_question(const struct case_info *a, const struct case_info *b)
{
    struct buf x = {0}, y = {0};
    case_info_encode(a, &x);
    case_info_encode(b, &y);
    bool same = x.len == y.len && memcmp(x.data, y.data, x.len) == 0;
    buf_free(&x);
    buf_free(&y);
    return same;
}

/** How a case begins. Written twice: without it there is no report, and one damaged record must not cost more than
 * itself. */
static int journal_start(struct run *run, const struct case_info *info)
{
    struct buf payload = {0};
    int r = 0;
    case_info_encode(info, &payload);
    for (int i = 0; i < 2 && !r; i++)
        r = journal_append(run->recorder.journal, JOURNAL_START, payload.data, payload.len, true);
    buf_free(&payload);
    return r;
}

/** First record of a new case, or of another run of an unfinished one. */
static int journal_begin(struct run *run, struct case_folder *folder, bool resumed, const struct run_mark *mark)
{
    struct buf payload = {0};
    int r = journal_open(folder->journal_dirfd, folder->state.segments + 1, folder->state.sequence, folder->state.chain,
                         &run->recorder.journal);
    if (!r && !resumed)
        r = journal_start(run, &folder->info);
    /* A run that did not get as far as one record may have left a part of it. */
    if (!r && (resumed || folder->state.torn_bytes)) {
        buf_u64(&payload, folder->state.sequence);
        buf_u64(&payload, folder->state.torn_bytes);
        buf_u32(&payload, folder->state.torn_crc);
        r = journal_append(run->recorder.journal, JOURNAL_RESUME, payload.data, payload.len, true);
    }
    payload.len = 0;
    run_mark_encode(mark, &payload);
    if (!r)
        r = journal_append(run->recorder.journal, JOURNAL_RUN, payload.data, payload.len, false);
    if (!r)
        r = journal_sync(run->recorder.journal);
    buf_free(&payload);
    return r;
}

/** Who wants to see pictures, even small ones, is told in as many words. Returns 0 or -errno. */
static int log_begin(const struct case_folder *folder, bool resumed)
{
    if (folder->info.thumbnails)
        return access_log(folder->journal_dirfd, resumed ? "scan goes on, with thumbnails" : "scan with thumbnails");
    return access_log(folder->journal_dirfd, resumed ? "scan goes on" : "scan");
}

/** Says why the case cannot be gone on with. Returns the exit status. */
static int refuse_case(const struct case_folder *folder, bool over)
{
    const char *why = "this case was begun with other sources, lists, options or version; resume it with the same, or "
                      "choose a new folder";
    if (folder->cover.shards)
        why =
            "this case was put together of shards; to complete it, scan those that are missing and merge them all into "
            "a new folder";
    else if (over)
        why = "this case is finished; a new scan needs a new folder (trawl report writes its reports again)";
    fprintf(stderr, "trawl: %s: %s\n", folder->path, why);
    return EXIT_USAGE;
}

/** Opens the case, new or unfinished, and its journal. Returns 0 or an exit status; *finished: it is a shard with
 * nothing left to do. */
static int open_case(struct run *run, struct case_folder *folder, bool *finished)
{
    char why[CASE_WHY];
    struct case_info asked;
    struct run_mark mark;
    int r = case_open(folder, run->options->case_dir, why);
    if (r) {
        fprintf(stderr, "trawl: %s\n", why);
        return r;
    }
    r = case_read(folder);
    if (r) {
        fprintf(stderr, "trawl: %s: the journal cannot be read: %s\n", folder->path, strerror(-r));
        return EXIT_USAGE;
    }
    case_info_of(run, &asked);
    bool resumed = folder->resumed;
    if (!resumed) {
        folder->info = asked;
    } else {
        bool same = same_question(&folder->info, &asked);
        case_info_clear(&asked);
        /* run.json is written last: without it the reports could not be written, though the scan had ended. */
        bool over = folder->finished && faccessat(folder->dirfd, "run.json", F_OK, 0) == 0;
        /* A scheduler starts a shard again as it likes. */
        *finished = over && same && folder->info.shard.shards;
        if (*finished)
            return 0;
        if (over || !same || folder->cover.shards)
            return refuse_case(folder, over);
    }
    r = log_begin(folder, resumed);
    if (!r)
        r = folder->info.minimise ? hide_open(&run->hide, folder->journal_dirfd, &folder->info, resumed) : 0;
    if (r)
        return output_error(folder->path, r);
    run->recorder.hide = folder->info.minimise ? &run->hide : NULL;
    run_mark_of(run->options, &mark);
    r = journal_begin(run, folder, resumed, &mark);
    if (r)
        return output_error(folder->path, r);
    r = since_open(run, folder, resumed, &mark, &run->since);
    if (r)
        return r;
    run->recorder.done = &folder->done;
    run->suspects = folder->suspects > 0;
    run->first = folder->suspect_paths;
    /* A shard takes its files up in the order of the plan, which says more of them than their paths. */
    run->n_first = run->options->plan ? 0 : folder->n_suspect_paths;
    run->recorder.stale = &folder->stale;
    run->spill_dir = folder->journal_dirfd;
    if (resumed && !run->options->quiet)
        fprintf(stderr, "trawl: resuming %s: %zu places are in its journal, %llu were in flight\n", folder->path,
                folder->done.n, (unsigned long long)folder->suspects);
    return 0;
}

static void end_record(struct run *run, struct case_folder *folder)
{
    struct buf payload = {0};
    bool stopped = atomic_load(&run->stop);
    folder->end.interrupted = stopped;
    folder->end.complete = !stopped && !atomic_load(&run->incomplete);
    buf_u8(&payload, folder->end.complete);
    buf_u8(&payload, folder->end.interrupted);
    journal_append(run->recorder.journal, JOURNAL_END, payload.data, payload.len, true);
    buf_free(&payload);
}

int scan_status(const struct report_totals *totals, const struct case_end *end)
{
    bool doubts = totals->unexamined || totals->silent || !end->complete;
    return (totals->findings ? EXIT_FINDINGS : 0) | (doubts ? EXIT_UNEXAMINED : 0);
}

void scan_tell(const struct scan_options *o, const struct case_folder *folder, const struct report_totals *t)
{
    if (o->quiet)
        return;
    fprintf(stderr, "trawl: %s%llu files, %llu findings in %llu places, %llu not examined; report in %s\n",
            folder->end.interrupted ? "interrupted: " : "", (unsigned long long)t->files,
            (unsigned long long)t->findings, (unsigned long long)t->locations, (unsigned long long)t->unexamined,
            folder->path);
}

unsigned scan_formats(const struct case_folder *folder, unsigned asked, bool quiet)
{
    unsigned more = report_present(folder->dirfd) & ~asked;
    const char *comma = "";
    if (!more || quiet)
        return asked | more;
    fputs("trawl: written as well, since the case has them: ", stderr);
    for (size_t i = 0; i < report_format_table_size; i++)
        if (more & report_format_table[i].bit) {
            fprintf(stderr, "%s%s", comma, report_format_table[i].name);
            comma = ", ";
        }
    fputc('\n', stderr);
    return asked | more;
}

int scan_unverified(const struct scan_options *o, bool any_medium)
{
    const struct unpack_verify *verify = &o->verify;
    if (any_medium || !(verify->has_md5 || verify->has_sha1 || verify->has_sha256))
        return 0;
    fputs("trawl: none of the sources is a disk image: nothing was compared with the digests that were expected\n",
          stderr);
    return EXIT_UNEXAMINED;
}

static int scan_opened(struct run *run, struct case_folder *folder)
{
    struct run_clock clock;
    struct report_totals totals;
    run_clock_start(&clock);
    crash_install(folder->journal_dirfd);
    if (run->since)
        since_copy_begin(run->since);
    int r = scan_line(run), copied = 0;
    crash_remove();
    if (run->since)
        copied = since_copy(run->since, folder);
    int error = recorder_error(&run->recorder);
    error = error ? error : copied;
    if (r || (!error && atomic_load(&run->failed))) {
        journal_close(run->recorder.journal);
        run->recorder.journal = NULL;
        return scan_failed(run, r);
    }
    if (!error)
        end_record(run, folder);
    r = journal_close(run->recorder.journal);
    run->recorder.journal = NULL;
    if (error || r)
        return output_error(folder->path, error ? error : r);
    bool over = folder->end.complete;
    case_settle(folder);
    unsigned formats = scan_formats(folder, run->options->formats, run->options->quiet);
    r = case_report(folder, folder->dirfd, formats, &totals);
    /* Before run.json, which is last: a case whose log could not be written is not over. */
    if (!r)
        r = access_log(folder->journal_dirfd, over ? "scan ended" : "scan stopped");
    if (!r)
        r = run_json_write(run, &clock, &totals, folder->dirfd);
    if (!r && over)
        hide_end(folder->journal_dirfd);
    if (r)
        return output_error(folder->path, r);
    metrics_reported(&run->metrics, &totals, &folder->end);
    scan_tell(run->options, folder, &totals);
    /* A share of a plan may have none; what was stopped may have come to none. */
    int unverified = run->options->plan || !folder->end.complete ? 0 : scan_unverified(run->options, totals.media);
    return scan_status(&totals, &folder->end) | unverified;
}

/** Of a shard that was scanned before: what its scan ended with. */
static int finished_status(struct case_folder *folder, const struct scan_options *options)
{
    struct report_totals totals;
    int r = 0;
    case_settle(folder);
    /* A report that somebody took away is written again. */
    if (!case_totals_read(folder, &totals))
        r = case_report(folder, folder->dirfd, scan_formats(folder, options->formats, true), &totals);
    if (r)
        return output_error(folder->path, r);
    if (!options->quiet)
        fprintf(stderr, "trawl: %s: shard %u of %u is finished already\n", folder->path, options->shard,
                options->shards);
    return scan_status(&totals, &folder->end);
}

int scan_case(struct run *run, struct case_folder *folder)
{
    bool finished = false;
    int status = open_case(run, folder, &finished);
    if (finished)
        return finished_status(folder, run->options);
    if (!status)
        return scan_opened(run, folder);
    journal_close(run->recorder.journal);
    run->recorder.journal = NULL;
    return status;
}

int scan_report(const char *case_dir, unsigned formats, int verbose)
{
    char why[CASE_WHY];
    struct case_folder folder;
    struct report_totals totals;
    int status = case_open_existing(&folder, case_dir, why);
    if (status) {
        fprintf(stderr, "trawl: %s\n", why);
    } else {
        int r = case_read_back(&folder);
        case_settle(&folder);
        access_log(folder.journal_dirfd, "report");
        if (r) {
            fprintf(stderr, "trawl: %s: the journal cannot be read: %s\n", case_dir, strerror(-r));
            status = EXIT_USAGE;
        } else if ((r = case_report(&folder, folder.dirfd, scan_formats(&folder, formats, verbose < 0), &totals))) {
            fprintf(stderr, "trawl: %s: %s\n", case_dir, strerror(-r));
            status = EXIT_OUTPUT;
        } else {
            struct scan_options o = {.quiet = verbose < 0};
            scan_tell(&o, &folder, &totals);
            status = scan_status(&totals, &folder.end);
        }
    }
    case_close(&folder);
    return status;
}
