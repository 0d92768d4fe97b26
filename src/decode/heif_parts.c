/*
 * heif_parts.c: what is in a HEIF or AVIF beside the primary picture: thumbnails, further pictures (bursts,
 * collections), and the thumbnail in an EXIF block. Tiles, masks and depth are parts of a picture and none of their
 * own.
 */
#ifdef HAVE_HEIF
#include "decode/heif_parts.h"

#include <stdlib.h>
#include <string.h>

#include "decode/extras.h"
#include "decode/sink.h"

/** Of one picture; and pictures of one file: more are not listed by any writer. */
#define MAX_THUMBNAILS 8
#define MAX_PICTURES   1024
#define MAX_ID         0x7fffffffu
#define MAX_EXIF       (1u << 20)

/** A part: the picture's id and one more, and above that likewise the id of a thumbnail of it. */
static uint64_t part_of(heif_item_id picture, heif_item_id thumbnail, bool is_thumbnail)
{
    return ((uint64_t)picture + 1) | (is_thumbnail ? ((uint64_t)thumbnail + 1) << 32 : 0);
}

struct heif_error heif_part_handle(struct heif_context *context, uint64_t part, struct heif_image_handle **out)
{
    struct heif_image_handle *picture = NULL;
    if (!part)
        return heif_context_get_primary_image_handle(context, out);
    heif_item_id id = (heif_item_id)(part & UINT32_MAX) - 1;
    if (!(part >> 32))
        return heif_context_get_image_handle(context, id, out);
    struct heif_error error = heif_context_get_image_handle(context, id, &picture);
    if (error.code == heif_error_Ok)
        error = heif_image_handle_get_thumbnail(picture, (heif_item_id)(part >> 32) - 1, out);
    heif_image_handle_release(picture);
    return error;
}

bool heif_has_extras(struct heif_context *context, const struct heif_image_handle *primary)
{
    return heif_context_get_number_of_top_level_images(context) > 1 ||
           heif_image_handle_get_number_of_thumbnails(primary) > 0 ||
           heif_image_handle_get_number_of_metadata_blocks(primary, "Exif") > 0;
}

static void list_thumbnails(const struct heif_image_handle *handle, heif_item_id id, const uint8_t *data, size_t size,
                            struct extras *extras)
{
    heif_item_id ids[MAX_THUMBNAILS];
    int n = heif_image_handle_get_list_of_thumbnail_IDs(handle, ids, MAX_THUMBNAILS);
    for (int i = 0; i < n && i < MAX_THUMBNAILS && !extras_full(extras); i++) {
        struct decode_extra *extra = extras_count(extras, EXTRA_THUMBNAIL, 1);
        if (extra)
            heif_part_decode(extras->request, data, size, part_of(id, ids[i], ids[i] < MAX_ID), &extra->result);
    }
}

/** The library gives a copy; the place of the same bytes in the file is what a digest needs. */
static void list_exif(const struct heif_image_handle *handle, const uint8_t *data, size_t size, struct extras *extras)
{
    heif_item_id id;
    if (heif_image_handle_get_list_of_metadata_block_IDs(handle, "Exif", &id, 1) < 1)
        return;
    size_t n = heif_image_handle_get_metadata_size(handle, id);
    uint8_t *block = n > 4 && n < MAX_EXIF ? malloc(n) : NULL;
    if (block && heif_image_handle_get_metadata(handle, id, block).code == heif_error_Ok) {
        /* Four bytes say how far behind them the TIFF begins. */
        size_t skip = (size_t)block[0] << 24 | (size_t)block[1] << 16 | (size_t)block[2] << 8 | block[3];
        const uint8_t *at = skip < n - 4 ? memmem(data, size, block + 4 + skip, n - 4 - skip) : NULL;
        if (at)
            extras_exif(extras, data, size, (size_t)(at - data), n - 4 - skip);
    }
    free(block);
}

static void list_picture(struct heif_context *context, heif_item_id id, bool primary, const uint8_t *data, size_t size,
                         struct extras *extras)
{
    struct heif_image_handle *handle = NULL;
    if (heif_context_get_image_handle(context, id, &handle).code != heif_error_Ok)
        return;
    struct decode_extra *extra = primary ? NULL : extras_count(extras, EXTRA_PICTURE, 2);
    if (extra)
        heif_part_decode(extras->request, data, size, part_of(id, 0, false), &extra->result);
    list_thumbnails(handle, id, data, size, extras);
    list_exif(handle, data, size, extras);
    heif_image_handle_release(handle);
}

void heif_extras(const uint8_t *data, size_t size, struct extras *extras)
{
    struct heif_context *context = heif_context_alloc();
    heif_item_id primary = 0, *ids = calloc(MAX_PICTURES, sizeof(*ids));
    if (context && ids && heif_context_read_from_memory_without_copy(context, data, size, NULL).code == heif_error_Ok &&
        heif_context_get_primary_image_ID(context, &primary).code == heif_error_Ok) {
        int n = heif_context_get_list_of_top_level_image_IDs(context, ids, MAX_PICTURES);
        if (primary < MAX_ID)
            list_picture(context, primary, true, data, size, extras);
        for (int i = 0; i < n && !extras_full(extras); i++)
            if (ids[i] != primary && ids[i] < MAX_ID)
                list_picture(context, ids[i], false, data, size, extras);
    }
    free(ids);
    heif_context_free(context);
}
#endif
