/* item_encode.c: an item to the bytes that the journal keeps. */
#include <string.h>

#include "core/buf.h"
#include "core/item_tag.h"
#include "core/match_video.h"
#include "trawl/item.h"

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

static void encode_turned(const struct picture_hash *hash, struct buf *out)
{
    if (hash->turned)
        buf_put(out, hash->turned[PDQ_ORIGINAL + 1], TURNED_BYTES);
}

static void encode_memory(const struct picture_memory *memory, struct buf *out)
{
    if (!memory->kept)
        return;
    buf_u8(out, TAG_MEMORY);
    buf_u8(out, (memory->first.stable ? MEMORY_STABLE : 0) | (memory->first.turned ? MEMORY_TURNED : 0) |
                    (memory->exact_failed ? MEMORY_EXACT_FAILED : 0) | (memory->has_exact ? MEMORY_EXACT : 0) |
                    (memory->has_exact && memory->exact.stable ? MEMORY_EXACT_STABLE : 0));
    buf_u32(out, (uint32_t)memory->doubtful);
    buf_u8(out, (uint8_t)memory->first.quality);
    encode_turned(&memory->first, out);
    if (!memory->has_exact)
        return;
    buf_u8(out, (uint8_t)memory->exact.quality);
    buf_put(out, memory->exact.pdq, PDQ_BYTES);
    encode_turned(&memory->exact, out);
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
    if (item->thumbnail) {
        buf_u8(out, TAG_THUMBNAIL);
        buf_put(out, item->thumbnail, THUMBNAIL_BYTES);
    }
    encode_memory(&item->memory, out);
}
