/* mkv.c: where Matroska and WebM end: the elements of the segment, one by one. */
#include <string.h>

#include "carve/finders.h"

#define SEGMENT 0x18538067u
#define CLUSTER 0x1f43b675u
#define UNKNOWN UINT64_MAX

struct element {
    uint32_t id;
    /** UNKNOWN: it ends where something else begins. */
    uint64_t size;
    /** Where its content begins. */
    uint64_t content;
};

/** Reads the head of the element at `at`. */
static bool element_at(struct measure *m, uint64_t at, struct element *e)
{
    size_t n;
    const uint8_t *p = measure_at(m, at, 2, &n);
    unsigned id = p && p[0] ? (unsigned)__builtin_clz(p[0]) - 23 : 0;
    if (!id || id > 4 || n <= id || !(p = measure_at(m, at, id + 1, &n)))
        return false;
    unsigned length = p[id] ? (unsigned)__builtin_clz(p[id]) - 23 : 0;
    if (!length || n < id + length)
        return false;
    e->id = 0;
    for (unsigned i = 0; i < id; i++)
        e->id = e->id << 8 | p[i];
    uint64_t size = p[id] & (0xffu >> length);
    for (unsigned i = 1; i < length; i++)
        size = size << 8 | p[id + i];
    e->size = size == (1ull << 7 * length) - 1 ? UNKNOWN : size;
    e->content = at + id + length;
    return true;
}

/** Elements of a segment, and of a cluster that does not tell its length. */
static bool is_known(uint32_t id)
{
    static const uint32_t known[] = {0x114d9b74, 0x1549a966, 0x1654ae6b, CLUSTER, 0x1c53bb6b, 0x1941a469,
                                     0x1043a770, 0x1254c367, 0xec,       0xbf,    0xa3,       0xa0,
                                     0xe7,       0xa7,       0xab,       0x5854};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (known[i] == id)
            return true;
    return false;
}

static bool mkv_look(const uint8_t *p, size_t n)
{
    return n >= 24 && (memmem(p + 4, n - 4, "\x42\x82\x88matroska", 11) || memmem(p + 4, n - 4, "\x42\x82\x84webm", 7));
}

static void mkv_measure(struct measure *m)
{
    struct element e;
    const uint8_t *p = measure_at(m, 0, CARVE_HEAD, NULL);
    m->suffix = p && memmem(p, CARVE_HEAD, "webm", 4) ? "webm" : NULL;
    bool begun = element_at(m, 0, &e) && e.size < 4096 && element_at(m, e.content + e.size, &e) && e.id == SEGMENT;
    if (!begun)
        return;
    uint64_t at = e.content, end = e.size == UNKNOWN ? UNKNOWN : e.content + e.size;
    unsigned clusters = 0;
    while (at < end && element_at(m, at, &e) && is_known(e.id)) {
        clusters += e.id == CLUSTER;
        at = e.size == UNKNOWN ? e.content : e.size < INT64_MAX - at ? e.content + e.size : INT64_MAX;
    }
    if (clusters && at <= m->room && (at == end || end == UNKNOWN)) {
        measure_whole(m, at);
        return;
    }
    measure_broken(m, at, clusters, "what follows is no part of it");
}

const struct finder mkv_finder = {
    .suffix = "mkv", FINDER_MAGIC("\x1a\x45\xdf\xa3", 0), .look = mkv_look, .measure = mkv_measure};
