#include <criterion/criterion.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/item_glance.h"
#include "trawl/item.h"

/** A picture with all that a glance passes over. */
static struct item picture(void)
{
    struct item item = {.size = 77,
                        .type = TYPE_JPEG,
                        .status = TRAWL_PARTIAL,
                        .has_digests = true,
                        .width = 640,
                        .height = 480,
                        .orientation = 6,
                        .has_pdq = true,
                        .pdq_is_screen = true,
                        .pdq_quality = 88,
                        .low_quality = true};
    item.where = where_new(NULL, "file", "a/b.jpg", 7, WHERE_UNKNOWN, WHERE_UNKNOWN);
    item_detail(&item, "half of it");
    memset(&item.digests, 0x11, sizeof(item.digests));
    memset(item.digests.sha256, 0x22, sizeof(item.digests.sha256));
    memset(item.pdq, 0x33, PDQ_BYTES);
    strcpy(item.camera.make, "Maker");
    item.memory = (struct picture_memory){.kept = true, .doubtful = 200, .first = {.quality = 90}, .has_exact = true};
    item.memory.exact.quality = 99;
    return item;
}

static struct buf encoded(const struct item *item)
{
    struct buf bytes = {0};
    item_encode(item, &bytes);
    return bytes;
}

Test(item_glance, sees_what_look_ups_need)
{
    struct item item = picture();
    struct buf bytes = encoded(&item);
    struct item_glance glance;
    cr_assert(item_glance(bytes.data, bytes.len, &glance));
    cr_assert(!glance.is_more && glance.status == TRAWL_PARTIAL);
    cr_assert_arr_eq(glance.digests, item.digests.md5, 16);
    cr_assert_arr_eq(glance.digests + 16, item.digests.sha1, 20);
    cr_assert_arr_eq(glance.digests + 36, item.digests.sha256, 32);
    cr_assert_eq(glance.sha256, glance.digests + 36);
    cr_assert(glance.is_root && glance.name_len == 7 && memcmp(glance.name, "a/b.jpg", 7) == 0);
    cr_assert(glance.type_len == 4 && memcmp(glance.type, "jpeg", 4) == 0);
    cr_assert(glance.detail_len == 10 && memcmp(glance.detail, "half of it", 10) == 0);
    cr_assert_arr_eq(glance.pdq, item.pdq, PDQ_BYTES);
    cr_assert(glance.pdq_is_screen && glance.pdq_quality == 88);
    cr_assert(glance.has_memory && !glance.exact_failed && glance.doubtful == 200 && glance.first_quality == 90);
    cr_assert_null(glance.turned);
    buf_free(&bytes);
    item.memory.first.turned = (uint8_t(*)[PDQ_BYTES])ALLOC_ARRAY(uint8_t, PDQ_ROTATIONS * PDQ_BYTES);
    item.memory.exact.turned = (uint8_t(*)[PDQ_BYTES])ALLOC_ARRAY(uint8_t, PDQ_ROTATIONS * PDQ_BYTES);
    memset(item.memory.first.turned[7], 0x77, PDQ_BYTES);
    bytes = encoded(&item);
    cr_assert(item_glance(bytes.data, bytes.len, &glance));
    cr_assert_arr_eq(glance.turned + 6 * PDQ_BYTES, item.memory.first.turned[7], PDQ_BYTES);
    buf_free(&bytes);
    item_clear(&item);
}

Test(item_glance, leaves_matches_and_frames_to_others)
{
    struct item item = picture();
    struct match match = {.type = HASH_MD5, .list = "l", .entry = "1", .category = ""};
    struct item_glance glance;
    RESERVE(item.matches.items, item.matches.n, item.matches.cap);
    item.matches.items[item.matches.n++] = match;
    struct buf bytes = encoded(&item);
    cr_assert(item_glance(bytes.data, bytes.len, &glance));
    cr_assert(glance.is_more && glance.listed && glance.digests && glance.pdq && !glance.has_memory);
    buf_free(&bytes);
    item.matches.n = 0;
    RESERVE(item.frames.items, item.frames.n, item.frames.cap);
    item.frames.items[item.frames.n++] = (struct video_frame){0};
    bytes = encoded(&item);
    cr_assert(item_glance(bytes.data, bytes.len, &glance));
    cr_assert(glance.is_more && !glance.listed);
    buf_free(&bytes);
    item_clear(&item);
}

/** Cut anywhere, it is refused or has fewer fields; nothing behind the end is read (address sanitizer). */
Test(item_glance, reads_nothing_behind_the_end)
{
    struct item item = picture();
    struct buf bytes = encoded(&item);
    struct item_glance glance;
    for (size_t n = 0; n < bytes.len; n++) {
        uint8_t *cut = memcpy(mem_alloc(n + !n), bytes.data, n);
        if (item_glance(cut, n, &glance) && glance.digests)
            cr_assert(glance.digests >= cut && glance.digests + 68 <= cut + n);
        free(cut);
    }
    buf_free(&bytes);
    item_clear(&item);
}
