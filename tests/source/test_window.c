#include "source/window.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096u
#define CAP  (6u * PAGE)

/** A medium of pages, of which some cannot be read: this process's own memory with pages taken out. */
struct medium {
    int fd;
    uint8_t *pages;
    uint64_t start;
    struct window window;
};

static void medium_open(struct medium *m, const char *pattern)
{
    size_t n = strlen(pattern);
    m->pages = mmap(NULL, n * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq(m->pages, MAP_FAILED);
    m->fd = open("/proc/self/mem", O_RDONLY);
    cr_assert_geq(m->fd, 0);
    m->start = (uint64_t)(uintptr_t)m->pages;
    cr_assert(window_init(&m->window, m->fd, m->start + n * PAGE, CAP));
    for (size_t i = 0; i < n; i++) {
        memset(m->pages + i * PAGE, 'a' + (int)i, PAGE);
        if (pattern[i] == 'x')
            munmap(m->pages + i * PAGE, PAGE);
    }
}

static void medium_close(struct medium *m)
{
    window_free(&m->window);
    close(m->fd);
}

Test(window, tells_only_the_holes_that_were_asked_for)
{
    struct medium m;
    size_t n;
    medium_open(&m, "..x.x...");
    const uint8_t *p = window_at(&m.window, m.start, 100, &n);
    cr_assert_not_null(p);
    cr_assert_eq(n, 2 * PAGE, "up to the hole, not %zu", n);
    cr_assert_eq(m.window.holes, 0);
    /* Through both holes. */
    p = window_at(&m.window, m.start + PAGE, 5 * PAGE, &n);
    cr_assert_geq(n, 5 * PAGE);
    cr_assert(p[0] == 'b' && p[PAGE] == 0 && p[2 * PAGE] == 'd' && p[3 * PAGE] == 0 && p[4 * PAGE] == 'f');
    cr_assert_eq(m.window.holes, 1);
    cr_assert_eq(m.window.hole_last, m.start + 5 * PAGE);
    /* What is in the window now, in front of, between and behind them. */
    p = window_at(&m.window, m.start + PAGE, 10, &n);
    cr_assert(p[0] == 'b' && n == PAGE);
    p = window_at(&m.window, m.start + 3 * PAGE + 5, 10, &n);
    cr_assert(p[0] == 'd' && n == PAGE - 5);
    p = window_at(&m.window, m.start + 5 * PAGE, 10, &n);
    cr_assert_eq(p[0], 'f');
    cr_assert_eq(m.window.holes, 1, "none of these has a byte that cannot be read");
    p = window_at(&m.window, m.start + 4 * PAGE + 100, 10, &n);
    cr_assert(p[0] == 0 && n >= 10);
    cr_assert_eq(m.window.holes, 2);
    medium_close(&m);
}

Test(window, zeros_are_not_holes)
{
    struct medium m;
    medium_open(&m, ".x..");
    memset(m.pages, 0, PAGE);
    memset(m.pages + 2 * PAGE, 0, PAGE);
    cr_assert(window_zeros(&m.window, m.start, m.start + PAGE));
    cr_assert_not(window_zeros(&m.window, m.start, m.start + 3 * PAGE));
    cr_assert(window_zeros(&m.window, m.start + 2 * PAGE, m.start + 3 * PAGE));
    medium_close(&m);
}
