/*
 * flip.c: flips one bit of a case at a time. trawl verify must tell each; and a journal that was flipped gives its
 * report with at most one record less. Runs scan_verify() in a process of its own, as the command does.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "faults.h"
#include "scan/case.h"
#include "trawl/scan.h"

/* Nothing here must survive a loss of power, and there are thousands of reports to derive. */
int fsync(int fd)
{
    return fd < 0;
}

int fdatasync(int fd)
{
    return fd < 0;
}

/** A file of the case, and its place in the row of all bytes. */
struct part {
    char path[PATH_MAX];
    uint64_t start, size;
    bool is_journal;
};

struct flips {
    const char *dir;
    struct part *parts;
    size_t n, cap;
    uint64_t bytes;
    /** The sound inventory: its lines, sorted. */
    char **lines;
    size_t n_lines, cap_lines;
    struct buf inventory;
    unsigned long tried, unseen, lossy, silent;
};

static void add_part(struct flips *f, const char *name, bool is_journal)
{
    struct part part = {.start = f->bytes, .is_journal = is_journal};
    struct stat st;
    snprintf(part.path, sizeof(part.path), "%s/%s", f->dir, name);
    if (stat(part.path, &st) < 0)
        return;
    part.size = (uint64_t)st.st_size;
    f->bytes += part.size;
    RESERVE(f->parts, f->n, f->cap);
    f->parts[f->n++] = part;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool read_file(const char *path, struct buf *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = -1;
    out->len = 0;
    while (fd >= 0 && (n = read(fd, buf_reserve(out, 65536), 65536)) > 0)
        out->len += (size_t)n;
    if (fd >= 0)
        close(fd);
    return n == 0;
}

/** The lines in a buffer, each ended by NUL. */
static char *next_line(struct buf *text, size_t *at)
{
    if (*at >= text->len)
        return NULL;
    char *line = (char *)text->data + *at, *end = memchr(line, '\n', text->len - *at);
    if (!end)
        return NULL;
    *end = '\0';
    *at = (size_t)(end - (char *)text->data) + 1;
    return line;
}

static bool load_lines(struct flips *f)
{
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s/inventory.jsonl", f->dir);
    if (!read_file(path, &f->inventory))
        return false;
    size_t at = 0;
    for (char *line; (line = next_line(&f->inventory, &at));) {
        RESERVE(f->lines, f->n_lines, f->cap_lines);
        f->lines[f->n_lines++] = line;
    }
    qsort(f->lines, f->n_lines, sizeof(*f->lines), by_text);
    return f->n_lines > 0;
}

/** Runs in a process of its own. -1 where that died. */
static int apart(int (*run)(const struct flips *), const struct flips *f)
{
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
        dup2(null, STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
        _exit(run(f));
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int verify(const struct flips *f)
{
    return scan_verify(f->dir);
}

enum { REPORT_GOOD, REPORT_LOSSY, REPORT_WRONG, REPORT_NONE };

/** Derives the inventory and compares: lines may be missing, one at most; none may be there that is not in the sound
 * one. */
static int report(const struct flips *f)
{
    char why[CASE_WHY], path[PATH_MAX];
    struct case_folder folder;
    struct report_totals totals;
    snprintf(path, sizeof(path), "%s.flipped", f->dir);
    int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0 || case_open_existing(&folder, f->dir, why) || case_read(&folder) || !folder.resumed ||
        case_report(&folder, dir, REPORT_JSONL, &totals))
        return REPORT_NONE;
    struct buf text = {0};
    snprintf(path, sizeof(path), "%s.flipped/inventory.jsonl", f->dir);
    if (!read_file(path, &text))
        return REPORT_NONE;
    size_t at = 0, n = 0;
    for (char *line; (line = next_line(&text, &at)); n++)
        if (!bsearch(&line, f->lines, f->n_lines, sizeof(line), by_text))
            return REPORT_WRONG;
    return n + 1 < f->n_lines ? REPORT_LOSSY : REPORT_GOOD;
}

static void tell(const struct part *part, uint64_t offset, int bit, const char *what)
{
    fprintf(stderr, "flip: bit %d of byte %llu of %s: %s\n", bit, (unsigned long long)offset, part->path, what);
}

static void try_flip(struct flips *f, const struct part *part, uint64_t offset, int bit)
{
    static const char *const words[] = {"", "more than one record is lost", "a line that was never there",
                                        "no report can be derived"};
    int fd = open(part->path, O_RDWR | O_CLOEXEC);
    uint8_t byte, flipped;
    if (fd < 0 || pread(fd, &byte, 1, (off_t)offset) != 1)
        abort();
    flipped = (uint8_t)(byte ^ (1u << bit));
    if (pwrite(fd, &flipped, 1, (off_t)offset) != 1)
        abort();
    f->tried++;
    if (apart(verify, f) != EXIT_UNEXAMINED) {
        f->unseen++;
        tell(part, offset, bit, "verify does not say so");
    }
    int r = part->is_journal ? apart(report, f) : 0;
    if (r) {
        f->lossy++;
        tell(part, offset, bit, r > 0 ? words[r] : "the report crashed");
    }
    if (pwrite(fd, &byte, 1, (off_t)offset) != 1)
        abort();
    close(fd);
}

static void try_byte(struct flips *f, uint64_t at, int bit)
{
    for (size_t i = 0; i < f->n; i++)
        if (at - f->parts[i].start < f->parts[i].size)
            try_flip(f, &f->parts[i], at - f->parts[i].start, bit);
}

int flip_bits(int argc, char **argv)
{
    static const char *const reports[] = {"inventory.jsonl", "report.jsonl", "report.csv", "report.html",
                                          "summary.json"};
    struct flips f = {.dir = argv[0]};
    char name[64], path[PATH_MAX];
    (void)argc;
    for (int i = 1; i < 100; i++) {
        snprintf(name, sizeof(name), "journal/j-%06d.log", i);
        add_part(&f, name, true);
    }
    uint64_t journal = f.bytes;
    for (size_t i = 0; i < sizeof(reports) / sizeof(*reports); i++)
        add_part(&f, reports[i], false);
    snprintf(path, sizeof(path), "%s.flipped", f.dir);
    if (!load_lines(&f) || (mkdir(path, 0700) < 0 && errno != EEXIST) || apart(verify, &f) != 0) {
        fprintf(stderr, "flip: %s is not a sound case\n", f.dir);
        return 64;
    }
    unsigned long n = strtoul(argv[1], NULL, 10);
    srandom((unsigned)strtoul(argv[2], NULL, 10));
    for (uint64_t at = 0; !n && at < f.bytes; at++)
        try_byte(&f, at, (int)(random() % 8));
    /* Half of them in the journal, however much larger the reports are. */
    for (unsigned long i = 0; i < n; i++)
        try_byte(&f, i % 2 ? (uint64_t)random() % journal : journal + (uint64_t)random() % (f.bytes - journal),
                 (int)(random() % 8));
    bool sound = apart(verify, &f) == 0;
    printf("%lu bits flipped, %lu not told, %lu reports lost more than a record%s\n", f.tried, f.unseen, f.lossy,
           sound ? "" : "; the case is no longer sound");
    return f.unseen || f.lossy || !sound;
}
