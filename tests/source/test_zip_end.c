#include <criterion/criterion.h>

#include <stdlib.h>

#include "record.h"
#include "zip_build.h"

/** sniff_zip_tail over the last bytes of a file, in a buffer of exactly their size. */
static bool tail_of(const struct buf *bytes, size_t n)
{
    n = n < bytes->len ? n : bytes->len;
    uint8_t *exact = malloc(n ? n : 1);
    memcpy(exact, bytes->data + bytes->len - n, n);
    bool found = sniff_zip_tail(exact, n, bytes->len);
    free(exact);
    return found;
}

static struct build two_entries(const char *before, bool zip64, const char *comment)
{
    struct build build = {.prefix = strlen(before)};
    buf_puts(&build.bytes, before);
    build_add(&build, build_stored("a", "hello", 5));
    build_add(&build, build_stored("b", "world!", 6));
    build_end(&build, zip64, comment);
    return build;
}

Test(zip_end, found_with_comment_prefix_and_zip64)
{
    for (int zip64 = 0; zip64 < 2; zip64++) {
        for (int prefix = 0; prefix < 2; prefix++) {
            struct build build =
                two_entries(prefix ? "something in front" : "", zip64, prefix ? "" : "a comment with PK\5\6 in it");
            cr_assert(tail_of(&build.bytes, SNIFF_TAIL));
            build_free(&build);
        }
    }
}

Test(zip_end, found_with_offsets_that_count_from_the_file)
{
    struct build build = {0};
    buf_puts(&build.bytes, "stub of a self-extractor, offsets adjusted");
    build_add(&build, build_stored("a", "hello", 5));
    build_end(&build, false, "");
    cr_assert(tail_of(&build.bytes, SNIFF_TAIL));
    build_free(&build);
}

Test(zip_end, junk_behind_only_where_the_directory_stands)
{
    struct build build = two_entries("", false, "");
    buf_puts(&build.bytes, "trailing junk");
    cr_assert(tail_of(&build.bytes, SNIFF_TAIL));
    /* Without the directory's signature in reach, the comment length has to fit. */
    cr_assert_not(tail_of(&build.bytes, 22 + 13));
    build_free(&build);
}

Test(zip_end, directory_outside_of_the_tail)
{
    struct build build = two_entries("", false, "");
    cr_assert(tail_of(&build.bytes, 22));
    build.bytes.data[build.bytes.len - 10] ^= 0x40; /* size of the directory: before the file's beginning */
    cr_assert(tail_of(&build.bytes, 22) == false);
    build_free(&build);
}

/** Each number of the record bent: the signature alone proves nothing. */
Test(zip_end, accidental_signatures_are_refused)
{
    for (size_t at = 4; at < 22; at++) {
        struct build build = two_entries("", false, "");
        size_t record = build.bytes.len - 22;
        build.bytes.data[record + at] ^= 0x5a;
        /* The number of a volume; a smaller offset, which only means that something stands in front. */
        bool harmless = at == 4 || at == 5 || at == 16;
        cr_assert(!tail_of(&build.bytes, SNIFF_TAIL) || harmless, "byte %zu", at);
        build_free(&build);
    }
    struct build build = two_entries("", false, "");
    size_t directory = build.bytes.len - 22 - build.central.len;
    build.bytes.data[directory] ^= 1;
    cr_assert_not(tail_of(&build.bytes, SNIFF_TAIL));
    build_free(&build);
}

Test(zip_end, an_empty_archive_must_be_all_there_is)
{
    struct build build = {0};
    build_end(&build, false, "nothing in it");
    cr_assert(tail_of(&build.bytes, SNIFF_TAIL));
    build_free(&build);
    buf_puts(&build.bytes, "x");
    build_end(&build, false, "");
    cr_assert_not(tail_of(&build.bytes, SNIFF_TAIL));
    build_free(&build);
}

Test(zip_end, short_tails)
{
    struct build build = two_entries("", true, "");
    for (size_t n = 0; n <= build.bytes.len; n++)
        cr_assert_eq(tail_of(&build.bytes, n), n >= 22 + 20 + 56, "%zu", n);
    build_free(&build);
    cr_assert_not(sniff_zip_tail((const uint8_t *)"PK\5\6", 4, 4));
    cr_assert_not(sniff_zip_tail((const uint8_t *)"", 0, 0));
}
