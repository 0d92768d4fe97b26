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

struct lie {
    const char *what;
    bool packed;
    int64_t crc, csize, usize; /* added to the truth */
    enum trawl_status status;
    size_t given;
    const char *detail;
};

Test(zip_broken, lies_about_a_member)
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

Test(zip_broken, data_hidden_behind_the_end_of_compressed_data_is_not_accounted_for)
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

Test(zip_broken, cut_off_anywhere)
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

Test(zip_broken, a_directory_that_breaks_in_the_middle)
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

Test(zip_broken, declared_but_nowhere)
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

Test(zip_broken, directory_records_without_local_headers)
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

Test(zip_broken, a_medium_that_gives_nothing)
{
    struct build build = {0};
    build_add(&build, build_stored("m", hello, 5));
    build_end(&build, false, "");
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

Test(zip_broken, survives_bent_bytes)
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
