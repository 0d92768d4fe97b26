/* riff.c: WebP and AVI: chunks that fill the length that the file declares. */
#include <string.h>

#include "carve/finders.h"

static bool is_webp(const uint8_t *p)
{
    if (memcmp(p + 8, "WEBPVP8", 7) != 0)
        return false;
    if (p[15] == 'X')
        return le32(p + 16) == 10;
    return p[15] == 'L' ? p[20] == 0x2f : p[15] == ' ' && memcmp(p + 23, "\x9d\x01\x2a", 3) == 0;
}

static bool is_avi(const uint8_t *p)
{
    return memcmp(p + 8, "AVI LIST", 8) == 0 && memcmp(p + 20, "hdrl", 4) == 0;
}

static bool riff_look(const uint8_t *p, size_t n)
{
    return n >= 32 && le32(p + 4) >= 12 && (is_webp(p) || is_avi(p));
}

static bool is_name(const uint8_t *p)
{
    for (size_t i = 0; i < 4; i++)
        if (!is_word(p[i]) && p[i] != ' ' && p[i] != '_')
            return false;
    return true;
}

/** Lists of films' frames, of which each chunk is followed: what was written over one breaks the chain. */
static bool is_open_list(const uint8_t *p)
{
    return memcmp(p, "LIST", 4) == 0 && (memcmp(p + 8, "movi", 4) == 0 || memcmp(p + 8, "rec ", 4) == 0);
}

/** Follows the chunks from *at to `end`. False, with the place in *at, where they do not lead there. */
static bool pass_chunks(struct measure *m, uint64_t *at, uint64_t end, bool *missing)
{
    while (*at < end) {
        const uint8_t *p = measure_at(m, *at, 8, NULL);
        *missing = !p;
        if (!p || !is_name(p))
            return false;
        uint64_t length = le32(p + 4);
        const uint8_t *list = length >= 4 ? measure_at(m, *at, 12, NULL) : NULL;
        uint64_t behind = *at + (list && is_open_list(list) ? 12 : 8 + length + (length & 1));
        /* The last byte of padding is left out by some. */
        if (behind > end + (length & 1) || behind > m->room + (length & 1)) {
            *missing = behind <= end + (length & 1);
            return false;
        }
        *at = behind;
    }
    *at = end;
    return true;
}

/** The codec stands in the first list. */
static bool frames_are_jpegs(struct measure *m)
{
    const uint8_t *p = measure_at(m, 0, 256, NULL);
    return p && (memmem(p, 256, "MJPG", 4) || memmem(p, 256, "mjpg", 4));
}

static void riff_measure(struct measure *m)
{
    uint64_t at = 12, start = 0;
    bool missing = false;
    const uint8_t *p = measure_at(m, 0, 12, NULL);
    bool film = p && p[8] == 'A';
    m->suffix = film ? "avi" : NULL;
    while (p) {
        uint64_t end = start + 8 + le32(p + 4);
        if (!pass_chunks(m, &at, end, &missing) || end > m->room) {
            measure_broken(m, missing || end > m->room ? UINT64_MAX : at, at > 12, "what follows is no chunk");
            return;
        }
        /* A film of more than 1 GiB goes on in further ones. */
        start = end;
        at = end + 12;
        p = film ? measure_at(m, start, 12, NULL) : NULL;
        if (!p || memcmp(p, "RIFF", 4) != 0 || memcmp(p + 8, "AVIX", 4) != 0)
            break;
    }
    measure_whole(m, start);
    m->framed = film && frames_are_jpegs(m);
}

const struct finder riff_finder = {
    .suffix = "webp", FINDER_MAGIC("RIFF", 0), .look = riff_look, .measure = riff_measure};
