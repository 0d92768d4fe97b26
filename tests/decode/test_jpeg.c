/* Every byte of what jpeg.c renders, against libjpeg used plainly; and what becomes of broken files. */
#include <criterion/criterion.h>
#include <math.h>

#define TAPE_PREFIX jpeg_tape
#include "tape.h"
#include "pictures.h"

#include "decode/jpeg.c"
#include "decode/jpeg_run.c"
#include "decode/jpeg_screen.c"
#include "decode/sink.c"

static struct decode_result decode(const struct file_bytes *file, const struct decode_request *request)
{
    struct decode_result result;
    memset(&result, 0, sizeof(result));
    tape.passes = 0;
    jpeg_decoder.decode(request, file->data, file->size, &result);
    cr_assert_eq(tape.open, 0u, "a stream leaks");
    cr_assert(decode_result_sane(&result), "%s", result.detail);
    return result;
}

static struct decode_result decode_as(const struct file_bytes *file, bool exact)
{
    struct decode_request request = request_for(TYPE_JPEG, exact);
    return decode(file, &request);
}

/** The file through libjpeg with nothing set but colour space and scale. */
static struct file_bytes plain_rows(const struct file_bytes *file, J_COLOR_SPACE space, unsigned denominator)
{
    struct jpeg_decompress_struct cinfo;
    struct jpeg_error_mgr errors;
    cinfo.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&cinfo);
    jpeg_mem_src(&cinfo, file->data, file->size);
    jpeg_read_header(&cinfo, TRUE);
    cinfo.out_color_space = space;
    cinfo.scale_num = 1;
    cinfo.scale_denom = denominator;
    jpeg_start_decompress(&cinfo);
    size_t row_bytes = (size_t)cinfo.output_width * (size_t)cinfo.output_components;
    struct file_bytes out = {malloc(row_bytes * cinfo.output_height), row_bytes * cinfo.output_height};
    while (cinfo.output_scanline < cinfo.output_height) {
        JSAMPROW row = out.data + cinfo.output_scanline * row_bytes;
        jpeg_read_scanlines(&cinfo, &row, 1);
    }
    jpeg_finish_decompress(&cinfo);
    jpeg_destroy_decompress(&cinfo);
    return out;
}

static void check_rows(const struct file_bytes *want, const char *what)
{
    cr_assert_eq(tape.n, want->size, "%s: %zu bytes, not %zu", what, tape.n, want->size);
    for (size_t i = 0; i < want->size; i++)
        cr_assert_eq(tape.bytes[i], want->data[i], "%s: byte %zu is %u, not %u", what, i, tape.bytes[i], want->data[i]);
}

/** Half and quarter size come from the lowest coefficients alone. */
static void check_nearly(const struct file_bytes *want)
{
    cr_assert_eq(tape.n, want->size);
    uint64_t sum = 0;
    for (size_t i = 0; i < want->size; i++)
        sum += (uint64_t)abs(tape.bytes[i] - want->data[i]);
    cr_assert_lt(sum, want->size, "%f off in the mean", (double)sum / (double)want->size);
}

static const struct named_kind {
    const char *name;
    struct jpeg_kind kind;
} colour_kinds[] = {
    {"4:4:4", {.in = JCS_RGB, .file = JCS_YCbCr}},
    {"4:2:2", {.in = JCS_RGB, .file = JCS_YCbCr, .h = 2}},
    {"4:4:0", {.in = JCS_RGB, .file = JCS_YCbCr, .v = 2}},
    {"4:2:0", {.in = JCS_RGB, .file = JCS_YCbCr, .h = 2, .v = 2}},
    {"4:1:1", {.in = JCS_RGB, .file = JCS_YCbCr, .h = 4, .v = 1}},
    {"RGB", {.in = JCS_RGB, .file = JCS_RGB}},
    {"restarts", {.in = JCS_RGB, .file = JCS_YCbCr, .h = 2, .v = 2, .restart_rows = 1}},
    {"separate scans", {.in = JCS_RGB, .file = JCS_YCbCr, .h = 2, .v = 2, .not_interleaved = true}},
    {"progressive", {.in = JCS_RGB, .file = JCS_YCbCr, .h = 2, .v = 2, .progressive = true}},
    {"arithmetic", {.in = JCS_RGB, .file = JCS_YCbCr, .h = 2, .v = 2, .arithmetic = true}},
    {"arithmetic progressive",
     {.in = JCS_RGB, .file = JCS_YCbCr, .h = 2, .v = 2, .progressive = true, .arithmetic = true}},
    {"grey", {.in = JCS_GRAYSCALE, .file = JCS_GRAYSCALE}},
    {"grey progressive", {.in = JCS_GRAYSCALE, .file = JCS_GRAYSCALE, .progressive = true}},
};
#define COLOUR_KINDS (sizeof(colour_kinds) / sizeof(*colour_kinds))

Test(jpeg, exact_is_what_libjpeg_gives_by_default)
{
    static const uint32_t sizes[][2] = {{133, 87}, {16, 16}, {5, 61}};
    for (size_t s = 0; s < 3; s++)
        for (size_t k = 0; k < COLOUR_KINDS; k++) {
            const struct named_kind *k_ = &colour_kinds[k];
            struct file_bytes file = make_photo_jpeg(sizes[s][0], sizes[s][1], k_->kind);
            struct decode_result result = decode_as(&file, true);
            cr_assert(result.status == TRAWL_OK && !result.detail[0], "%s: %s", k_->name, result.detail);
            cr_assert(result.has_pdq && !result.screen && tape.denominator == 0);
            cr_assert(result.width == sizes[s][0] && result.height == sizes[s][1]);
            bool grey = k_->kind.file == JCS_GRAYSCALE;
            cr_assert_eq(tape.channels, grey ? 1u : 3u);
            struct file_bytes want = plain_rows(&file, grey ? JCS_GRAYSCALE : JCS_RGB, 1);
            check_rows(&want, k_->name);
            free(want.data);
            free(file.data);
        }
    tape_clear();
}

/** 255 is no ink where a file has Adobe's marker, full ink where it has not. */
Test(jpeg, ink_becomes_rgb)
{
    for (int variant = 0; variant < 3; variant++) {
        bool adobe = variant < 2;
        struct jpeg_kind kind = {.in = JCS_CMYK, .file = variant == 1 ? JCS_YCCK : JCS_CMYK, .no_adobe = !adobe};
        struct file_bytes file = make_photo_jpeg(64, 48, kind);
        struct file_bytes ink = plain_rows(&file, JCS_CMYK, 1);
        for (int exact = 0; exact < 2; exact++) {
            struct decode_result result = decode_as(&file, exact);
            cr_assert(result.status == TRAWL_OK && result.has_pdq && result.screen == !exact, "%s", result.detail);
            cr_assert_eq(tape.n, (size_t)64 * 48 * 3);
            for (size_t i = 0; i < 64 * 48; i++)
                for (size_t c = 0; c < 3; c++) {
                    double colour = ink.data[i * 4 + c], black = ink.data[i * 4 + 3];
                    long want = lround(adobe ? colour * black / 255 : (255 - colour) * (255 - black) / 255);
                    cr_assert_eq((long)tape.bytes[i * 3 + c], want, "variant %d pixel %zu", variant, i);
                }
        }
        free(ink.data);
        free(file.data);
    }
    tape_clear();
}

Test(jpeg, fast_is_luma_at_the_smallest_scale_that_will_do)
{
    static const struct {
        uint32_t width, height;
        unsigned denominator;
    } sizes[] = {{40, 30, 1},   {382, 700, 1},   {383, 700, 2},  {765, 764, 2},
                 {765, 765, 4}, {1528, 1540, 4}, {1529, 1529, 8}};
    for (size_t s = 0; s < sizeof(sizes) / sizeof(*sizes); s++)
        for (int grey = 0; grey < 2; grey++) {
            struct jpeg_kind kind = grey ? (struct jpeg_kind){.in = JCS_GRAYSCALE, .file = JCS_GRAYSCALE} : PHOTO_JPEG;
            struct file_bytes file = make_photo_jpeg(sizes[s].width, sizes[s].height, kind);
            struct decode_result result = decode_as(&file, false);
            cr_assert(result.status == TRAWL_OK && result.has_pdq && result.screen, "%s", result.detail);
            cr_assert(result.width == sizes[s].width && result.height == sizes[s].height);
            cr_assert(tape.channels == 1 && tape.denominator == sizes[s].denominator, "1/%u", tape.denominator);
            struct file_bytes want = plain_rows(&file, JCS_GRAYSCALE, sizes[s].denominator);
            if (tape.denominator == 1 || tape.denominator == 8)
                check_rows(&want, "fast");
            else
                check_nearly(&want);
            free(want.data);
            free(file.data);
        }
    struct file_bytes file = make_photo_jpeg(600, 600, (struct jpeg_kind){.in = JCS_RGB, .file = JCS_RGB});
    struct decode_result result = decode_as(&file, false);
    cr_assert(result.screen && tape.denominator == 0 && tape.n == 600 * 600 * 3, "RGB inside: no luma to take alone");
    free(file.data);
    tape_clear();
}

/** The end of the n-th scan (from 1) of a file: the offset of the marker behind it. */
static size_t end_of_scan(const struct file_bytes *file, int n)
{
    size_t at = 2;
    while (n) {
        uint8_t marker = file->data[at + 1];
        at += 2 + ((size_t)file->data[at + 2] << 8 | file->data[at + 3]);
        if (marker != 0xDA)
            continue;
        while (file->data[at] != 0xFF || file->data[at + 1] == 0 || (file->data[at + 1] & 0xF8) == 0xD0)
            at++;
        n--;
    }
    return at;
}

static struct file_bytes large_progressive(void)
{
    struct jpeg_kind kind = PHOTO_JPEG;
    kind.progressive = true;
    return make_photo_jpeg(2100, 2048, kind);
}

Test(jpeg, fast_takes_only_the_first_scan_of_a_large_progressive_file)
{
    struct file_bytes file = large_progressive();
    struct decode_result result = decode_as(&file, false);
    cr_assert(result.status == TRAWL_OK && tape.denominator == 8 && result.screen, "%s", result.detail);
    struct file_bytes want = plain_rows(&file, JCS_GRAYSCALE, 8);
    cr_assert_eq(tape.n, want.size);
    uint64_t sum = 0;
    for (size_t i = 0; i < want.size; i++)
        sum += (uint64_t)abs(tape.bytes[i] - want.data[i]);
    cr_assert_gt(sum, 0u, "all scans were read");
    cr_assert_lt(sum, want.size * 2, "the first scan lacks one bit of the DC, no more");
    free(want.data);
    /* Damage in a later scan goes unseen; a file that is cut does not. */
    file.data[end_of_scan(&file, 3) - 40] ^= 0xFF;
    cr_assert_eq(decode_as(&file, false).status, TRAWL_OK);
    cr_assert_eq(tape.denominator, 8u);
    file.size = end_of_scan(&file, 5) - 10;
    result = decode_as(&file, false);
    cr_assert(result.status == TRAWL_PARTIAL && strstr(result.detail, "scan"), "%s", result.detail);
    struct decode_request request = request_for(TYPE_JPEG, false);
    free(file.data);
    file = large_progressive();
    request.limits.value[LIMIT_JPEG_SCANS] = 3;
    result = decode(&file, &request);
    cr_assert(result.status == TRAWL_LIMIT && result.limit == LIMIT_JPEG_SCANS, "%s", result.detail);
    free(file.data);
    tape_clear();
}

Test(jpeg, second_pass_only_where_rounding_decides)
{
    struct file_bytes file = make_photo_jpeg(70, 50, PHOTO_JPEG);
    struct decode_result result = decode_as(&file, true);
    cr_assert(tape.passes == 1 && result.pdq.hash[0] == 1);
    struct file_bytes first = {malloc(tape.n), tape.n};
    memcpy(first.data, tape.bytes, tape.n);
    tape.unstable = true;
    result = decode_as(&file, true);
    cr_assert(tape.passes == 2 && tape.mode == PDQ_REFERENCE && result.pdq.hash[0] == 2 && result.pdq.stable);
    check_rows(&first, "second pass");
    tape.no_memory_reference = true;
    result = decode_as(&file, true);
    cr_assert(result.status == TRAWL_OK && result.pdq.hash[0] == 1 && !result.pdq.stable, "first hash is kept");
    result = decode_as(&file, false);
    cr_assert(tape.passes == 1 && result.screen && !result.pdq.stable);
    free(first.data);
    free(file.data);
    tape_clear();
}

Test(jpeg, missing_memory_is_a_limit)
{
    struct jpeg_kind kind = PHOTO_JPEG;
    kind.progressive = true;
    struct file_bytes file = make_photo_jpeg(300, 300, kind);
    tape.no_memory = true;
    struct decode_result result = decode_as(&file, true);
    cr_assert(result.status == TRAWL_LIMIT && result.limit == LIMIT_DECODE_MEMORY);
    tape.no_memory = false;
    struct decode_request request = request_for(TYPE_JPEG, true);
    request.limits.value[LIMIT_DECODE_MEMORY] = 300 * 300 * 2; /* the coefficients take 3 bytes a pixel */
    result = decode(&file, &request);
    cr_assert(result.status == TRAWL_LIMIT && result.limit == LIMIT_DECODE_MEMORY, "%s", result.detail);
    free(file.data);
    tape_clear();
}

Test(jpeg, limits_of_scans_and_warnings)
{
    struct jpeg_kind kind = PHOTO_JPEG;
    kind.progressive = true;
    struct file_bytes file = make_photo_jpeg(100, 100, kind);
    struct decode_request request = request_for(TYPE_JPEG, true);
    request.limits.value[LIMIT_JPEG_SCANS] = 9;
    struct decode_result result = decode(&file, &request);
    cr_assert(result.status == TRAWL_LIMIT && result.limit == LIMIT_JPEG_SCANS && !result.has_pdq, "%s", result.detail);
    request.limits.value[LIMIT_JPEG_SCANS] = 10;
    cr_assert_eq(decode(&file, &request).status, TRAWL_OK);
    free(file.data);
    kind = PHOTO_JPEG;
    kind.restart_rows = 1;
    file = make_photo_jpeg(160, 160, kind);
    size_t end = end_of_scan(&file, 1);
    for (size_t at = end / 2; at + 2 < end; at++)
        if (file.data[at] == 0xFF && (file.data[at + 1] & 0xF8) == 0xD0)
            memcpy(file.data + at - 8, "\xAA\xAA\xAA\xAA\xAA\xAA\xAA\xAA", 8);
    result = decode_as(&file, true);
    cr_assert(result.status == TRAWL_PARTIAL && result.has_pdq, "%s", result.detail);
    request = request_for(TYPE_JPEG, true);
    request.limits.value[LIMIT_JPEG_WARNINGS] = 1;
    result = decode(&file, &request);
    cr_assert(result.status == TRAWL_LIMIT && result.limit == LIMIT_JPEG_WARNINGS, "%s", result.detail);
    free(file.data);
    tape_clear();
}

/** Truncated at every 5 %: said, hashed from what there is, or damaged where not one row is there. */
Test(jpeg, truncations)
{
    for (size_t k = 0; k < COLOUR_KINDS; k++) {
        struct jpeg_kind kind = colour_kinds[k].kind;
        struct file_bytes file = make_photo_jpeg(150, 130, kind);
        unsigned partial = 0;
        for (unsigned percent = 0; percent < 100; percent += 5)
            for (int exact = 0; exact < 2; exact++) {
                struct file_bytes cut = {malloc(file.size), file.size * percent / 100};
                memcpy(cut.data, file.data, cut.size);
                struct decode_result result = decode_as(&cut, exact);
                cr_assert(result.status == TRAWL_PARTIAL || result.status == TRAWL_DAMAGED, "%s at %u %%: %s",
                          colour_kinds[k].name, percent, result.detail);
                cr_assert(strstr(result.detail, "premature end of data"), "%s at %u %%: %s", colour_kinds[k].name,
                          percent, result.detail);
                partial += result.status == TRAWL_PARTIAL;
                free(cut.data);
            }
        cr_assert_gt(partial, 20u, "%s: %u", colour_kinds[k].name, partial);
        free(file.data);
    }
    tape_clear();
}

Test(jpeg, the_share_that_came_is_told)
{
    struct file_bytes file = make_photo_jpeg(160, 1600, PHOTO_JPEG);
    size_t data = end_of_scan(&file, 1);
    file.size = file.size - data / 2;
    struct decode_result result = decode_as(&file, true);
    unsigned percent = 0;
    cr_assert_eq(sscanf(result.detail, "premature end of data after %u %% of the rows", &percent), 1, "%s",
                 result.detail);
    cr_assert(percent >= 45 && percent <= 55, "%s", result.detail);
    cr_assert(strstr(result.detail, "Corrupt JPEG data"), "libjpeg's words: %s", result.detail);
    cr_assert_eq(tape_rows(), 1600u, "the rest as libjpeg fills it, as the reference has it");
    free(file.data);
    tape_clear();
}

Test(jpeg, a_missing_end_marker_loses_nothing)
{
    for (size_t k = 0; k < COLOUR_KINDS; k++) {
        struct file_bytes file = make_photo_jpeg(150, 130, colour_kinds[k].kind);
        bool certain = !colour_kinds[k].kind.not_interleaved && !colour_kinds[k].kind.arithmetic;
        file.size -= 2;
        struct decode_result result = decode_as(&file, true);
        cr_assert_eq(result.status, certain ? TRAWL_OK : result.status, "%s: %s", colour_kinds[k].name, result.detail);
        cr_assert(result.detail[0], "it is said");
        cr_assert(!certain || strstr(result.detail, "end-of-image"), "%s", result.detail);
        free(file.data);
    }
    tape_clear();
}

Test(jpeg, trailing_bytes_are_fine_and_extraneous_ones_are_not)
{
    static const char junk[] = "PK\003\004 and more \377\330\377\331";
    for (size_t k = 0; k < COLOUR_KINDS; k++) {
        struct file_bytes file = make_photo_jpeg(90, 80, colour_kinds[k].kind);
        file_insert(&file, file.size, junk, sizeof(junk));
        struct decode_result result = decode_as(&file, true);
        cr_assert(result.status == TRAWL_OK && !result.detail[0], "%s: %s", colour_kinds[k].name, result.detail);
        free(file.data);
    }
    struct file_bytes file = make_photo_jpeg(90, 80, PHOTO_JPEG);
    file_insert(&file, file.size - 2, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 32);
    struct decode_result result = decode_as(&file, true);
    cr_assert(result.status == TRAWL_PARTIAL && strstr(result.detail, "extraneous"), "%s", result.detail);
    free(file.data);
    tape_clear();
}

/** A table broken between the scans does not take the scans before it along. */
Test(jpeg, a_break_between_scans)
{
    struct jpeg_kind kind = PHOTO_JPEG;
    kind.progressive = true;
    struct file_bytes whole = make_photo_jpeg(150, 130, kind), cut = make_photo_jpeg(150, 130, kind);
    for (int n = 1; n <= 5; n++) {
        struct file_bytes file = make_photo_jpeg(150, 130, kind);
        size_t at = end_of_scan(&file, n);
        file_insert(&file, at, "\377\304\0\24\0\377\377\377\377\377\377\377\377\377\377\377\377\377\377\377\377\377",
                    22);
        struct decode_result result = decode_as(&file, true);
        cr_assert(result.status == TRAWL_PARTIAL && result.has_pdq && strstr(result.detail, "between scans"), "%s",
                  result.detail);
        cut.size = at;
        memcpy(cut.data + at, "\377\331", 2);
        cut.size += 2;
        struct file_bytes want = plain_rows(&cut, JCS_RGB, 1);
        check_rows(&want, "scans before the break");
        memcpy(cut.data, whole.data, whole.size);
        free(want.data);
        free(file.data);
    }
    free(whole.data);
    free(cut.data);
    tape_clear();
}

/** A baseline file with bytes of its frame header changed. */
static struct decode_result with_frame(int offset, const char *bytes, size_t n)
{
    struct file_bytes file = make_photo_jpeg(90, 80, PHOTO_JPEG);
    size_t at = 2;
    while (file.data[at + 1] != 0xC0)
        at += 2 + ((size_t)file.data[at + 2] << 8 | file.data[at + 3]);
    memcpy(file.data + at + offset, bytes, n);
    struct decode_result result = decode_as(&file, true);
    free(file.data);
    return result;
}

Test(jpeg, other_codings_are_unsupported_in_libjpegs_words)
{
    static const struct {
        int offset;
        const char *bytes;
        size_t n;
        const char *words;
    } rows[] = {
        {1, "\303", 1, "SOF type 0xc3"}, /* lossless */
        {1, "\305", 1, "SOF type 0xc5"}, /* hierarchical */
        {1, "\313", 1, "SOF type 0xcb"}, /* lossless, arithmetic */
        {4, "\014", 1, "precision 12"},  {5, "\0\0", 2, "DNL not supported"}, {5, "\377\377", 2, "65500"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct decode_result result = with_frame(rows[i].offset, rows[i].bytes, rows[i].n);
        cr_assert(result.status == TRAWL_UNSUPPORTED && strstr(result.detail, rows[i].words), "%zu: %s", i,
                  result.detail);
    }
    tape_clear();
}

static const uint8_t tiff_6[] = {'E',  'x', 'i', 'f', 0, 0, 'I', 'I', '*', 0, 8, 0, 0, 0, 1, 0,
                                 0x12, 1,   3,   0,   1, 0, 0,   0,   6,   0, 0, 0, 0, 0, 0, 0};

Test(jpeg, orientation_is_recorded_and_not_applied)
{
    uint16_t *samples = photo_samples(90, 80, 3, 255, 7);
    struct file_bytes plain = make_jpeg(samples, 90, 80, PHOTO_JPEG);
    struct file_bytes want = plain_rows(&plain, JCS_RGB, 1);
    uint8_t app1[sizeof(tiff_6)];
    memcpy(app1, tiff_6, sizeof(app1));
    for (unsigned value = 0; value <= 9; value++)
        for (int exact = 0; exact < 2; exact++) {
            app1[24] = (uint8_t)value;
            struct file_bytes file = make_jpeg_marked(samples, 90, 80, PHOTO_JPEG, app1, sizeof(app1));
            struct decode_result result = decode_as(&file, exact);
            cr_assert_eq(result.orientation, value <= 8 ? value : 0);
            cr_assert(result.status == TRAWL_OK && result.width == 90 && result.height == 80);
            if (exact)
                check_rows(&want, "turned");
            free(file.data);
        }
    struct file_bytes file = make_jpeg_marked(samples, 90, 80, PHOTO_JPEG, "http://ns.adobe.com/xap/1.0/", 29);
    cr_assert_eq(decode_as(&file, true).orientation, 0u);
    free(file.data);
    free(want.data);
    free(plain.data);
    free(samples);
    tape_clear();
}

/** APP1 segments that lie about their length, at the start of a file and as its last bytes. */
Test(jpeg, malformed_app1)
{
    static const uint8_t lengths[][2] = {{0, 0}, {0, 1}, {0, 2}, {0, 8}, {0, 9}, {0, 33}, {0xFF, 0xFF}};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++)
        for (size_t there = 0; there <= sizeof(tiff_6); there++) {
            struct file_bytes file = {malloc(6 + there), 6 + there};
            memcpy(file.data, "\377\330\377\341", 4);
            memcpy(file.data + 4, lengths[i], 2);
            memcpy(file.data + 6, tiff_6, there);
            struct decode_result result = decode_as(&file, true);
            cr_assert_eq(result.status, TRAWL_DAMAGED);
            file.size = 5;
            cr_assert_eq(decode_as(&file, true).status, TRAWL_DAMAGED);
            free(file.data);
        }
    tape_clear();
}
