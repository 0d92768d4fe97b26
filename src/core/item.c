#include "trawl/item.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/escape.h"
#include "core/match_video.h"
#include "trawl/facts.h"

/*
 * An item's encoding: fields in ascending order of their tag, each at most once, but for TAG_MATCH, which comes once
 * for every match. TAG_MATCH_ROTATIONS is there where one of them is of a turned picture: a byte for every match;
 * TAG_MATCH_WORDS where a list says more of one of them than its category: flags and texts of every match.
 * Where, size, type and status are always there. The same item always gives the same bytes. Types and limits are
 * written by name, so that their numbers may change. Append only.
 */
enum tag {
    TAG_WHERE = 1,
    TAG_SIZE,
    TAG_TYPE,
    TAG_STATUS,
    TAG_LIMIT,
    TAG_DETAIL,
    TAG_DIGESTS,
    TAG_PIXELS,
    TAG_ORIENTATION,
    TAG_PDQ,
    TAG_LOW_QUALITY,
    TAG_MATCH,
    TAG_MATCH_ROTATIONS,
    TAG_PDQ_ROTATIONS,
    TAG_MATCH_WORDS,
    TAG_CAMERA,
    TAG_MATCH_VIDEO,
    TAG_DURATION,
    TAG_FRAMES,
    TAG_FACTS,
};
#define TAGS_NEEDED (1u << TAG_WHERE | 1u << TAG_SIZE | 1u << TAG_TYPE | 1u << TAG_STATUS)

void item_clear(struct item *item)
{
    where_unref(item->where);
    free(item->detail);
    free(item->facts);
    free(item->matches.items);
    free(item->frames.items);
    free(item->strings);
    *item = (struct item){0};
}

void item_detail(struct item *item, const char *format, ...)
{
    va_list args;
    char *text = NULL;
    va_start(args, format);
    int n = vasprintf(&text, format, args);
    va_end(args);
    if (n < 0) /* no memory, or a conversion that cannot be: say what is left to say */
        text = mem_strdup(format);
    struct buf out = {0};
    escape_text(&out, text, strlen(text));
    free(text);
    free(item->detail);
    item->detail = mem_strdup(buf_str(&out));
    buf_free(&out);
}

static void put_text(struct buf *out, const char *text)
{
    buf_bytes(out, text, strlen(text));
}

static void encode_match(const struct match *match, struct buf *out)
{
    size_t n = hash_type_bytes(match->type);
    buf_u8(out, TAG_MATCH);
    buf_u8(out, (uint8_t)match->type);
    buf_u32(out, match->distance);
    buf_u8(out, match->severity);
    put_text(out, match->list);
    put_text(out, match->entry);
    put_text(out, match->category);
    buf_put(out, match->value, n);
    buf_put(out, match->observed, n);
}

static const char *text_or_none(const char *text)
{
    return text ? text : "";
}

static bool has_words(const struct match *match)
{
    return match->flags || *text_or_none(match->code) || *text_or_none(match->series) || *text_or_none(match->photodna);
}

static void encode_words(const struct item *item, struct buf *out)
{
    bool words = false;
    for (size_t i = 0; i < item->matches.n; i++)
        words = words || has_words(&item->matches.items[i]);
    if (!words)
        return;
    buf_u8(out, TAG_MATCH_WORDS);
    for (size_t i = 0; i < item->matches.n; i++) {
        const struct match *match = &item->matches.items[i];
        buf_u32(out, match->flags);
        put_text(out, text_or_none(match->code));
        put_text(out, text_or_none(match->series));
        put_text(out, text_or_none(match->photodna));
    }
}

static void encode_rotations(const struct item *item, struct buf *out)
{
    bool turned = false;
    for (size_t i = 0; i < item->matches.n; i++)
        turned = turned || item->matches.items[i].rotation;
    if (turned) {
        buf_u8(out, TAG_MATCH_ROTATIONS);
        for (size_t i = 0; i < item->matches.n; i++)
            buf_u8(out, item->matches.items[i].rotation);
    }
    if (item->has_rotations) {
        buf_u8(out, TAG_PDQ_ROTATIONS);
        buf_put(out, item->rotations, sizeof(item->rotations));
    }
}

static void encode_picture(const struct item *item, struct buf *out)
{
    if (item->width || item->height) {
        buf_u8(out, TAG_PIXELS);
        buf_u32(out, item->width);
        buf_u32(out, item->height);
    }
    if (item->orientation) {
        buf_u8(out, TAG_ORIENTATION);
        buf_u8(out, (uint8_t)item->orientation);
    }
    if (item->has_pdq) {
        buf_u8(out, TAG_PDQ);
        buf_u8(out, item->pdq_is_screen);
        buf_u8(out, item->pdq_stable);
        buf_u8(out, (uint8_t)item->pdq_quality);
        buf_put(out, item->pdq, PDQ_BYTES);
    }
    if (item->low_quality)
        buf_u8(out, TAG_LOW_QUALITY);
}

static void encode_camera(const struct camera *camera, struct buf *out)
{
    if (!camera_known(camera))
        return;
    buf_u8(out, TAG_CAMERA);
    put_text(out, camera->make);
    put_text(out, camera->model);
    put_text(out, camera->serial);
    buf_u64(out, (uint64_t)camera->time);
}

/** One record for each match. */
static void encode_match_videos(const struct item *item, struct buf *out)
{
    bool any = false;
    for (size_t i = 0; i < item->matches.n; i++)
        any = any || item->matches.items[i].video.is_video;
    if (!any)
        return;
    buf_u8(out, TAG_MATCH_VIDEO);
    for (size_t i = 0; i < item->matches.n; i++)
        match_video_encode(&item->matches.items[i].video, out);
}

static void encode_video(const struct item *item, struct buf *out)
{
    encode_match_videos(item, out);
    if (item->duration_ms) {
        buf_u8(out, TAG_DURATION);
        buf_u64(out, item->duration_ms);
    }
    if (item->frames.n) {
        buf_u8(out, TAG_FRAMES);
        video_hashes_encode(&item->frames, out);
    }
}

void item_encode(const struct item *item, struct buf *out)
{
    buf_u8(out, TAG_WHERE);
    size_t at = out->len;
    buf_u32(out, 0);
    where_encode(item->where, out);
    for (int i = 0; i < 4; i++)
        out->data[at + (size_t)i] = (uint8_t)((out->len - at - 4) >> (8 * i));
    buf_u8(out, TAG_SIZE);
    buf_u64(out, item->size);
    buf_u8(out, TAG_TYPE);
    put_text(out, type_name(item->type));
    buf_u8(out, TAG_STATUS);
    buf_u8(out, (uint8_t)item->status);
    if (item->limit != LIMIT_NONE) {
        buf_u8(out, TAG_LIMIT);
        put_text(out, limit_table[item->limit].name);
    }
    if (item->detail) {
        buf_u8(out, TAG_DETAIL);
        put_text(out, item->detail);
    }
    if (item->has_digests) {
        buf_u8(out, TAG_DIGESTS);
        buf_put(out, item->digests.md5, sizeof(item->digests.md5));
        buf_put(out, item->digests.sha1, sizeof(item->digests.sha1));
        buf_put(out, item->digests.sha256, sizeof(item->digests.sha256));
    }
    encode_picture(item, out);
    for (size_t i = 0; i < item->matches.n; i++)
        encode_match(&item->matches.items[i], out);
    encode_rotations(item, out);
    encode_words(item, out);
    encode_camera(&item->camera, out);
    encode_video(item, out);
    if (item->facts) {
        buf_u8(out, TAG_FACTS);
        put_text(out, item->facts);
    }
}

/** Length-prefixed UTF-8 without NUL, borrowed; anything else makes the reader bad. */
static const uint8_t *read_text(struct reader *in, size_t *n)
{
    const uint8_t *text = read_bytes(in, n);
    if (text && *n && (memchr(text, 0, *n) || !utf8_valid(text, *n)))
        in->bad = true;
    return text;
}

static bool read_bool(struct reader *in)
{
    uint8_t v = read_u8(in);
    in->bad = in->bad || v > 1;
    return v == 1;
}

/** A number from lo to hi; anything else makes the reader bad. */
static uint32_t read_range(struct reader *in, uint32_t v, uint32_t lo, uint32_t hi)
{
    if (!in->bad && v >= lo && v <= hi)
        return v;
    in->bad = true;
    return lo;
}

static void copy_raw(struct reader *in, void *to, size_t n)
{
    const uint8_t *from = read_raw(in, n);
    if (from)
        memcpy(to, from, n);
}

/** A string of a match into the backing, which may still move: given as its offset there. */
static size_t read_string(struct reader *in, struct buf *strings)
{
    size_t n, at = strings->len;
    const uint8_t *text = read_bytes(in, &n);
    if (text && n && memchr(text, 0, n))
        in->bad = true;
    buf_put(strings, text, text ? n : 0);
    buf_byte(strings, 0);
    return at;
}

/** While `strings` grows, the pointers of a match hold offsets. */
static void decode_match(struct reader *in, struct item *item, struct buf *strings)
{
    struct match match = {0};
    match.type = (enum hash_type)read_range(in, read_u8(in), 0, HASH_TYPE_COUNT - 1);
    match.distance = (uint16_t)read_range(in, read_u32(in), 0, hash_type_is_near(match.type) ? 8 * PDQ_BYTES : 0);
    match.severity = read_u8(in);
    match.list = (const char *)read_string(in, strings);
    match.entry = (const char *)read_string(in, strings);
    match.category = (const char *)read_string(in, strings);
    match.code = match.series = match.photodna =
        match.category + strlen((char *)strings->data + (size_t)match.category);
    if (in->bad)
        return;
    copy_raw(in, match.value, hash_type_bytes(match.type));
    copy_raw(in, match.observed, hash_type_bytes(match.type));
    RESERVE(item->matches.items, item->matches.n, item->matches.cap);
    item->matches.items[item->matches.n++] = match;
}

/** Of all matches; only a PDQ can be of a turned picture, and one is. */
static void decode_match_rotations(struct reader *in, struct item *item)
{
    bool turned = false;
    for (size_t i = 0; i < item->matches.n; i++) {
        struct match *match = &item->matches.items[i];
        match->rotation = (uint8_t)read_range(in, read_u8(in), 0, match->type == HASH_PDQ ? PDQ_ROTATIONS - 1 : 0);
        turned = turned || match->rotation;
    }
    in->bad = in->bad || !turned;
}

/** Of all matches; one of them has some. */
static void decode_words(struct reader *in, struct item *item, struct buf *strings)
{
    bool words = false;
    for (size_t i = 0; i < item->matches.n && !in->bad; i++) {
        struct match *match = &item->matches.items[i];
        size_t before = strings->len;
        match->flags = (uint16_t)read_range(in, read_u32(in), 0, MATCH_FLAGS_ALL);
        match->code = (const char *)read_string(in, strings);
        match->series = (const char *)read_string(in, strings);
        match->photodna = (const char *)read_string(in, strings);
        words = words || match->flags || strings->len > before + 3;
    }
    in->bad = in->bad || !words;
}

static void decode_pdq_rotations(struct reader *in, struct item *item)
{
    item->has_rotations = true;
    copy_raw(in, item->rotations, sizeof(item->rotations));
    in->bad = in->bad || !item->has_pdq;
}

static void decode_word(struct reader *in, char *word, size_t size)
{
    size_t n;
    const uint8_t *text = read_text(in, &n);
    in->bad = in->bad || n >= size;
    if (!in->bad)
        memcpy(word, text, n);
}

static void decode_camera(struct reader *in, struct camera *camera)
{
    decode_word(in, camera->make, sizeof(camera->make));
    decode_word(in, camera->model, sizeof(camera->model));
    decode_word(in, camera->serial, sizeof(camera->serial));
    camera->time = (int64_t)read_u64(in);
    in->bad = in->bad || !camera_known(camera) || !camera_sane(camera);
}

/** Of all matches, and one at least is of a video. */
static void decode_match_videos(struct reader *in, struct item *item)
{
    bool any = false;
    for (size_t i = 0; i < item->matches.n; i++) {
        match_video_read(in, item->matches.items[i].type, &item->matches.items[i].video);
        any = any || item->matches.items[i].video.is_video;
    }
    in->bad = in->bad || !any;
}

static void settle_strings(struct item *item, struct buf *strings)
{
    item->strings = (char *)strings->data;
    for (size_t i = 0; i < item->matches.n; i++) {
        struct match *match = &item->matches.items[i];
        match->list = item->strings + (size_t)match->list;
        match->entry = item->strings + (size_t)match->entry;
        match->category = item->strings + (size_t)match->category;
        match->code = item->strings + (size_t)match->code;
        match->series = item->strings + (size_t)match->series;
        match->photodna = item->strings + (size_t)match->photodna;
    }
}

static void decode_where(struct reader *in, struct item *item)
{
    size_t n;
    const uint8_t *bytes = read_bytes(in, &n);
    item->where = bytes ? where_decode(bytes, n) : NULL;
    in->bad = in->bad || !item->where;
}

static void decode_type(struct reader *in, struct item *item)
{
    char name[32];
    size_t n;
    const uint8_t *text = read_bytes(in, &n);
    if (!text || n >= sizeof(name)) {
        in->bad = true;
        return;
    }
    memcpy(name, text, n);
    name[n] = '\0';
    item->type = type_from_name(name);
    in->bad = strlen(name) != n || strcmp(type_name(item->type), name) != 0; /* a name that is none gives "other" */
}

static void decode_limit(struct reader *in, struct item *item)
{
    size_t n;
    const uint8_t *text = read_bytes(in, &n);
    for (int i = LIMIT_NONE + 1; text && i < LIMIT_COUNT; i++)
        if (strlen(limit_table[i].name) == n && memcmp(limit_table[i].name, text, n) == 0)
            item->limit = (enum limit_id)i;
    in->bad = in->bad || item->limit == LIMIT_NONE;
}

static void decode_pdq(struct reader *in, struct item *item)
{
    item->has_pdq = true;
    item->pdq_is_screen = read_bool(in);
    item->pdq_stable = read_bool(in);
    item->pdq_quality = (int)read_range(in, read_u8(in), 0, 100);
    copy_raw(in, item->pdq, PDQ_BYTES);
}

static void decode_digests(struct reader *in, struct item *item)
{
    item->has_digests = true;
    copy_raw(in, item->digests.md5, sizeof(item->digests.md5));
    copy_raw(in, item->digests.sha1, sizeof(item->digests.sha1));
    copy_raw(in, item->digests.sha256, sizeof(item->digests.sha256));
}

static void decode_detail(struct reader *in, struct item *item)
{
    size_t n;
    const uint8_t *text = read_text(in, &n);
    if (!in->bad)
        item->detail = mem_strndup((const char *)text, n);
}

static void decode_facts(struct reader *in, struct item *item)
{
    size_t n;
    const uint8_t *text = read_text(in, &n);
    if (in->bad)
        return;
    item->facts = mem_strndup((const char *)text, n);
    in->bad = !facts_sane(item->facts);
}

static void decode_field(struct reader *in, uint8_t tag, struct item *item, struct buf *strings)
{
    switch (tag) {
    case TAG_WHERE:
        decode_where(in, item);
        break;
    case TAG_SIZE:
        item->size = read_u64(in);
        break;
    case TAG_TYPE:
        decode_type(in, item);
        break;
    case TAG_STATUS:
        item->status = (enum trawl_status)read_range(in, read_u8(in), 0, TRAWL_STATUS_COUNT - 1);
        break;
    case TAG_LIMIT:
        decode_limit(in, item);
        break;
    case TAG_FACTS:
        decode_facts(in, item);
        break;
    case TAG_DETAIL:
        decode_detail(in, item);
        break;
    case TAG_DIGESTS:
        decode_digests(in, item);
        break;
    case TAG_PIXELS:
        item->width = read_u32(in);
        item->height = read_u32(in);
        in->bad = in->bad || (!item->width && !item->height);
        break;
    case TAG_ORIENTATION:
        item->orientation = read_range(in, read_u8(in), 1, 8);
        break;
    case TAG_PDQ:
        decode_pdq(in, item);
        break;
    case TAG_LOW_QUALITY:
        item->low_quality = true;
        break;
    case TAG_MATCH:
        decode_match(in, item, strings);
        break;
    case TAG_MATCH_ROTATIONS:
        decode_match_rotations(in, item);
        break;
    case TAG_PDQ_ROTATIONS:
        decode_pdq_rotations(in, item);
        break;
    case TAG_MATCH_WORDS:
        decode_words(in, item, strings);
        break;
    case TAG_CAMERA:
        decode_camera(in, &item->camera);
        break;
    case TAG_MATCH_VIDEO:
        decode_match_videos(in, item);
        break;
    case TAG_DURATION:
        item->duration_ms = read_u64(in);
        in->bad = in->bad || !item->duration_ms;
        break;
    case TAG_FRAMES:
        video_hashes_read(in, &item->frames);
        break;
    default: /* written by a newer trawl: half an item is worse than none */
        in->bad = true;
    }
}

bool item_decode(const uint8_t *bytes, size_t n, struct item *item)
{
    struct reader in = {bytes, n ? bytes + n : bytes, false};
    struct buf strings = {0};
    unsigned seen = 0;
    uint8_t last = 0;
    *item = (struct item){0};
    while (!in.bad && in.p != in.end) {
        uint8_t tag = read_u8(&in);
        if (tag < last || (tag == last && tag != TAG_MATCH))
            in.bad = true;
        else
            decode_field(&in, tag, item, &strings);
        seen |= tag < 32 ? 1u << tag : 0;
        last = tag;
    }
    settle_strings(item, &strings);
    if (!in.bad && (seen & TAGS_NEEDED) == TAGS_NEEDED)
        return true;
    item_clear(item);
    return false;
}

static void json_hex(struct buf *out, const char *name, const void *bytes, size_t n)
{
    buf_puts(out, name);
    buf_hex(out, bytes, n);
    buf_byte(out, '"');
}

static void json_number(struct buf *out, const char *name, uint64_t v)
{
    buf_puts(out, name);
    buf_decimal(out, v);
}

static void json_picture(const struct item *item, struct buf *out)
{
    if (item->width || item->height) {
        json_number(out, ",\"width\":", item->width);
        json_number(out, ",\"height\":", item->height);
    }
    if (item->orientation)
        json_number(out, ",\"orientation\":", item->orientation);
    if (item->has_pdq) {
        json_hex(out, item->pdq_is_screen ? ",\"pdq_screen\":\"" : ",\"pdq\":\"", item->pdq, PDQ_BYTES);
        json_number(out, ",\"pdq_quality\":", (uint64_t)item->pdq_quality);
        buf_puts(out, item->pdq_stable ? "" : ",\"pdq_stable\":false");
    }
    for (int i = PDQ_ORIGINAL + 1; item->has_rotations && i < PDQ_ROTATIONS; i++) {
        buf_puts(out, i == PDQ_ORIGINAL + 1 ? ",\"pdq_rotations\":{\"" : ",\"");
        buf_puts(out, pdq_rotation_name((enum pdq_rotation)i));
        json_hex(out, "\":\"", item->rotations[i - 1], PDQ_BYTES);
        buf_puts(out, i == PDQ_ROTATIONS - 1 ? "}" : "");
    }
    if (item->low_quality)
        buf_puts(out, ",\"low_quality\":true");
}

static void json_status(const struct item *item, struct buf *out)
{
    buf_puts(out, ",\"status\":");
    escape_json_str(out, status_name(item->status));
    if (item->limit != LIMIT_NONE) {
        buf_puts(out, ",\"limit\":");
        escape_json_str(out, limit_table[item->limit].name);
    }
    if (item->detail) {
        buf_puts(out, ",\"detail\":");
        escape_json_str(out, item->detail);
    }
}

static void json_size(const struct item *item, struct buf *out)
{
    if (item->size == WHERE_UNKNOWN)
        buf_puts(out, ",\"size\":null");
    else
        json_number(out, ",\"size\":", item->size);
}

void item_json(const struct item *item, struct buf *out)
{
    struct buf path = {0};
    where_path(item->where, &path);
    buf_puts(out, "{\"path\":");
    escape_json(out, (const char *)path.data, path.len);
    buf_free(&path);
    json_size(item, out);
    buf_puts(out, ",\"type\":");
    escape_json_str(out, type_name(item->type));
    json_status(item, out);
    if (item->has_digests) {
        json_hex(out, ",\"md5\":\"", item->digests.md5, sizeof(item->digests.md5));
        json_hex(out, ",\"sha1\":\"", item->digests.sha1, sizeof(item->digests.sha1));
        json_hex(out, ",\"sha256\":\"", item->digests.sha256, sizeof(item->digests.sha256));
    }
    json_picture(item, out);
    camera_json(&item->camera, out);
    if (item->duration_ms) {
        buf_puts(out, ",\"duration\":");
        video_seconds_text(item->duration_ms, out);
    }
    video_hashes_json(&item->frames, out);
    if (item->facts) {
        buf_puts(out, ",\"facts\":");
        facts_json(item->facts, out);
    }
    buf_puts(out, ",\"where\":");
    where_json(item->where, out);
    buf_puts(out, "}\n");
}
