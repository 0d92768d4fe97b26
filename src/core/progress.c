#include "core/progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "core/alloc.h"

#define NS_PER_SECOND  1000000000ull
#define TICK_NS        100000000L
#define LINE_MAX_BYTES 512

static uint64_t read_clock(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * NS_PER_SECOND + (uint64_t)t.tv_nsec;
}

uint64_t clock_ns(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

uint64_t thread_cpu_ns(void)
{
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

void progress_init(struct progress *p, unsigned workers, bool draw)
{
    memset(p, 0, sizeof(*p));
    p->slots = ALLOC_ARRAY(struct progress_slot, workers);
    p->n_slots = workers;
    p->draw = draw;
    p->start = clock_ns();
    for (unsigned i = 0; i < workers; i++)
        pthread_mutex_init(&p->slots[i].lock, NULL);
}

void progress_destroy(struct progress *p)
{
    for (unsigned i = 0; i < p->n_slots; i++)
        pthread_mutex_destroy(&p->slots[i].lock);
    free(p->slots);
}

/** The end of a path tells more than its beginning: its last bytes, from a character's first one on. */
static const char *path_end(const char *path, size_t most, bool *is_cut)
{
    size_t n = strlen(path);
    *is_cut = n > most;
    if (!*is_cut)
        return path;
    const char *end = path + n - most;
    while (((unsigned char)*end & 0xc0) == 0x80)
        end++;
    return end;
}

void progress_item(struct progress *p, unsigned worker, const char *what)
{
    struct progress_slot *slot = &p->slots[worker];
    size_t n = what ? strnlen(what, sizeof(slot->what)) : 0;
    if (n == sizeof(slot->what))
        n--;
    /* Not inside a character: a terminal would show rubbish. */
    while (n && ((unsigned char)what[n] & 0xc0) == 0x80)
        n--;
    pthread_mutex_lock(&slot->lock);
    memcpy(slot->what, what ? what : "", n);
    slot->what[n] = '\0';
    slot->since = clock_ns();
    pthread_mutex_unlock(&slot->lock);
}

/** Bytes as "12.3 MB" into 16 bytes. */
static void human(char out[16], double bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB"};
    size_t u = 0;
    while (bytes >= 1000 && u + 1 < sizeof(units) / sizeof(*units)) {
        bytes /= 1000;
        u++;
    }
    snprintf(out, 16, u ? "%.1f %s" : "%.0f %s", bytes, units[u]);
}

/** The item that is in hand for longest, and for how many seconds. */
static double oldest(struct progress *p, char what[160])
{
    uint64_t now = clock_ns(), since = now;
    what[0] = '\0';
    for (unsigned i = 0; i < p->n_slots; i++) {
        struct progress_slot *slot = &p->slots[i];
        pthread_mutex_lock(&slot->lock);
        if (slot->what[0] && slot->since < since) {
            since = slot->since;
            memcpy(what, slot->what, sizeof(slot->what));
        }
        pthread_mutex_unlock(&slot->lock);
    }
    return (double)(now - since) / NS_PER_SECOND;
}

static int print_eta(const struct progress *p, double seconds, char *out, size_t room)
{
    uint64_t total = atomic_load(&p->source_total), done = atomic_load(&p->source_bytes);
    if (!total || !done || done > total)
        return 0;
    unsigned long left = (unsigned long)(seconds * (double)(total - done) / (double)done);
    return snprintf(out, room, ", ETA %lu:%02lu:%02lu", left / 3600, left / 60 % 60, left % 60);
}

/** One line without an end; at most `room` bytes, and where it can be `width` characters. */
static void describe(struct progress *p, char *out, size_t room, size_t width)
{
    char bytes[16], rate[16], what[160];
    double seconds = (double)(clock_ns() - p->start) / NS_PER_SECOND;
    human(bytes, (double)atomic_load(&p->bytes));
    human(rate, (double)atomic_load(&p->bytes) / (seconds > 0.001 ? seconds : 0.001));
    int n = snprintf(out, room, "%llu files, %s, %s/s, %llu findings", (unsigned long long)atomic_load(&p->files),
                     bytes, rate, (unsigned long long)atomic_load(&p->findings));
    uint64_t unexamined = atomic_load(&p->unexamined);
    if (unexamined && n > 0 && (size_t)n < room)
        n += snprintf(out + n, room - (size_t)n, ", %llu unexamined", (unsigned long long)unexamined);
    if (n > 0 && (size_t)n < room)
        n += print_eta(p, seconds, out + n, room - (size_t)n);
    double age = oldest(p, what);
    if (what[0] && n > 0 && (size_t)n < room) {
        bool is_cut;
        size_t left = (size_t)n + 20 < width ? width - (size_t)n - 14 : 6;
        const char *end = path_end(what, left, &is_cut);
        snprintf(out + n, room - (size_t)n, " | %.0f s: %s%s", age, is_cut ? "..." : "", end);
    }
}

static unsigned columns(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

/** Cuts at a width in characters, never inside one. */
static void cut(char *text, size_t width)
{
    size_t chars = 0;
    for (char *p = text; *p; p++)
        if (((unsigned char)*p & 0xc0) != 0x80 && ++chars > width) {
            *p = '\0';
            return;
        }
}

static void draw(struct progress *p)
{
    char line[LINE_MAX_BYTES];
    describe(p, line, sizeof(line), columns() - 1);
    cut(line, columns() - 1);
    fprintf(stderr, "\r\033[K%s", line);
    fflush(stderr);
}

/** A tick, or less where the thread is to end. */
static void sleep_a_tick(struct progress *p)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += TICK_NS;
    until.tv_sec += until.tv_nsec / NS_PER_SECOND;
    until.tv_nsec %= NS_PER_SECOND;
    sem_clockwait(&p->closes, CLOCK_MONOTONIC, &until);
}

static void *progress_loop(void *arg)
{
    struct progress *p = arg;
    for (unsigned n = 0; !atomic_load(&p->closing); n++) {
        sleep_a_tick(p);
        if (atomic_exchange(&p->asked, false)) {
            char line[LINE_MAX_BYTES];
            describe(p, line, sizeof(line), sizeof(line));
            fprintf(stderr, "%strawl: %s\n", p->draw ? "\r\033[K" : "", line);
        }
        if (p->draw && n % 5 == 4)
            draw(p);
    }
    return NULL;
}

void progress_start(struct progress *p)
{
    sem_init(&p->closes, 0, 0);
    p->running = pthread_create(&p->thread, NULL, progress_loop, p) == 0;
}

void progress_stop(struct progress *p)
{
    if (!p->running)
        return;
    atomic_store(&p->closing, true);
    sem_post(&p->closes);
    pthread_join(p->thread, NULL);
    p->running = false;
    if (p->draw)
        fputs("\r\033[K", stderr);
}
