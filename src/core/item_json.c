/* item_json.c: an item's line in the inventory. */
#include "core/buf.h"
#include "core/escape.h"
#include "trawl/facts.h"
#include "trawl/item.h"

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
