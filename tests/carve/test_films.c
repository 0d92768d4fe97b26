/* Films, archives and documents out of noise, to the byte; cut, with another file behind; and what stands in them. */
#include "../source/zip_build.h"
#include "carved.h"
#include "made.h"

static struct file_bytes file_of(struct buf *bytes)
{
    return (struct file_bytes){bytes->data, bytes->len};
}

/** `marked`: its end is a mark that no other file has; without, a file cut in its last part cannot be told from a whole
 * one. */
static void check(struct buf *bytes, const char *suffix, bool marked, unsigned least)
{
    assert_found(file_of(bytes), suffix);
    unsigned partial = assert_cuts(file_of(bytes), 40, marked);
    cr_assert_geq(partial, least, "%s: of 40 cuts %u leave a fragment", suffix, partial);
    buf_free(bytes);
}

Test(carve_films, boxes)
{
    struct buf bytes = {0};
    made_mp4(&bytes, "mp42", true);
    check(&bytes, "mp4", false, 20);
    made_mp4(&bytes, "qt  ", false);
    check(&bytes, "mov", false, 20);
    made_fragmented(&bytes);
    check(&bytes, "mp4", false, 10);
    made_boxed(&bytes, "jp2");
    check(&bytes, "jp2", false, 20);
    made_boxed(&bytes, "jxl");
    check(&bytes, "jxl", false, 20);
}

Test(carve_films, chunks_elements_objects_tags)
{
    struct buf bytes = {0};
    made_avi(&bytes, false);
    check(&bytes, "avi", false, 20);
    made_avi(&bytes, true);
    check(&bytes, "avi", false, 20);
    made_mkv(&bytes, "matroska", false);
    check(&bytes, "mkv", false, 10);
    made_mkv(&bytes, "webm", true);
    check(&bytes, "webm", false, 10);
    made_asf(&bytes);
    check(&bytes, "wmv", false, 20);
    made_flv(&bytes);
    check(&bytes, "flv", true, 10);
}

Test(carve_films, a_picture_over_its_frames_is_found)
{
    struct file_bytes picture = make_photo_jpeg(64, 48, PHOTO_JPEG);
    struct buf film = {0};
    made_mp4(&film, "isom", true);
    cr_assert_lt(picture.size + 1500, film.len);
    memcpy(film.data + 1000, picture.data, picture.size);
    struct medium medium = medium_new();
    medium_noise(&medium, 24);
    medium_put(&medium, film.data, film.len);
    medium_noise(&medium, 1000);
    struct record record = carved(&medium);
    cr_assert_eq(record.n, 2u);
    assert_carved(&record, 0, 24, medium.bytes + 24, film.len, "mp4");
    assert_carved(&record, 1, 1024, picture.data, picture.size, "jpg");
    record_free(&record);
    /* Frames of Motion JPEG are none, unless they begin with a sector. */
    memcpy(medium.bytes + 24 + 80, "jpeg\0\0\0\0\0\0", 10);
    record = carved(&medium);
    cr_assert_eq(record.n, 2u);
    record_free(&record);
    memmove(medium.bytes + 1001, medium.bytes + 1024, picture.size);
    record = carved(&medium);
    cr_assert_eq(record.n, 1u);
    record_free(&record);
    medium_free(&medium);
    buf_free(&film);
    free(picture.data);
}

Test(carve_films, zip)
{
    static uint8_t room[4096];
    char text[600];
    memset(text, 'a', sizeof(text));
    for (unsigned kind = 0; kind < 8; kind++) {
        struct build build = {0};
        for (unsigned i = 0; i < 4; i++) {
            struct build_entry entry = i % 2 ? build_stored("stored.txt", text, sizeof(text))
                                             : build_deflated("packed.txt", text, sizeof(text), room, sizeof(room));
            entry.descriptor = kind & 1;
            entry.flags = kind & 1 ? 8 : 0;
            entry.zip64 = kind & 2;
            build_add(&build, entry);
        }
        build_end(&build, kind & 2, kind & 4 ? "a comment" : "");
        assert_found(file_of(&build.bytes), "zip");
        cr_assert_gt(assert_cuts(file_of(&build.bytes), 40, true), 20u);
        build_free(&build);
    }
}

Test(carve_films, sevenzip_and_pdf)
{
    struct buf bytes = {0};
    made_7z(&bytes);
    check(&bytes, "7z", true, 30);
    made_pdf(&bytes, 1);
    check(&bytes, "pdf", true, 2);
    made_pdf(&bytes, 3);
    check(&bytes, "pdf", true, 15);
    /* One behind the other are two. */
    struct medium medium = medium_new();
    made_pdf(&bytes, 2);
    medium_put(&medium, bytes.data, bytes.len);
    medium_put(&medium, bytes.data, bytes.len);
    struct record record = carved(&medium);
    cr_assert_eq(record.n, 2u);
    assert_carved(&record, 1, bytes.len, bytes.data, bytes.len, "pdf");
    record_free(&record);
    medium_free(&medium);
    buf_free(&bytes);
}
