#include "scan/run_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "core/escape.h"
#include "report/output.h"
#include "sandbox/policy.h"
#include "scan/run.h"
#include "simd/level.h"

#define NS 1e9

void run_clock_start(struct run_clock *clock)
{
    clock->start = time(NULL);
    clock->start_ns = clock_ns();
}

static void put_time(struct buf *out, const char *name, time_t t)
{
    char text[32];
    struct tm tm;
    gmtime_r(&t, &tm);
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
    buf_printf(out, "  \"%s\": \"%s\",\n", name, text);
}

static void put_text(struct buf *out, const char *name, const char *raw)
{
    struct buf safe = {0};
    escape_text(&safe, raw, strlen(raw));
    buf_printf(out, "  \"%s\": ", name);
    escape_json(out, (const char *)safe.data, safe.len);
    buf_puts(out, ",\n");
    buf_free(&safe);
}

static void put_machine(struct buf *out)
{
    struct utsname name;
    if (uname(&name) < 0)
        memset(&name, 0, sizeof(name));
    put_text(out, "host", name.nodename);
    put_text(out, "kernel", name.release);
    /* The number, not the name: looking the name up would read files and may ask the network. */
    buf_printf(out, "  \"uid\": %u,\n", (unsigned)getuid());
    const char *user = getenv("USER");
    put_text(out, "user", user ? user : "");
}

static void put_sandbox(const struct run *run, struct buf *out)
{
    buf_printf(out, "  \"sandbox\": {\"enabled\": %s, \"seccomp\": %s, \"landlock\": %d},\n",
               run->options->no_sandbox ? "false" : "true", run->options->no_sandbox ? "false" : "true",
               run->options->no_sandbox ? 0 : policy_landlock_version());
}

/** Processor seconds of each stage, and the stage that took most. */
static void put_times(struct run *run, double wall, struct buf *out)
{
    struct {
        const char *name;
        const atomic_ullong *ns;
    } stages[] = {{"unpack", &run->times.unpack},
                  {"decode", &run->times.decode},
                  {"digest", &run->times.digest},
                  {"match", &run->times.match},
                  {"journal", &run->times.journal}};
    unsigned most = 0;
    buf_puts(out, "  \"seconds\": {");
    for (unsigned i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
        buf_printf(out, "%s\"%s\": %.3f", i ? ", " : "", stages[i].name, (double)atomic_load(stages[i].ns) / NS);
        if (atomic_load(stages[i].ns) > atomic_load(stages[most].ns))
            most = i;
    }
    buf_puts(out, "},\n");
    buf_printf(out, "  \"bottleneck\": \"%s\",\n", stages[most].name);
    buf_printf(out, "  \"wall_seconds\": %.3f,\n", wall);
}

void run_json_begin(const struct run_clock *clock, struct buf *out)
{
    buf_puts(out, "{\n");
    buf_printf(out, "  \"version\": \"%s\",\n", TRAWL_VERSION);
    put_time(out, "start", clock->start);
    put_time(out, "end", time(NULL));
    put_machine(out);
}

int run_json_write(struct run *run, const struct run_clock *clock, const struct report_totals *totals, int dirfd)
{
    struct output file;
    struct rusage self;
    output_open(&file, dirfd, "run.json");
    struct buf *out = &file.buf;
    double wall = (double)(clock_ns() - clock->start_ns) / NS;
    getrusage(RUSAGE_SELF, &self);
    run_json_begin(clock, out);
    buf_printf(
        out,
        "  \"threads\": %u,\n  \"memory_budget\": %llu,\n  \"memory_in_flight_peak\": %llu,\n  \"max_rss_kib\": %ld,\n",
        run->options->jobs, (unsigned long long)run->budget.limit, (unsigned long long)run->budget.peak,
        self.ru_maxrss);
    buf_printf(out, "  \"simd\": \"%s\",\n", simd_level_name(simd_level()));
    put_sandbox(run, out);
    put_times(run, wall, out);
    buf_printf(out, "  \"decodings\": %llu,\n", (unsigned long long)atomic_load(&run->decoded));
    buf_printf(out, "  \"files_per_second\": %.1f,\n  \"bytes_per_second\": %.0f\n}\n",
               (double)totals->files / (wall > 0 ? wall : 1),
               (double)atomic_load(&run->progress.bytes) / (wall > 0 ? wall : 1));
    return output_end(&file);
}
