/* j2k.c: where a JPEG 2000 codestream ends: its main header, then tile-parts that tell their length. */
#include "carve/finders.h"

enum { J2K_SOT = 0xff90, J2K_EOC = 0xffd9 };

/** Passes over the marker at *at. Returns 1; 0 where it is none; 2 at the end mark; -1 where a tile-part does not tell
 * its length. */
static int pass_marker(struct measure *m, uint64_t *at)
{
    const uint8_t *p = measure_at(m, *at, 2, NULL);
    if (!p || p[0] != 0xff || p[1] < 0x4f)
        return 0;
    uint32_t mark = be16(p);
    if (mark == J2K_EOC) {
        *at += 2;
        return 2;
    }
    p = measure_at(m, *at, mark == J2K_SOT ? 12 : 4, NULL);
    uint64_t length = !p ? 0 : mark == J2K_SOT ? be32(p + 6) : 2 + (uint64_t)be16(p + 2);
    if (mark == J2K_SOT && p && !length)
        return -1;
    if (length < (mark == J2K_SOT ? 14 : 4))
        return 0;
    *at += length;
    return 1;
}

uint64_t codestream_length(struct measure *m, uint64_t start)
{
    uint64_t at = start + 2;
    int r;
    while ((r = pass_marker(m, &at)) == 1)
        ;
    return r == 2 ? at - start : m->room - start + 1;
}

static bool j2k_look(const uint8_t *p, size_t n)
{
    uint32_t length = n >= 44 ? be16(p + 4) : 0;
    return length >= 41 && length == 38u + 3u * be16(p + 40) && be32(p + 8) && be32(p + 12);
}

static void j2k_measure(struct measure *m)
{
    uint64_t at = 2;
    int r;
    while ((r = pass_marker(m, &at)) == 1)
        ;
    if (r == 2) {
        measure_whole(m, at);
        m->solid = true;
        return;
    }
    measure_broken(m, at, at > 200, r < 0 ? "it does not say where it ends" : "what follows is no marker");
}

const struct finder j2k_finder = {
    .suffix = "j2k", FINDER_MAGIC("\xff\x4f\xff\x51", 0), .look = j2k_look, .measure = j2k_measure};
