#include "scan/metrics.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/escape.h"
#include "core/io.h"
#include "core/progress.h"
#include "trawl/scan.h"

#define NS 1e9

void metrics_start(struct metrics *metrics)
{
    *metrics = (struct metrics){.start = time(NULL), .start_ns = clock_ns()};
}

void metrics_reported(struct metrics *metrics, const struct report_totals *totals, const struct case_end *end)
{
    metrics->reported = true;
    metrics->totals = *totals;
    metrics->complete = end->complete;
    metrics->interrupted = end->interrupted;
}

/** Lines on their way out; each has the label `scan`, since the files of one folder may not say the same name twice. */
struct exposition {
    struct buf out;
    /** The value of `scan`, escaped. */
    struct buf scan;
};

/** The file's name without .prom; what a label's value may not hold is escaped. */
static void put_scan_name(struct buf *out, const char *path)
{
    struct buf safe = {0};
    char *copy = mem_strdup(path);
    const char *name = basename(copy);
    size_t n = strlen(name);
    if (n > 5 && strcmp(name + n - 5, ".prom") == 0)
        n -= 5;
    escape_text(&safe, name, n);
    for (size_t i = 0; i < safe.len; i++) {
        if (safe.data[i] == '"' || safe.data[i] == '\\')
            buf_byte(out, '\\');
        buf_byte(out, safe.data[i]);
    }
    buf_free(&safe);
    free(copy);
}

/** What a name means. Every one is a gauge: each scan starts from nothing. */
static void head(struct exposition *to, const char *name, const char *help)
{
    buf_printf(&to->out, "# HELP trawl_scan_%s %s\n# TYPE trawl_scan_%s gauge\n", name, help, name);
}

static void sample_begin(struct exposition *to, const char *name, const char *label, const char *value)
{
    buf_printf(&to->out, "trawl_scan_%s{scan=\"", name);
    buf_put(&to->out, to->scan.data, to->scan.len);
    buf_byte(&to->out, '"');
    if (label)
        buf_printf(&to->out, ",%s=\"%s\"", label, value);
    buf_puts(&to->out, "} ");
}

static void sample(struct exposition *to, const char *name, const char *label, const char *value, uint64_t v)
{
    sample_begin(to, name, label, value);
    buf_printf(&to->out, "%llu\n", (unsigned long long)v);
}

static void number(struct exposition *to, const char *name, const char *help, uint64_t v)
{
    head(to, name, help);
    sample(to, name, NULL, NULL, v);
}

static void seconds(struct exposition *to, const char *name, const char *help, double v)
{
    head(to, name, help);
    sample_begin(to, name, NULL, NULL);
    buf_printf(&to->out, "%.3f\n", v);
}

/** Children's time is only known of those that are gone; at the end all are. */
static double cpu_seconds(void)
{
    double sum = 0;
    static const int whose[] = {RUSAGE_SELF, RUSAGE_CHILDREN};
    for (int i = 0; i < 2; i++) {
        struct rusage usage;
        if (getrusage(whose[i], &usage) == 0)
            sum += (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                   (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
    }
    return sum;
}

static void put_run(struct exposition *to, const struct metrics *metrics, int status)
{
    head(to, "info", "Version of trawl that scanned.");
    sample(to, "info", "version", TRAWL_VERSION, 1);
    number(to, "start_timestamp_seconds", "When the scan began.", (uint64_t)metrics->start);
    number(to, "end_timestamp_seconds", "When it ended.", (uint64_t)time(NULL));
    seconds(to, "duration_seconds", "How long it took.", (double)(clock_ns() - metrics->start_ns) / NS);
    seconds(to, "cpu_seconds", "Processor time of all its processes.", cpu_seconds());
    number(
        to, "exit_status",
        "Exit status: 1 findings, 2 not everything examined, 3 both, 64 wrong usage, 70 internal error, 74 no output.",
        (uint64_t)status);
    number(to, "complete", "1 if every source was read to its end.", metrics->complete);
    number(to, "interrupted", "1 if the scan was asked to stop; run again, it goes on.", metrics->interrupted);
}

static void put_findings(struct exposition *to, const struct report_totals *totals)
{
    head(to, "findings", "Distinct contents that are on a list.");
    sample(to, "findings", "tier", "exact", totals->exact);
    sample(to, "findings", "tier", "near", totals->findings - totals->exact);
    if (totals->findings)
        head(to, "severity_findings", "The same by severity, 1 the most severe.");
    for (int s = 0; s < SEVERITIES; s++) {
        char text[8];
        snprintf(text, sizeof(text), "%d", s);
        if (totals->by_severity[s])
            sample(to, "severity_findings", "severity", text, totals->by_severity[s]);
    }
    number(to, "finding_places", "Places of these contents.", totals->locations);
}

/** Every status, so that an alert on one does not hang on whether it ever was. */
static void put_statuses(struct exposition *to, const struct report_totals *totals)
{
    head(to, "files", "Files found, members of containers included, by what became of them.");
    for (int s = 0; s < TRAWL_STATUS_COUNT; s++)
        sample(to, "files", "status", status_name((enum trawl_status)s), totals->by_status[s].files);
    head(to, "size_bytes", "Their bytes, where the size is known.");
    for (int s = 0; s < TRAWL_STATUS_COUNT; s++)
        sample(to, "size_bytes", "status", status_name((enum trawl_status)s), totals->by_status[s].bytes);
    number(to, "unexamined_files", "Files that were not examined.", totals->unexamined);
    number(to, "source_files", "Files of the host, without what is inside them.", totals->top.files);
    number(to, "source_size_bytes", "Their bytes.", totals->top.bytes);
}

/** --since: what last night was not as it is tonight. */
static void put_since(struct exposition *to, const struct report_totals *totals)
{
    const struct since_totals *since = &totals->since;
    const struct {
        const char *change;
        uint64_t n;
    } rows[] = {
        {"unchanged", since->unchanged},   {"new", since->added},
        {"changed", since->changed},       {"vanished", since->vanished},
        {"unreadable", since->unreadable}, {"silently_changed", totals->silent},
    };
    head(to, "since_files", "Files of the host by what became of them since the older case.");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        sample(to, "since_files", "change", rows[i].change, rows[i].n);
    number(to, "since_reused_files", "Files whose results were taken over.", since->reused);
    number(to, "since_rechecked_files", "Unchanged files that were read all the same.", since->rechecked);
    number(to, "since_new_findings", "Findings that the older case did not have.", since->new_findings);
}

/** Readable by all: the collector is somebody else, and nothing here names evidence. Returns 0 or -errno. */
static int write_file(const char *path, const struct buf *text)
{
    char *tmp;
    int r = 0;
    if (asprintf(&tmp, "%s.XXXXXX", path) < 0)
        return -ENOMEM;
    int fd = mkostemp(tmp, O_CLOEXEC);
    if (fd < 0) {
        r = -errno;
    } else {
        r = io_write_all(fd, text->data, text->len);
        if (!r && (fchmod(fd, 0644) < 0 || fsync(fd) < 0))
            r = -errno;
        if (close(fd) < 0 && !r)
            r = -errno;
        if (!r && rename(tmp, path) < 0)
            r = -errno;
        if (r)
            unlink(tmp);
    }
    free(tmp);
    return r;
}

int metrics_write(const struct metrics *metrics, const char *path, int status)
{
    struct exposition to = {0};
    put_scan_name(&to.scan, path);
    put_run(&to, metrics, status);
    if (metrics->reported) {
        put_statuses(&to, &metrics->totals);
        put_findings(&to, &metrics->totals);
        if (metrics->totals.since.is_since)
            put_since(&to, &metrics->totals);
    }
    int r = write_file(path, &to.out);
    buf_free(&to.out);
    buf_free(&to.scan);
    if (!r)
        return status;
    fprintf(stderr, "trawl: metrics %s: %s%s\n", path, strerror(-r), metrics->reported ? "; the case is written" : "");
    return (status & ~3) == 0 ? EXIT_OUTPUT : status;
}
