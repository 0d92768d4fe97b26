/* sevenzip.c: a 7z says in its first 32 bytes where its last header is; both have checksums. */
#include <libdeflate.h>
#include <string.h>

#include "carve/finders.h"

/** Headers of more are not summed. */
#define LARGEST_HEADER (64u << 20)

static bool sevenzip_look(const uint8_t *p, size_t n)
{
    return n >= 32 && memcmp(p + 4, "\x27\x1c\0", 3) == 0 && le32(p + 8) == libdeflate_crc32(0, p + 12, 20) &&
           le64(p + 12) < INT64_MAX / 2 && le64(p + 20) < INT64_MAX / 2;
}

static void sevenzip_measure(struct measure *m)
{
    const uint8_t *p = measure_at(m, 0, 32, NULL);
    uint64_t at = p ? 32 + le64(p + 12) : 0, left = p ? le64(p + 20) : 0, end = at + left;
    uint32_t wanted = p ? le32(p + 28) : 0, sum = 0;
    size_t n;
    while (left && left <= LARGEST_HEADER && (p = measure_at(m, at, 1, &n)) && measure_walk(m, n)) {
        n = n < left ? n : (size_t)left;
        sum = libdeflate_crc32(sum, p, n);
        at += n;
        left -= n;
    }
    if (!left && sum == wanted) {
        measure_whole(m, end);
        m->solid = true;
        return;
    }
    measure_broken(m, end, end > 32, "its last header is not there");
}

const struct finder sevenzip_finder = {
    .suffix = "7z", FINDER_MAGIC("7z\xbc\xaf", 0), .look = sevenzip_look, .measure = sevenzip_measure};
