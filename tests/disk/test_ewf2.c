#ifdef HAVE_DISK
#include <criterion/criterion.h>
#include <sys/mman.h>
#include <unistd.h>

#include "build.h"
#include "disk/medium.h"

/** An image of one or two files. */
static struct medium medium;
static struct segment segments[2];

static bool open_parts(const struct buf *parts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int fd = memfd_create("medium", MFD_CLOEXEC);
        cr_assert(fd >= 0 && write(fd, parts[i].data, parts[i].len) == (ssize_t)parts[i].len);
        segments[i] = (struct segment){fd, parts[i].len, i ? "a.Ex02" : NULL};
    }
    return medium_open(&medium, TYPE_EWF, segments, n);
}

static void close_parts(void)
{
    size_t n = medium.n_segments;
    medium_close(&medium);
    for (size_t i = 0; i < n; i++)
        close(segments[i].fd);
}

static bool block_is(unsigned number, uint64_t at)
{
    uint8_t got[4096], want[4096];
    disk_block(number, want, sizeof(want));
    uint64_t before = medium.bad_reads;
    return medium_read(&medium, got, 4096, at) == 4096 && memcmp(got, want, 4096) == 0 && medium.bad_reads == before;
}

Test(ewf2, says_what_it_was_taken_for)
{
    struct buf bytes = {0};
    build_ewf2(&bytes);
    cr_assert(open_parts(&bytes, 1), "%s", medium.why);
    const struct acquisition *a = &medium.acquisition;
    cr_assert_str_eq(a->case_number, "CASE17");
    cr_assert_str_eq(a->evidence_number, "EV4");
    cr_assert_str_eq(a->description, "what");
    cr_assert_str_eq(a->examiner, "A. Examiner");
    cr_assert_str_eq(a->notes, "notes");
    cr_assert_str_eq(a->software, "7.04");
    cr_assert_str_eq(a->acquired, "2012-07-27T00:00:00Z");
    cr_assert(a->has_md5 && memcmp(a->md5, "0123456789abcdef", 16) == 0);
    cr_assert(a->has_sha1 && memcmp(a->sha1, "0123456789abcdefghij", 20) == 0);
    close_parts();
    buf_free(&bytes);
}

/** Where the entries of the one table stand. */
static size_t entries_of(const struct buf *bytes)
{
    for (size_t at = 64; at + 64 <= bytes->len; at += 16)
        if (get_le(bytes->data + at, 4) == 4 && get_le(bytes->data + at + 24, 4) == 64)
            return (size_t)get_le(bytes->data + at + 8, 8) + 64 + 32;
    return 0;
}

static void seal(struct buf *bytes, size_t entries)
{
    disk_le(bytes, entries + 48, libdeflate_adler32(1, bytes->data + entries, 48), 4);
}

Test(ewf2, patterns_and_stored_chunks_without_checksum)
{
    struct buf bytes = {0};
    uint8_t got[20];
    build_ewf2(&bytes);
    size_t entries = entries_of(&bytes);
    cr_assert(entries);
    disk_put(&bytes, entries + 16, "abcdefgh", 8);
    disk_le(&bytes, entries + 32 + 12, 0, 4);
    seal(&bytes, entries);
    cr_assert(open_parts(&bytes, 1), "%s", medium.why);
    cr_assert_eq(medium_read(&medium, got, 20, 4096 + 3), 20);
    cr_assert_eq(memcmp(got, "defghabcdefghabcdefg", 20), 0);
    cr_assert(block_is(2, 8192));
    close_parts();
    /* The checksum behind the chunk may not be counted. */
    disk_le(&bytes, entries + 32 + 8, 4096, 4);
    disk_le(&bytes, entries + 32 + 12, 2, 4);
    seal(&bytes, entries);
    cr_assert(open_parts(&bytes, 1));
    cr_assert(block_is(2, 8192));
    close_parts();
    buf_free(&bytes);
}

Test(ewf2, flipped_bytes_are_noticed)
{
    struct buf bytes = {0};
    build_ewf2(&bytes);
    size_t entries = entries_of(&bytes);
    for (unsigned i = 0; i < 2; i++) {
        size_t at = (size_t)get_le(bytes.data + entries + 32 * i, 8) + 20;
        bytes.data[at] ^= 0x10;
        cr_assert(open_parts(&bytes, 1));
        cr_assert_not(block_is(2 * i, 8192 * i));
        const struct bad_range *bad = medium_bad_in(&medium, 0, 3 * 4096);
        cr_assert(bad && bad->start == 8192 * i && bad->end == 8192 * i + 4096);
        cr_assert(block_is(2 - 2 * i, 8192 - 8192 * i));
        close_parts();
        bytes.data[at] ^= 0x10;
    }
    /* A table with a wrong checksum: chunks that have their own are believed, patterns are not. */
    bytes.data[entries + 16] ^= 1;
    cr_assert(open_parts(&bytes, 1));
    cr_assert(block_is(0, 0));
    cr_assert(block_is(2, 8192));
    cr_assert_not(block_is(1, 4096));
    cr_assert_not_null(strstr(medium.note, "table of chunks is broken"));
    close_parts();
    bytes.data[entries + 16] ^= 1;
    /* The head of the table. */
    bytes.data[entries - 32 + 8] ^= 1;
    cr_assert(open_parts(&bytes, 1));
    cr_assert_not_null(strstr(medium.note, "3 of 3 chunks are missing"), "%s", medium.note);
    close_parts();
    buf_free(&bytes);
}

Test(ewf2, cut_and_joined)
{
    struct buf parts[2] = {{0}}, cut = {0};
    size_t previous = 0;
    build_ewf2(&parts[0]);
    /* Without its end: all that its sections name is there. */
    cut = (struct buf){parts[0].data, parts[0].len - 70, 0};
    cr_assert(open_parts(&cut, 1), "%s", medium.why);
    cr_assert(block_is(0, 0) && block_is(1, 4096) && block_is(2, 8192));
    cr_assert_not_null(strstr(medium.note, "truncated"));
    close_parts();
    /* The last chunk in a second file. */
    size_t entries = entries_of(&parts[0]);
    parts[0].len = entries - 32;
    size_t before = parts[0].len - 64;
    const struct ewf2_entry first[2] = {{get_le(parts[0].data + entries, 8), 4096, 1}, {0, 0, 5}};
    struct buf *b = &parts[0];
    size_t at = ewf2_table(b, b->len, &before, 0, first, 2);
    ewf2_section(b, at, &before, 13, 0);
    b = &parts[1];
    ewf2_head(b, 2);
    at = ewf2_texts(b, &previous);
    size_t n = disk_put_packed(b, at, 2, 4096, true);
    const struct ewf2_entry second = {at, (uint32_t)n, 1};
    at = ewf2_section(b, at, &previous, 3, 0);
    at = ewf2_table(b, at, &previous, 2, &second, 1);
    ewf2_section(b, at, &previous, 15, 0);
    cr_assert(open_parts(parts, 2), "%s", medium.why);
    cr_assert(block_is(0, 0) && block_is(1, 4096) && block_is(2, 8192));
    cr_assert_str_eq(medium.note, "");
    close_parts();
    /* Alone, and with a part of another image. */
    cr_assert(open_parts(parts, 1));
    cr_assert_not_null(strstr(medium.note, "1 of 3 chunks are missing, from sector 16 on"), "%s", medium.note);
    cr_assert_not(block_is(2, 8192));
    close_parts();
    parts[1].data[20] ^= 1;
    cr_assert(open_parts(parts, 2));
    cr_assert_not(block_is(2, 8192));
    close_parts();
    cr_assert_not(open_parts(parts + 1, 1));
    cr_assert_eq(medium.status, TRAWL_UNSUPPORTED);
    close_parts();
    buf_free(&parts[0]);
    buf_free(&parts[1]);
}

Test(ewf2, what_is_not_read_is_said)
{
    struct buf bytes = {0};
    build_ewf2(&bytes);
    bytes.data[10] = 2;
    cr_assert_not(open_parts(&bytes, 1));
    cr_assert_eq(medium.status, TRAWL_UNSUPPORTED);
    cr_assert_not_null(strstr(medium.why, "bzip2"));
    close_parts();
    bytes.data[10] = 1;
    /* A section more, that is encrypted. */
    size_t previous = bytes.len - 64;
    ewf2_section(&bytes, bytes.len, &previous, 2, 2);
    cr_assert_not(open_parts(&bytes, 1));
    cr_assert_eq(medium.status, TRAWL_ENCRYPTED);
    close_parts();
    buf_free(&bytes);
}
#endif
