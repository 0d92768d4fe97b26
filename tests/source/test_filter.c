#include <criterion/criterion.h>

#include "archive_build.h"
#include "record.h"

static const struct {
    int code;
    enum file_type type;
    const char *suffix;
} filters[] = {
    {ARCHIVE_FILTER_GZIP, TYPE_GZIP, ".gz"},  {ARCHIVE_FILTER_BZIP2, TYPE_BZIP2, ".bz2"},
    {ARCHIVE_FILTER_XZ, TYPE_XZ, ".xz"},      {ARCHIVE_FILTER_LZMA, TYPE_LZMA, ".lzma"},
    {ARCHIVE_FILTER_ZSTD, TYPE_ZSTD, ".zst"}, {ARCHIVE_FILTER_LZ4, TYPE_LZ4, ".lz4"},
    {ARCHIVE_FILTER_LZIP, TYPE_LZIP, ".lz"},  {ARCHIVE_FILTER_COMPRESS, TYPE_COMPRESS, ".Z"},
};

enum { FILTERS = sizeof(filters) / sizeof(*filters), LARGE = 700001 };

static uint8_t *large(void)
{
    uint8_t *data = malloc(LARGE);
    for (size_t i = 0; i < LARGE; i++)
        data[i] = (uint8_t)("some compressible text, "[i % 24] ^ (i * 2654435761u >> 30));
    return data;
}

static struct buf one_file(int filter, const void *data, size_t n)
{
    struct file file = {.name = "m", .data = data, .n = n};
    return archive_build(ARCHIVE_FORMAT_RAW, filter, &file, 1);
}

static struct record run_named(const struct buf *bytes, enum file_type type, const char *name)
{
    struct record record = record_new();
    int fd = record_memfd(bytes->data, bytes->len);
    struct unpack_input input = record_input(fd, bytes->len, type);
    input.name = (const uint8_t *)name;
    input.name_len = strlen(name);
    record_run(&record, &input);
    close(fd);
    cr_assert_null(record.broken, "%s: %s", type_name(type), record.broken);
    return record;
}

Test(filter, one_member_under_the_name_without_the_suffix)
{
    uint8_t *data = large();
    for (size_t i = 0; i < FILTERS; i++) {
        char name[64];
        snprintf(name, sizeof(name), "folder.gz/picture.jpg%s", filters[i].suffix);
        struct buf bytes = one_file(filters[i].code, data, LARGE);
        cr_assert_eq(sniff(bytes.data, bytes.len, bytes.len), filters[i].type);
        struct record record = run_named(&bytes, filters[i].type, name);
        cr_assert_eq(record.n, 1);
        cr_assert(member_is(&record.members[0], "picture.jpg", data, LARGE), "%s", filters[i].suffix);
        cr_assert_eq(record.members[0].status, TRAWL_OK);
        cr_assert_eq(record.members[0].size, LARGE);
        cr_assert_eq(record.end.status, TRAWL_OK);
        cr_assert_eq(record.end.accounted, bytes.len, "%s: %lu of %zu", filters[i].suffix,
                     (unsigned long)record.end.accounted, bytes.len);
        record_free(&record);
        buf_free(&bytes);
    }
    free(data);
}

Test(filter, members_of_a_tar_or_cpio_inside_are_delivered_directly)
{
    uint8_t *data = large();
    struct file two[] = {{.name = "a", .data = data, .n = LARGE}, {.name = "b", .data = "hello", .n = 5}};
    static const int formats[] = {ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FORMAT_CPIO_SVR4_NOCRC};
    for (size_t i = 0; i < FILTERS; i++) {
        for (size_t k = 0; k < 2; k++) {
            struct buf bytes = archive_build(formats[k], filters[i].code, two, 2);
            struct record record = run_named(&bytes, filters[i].type, "x.tgz");
            cr_assert_eq(record.n, 2, "%zu%s: %zu", k, filters[i].suffix, record.n);
            cr_assert(member_is(&record.members[0], "a", data, LARGE));
            cr_assert(member_is(&record.members[1], "b", "hello", 5));
            cr_assert_eq(record.members[0].offset, UINT64_MAX);
            cr_assert_eq(record.end.status, TRAWL_OK, "%s", record.end.detail);
            cr_assert_eq(record.end.accounted, bytes.len, "%zu %s: %lu of %zu", k, filters[i].suffix,
                         (unsigned long)record.end.accounted, bytes.len);
            record_free(&record);
            buf_free(&bytes);
        }
    }
    free(data);
}

/** libarchive's own bidding takes 512 zero bytes for an empty tar. */
Test(filter, zeros_are_no_empty_tar)
{
    uint8_t *image = calloc(1, 100000);
    memcpy(image + 1080, "\x53\xef", 2);
    for (size_t i = 0; i < FILTERS; i++) {
        struct buf bytes = one_file(filters[i].code, image, 100000);
        struct record record = run_named(&bytes, filters[i].type, "");
        cr_assert_eq(record.n, 1);
        cr_assert(member_is(&record.members[0], "data", image, 100000));
        record_free(&record);
        buf_free(&bytes);
    }
    free(image);
}

Test(filter, an_empty_stream_is_an_empty_member)
{
    for (size_t i = 0; i < FILTERS; i++) {
        /* libarchive's writers of these two cannot do it. */
        if (filters[i].type == TYPE_LZ4 || filters[i].type == TYPE_COMPRESS)
            continue;
        struct buf bytes = one_file(filters[i].code, "", 0);
        struct record record = run_named(&bytes, filters[i].type, "");
        cr_assert_eq(record.n, 1, "%s", filters[i].suffix);
        cr_assert_eq(record.members[0].size, 0);
        cr_assert_eq(record.end.status, TRAWL_OK, "%s: %s", filters[i].suffix, record.end.detail);
        record_free(&record);
        buf_free(&bytes);
    }
}

Test(filter, only_one_layer_is_taken_off)
{
    for (size_t i = 0; i < FILTERS; i++) {
        struct buf inner = one_file(filters[i].code, "hello", 5);
        struct buf outer = one_file(filters[i].code, inner.data, inner.len);
        struct record record = run_named(&outer, filters[i].type, "");
        cr_assert_eq(record.n, 1);
        cr_assert(member_is(&record.members[0], "data", inner.data, inner.len), "%s", filters[i].suffix);
        record_free(&record);
        buf_free(&inner);
        buf_free(&outer);
    }
}

/** gzip and compress give all that can be unpacked; libarchive's filters may keep their last block. None may say ok. */
Test(filter, cut_off_streams_are_damaged)
{
    uint8_t *data = large();
    for (size_t i = 0; i < FILTERS; i++) {
        struct buf bytes = one_file(filters[i].code, data, LARGE);
        size_t whole = bytes.len;
        for (size_t part = 1; part < 8; part++) {
            bytes.len = whole * part / 8;
            struct record record = run_named(&bytes, filters[i].type, "");
            if (filters[i].type != TYPE_COMPRESS) { /* which does not say where it ends */
                cr_assert_eq(record.end.status, TRAWL_DAMAGED, "%s %zu/8", filters[i].suffix, part);
                cr_assert(record.n == 1 && record.members[0].status == TRAWL_DAMAGED);
            }
            if (filters[i].type == TYPE_GZIP || filters[i].type == TYPE_COMPRESS)
                cr_assert_gt(record.members[0].n, LARGE * part / 32, "%s %zu/8: %zu", filters[i].suffix, part,
                             record.members[0].n);
            cr_assert_arr_eq(record.members[0].data ? record.members[0].data : data, data, record.members[0].n);
            record_free(&record);
        }
        buf_free(&bytes);
    }
    free(data);
}

Test(filter, cut_off_tar)
{
    uint8_t *data = large();
    struct file two[] = {{.name = "b", .data = "hello", .n = 5}, {.name = "a", .data = data, .n = LARGE}};
    for (size_t i = 0; i < FILTERS; i++) {
        struct buf bytes = archive_build(ARCHIVE_FORMAT_TAR_USTAR, filters[i].code, two, 2);
        bytes.len = bytes.len * 3 / 4;
        struct record record = run_named(&bytes, filters[i].type, "");
        cr_assert_eq(record.end.status, TRAWL_DAMAGED, "%s", filters[i].suffix);
        if (filters[i].type == TYPE_GZIP) {
            cr_assert_eq(record.n, 2);
            cr_assert(member_is(&record.members[0], "b", "hello", 5));
            cr_assert_eq(record.members[1].status, TRAWL_DAMAGED);
            cr_assert_gt(record.members[1].n, LARGE / 2);
            cr_assert_str_eq(record.end.detail, "the gzip data ends too early");
            cr_assert_eq(record.end.missing, UINT64_MAX);
        }
        record_free(&record);
        buf_free(&bytes);
    }
    free(data);
}

Test(filter, gzip_members_in_a_row_are_one_stream)
{
    struct buf bytes = one_file(ARCHIVE_FILTER_GZIP, "hello ", 6), more = one_file(ARCHIVE_FILTER_GZIP, "world", 5);
    struct buf none = one_file(ARCHIVE_FILTER_GZIP, "", 0);
    for (int i = 0; i < 5000; i++)
        buf_put(&bytes, none.data, none.len);
    buf_put(&bytes, more.data, more.len);
    struct record record = run_named(&bytes, TYPE_GZIP, "");
    cr_assert_eq(record.n, 1);
    cr_assert(member_is(&record.members[0], "data", "hello world", 11));
    cr_assert_eq(record.end.accounted, bytes.len);
    record_free(&record);
    buf_free(&bytes);
    buf_free(&more);
    buf_free(&none);
}

Test(filter, what_is_behind_the_stream)
{
    struct buf bytes = one_file(ARCHIVE_FILTER_GZIP, "hello", 5);
    size_t whole = bytes.len;
    static const uint8_t zeros[100];
    buf_put(&bytes, zeros, sizeof(zeros));
    struct record record = run_named(&bytes, TYPE_GZIP, "");
    cr_assert_eq(record.end.accounted, bytes.len); /* padding */
    record_free(&record);
    buf_puts(&bytes, "hidden");
    record = run_named(&bytes, TYPE_GZIP, "");
    cr_assert_eq(record.end.accounted, whole);
    cr_assert_eq(record.members[0].status, TRAWL_OK);
    record_free(&record);
    buf_free(&bytes);
}

Test(filter, gzip_checksums)
{
    for (size_t at = 1; at <= 8; at++) {
        struct buf bytes = one_file(ARCHIVE_FILTER_GZIP, "hello", 5);
        bytes.data[bytes.len - at] ^= 1;
        struct record record = run_named(&bytes, TYPE_GZIP, "");
        cr_assert(member_is(&record.members[0], "data", "hello", 5));
        cr_assert_eq(record.members[0].status, TRAWL_DAMAGED);
        cr_assert_str_eq(record.members[0].detail, at > 4 ? "CRC mismatch" : "the size in the gzip trailer is wrong");
        record_free(&record);
        buf_free(&bytes);
    }
}

Test(filter, gzip_header_fields)
{
    /* extra field, name, comment, header checksum; "hello" in a stored block */
    static const uint8_t bytes[] = "\x1f\x8b\x08\x1e\0\0\0\0\0\3\3\0abcna\xefme\0comment\0\x12\x34"
                                   "\x01\5\0\xfa\xffhello\x86\xa6\x10\x36\5\0\0\0";
    struct buf buf = {.data = (uint8_t *)(uintptr_t)bytes, .len = sizeof(bytes) - 1};
    struct record record = run_named(&buf, TYPE_GZIP, "no suffix");
    cr_assert_eq(record.end.status, TRAWL_OK, "%s", record.end.detail);
    cr_assert(member_is(&record.members[0], "na\xefme", "hello", 5));
    record_free(&record);
    record = run_named(&buf, TYPE_GZIP, "its.own.GZ");
    cr_assert(member_is(&record.members[0], "its.own", "hello", 5));
    record_free(&record);
    for (size_t n = 0; n < buf.len; n++) {
        struct buf cut = {.data = buf.data, .len = n};
        record = run_named(&cut, TYPE_GZIP, "");
        cr_assert_eq(record.end.status, TRAWL_DAMAGED, "%zu", n);
        record_free(&record);
    }
}

/** Noise behind text makes compress(1) clear its table, in the middle of a group of codes. */
Test(filter, compress_clears_its_table)
{
    enum { N = 1 << 20 };
    uint64_t state = 1;
    uint8_t *data = malloc(N);
    for (size_t i = 0; i < N; i++) {
        state = state * 6364136223846793005ull + 1442695040888963407ull;
        data[i] = i >> 17 & 1 ? (uint8_t)(state >> 40) : (uint8_t)("some compressible text, "[i % 24]);
    }
    struct buf bytes = one_file(ARCHIVE_FILTER_COMPRESS, data, N);
    struct record record = run_named(&bytes, TYPE_COMPRESS, "");
    cr_assert_eq(record.end.status, TRAWL_OK, "%s", record.end.detail);
    cr_assert_eq(record.members[0].size, N);
    cr_assert_arr_eq(record.members[0].data, data, record.members[0].n);
    record_free(&record);
    buf_free(&bytes);
    free(data);
}

Test(filter, names)
{
    static const struct {
        const char *container, *member;
    } names[] = {
        {"a.jpg.gz", "a.jpg"}, {"a.tgz", "a.tar"},  {"A.TBZ2", "A.tar"},  {"dir.gz/a.xz", "a"},
        {"a.tar.Z", "a.tar"},  {"a.svgz", "a.svg"}, {"noext", "data"},    {".gz", "data"},
        {"x/.gz", "data"},     {"", "data"},        {"a.gz.jpg", "data"}, {"\xff\xfe.gz", "\xff\xfe"},
    };
    struct buf bytes = one_file(ARCHIVE_FILTER_GZIP, "hello", 5);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct record record = run_named(&bytes, TYPE_GZIP, names[i].container);
        cr_assert_str_eq((char *)record.members[0].name, names[i].member);
        record_free(&record);
    }
    buf_free(&bytes);
}

Test(filter, data_behind_an_archive_in_the_stream)
{
    struct file file = {.name = "a", .data = "hello", .n = 5};
    struct buf cpio = archive_build(ARCHIVE_FORMAT_CPIO_SVR4_NOCRC, ARCHIVE_FILTER_NONE, &file, 1);
    buf_puts(&cpio, "hidden behind the trailer");
    struct buf bytes = one_file(ARCHIVE_FILTER_GZIP, cpio.data, cpio.len);
    struct record record = run_named(&bytes, TYPE_GZIP, "");
    cr_assert_eq(record.n, 1);
    cr_assert(member_is(&record.members[0], "a", "hello", 5));
    cr_assert_eq(record.end.status, TRAWL_DAMAGED);
    cr_assert_not_null(strstr(record.end.detail, "behind the end of the cpio inside"), "%s", record.end.detail);
    record_free(&record);
    buf_free(&bytes);
    buf_free(&cpio);
}

Test(filter, delivered_before_or_not_wanted)
{
    uint8_t *data = large();
    for (size_t i = 0; i < FILTERS; i++) {
        struct buf bytes = one_file(filters[i].code, data, LARGE);
        int fd = record_memfd(bytes.data, bytes.len);
        struct record record = record_new();
        struct unpack_input input = record_input(fd, bytes.len, filters[i].type);
        input.first_index = 1;
        record_run(&record, &input);
        cr_assert_null(record.broken, "%s", record.broken);
        cr_assert_eq(record.n, 0);
        cr_assert_eq(record.end.entries, 1);
        record_free(&record);
        record = record_new();
        record.enough = 1000;
        input.first_index = 0;
        record_run(&record, &input);
        cr_assert_null(record.broken, "%s", record.broken);
        cr_assert_eq(record.n, 1);
        cr_assert_eq(record.members[0].status, TRAWL_OK);
        record_free(&record);
        close(fd);
        buf_free(&bytes);
    }
    free(data);
}

/** Bytes bent at random in the streams that are unpacked by our own code. */
Test(filter, survives_bent_bytes)
{
    static const int own[] = {0, 7}; /* gzip, compress */
    uint64_t state = 0x2545f4914f6cdd1dull;
    uint8_t *data = large();
    for (size_t i = 0; i < 2; i++) {
        struct buf bytes = one_file(filters[own[i]].code, data, 30000);
        uint8_t *bent = malloc(bytes.len);
        for (int round = 0; round < 500; round++) {
            memcpy(bent, bytes.data, bytes.len);
            for (int k = 0; k < 1 + round % 3; k++) {
                state = state * 6364136223846793005ull + 1442695040888963407ull;
                bent[(state >> 33) % (round % 2 ? bytes.len : 16)] = (uint8_t)(state >> 24);
            }
            struct record record = record_new();
            record_bytes(&record, bent, bytes.len, filters[own[i]].type);
            cr_assert_null(record.broken, "round %d: %s", round, record.broken);
            record_free(&record);
        }
        free(bent);
        buf_free(&bytes);
    }
    free(data);
}
