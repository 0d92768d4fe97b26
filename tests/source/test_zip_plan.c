#include <criterion/criterion.h>

#include "record.h"
#include "zip_build.h"

/* Ranges cost 32 MiB at least, an entry 4 KiB beside its data: this many entries of nothing are three ranges. */
#define ENTRIES 24576u

static struct unpack_range planned[UNPACK_RANGES];
static size_t n_planned;

static void take_plan(struct unpack_sink *sink, const struct unpack_range *ranges, size_t n)
{
    struct record *record = (struct record *)sink;
    if (record->n || n_planned)
        record->broken = "a plan behind the first entry";
    n_planned = n;
    memcpy(planned, ranges, n * sizeof(*ranges));
}

/** Runs with the plan allowed up to `split_bytes`. */
static struct record run(const struct build *build, struct unpack_input *input)
{
    struct record record = record_new();
    record.sink.plan = take_plan;
    n_planned = 0;
    input->fd = record_memfd(build->bytes.data, build->bytes.len);
    unpack_find(TYPE_ZIP)->run(input, &record.sink, &record.end);
    cr_assert_null(record.broken, "%s", record.broken);
    close(input->fd);
    return record;
}

static struct unpack_input input_of(const struct build *build)
{
    struct unpack_input input = record_input(-1, build->bytes.len, TYPE_ZIP);
    input.split_bytes = 1ull << 30;
    return input;
}

/** Small entries, every third one deflated; behind the first third one that no directory lists. */
static void build_many(struct build *build, unsigned n, bool zip64)
{
    static uint8_t room[64];
    for (unsigned i = 0; i < n; i++) {
        char name[32], data[32];
        snprintf(name, sizeof(name), "%u", i);
        size_t len = (size_t)snprintf(data, sizeof(data), "member %u", i);
        build_add(build, i % 3 ? build_stored(name, data, len) : build_deflated(name, data, len, room, sizeof(room)));
        if (i == n / 3) {
            struct build_entry hidden = build_stored("hidden", "not listed", 10);
            build_local(build, &hidden);
        }
    }
    build_end(build, zip64, "");
}

static void same_members(const struct record *whole, size_t at, const struct record *part)
{
    for (size_t i = 0; i < part->n; i++) {
        const struct record_member *a = &whole->members[at + i], *b = &part->members[i];
        cr_assert_eq(a->index, b->index);
        cr_assert_eq(a->offset, b->offset);
        cr_assert_eq(a->status, b->status);
        cr_assert_eq(a->n, b->n);
        cr_assert_eq(a->name_len, b->name_len);
        cr_assert_eq(memcmp(a->name, b->name, a->name_len), 0);
        cr_assert(!a->n || memcmp(a->data, b->data, a->n) == 0);
    }
}

/** All ranges, and what is behind them, one after the other, each also from its middle on. */
static void check_ranges(const struct build *build, const struct record *whole)
{
    struct unpack_input input = input_of(build);
    struct record first = run(build, &input);
    size_t at = first.n, n = n_planned;
    struct unpack_range ranges[UNPACK_RANGES];
    memcpy(ranges, planned, sizeof(ranges));
    cr_assert_geq(n, 2);
    cr_assert_eq(ranges[0].first, 0);
    cr_assert_eq(at, ranges[0].end);
    same_members(whole, 0, &first);
    record_free(&first);
    for (size_t i = 1; i <= n; i++) {
        input = input_of(build);
        input.range = i < n ? ranges[i] : (struct unpack_range){0};
        input.first_index = i < n ? ranges[i].first : ranges[n - 1].end;
        cr_assert_eq(input.first_index, at, "ranges follow one another");
        struct record part = run(build, &input);
        cr_assert_eq(n_planned, 0, "a range is not split again");
        if (i < n)
            cr_assert_eq(part.n, ranges[i].end - ranges[i].first);
        same_members(whole, at, &part);
        at += part.n;
        cr_assert_eq(part.end.missing, 0);
        cr_assert_eq(part.end.status, i < n ? TRAWL_OK : whole->end.status);
        cr_assert_eq(part.end.accounted, i < n ? build->bytes.len : whole->end.accounted);
        record_free(&part);
        if (i == n)
            break;
        input.first_index += 100;
        part = run(build, &input);
        cr_assert_eq(part.n, ranges[i].end - ranges[i].first - 100);
        same_members(whole, input.first_index, &part);
        record_free(&part);
    }
    cr_assert_eq(at, whole->n);
}

Test(zip_plan, ranges_are_the_whole, .timeout = 60)
{
    for (int zip64 = 0; zip64 < 2; zip64++) {
        struct build build = {0};
        build_many(&build, ENTRIES, zip64);
        struct unpack_input input = input_of(&build);
        input.split_bytes = 0;
        struct record whole = run(&build, &input);
        cr_assert_eq(n_planned, 0);
        cr_assert_eq(whole.n, ENTRIES + 1, "the hidden one too");
        check_ranges(&build, &whole);
        record_free(&whole);
        build_free(&build);
    }
}

/** A split is a matter of the directory and the limits; never of an archive that could reach one. */
Test(zip_plan, only_where_no_limit_is_near, .timeout = 60)
{
    struct build build = {0};
    build_many(&build, ENTRIES, true);
    uint64_t bytes = 0;
    for (unsigned i = 0; i < ENTRIES; i++)
        bytes += (uint64_t)snprintf(NULL, 0, "member %u", i);
    for (int i = 0; i < 5; i++) {
        struct unpack_input input = input_of(&build);
        input.split_bytes = i == 0 ? bytes : i == 1 ? bytes - 1 : input.split_bytes;
        input.limits.value[LIMIT_ENTRIES] = i == 2 ? ENTRIES : i == 3 ? ENTRIES - 1 : 1u << 30;
        input.first_index = i == 4;
        struct record record = run(&build, &input);
        cr_assert_eq(n_planned, i == 0 || i == 2 ? 3u : 0u, "%d: %zu", i, n_planned);
        record_free(&record);
    }
    build_free(&build);
}

/** Bytes of a slow method are as good a reason as many bytes. */
Test(zip_plan, slow_methods, .timeout = 60)
{
    static const uint16_t methods[] = {0, 8, 14};
    for (int i = 0; i < 3; i++) {
        struct build build = {0};
        struct build_entry entry = build_stored("m", "x", 1);
        entry.method = methods[i];
        entry.usize = entry.csize = 100000;
        for (int k = 0; k < 150; k++)
            build_add(&build, entry);
        build_end(&build, false, "");
        struct unpack_input input = input_of(&build);
        struct record record = run(&build, &input);
        cr_assert_eq(n_planned, i == 2 ? 2u : 0u, "method %d: %zu", methods[i], n_planned);
        record_free(&record);
        build_free(&build);
    }
}

/** What the entries declare counts, however little is there; a directory that breaks off has ranges up to there. */
Test(zip_plan, lies, .timeout = 60)
{
    struct build build = {0};
    struct build_entry entry = build_stored("large", "x", 1);
    entry.usize = entry.csize = 1u << 30;
    for (int i = 0; i < 100; i++)
        build_add(&build, entry);
    build_end(&build, false, "");
    struct unpack_input input = input_of(&build);
    struct record record = run(&build, &input);
    cr_assert_eq(n_planned, 0, "100 GiB are more than it may give");
    record_free(&record);
    input.split_bytes = UINT64_MAX;
    record = run(&build, &input);
    cr_assert_eq(n_planned, (size_t)UNPACK_RANGES);
    cr_assert_eq(planned[UNPACK_RANGES - 1].end, 100);
    record_free(&record);
    build_free(&build);
    for (unsigned i = 0; i < 30000; i++)
        build_add(&build, build_stored("x", "x", 1));
    memcpy(build.central.data + 20000 * 47, "NOPE", 4);
    build_end(&build, false, "");
    input = input_of(&build);
    record = run(&build, &input);
    cr_assert_eq(n_planned, 2);
    cr_assert_eq(planned[1].end, 20000);
    record_free(&record);
    /* A range that asks for more than there is says how much it did not find. */
    input.range = (struct unpack_range){19990, 20010, planned[1].at};
    input.first_index = 19990;
    record = run(&build, &input);
    cr_assert_eq(record.end.missing, 0);
    record_free(&record);
    input.range.at = 1;
    record = run(&build, &input);
    cr_assert_eq(record.n, 0);
    cr_assert_eq(record.end.missing, 20);
    record_free(&record);
    build_free(&build);
}
