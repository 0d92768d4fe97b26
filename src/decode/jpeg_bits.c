#include "decode/jpeg_bits.h"

/** Takes bytes until `room` are taken or a marker is met. Returns how many it wrote. */
static size_t unstuff(struct jpeg_segment *segment, uint8_t *out, size_t room)
{
    size_t n = 0;
    while (n < room) {
        size_t left = (size_t)(segment->end - segment->from), most = left < room - n ? left : room - n;
        const uint8_t *ff = most ? memchr(segment->from, 0xFF, most) : NULL;
        size_t run = ff ? (size_t)(ff - segment->from) : most;
        memcpy(out + n, segment->from, run);
        n += run;
        segment->from += run;
        if (!ff && run < left)
            break;
        if (!ff || left - run < 2 || ff[1] != 0) {
            segment->whole = true;
            break;
        }
        out[n++] = 0xFF;
        segment->from += 2;
    }
    return n;
}

/** Fills up behind `n` bytes that are in `plain` from `BITS_BEHIND` on. */
static void take(struct jpeg_segment *segment, struct jpeg_bits *bits, size_t n)
{
    uint8_t *start = segment->plain + BITS_BEHIND;
    n += unstuff(segment, start + n, BITS_PIECE + BITS_SLACK - n);
    segment->last = start + n;
    bits->next = start;
    if (segment->whole) {
        /* The word is filled up to 8 bytes ahead of what is read. */
        memset(start + n, 0, BITS_SLACK);
        bits->safe = segment->last + 8;
    } else {
        bits->safe = segment->last - BITS_SLACK;
    }
}

void bits_begin(struct jpeg_segment *segment, struct jpeg_bits *bits)
{
    segment->whole = false;
    memset(segment->plain, 0, BITS_BEHIND);
    bits->word = 0;
    bits->count = 0;
    take(segment, bits, 0);
}

bool bits_more(struct jpeg_segment *segment, struct jpeg_bits *bits)
{
    if (segment->whole)
        return bits->next <= bits->safe;
    size_t n = (size_t)(segment->last - bits->next);
    memmove(segment->plain, bits->next - BITS_BEHIND, BITS_BEHIND + n);
    take(segment, bits, n);
    return true;
}

bool bits_end(struct jpeg_segment *segment, struct jpeg_bits *bits)
{
    if (!segment->whole && !bits_more(segment, bits))
        return false;
    ptrdiff_t left = (segment->last - bits->next) * 8 + (ptrdiff_t)bits->count;
    return segment->whole && left >= 0 && left < 8 && segment->end - segment->from >= 2;
}
