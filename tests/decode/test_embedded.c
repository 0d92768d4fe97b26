#include <criterion/criterion.h>

#include "decode/extras.h"
#include "extras.h"

static struct file_bytes small_jpeg(uint32_t width, uint32_t height, uint32_t seed)
{
    uint16_t *samples = photo_samples(width, height, 3, 255, seed);
    struct file_bytes file = make_jpeg(samples, width, height, PHOTO_JPEG);
    free(samples);
    return file;
}

static const struct decode_extras *list_of(enum file_type type, const struct file_bytes *file, uint32_t first,
                                           uint32_t count)
{
    static struct decode_extras extras;
    struct decode_request request = request_for(type, true);
    struct decode_result result;
    request.extras = true;
    request.first = first;
    request.count = count;
    memset(&extras, 0xa5, sizeof(extras));
    decode_extras(&request, file->data, file->size, &extras);
    cr_assert(decode_extras_sane(&extras, file->size));
    decode_picture(&request, file->data, file->size, &result);
    cr_assert(decode_result_sane(&result));
    if (!first)
        cr_assert_eq(result.has_extras, extras.n > 0);
    return &extras;
}

/** That extra is exactly these bytes. */
static void check_stored(const struct file_bytes *file, const struct decode_extra *extra, enum extra_kind kind,
                         uint32_t number, const struct file_bytes *wanted)
{
    cr_assert_eq(extra->kind, kind, "%s, not %s", extra_kind_name(extra->kind), extra_kind_name(kind));
    cr_assert_eq(extra->number, number);
    cr_assert_eq(extra->size, wanted->size);
    cr_assert_eq(memcmp(file->data + extra->offset, wanted->data, wanted->size), 0);
}

static void check_rendered(const struct decode_extra *extra, const uint8_t *rgb, uint32_t width, uint32_t height)
{
    struct decode_request request = request_for(TYPE_JPEG, true);
    struct canvas canvas = {width, height, 3, (size_t)width * 3, rgb};
    struct decode_result wanted;
    memset(&wanted, 0, sizeof(wanted));
    canvas_hash(&request, &canvas, &wanted);
    cr_assert_eq(extra->kind, EXTRA_THUMBNAIL);
    cr_assert_eq(extra->size, 0);
    cr_assert_eq(extra->result.status, TRAWL_OK, "%s", extra->result.detail);
    cr_assert(extra->result.width == width && extra->result.height == height && extra->result.has_pdq);
    cr_assert_eq(memcmp(extra->result.pdq.hash, wanted.pdq.hash, PDQ_BYTES), 0);
}

Test(embedded, exif_thumbnail_in_either_byte_order)
{
    struct file_bytes thumbnail = small_jpeg(160, 120, 3);
    for (int little = 0; little < 2; little++) {
        struct file_bytes photo = small_jpeg(320, 240, 5), exif = exif_block(&thumbnail, 0, 0, little);
        jpeg_insert(&photo, 2, 0xe1, exif.data, exif.size);
        const struct decode_extras *extras = list_of(TYPE_JPEG, &photo, 0, DECODE_EXTRAS);
        cr_assert(extras->n == 1 && !extras->more);
        check_stored(&photo, &extras->items[0], EXTRA_THUMBNAIL, 1, &thumbnail);
        free(photo.data);
        free(exif.data);
    }
    free(thumbnail.data);
}

Test(embedded, exif_thumbnail_of_samples)
{
    struct file_bytes raw = {photo_bytes(64, 48, 3, 9), 64 * 48 * 3};
    struct file_bytes photo = small_jpeg(320, 240, 5), exif = exif_block(&raw, 64, 48, true);
    jpeg_insert(&photo, 2, 0xe1, exif.data, exif.size);
    check_rendered(&list_of(TYPE_JPEG, &photo, 0, 4)->items[0], raw.data, 64, 48);
    /* One sample less than there must be. */
    struct file_bytes cut = {raw.data, raw.size - 1}, cut_exif = exif_block(&cut, 64, 48, true),
                      other = small_jpeg(320, 240, 5);
    jpeg_insert(&other, 2, 0xe1, cut_exif.data, cut_exif.size);
    cr_assert_eq(list_of(TYPE_JPEG, &other, 0, 4)->items[0].result.status, TRAWL_DAMAGED);
    free(raw.data);
    free(photo.data);
    free(exif.data);
    free(other.data);
    free(cut_exif.data);
}

Test(embedded, exif_in_png)
{
    struct file_bytes thumbnail = small_jpeg(160, 120, 3), png = make_photo_png(64, 48, PHOTO_PNG);
    struct file_bytes exif = exif_block(&thumbnail, 0, 0, true);
    cr_assert_eq(list_of(TYPE_PNG, &png, 0, 4)->n, 0);
    png_insert(&png, png_find(&png, "IDAT"), "eXIf", exif.data + 6, exif.size - 6, (uint32_t)exif.size - 6);
    const struct decode_extras *extras = list_of(TYPE_PNG, &png, 0, 4);
    cr_assert_eq(extras->n, 1);
    check_stored(&png, &extras->items[0], EXTRA_THUMBNAIL, 1, &thumbnail);
    free(thumbnail.data);
    free(png.data);
    free(exif.data);
}

Test(embedded, jfif_and_jfxx)
{
    uint8_t *rgb = photo_bytes(60, 40, 3, 2), block[20000] = "JFIF\0\1\2\0\0\1\0\1";
    struct file_bytes photo = small_jpeg(200, 150, 5), small = small_jpeg(80, 60, 4);
    size_t pixels = (size_t)60 * 40;
    block[12] = 60;
    block[13] = 40;
    memcpy(block + 14, rgb, pixels * 3);
    jpeg_insert(&photo, 2, 0xe0, block, 14 + pixels * 3);
    /* JFXX of all three kinds, behind it. */
    memcpy(block, "JFXX\0\x10", 6);
    memcpy(block + 6, small.data, small.size);
    jpeg_insert(&photo, 2 + 4 + 14 + pixels * 3, 0xe0, block, 6 + small.size);
    memcpy(block, "JFXX\0\x13\x3c\x28", 8);
    memcpy(block + 8, rgb, pixels * 3);
    jpeg_insert(&photo, 2, 0xe0, block, 8 + pixels * 3);
    block[5] = 0x11;
    for (size_t i = 0; i < 256; i++)
        memset(block + 8 + i * 3, (int)i, 3);
    for (size_t i = 0; i < pixels; i++)
        block[8 + 768 + i] = rgb[i * 3];
    jpeg_insert(&photo, 2, 0xe0, block, 8 + 768 + pixels);
    const struct decode_extras *extras = list_of(TYPE_JPEG, &photo, 0, DECODE_EXTRAS);
    cr_assert_eq(extras->n, 4);
    check_rendered(&extras->items[1], rgb, 60, 40);
    check_rendered(&extras->items[2], rgb, 60, 40);
    check_stored(&photo, &extras->items[3], EXTRA_THUMBNAIL, 4, &small);
    for (size_t i = 0; i < pixels; i++)
        memset(rgb + i * 3, rgb[i * 3], 3);
    check_rendered(&extras->items[0], rgb, 60, 40);
    free(rgb);
    free(photo.data);
    free(small.data);
}

Test(embedded, photoshop_preview)
{
    for (uint32_t width = 80; width < 100; width += 8) {
        struct file_bytes photo = small_jpeg(200, 150, 5), preview = small_jpeg(width, 60, width),
                          resources = photoshop_block(&preview), block = {NULL, 0};
        bytes_add(&block, "Photoshop 3.0\0", 14);
        bytes_add(&block, resources.data, resources.size);
        jpeg_insert(&photo, 2, 0xed, block.data, block.size);
        const struct decode_extras *extras = list_of(TYPE_JPEG, &photo, 0, DECODE_EXTRAS);
        cr_assert_eq(extras->n, 1);
        check_stored(&photo, &extras->items[0], EXTRA_THUMBNAIL, 1, &preview);
        free(photo.data);
        free(preview.data);
        free(resources.data);
        free(block.data);
    }
}

/** A photo, a large preview and a second picture one behind the other. Returns where the index stands. */
static size_t make_mpf(struct file_bytes *photo, const struct file_bytes *preview, const struct file_bytes *second)
{
    const size_t index = 2 + 4 + 4, block = 4 + 8 + 2 + 24 + 4 + 3 * 16;
    uint32_t kinds[] = {0x010002, 0x020002}, sizes[] = {(uint32_t)preview->size, (uint32_t)second->size};
    uint32_t offsets[2];
    offsets[0] = (uint32_t)(photo->size + 4 + block - index);
    offsets[1] = offsets[0] + sizes[0];
    struct file_bytes mpf = mpf_block(kinds, sizes, offsets, 2);
    must(mpf.size == block);
    jpeg_insert(photo, 2, 0xe2, mpf.data, mpf.size);
    bytes_add(photo, preview->data, preview->size);
    bytes_add(photo, second->data, second->size);
    free(mpf.data);
    return index;
}

Test(embedded, pictures_behind_the_first)
{
    struct file_bytes photo = small_jpeg(320, 240, 5), preview = small_jpeg(160, 120, 6),
                      second = small_jpeg(320, 240, 7);
    make_mpf(&photo, &preview, &second);
    const struct decode_extras *extras = list_of(TYPE_JPEG, &photo, 0, DECODE_EXTRAS);
    cr_assert_eq(extras->n, 2);
    check_stored(&photo, &extras->items[0], EXTRA_PREVIEW, 1, &preview);
    check_stored(&photo, &extras->items[1], EXTRA_PICTURE, 2, &second);
    free(photo.data);
    free(preview.data);
    free(second.data);
}

/** Asked for in any portions it is one list. */
Test(embedded, portions)
{
    struct file_bytes photo = small_jpeg(320, 240, 5), preview = small_jpeg(160, 120, 6),
                      second = small_jpeg(320, 240, 7);
    make_mpf(&photo, &preview, &second);
    const struct decode_extras *extras = list_of(TYPE_JPEG, &photo, 0, 1);
    cr_assert(extras->n == 1 && extras->more);
    extras = list_of(TYPE_JPEG, &photo, 1, 1);
    cr_assert(extras->n == 1 && !extras->more);
    check_stored(&photo, &extras->items[0], EXTRA_PICTURE, 2, &second);
    cr_assert_eq(list_of(TYPE_JPEG, &photo, 2, 1)->n, 0);
    free(photo.data);
    free(preview.data);
    free(second.data);
}

/** Whatever byte is wrong, and wherever the file ends: nothing is read beyond it, nothing told that cannot be. */
Test(embedded, damage, .timeout = 60)
{
    struct file_bytes thumbnail = small_jpeg(32, 24, 3), photo = small_jpeg(48, 32, 5);
    struct file_bytes exif = exif_block(&thumbnail, 0, 0, false), resources = photoshop_block(&thumbnail),
                      block = {NULL, 0};
    make_mpf(&photo, &thumbnail, &thumbnail);
    bytes_add(&block, "Photoshop 3.0\0", 14);
    bytes_add(&block, resources.data, resources.size);
    jpeg_insert(&photo, 2, 0xed, block.data, block.size);
    jpeg_insert(&photo, 2, 0xe1, exif.data, exif.size);
    size_t end = exif.size + block.size + 120;
    cr_assert_eq(list_of(TYPE_JPEG, &photo, 0, 8)->n, 4);
    for (size_t at = 2; at < end; at++) {
        struct file_bytes copy = {malloc(photo.size), photo.size};
        memcpy(copy.data, photo.data, photo.size);
        copy.data[at] ^= (uint8_t)(1u << at % 8);
        list_of(TYPE_JPEG, &copy, 0, 8);
        copy.data = realloc(copy.data, copy.size = at);
        list_of(TYPE_JPEG, &copy, 0, 8);
        free(copy.data);
    }
    free(photo.data);
    free(thumbnail.data);
    free(exif.data);
    free(resources.data);
    free(block.data);
}

Test(embedded, samples_of_an_animation)
{
    for (uint32_t n = 1; n < 60; n++)
        for (uint32_t wanted = 1; wanted <= n; wanted++) {
            uint32_t last = 0;
            for (uint32_t i = 0; i < wanted; i++) {
                uint32_t at = extras_sample(n, wanted, i);
                cr_assert(at < n && (i ? at > last : at == 0), "%u of %u", wanted, n);
                last = at;
            }
            cr_assert(wanted == 1 || last == n - 1);
        }
}

Test(embedded, what_no_decoder_says)
{
    static struct decode_extras good, extras;
    memset(&good, 0, sizeof(good));
    good.n = 2;
    good.items[0] = (struct decode_extra){.kind = EXTRA_THUMBNAIL, .number = 1, .offset = 10, .size = 90};
    good.items[1] = (struct decode_extra){.kind = EXTRA_FRAME, .number = 2};
    good.items[1].result.status = TRAWL_DAMAGED;
    cr_assert(decode_extras_sane(&good, 100));
    cr_assert_not(decode_extras_sane(&good, 99), "beyond the file");
    for (int i = 0; i < 8; i++) {
        extras = good;
        switch (i) {
        case 0:
            extras.n = DECODE_EXTRAS + 1;
            break;
        case 1:
            memset(&extras.more, 2, 1);
            break;
        case 2:
            extras.items[0].kind = EXTRA_KINDS;
            break;
        case 3:
            extras.items[0].number = 0;
            break;
        case 4:
            extras.items[0].size = UINT64_MAX;
            break;
        case 5:
            extras.items[0].result.width = 1;
            break;
        case 6:
            extras.items[1].result.status = TRAWL_STATUS_COUNT;
            break;
        default:
            extras.n = 0, extras.more = true;
            break;
        }
        cr_assert_not(decode_extras_sane(&extras, 100), "case %d", i);
    }
}
