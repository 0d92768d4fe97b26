#include "export/words.h"

#include <string.h>
#include <time.h>

#include "core/escape.h"
#include "report/order.h"
#include "report/text.h"
#include "trawl/digest.h"

/** Where the last name of a path begins: behind the last slash of its innermost layer. */
static size_t last_name(const struct buf *path, size_t layer)
{
    size_t at = path->len;
    while (at > layer && path->data[at - 1] != '/')
        at--;
    return at < path->len ? at : layer; /* "dir/" is its own name */
}

void place_words(const struct where *where, struct place_words *words)
{
    const struct where *outer = where;
    *words = (struct place_words){0};
    while (outer->parent)
        outer = outer->parent;
    escape_text(&words->source, outer->name, outer->name_len);
    if (where->parent) {
        struct place_words above;
        place_words(where->parent, &above);
        words->parent = above.path;
        words->parent_name = above.name;
        buf_free(&above.parent);
        buf_free(&above.source);
    }
    where_path(where, &words->path);
    words->name = last_name(&words->path, words->parent.len ? words->parent.len + 2 : 0);
}

void place_words_free(struct place_words *words)
{
    buf_free(&words->path);
    buf_free(&words->parent);
    buf_free(&words->source);
}

struct place_facts place_facts(const struct where *where)
{
    struct place_facts facts = {.origin = where->origin, .offset = WHERE_UNKNOWN};
    if (where->origin && where->origin->n_runs && where->origin->runs[0].offset != ORIGIN_UNKNOWN)
        facts.offset = where->origin->runs[0].offset;
    for (; where; where = where->parent)
        if (where->origin) {
            facts.deleted |= where->origin->allocated == ORIGIN_DELETED || where->origin->allocated == ORIGIN_SLACK;
            facts.carved |= where->origin->kind == ORIGIN_CARVED;
        }
    return facts;
}

int64_t place_time(const struct place_facts *facts, enum origin_time which)
{
    return facts->origin ? facts->origin->times[which] : ORIGIN_NO_TIME;
}

void time_iso(int64_t ns, struct buf *out)
{
    int64_t rest = ns % 1000000000 < 0 ? ns % 1000000000 + 1000000000 : ns % 1000000000;
    time_t seconds = (time_t)((ns - rest) / 1000000000);
    struct tm tm = {0};
    gmtime_r(&seconds, &tm); /* 64 bits of nanoseconds are the years 1677 to 2262 */
    buf_printf(out, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
               tm.tm_min, tm.tm_sec, (int)(rest / 1000000));
}

bool finding_is_near(const struct finding *finding)
{
    return match_is_near(&finding->head.matches.items[0]);
}

void match_words(const struct match *match, struct buf *out)
{
    struct buf raw = {0};
    buf_printf(&raw, "%s %s match", match_tier(match), hash_type_name(match->type));
    if (match_is_near(match))
        buf_printf(&raw, ", distance %u", match->distance);
    if (match->rotation)
        buf_printf(&raw, ", %s", pdq_rotation_name((enum pdq_rotation)match->rotation));
    match_video_words(match, &raw);
    buf_printf(&raw, "; list %s, entry %s", match->list, match->entry);
    if (*match->category)
        buf_printf(&raw, ", %s", match->category);
    buf_printf(&raw, "; severity %u", match->severity);
    escape_text(out, raw.data, raw.len);
    buf_free(&raw);
}

const uint8_t *finding_pdq(const struct finding *finding)
{
    const struct item *head = &finding->head;
    if (head->has_pdq && !head->pdq_is_screen)
        return head->pdq;
    for (size_t i = 0; i < head->matches.n; i++) {
        const struct match *match = &head->matches.items[i];
        if (match->type == HASH_PDQ && !match->rotation && !match->video.is_video) /* not that of a frame */
            return match->observed;
    }
    return NULL;
}

const char *type_mime(enum file_type type)
{
    static const char *const names[TYPE_COUNT] = {
        [TYPE_JPEG] = "image/jpeg",
        [TYPE_PNG] = "image/png",
        [TYPE_GIF] = "image/gif",
        [TYPE_WEBP] = "image/webp",
        [TYPE_TIFF] = "image/tiff",
        [TYPE_BMP] = "image/bmp",
        [TYPE_HEIF] = "image/heif",
        [TYPE_AVIF] = "image/avif",
        [TYPE_JXL] = "image/jxl",
        [TYPE_JP2] = "image/jp2",
        [TYPE_PSD] = "image/vnd.adobe.photoshop",
        [TYPE_ICO] = "image/vnd.microsoft.icon",
        [TYPE_PNM] = "image/x-portable-anymap",
        [TYPE_DDS] = "image/vnd.ms-dds",
        [TYPE_SVG] = "image/svg+xml",
        [TYPE_MP4] = "video/mp4",
        [TYPE_MKV] = "video/x-matroska",
        [TYPE_AVI] = "video/x-msvideo",
        [TYPE_ASF] = "video/x-ms-asf",
        [TYPE_FLV] = "video/x-flv",
        [TYPE_MPEG] = "video/mpeg",
        [TYPE_MPEGTS] = "video/mp2t",
        [TYPE_ZIP] = "application/zip",
        [TYPE_TAR] = "application/x-tar",
        [TYPE_7Z] = "application/x-7z-compressed",
        [TYPE_RAR] = "application/vnd.rar",
        [TYPE_RAR5] = "application/vnd.rar",
        [TYPE_GZIP] = "application/gzip",
        [TYPE_BZIP2] = "application/x-bzip2",
        [TYPE_XZ] = "application/x-xz",
        [TYPE_ZSTD] = "application/zstd",
        [TYPE_PDF] = "application/pdf",
        [TYPE_RTF] = "application/rtf",
        [TYPE_SQLITE] = "application/vnd.sqlite3",
        [TYPE_MBOX] = "application/mbox",
        [TYPE_EML] = "message/rfc822",
    };
    const char *name = (unsigned)type < TYPE_COUNT ? names[type] : NULL;
    return name ? name : "application/octet-stream";
}

void uuid_of(const char *kind, const void *bytes, size_t n, struct buf *out)
{
    static const size_t groups[] = {4, 2, 2, 2, 6};
    struct buf all = {0};
    struct digests digests;
    buf_put(&all, kind, strlen(kind) + 1);
    buf_put(&all, bytes, n);
    digest_buffer(all.data, all.len, &digests);
    buf_free(&all);
    uint8_t *uuid = digests.sha256;
    uuid[6] = (uint8_t)(0x80 | (uuid[6] & 0x0f));
    uuid[8] = (uint8_t)(0x80 | (uuid[8] & 0x3f));
    for (size_t i = 0; i < 5; uuid += groups[i++]) {
        if (i)
            buf_byte(out, '-');
        buf_hex(out, uuid, groups[i]);
    }
}

void uuid_of_case(const struct report *report, struct buf *out)
{
    const struct totals *totals = &report->totals;
    struct buf bytes = {0};
    case_info_encode(report->info, &bytes);
    buf_u64(&bytes, totals->all.files);
    buf_u64(&bytes, totals->all.bytes);
    buf_u64(&bytes, totals->findings);
    buf_u64(&bytes, totals->locations);
    uuid_of("trawl case", bytes.data, bytes.len, out);
    buf_free(&bytes);
}

void buf_hex_upper(struct buf *out, const void *bytes, size_t n)
{
    size_t at = out->len;
    buf_hex(out, bytes, n);
    for (; at < out->len; at++)
        if (out->data[at] >= 'a')
            out->data[at] = (uint8_t)(out->data[at] - 'a' + 'A');
}

void text_xml(struct buf *out, const char *raw)
{
    text_html(out, raw); /* a display form holds no character that XML forbids; the same five are escaped */
}

void put_json_text(struct buf *out, const char *name, const char *text, size_t n)
{
    buf_puts(out, name);
    escape_json(out, text, n);
}

void put_json_raw(struct buf *out, const char *name, const char *raw)
{
    buf_puts(out, name);
    text_json(out, raw);
}

void put_json_number(struct buf *out, const char *name, uint64_t v)
{
    buf_puts(out, name);
    buf_decimal(out, v);
}
