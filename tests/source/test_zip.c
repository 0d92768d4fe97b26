#include <criterion/criterion.h>

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

/** Bytes bent at random: nothing may crash, and the sink's rules must hold. */
