#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "decode/exif.h"

static void put16(uint8_t *p, unsigned v, bool big)
{
    p[0] = (uint8_t)(big ? v >> 8 : v);
    p[1] = (uint8_t)(big ? v : v >> 8);
}

static void put32(uint8_t *p, uint32_t v, bool big)
{
    put16(p, big ? v >> 16 : v & 0xFFFF, big);
    put16(p + 2, big ? v & 0xFFFF : v >> 16, big);
}

/** A TIFF block whose IFD0 stands at `ifd` with three entries, the orientation second. */
static size_t make_tiff(uint8_t *out, bool big, uint32_t ifd, unsigned type, uint32_t count, uint32_t value)
{
    size_t n = ifd + 2 + 3 * 12 + 4;
    memset(out, 0, n);
    memcpy(out, big ? "MM\0*" : "II*\0", 4);
    put32(out + 4, ifd, big);
    uint8_t *p = out + ifd;
    put16(p, 3, big);
    static const unsigned tags[3] = {0x010F, 0x0112, 0x0131};
    for (int i = 0; i < 3; i++) {
        uint8_t *entry = p + 2 + i * 12;
        put16(entry, tags[i], big);
        put16(entry + 2, i == 1 ? type : 2, big);
        put32(entry + 4, i == 1 ? count : 4, big);
        if (i == 1 && type == 3)
            put16(entry + 8, value, big);
        else
            put32(entry + 8, i == 1 ? value : 7, big);
    }
    return n;
}

Test(exif, reads_both_byte_orders)
{
    uint8_t block[256];
    for (int big = 0; big < 2; big++)
        for (uint32_t value = 1; value <= 8; value++)
            for (uint32_t ifd = 8; ifd < 40; ifd += 5) {
                size_t n = make_tiff(block, big, ifd, 3, 1, value);
                cr_assert_eq(exif_orientation(block, n), value);
                n = make_tiff(block, big, ifd, 4, 1, value);
                cr_assert_eq(exif_orientation(block, n), value, "as LONG");
            }
}

Test(exif, passes_over_the_app1_name)
{
    uint8_t block[256] = "Exif";
    size_t n = make_tiff(block + 6, true, 8, 3, 1, 6);
    cr_assert_eq(exif_orientation(block, n + 6), 6u);
}

Test(exif, malformed_gives_none)
{
    uint8_t block[256];
    size_t n = make_tiff(block, false, 8, 3, 1, 6);
    cr_assert_eq(exif_orientation(block, n), 6u);
    static const struct {
        unsigned type;
        uint32_t count, value;
    } bad[] = {{3, 1, 0}, {3, 1, 9}, {3, 1, 65535}, {4, 1, 0x60000}, {3, 0, 6},
               {3, 2, 6}, {2, 1, 6}, {5, 1, 6},     {0, 1, 6}};
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        n = make_tiff(block, i & 1, 8, bad[i].type, bad[i].count, bad[i].value);
        cr_assert_eq(exif_orientation(block, n), 0u, "case %zu", i);
    }
    n = make_tiff(block, false, 8, 3, 1, 6);
    const uint32_t offsets[] = {0, (uint32_t)n - 1, (uint32_t)n, (uint32_t)n + 1, 0x7FFFFFFF, 0xFFFFFFFF, 0xFFFFFFFE};
    for (size_t i = 0; i < sizeof(offsets) / sizeof(*offsets); i++) {
        put32(block + 4, offsets[i], false);
        cr_assert_eq(exif_orientation(block, n), 0u, "IFD at %x", offsets[i]);
    }
}

Test(exif, reads_no_byte_too_many)
{
    uint8_t block[256];
    size_t n = make_tiff(block, true, 8, 3, 1, 5);
    size_t needed = 8 + 2 + 2 * 12;
    for (size_t cut = 0; cut <= n; cut++) {
        uint8_t *exact = malloc(cut ? cut : 1); /* so that a sanitizer sees one byte too many */
        memcpy(exact, block, cut);
        cr_assert_eq(exif_orientation(exact, cut), cut >= needed ? 5u : 0u, "cut at %zu", cut);
        free(exact);
    }
    put16(block + 8, 65535, true); /* more entries than there is room for */
    memset(block + 8 + 2 + 12, 0, 12);
    cr_assert_eq(exif_orientation(block, n), 0u);
}

/** Appends an ASCII entry to a directory at *at, its text at *text. */
static void put_text_entry(uint8_t *block, size_t *at, size_t *text, unsigned tag, const char *words)
{
    uint32_t n = (uint32_t)strlen(words) + 1;
    put16(block + *at, tag, true);
    put16(block + *at + 2, 2, true);
    put32(block + *at + 4, n, true);
    if (n <= 4) {
        memcpy(block + *at + 8, words, n);
    } else {
        put32(block + *at + 8, (uint32_t)*text, true);
        memcpy(block + *text, words, n);
        *text += n;
    }
    *at += 12;
}

/** IFD0 with make, model, time and the EXIF directory with serial and original time. */
static size_t make_camera(uint8_t block[512], const char *make, const char *model, const char *serial,
                          const char *original)
{
    size_t at = 10, text = 200;
    memset(block, 0, 512);
    memcpy(block, "MM\0*", 4);
    put32(block + 4, 8, true);
    put16(block + 8, 4, true);
    put_text_entry(block, &at, &text, 0x010f, make);
    put_text_entry(block, &at, &text, 0x0110, model);
    put_text_entry(block, &at, &text, 0x0132, "2001:01:01 00:00:00");
    put16(block + at, 0x8769, true);
    put16(block + at + 2, 4, true);
    put32(block + at + 4, 1, true);
    put32(block + at + 8, 100, true);
    put16(block + 100, 2, true);
    at = 102;
    put_text_entry(block, &at, &text, 0xa431, serial);
    put_text_entry(block, &at, &text, 0x9003, original);
    return text;
}

Test(exif, camera_and_time)
{
    static const struct {
        const char *make, *model, *serial, *original;
        const char *time;
    } cases[] = {
        {"Acme", "  Model One  ", "0001234567", "2024:06:01 12:34:56", "2024-06-01T12:34:56"},
        {"A\x80\x01", "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz", "", "2024:02:29 00:00:00",
         "2024-02-29T00:00:00"},
        {"x", "y", "z", "0000:00:00 00:00:00", "2001-01-01T00:00:00"},
        {"x", "y", "z", "2024:13:01 12:34:56", "2001-01-01T00:00:00"},
        {"x", "y", "z", "2024-06-01 12:34:56", "2001-01-01T00:00:00"},
        {"x", "y", "z", "1900:01:01 00:00:00", "1900-01-01T00:00:00"},
        {"x", "y", "z", "2199:12:31 23:59:59", "2199-12-31T23:59:59"},
        {"x", "y", "z", "2200:01:01 00:00:00", "2001-01-01T00:00:00"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        uint8_t block[512];
        char time[24];
        struct camera camera = {0};
        size_t n = make_camera(block, cases[i].make, cases[i].model, cases[i].serial, cases[i].original);
        exif_camera(block, n, &camera);
        camera_time_text(camera.time, time);
        cr_assert(camera_sane(&camera), "%zu", i);
        cr_assert_str_eq(time, cases[i].time);
        if (i == 0) {
            cr_assert_str_eq(camera.make, "Acme");
            cr_assert_str_eq(camera.model, "Model One");
            cr_assert_str_eq(camera.serial, "0001234567");
        }
        if (i == 1) {
            cr_assert_str_eq(camera.make, "A??");
            cr_assert_str_eq(camera.model, "abcdefghijklmnopqrstuvwxyzabcdefghijklm");
            cr_assert_str_eq(camera.serial, "");
        }
    }
}

/** Cut and changed in every byte: what comes out is sane, and nothing is read behind the end. */
Test(exif, camera_of_anything)
{
    uint8_t block[512];
    size_t n = make_camera(block, "Acme Works", "Model One", "0001234567", "2024:06:01 12:34:56");
    for (size_t cut = 0; cut <= n; cut++) {
        uint8_t *exact = malloc(cut ? cut : 1);
        struct camera camera = {0};
        memcpy(exact, block, cut);
        exif_camera(exact, cut, &camera);
        cr_assert(camera_sane(&camera));
        free(exact);
    }
    for (size_t i = 0; i < 200; i++)
        for (unsigned v = 0; v < 256; v += 15) {
            struct camera camera = {0};
            uint8_t held = block[i];
            block[i] = (uint8_t)v;
            exif_camera(block, n, &camera);
            block[i] = held;
            cr_assert(camera_sane(&camera));
        }
}
