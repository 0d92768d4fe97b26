#include <criterion/criterion.h>

#include <fcntl.h>

#include "record.h"
#include "zip_build.h"

static const char hello[] = "hello";

static struct record run_build(const struct build *build)
{
    struct record record = record_new();
    record_bytes(&record, build->bytes.data, build->bytes.len, TYPE_ZIP);
    cr_assert_null(record.broken, "%s", record.broken);
    return record;
}

/** 300 kB of text, which deflate must give in several pieces. */
static uint8_t *long_text(size_t *n)
{
    *n = 300001;
    uint8_t *text = malloc(*n);
    for (size_t i = 0; i < *n; i++)
        text[i] = (uint8_t)("the quick brown fox "[i % 20] ^ (i / 977 & 7));
    return text;
}

Test(zip, stored_and_deflated_members)
{
    size_t n;
    uint8_t *text = long_text(&n), *room = malloc(n);
    struct build build = {0};
    build_add(&build, build_stored("a/1", hello, 5));
    build_add(&build, build_deflated("a/2", text, n, room, n));
    build_add(&build, build_stored("empty", "", 0));
    build_add(&build, build_deflated("empty too", "", 0, room + n / 2, n / 2));
    build_end(&build, false, "");
    struct record record = run_build(&build);
    cr_assert_eq(record.n, 4);
    cr_assert(member_is(&record.members[0], "a/1", hello, 5));
    cr_assert(member_is(&record.members[1], "a/2", text, n));
    cr_assert(member_is(&record.members[2], "empty", "", 0));
    cr_assert(member_is(&record.members[3], "empty too", "", 0));
    for (size_t i = 0; i < 4; i++) {
        cr_assert_eq(record.members[i].status, TRAWL_OK);
        cr_assert_eq(record.members[i].size, record.members[i].declared);
    }
    cr_assert_eq(record.members[0].offset, 0);
    cr_assert_eq(record.members[1].offset, 30 + 3 + 5);
    cr_assert_eq(record.end.status, TRAWL_OK);
    cr_assert_eq(record.end.missing, 0);
    cr_assert_eq(record.end.accounted, build.bytes.len);
    record_free(&record);
    build_free(&build);
    free(text);
    free(room);
}

/** Zeros: inflate takes its last input long before it has given all, also where the output ends with a full buffer. */
Test(zip, much_out_of_little)
{
    static const size_t sizes[] = {262143, 262144, 262145, 524288, 1 << 20};
    static uint8_t zeros[1 << 20], room[1 << 16];
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        struct build build = {0};
        build_add(&build, build_deflated("z", zeros, sizes[i], room, sizeof(room)));
        build_end(&build, false, "");
        struct record record = run_build(&build);
        cr_assert_eq(record.members[0].status, TRAWL_OK, "%zu: %s", sizes[i], record.members[0].detail);
        cr_assert(member_is(&record.members[0], "z", zeros, sizes[i]));
        record_free(&record);
        build_free(&build);
    }
}

Test(zip, zip64_and_descriptors)
{
    uint8_t room[64];
    for (int zip64 = 0; zip64 < 2; zip64++) {
        struct build build = {0};
        struct build_entry entry = build_stored("a", hello, 5),
                           packed = build_deflated("b", "world", 5, room, sizeof(room));
        entry.zip64 = packed.zip64 = zip64;
        packed.descriptor = true;
        build_add(&build, entry);
        build_add(&build, packed);
        build_end(&build, zip64, "comment");
        struct record record = run_build(&build);
        cr_assert_eq(record.n, 2);
        cr_assert(member_is(&record.members[0], "a", hello, 5));
        cr_assert(member_is(&record.members[1], "b", "world", 5));
        cr_assert_eq(record.members[1].status, TRAWL_OK);
        cr_assert_eq(record.end.accounted, build.bytes.len);
        cr_assert_eq(record.end.status, TRAWL_OK, "%s", record.end.detail);
        record_free(&record);
        build_free(&build);
    }
}

Test(zip, what_stands_before_the_archive_is_not_accounted_for)
{
    for (int adjusted = 0; adjusted < 2; adjusted++) {
        struct build build = {0};
        buf_puts(&build.bytes, "stub of a self-extractor");
        size_t stub = build.bytes.len;
        build.prefix = adjusted ? 0 : stub;
        build_add(&build, build_stored("a", hello, 5));
        build_end(&build, false, "");
        struct record record = run_build(&build);
        cr_assert_eq(record.n, 1);
        cr_assert(member_is(&record.members[0], "a", hello, 5));
        cr_assert_eq(record.members[0].offset, stub);
        cr_assert_eq(record.end.accounted, build.bytes.len - stub);
        record_free(&record);
        build_free(&build);
    }
}

Test(zip, entries_that_share_a_local_header_are_all_listed)
{
    struct build build = {0};
    struct build_entry entry = build_stored("a", hello, 5);
    build_local(&build, &entry);
    for (int i = 0; i < 100; i++)
        build_central(&build, &entry);
    build_end(&build, false, "");
    struct record record = run_build(&build);
    cr_assert_eq(record.n, 100);
    for (size_t i = 0; i < 100; i++)
        cr_assert(member_is(&record.members[i], "a", hello, 5) && record.members[i].index == i);
    cr_assert_eq(record.end.accounted, build.bytes.len);
    record_free(&record);
    build_free(&build);
}

Test(zip, entries_outside_of_the_directory_are_found)
{
    uint8_t room[64];
    struct build build = {0};
    struct build_entry hidden = build_stored("hidden", "secret", 6),
                       streamed = build_deflated("streamed", "deflated", 8, room, sizeof(room));
    struct build_entry open = build_stored("open", "of unknown length", 17);
    streamed.descriptor = open.descriptor = true;
    build_local(&build, &hidden);
    build_add(&build, build_stored("listed", hello, 5));
    build_local(&build, &streamed);
    build_local(&build, &open);
    build_add(&build, build_stored("last", hello, 5));
    build_end(&build, false, "");
    struct record record = run_build(&build);
    cr_assert_eq(record.n, 5);
    cr_assert(member_is(&record.members[0], "listed", hello, 5));
    cr_assert(member_is(&record.members[1], "last", hello, 5));
    cr_assert(member_is(&record.members[2], "hidden", "secret", 6));
    cr_assert(member_is(&record.members[3], "streamed", "deflated", 8));
    cr_assert(member_is(&record.members[4], "open", "of unknown length", 17));
    for (size_t i = 0; i < 5; i++)
        cr_assert_eq(record.members[i].status, TRAWL_OK, "%zu: %s", i, record.members[i].detail);
    cr_assert_eq(record.end.status, TRAWL_OK);
    cr_assert_str_eq(record.end.detail, "3 entries not in the central directory");
    cr_assert_eq(record.end.accounted, build.bytes.len);
    record_free(&record);
    build_free(&build);
}

Test(zip, a_zip_stored_in_a_zip_hides_nothing)
{
    struct build inner = {0}, outer = {0};
    build_add(&inner, build_stored("deep", hello, 5));
    build_end(&inner, false, "");
    build_add(&outer, build_stored("inner.zip", inner.bytes.data, inner.bytes.len));
    build_end(&outer, false, "");
    struct record record = run_build(&outer);
    cr_assert_eq(record.n, 1);
    cr_assert(member_is(&record.members[0], "inner.zip", inner.bytes.data, inner.bytes.len));
    cr_assert_str_empty(record.end.detail);
    record_free(&record);
    build_free(&inner);
    build_free(&outer);
}

Test(zip, two_archives_one_behind_the_other)
{
    struct build build = {0};
    build_add(&build, build_stored("first", hello, 5));
    build_end(&build, false, "");
    build.prefix = build.bytes.len;
    build.central.len = 0;
    build.entries = 0;
    build_add(&build, build_stored("second", hello, 5));
    build_end(&build, false, "");
    struct record record = run_build(&build);
    cr_assert_eq(record.n, 2);
    cr_assert(member_is(&record.members[0], "second", hello, 5));
    cr_assert(member_is(&record.members[1], "first", hello, 5));
    cr_assert_eq(record.end.accounted, build.bytes.len);
    record_free(&record);
    build_free(&build);
}

/** One member whose headers lie; what it must end with. */
struct lie {
    const char *what;
    bool packed;
    int64_t crc, csize, usize; /* added to the truth */
    enum trawl_status status;
    size_t given;
    const char *detail;
};

Test(zip, lies_about_a_member)
{
    static const struct lie lies[] = {
        {"truth", false, 0, 0, 0, TRAWL_OK, 10, ""},
        {"truth", true, 0, 0, 0, TRAWL_OK, 10, ""},
        {"crc", false, 1, 0, 0, TRAWL_DAMAGED, 10, "CRC mismatch"},
        {"crc", true, 1, 0, 0, TRAWL_DAMAGED, 10, "CRC mismatch"},
        {"less than there is", false, 0, 0, -3, TRAWL_DAMAGED, 7, "more data than declared"},
        {"less than there is", true, 0, 0, -3, TRAWL_DAMAGED, 7, "more data than declared"},
        {"nothing at all", true, 0, 0, -10, TRAWL_DAMAGED, 0, "more data than declared"},
        {"more than there is", false, 0, 0, 5, TRAWL_DAMAGED, 10, "10 bytes of 15"},
        {"more than there is", true, 0, 0, 5, TRAWL_DAMAGED, 10, "10 bytes of 15"},
        {"4 GiB more", true, 0, 0, 0xf0000000, TRAWL_DAMAGED, 10, "10 bytes of 4026531850"},
        {"packed too short", true, 0, -3, 0, TRAWL_DAMAGED, 0, "its data ends too early"},
    };
    uint8_t room[64];
    for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
        const struct lie *lie = &lies[i];
        struct build build = {0};
        struct build_entry entry = build_stored("m", "0123456789", 10);
        if (lie->packed)
            entry = build_deflated("m", "0123456789", 10, room, sizeof(room));
        entry.crc += (uint32_t)lie->crc;
        entry.csize += (uint64_t)lie->csize;
        entry.usize += (uint64_t)lie->usize;
        build_add(&build, entry);
        build_add(&build, build_stored("next", hello, 5));
        build_end(&build, false, "");
        struct record record = run_build(&build);
        const struct record_member *member = &record.members[0];
        cr_assert_geq(record.n, 2);
        cr_assert_eq(member->status, lie->status, "%s: %s", lie->what, member->detail);
        cr_assert(lie->given ? member->n == lie->given : member->n <= 10, "%s: %zu bytes", lie->what, member->n);
        cr_assert_str_eq(member->detail, lie->detail);
        cr_assert_arr_eq(member->data ? member->data : (const uint8_t *)"", "0123456789", member->n);
        cr_assert(member_is(&record.members[1], "next", hello, 5), "%s", lie->what);
        record_free(&record);
        build_free(&build);
    }
}

Test(zip, data_hidden_behind_the_end_of_compressed_data_is_not_accounted_for)
{
    uint8_t room[80] = {0};
    struct build build = {0};
    struct build_entry entry = build_deflated("m", hello, 5, room, 64);
    memcpy(room + entry.csize, "slack", 5);
    entry.csize += 5;
    entry.csize_real += 5;
    build_add(&build, entry);
    build_end(&build, false, "");
    struct record record = run_build(&build);
    cr_assert_eq(record.n, 1);
    cr_assert(member_is(&record.members[0], "m", hello, 5));
    cr_assert_eq(record.members[0].status, TRAWL_OK);
    cr_assert_eq(record.end.accounted, build.bytes.len - 5);
    record_free(&record);
    build_free(&build);
}

Test(zip, cut_off_anywhere)
{
    uint8_t room[64];
    struct build build = {0};
    build_add(&build, build_stored("first", hello, 5));
    build_add(&build, build_deflated("second", "some more text", 14, room, sizeof(room)));
    build_add(&build, build_stored("third", "third", 5));
    size_t directory = build.bytes.len;
    build_end(&build, false, "");
    for (size_t n = 0; n < build.bytes.len; n++) {
        struct record record = record_new();
        record_bytes(&record, build.bytes.data, n, TYPE_ZIP);
        cr_assert_null(record.broken, "%zu: %s", n, record.broken);
        cr_assert_eq(record.end.status, TRAWL_DAMAGED, "%zu", n);
        cr_assert_eq(record.end.missing, UINT64_MAX);
        if (n >= 40) {
            cr_assert_geq(record.n, 1);
            cr_assert(member_is(&record.members[0], "first", hello, 5));
            cr_assert_eq(record.members[0].status, TRAWL_OK);
        }
        if (n >= directory)
            cr_assert(record.n == 3 && member_is(&record.members[2], "third", "third", 5));
        for (size_t i = 0; i + 1 < record.n; i++)
            cr_assert_eq(record.members[i].status, TRAWL_OK, "only the last can be cut");
        record_free(&record);
    }
    build_free(&build);
}

Test(zip, a_directory_that_breaks_in_the_middle)
{
    struct build build = {0};
    for (int i = 0; i < 5; i++)
        build_add(&build, build_stored("m", hello, 5));
    size_t directory = build.bytes.len;
    build_end(&build, false, "");
    build.bytes.data[directory + 2 * 47] ^= 0xff; /* the third record's signature */
    struct record record = run_build(&build);
    cr_assert_eq(record.n, 5); /* three of them by their local headers */
    for (size_t i = 0; i < 5; i++)
        cr_assert(member_is(&record.members[i], "m", hello, 5));
    cr_assert_eq(record.end.status, TRAWL_DAMAGED);
    cr_assert_eq(record.end.missing, 0);
    cr_assert_str_eq(record.end.detail, "the central directory lists 2 entries of 5");
    record_free(&record);
    build_free(&build);
}

Test(zip, declared_but_nowhere)
{
    struct build build = {0};
    build_add(&build, build_stored("m", hello, 5));
    build.entries = 1;
    build_end(&build, false, "");
    /* The end record counts more entries than the directory has room for: it is no end record. */
    build.bytes.data[build.bytes.len - 12] = 9;
    struct record record = run_build(&build);
    cr_assert_eq(record.n, 1);
    cr_assert_eq(record.end.status, TRAWL_DAMAGED);
    record_free(&record);
    build_free(&build);
}

Test(zip, directory_records_without_local_headers)
{
    struct build build = {0};
    struct build_entry entry = build_stored("m", hello, 5), lost = build_stored("lost", hello, 5);
    build_local(&build, &entry);
    build_central(&build, &entry);
    lost.offset = 3;
    build_central(&build, &lost);
    lost.offset = 0x7fffffff;
    build_central(&build, &lost);
    build_end(&build, false, "");
    struct record record = run_build(&build);
    cr_assert_eq(record.n, 3);
    cr_assert(member_is(&record.members[0], "m", hello, 5));
    cr_assert_eq(record.members[1].status, TRAWL_DAMAGED);
    cr_assert_str_eq(record.members[1].detail, "no local header at offset 3");
    cr_assert_eq(record.members[2].status, TRAWL_DAMAGED);
    cr_assert_eq(record.end.status, TRAWL_DAMAGED);
    cr_assert_str_eq(record.end.detail, "2 of 3 entries have no local header");
    record_free(&record);
    build_free(&build);
}

Test(zip, encrypted_and_unsupported_members)
{
    struct build build = {0};
    struct build_entry locked = build_stored("locked", hello, 5), aes = locked, method = locked;
    locked.flags = 1;
    aes.name = "aes", aes.name_len = 3, aes.method = 99, aes.flags = 1;
    method.name = "deflate64", method.name_len = 9, method.method = 9;
    build_add(&build, locked);
    build_add(&build, aes);
    build_add(&build, method);
    build_end(&build, false, "");
    struct record record = run_build(&build);
    cr_assert_eq(record.n, 3);
    cr_assert_eq(record.members[0].status, TRAWL_ENCRYPTED);
    cr_assert_eq(record.members[1].status, TRAWL_ENCRYPTED);
    cr_assert_eq(record.members[2].status, TRAWL_UNSUPPORTED);
    cr_assert_not_null(strstr(record.members[2].detail, "zip method 9 (deflate64)"));
    cr_assert_eq(record.end.status, TRAWL_OK);
    cr_assert_eq(record.end.accounted, build.bytes.len);
    record_free(&record);
    build_free(&build);
}

Test(zip, names_are_raw)
{
    static char longest[65535];
    static const struct {
        const char *name;
        size_t n;
    } names[] = {
        {"..\\..\\x", 7},    {"a\0b.jpg", 7}, {"", 0},     {"\xff\xfe\xc0\x80", 4},
        {"/etc/passwd", 11}, {"same", 4},     {"same", 4}, {longest, sizeof(longest)},
    };
    struct build build = {0};
    memset(longest, 'n', sizeof(longest));
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct build_entry entry = build_stored("", hello, 5);
        entry.name = names[i].name;
        entry.name_len = names[i].n;
        entry.flags = i & 1 ? 0x800 : 0;
        build_add(&build, entry);
    }
    build_end(&build, false, "");
    struct record record = run_build(&build);
    cr_assert_eq(record.n, sizeof(names) / sizeof(*names));
    for (size_t i = 0; i < record.n; i++) {
        cr_assert_eq(record.members[i].name_len, names[i].n);
        cr_assert_arr_eq(record.members[i].name, names[i].name, names[i].n);
        cr_assert_eq(record.members[i].status, TRAWL_OK);
    }
    record_free(&record);
    /* The same without a directory. */
    record = record_new();
    record_bytes(&record, build.bytes.data, build.bytes.len - 22, TYPE_ZIP);
    cr_assert_eq(record.n, sizeof(names) / sizeof(*names));
    for (size_t i = 0; i < record.n; i++)
        cr_assert_arr_eq(record.members[i].name, names[i].name, names[i].n);
    record_free(&record);
    build_free(&build);
}

Test(zip, kinds_of_entries)
{
    static const struct {
        const char *name;
        uint16_t host;
        uint32_t attributes;
        bool data;
        enum file_type type;
    } kinds[] = {
        {"plain", 0, 0, true, TYPE_OTHER},
        {"folder/", 0, 0, false, TYPE_DIRECTORY},
        {"picture.jpg/", 0, 0x10, true, TYPE_OTHER}, /* a folder has no bytes */
        {"dos folder", 0, 0x10, false, TYPE_DIRECTORY},
        {"unix folder", 3, 0040755u << 16, false, TYPE_DIRECTORY},
        {"link", 3, 0120777u << 16, true, TYPE_SYMLINK},
        {"mac link", 19, 0120777u << 16, true, TYPE_SYMLINK},
        {"fifo", 3, 0010644u << 16, false, TYPE_FIFO},
        {"socket", 3, 0140644u << 16, false, TYPE_SOCKET},
        {"device", 3, 0020644u << 16, false, TYPE_DEVICE},
        {"fifo with bytes", 3, 0010644u << 16, true, TYPE_OTHER},
        {"mode of another system", 0, 0120777u << 16, true, TYPE_OTHER},
    };
    struct build build = {0};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        struct build_entry entry = build_stored(kinds[i].name, hello, kinds[i].data ? 5 : 0);
        entry.host = kinds[i].host;
        entry.attributes = kinds[i].attributes;
        build_add(&build, entry);
    }
    build_end(&build, false, "");
    struct record record = run_build(&build);
    cr_assert_eq(record.n, sizeof(kinds) / sizeof(*kinds));
    for (size_t i = 0; i < record.n; i++) {
        cr_assert_eq(record.members[i].type, kinds[i].type, "%s", kinds[i].name);
        cr_assert(member_is(&record.members[i], kinds[i].name, hello, kinds[i].data ? 5 : 0));
    }
    record_free(&record);
    build_free(&build);
}

/** 70,000 entries: also without zip64, where the count is modulo 65,536. */
Test(zip, more_entries_than_the_end_record_can_count)
{
    for (int zip64 = 0; zip64 < 2; zip64++) {
        struct build build = {0};
        struct build_entry entry = build_stored("e", "", 0);
        build_local(&build, &entry);
        for (int i = 0; i < 70000; i++)
            build_central(&build, &entry);
        build_end(&build, zip64, "");
        struct record record = run_build(&build);
        cr_assert_eq(record.n, 70000);
        cr_assert_eq(record.end.status, TRAWL_OK, "%s", record.end.detail);
        record_free(&record);
        build_free(&build);
    }
}

static struct build many_members(void)
{
    struct build build = {0};
    struct build_entry hidden = build_stored("hidden", hello, 5);
    for (int i = 0; i < 9; i++)
        build_add(&build, build_stored("m", hello, 5));
    build_local(&build, &hidden);
    build_end(&build, false, "");
    return build;
}

Test(zip, starts_again_at_any_entry)
{
    struct build build = many_members();
    int fd = record_memfd(build.bytes.data, build.bytes.len);
    for (uint64_t first = 0; first <= 11; first++) {
        struct record record = record_new();
        struct unpack_input input = record_input(fd, build.bytes.len, TYPE_ZIP);
        input.first_index = first;
        record_run(&record, &input);
        cr_assert_null(record.broken, "%s", record.broken);
        cr_assert_eq(record.n, first > 10 ? 0 : 10 - first);
        cr_assert(!record.n || record.members[0].index == first);
        cr_assert_eq(record.end.entries, 10);
        cr_assert_eq(record.end.accounted, build.bytes.len);
        record_free(&record);
    }
    close(fd);
    build_free(&build);
}

Test(zip, limit_of_entries)
{
    struct build build = many_members();
    int fd = record_memfd(build.bytes.data, build.bytes.len);
    for (uint64_t most = 0; most <= 10; most++) {
        struct record record = record_new();
        struct unpack_input input = record_input(fd, build.bytes.len, TYPE_ZIP);
        input.limits.value[LIMIT_ENTRIES] = most;
        record_run(&record, &input);
        cr_assert_eq(record.n, most);
        cr_assert_eq(record.end.status, most < 10 ? TRAWL_LIMIT : TRAWL_OK);
        cr_assert_eq(record.end.limit, most < 10 ? LIMIT_ENTRIES : LIMIT_NONE);
        cr_assert_eq(record.end.missing, most < 9 ? 9 - most : 0);
        record_free(&record);
    }
    close(fd);
    build_free(&build);
}

Test(zip, unwanted_bytes_are_not_read)
{
    size_t n;
    uint8_t *text = long_text(&n), *room = malloc(n);
    struct build build = {0};
    build_add(&build, build_deflated("a", text, n, room, n));
    build_add(&build, build_stored("b", text, n));
    build_end(&build, false, "");
    for (int refuse = 0; refuse < 2; refuse++) {
        struct record record = record_new();
        record.refuse = refuse;
        record.enough = 10;
        record_bytes(&record, build.bytes.data, build.bytes.len, TYPE_ZIP);
        cr_assert_null(record.broken, "%s", record.broken);
        cr_assert_eq(record.n, 2);
        for (size_t i = 0; i < 2; i++) {
            cr_assert_eq(record.members[i].status, TRAWL_OK);
            cr_assert_eq(record.members[i].size, n);
        }
        cr_assert_eq(record.end.accounted, build.bytes.len);
        record_free(&record);
    }
    build_free(&build);
    free(text);
    free(room);
}

Test(zip, a_medium_that_gives_nothing)
{
    struct build build = many_members();
    int fd = record_memfd(build.bytes.data, build.bytes.len);
    char path[64];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    int write_only = open(path, O_WRONLY);
    struct record record = record_new();
    struct unpack_input input = record_input(write_only, build.bytes.len, TYPE_ZIP);
    record_run(&record, &input);
    cr_assert_null(record.broken, "%s", record.broken);
    cr_assert_eq(record.end.status, TRAWL_IO_ERROR);
    cr_assert_eq(record.end.accounted, 0);
    record_free(&record);
    close(write_only);
    close(fd);
    build_free(&build);
}

/** Bytes bent at random: nothing may crash, and the sink's rules must hold. */
Test(zip, survives_bent_bytes)
{
    uint8_t room[64];
    uint64_t state = 0x9e3779b97f4a7c15ull;
    struct build build = {0};
    struct build_entry packed = build_deflated("packed", "text text text text", 19, room, sizeof(room)),
                       hidden = packed;
    build_add(&build, build_stored("stored", hello, 5));
    packed.descriptor = hidden.descriptor = true;
    packed.zip64 = true;
    build_add(&build, packed);
    build_local(&build, &hidden);
    packed.method = 12;
    packed.descriptor = false;
    build_add(&build, packed);
    build_end(&build, true, "comment");
    uint8_t *bent = malloc(build.bytes.len);
    for (int round = 0; round < 4000; round++) {
        memcpy(bent, build.bytes.data, build.bytes.len);
        for (int k = 0; k < 1 + round % 4; k++) {
            state = state * 6364136223846793005ull + 1442695040888963407ull;
            bent[(state >> 33) % build.bytes.len] = round & 16 ? (uint8_t)(state >> 24) : (round & 32 ? 0xff : 0);
        }
        struct record record = record_new();
        record_bytes(&record, bent, build.bytes.len - (round % 7 ? 0 : (state >> 40) % build.bytes.len), TYPE_ZIP);
        cr_assert_null(record.broken, "round %d: %s", round, record.broken);
        record_free(&record);
    }
    free(bent);
    build_free(&build);
}
