/* html_preview.c: --thumbnails: a picture's reduced luma as a PNG in the page itself. Stored, not deflated: its bytes
 * then do not hang on the version of a library. */
#include <string.h>
#include <zlib.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "hash/openssl.h"
#include "report/html.h"
#include "report/text.h"

/** Rows, each behind the number of its filter. */
#define RAW_BYTES (THUMBNAIL_SIDE * (THUMBNAIL_SIDE + 1))

bool html_has_previews(const struct report *report)
{
    return report->info->thumbnails && report->totals.thumbnails;
}

bool html_has_preview(const struct finding *finding)
{
    return finding->head.thumbnail && finding->rank <= HTML_PREVIEWS;
}

static void put_big(struct buf *out, uint32_t v)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        buf_byte(out, (uint8_t)(v >> shift));
}

/** Length, name, bytes, and the check of the last two. */
static void put_chunk(struct buf *out, const char name[4], const struct buf *bytes)
{
    put_big(out, (uint32_t)bytes->len);
    size_t at = out->len;
    buf_put(out, name, 4);
    buf_put(out, bytes->data, bytes->len);
    put_big(out, (uint32_t)crc32(0, out->data + at, (uInt)(out->len - at)));
}

/** A zlib stream of one stored block. */
static void put_stored(struct buf *out, const uint8_t *thumbnail)
{
    static const uint8_t head[] = {
        0x78, 0x01, 0x01, RAW_BYTES & 0xff, RAW_BYTES >> 8, ~RAW_BYTES & 0xff, (~RAW_BYTES >> 8) & 0xff};
    buf_put(out, head, sizeof(head));
    size_t at = out->len;
    for (int y = 0; y < THUMBNAIL_SIDE; y++) {
        buf_byte(out, 0);
        buf_put(out, thumbnail + (size_t)y * THUMBNAIL_SIDE, THUMBNAIL_SIDE);
    }
    put_big(out, (uint32_t)adler32(1, out->data + at, RAW_BYTES));
}

static void put_png(const uint8_t *thumbnail, struct buf *out)
{
    static const uint8_t signature[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    /** 8 bits, grey. */
    static const uint8_t form[] = {8, 0, 0, 0, 0};
    struct buf header = {0}, pixels = {0}, none = {0};
    put_big(&header, THUMBNAIL_SIDE);
    put_big(&header, THUMBNAIL_SIDE);
    buf_put(&header, form, sizeof(form));
    put_stored(&pixels, thumbnail);
    buf_put(out, signature, sizeof(signature));
    put_chunk(out, "IHDR", &header);
    put_chunk(out, "IDAT", &pixels);
    put_chunk(out, "IEND", &none);
    buf_free(&header);
    buf_free(&pixels);
}

void html_preview_data(const uint8_t *thumbnail, struct buf *out)
{
    struct buf png = {0};
    put_png(thumbnail, &png);
    size_t n = (png.len + 2) / 3 * 4;
    /* One more: the encoder ends with a NUL. */
    EVP_EncodeBlock(buf_reserve(out, n + 1), png.data, (int)png.len);
    out->len += n;
    buf_free(&png);
}

void html_preview(const struct finding *finding, struct buf *out)
{
    if (!html_has_preview(finding))
        return;
    buf_printf(out, "<img class=\"preview\" alt=\"\" width=\"%d\" height=\"%d\" src=\"data:image/png;base64,",
               3 * THUMBNAIL_SIDE, 3 * THUMBNAIL_SIDE);
    html_preview_data(finding->head.thumbnail, out);
    buf_puts(out, "\">");
}

void html_preview_notice(const struct report *report, struct buf *out)
{
    if (!html_has_previews(report))
        return;
    buf_puts(out, "<p class=\"notice\" role=\"note\"><b>Previews are in this page</b>, as asked for (--thumbnails): ");
    html_number(out, report->totals.thumbnails);
    buf_puts(out, report->totals.thumbnails == 1 ? " finding has one" : " findings have one");
    buf_printf(out, ", %d x %d pixels, grey and blurred", THUMBNAIL_SIDE, THUMBNAIL_SIDE);
    if (report->totals.findings > HTML_PREVIEWS) {
        buf_puts(out, "; shown of the first ");
        html_number(out, HTML_PREVIEWS);
    }
    buf_puts(out, ". Who asked is in journal/access.log.</p>\n");
}
