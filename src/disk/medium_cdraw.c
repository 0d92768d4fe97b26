/*
 * medium_cdraw.c: a CD as its drive reads it: sectors of 2,352 bytes with synchronisation, header, data and checksums,
 * some with 96 bytes of subchannels behind them. The medium is what the sectors hold.
 */
#include <stdlib.h>
#include <string.h>

#include "disk/medium.h"

#define DATA 2048u
/** Sectors before the one that the disc's numbers begin with. */
#define PREGAP 150u

struct cdraw {
    /** Bytes from sector to sector; before the first that counts. */
    uint64_t step, skip;
};

static bool is_sector(const uint8_t header[16])
{
    static const uint8_t sync[12] = {0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0};
    return !memcmp(header, sync, sizeof(sync));
}

static uint64_t step_of(const struct segment *segment)
{
    uint8_t header[16];
    if (!segment_read(segment, header, sizeof(header), 0) || !is_sector(header))
        return 0;
    for (uint64_t step = 2352; step <= 2448; step += 96)
        if (segment_read(segment, header, sizeof(header), step) && is_sector(header))
            return step;
    return 0;
}

bool cdraw_is(const struct segment *segments, size_t n)
{
    return n == 1 && step_of(segments) != 0;
}

static unsigned of_bcd(uint8_t byte)
{
    return 10 * (byte >> 4) + (byte & 15);
}

/** Sectors before minute 0, second 2, where the disc begins: some images have them. */
static uint64_t sectors_before(const uint8_t header[16])
{
    unsigned sector = (of_bcd(header[12]) * 60 + of_bcd(header[13])) * 75 + of_bcd(header[14]);
    return sector < PREGAP ? PREGAP - sector : 0;
}

static bool cdraw_open(struct medium *medium)
{
    struct cdraw *cd = medium->state = calloc(1, sizeof(*cd));
    uint8_t header[16];
    if (!cd)
        return medium_fail(medium, TRAWL_LIMIT, "not enough memory to read the image");
    cd->step = step_of(&medium->segments[0]);
    if (!cd->step || !segment_read(&medium->segments[0], header, sizeof(header), 0))
        return medium_fail(medium, TRAWL_DAMAGED, "no sectors of a CD");
    uint64_t sectors = medium->segments[0].size / cd->step, before = sectors_before(header);
    if (before >= sectors)
        before = 0;
    cd->skip = before * cd->step;
    medium->size = (sectors - before) * DATA;
    return true;
}

/** What is no data (sound, video with fewer checksums) is given as it stands, as far as a sector of data goes. */
static void cdraw_locate(struct medium *medium, uint64_t offset, struct extent *extent)
{
    const struct cdraw *cd = medium->state;
    uint64_t number = offset / DATA, at = cd->skip + number * cd->step;
    uint8_t header[16];
    *extent = (struct extent){.kind = EXTENT_RAW, .start = number * DATA, .length = DATA, .at = at};
    if (segment_read(&medium->segments[0], header, sizeof(header), at) && is_sector(header))
        extent->at = at + (header[15] == 2 ? 24 : 16);
}

static void cdraw_close(struct medium *medium)
{
    free(medium->state);
}

const struct medium_format cdraw_medium = {"cd-raw", cdraw_open, cdraw_locate, cdraw_close};
