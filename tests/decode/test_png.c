/* Every byte of what png.c renders, against a composition computed here; and what becomes of broken files. */
#include <criterion/criterion.h>
#include <math.h>

#define TAPE_PREFIX png_tape
#include "tape.h"
#include "pictures.h"

#include "decode/png.c"
#include "decode/png_chunks.c"
#include "decode/sink.c"

static struct decode_result decode(const struct file_bytes *file, const struct decode_request *request)
{
    struct decode_result result;
    memset(&result, 0, sizeof(result));
    unsigned passes = tape.passes;
    png_decoder.decode(request, file->data, file->size, &result);
    cr_assert_eq(tape.open, 0u, "a stream leaks");
    cr_assert_leq(tape.passes - passes, 2u);
    cr_assert(decode_result_sane(&result), "%s", result.detail);
    return result;
}

static struct decode_result decode_exact(const struct file_bytes *file)
{
    struct decode_request request = request_for(TYPE_PNG, true);
    return decode(file, &request);
}

static unsigned to8(unsigned v, int depth)
{
    return (unsigned)lround(v * 255.0 / ((1u << depth) - 1));
}

static unsigned on_white(unsigned c, unsigned a)
{
    return (a * c + (255 - a) * 255 + 127) / 255;
}

struct pixel {
    unsigned rgb[3];
    unsigned alpha;
};

static struct pixel expected_pixel(const uint16_t *samples, size_t i, struct png_kind kind)
{
    unsigned n = png_samples(kind.colour);
    const uint16_t *p = samples + i * n, *hidden = samples + (size_t)TRANSPARENT_PIXEL * n;
    struct pixel out = {.alpha = 255};
    if (kind.colour == PNG_COLOR_TYPE_PALETTE) {
        png_color c = palette_colour(p[0]);
        return (struct pixel){.rgb = {c.red, c.green, c.blue}, .alpha = kind.transparent ? palette_alpha(p[0]) : 255};
    }
    for (unsigned c = 0; c < 3; c++)
        out.rgb[c] = to8(p[n >= 3 ? c : 0], kind.depth);
    if (n == 2 || n == 4)
        out.alpha = to8(p[n - 1], kind.depth);
    else if (kind.transparent && memcmp(p, hidden, n * sizeof(*p)) == 0)
        out.alpha = 0;
    return out;
}

/** Grey stays one channel unless something is transparent. */
static unsigned expected_channels(struct png_kind kind)
{
    return kind.colour == PNG_COLOR_TYPE_GRAY && !kind.transparent ? 1 : 3;
}

static void check_kind(uint32_t width, uint32_t height, struct png_kind kind)
{
    uint16_t *samples = photo_samples(width, height, png_samples(kind.colour), (1u << kind.depth) - 1, 99);
    struct file_bytes file = make_png(samples, width, height, kind);
    struct decode_result result = decode_exact(&file);
    cr_assert_eq(result.status, TRAWL_OK, "%s", result.detail);
    cr_assert_str_empty(result.detail);
    cr_assert_eq(result.width, width);
    cr_assert_eq(result.height, height);
    cr_assert(result.has_pdq && !result.screen);
    unsigned channels = expected_channels(kind);
    cr_assert_eq(tape.channels, channels);
    cr_assert_eq(tape.n, (size_t)width * height * channels);
    for (size_t i = 0; i < (size_t)width * height; i++) {
        struct pixel want = expected_pixel(samples, i, kind);
        for (unsigned c = 0; c < channels; c++)
            cr_assert_eq(tape.bytes[i * channels + c], on_white(want.rgb[c], want.alpha),
                         "colour type %d depth %d interlaced %d transparent %d: pixel %zu channel %u: %u, not %u",
                         kind.colour, kind.depth, kind.interlaced, kind.transparent, i, c, tape.bytes[i * channels + c],
                         on_white(want.rgb[c], want.alpha));
    }
    free(samples);
    free(file.data);
}

Test(png, renders_every_kind)
{
    static const struct {
        int colour, depths[5];
        bool can_be_transparent;
    } rows[] = {
        {PNG_COLOR_TYPE_GRAY, {1, 2, 4, 8, 16}, true}, {PNG_COLOR_TYPE_RGB, {8, 16}, true},
        {PNG_COLOR_TYPE_PALETTE, {1, 2, 4, 8}, true},  {PNG_COLOR_TYPE_GRAY_ALPHA, {8, 16}, false},
        {PNG_COLOR_TYPE_RGB_ALPHA, {8, 16}, false},
    };
    for (size_t r = 0; r < sizeof(rows) / sizeof(*rows); r++)
        for (int d = 0; d < 5 && rows[r].depths[d]; d++)
            for (int interlaced = 0; interlaced < 2; interlaced++)
                for (int transparent = 0; transparent <= rows[r].can_be_transparent; transparent++) {
                    struct png_kind kind = {rows[r].colour, rows[r].depths[d], interlaced, transparent};
                    check_kind(67, 41, kind);
                    check_kind(5, 9, kind);
                }
    tape_clear();
}

Test(png, second_pass_only_where_rounding_decides)
{
    struct file_bytes file = make_photo_png(70, 50, PHOTO_PNG);
    struct decode_request exact = request_for(TYPE_PNG, true), fast = request_for(TYPE_PNG, false);
    struct decode_result result = decode(&file, &exact);
    cr_assert(tape.passes == 1 && result.pdq.hash[0] == 1);
    uint8_t *first = malloc(tape.n);
    memcpy(first, tape.bytes, tape.n);
    tape.unstable = true;
    tape.passes = 0;
    result = decode(&file, &exact);
    cr_assert(tape.passes == 2 && tape.mode == PDQ_REFERENCE && result.pdq.hash[0] == 2 && result.pdq.stable);
    cr_assert(tape.n == (size_t)70 * 50 * 3 && memcmp(first, tape.bytes, tape.n) == 0,
              "the second pass gives other rows");
    tape.no_memory_reference = true;
    result = decode(&file, &exact);
    cr_assert(result.status == TRAWL_OK && result.pdq.hash[0] == 1 && !result.pdq.stable, "first hash is kept");
    tape.passes = 0;
    result = decode(&file, &fast);
    cr_assert(tape.passes == 1 && result.screen && !result.pdq.stable);
    free(first);
    free(file.data);
    tape_clear();
}

Test(png, missing_memory_is_a_limit)
{
    struct file_bytes file = make_photo_png(70, 50, PHOTO_PNG);
    tape.no_memory = true;
    struct decode_result result = decode_exact(&file);
    cr_assert(result.status == TRAWL_LIMIT && result.limit == LIMIT_DECODE_MEMORY);
    tape.no_memory = false;
    free(file.data);
    file = make_photo_png(70, 50, (struct png_kind){PNG_COLOR_TYPE_RGB, 8, true, false});
    struct decode_request request = request_for(TYPE_PNG, true);
    request.limits.value[LIMIT_DECODE_MEMORY] = 70 * 50 * 3 - 1; /* the interlaced picture is held whole */
    result = decode(&file, &request);
    cr_assert(result.status == TRAWL_LIMIT && result.limit == LIMIT_DECODE_MEMORY);
    request.limits.value[LIMIT_DECODE_MEMORY]++;
    result = decode(&file, &request);
    cr_assert_eq(result.status, TRAWL_OK);
    free(file.data);
    tape_clear();
}

Test(png, chunks_that_pixels_do_not_need_are_passed_over)
{
    static const char *const names[] = {"sCAL", "iTXt", "zTXt", "tEXt", "sPLT", "pCAL", "iCCP",
                                        "gAMA", "bKGD", "sBIT", "acTL", "fcTL", "fdAT", "zzZz"};
    uint8_t junk[300];
    memset(junk, 0xA5, sizeof(junk));
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct file_bytes file = make_photo_png(40, 30, PHOTO_PNG);
        png_insert(&file, png_find(&file, "IDAT"), names[i], junk, sizeof(junk), sizeof(junk));
        png_insert(&file, png_find(&file, "IEND"), names[i], junk, sizeof(junk), sizeof(junk));
        struct decode_result result = decode_exact(&file);
        cr_assert(result.status == TRAWL_OK && !result.detail[0], "%s: %s", names[i], result.detail);
        free(file.data);
        file = make_photo_png(40, 30, PHOTO_PNG);
        png_insert(&file, png_find(&file, "IDAT"), names[i], NULL, 0, 0x7FFFFFFF);
        result = decode_exact(&file);
        cr_assert(result.status == TRAWL_DAMAGED && strstr(result.detail, names[i]), "%s: %s", names[i], result.detail);
        free(file.data);
    }
    tape_clear();
}

Test(png, what_other_programs_must_know_is_said)
{
    struct file_bytes file = make_photo_png(40, 30, PHOTO_PNG);
    png_insert(&file, png_find(&file, "IDAT"), "ABCD", "xyz", 3, 3);
    struct decode_result result = decode_exact(&file);
    cr_assert(result.status == TRAWL_PARTIAL && strstr(result.detail, "ABCD") && result.has_pdq, "%s", result.detail);
    free(file.data);
    file = make_photo_png(40, 30, PHOTO_PNG);
    png_insert(&file, png_find(&file, "IHDR"), "CgBI", "\x50\x00\x20\x02", 4, 4);
    result = decode_exact(&file);
    cr_assert(result.status == TRAWL_UNSUPPORTED && strstr(result.detail, "CgBI"), "%s", result.detail);
    free(file.data);
    tape_clear();
}

Test(png, orientation_is_recorded_and_not_applied)
{
    static const uint8_t tiff[] = {'M', 'M', 0, '*', 0, 0, 0, 8, 0, 1, 1, 0x12, 0,
                                   3,   0,   0, 0,   1, 0, 6, 0, 0, 0, 0, 0,    0};
    struct file_bytes plain = make_photo_png(40, 30, PHOTO_PNG), file = make_photo_png(40, 30, PHOTO_PNG);
    decode_exact(&plain);
    size_t n = tape.n;
    uint8_t *rows = malloc(n);
    memcpy(rows, tape.bytes, n);
    png_insert(&file, png_find(&file, "IEND"), "eXIf", tiff, sizeof(tiff), sizeof(tiff));
    struct decode_result result = decode_exact(&file);
    cr_assert(result.orientation == 6 && result.width == 40 && result.height == 30 && result.status == TRAWL_OK);
    cr_assert(tape.n == n && memcmp(rows, tape.bytes, n) == 0);
    struct decode_request request = request_for(TYPE_PNG, true);
    request.limits.value[LIMIT_PNG_CHUNK_BYTES] = sizeof(tiff) - 1;
    cr_assert_eq(decode(&file, &request).orientation, 0u);
    free(rows);
    free(plain.data);
    free(file.data);
    tape_clear();
}

/** Truncated at every 5 %: rows that came are hashed, rows that did not are not made up. */
static void check_truncations(struct png_kind kind)
{
    struct file_bytes file = make_photo_png(120, 90, kind);
    unsigned before = 0, partial = 0;
    for (unsigned percent = 0; percent < 100; percent += 5) {
        struct file_bytes cut = {malloc(file.size * percent / 100 + 1), file.size * percent / 100};
        memcpy(cut.data, file.data, cut.size);
        tape.n = 0;
        struct decode_result result = decode_exact(&cut);
        cr_assert(result.status == TRAWL_PARTIAL || result.status == TRAWL_DAMAGED, "%u %%: %s", percent,
                  result.detail);
        cr_assert(strstr(result.detail, "premature end of data") || cut.size < 8, "%u %%: %s", percent, result.detail);
        unsigned rows = tape_rows();
        cr_assert_eq(result.status == TRAWL_PARTIAL, rows > 0);
        cr_assert_geq(rows, before);
        cr_assert(kind.interlaced || rows < 90);
        before = rows;
        partial += result.status == TRAWL_PARTIAL;
        free(cut.data);
    }
    cr_assert_gt(partial, 15u);
    free(file.data);
}

Test(png, truncations)
{
    check_truncations((struct png_kind){PNG_COLOR_TYPE_RGB, 8, false, false});
    check_truncations((struct png_kind){PNG_COLOR_TYPE_RGB_ALPHA, 16, true, false});
    check_truncations((struct png_kind){PNG_COLOR_TYPE_GRAY, 8, true, false});
    struct file_bytes file = make_photo_png(120, 90, PHOTO_PNG);
    file.size -= 12;
    struct decode_result result = decode_exact(&file);
    cr_assert(result.status == TRAWL_OK && strstr(result.detail, "IEND"), "%s", result.detail);
    free(file.data);
    tape_clear();
}

Test(png, trailing_bytes_are_fine)
{
    struct file_bytes file = make_photo_png(40, 30, PHOTO_PNG);
    file_insert(&file, file.size, "and something behind it", 23);
    struct decode_result result = decode_exact(&file);
    cr_assert(result.status == TRAWL_OK && !result.detail[0], "%s", result.detail);
    free(file.data);
    tape_clear();
}

Test(png, wrong_checksums_are_told_and_hashed)
{
    static const char *const names[] = {"IHDR", "IDAT"};
    for (size_t i = 0; i < 2; i++) {
        struct file_bytes file = make_photo_png(40, 30, PHOTO_PNG);
        size_t at = png_find(&file, names[i]);
        size_t length = (size_t)file.data[at + 2] << 8 | file.data[at + 3];
        file.data[at + 8 + length] ^= 1;
        struct decode_result result = decode_exact(&file);
        cr_assert(result.status == TRAWL_PARTIAL && result.has_pdq && strstr(result.detail, "CRC"), "%s: %s", names[i],
                  result.detail);
        cr_assert_eq(tape_rows(), 30u);
        free(file.data);
    }
    tape_clear();
}

Test(png, a_stream_broken_in_the_middle_gives_the_rows_before)
{
    struct file_bytes file = make_photo_png(200, 150, PHOTO_PNG);
    memset(file.data + file.size / 2, 0xFF, 64);
    struct decode_result result = decode_exact(&file);
    cr_assert(result.status == TRAWL_PARTIAL && result.has_pdq && strstr(result.detail, "% of the rows"), "%s",
              result.detail);
    cr_assert(tape_rows() > 20 && tape_rows() < 150, "%u", tape_rows());
    free(file.data);
    tape_clear();
}
