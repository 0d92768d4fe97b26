#include <criterion/criterion.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../scratch.h"
#include "core/alloc.h"
#include "scan/evidence.h"

#define PAGE  4096u
#define PAGES 64u

/**
 * A medium with bad places: this process's own memory, read through the kernel, where some pages have nothing behind
 * them. It is read at offsets that are addresses.
 */
struct medium {
    int fd;
    uint64_t base;
    bool bad[PAGES];
};

static struct medium medium_make(uint64_t pattern)
{
    struct medium m = {.fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC)};
    uint8_t *base = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    /* Pages of an empty file: whoever touches them gets an error. */
    int empty = memfd_create("empty", MFD_CLOEXEC);
    cr_assert(m.fd >= 0 && base != MAP_FAILED && empty >= 0);
    m.base = (uint64_t)(uintptr_t)base;
    for (unsigned i = 0; i < PAGES * PAGE; i++)
        base[i] = (uint8_t)(1 + (i * 2654435761u >> 24) % 255);
    for (unsigned i = 0; i < PAGES; i++) {
        m.bad[i] = pattern >> i & 1;
        if (m.bad[i])
            cr_assert_neq(mmap(base + i * PAGE, PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, empty, 0), MAP_FAILED);
    }
    close(empty);
    uint8_t byte;
    cr_assert_eq(pread(m.fd, &byte, 1, (off_t)m.base), pattern & 1 ? -1 : 1);
    return m;
}

static void medium_free(struct medium *m)
{
    munmap((void *)(uintptr_t)m->base, PAGES * PAGE);
    close(m->fd);
}

/** What a read of n bytes at `at` (from the medium's beginning) must give. */
static void check_read(const struct medium *m, struct evidence *e, size_t at, size_t n)
{
    static uint8_t bytes[PAGES * PAGE];
    memset(bytes, 0xee, n);
    cr_assert_eq(evidence_read(e, bytes, n, m->base + at), n, "%zu bytes at %zu", n, at);
    for (size_t i = 0; i < n; i++) {
        uint8_t expected = m->bad[(at + i) / PAGE] ? 0 : (uint8_t)(1 + ((unsigned)(at + i) * 2654435761u >> 24) % 255);
        cr_assert_eq(bytes[i], expected, "byte %zu, of %zu at %zu", i, n, at);
    }
}

/** The bad pages, joined, and nothing else. */
static void check_ranges(const struct medium *m, const struct evidence *e)
{
    size_t n = 0;
    for (unsigned i = 0; i < PAGES; i++) {
        unsigned first = i;
        while (i < PAGES && m->bad[i])
            i++;
        if (first == i)
            continue;
        cr_assert_lt(n, e->n_bad, "pages %u to %u are not told", first, i);
        cr_assert_eq(e->bad[n].offset, m->base + first * PAGE);
        cr_assert_eq(e->bad[n].length, (uint64_t)(i - first) * PAGE);
        n++;
    }
    cr_assert_eq(e->n_bad, n);
}

static const uint64_t patterns[] = {
    0,      1,  1ull << 63,          0x8000000000000001u, 0xffffffffffffffffu, 0xaaaaaaaaaaaaaaaau,
    0x0ff0, 80, 0x00ff00ff00ff00ffu, 0x7fffffffffffffffu, 0x1000000010000000u};

Test(evidence, read_from_end_to_end, .timeout = 60)
{
    static const size_t blocks[] = {PAGES * PAGE, 65536, 5000, 4096, 1000, 512};
    for (size_t p = 0; p < sizeof(patterns) / sizeof(*patterns); p++)
        for (size_t b = 0; b < sizeof(blocks) / sizeof(*blocks); b++) {
            struct medium m = medium_make(patterns[p]);
            struct evidence e;
            evidence_init(&e, m.fd, m.base + PAGES * PAGE);
            for (size_t at = 0; at < PAGES * PAGE; at += blocks[b])
                check_read(&m, &e, at, PAGES * PAGE - at < blocks[b] ? PAGES * PAGE - at : blocks[b]);
            check_ranges(&m, &e);
            cr_assert_not(e.is_short);
            evidence_clear(&e);
            medium_free(&m);
        }
}

/** As a file is read: its head, its tail, then all of it, and parts of it again. The ranges stay sorted, joined, and
 * told once. */
Test(evidence, read_in_any_order, .timeout = 60)
{
    uint64_t seed = 21;
    for (int round = 0; round < 60; round++) {
        uint64_t pattern = scratch_random(&seed) & scratch_random(&seed);
        struct medium m = medium_make(pattern);
        struct evidence e;
        evidence_init(&e, m.fd, m.base + PAGES * PAGE);
        for (int i = 0; i < 60; i++) {
            size_t n = 1 + scratch_random(&seed) % (i % 2 ? 700 : 20000),
                   at = scratch_random(&seed) % (PAGES * PAGE - n);
            check_read(&m, &e, at, n);
            for (size_t k = 1; k < e.n_bad; k++)
                cr_assert_gt(e.bad[k].offset, e.bad[k - 1].offset + e.bad[k - 1].length, "sorted and apart");
        }
        for (size_t at = 0; at < PAGES * PAGE; at += 30000)
            check_read(&m, &e, at, PAGES * PAGE - at < 30000 ? PAGES * PAGE - at : 30000);
        check_ranges(&m, &e);
        evidence_clear(&e);
        medium_free(&m);
    }
}

/** A piece of a bad sector is all that is told bad, until the rest of it is read. */
Test(evidence, parts_of_a_sector)
{
    struct medium m = medium_make(2);
    struct evidence e;
    evidence_init(&e, m.fd, m.base + PAGES * PAGE);
    check_read(&m, &e, PAGE + 100, 50);
    check_read(&m, &e, PAGE + 300, 50);
    cr_assert_eq(e.n_bad, 2u);
    cr_assert_eq(e.bad[0].length, 50u);
    check_read(&m, &e, PAGE + 140, 20);
    cr_assert_eq(e.bad[0].length, 60u);
    check_read(&m, &e, PAGE, 512);
    cr_assert_eq(e.n_bad, 1u, "the whole sector holds them all");
    cr_assert_eq(e.bad[0].length, 512u);
    check_read(&m, &e, PAGE + 50, 10);
    cr_assert_eq(e.bad[0].length, 512u);
    evidence_clear(&e);
    medium_free(&m);
}

Test(evidence, a_file_that_ends_early)
{
    int fd = memfd_create("short", MFD_CLOEXEC);
    uint8_t bytes[5000];
    struct evidence e;
    struct buf words = {0};
    memset(bytes, 7, sizeof(bytes));
    cr_assert_eq(write(fd, bytes, 3000), 3000);
    evidence_init(&e, fd, 10000);
    cr_assert_eq(evidence_read(&e, bytes, 2000, 0), 2000u);
    cr_assert_not(e.is_short);
    cr_assert_eq(evidence_read(&e, bytes, 5000, 1000), 2000u);
    cr_assert(e.is_short);
    cr_assert_eq(e.short_at, 3000u);
    cr_assert_eq(evidence_read(&e, bytes, 10, 8000), 0u);
    cr_assert_eq(e.short_at, 3000u, "the first end counts");
    evidence_describe(&e, &words);
    cr_assert_not_null(strstr(buf_str(&words), "3000"));
    evidence_clear(&e);
    /* At its own end a file is not short. */
    evidence_init(&e, fd, 3000);
    cr_assert_eq(evidence_read(&e, bytes, 5000, 0), 3000u);
    cr_assert_eq(evidence_read(&e, bytes, 1, 3000), 0u);
    cr_assert_eq(evidence_read(&e, bytes, 0, 0), 0u);
    cr_assert_not(e.is_short);
    words.len = 0;
    evidence_describe(&e, &words);
    cr_assert_eq(words.len, 0u, "nothing to say");
    evidence_clear(&e);
    buf_free(&words);
    close(fd);
}

/** Nothing at all can be read. */
Test(evidence, all_is_bad)
{
    struct evidence e;
    uint8_t bytes[100000];
    struct buf words = {0};
    memset(bytes, 1, sizeof(bytes));
    int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    evidence_init(&e, fd, sizeof(bytes));
    cr_assert_eq(evidence_read(&e, bytes, sizeof(bytes), 0), sizeof(bytes));
    for (size_t i = 0; i < sizeof(bytes); i++)
        cr_assert_eq(bytes[i], 0);
    cr_assert_eq(e.n_bad, 1u);
    cr_assert_eq(e.bad[0].length, sizeof(bytes));
    evidence_describe(&e, &words);
    cr_assert_not_null(strstr(buf_str(&words), "0+100000"));
    evidence_clear(&e);
    evidence_clear(&e);
    buf_free(&words);
    close(fd);
}

/** Very many ranges: the first are listed, the rest is counted. */
Test(evidence, many_ranges)
{
    struct evidence e;
    uint8_t byte;
    struct buf words = {0};
    evidence_init(&e, -1, UINT64_MAX);
    for (uint64_t i = 0; i < 300; i++)
        cr_assert_eq(evidence_read(&e, &byte, 1, (i * 77 % 300) * 1000), 1u);
    cr_assert_eq(e.n_bad, 300u);
    evidence_describe(&e, &words);
    const char *text = buf_str(&words);
    cr_assert_not_null(strstr(text, ": 0+1, 1000+1, 2000+1, "));
    cr_assert_not_null(strstr(text, ", 255000+1 and 44 more ranges"));
    cr_assert_null(strstr(text, "256000"));
    buf_free(&words);
    evidence_clear(&e);
}
