/* test_pdq_rotations.c: hashes of turned and mirrored pictures, against pictures that really are. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trawl/decode.h"

#define N    64
#define DATA "../shared/data/pdq/"

/** The sample of the turned picture at (x, y): where it is in the picture. */
static unsigned source_of(enum pdq_rotation rotation, unsigned x, unsigned y)
{
    const unsigned last = N - 1;
    switch (rotation) {
    case PDQ_ROTATE90: /* counter-clockwise, as the reference has it */
        return x * N + last - y;
    case PDQ_ROTATE180:
        return (last - y) * N + last - x;
    case PDQ_ROTATE270:
        return (last - x) * N + y;
    case PDQ_FLIPX: /* top to bottom */
        return (last - y) * N + x;
    case PDQ_FLIPY:
        return y * N + last - x;
    case PDQ_FLIPPLUS1:
        return x * N + y;
    case PDQ_FLIPMINUS1:
        return (last - x) * N + last - y;
    default:
        return y * N + x;
    }
}

static struct pdq_result hash_turned(const uint8_t picture[N * N], enum pdq_rotation rotation, bool *stable,
                                     uint8_t rotations[PDQ_ROTATIONS][PDQ_BYTES])
{
    struct pdq_stream *stream = pdq_new(N, N, PDQ_REFERENCE);
    struct pdq_result result;
    cr_assert_not_null(stream);
    for (unsigned y = 0; y < N; y++) {
        uint8_t row[N];
        for (unsigned x = 0; x < N; x++)
            row[x] = picture[source_of(rotation, x, y)];
        pdq_row_gray(stream, row);
    }
    pdq_finish(stream, &result);
    int doubtful;
    *stable = pdq_rotations(stream, rotations, &doubtful);
    cr_assert(doubtful >= result.doubtful && doubtful < 16);
    cr_assert_arr_eq(rotations[PDQ_ORIGINAL], result.hash, PDQ_BYTES);
    pdq_free(stream);
    return result;
}

/** Pictures of 64 x 64 are neither filtered nor decimated, so the turned one has the same samples. */
Test(pdq_rotations, are_those_of_the_turned_picture)
{
    uint8_t picture[N * N], rotations[PDQ_ROTATIONS][PDQ_BYTES], again[PDQ_ROTATIONS][PDQ_BYTES];
    unsigned checked = 0;
    srand(1);
    for (int round = 0; round < 200; round++) {
        bool stable, other;
        for (unsigned i = 0; i < N * N; i++)
            picture[i] = (uint8_t)(rand() >> 7);
        hash_turned(picture, PDQ_ORIGINAL, &stable, rotations);
        for (int r = 0; r < PDQ_ROTATIONS; r++) {
            struct pdq_result turned = hash_turned(picture, (enum pdq_rotation)r, &other, again);
            int distance = pdq_distance(turned.hash, rotations[r]);
            cr_assert(distance <= (stable ? 0 : 4), "%s: %d bits", pdq_rotation_name((enum pdq_rotation)r), distance);
            for (int s = 1; s < PDQ_ROTATIONS; s++)
                cr_assert_gt(pdq_distance(turned.hash, rotations[(r + s) % PDQ_ROTATIONS]), 60);
        }
        checked += stable;
    }
    cr_assert_gt(checked, 50u);
}

Test(pdq_rotations, have_names)
{
    cr_assert_str_eq(pdq_rotation_name(PDQ_ORIGINAL), "original");
    cr_assert_str_eq(pdq_rotation_name(PDQ_ROTATE270), "rotate270");
    cr_assert_str_eq(pdq_rotation_name(PDQ_FLIPMINUS1), "flipMinus1");
    cr_assert_str_eq(pdq_rotation_name(PDQ_ROTATIONS), "unknown");
}

static struct decode_result decode(const char *name, bool exact)
{
    struct decode_request request = {
        .type = strstr(name, ".png") ? TYPE_PNG : TYPE_JPEG, .exact = exact, .rotations = true};
    struct decode_result result;
    char path[256];
    limits_default(&request.limits);
    snprintf(path, sizeof(path), DATA "images/%s", name);
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "%s is missing", path);
    uint8_t *bytes = malloc(16 << 20);
    size_t n = fread(bytes, 1, 16 << 20, file);
    fclose(file);
    decode_picture(&request, bytes, n, &result);
    free(bytes);
    cr_assert(decode_result_sane(&result) && result.has_rotations, "%s: %s", name, result.detail);
    return result;
}

/** As the reference's own arithmetic gave them. */
Test(pdq_rotations, observed_from_the_reference, .timeout = 60)
{
    FILE *file = fopen(DATA "expected/observed-dihedral-fullres-cpp.csv", "r");
    char line[2048];
    if (!file) {
        fprintf(stderr, "skipped: no %s\n", DATA);
        return;
    }
    cr_assert_not_null(fgets(line, sizeof(line), file));
    while (fgets(line, sizeof(line), file)) {
        char *rest = line, *name = strsep(&rest, ","), *quality = strsep(&rest, ",");
        name = strncmp(name, "misc-images/", 12) == 0 ? name + 12 : name + strlen("reg-test-input/");
        struct decode_result result = decode(name, true);
        cr_assert_eq(result.pdq.quality, atoi(quality));
        for (int r = 0; r < PDQ_ROTATIONS; r++) {
            const char *expected = strsep(&rest, ",\n");
            char got[2 * PDQ_BYTES + 1];
            for (unsigned i = 0; i < PDQ_BYTES; i++)
                snprintf(got + 2 * i, 3, "%02x", result.rotations[r][i]);
            cr_assert_str_eq(got, expected, "%s, %s", name, pdq_rotation_name((enum pdq_rotation)r));
        }
    }
    fclose(file);
}

/** Files that were turned and encoded again: a few bits off, exact and screened. */
Test(pdq_rotations, files_that_were_turned, .timeout = 60)
{
    static const char *const names[PDQ_ROTATIONS] = {"dih/bridge-1-original.jpg",    "dih/bridge-2-rotate-90.jpg",
                                                     "dih/bridge-3-rotate-180.jpg",  "dih/bridge-4-rotate-270.jpg",
                                                     "dih/bridge-5-flipx.jpg",       "dih/bridge-6-flipy.jpg",
                                                     "dih/bridge-7-flip-plus-1.jpg", "dih/bridge-8-flip-minus-1.jpg"};
    if (access(DATA "images/dih", R_OK) != 0) {
        fprintf(stderr, "skipped: no %s\n", DATA);
        return;
    }
    for (int exact = 0; exact < 2; exact++) {
        struct decode_result original = decode(names[PDQ_ORIGINAL], exact);
        for (int r = 0; r < PDQ_ROTATIONS; r++) {
            struct decode_result turned = decode(names[r], exact);
            int distance = pdq_distance(turned.pdq.hash, original.rotations[r]);
            cr_assert_leq(distance, 8, "%s: %d bits", names[r], distance);
        }
    }
}
