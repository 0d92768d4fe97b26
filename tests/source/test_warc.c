#include <criterion/criterion.h>

#include "archive_build.h"
#include "record.h"

static void warc_record(struct buf *bytes, const char *fields, const void *data, size_t n)
{
    buf_printf(bytes, "WARC/1.0\r\n%s\r\nContent-Length: %zu\r\n\r\n", fields, n);
    buf_put(bytes, data, n);
    buf_puts(bytes, "\r\n\r\n");
}

#define HTTP                                                                                                           \
    "WARC-Type: response\r\nWARC-Target-URI: http://a.b/c.jpg\r\nContent-Type: application/http; msgtype=response"

static uint8_t large[900000];

/** Six records: one of each kind that is read in its own way. */
static struct buf six_records(void)
{
    struct buf bytes = {0};
    for (size_t i = 0; i < sizeof(large); i++)
        large[i] = (uint8_t)(i * 2654435761u >> 13);
    warc_record(&bytes, "WARC-Type: warcinfo", "software: x\r\n", 13);
    warc_record(&bytes, "warc-type: resource\r\nWARC-Target-URI: file://one.txt", "hello", 5);
    warc_record(&bytes, "WARC-Type: resource\r\nWARC-Target-URI:<http://x/>", large, sizeof(large));
    warc_record(&bytes, HTTP, "HTTP/1.1 200 OK\r\nServer: s\r\n\r\n\xff\xd8\xff", 33);
    warc_record(&bytes, HTTP, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 60);
    warc_record(&bytes, "WARC-Type: metadata\r\nWARC-Target-URI: http://a.b/c.jpg", "", 0);
    return bytes;
}

static void check_six(const struct record *record, bool offsets)
{
    cr_assert_null(record->broken, "%s", record->broken);
    cr_assert_eq(record->n, 6, "%zu", record->n);
    cr_assert(member_is(&record->members[0], "warcinfo", "software: x\r\n", 13));
    cr_assert(member_is(&record->members[1], "one.txt", "hello", 5));
    cr_assert(member_is(&record->members[2], "http://x/", large, sizeof(large)));
    cr_assert(member_is(&record->members[3], "http://a.b/c.jpg", "\xff\xd8\xff", 3));
    cr_assert_eq(record->members[3].declared, 3);
    cr_assert_eq(record->members[4].n, 60); /* chunks are left as they are */
    cr_assert(member_is(&record->members[5], "http://a.b/c.jpg", "", 0));
    cr_assert_eq(record->members[0].offset, offsets ? 0 : UINT64_MAX);
    cr_assert_eq(record->end.status, TRAWL_OK, "%s", record->end.detail);
    cr_assert_eq(record->end.missing, 0);
}

Test(warc, every_record_is_a_member)
{
    struct buf bytes = six_records();
    struct record record = record_new();
    cr_assert_eq(sniff(bytes.data, bytes.len, bytes.len), TYPE_WARC);
    record_bytes(&record, bytes.data, bytes.len, TYPE_WARC);
    check_six(&record, true);
    cr_assert_eq(record.end.accounted, bytes.len);
    record_free(&record);
    buf_free(&bytes);
}

Test(warc, inside_of_filters)
{
    static const int codes[] = {ARCHIVE_FILTER_GZIP, ARCHIVE_FILTER_LZ4, ARCHIVE_FILTER_ZSTD};
    static const enum file_type types[] = {TYPE_GZIP, TYPE_LZ4, TYPE_ZSTD};
    struct buf bytes = six_records();
    for (size_t i = 0; i < 3; i++) {
        struct file file = {.name = "m", .data = bytes.data, .n = bytes.len};
        struct buf packed = archive_build(ARCHIVE_FORMAT_RAW, codes[i], &file, 1);
        struct record record = record_new();
        record_bytes(&record, packed.data, packed.len, types[i]);
        check_six(&record, false);
        cr_assert_eq(record.end.accounted, packed.len);
        record_free(&record);
        packed.len /= 2;
        record = record_new();
        record_bytes(&record, packed.data, packed.len, types[i]);
        cr_assert_null(record.broken, "%s", record.broken);
        cr_assert_eq(record.end.status, TRAWL_DAMAGED);
        cr_assert(types[i] != TYPE_GZIP || (record.n >= 2 && record.end.missing == UINT64_MAX));
        record_free(&record);
        buf_free(&packed);
    }
    buf_free(&bytes);
}

Test(warc, what_libarchive_writes)
{
    struct file two[] = {{.name = "a", .data = "hello", .n = 5}, {.name = "b", .data = "world", .n = 5}};
    struct buf bytes = archive_build(ARCHIVE_FORMAT_WARC, ARCHIVE_FILTER_NONE, two, 2);
    struct record record = record_new();
    record_bytes(&record, bytes.data, bytes.len, TYPE_WARC);
    cr_assert_eq(record.n, 3);
    cr_assert(member_is(&record.members[1], "a", "hello", 5));
    cr_assert(member_is(&record.members[2], "b", "world", 5));
    cr_assert_eq(record.end.accounted, bytes.len);
    record_free(&record);
    buf_free(&bytes);
}

Test(warc, finds_its_way_behind_garbage)
{
    struct buf bytes = {0};
    warc_record(&bytes, "WARC-Type: resource\r\nWARC-Target-URI: a", "hello", 5);
    buf_puts(&bytes, "garbage, and WARC/ in it\r\n\r\n");
    warc_record(&bytes, "WARC-Type: resource\r\nWARC-Target-URI: b", "world", 5);
    struct record record = record_new();
    record_bytes(&record, bytes.data, bytes.len, TYPE_WARC);
    cr_assert_null(record.broken, "%s", record.broken);
    cr_assert_eq(record.end.status, TRAWL_DAMAGED);
    cr_assert(member_is(&record.members[0], "a", "hello", 5));
    cr_assert(member_is(&record.members[record.n - 1], "b", "world", 5));
    record_free(&record);
    buf_free(&bytes);
}

Test(warc, cut_off_and_started_again)
{
    struct buf bytes = six_records();
    for (size_t n = 0; n < 600; n++) {
        struct record record = record_new();
        record_bytes(&record, bytes.data, n, TYPE_WARC);
        cr_assert_null(record.broken, "%zu: %s", n, record.broken);
        record_free(&record);
    }
    int fd = record_memfd(bytes.data, bytes.len);
    for (uint64_t k = 0; k <= 7; k++) {
        struct record record = record_new();
        struct unpack_input input = record_input(fd, bytes.len, TYPE_WARC);
        input.first_index = k;
        record_run(&record, &input);
        cr_assert_eq(record.n, k < 6 ? 6 - k : 0);
        record_free(&record);
        record = record_new();
        input.first_index = 0;
        input.limits.value[LIMIT_ENTRIES] = k;
        record_run(&record, &input);
        cr_assert_null(record.broken, "%s", record.broken);
        cr_assert_eq(record.n, k < 6 ? k : 6);
        record_free(&record);
    }
    close(fd);
    buf_free(&bytes);
}
