#include "document/uu.h"

#include <stdlib.h>
#include <string.h>

/** A line without its end. */
struct line {
    const uint8_t *p;
    size_t n;
};

/** Takes the next line off the text. */
static bool take_line(const uint8_t **p, const uint8_t *end, struct line *line)
{
    if (*p >= end)
        return false;
    const uint8_t *stop = memchr(*p, '\n', (size_t)(end - *p));
    line->p = *p;
    line->n = (size_t)((stop ? stop : end) - *p);
    *p = stop ? stop + 1 : end;
    if (line->n && line->p[line->n - 1] == '\r')
        line->n--;
    return true;
}

/** "begin 644 name": the name. */
static bool is_begin(const struct line *line, struct line *name)
{
    size_t i = 6;
    if (line->n < 11 || memcmp(line->p, "begin ", 6) != 0)
        return false;
    while (i < line->n && line->p[i] >= '0' && line->p[i] <= '7')
        i++;
    if (i < 9 || i > 10 || i + 1 >= line->n || line->p[i] != ' ')
        return false;
    *name = (struct line){line->p + i + 1, line->n - i - 1};
    return true;
}

static unsigned value(const struct line *line, size_t i)
{
    return i < line->n ? (line->p[i] - ' ') & 63u : 0;
}

/** The bytes of one line. Returns how many; 0 at the end, SIZE_MAX where it is no line of a file. */
static size_t decode_line(const struct line *line, uint8_t *to)
{
    size_t n = line->n ? value(line, 0) : 0;
    if (!n)
        return 0;
    /* Blanks at the end of a line may have been lost. */
    if (line->p[0] < ' ' || line->p[0] > '`' || line->n > 1 + (n + 2) / 3 * 4 + 4)
        return SIZE_MAX;
    for (size_t i = 0, at = 1; i < n; i += 3, at += 4) {
        uint32_t bits =
            value(line, at) << 18 | value(line, at + 1) << 12 | value(line, at + 2) << 6 | value(line, at + 3);
        for (size_t k = 0; k < 3 && i + k < n; k++)
            to[i + k] = (uint8_t)(bits >> (16 - 8 * k));
    }
    return n;
}

/** Decodes from p on; *n says how many bytes. Returns where the text goes on. */
static const uint8_t *decode(const uint8_t *p, const uint8_t *end, uint8_t *to, size_t *n, bool *whole)
{
    const uint8_t *at = p;
    struct line line;
    *n = 0;
    *whole = false;
    while (take_line(&at, end, &line)) {
        size_t got = decode_line(&line, to + *n);
        if (got == SIZE_MAX)
            return p;
        p = at;
        *n += got;
        *whole = !got;
        if (!got)
            return at;
    }
    return p;
}

void uu_deliver(struct delivery *out, const char *prefix, const uint8_t *p, size_t n)
{
    const uint8_t *end = p + n;
    struct line line, name;
    /* Each line holds at most 45 bytes in 61, or 63 in 85. */
    uint8_t *bytes = memmem(p, n, "begin ", 6) ? malloc(n + 64) : NULL;
    while (bytes && take_line(&p, end, &line)) {
        char text[DELIVER_NAME] = "";
        size_t size;
        bool whole;
        if (!is_begin(&line, &name))
            continue;
        const uint8_t *next = decode(p, end, bytes, &size, &whole);
        if (!size)
            continue;
        p = next;
        name_add(text, "%s%.*s", prefix, (int)(name.n < 256 ? name.n : 256), (const char *)name.p);
        struct parcel parcel = {.name = text,
                                .name_len = strlen(text),
                                .offset = UINT64_MAX,
                                .bytes = bytes,
                                .n = size,
                                .status = whole ? TRAWL_OK : TRAWL_DAMAGED,
                                .detail = whole ? NULL : "its end is missing"};
        deliver(out, &parcel);
    }
    free(bytes);
}
