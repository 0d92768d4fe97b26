#include <criterion/criterion.h>
#include <string.h>

#include "core/buf.h"
#include "trawl/origin.h"
#include "trawl/where.h"

static struct origin sample(void)
{
    struct origin origin = origin_of(ORIGIN_FS);
    origin.partition = 2;
    origin.volume = 1048576;
    origin.inode = 64;
    origin.attribute_type = 128;
    origin.attribute_id = 5;
    origin.allocated = ORIGIN_DELETED;
    strcpy(origin.file_system, "ntfs");
    origin.times[ORIGIN_CREATED] = 0;
    origin.times[ORIGIN_WRITTEN] = INT64_C(1700000000123456789);
    origin.times[ORIGIN_ACCESSED] = -1;
    origin.all_runs = 3;
    origin.n_runs = 2;
    origin.runs[0] = (struct origin_run){1052672, 4096};
    origin.runs[1] = (struct origin_run){ORIGIN_UNKNOWN, 17};
    return origin;
}

static const char sample_json[] =
    ",\"partition\":2,\"volume_offset\":1048576,\"file_system\":\"ntfs\",\"inode\":64,\"attribute\":\"128-5\","
    "\"allocated\":false,\"created\":\"1970-01-01T00:00:00Z\",\"written\":\"2023-11-14T22:13:20.123456789Z\","
    "\"accessed\":\"1969-12-31T23:59:59.999999999Z\",\"runs\":[[1052672,4096],[null,17]],\"runs_total\":3";

Test(origin, what_is_known_is_written)
{
    struct origin origin = sample(), bare = origin_of(ORIGIN_CARVED);
    struct buf json = {0};
    origin_json(&origin, &json);
    cr_assert_str_eq(buf_str(&json), sample_json);
    json.len = 0;
    origin_json(&bare, &json);
    cr_assert_eq(json.len, 0);
    bare.inode = 5;
    bare.allocated = ORIGIN_SLACK;
    origin_json(&bare, &json);
    cr_assert_str_eq(buf_str(&json), ",\"inode\":5,\"allocated\":false,\"slack\":true");
    buf_free(&json);
}

Test(origin, a_place_keeps_it)
{
    struct origin origin = sample();
    struct where *image = where_new(NULL, "file", "a.dd", 4, WHERE_UNKNOWN, WHERE_UNKNOWN);
    struct where *file = where_new_origin(image, "disk", "p2/x.zip", 8, 7, WHERE_UNKNOWN, &origin);
    struct where *member = where_new_origin(file, "zip", "y", 1, 0, 0, NULL);
    cr_assert_str_eq(file->kind, "fs");
    cr_assert_str_eq(member->kind, "zip");
    struct buf bytes = {0}, again = {0}, one = {0}, two = {0};
    where_encode(member, &bytes);
    struct where *back = where_decode(bytes.data, bytes.len);
    cr_assert_not_null(back);
    where_encode(back, &again);
    cr_assert(bytes.len == again.len && !memcmp(bytes.data, again.data, again.len));
    where_json(member, &one);
    where_json(back, &two);
    cr_assert_str_eq(buf_str(&one), buf_str(&two));
    cr_assert_not_null(strstr(buf_str(&one), sample_json));
    for (size_t n = 0; n < bytes.len; n++)
        cr_assert_null(where_decode(bytes.data, n));
    where_unref(back);
    where_unref(member);
    where_unref(file);
    where_unref(image);
    buf_free(&bytes);
    buf_free(&again);
    buf_free(&one);
    buf_free(&two);
}

Test(origin, a_place_without_is_encoded_as_ever)
{
    struct origin container = origin_of(ORIGIN_CONTAINER);
    struct where *plain = where_new(NULL, "file", "a", 1, WHERE_UNKNOWN, WHERE_UNKNOWN);
    struct where *with = where_new_origin(plain, "zip", "b", 1, 0, 0, &container);
    struct buf bytes = {0};
    where_encode(plain, &bytes);
    cr_assert_eq(bytes.len, 4 + 8 + 5 + 16);
    cr_assert_eq(bytes.data[3], 0);
    cr_assert_str_eq(with->kind, "zip");
    where_unref(with);
    where_unref(plain);
    buf_free(&bytes);
}

Test(origin, impossible_numbers_are_refused)
{
    struct origin origin = sample();
    cr_assert(origin_sane(&origin));
    origin.n_runs = ORIGIN_RUNS + 1;
    origin.all_runs = 99;
    cr_assert_not(origin_sane(&origin));
    origin = sample();
    origin.all_runs = 1;
    cr_assert_not(origin_sane(&origin));
    origin = sample();
    origin.kind = ORIGIN_KINDS;
    cr_assert_not(origin_sane(&origin));
    origin = sample();
    origin.allocated = ORIGIN_STATES;
    cr_assert_not(origin_sane(&origin));
    origin = sample();
    memset(origin.file_system, 'x', sizeof(origin.file_system));
    cr_assert_not(origin_sane(&origin));
    origin = sample();
    strcpy(origin.file_system, "a\"b");
    cr_assert_not(origin_sane(&origin));
}
