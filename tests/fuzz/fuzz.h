/*
 * fuzz.h: what the fuzz targets share.
 *
 * A target is one function, LLVMFuzzerTestOneInput: it gives foreign bytes to one parser and aborts where something
 * does not hold that must hold for every input. `make fuzz` lets libFuzzer look for such bytes; replay.c gives the
 * seeds to all targets, with any compiler.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(claim)                                                                                                   \
    do {                                                                                                               \
        if (!(claim))                                                                                                  \
            fuzz_fail(__FILE__, __LINE__, #claim);                                                                     \
    } while (0)

static inline _Noreturn void fuzz_fail(const char *file, int line, const char *claim)
{
    fprintf(stderr, "%s:%d: not so: %s\n", file, line, claim);
    abort();
}

/** The input of a target that takes it apart; behind its end come zeros. */
struct fuzz_input {
    const uint8_t *p;
    size_t n;
};

static inline uint64_t fuzz_number(struct fuzz_input *in, size_t bytes)
{
    uint64_t v = 0;
    for (size_t i = 0; i < bytes && in->n; i++, in->p++, in->n--)
        v |= (uint64_t)*in->p << (8 * i);
    return v;
}

/** Up to n bytes, borrowed; how many is left in *n. */
static inline const uint8_t *fuzz_bytes(struct fuzz_input *in, size_t *n)
{
    const uint8_t *at = in->p;
    if (*n > in->n)
        *n = in->n;
    if (*n)
        in->p += *n;
    in->n -= *n;
    return at;
}

/** A copy that ends where its memory ends, so that a sanitizer sees the first byte read behind it. */
static inline uint8_t *fuzz_copy(const uint8_t *data, size_t n)
{
    uint8_t *copy = calloc(1, n ? n : 1);
    CHECK(copy);
    if (n)
        memcpy(copy, data, n);
    return copy;
}

/** Bytes as a file that nobody else may write. */
static inline int fuzz_memfd(const void *bytes, size_t n)
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    CHECK(fd >= 0 && fchmod(fd, 0600) == 0);
    CHECK(!n || write(fd, bytes, n) == (ssize_t)n);
    CHECK(lseek(fd, 0, SEEK_SET) == 0);
    return fd;
}

/** The path under which a descriptor can be opened again. */
static inline const char *fuzz_fd_path(int fd, char path[32])
{
    snprintf(path, 32, "/proc/self/fd/%d", fd);
    return path;
}

static char fuzz_folder_path[4096];

static inline void fuzz_folder_remove(void)
{
    rmdir(fuzz_folder_path);
}

/** A folder of the process's own, made once. Each input leaves it empty. In memory where that is possible: targets
 * sync. */
static inline const char *fuzz_folder(void)
{
    if (*fuzz_folder_path)
        return fuzz_folder_path;
    const char *parent = getenv("TMPDIR");
    if (!parent)
        parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : P_tmpdir;
    snprintf(fuzz_folder_path, sizeof(fuzz_folder_path), "%s/trawl-fuzz-XXXXXX", parent);
    CHECK(mkdtemp(fuzz_folder_path));
    atexit(fuzz_folder_remove);
    return fuzz_folder_path;
}

/** The next character of UTF-8, and its length; 0 where the bytes are none. Written another way than escape.c's. */
static inline size_t fuzz_character(const uint8_t *p, size_t n, uint32_t *cp)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len = *p < 0x80 ? 1 : *p >> 5 == 6 ? 2 : *p >> 4 == 14 ? 3 : *p >> 3 == 30 ? 4 : 0;
    if (!len || len > n)
        return 0;
    *cp = len == 1 ? *p : *p & (0x7f >> len);
    for (size_t i = 1; i < len; i++) {
        if (p[i] >> 6 != 2)
            return 0;
        *cp = *cp * 64 + p[i] % 64;
    }
    return *cp >= least[len] && *cp <= 0x10ffff && *cp >> 11 != 27 ? len : 0;
}

/** Control characters and such that turn the direction of text or end a line. */
static inline bool fuzz_hostile(uint32_t cp)
{
    static const uint32_t others[] = {0x61c,  0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202b, 0x202c,
                                      0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069, 0xfeff};
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        if (cp == others[i])
            return true;
    return cp < 32 || (cp > 126 && cp < 160);
}

/** True if the bytes are one line of UTF-8 that a terminal can be given. */
static inline bool fuzz_text_clean(const void *text, size_t n)
{
    const uint8_t *p = text;
    uint32_t cp;
    for (size_t at = 0, len; at < n; at += len) {
        len = fuzz_character(p + at, n - at, &cp);
        if (!len || fuzz_hostile(cp))
            return false;
    }
    return true;
}

static inline bool fuzz_printable(const char *text)
{
    for (; *text; text++)
        if (*text < ' ' || *text > '~')
            return false;
    return true;
}

#endif
