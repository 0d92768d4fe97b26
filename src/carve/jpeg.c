/* jpeg.c: where a JPEG ends: its markers one by one, and the coded data between them, byte by byte. */
#include <string.h>

#include "carve/finders.h"

enum { SOI = 0xd8, EOI = 0xd9, SOS = 0xda, DQT = 0xdb, DHT = 0xc4, DRI = 0xdd, JPG = 0xc8, DAC = 0xcc, COM = 0xfe };

/** Coded data of a picture has an 0xff in every 256 bytes or so; that much without one is other data (or a flat picture
 * of 250 megapixels). */
#define LONGEST_WITHOUT_FF (1u << 20)
/** Coded bytes that make a fragment worth having. */
#define LEAST_CODED 32

struct jpeg {
    /** The next marker. */
    uint64_t at;
    uint64_t coded;
    bool has_frame, has_scan;
    uint16_t interval;
};

static bool is_frame(uint8_t marker)
{
    return marker >= 0xc0 && marker <= 0xcf && marker != DHT && marker != JPG && marker != DAC;
}

/** Quantisation tables: whole ones, and as many as fit. */
static bool tables_fit(const uint8_t *p, size_t n)
{
    while (n && p[0] >> 4 <= 1 && (p[0] & 15) <= 3) {
        size_t length = p[0] >> 4 ? 129 : 65;
        if (n < length)
            return false;
        p += length;
        n -= length;
    }
    return n == 0;
}

/** Huffman tables, likewise. */
static bool codes_fit(const uint8_t *p, size_t n)
{
    while (n >= 17 && p[0] >> 4 <= 1 && (p[0] & 15) <= 3) {
        size_t length = 17;
        for (size_t i = 1; i <= 16; i++)
            length += p[i];
        if (length > 17 + 256 || n < length)
            return false;
        p += length;
        n -= length;
    }
    return n == 0;
}

static bool frame_fits(const uint8_t *p, size_t n)
{
    return n >= 9 && n == 6 + 3u * p[5] && p[5] <= 4 && (p[0] == 8 || p[0] == 12 || p[0] == 16) && be16(p + 3);
}

/** One to four components with their tables, then the band. */
static bool scan_fits(const uint8_t *p, size_t n)
{
    if (n < 6 || p[0] < 1 || p[0] > 4 || n != 4 + 2u * p[0])
        return false;
    for (size_t i = 0; i < p[0]; i++)
        if (p[2 + 2 * i] & 0xcc)
            return false;
    return p[n - 3] <= 63 && p[n - 2] <= 63;
}

/** What a segment holds, n bytes behind its length. */
static bool segment_fits(uint8_t marker, const uint8_t *p, size_t n)
{
    if (marker == DQT)
        return tables_fit(p, n);
    if (marker == DHT)
        return codes_fit(p, n);
    if (marker == DRI)
        return n == 2;
    if (is_frame(marker))
        return frame_fits(p, n);
    return marker != SOS || scan_fits(p, n);
}

/** The name that an application's segment begins with: three letters or digits at least, as all known ones do. */
static bool has_name(const uint8_t *p)
{
    return is_word(p[0]) && is_word(p[1]) && is_word(p[2]);
}

static bool jpeg_look(const uint8_t *p, size_t n)
{
    if (n < 20)
        return false;
    uint8_t marker = p[3];
    size_t length = be16(p + 4), here = n - 6 < length - 2 ? n - 6 : length - 2;
    if (length < 4)
        return false;
    if (marker >= 0xe0 && marker <= 0xef)
        return length >= 6 && has_name(p + 6);
    if (marker == DQT)
        return p[6] >> 4 <= 1 && (p[6] & 15) <= 3 && (length - 2) % 65 <= (length - 2) / 65;
    if (marker == DHT)
        return p[6] >> 4 <= 1 && (p[6] & 15) <= 3 && length >= 19;
    if (marker == COM)
        return true;
    return (marker == DRI || is_frame(marker)) && here == length - 2 && segment_fits(marker, p + 6, here);
}

static void jpeg_broken(struct measure *m, const struct jpeg *jpeg, uint64_t at, const char *why)
{
    measure_broken(m, at, jpeg->has_frame && jpeg->has_scan && jpeg->coded >= LEAST_CODED, why);
}

/** Passes over coded data to the next marker. False where it breaks off. */
static bool pass_coded(struct measure *m, struct jpeg *jpeg)
{
    uint64_t start = jpeg->at, last = jpeg->at;
    uint8_t restart = 0xd0;
    for (;;) {
        size_t n;
        const uint8_t *p = measure_at(m, jpeg->at, 2, &n);
        const uint8_t *mark = p ? memchr(p, 0xff, n - 1) : NULL;
        uint64_t passed = mark ? (uint64_t)(mark - p) : n - 1;
        if (!p || !measure_walk(m, passed) || jpeg->at + passed - last > LONGEST_WITHOUT_FF) {
            jpeg->coded += last - start;
            jpeg_broken(m, jpeg, p ? last : UINT64_MAX, "what follows is no coded data");
            return false;
        }
        jpeg->at += passed;
        if (!mark)
            continue;
        last = jpeg->at;
        if (mark[1] == 0xff) {
            jpeg->at++;
        } else if (!mark[1] || (mark[1] == restart && jpeg->interval)) {
            restart = mark[1] ? (uint8_t)(0xd0 | ((restart + 1) & 7)) : restart;
            jpeg->at += 2;
        } else {
            jpeg->coded += jpeg->at - start;
            return true;
        }
    }
}

/** A second frame, or an application's words behind coded data: these are of another picture. */
static bool is_of_another(const struct jpeg *jpeg, uint8_t marker)
{
    return (jpeg->has_frame && is_frame(marker)) || (jpeg->has_scan && marker >= 0xe0 && marker <= 0xef);
}

/** Takes the segment of a marker. False where it is none. */
static bool take_segment(struct measure *m, struct jpeg *jpeg, uint8_t marker)
{
    const uint8_t *p = measure_at(m, jpeg->at, 4, NULL);
    size_t length = p ? be16(p + 2) : 0;
    bool deep = marker == SOS || marker == DQT || marker == DRI || (marker >= 0xc0 && marker <= 0xcf);
    if (p && length >= 2 && deep)
        p = measure_at(m, jpeg->at, 2 + length, NULL);
    if (!p || length < 2 || jpeg->at + 2 + length > m->room || (deep && !segment_fits(marker, p + 4, length - 2))) {
        jpeg_broken(m, jpeg, jpeg->at, "what follows is no part of a JPEG");
        return false;
    }
    if (marker == DRI)
        jpeg->interval = be16(p + 4);
    jpeg->has_frame |= is_frame(marker);
    jpeg->has_scan |= marker == SOS;
    jpeg->at += 2 + length;
    return marker != SOS || pass_coded(m, jpeg);
}

/** Takes the next marker, and what belongs to it. False at the end. */
static bool take_marker(struct measure *m, struct jpeg *jpeg)
{
    const uint8_t *p;
    while ((p = measure_at(m, jpeg->at, 2, NULL)) && p[0] == 0xff && p[1] == 0xff)
        jpeg->at++;
    if (!p) {
        jpeg_broken(m, jpeg, UINT64_MAX, "");
        return false;
    }
    uint8_t marker = p[0] == 0xff ? p[1] : 0;
    if (marker == EOI && jpeg->has_frame && jpeg->has_scan) {
        measure_whole(m, jpeg->at + 2);
        m->solid = true;
        return false;
    }
    bool other = marker == SOI || is_of_another(jpeg, marker);
    if (other || marker < 0xc0 || (marker >= 0xd0 && marker <= EOI)) {
        jpeg_broken(m, jpeg, jpeg->at, other ? "another picture begins in it" : "what follows is no marker");
        return false;
    }
    return take_segment(m, jpeg, marker);
}

static void jpeg_measure(struct measure *m)
{
    struct jpeg jpeg = {.at = 2};
    while (take_marker(m, &jpeg))
        ;
}

const struct finder jpeg_finder = {
    .suffix = "jpg", FINDER_MAGIC("\xff\xd8\xff", 0), .look = jpeg_look, .measure = jpeg_measure};
