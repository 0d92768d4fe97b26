#include "decode/exif.h"

#include <stdbool.h>
#include <string.h>

#define TAG_MAKE          0x010f
#define TAG_MODEL         0x0110
#define TAG_ORIENTATION   0x0112
#define TAG_TIME          0x0132
#define TAG_EXIF          0x8769
#define TAG_TIME_ORIGINAL 0x9003
#define TAG_BODY_SERIAL   0xa431
#define TAG_CAMERA_SERIAL 0xc62f
#define TYPE_ASCII        2
#define TYPE_SHORT        3
#define TYPE_LONG         4
#define ENTRY_BYTES       12

struct tiff {
    const uint8_t *data;
    size_t size;
    bool big_endian;
};

/** The callers have checked that the bytes are there. */
static uint32_t tiff_u16(const struct tiff *tiff, size_t at)
{
    const uint8_t *p = tiff->data + at;
    return tiff->big_endian ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

static uint32_t tiff_u32(const struct tiff *tiff, size_t at)
{
    uint32_t a = tiff_u16(tiff, at), b = tiff_u16(tiff, at + 2);
    return tiff->big_endian ? a << 16 | b : b << 16 | a;
}

static bool tiff_open(struct tiff *tiff, const uint8_t *block, size_t n)
{
    if (n >= 6 && memcmp(block, "Exif\0", 5) == 0) {
        block += 6;
        n -= 6;
    }
    if (n < 8)
        return false;
    *tiff = (struct tiff){.data = block, .size = n, .big_endian = block[0] == 'M'};
    return (memcmp(block, "II*\0", 4) == 0) || (memcmp(block, "MM\0*", 4) == 0);
}

/** A SHORT, or a LONG as some writers have it; its value stands in the entry itself. */
static uint32_t entry_orientation(const struct tiff *tiff, size_t at)
{
    uint32_t type = tiff_u16(tiff, at + 2), count = tiff_u32(tiff, at + 4), value = 0;
    if (count == 1 && type == TYPE_SHORT)
        value = tiff_u16(tiff, at + 8);
    else if (count == 1 && type == TYPE_LONG)
        value = tiff_u32(tiff, at + 8);
    return value <= 8 ? value : 0;
}

/** Where a directory's entries begin and how many there are; 0 where there is none. */
static size_t directory(const struct tiff *tiff, size_t ifd, size_t *n)
{
    if (ifd < 8 || ifd > tiff->size - 2)
        return 0;
    size_t entries = tiff_u16(tiff, ifd), room = (tiff->size - ifd - 2) / ENTRY_BYTES;
    *n = entries < room ? entries : room;
    return ifd + 2;
}

uint32_t exif_orientation(const uint8_t *block, size_t n)
{
    struct tiff tiff;
    size_t entries = 0;
    if (!tiff_open(&tiff, block, n))
        return 0;
    size_t first = directory(&tiff, tiff_u32(&tiff, 4), &entries);
    for (size_t i = 0; first && i < entries; i++)
        if (tiff_u16(&tiff, first + i * ENTRY_BYTES) == TAG_ORIENTATION)
            return entry_orientation(&tiff, first + i * ENTRY_BYTES);
    return 0;
}

/** The bytes of an ASCII entry: in the entry itself, or where it points. */
static const uint8_t *entry_text(const struct tiff *tiff, size_t at, size_t *n)
{
    size_t count = tiff_u32(tiff, at + 4), from = count <= 4 ? at + 8 : tiff_u32(tiff, at + 8);
    if (tiff_u16(tiff, at + 2) != TYPE_ASCII || from > tiff->size || count > tiff->size - from)
        return NULL;
    *n = count;
    return tiff->data + from;
}

/** What is no printable ASCII becomes a question mark; blanks around it are dropped, and what is too long. */
static void take_word(const struct tiff *tiff, size_t at, char *word, size_t size)
{
    size_t n = 0, kept = 0;
    const uint8_t *text = entry_text(tiff, at, &n);
    if (!text || word[0])
        return;
    while (n && *text == ' ') {
        text++;
        n--;
    }
    for (size_t i = 0; i < n && text[i] && kept + 1 < size; i++)
        word[kept++] = text[i] < ' ' || text[i] > '~' ? '?' : (char)text[i];
    while (kept && word[kept - 1] == ' ')
        word[--kept] = '\0';
}

/** `digits` of a number at text; -1 where they are none. */
static int number_at(const uint8_t *text, int digits)
{
    int v = 0;
    for (int i = 0; i < digits; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        v = v * 10 + text[i] - '0';
    }
    return v;
}

/** Days from 1970 to a day of the Gregorian calendar. */
static int64_t days_from_civil(int year, int month, int day)
{
    year -= month <= 2;
    int64_t era = year / 400, of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/** "YYYY:MM:DD HH:MM:SS". Camera clocks that were never set say zeros. */
static void take_time(const struct tiff *tiff, size_t at, int64_t *time)
{
    size_t n = 0;
    const uint8_t *t = entry_text(tiff, at, &n);
    if (!t || n < 19 || *time || t[4] != ':' || t[7] != ':' || t[10] != ' ' || t[13] != ':' || t[16] != ':')
        return;
    int year = number_at(t, 4), month = number_at(t + 5, 2), day = number_at(t + 8, 2);
    int hour = number_at(t + 11, 2), minute = number_at(t + 14, 2), second = number_at(t + 17, 2);
    if (year < 1900 || year > 2199 || month < 1 || month > 12 || day < 1 || day > 31 || hour < 0 || hour > 23 ||
        minute < 0 || minute > 59 || second < 0 || second > 59)
        return;
    *time = days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
}

/** Takes what one directory has. Returns where the EXIF directory is, or 0. */
static size_t take_directory(const struct tiff *tiff, size_t ifd, struct camera *camera, int64_t *changed)
{
    size_t entries = 0, first = directory(tiff, ifd, &entries), exif = 0;
    for (size_t i = 0; first && i < entries; i++) {
        size_t at = first + i * ENTRY_BYTES;
        uint32_t tag = tiff_u16(tiff, at);
        if (tag == TAG_MAKE)
            take_word(tiff, at, camera->make, sizeof(camera->make));
        else if (tag == TAG_MODEL)
            take_word(tiff, at, camera->model, sizeof(camera->model));
        else if (tag == TAG_BODY_SERIAL || tag == TAG_CAMERA_SERIAL)
            take_word(tiff, at, camera->serial, sizeof(camera->serial));
        else if (tag == TAG_TIME_ORIGINAL)
            take_time(tiff, at, &camera->time);
        else if (tag == TAG_TIME)
            take_time(tiff, at, changed);
        else if (tag == TAG_EXIF)
            exif = tiff_u32(tiff, at + 8);
    }
    return exif;
}

void exif_camera(const uint8_t *block, size_t n, struct camera *camera)
{
    struct tiff tiff;
    int64_t changed = 0;
    if (!tiff_open(&tiff, block, n))
        return;
    size_t exif = take_directory(&tiff, tiff_u32(&tiff, 4), camera, &changed);
    if (exif)
        take_directory(&tiff, exif, camera, &changed);
    camera->time = camera->time ? camera->time : changed;
}

void exif_read(const uint8_t *block, size_t n, struct decode_result *result)
{
    if (!result->orientation)
        result->orientation = exif_orientation(block, n);
    if (!camera_known(&result->camera))
        exif_camera(block, n, &result->camera);
}
