/* finders.c: what the carver looks for, and how a finder tells what it found. */
#include <string.h>

#include "carve/finders.h"
#include "simd/kernels.h"
#include "simd/magics.h"

const struct finder *const finder_table[] = {
    &jpeg_finder,        &png_finder, &gif_finder, &riff_finder,        &bmp_finder,      &film_finder,
    &jp2_finder,         &jxl_finder, &j2k_finder, &tiff_little_finder, &tiff_big_finder, &bigtiff_little_finder,
    &bigtiff_big_finder, &mkv_finder, &asf_finder, &flv_finder,         &zip_finder,      &sevenzip_finder,
    &pdf_finder,         NULL,
};

const struct finder *finder_at(const uint8_t *hit, size_t n)
{
    for (size_t i = 0; finder_table[i]; i++)
        if (n >= finder_table[i]->magic_len && *hit == (uint8_t)*finder_table[i]->magic &&
            memcmp(hit, finder_table[i]->magic, finder_table[i]->magic_len) == 0)
            return finder_table[i];
    return NULL;
}

bool carve_probe(const uint8_t *bytes, size_t n)
{
    const struct kernels *k = kernels();
    uint32_t hits[64];
    for (size_t from = 0; n - from >= MAGIC_BYTES;) {
        size_t found = k->magic_scan(bytes + from, n - from, hits, sizeof(hits) / sizeof(hits[0]));
        for (size_t i = 0; i < found; i++) {
            size_t at = from + hits[i];
            const struct finder *finder = finder_at(bytes + at, n - at);
            if (finder && at >= finder->back && finder->look(bytes + at - finder->back, n - at + finder->back))
                return true;
        }
        if (found < sizeof(hits) / sizeof(hits[0]))
            break;
        from += hits[found - 1] + 1;
    }
    return false;
}

/** What a call costs, whatever it reads: a jump to a place that is in memory already. */
#define CALL_COST 32

const uint8_t *measure_at(struct measure *m, uint64_t offset, size_t need, size_t *n)
{
    size_t got;
    uint64_t before = m->stream->read;
    if (offset >= m->room || !measure_walk(m, CALL_COST))
        return NULL;
    const uint8_t *p = stream_at(m->stream, m->start + offset, need, n ? n : &got);
    m->work += m->stream->read - before;
    return p && *(n ? n : &got) >= need ? p : NULL;
}

bool measure_walk(struct measure *m, uint64_t n)
{
    m->work += n;
    m->tired |= m->work > m->allowance;
    return !m->tired;
}

void measure_whole(struct measure *m, uint64_t length)
{
    m->verdict = CARVE_WHOLE;
    m->length = length;
}

void measure_broken(struct measure *m, uint64_t length, bool enough, const char *why)
{
    m->verdict = enough ? CARVE_PARTIAL : CARVE_FALSE;
    m->length = length < m->room ? length : m->room;
    m->why = length > m->room ? "the end of it is not there" : why;
}
