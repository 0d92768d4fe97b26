/* Carving as a whole: ranges, order, limits, bytes that cannot be read, work that stays linear. */
#include "carved.h"
#include "simd/level.h"

static struct file_bytes jpeg_of(uint32_t width)
{
    return make_photo_jpeg(width, width / 2, PHOTO_JPEG);
}

Test(carve, files_side_by_side_and_across_windows)
{
    struct medium medium = medium_new();
    struct file_bytes small = jpeg_of(64), large = make_photo_png(900, 700, PHOTO_PNG);
    size_t at[12];
    for (unsigned i = 0; i < 12; i++) {
        /* Some begin just before the end of a window of 1 MiB, or lie across it. */
        if (i % 3 == 0)
            medium_noise(&medium, (((medium.n >> 20) + 1) << 20) - medium.n - i);
        at[i] = medium_put(&medium, i % 2 ? small.data : large.data, i % 2 ? small.size : large.size);
    }
    for (enum simd_level level = SIMD_SCALAR; level <= simd_level_best(); level++) {
        simd_level_set(level);
        struct record record = carved(&medium);
        cr_assert_eq(record.n, 12u);
        for (unsigned i = 0; i < 12; i++)
            assert_carved(&record, i, at[i], i % 2 ? small.data : large.data, i % 2 ? small.size : large.size,
                          i % 2 ? "jpg" : "png");
        cr_assert_eq(record.end.status, TRAWL_OK);
        record_free(&record);
    }
    medium_free(&medium);
    free(small.data);
    free(large.data);
}

Test(carve, ranges_alone_and_as_one)
{
    struct file_bytes file = jpeg_of(300);
    struct medium medium = medium_new();
    size_t half = file.size / 2;
    medium_noise(&medium, 4096);
    medium_put(&medium, file.data, half);
    size_t gap = medium_put(&medium, NULL, 5000), rest = gap + 5000;
    medium_put(&medium, file.data + half, file.size - half);
    medium_noise(&medium, 4096);
    const struct carve_range ranges[] = {{0, gap}, {gap + 100, gap + 100}, {rest, medium.n}};
    struct record record = carved_ranges(&medium, ranges, 3, true, NULL);
    cr_assert_eq(record.n, 1u);
    assert_carved(&record, 0, 4096, file.data, file.size, "jpg");
    record_free(&record);
    record = carved_ranges(&medium, ranges, 3, false, NULL);
    cr_assert_eq(record.n, 1u);
    assert_partial(&record, 0, 4096, file.data, half);
    record_free(&record);
    medium_free(&medium);
    free(file.data);
}

Test(carve, what_cannot_be_read_is_told)
{
    struct file_bytes file = jpeg_of(200);
    struct medium medium = medium_new();
    size_t first = medium_put(&medium, file.data, file.size), second = medium_put(&medium, file.data, file.size);
    /* A byte that is zero already: the picture's structure stands. */
    uint8_t *zero = memchr(medium.bytes + second + file.size / 2, 0, file.size / 2);
    cr_assert_not_null(zero);
    medium.bad = (uint64_t)(zero - medium.bytes);
    medium.bad_end = medium.bad + 1;
    struct record record = carved(&medium);
    cr_assert_eq(record.n, 2u);
    assert_carved(&record, 0, first, file.data, file.size, "jpg");
    cr_assert_eq(record.members[1].status, TRAWL_IO_ERROR);
    record_free(&record);
    medium_free(&medium);
    free(file.data);
}

Test(carve, limits_are_told)
{
    struct file_bytes file = jpeg_of(100);
    struct medium medium = medium_new();
    struct limits limits;
    limits_default(&limits);
    for (unsigned i = 0; i < 5; i++)
        medium_put(&medium, file.data, file.size);
    const struct carve_range all = {0, medium.n};
    limits.value[LIMIT_ENTRIES] = 3;
    struct record record = carved_ranges(&medium, &all, 1, false, &limits);
    cr_assert_eq(record.n, 3u);
    cr_assert_eq(record.end.status, TRAWL_LIMIT);
    cr_assert_eq(record.end.limit, LIMIT_ENTRIES);
    record_free(&record);
    limits_default(&limits);
    limits.value[LIMIT_CARVE_PARTIAL] = 1000;
    medium.n = file.size - 50;
    const struct carve_range cut = {0, medium.n};
    record = carved_ranges(&medium, &cut, 1, false, &limits);
    cr_assert_eq(record.n, 1u);
    assert_partial(&record, 0, 0, file.data, 1000);
    record_free(&record);
    medium_free(&medium);
    free(file.data);
}

/** Beginnings of JPEGs every 64 bytes, whose segments all lead into one chain to the end. */
static void put_far_beginnings(struct medium *medium, size_t n)
{
    static const char head[] = "\xff\xd8\xff\xe0\x40\x1cJFIF\0\1\1\0\0\1\0\1\0\0xxxxxxxxxxxx\xff\xe0\x3f\xfe";
    size_t at = medium_put(medium, NULL, n);
    for (size_t k = 0; k < n; k += 64)
        memcpy(medium->bytes + at + k, head, sizeof(head) - 1);
}

Test(carve, the_work_is_linear, .timeout = 60)
{
    struct file_bytes file = jpeg_of(100);
    struct medium medium = medium_new();
    struct limits limits;
    limits_default(&limits);
    put_far_beginnings(&medium, 8 << 20);
    medium_noise(&medium, 1 << 20);
    size_t at = medium_put(&medium, file.data, file.size);
    struct carve_range all = {0, medium.n};
    struct record record = carved_ranges(&medium, &all, 1, false, &limits);
    cr_assert_eq(record.end.status, TRAWL_LIMIT);
    cr_assert_eq(record.end.limit, LIMIT_CARVE_WORK);
    /* What is allowed at first, what each byte adds, and what is scanned and handed over. */
    cr_assert_leq(medium.read, (16ull << 20) + (64 + limits.value[LIMIT_CARVE_WORK] + 3) * medium.n);
    cr_assert_eq(record.n, 1u);
    assert_carved(&record, 0, at, file.data, file.size, "jpg");
    record_free(&record);
    medium_free(&medium);
    free(file.data);
}

Test(carve, members_before_the_first_wanted_are_passed_over)
{
    struct file_bytes file = jpeg_of(100);
    struct medium medium = medium_new();
    size_t at[4];
    for (unsigned i = 0; i < 4; i++)
        at[i] = medium_put(&medium, file.data, file.size);
    const struct carve_range all = {0, medium.n};
    struct record record = record_new();
    struct limits limits;
    limits_default(&limits);
    record.keep = 1 << 20;
    struct carve_job job = {.source = &medium.source,
                            .ranges = &all,
                            .n_ranges = 1,
                            .index = 10,
                            .announce_from = 12,
                            .sink = &record.sink,
                            .limits = &limits};
    cr_assert_eq(carve_run(&job, &record.end), 14u);
    cr_assert_eq(record.n, 2u);
    cr_assert_eq(record.members[0].index, 12u);
    assert_carved(&record, 0, at[2], file.data, file.size, "jpg");
    record_free(&record);
    medium_free(&medium);
    free(file.data);
}

Test(carve, the_first_look_tells_files_from_words)
{
    struct file_bytes jpeg = jpeg_of(64), png = make_photo_png(20, 20, PHOTO_PNG);
    struct medium medium = medium_new();
    medium_noise(&medium, 5000);
    cr_assert_not(carve_probe(medium.bytes, medium.n));
    /* What programs hold that know of such files. */
    medium_put(&medium,
               "\x89PNG\r\n\x1a\n\0GIF89a\0GIF87a\0RIFF\0WEBP\0ftyp\0%PDF-\0BM\0II*\0MM\0*\0PK\3\4\0\xff\xd8\xff\0",
               64);
    medium_noise(&medium, 5000);
    cr_assert_not(carve_probe(medium.bytes, medium.n));
    size_t n = medium.n;
    medium_put(&medium, jpeg.data, jpeg.size);
    cr_assert(carve_probe(medium.bytes, medium.n));
    medium.n = n;
    medium_put(&medium, png.data, png.size);
    cr_assert(carve_probe(medium.bytes, medium.n));
    cr_assert_not(carve_probe(medium.bytes, 0));
    medium_free(&medium);
    free(jpeg.data);
    free(png.data);
}
