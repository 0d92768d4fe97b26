/* The screening decoder against libjpeg: every coefficient that it reads, and what it says of broken files. */
#include <criterion/criterion.h>

#include "screened.h"

/** A JPEG in all that the screening decoder looks at. */
struct coding {
    unsigned width, height;
    /** Sampling factors; components 1 or 3. */
    uint8_t components, h[3], v[3];
    int quality;
    /** In MCUs. */
    unsigned restart;
    bool optimised, progressive, noisy;
};

static void put_rows(struct jpeg_compress_struct *cinfo, bool noisy)
{
    size_t n = (size_t)cinfo->image_width * (size_t)cinfo->input_components;
    uint16_t *photo = photo_samples(cinfo->image_width, cinfo->image_height, (unsigned)cinfo->input_components, 255, 5);
    JSAMPLE *row = malloc(n);
    uint32_t seed = 3;
    for (uint32_t y = 0; y < cinfo->image_height; y++) {
        for (size_t i = 0; i < n; i++)
            row[i] = (JSAMPLE)(noisy ? noise(&seed) : photo[y * n + i]);
        jpeg_write_scanlines(cinfo, &row, 1);
    }
    free(row);
    free(photo);
}

static struct file_bytes make_coded(const struct coding *coding)
{
    struct jpeg_compress_struct cinfo;
    struct jpeg_error_mgr errors;
    unsigned char *data = NULL;
    unsigned long size = 0;
    cinfo.err = jpeg_std_error(&errors);
    jpeg_create_compress(&cinfo);
    jpeg_mem_dest(&cinfo, &data, &size);
    cinfo.image_width = coding->width;
    cinfo.image_height = coding->height;
    cinfo.input_components = coding->components;
    cinfo.in_color_space = coding->components == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&cinfo);
    jpeg_set_quality(&cinfo, coding->quality, TRUE);
    for (unsigned i = 0; i < coding->components; i++) {
        cinfo.comp_info[i].h_samp_factor = coding->h[i];
        cinfo.comp_info[i].v_samp_factor = coding->v[i];
    }
    cinfo.restart_interval = coding->restart;
    cinfo.optimize_coding = coding->optimised;
    if (coding->progressive)
        jpeg_simple_progression(&cinfo);
    jpeg_start_compress(&cinfo, TRUE);
    put_rows(&cinfo, coding->noisy);
    jpeg_finish_compress(&cinfo);
    jpeg_destroy_compress(&cinfo);
    return (struct file_bytes){data, size};
}

/* Coefficients */

static const unsigned natural[SCAN_HIGHEST + 1] = {0, 1, 8, 16, 9, 2, 3, 10, 17, 24};

/** One row of MCUs against libjpeg's coefficients. Returns how many were compared. */
static unsigned check_mcu_row(const struct jpeg_scan *scan, const int16_t *coefs, struct jpeg_decompress_struct *plain,
                              jvirt_barray_ptr luma, uint32_t mcu_row, const char *what)
{
    const jpeg_component_info *component = plain->comp_info;
    unsigned compared = 0;
    for (unsigned y = 0; y < scan->rows_in_mcu && mcu_row * scan->rows_in_mcu + y < component->height_in_blocks; y++) {
        JDIMENSION at = mcu_row * scan->rows_in_mcu + y;
        JBLOCKARRAY rows = plain->mem->access_virt_barray((j_common_ptr)plain, luma, at, 1, FALSE);
        for (uint32_t x = 0; x < component->width_in_blocks; x++)
            for (unsigned k = 0; k <= scan->highest; k++, compared++) {
                int got = coefs[((size_t)y * scan->row_blocks + x) * SCAN_BLOCK(scan->highest) + k];
                /* The first scan lacks the lowest bit. */
                int want = scan->dc_only ? rows[0][x][natural[k]] & ~1 : rows[0][x][natural[k]];
                cr_assert_eq(got, want, "%s: block %u, %u: coefficient %u is %d, not %d", what, x, at, k, got, want);
            }
    }
    return compared;
}

static void check_coefficients(const struct file_bytes *file, unsigned highest, const char *what)
{
    struct jpeg_decompress_struct header, plain;
    struct jpeg_error_mgr errors;
    struct jpeg_scan *scan = malloc(sizeof(*scan));
    header.err = plain.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&header);
    jpeg_create_decompress(&plain);
    jpeg_mem_src(&header, file->data, file->size);
    jpeg_mem_src(&plain, file->data, file->size);
    jpeg_read_header(&header, TRUE);
    jpeg_read_header(&plain, TRUE);
    jvirt_barray_ptr *arrays = jpeg_read_coefficients(&plain);
    cr_assert(scan_open(scan, &header, header.src->next_input_byte, header.src->bytes_in_buffer, highest), "%s", what);
    int16_t *coefs = calloc((size_t)scan->row_blocks * scan->rows_in_mcu * SCAN_BLOCK(scan->highest), sizeof(*coefs));
    unsigned compared = 0;
    for (uint32_t y = 0; y < scan->mcu_rows; y++) {
        cr_assert(scan_row(scan, coefs), "%s: row %u", what, y);
        compared += check_mcu_row(scan, coefs, &plain, arrays[0], y, what);
    }
    uint8_t marker = 0;
    cr_assert(scan_end(scan, &marker), "%s", what);
    cr_assert(marker == JPEG_EOI || scan->dc_only);
    cr_assert_eq(compared, plain.comp_info->width_in_blocks * plain.comp_info->height_in_blocks * (scan->highest + 1));
    free(coefs);
    free(scan);
    jpeg_abort_decompress(&plain);
    jpeg_destroy_decompress(&plain);
    jpeg_destroy_decompress(&header);
}

static void check_all_scales(struct coding coding)
{
    static const unsigned highests[] = {0, 4, SCAN_HIGHEST};
    struct file_bytes file = make_coded(&coding);
    char what[160];
    snprintf(what, sizeof(what), "%ux%u, %u components, luma %ux%u, Cb %ux%u, quality %d, restart %u%s%s%s",
             coding.width, coding.height, coding.components, coding.h[0], coding.v[0], coding.h[1], coding.v[1],
             coding.quality, coding.restart, coding.optimised ? ", optimised" : "", coding.noisy ? ", noisy" : "",
             coding.progressive ? ", progressive" : "");
    for (size_t i = 0; i < 3; i++)
        check_coefficients(&file, highests[i], what);
    free(file.data);
}

static const struct {
    uint8_t components, h[3], v[3];
} samplings[] = {
    {1, {1, 0, 0}, {1, 0, 0}}, {1, {2, 0, 0}, {2, 0, 0}}, {3, {1, 1, 1}, {1, 1, 1}}, {3, {2, 1, 1}, {1, 1, 1}},
    {3, {2, 1, 1}, {2, 1, 1}}, {3, {1, 1, 1}, {2, 1, 1}}, {3, {4, 1, 1}, {1, 1, 1}}, {3, {1, 1, 1}, {4, 1, 1}},
    {3, {3, 1, 1}, {1, 1, 1}}, {3, {2, 1, 2}, {1, 1, 1}}, {3, {2, 2, 1}, {2, 1, 1}}, {3, {2, 2, 2}, {1, 1, 1}},
    {3, {4, 1, 1}, {2, 1, 1}}, {3, {2, 1, 1}, {2, 2, 2}}, {3, {3, 1, 3}, {1, 1, 1}},
};
#define SAMPLINGS (sizeof(samplings) / sizeof(*samplings))

static struct coding coding_of(size_t sampling, unsigned width, unsigned height, int quality)
{
    struct coding coding = {.width = width, .height = height, .quality = quality};
    coding.components = samplings[sampling].components;
    memcpy(coding.h, samplings[sampling].h, 3);
    memcpy(coding.v, samplings[sampling].v, 3);
    return coding;
}

Test(screening, coefficients_of_every_sampling_and_size)
{
    static const unsigned sizes[][2] = {{133, 87}, {16, 16}, {1, 1}, {8, 65}, {97, 9}};
    for (size_t s = 0; s < SAMPLINGS; s++)
        for (size_t i = 0; i < 5; i++)
            for (unsigned bits = 0; bits < 8; bits++) {
                struct coding coding = coding_of(s, sizes[i][0], sizes[i][1], 80);
                coding.optimised = bits & 1;
                coding.noisy = bits & 2;
                coding.restart = bits & 4 ? 3 : 0;
                check_all_scales(coding);
                coding.progressive = true;
                check_all_scales(coding);
            }
}

Test(screening, coefficients_of_every_quality)
{
    for (int quality = 1; quality <= 100; quality++)
        for (unsigned bits = 0; bits < 4; bits++) {
            struct coding coding = coding_of(4, 70, 50, quality);
            coding.optimised = bits & 1;
            coding.noisy = bits & 2;
            check_all_scales(coding);
        }
}

/** Longer than a piece of jpeg_bits.c, with segments that end everywhere in it. */
Test(screening, coefficients_of_long_scans)
{
    static const unsigned restarts[] = {0, 1, 2, 7, 53, 54, 97, 251, 60000};
    for (size_t i = 0; i < sizeof(restarts) / sizeof(*restarts); i++)
        for (size_t s = 2; s < 5; s += 2) {
            struct coding coding = coding_of(s, 431, 389, 97);
            coding.noisy = true;
            coding.restart = restarts[i];
            check_all_scales(coding);
        }
}

Test(screening, huffman_tables_that_are_none)
{
    struct huffman *huffman = malloc(sizeof(*huffman));
    JHUFF_TBL table = {.bits = {[2] = 3}, .huffval = {0, 1, 11}};
    cr_assert(huffman_init(huffman, &table, true));
    table.huffval[2] = 12;
    cr_assert_not(huffman_init(huffman, &table, true), "a difference of 12 bits");
    cr_assert(huffman_init(huffman, &table, false));
    cr_assert_eq(huffman_search(huffman, 0xC000), 0u, "the code that is left over");
    table.bits[2] = 4;
    cr_assert(huffman_init(huffman, &table, false), "every code in use");
    table.bits[2] = 5;
    cr_assert_not(huffman_init(huffman, &table, false), "more codes than there are");
    table.bits[2] = 0;
    cr_assert_not(huffman_init(huffman, &table, false), "no codes");
    cr_assert_not(huffman_init(huffman, NULL, false));
    free(huffman);
}

/* Faults */

/** True if the screening decoder took the file; then libjpeg must have nothing to say, and give the same bytes. */
static bool taken_rightly(const struct file_bytes *file, const char *what, size_t at)
{
    /* Of its exact size, so that a sanitizer sees one byte too many. */
    struct file_bytes copy = {malloc(file->size ? file->size : 1), file->size};
    memcpy(copy.data, file->data, file->size);
    bool quarter = screened(&copy, 4), half = screened(&copy, 2), taken = screened(&copy, 8);
    cr_assert_eq(tape.open, 0u, "a stream leaks");
    cr_assert(quarter == half && (taken || !half), "%s at %zu", what, at);
    if (taken) {
        struct file_bytes own = tape_take();
        cr_assert(plain_is_sound(&copy), "%s at %zu", what, at);
        cr_assert(own.size == tape.n && (!own.size || memcmp(own.data, tape.bytes, tape.n) == 0), "%s at %zu", what,
                  at);
        free(own.data);
    }
    free(copy.data);
    return taken;
}

static const size_t faulty_samplings[] = {4, 0, 3, 14, 4};
#define FAULTY (sizeof(faulty_samplings) / sizeof(*faulty_samplings))

static struct file_bytes make_faulty(size_t i)
{
    struct coding coding = coding_of(faulty_samplings[i], 40, 30, 60);
    coding.restart = i == 2 ? 2 : 0;
    coding.optimised = i == 1;
    coding.progressive = i == 4;
    return make_coded(&coding);
}

Test(screening, bytes_changed, .timeout = 300)
{
    static const uint8_t masks[] = {0x01, 0x10, 0x80, 0xFF, 0x5A};
    for (size_t i = 0; i < FAULTY; i++) {
        struct file_bytes file = make_faulty(i);
        unsigned taken = 0, refused = 0;
        cr_assert(taken_rightly(&file, "whole", i));
        for (size_t at = 0; at < file.size; at++)
            for (size_t m = 0; m < sizeof(masks); m++) {
                file.data[at] ^= masks[m];
                if (taken_rightly(&file, "changed", at))
                    taken++;
                else
                    refused++;
                file.data[at] ^= masks[m];
            }
        cr_assert(taken > 20 && refused > 200, "%u taken, %u refused", taken, refused);
        free(file.data);
    }
    tape_clear();
}

Test(screening, bytes_missing_and_added)
{
    for (size_t i = 0; i < FAULTY; i++) {
        struct file_bytes file = make_faulty(i), whole = file;
        for (file.size = 0; file.size < whole.size; file.size++)
            cr_assert_not(taken_rightly(&file, "cut", file.size));
        for (size_t at = whole.size - 100; at < whole.size - 2; at++) {
            struct file_bytes shorter = {malloc(whole.size), whole.size - 1};
            memcpy(shorter.data, whole.data, at);
            memcpy(shorter.data + at, whole.data + at + 1, whole.size - at - 1);
            taken_rightly(&shorter, "left out", at);
            file_insert(&shorter, at, "\x35\x00", 2);
            taken_rightly(&shorter, "put in", at);
            free(shorter.data);
        }
        file_insert(&whole, whole.size, "behind\xFF\xD8", 8);
        cr_assert(taken_rightly(&whole, "data behind the end", 0));
        file_insert(&whole, whole.size - 10, "\x55", 1);
        cr_assert(!taken_rightly(&whole, "a byte before the end marker", 0) || i == 4);
        free(whole.data);
    }
    tape_clear();
}

/** The offset of the n-th restart marker, from 0. */
static size_t find_restart(const struct file_bytes *file, unsigned n)
{
    for (size_t at = 0; at + 1 < file->size; at++)
        if (file->data[at] == 0xFF && (file->data[at + 1] & 0xF8) == 0xD0 && n-- == 0)
            return at;
    return 0;
}

Test(screening, restart_markers_out_of_order)
{
    struct file_bytes file = make_faulty(2);
    size_t at = find_restart(&file, 3);
    cr_assert(at && taken_rightly(&file, "whole", 0));
    file.data[at + 1] ^= 1;
    cr_assert_not(taken_rightly(&file, "another number", at));
    file.data[at + 1] ^= 1;
    file_insert(&file, at, "\xFF\xD3", 2);
    cr_assert_not(taken_rightly(&file, "twice", at));
    memmove(file.data + at, file.data + at + 4, file.size - at - 4);
    file.size -= 4;
    cr_assert_not(taken_rightly(&file, "left out", at));
    free(file.data);
    tape_clear();
}

/** What it does not read at all. */
Test(screening, other_codings_are_left_to_libjpeg)
{
    static const struct jpeg_kind kinds[] = {
        {.in = JCS_RGB, .file = JCS_YCbCr, .arithmetic = true},
        {.in = JCS_RGB, .file = JCS_RGB},
        {.in = JCS_CMYK, .file = JCS_YCCK},
        {.in = JCS_RGB, .file = JCS_YCbCr, .not_interleaved = true},
        {.in = JCS_RGB, .file = JCS_YCbCr, .progressive = true, .arithmetic = true},
    };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        struct file_bytes file = make_photo_jpeg(61, 47, kinds[i]);
        cr_assert_not(screened(&file, 8), "%zu", i);
        free(file.data);
    }
    struct coding wide_chroma = {.width = 61, .height = 47, .components = 3, .h = {1, 2, 1}, .v = {1, 1, 1}};
    wide_chroma.quality = 80;
    struct file_bytes file = make_coded(&wide_chroma);
    cr_assert_not(screened(&file, 8), "luma is not the largest component");
    free(file.data);
    tape_clear();
}

/* The whole decoder with the screening decoder, and libjpeg alone */

static void check_same_end(const struct file_bytes *file, const char *what, size_t at)
{
    struct decode_request request = request_for(TYPE_JPEG, false);
    struct decode_result plain, got;
    memset(&plain, 0, sizeof(plain));
    jpeg_decoder.decode(&request, file->data, file->size, &plain);
    decode_picture(&request, file->data, file->size, &got);
    cr_assert(got.status == plain.status && strcmp(got.detail, plain.detail) == 0, "%s at %zu: \"%s\", not \"%s\"",
              what, at, got.detail, plain.detail);
    cr_assert(got.width == plain.width && got.height == plain.height && got.has_pdq == plain.has_pdq);
}

Test(screening, every_file_ends_as_with_libjpeg, .timeout = 300)
{
    for (unsigned round = 0; round < 3; round++) {
        struct coding coding = coding_of(round == 2 ? 0 : 4, round == 1 ? 1530 : 400, round == 1 ? 1529 : 384, 30);
        coding.progressive = round == 1;
        coding.restart = round == 2 ? 40 : 0;
        struct file_bytes file = make_coded(&coding);
        uint32_t seed = round;
        check_same_end(&file, "whole", 0);
        for (unsigned i = 0; i < (round == 1 ? 40 : 150); i++) {
            size_t at = noise(&seed) % (i & 1 ? file.size : 700);
            uint8_t was = file.data[at];
            file.data[at] = (uint8_t)noise(&seed);
            check_same_end(&file, "changed", at);
            file.data[at] = was;
            struct file_bytes cut = {file.data, at};
            check_same_end(&cut, "cut", at);
        }
        free(file.data);
    }
    tape_clear();
}
