/* watch.c: looks at other processes: how much memory they have, and what is in it. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "faults.h"

#define SAMPLE_MS 20

/** What was seen so far, in KiB. */
struct peaks {
    uint64_t all, main_high, child, processes;
};

static bool read_text(const char *pid, const char *name, char *text, size_t size)
{
    char path[320];
    snprintf(path, sizeof(path), "/proc/%s/%s", pid, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);
    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = '\0';
    return n > 0;
}

/** The number behind a name ("VmHWM:"); 0 where it is not there. */
static uint64_t number_of(const char *text, const char *name)
{
    const char *at = strstr(text, name);
    return at ? strtoull(at + strlen(name), NULL, 10) : 0;
}

static pid_t group_of(const char *pid)
{
    char text[512];
    int group = 0;
    if (!read_text(pid, "stat", text, sizeof(text)))
        return 0;
    const char *end = strrchr(text, ')');
    return end && sscanf(end + 1, " %*c %*d %d", &group) == 1 ? group : 0;
}

/** Its share of the memory where the system tells (slots are shared and must not count twice), else all that it has. */
static uint64_t memory_of(const char *pid)
{
    char text[4096];
    if (read_text(pid, "smaps_rollup", text, sizeof(text)))
        return number_of(text, "\nPss:");
    return read_text(pid, "status", text, sizeof(text)) ? number_of(text, "VmRSS:") : 0;
}

static void sample(pid_t leader, struct peaks *peaks)
{
    DIR *proc = opendir("/proc");
    uint64_t sum = 0, n = 0;
    for (const struct dirent *d; proc && (d = readdir(proc));) {
        if (!isdigit((unsigned char)d->d_name[0]) || group_of(d->d_name) != leader)
            continue;
        char text[4096];
        uint64_t kib = memory_of(d->d_name);
        sum += kib;
        n++;
        if (atoi(d->d_name) != leader) {
            peaks->child = kib > peaks->child ? kib : peaks->child;
        } else if (read_text(d->d_name, "status", text, sizeof(text))) {
            uint64_t high = number_of(text, "VmHWM:");
            peaks->main_high = high > peaks->main_high ? high : peaks->main_high;
        }
    }
    if (proc)
        closedir(proc);
    peaks->all = sum > peaks->all ? sum : peaks->all;
    peaks->processes = n > peaks->processes ? n : peaks->processes;
}

int watch_peak(int argc, char **argv)
{
    (void)argc;
    struct peaks peaks = {0};
    int status;
    pid_t pid = fork();
    if (pid == 0) {
        setpgid(0, 0);
        execvp(argv[1], argv + 1);
        _exit(127);
    }
    setpgid(pid, pid);
    while (waitpid(pid, &status, WNOHANG) == 0) {
        sample(pid, &peaks);
        nanosleep(&(struct timespec){0, SAMPLE_MS * 1000000L}, NULL);
    }
    FILE *out = fopen(argv[0], "we");
    if (!out)
        return 127;
    fprintf(out, "all=%llu\nmain=%llu\nchild=%llu\nprocesses=%llu\n", (unsigned long long)peaks.all,
            (unsigned long long)peaks.main_high, (unsigned long long)peaks.child, (unsigned long long)peaks.processes);
    fclose(out);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static size_t from_hex(const char *hex, uint8_t *out, size_t size)
{
    size_t n = 0;
    for (unsigned byte; n < size && sscanf(hex + 2 * n, "%2x", &byte) == 1; n++)
        out[n] = (uint8_t)byte;
    return n;
}

/** True if one of the needles is in these bytes. */
static bool has_needle(const uint8_t *data, size_t n, char **needles, int n_needles)
{
    uint8_t bytes[64];
    for (int i = 0; i < n_needles; i++) {
        size_t len = from_hex(needles[i], bytes, sizeof(bytes));
        if (len && memmem(data, n, bytes, len))
            return true;
    }
    return false;
}

/** Searches one mapping; pieces overlap by the longest needle. */
static bool search_range(int mem, uint64_t start, uint64_t end, char **needles, int n_needles, uint64_t *seen)
{
    static uint8_t block[(1 << 20) + 64];
    for (uint64_t at = start; at < end; at += 1 << 20) {
        size_t want = end - at < sizeof(block) ? (size_t)(end - at) : sizeof(block);
        ssize_t n = pread(mem, block, want, (off_t)at);
        if (n <= 0)
            continue;
        *seen += (uint64_t)n;
        if (has_needle(block, (size_t)n, needles, n_needles))
            return true;
    }
    return false;
}

int watch_search(int argc, char **argv)
{
    char path[320], line[4096];
    snprintf(path, sizeof(path), "/proc/%s/mem", argv[0]);
    int mem = open(path, O_RDONLY | O_CLOEXEC);
    snprintf(path, sizeof(path), "/proc/%s/maps", argv[0]);
    FILE *maps = fopen(path, "re");
    uint64_t seen = 0;
    bool found = false;
    while (mem >= 0 && maps && !found && fgets(line, sizeof(line), maps)) {
        unsigned long long start, end;
        char mode;
        /* A slot is 512 MiB of which little is touched: asking for the rest would touch it. */
        if (sscanf(line, "%llx-%llx %c", &start, &end, &mode) == 3 && mode == 'r' && !strstr(line, "[v") &&
            !strstr(line, "memfd:"))
            found = search_range(mem, start, end, argv + 1, argc - 1, &seen);
    }
    if (maps)
        fclose(maps);
    if (mem >= 0)
        close(mem);
    return found ? 0 : seen ? 1 : 2;
}
