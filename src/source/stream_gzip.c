/*
 * stream_gzip.c: gzip by isa-l, and by zlib whatever isa-l does not like.
 *
 * Not by libarchive, which throws away up to 64 KiB of output before an error (all of a small truncated file, without a
 * word). isa-l takes 1.2 ns a byte, zlib 2.8 to 3.9; but what a damaged member gives up to the fault, and what is said
 * of it, is zlib's: it reads that member again from its beginning, and what was given before is not given twice.
 * Only code tables that isa-l takes and zlib would refuse are not seen: then the checksum tells, behind what isa-l
 * gave. Members that follow one another are one stream.
 */
#include "source/stream.h"
#include "source/bytes.h"

#include <isa-l/igzip_lib.h>
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>

#define GZIP_OUT (256u << 10)

enum gzip_state { GZIP_HEADER, GZIP_BODY, GZIP_TRAILER, GZIP_END };

struct gzip_stream {
    struct stream base;
    struct window *window;
    uint64_t at;
    enum gzip_state state;
    /** The first thing found wrong; said when all bytes were given. */
    enum trawl_status status;
    uint32_t crc, size;
    uint64_t members;
    /** Where this member's data begins, and how much of what is inside was given. */
    uint64_t body, given;
    /** What zlib must give before it gives something new; whether it reads this member. */
    uint64_t again;
    bool by_zlib;
    z_stream z;
    struct inflate_state fast;
    uint8_t out[GZIP_OUT];
};

enum { GZIP_HEADER_CRC = 2, GZIP_EXTRA = 4, GZIP_NAME = 8, GZIP_COMMENT = 16 };

static void gzip_fail(struct gzip_stream *gzip, const char *why)
{
    if (gzip->status != TRAWL_OK)
        return;
    gzip->status = TRAWL_DAMAGED;
    detail_format(gzip->base.why, "%s", why);
    if (gzip->window->error)
        gzip->status = window_failure(gzip->window, gzip->base.why);
}

/** Passes over a text that ends with NUL. */
static bool pass_text(struct window *window, uint64_t *at)
{
    for (;;) {
        size_t n;
        const uint8_t *p = window_at(window, *at, 1, &n), *nul = p ? memchr(p, 0, n) : NULL;
        if (!p)
            return false;
        *at += nul ? (size_t)(nul - p) + 1 : n;
        if (nul)
            return true;
    }
}

/** True if a member begins at *at; moves to its name (`to_name`) or behind its header. */
static bool pass_header(struct window *window, uint64_t *at, bool to_name, uint32_t *flags)
{
    size_t n;
    const uint8_t *p = window_at(window, *at, 12, &n);
    if (!p || n < 10 || p[0] != 0x1f || p[1] != 0x8b || p[2] != 8 || p[3] & 0xe0)
        return false;
    *flags = p[3];
    *at += 10;
    if (*flags & GZIP_EXTRA) {
        if (n < 12)
            return false;
        *at += 2 + le16(p + 10);
    }
    if (to_name)
        return true;
    if (*flags & GZIP_NAME && !pass_text(window, at))
        return false;
    if (*flags & GZIP_COMMENT && !pass_text(window, at))
        return false;
    if (*flags & GZIP_HEADER_CRC)
        *at += 2;
    return true;
}

size_t gzip_header_name(struct window *window, uint8_t *name, size_t cap)
{
    uint64_t at = 0;
    uint32_t flags;
    size_t n = 0;
    if (!pass_header(window, &at, true, &flags) || !(flags & GZIP_NAME))
        return 0;
    const uint8_t *p = window_at(window, at, cap, &n), *nul = p ? memchr(p, 0, n) : NULL;
    if (!nul || (size_t)(nul - p) > cap)
        return 0;
    memcpy(name, p, (size_t)(nul - p));
    return (size_t)(nul - p);
}

static void gzip_begin(struct gzip_stream *gzip)
{
    uint64_t at = gzip->at;
    uint32_t flags;
    if (!pass_header(gzip->window, &at, false, &flags)) {
        gzip->state = GZIP_END;
        if (!gzip->members)
            gzip_fail(gzip, "broken gzip header");
        return; /* behind a member: padding, or something else */
    }
    gzip->at = gzip->body = at;
    gzip->members++;
    gzip->crc = gzip->size = 0;
    gzip->given = gzip->again = 0;
    gzip->by_zlib = false;
    gzip->state = GZIP_BODY;
    isal_inflate_reset(&gzip->fast);
}

/** isa-l does not go on: zlib reads the member from its beginning. */
static void gzip_again(struct gzip_stream *gzip)
{
    gzip->at = gzip->body;
    gzip->crc = gzip->size = 0;
    gzip->again = gzip->given;
    gzip->by_zlib = true;
    inflateReset(&gzip->z);
    gzip->z.avail_in = 0;
}

/** The next bytes in gzip->out, by isa-l. */
static size_t inflate_fast(struct gzip_stream *gzip)
{
    size_t n;
    struct inflate_state *fast = &gzip->fast;
    const uint8_t *p = window_at(gzip->window, gzip->at, 1, &n);
    fast->next_in = (uint8_t *)(uintptr_t)p;
    fast->avail_in = (uint32_t)n;
    fast->next_out = gzip->out;
    fast->avail_out = GZIP_OUT;
    int r = isal_inflate(fast);
    size_t got = GZIP_OUT - fast->avail_out;
    bool ended = fast->block_state == ISAL_BLOCK_FINISH;
    gzip->at += n - fast->avail_in;
    if (r < 0 || r == ISAL_NEED_DICT || (!ended && !n && !got)) {
        gzip_again(gzip);
        return 0;
    }
    if (ended) {
        /* Whole bytes that it took from behind the end. */
        gzip->at -= (uint64_t)fast->read_in_length / 8;
        gzip->state = GZIP_TRAILER;
    }
    return got;
}

/** The same, by zlib. */
static size_t inflate_exact(struct gzip_stream *gzip)
{
    size_t n;
    z_stream *z = &gzip->z;
    /* Without input, inflate still gives what it held back for want of room. */
    z->next_in = window_at(gzip->window, gzip->at, 1, &n);
    z->avail_in = (unsigned)n;
    z->next_out = gzip->out;
    z->avail_out = GZIP_OUT;
    int r = inflate(z, Z_NO_FLUSH);
    gzip->at += n - z->avail_in;
    if (r == Z_STREAM_END) {
        gzip->state = GZIP_TRAILER;
    } else if (r != Z_OK) {
        gzip_fail(gzip, r == Z_MEM_ERROR ? "not enough memory"
                        : n              ? "the gzip data is broken"
                                         : "the gzip data ends too early");
        gzip->state = GZIP_END;
    }
    return GZIP_OUT - z->avail_out;
}

/** Returns how many bytes are new, at *data. */
static size_t gzip_inflate(struct gzip_stream *gzip, const uint8_t **data)
{
    size_t got = gzip->by_zlib ? inflate_exact(gzip) : inflate_fast(gzip);
    gzip->crc = libdeflate_crc32(gzip->crc, gzip->out, got);
    gzip->size += (uint32_t)got;
    size_t old = got < gzip->again ? got : (size_t)gzip->again;
    gzip->again -= old;
    gzip->given += got - old;
    *data = gzip->out + old;
    return got - old;
}

static void gzip_check(struct gzip_stream *gzip)
{
    size_t n;
    const uint8_t *p = window_at(gzip->window, gzip->at, 8, &n);
    gzip->state = GZIP_HEADER;
    if (!p || n < 8) {
        gzip_fail(gzip, "the gzip trailer is cut off");
        gzip->state = GZIP_END;
        return;
    }
    if (le32(p) != gzip->crc)
        gzip_fail(gzip, "CRC mismatch");
    else if (le32(p + 4) != gzip->size)
        gzip_fail(gzip, "the size in the gzip trailer is wrong");
    gzip->at += 8;
}

static enum trawl_status gzip_next(struct stream *stream, const uint8_t **data, size_t *n)
{
    struct gzip_stream *gzip = (struct gzip_stream *)stream;
    *data = gzip->out;
    *n = 0;
    while (gzip->state != GZIP_END && !*n) {
        if (gzip->state == GZIP_HEADER)
            gzip_begin(gzip);
        else if (gzip->state == GZIP_BODY)
            *n = gzip_inflate(gzip, data);
        else
            gzip_check(gzip);
    }
    return *n ? TRAWL_OK : gzip->status;
}

static uint64_t gzip_used(struct stream *stream)
{
    return ((struct gzip_stream *)stream)->at;
}

static void gzip_close(struct stream *stream)
{
    inflateEnd(&((struct gzip_stream *)stream)->z);
    free(stream);
}

struct stream *stream_gzip(struct window *window)
{
    struct gzip_stream *gzip = calloc(1, sizeof(*gzip));
    if (!gzip)
        return NULL;
    gzip->base = (struct stream){.next = gzip_next, .used = gzip_used, .close = gzip_close};
    gzip->window = window;
    isal_inflate_init(&gzip->fast);
    if (inflateInit2(&gzip->z, -MAX_WBITS) != Z_OK) {
        free(gzip);
        return NULL;
    }
    return &gzip->base;
}
