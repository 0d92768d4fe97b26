/* test_store.c: what is known of a disc: paths, pieces of files, which bytes have an owner. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "optical/optical.h"

static const uint8_t medium[4096] = {1, 2, 3};

static size_t medium_read(struct carve_source *source, void *to, size_t n, uint64_t offset)
{
    (void)source;
    if (offset >= sizeof(medium))
        return 0;
    n = n < sizeof(medium) - offset ? n : sizeof(medium) - (size_t)offset;
    memcpy(to, medium + offset, n);
    return n;
}

struct fixture {
    struct carve_source source;
    struct unpack_input input;
    struct unpack_sink sink;
    struct unpack_end end;
    struct optical disc;
};

static void begin(struct fixture *f)
{
    *f = (struct fixture){.source = {.read = medium_read}};
    limits_default(&f->input.limits);
    f->disc = (struct optical){
        .source = &f->source, .size = sizeof(medium), .input = &f->input, .sink = &f->sink, .end = &f->end};
    f->disc.block = 512;
}

static bool path_is(const struct optical *disc, struct optical_path path, const char *text)
{
    return path.n == strlen(text) && !memcmp(disc->text + path.at, text, path.n);
}

Test(optical_store, paths_stand_below_their_folders)
{
    struct fixture f;
    struct optical_path root = {0, 0}, a, b, stream;
    begin(&f);
    cr_assert(optical_path_add(&f.disc, root, "a", 1, &a));
    /* Long enough to move the text while a folder's is read. */
    for (int i = 0; i < 1000; i++)
        cr_assert(optical_path_add(&f.disc, a, "some file or other", 18, &b));
    cr_assert(path_is(&f.disc, b, "a/some file or other"));
    cr_assert(optical_path_stream(&f.disc, b, "s", 1, &stream));
    cr_assert(path_is(&f.disc, stream, "a/some file or other:s"));
    cr_assert(optical_path_stream(&f.disc, root, "s", 1, &stream));
    cr_assert(path_is(&f.disc, stream, ":s"));
    optical_free(&f.disc);
}

Test(optical_store, pieces_are_joined_and_cut_at_the_size)
{
    struct fixture f;
    begin(&f);
    struct optical_file file = optical_file_of((struct optical_path){0, 0}, TREE_UDF);
    file.size = 700;
    optical_run_add(&f.disc, 0, 512);
    optical_run_add(&f.disc, 512, 0);
    optical_run_add(&f.disc, 512, 100);
    optical_run_add(&f.disc, ORIGIN_UNKNOWN, 50);
    optical_run_add(&f.disc, ORIGIN_UNKNOWN, 500);
    optical_run_add(&f.disc, 2048, 512);
    cr_assert(optical_file_add(&f.disc, &file));
    cr_assert_eq(f.disc.files[0].n_runs, 2);
    cr_assert_eq(f.disc.runs[0].offset, 0);
    cr_assert_eq(f.disc.runs[0].length, 612);
    cr_assert_eq(f.disc.runs[1].offset, ORIGIN_UNKNOWN);
    cr_assert_eq(f.disc.runs[1].length, 88);
    uint8_t bytes[800];
    memset(bytes, 9, sizeof(bytes));
    cr_assert_eq(optical_file_read(&f.disc, &f.disc.files[0], bytes, sizeof(bytes), 1), 699);
    cr_assert_eq(bytes[0], 2);
    cr_assert_eq(bytes[698], 0);
    /* The next file has its own. */
    file.size = 10;
    optical_run_add(&f.disc, 1024, 10);
    cr_assert(optical_file_add(&f.disc, &file));
    cr_assert_eq(f.disc.files[1].first_run, 2);
    cr_assert_eq(f.disc.files[1].n_runs, 1);
    optical_free(&f.disc);
}

Test(optical_store, what_nothing_claims)
{
    struct fixture f;
    size_t n;
    begin(&f);
    optical_claim(&f.disc, 1024, 512);
    optical_claim(&f.disc, 0, 100);
    optical_claim(&f.disc, 1300, 300);
    optical_claim(&f.disc, 4000, UINT64_MAX);
    struct carve_range *ranges = optical_unclaimed(&f.disc, &n);
    cr_assert_eq(n, 2);
    cr_assert_eq(ranges[0].start, 100);
    cr_assert_eq(ranges[0].end, 1024);
    cr_assert_eq(ranges[1].start, 1600);
    cr_assert_eq(ranges[1].end, 4000);
    cr_assert(optical_is_claimed(&f.disc, 99) && !optical_is_claimed(&f.disc, 100));
    cr_assert(optical_is_claimed(&f.disc, 1599) && !optical_is_claimed(&f.disc, 1600));
    free(ranges);
    optical_free(&f.disc);
}

Test(optical_store, a_number_is_met_once)
{
    struct fixture f;
    struct optical_set set = {0};
    begin(&f);
    for (uint64_t i = 0; i < 5000; i++)
        cr_assert(optical_set_add(&f.disc, &set, i * 2048));
    for (uint64_t i = 0; i < 5000; i++)
        cr_assert(!optical_set_add(&f.disc, &set, i * 2048) && !optical_set_has(&set, i * 2048 + 1));
    free(set.items);
    optical_free(&f.disc);
}

Test(optical_store, more_files_than_the_limit_are_told)
{
    struct fixture f;
    begin(&f);
    f.input.limits.value[LIMIT_ENTRIES] = 2;
    const struct optical_file file = optical_file_of((struct optical_path){0, 0}, TREE_UDF);
    cr_assert(optical_file_add(&f.disc, &file) && optical_file_add(&f.disc, &file));
    cr_assert(!optical_file_add(&f.disc, &file));
    cr_assert(f.disc.is_cut);
    cr_assert_eq(f.end.status, TRAWL_LIMIT);
    cr_assert_eq(f.end.limit, LIMIT_ENTRIES);
    optical_free(&f.disc);
}

Test(optical_store, names_of_two_bytes_a_letter)
{
    static const uint8_t wide[] = {0, 'a', 0, 0xe4, 0x20, 0xac, 0xd8, 0x3d, 0xde, 0, 0xd8, 0};
    static const char utf8[] = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\xed\xa0\x80";
    uint8_t to[3 * 6];
    size_t n = optical_utf16(wide, 6, to);
    cr_assert_eq(n, sizeof(utf8) - 1);
    cr_assert_eq(memcmp(to, utf8, n), 0);
}

Test(optical_store, dates)
{
    cr_assert_eq(optical_time(1970, 1, 1, 1, 0, 0, 60), 0);
    cr_assert_eq(optical_time(2024, 2, 29, 12, 0, 1, -60), INT64_C(1709211601) * 1000000000);
    cr_assert_eq(optical_time(2024, 0, 1, 0, 0, 0, 0), ORIGIN_NO_TIME);
    cr_assert_eq(optical_time(2024, 1, 1, 24, 0, 0, 0), ORIGIN_NO_TIME);
    cr_assert_eq(optical_time(1600, 1, 1, 0, 0, 0, 0), ORIGIN_NO_TIME);
}
