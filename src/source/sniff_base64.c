/*
 * sniff_base64.c: whether a text may hold files in base64. Every text goes through it, in the worker, so that no child
 * is forked for one that holds none: 64 bytes at a time, looking for two letters of each mark that stand together.
 */
#include <string.h>

#include "trawl/type.h"

typedef uint8_t vector __attribute__((vector_size(16)));

/** What begins a file in base64, and where in it its two letters stand. */
static const struct mark {
    const char *word;
    uint8_t n, pair;
} marks[] = {{";base64,", 8, 5}, {"/9j/", 4, 1}, {"\\/9j\\/", 6, 2}, {"iVBORw0KGgo", 11, 1}};

enum { MARKS = sizeof(marks) / sizeof(*marks), STRIDE = 64 };

static vector pairs(const uint8_t *p)
{
    vector a, b;
    memcpy(&a, p, sizeof(a));
    memcpy(&b, p + 1, sizeof(b));
    return (vector)(((a == '6') & (b == '4')) | ((a == '9') & (b == 'j')) | ((a == 'V') & (b == 'B')));
}

/** True if one of the marks has its letters at text + i. */
static bool is_marked(const uint8_t *text, size_t n, size_t i)
{
    for (const struct mark *m = marks; m < marks + MARKS; m++)
        if (i >= m->pair && n - (i - m->pair) >= m->n && !memcmp(text + i - m->pair, m->word, m->n))
            return true;
    return false;
}

static bool any_marked(const uint8_t *text, size_t n, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if ((text[i] == '6' || text[i] == '9' || text[i] == 'V') && is_marked(text, n, i))
            return true;
    return false;
}

bool sniff_base64(const uint8_t *text, size_t n)
{
    size_t i = 0;
    for (; n - i > STRIDE; i += STRIDE) {
        const uint8_t *p = text + i;
        vector hit = (pairs(p) | pairs(p + 16)) | (pairs(p + 32) | pairs(p + 48));
        uint64_t halves[2];
        memcpy(halves, &hit, sizeof(halves));
        if ((halves[0] | halves[1]) && any_marked(text, n, i, i + STRIDE))
            return true;
    }
    return any_marked(text, n, i, n);
}
