/* zip.c: where a zip ends: entry by entry, then the directory, then its end record. */
#include <string.h>

#include "carve/finders.h"

#define ENTRY      0x04034b50u
#define CENTRAL    0x02014b50u
#define DESCRIPTOR 0x08074b50u
#define END        0x06054b50u
#define END64      0x06064b50u
#define LOCATOR64  0x07064b50u

struct zip_walk {
    struct measure *m;
    uint64_t at;
    /** Where the directory begins. */
    uint64_t directory;
    uint64_t entries, listed;
    /** An entry of unknown length has no end, but another one begins here; 0: none does. */
    uint64_t other;
    bool ended;
};

static bool zip_look(const uint8_t *p, size_t n)
{
    static const uint8_t methods[] = {0, 1, 6, 8, 9, 12, 14, 20, 93, 95, 98, 99};
    if (n < 34)
        return false;
    size_t name = le16(p + 26), seen = name < n - 30 ? name : n - 30;
    if (p[4] > 63 || p[9] || !memchr(methods, p[8], sizeof(methods)) || !name || name > 1024)
        return false;
    for (size_t i = 0; i < seen; i++)
        if (p[30 + i] < ' ')
            return false;
    return true;
}

/** The packed size out of an entry's zip64 field; `size` where there is none. */
static uint64_t size64(struct zip_walk *w, uint64_t extra, uint64_t n, uint64_t size)
{
    for (uint64_t at = extra; at + 4 <= extra + n;) {
        const uint8_t *p = measure_at(w->m, at, 4, NULL);
        if (!p)
            return size;
        uint16_t id = le16(p), length = le16(p + 2);
        if (id == 1)
            return length >= 16 && (p = measure_at(w->m, at + 4, 16, NULL)) ? le64(p + 8) : size;
        at += 4 + (uint64_t)length;
    }
    return size;
}

/** Behind the descriptor at `at`, if it is that of an entry whose data begins at `data`; else 0. */
static uint64_t behind_descriptor(struct zip_walk *w, uint64_t data, uint64_t at)
{
    const uint8_t *p = measure_at(w->m, at, 16, NULL);
    if (p && le32(p) == DESCRIPTOR && le32(p + 8) == (uint32_t)(at - data)) {
        /* Sizes of eight bytes, unless a record stands where those of four end. */
        const uint8_t *wide = measure_at(w->m, at, 24, NULL);
        bool narrow = !wide || memcmp(wide + 16, "PK", 2) == 0;
        return at + (!narrow && le64(wide + 8) == at - data ? 24 : 16);
    }
    /* Without a signature: it stands before the next record. */
    p = p && at - data >= 12 && (le32(p) == ENTRY || le32(p) == CENTRAL) ? measure_at(w->m, at - 12, 12, NULL) : NULL;
    return p && le32(p + 4) == (uint32_t)(at - 12 - data) ? at : 0;
}

/** Looks for the end of data whose length stands behind it. Returns the place of the next record; 0: none. */
static uint64_t find_descriptor(struct zip_walk *w, uint64_t data)
{
    for (uint64_t at = data;;) {
        size_t n;
        const uint8_t *p = measure_at(w->m, at, 4, &n);
        const uint8_t *mark = p ? memmem(p, n - 2, "PK", 2) : NULL;
        uint64_t passed = mark ? (uint64_t)(mark - p) : n - 3;
        if (!p || !measure_walk(w->m, passed))
            return 0;
        at += passed;
        uint64_t behind = mark ? behind_descriptor(w, data, at) : 0;
        if (behind)
            return behind;
        p = mark && !w->other ? measure_at(w->m, at, 34, &n) : NULL;
        if (p && le32(p) == ENTRY && zip_look(p, n))
            w->other = at;
        at += mark != NULL;
    }
}

static bool pass_entry(struct zip_walk *w)
{
    const uint8_t *p = measure_at(w->m, w->at, 30, NULL);
    if (!p || w->listed)
        return false;
    uint64_t name = le16(p + 26), extra = le16(p + 28), size = le32(p + 18), data = w->at + 30 + name + extra;
    bool open_ended = le16(p + 6) & 8;
    if (size == UINT32_MAX)
        size = size64(w, w->at + 30 + name, extra, size);
    uint64_t behind = data + size;
    if (size > INT64_MAX || data > w->m->room)
        return false;
    if (open_ended && !size) {
        behind = find_descriptor(w, data);
        if (!behind) {
            w->at = w->other ? w->other : w->m->room + 1;
            return false;
        }
        w->other = 0;
    } else if (open_ended) {
        uint64_t past = behind_descriptor(w, data, behind);
        behind = past ? past : behind;
    }
    w->entries++;
    w->at = behind;
    return true;
}

static bool pass_record(struct zip_walk *w)
{
    const uint8_t *p = measure_at(w->m, w->at, 4, NULL);
    uint32_t sign = p ? le32(p) : 0;
    size_t need = sign == CENTRAL ? 46 : sign == END ? 22 : sign == END64 ? 56 : sign == LOCATOR64 ? 20 : 0;
    if (sign == ENTRY)
        return pass_entry(w);
    if (!need || !(p = measure_at(w->m, w->at, need, NULL)))
        return false;
    if (!w->listed && sign == CENTRAL)
        w->directory = w->at;
    w->listed += sign == CENTRAL;
    if (sign == END) {
        uint32_t n = le16(p + 10), size = le32(p + 12);
        w->ended = (n == (uint16_t)w->listed || n == UINT16_MAX) &&
                   (size == (uint32_t)(w->at - w->directory) || size == UINT32_MAX || w->at - w->directory > size);
        w->at += 22 + (uint64_t)le16(p + 20);
        return false;
    }
    if (sign == END64 && le64(p + 4) > 65536)
        return false;
    w->at += sign == CENTRAL     ? 46 + (uint64_t)le16(p + 28) + le16(p + 30) + le16(p + 32)
             : sign == LOCATOR64 ? 20
                                 : 12 + le64(p + 4);
    return true;
}

static void zip_measure(struct measure *m)
{
    struct zip_walk w = {.m = m};
    while (w.at < m->room && pass_record(&w))
        m->parts = w.at;
    if (w.ended && w.at <= m->room) {
        measure_whole(m, w.at);
        m->solid = w.listed == w.entries;
        return;
    }
    measure_broken(m, w.at, w.entries || w.at > m->room, "its directory is not there");
}

const struct finder zip_finder = {.suffix = "zip", FINDER_MAGIC("PK\3\4", 0), .look = zip_look, .measure = zip_measure};
