/*
 * scan.c: builds the line and runs it: zygote first, then lists, case, journal, workers, and last the reports. The only
 * file that knows all stages.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/cpu.h"
#include "report/flood.h"
#include "sandbox/readers.h"
#include "sandbox/selftest.h"
#include "sandbox/zygote.h"
#include "scan/case.h"
#include "scan/run.h"
#include "scan/seen.h"
#include "scan/since.h"
#include "scan/scan_parts.h"
#include "scan/video.h"

/** The run that signals speak to. */
static struct run *signalled_run;

static void on_signal(int signal)
{
    struct run *run = __atomic_load_n(&signalled_run, __ATOMIC_ACQUIRE);
    if (!run)
        return;
    if (signal == SIGUSR1)
        atomic_store(&run->progress.asked, true);
    else
        atomic_store(&run->stop, true);
}

static void signals_install(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
        sigaction(signals[i], &action, NULL);
}

void scan_options_default(struct scan_options *o, bool is_scan)
{
    *o = (struct scan_options){
        .is_scan = is_scan,
        .bare = HASH_UNKNOWN,
        .jobs = cpu_count(),
        .memory = memory_available() / 4,
        .max_distance = PDQ_RADIUS,
        .min_quality = 50,
        .file_share = 80,
        .flood = FLOOD_CONTENTS,
        .decode_exact = !is_scan,
        .formats = REPORT_DEFAULT,
        .target_bytes = UINT64_C(16) << 30,
    };
    limits_default(&o->limits);
    o->carve = CARVE_MEDIA_BLOBS;
}

/** One open file per worker and container, and one per folder on the way down. */
static void raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max < 65536 ? limit.rlim_max : 65536;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int scan_sandbox(struct run *run)
{
    char why[160] = "";
    run->zygote = zygote_start(!run->options->no_sandbox);
    if (!run->zygote) {
        fprintf(stderr, "trawl: no process could be started: %s\n", strerror(errno));
        return EXIT_INTERNAL;
    }
    run->readers = readers_new(run->zygote, !run->options->no_sandbox);
    if (run->options->no_sandbox) {
        fprintf(stderr,
                "trawl: warning: --no-sandbox: parsers run with all rights of this user; every report will say so\n");
        return 0;
    }
    if (sandbox_selftest(run->zygote, why, sizeof(why))) {
        fprintf(stderr, "trawl: %s; --no-sandbox scans all the same\n", why);
        return EXIT_INTERNAL;
    }
    return 0;
}

int scan_lists(struct run *run, struct hashset *set)
{
    const struct scan_options *o = run->options;
    char why[512];
    if (hashset_reading(set, NULL, o->maps, o->n_maps, why, sizeof(why))) {
        fprintf(stderr, "trawl: --map: %s\n", why);
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < o->n_lists + o->n_known; i++) {
        bool known = i >= o->n_lists;
        const char *path = known ? o->known[i - o->n_lists] : o->lists[i];
        if (hashset_load(set, path, known, o->bare, o->quiet ? NULL : stderr, why, sizeof(why))) {
            fprintf(stderr, "trawl: %s\n", why);
            return EXIT_USAGE;
        }
    }
    hashset_seal(set);
    run->rules.lists = set;
    run->rules.near = hashset_has_pdq(set);
    run->rules.known = o->n_known > 0;
    return 0;
}

static int worker_start(struct worker *worker, struct run *run, unsigned number)
{
    *worker = (struct worker){.run = run, .number = number};
    int r = slot_open(&worker->slot, run->spill_dir);
    if (r)
        return r;
    decoder_open(&worker->decoder, run->zygote, &run->stop);
    worker->digest = digest_new();
    worker->digests = digest_context_new();
    worker->block = mem_alloc(BLOCK_SIZE);
    return 0;
}

static void worker_end(struct worker *worker)
{
    decoder_close(&worker->decoder);
    decoder_close(&worker->heavy_decoder);
    atomic_fetch_add(&worker->run->times.decode, worker->decoder.cpu_ns + worker->heavy_decoder.cpu_ns);
    slot_close(&worker->slot);
    digest_free(worker->digest);
    digest_context_free(worker->digests);
    free(worker->block);
}

/** All threads, from the first pull to the last record. Returns 0 or -errno. */
int scan_line(struct run *run)
{
    unsigned n = run->options->jobs, opened = 0, started = 0;
    struct worker *workers = ALLOC_ARRAY(struct worker, n);
    int r = 0;
    stack_init(&run->stack, n);
    run->seen = seen_new(SEEN_CONTENTS);
    run->videos = videos_seen_new();
    while (opened < n && !(r = worker_start(&workers[opened], run, opened)))
        opened++;
    roots_open(run);
    progress_start(&run->progress);
    while (!r && started < n && !(r = -pthread_create(&workers[started].thread, NULL, worker_main, &workers[started])))
        started++;
    if (r)
        stack_stop(&run->stack);
    for (unsigned i = 0; i < started; i++)
        pthread_join(workers[i].thread, NULL);
    for (struct source *source; (source = stack_drain(&run->stack));)
        source->close(source, &workers[0]);
    progress_stop(&run->progress);
    for (unsigned i = 0; i < opened; i++)
        worker_end(&workers[i]);
    stack_destroy(&run->stack);
    seen_free(run->seen);
    videos_seen_free(run->videos);
    free(workers);
    return r;
}

/** Says what the run itself needed and could not have. */
int scan_failed(const struct run *run, int no_workers)
{
    if (no_workers)
        fprintf(stderr, "trawl: no thread or memory for %u workers: %s\n", run->options->jobs, strerror(-no_workers));
    else
        fprintf(stderr, "trawl: no process could be started to examine files: %s%s\n",
                strerror(-atomic_load(&run->failed)),
                run->options->is_scan ? "; the case can be resumed: run the same command again" : "");
    return EXIT_INTERNAL;
}

void scan_begin(struct run *run, const struct scan_options *options)
{
    *run = (struct run){.options = options, .spill_dir = -1};
    run->rules = (struct rules){.max_distance = options->max_distance,
                                .min_quality = options->min_quality,
                                .file_share = options->file_share,
                                .list_share = options->list_share,
                                .no_decode_hits = options->no_decode_hits,
                                .decode_exact = options->decode_exact,
                                .thumbnails = options->thumbnails};
    pthread_rwlockattr_t attr;
    pthread_rwlockattr_init(&attr);
    /* An item that must run alone would never do so if others could always overtake it. */
    pthread_rwlockattr_setkind_np(&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(&run->alone, &attr);
    pthread_rwlockattr_destroy(&attr);
    pthread_mutex_init(&run->recorder.lock, NULL);
    budget_init(&run->budget, options->memory);
    metrics_start(&run->metrics);
    bool draw = options->progress == PROGRESS_ALWAYS ||
                (options->progress == PROGRESS_AUTO && isatty(STDERR_FILENO) && !options->quiet);
    progress_init(&run->progress, options->jobs, draw);
    raise_descriptor_limit();
    __atomic_store_n(&signalled_run, run, __ATOMIC_RELEASE);
    signals_install();
}

void scan_close(struct run *run)
{
    __atomic_store_n(&signalled_run, NULL, __ATOMIC_RELEASE);
    readers_free(run->readers);
    zygote_stop(run->zygote);
    progress_destroy(&run->progress);
    budget_destroy(&run->budget);
    pthread_mutex_destroy(&run->recorder.lock);
    pthread_rwlock_destroy(&run->alone);
}

int scan_run(const struct scan_options *options)
{
    struct run run;
    scan_begin(&run, options);
    int status = scan_sandbox(&run);
    if (!status && !options->is_scan) {
        status = scan_hash(&run);
    } else if (!status) {
        struct hashset *set = hashset_new();
        struct case_folder folder = {.dirfd = -1, .journal_dirfd = -1};
        status = scan_lists(&run, set);
        if (!status)
            status = scan_case(&run, &folder);
        since_close(run.since);
        case_close(&folder);
        hashset_free(set);
    }
    scan_close(&run);
    return options->metrics ? metrics_write(&run.metrics, options->metrics, status) : status;
}
