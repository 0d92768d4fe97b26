/* tiff.c: a TIFF ends behind the last byte that any of its directories points to. */
#include "carve/finders.h"

/** Directories, and places in one, beyond which it is none. */
enum { DIRECTORIES = 200, TAGS = 512, PLACES = 1 << 20 };

struct tiff {
    struct measure *m;
    bool little, big;
    /** Directories still to be read, and those begun. */
    uint64_t todo[DIRECTORIES];
    unsigned n_todo, begun;
    /** Behind the last byte pointed to. */
    uint64_t end;
    bool has_pixels, has_jpeg, broken;
};

static uint64_t number(const struct tiff *t, const uint8_t *p, unsigned size)
{
    uint64_t v = 0;
    for (unsigned i = 0; i < size; i++)
        v |= (uint64_t)p[i] << 8 * (t->little ? i : size - 1 - i);
    return v;
}

static void reach(struct tiff *t, uint64_t at, uint64_t length)
{
    if (at > INT64_MAX || length > INT64_MAX)
        t->broken = true;
    else if (at + length > t->end)
        t->end = at + length;
}

static void add_directory(struct tiff *t, uint64_t at)
{
    if (at && t->n_todo < DIRECTORIES)
        t->todo[t->n_todo++] = at;
}

static unsigned type_size(uint32_t type)
{
    static const uint8_t sizes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};
    return type < sizeof(sizes) ? sizes[type] : 0;
}

/** Values of a tag: where they lie, how many, of how many bytes each. */
struct values {
    uint64_t at, count;
    unsigned size;
};

static uint64_t value(struct tiff *t, const struct values *v, uint64_t i)
{
    const uint8_t *p = i < v->count ? measure_at(t->m, v->at + i * v->size, v->size, NULL) : NULL;
    t->broken |= !p && !t->m->tired && v->at + (i + 1) * v->size <= t->m->room;
    return p ? number(t, p, v->size) : 0;
}

/** Pieces of pixels: their places with their lengths. */
static void reach_pieces(struct tiff *t, const struct values *places, const struct values *lengths)
{
    if (!places->count || !lengths->count)
        return;
    t->has_pixels = true;
    t->broken |= places->count > PLACES || lengths->count != places->count;
    for (uint64_t i = 0; i < places->count && !t->broken && !t->m->tired; i++)
        reach(t, value(t, places, i), value(t, lengths, i));
}

/** Which of the tags with meaning a number is; 0: none. */
enum { PLACES_STRIPS = 1, LENGTHS_STRIPS, PLACES_TILES, LENGTHS_TILES, PLACE_JPEG, LENGTH_JPEG, PACKING, INNER, KNOWN };

static unsigned tag_known(uint32_t tag)
{
    switch (tag) {
    case 273:
        return PLACES_STRIPS;
    case 279:
        return LENGTHS_STRIPS;
    case 324:
        return PLACES_TILES;
    case 325:
        return LENGTHS_TILES;
    case 513:
        return PLACE_JPEG;
    case 514:
        return LENGTH_JPEG;
    case 259:
        return PACKING;
    case 330:
    case 34665:
    case 34853:
    case 40965:
        return INNER;
    default:
        return 0;
    }
}

static void read_tag(struct tiff *t, uint64_t at, const uint8_t *p, struct values known[KNOWN])
{
    unsigned word = t->big ? 8 : 4, size = type_size((uint32_t)number(t, p + 2, 2));
    struct values v = {.at = at + 4 + word, .count = number(t, p + 4, word), .size = size};
    uint64_t bytes;
    if (!size || __builtin_mul_overflow(v.count, (uint64_t)size, &bytes)) {
        t->broken |= !size;
        return;
    }
    if (bytes > word)
        v.at = number(t, p + 4 + word, word);
    reach(t, v.at, bytes);
    unsigned which = tag_known((uint32_t)number(t, p, 2));
    known[which] = v;
    for (uint64_t i = 0; which == INNER && i < v.count && i < 16; i++)
        add_directory(t, value(t, &v, i));
}

static void read_directory(struct tiff *t, uint64_t at)
{
    unsigned word = t->big ? 8 : 4, head = t->big ? 8 : 2, entry = t->big ? 20 : 12;
    struct values known[KNOWN] = {{0}};
    const uint8_t *p = measure_at(t->m, at, head, NULL);
    uint64_t n = p ? number(t, p, head) : 0;
    p = n && n <= TAGS ? measure_at(t->m, at, head + n * entry + word, NULL) : NULL;
    if (!p) {
        /* Behind the end of the stream it may be there; here it would be. */
        t->broken |= at + head <= t->m->room && (!n || n > TAGS);
        reach(t, at, head + n * entry + word);
        return;
    }
    uint8_t copy[8 + TAGS * 20 + 8];
    __builtin_memcpy(copy, p, head + n * entry + word);
    reach(t, at, head + n * entry + word);
    for (uint64_t i = 0, last = 0; i < n && !t->broken; i++) {
        const uint8_t *tag = copy + head + i * entry;
        t->broken |= number(t, tag, 2) < last;
        last = number(t, tag, 2);
        read_tag(t, at + head + i * entry, tag, known);
    }
    reach_pieces(t, &known[PLACES_STRIPS], &known[LENGTHS_STRIPS]);
    reach_pieces(t, &known[PLACES_TILES], &known[LENGTHS_TILES]);
    if (known[PLACE_JPEG].count == 1 && known[LENGTH_JPEG].count == 1)
        reach(t, value(t, &known[PLACE_JPEG], 0), value(t, &known[LENGTH_JPEG], 0));
    uint64_t packing = known[PACKING].count ? value(t, &known[PACKING], 0) : 0;
    t->has_jpeg |= packing == 6 || packing == 7;
    add_directory(t, number(t, copy + head + n * entry, word));
}

static bool tiff_look(const uint8_t *p, size_t n)
{
    struct tiff t = {.little = n && p[0] == 'I'};
    if (n < 16)
        return false;
    t.big = number(&t, p + 2, 2) == 43;
    if (t.big)
        return number(&t, p + 4, 4) == (t.little ? 8u : 8u << 16) && number(&t, p + 8, 8) < 1ull << 40;
    uint64_t at = number(&t, p + 4, 4), tags = at == 8 ? number(&t, p + 8, 2) : 1;
    return at >= 8 && at % 2 == 0 && tags && tags <= TAGS;
}

static void tiff_measure(struct measure *m)
{
    struct tiff t = {.m = m, .end = 8};
    const uint8_t *p = measure_at(m, 0, 16, NULL);
    t.little = p && p[0] == 'I';
    t.big = p && number(&t, p + 2, 2) == 43;
    add_directory(&t, !p ? 0 : t.big ? number(&t, p + 8, 8) : number(&t, p + 4, 4));
    while (t.n_todo && t.begun++ < DIRECTORIES && !t.broken && !m->tired)
        read_directory(&t, t.todo[--t.n_todo]);
    /* Nothing is known of the bytes pointed to: the scan goes on in them. */
    m->framed = t.has_jpeg;
    if (!t.broken && t.has_pixels && t.end <= m->room)
        measure_whole(m, t.end);
    else
        measure_broken(m, t.end, t.has_pixels && !t.broken, "");
}

#define TIFF_FINDER(magic_bytes)                                                                                       \
    {                                                                                                                  \
        .suffix = "tif", FINDER_MAGIC(magic_bytes, 0), .look = tiff_look, .measure = tiff_measure                      \
    }
const struct finder tiff_little_finder = TIFF_FINDER("II*\0"), tiff_big_finder = TIFF_FINDER("MM\0*"),
                    bigtiff_little_finder = TIFF_FINDER("II+\0"), bigtiff_big_finder = TIFF_FINDER("MM\0+");
