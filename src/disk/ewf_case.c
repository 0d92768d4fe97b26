/* ewf_case.c: what an EnCase image says of the case it was taken for, and the digests that were stored with it. */
#include <libdeflate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "disk/ewf.h"

#define MAX_HEADER (1u << 20)

uint8_t *ewf_text_unpack(const struct segment *segment, uint64_t at, uint64_t size, size_t *n)
{
    if (size > MAX_HEADER)
        return NULL;
    uint8_t *packed = malloc(size), *text = malloc(MAX_HEADER + 2);
    struct libdeflate_decompressor *inflater = libdeflate_alloc_decompressor();
    bool whole = packed && text && inflater && segment_read(segment, packed, size, at) &&
                 libdeflate_zlib_decompress(inflater, packed, size, text, MAX_HEADER, n) == LIBDEFLATE_SUCCESS;
    free(packed);
    if (inflater)
        libdeflate_free_decompressor(inflater);
    if (!whole) {
        free(text);
        return NULL;
    }
    text[*n] = text[*n + 1] = 0;
    return text;
}

/** In place: UTF-8 of what is not a surrogate, and '?' for those, is as long as UTF-16 at most. */
void ewf_text_utf8(uint8_t *text, size_t n)
{
    bool big = n >= 2 && text[0] == 0xfe && text[1] == 0xff;
    size_t out = 0;
    for (size_t i = big || (n >= 2 && text[0] == 0xff) ? 2 : 0; i + 1 < n; i += 2) {
        unsigned c = big ? (unsigned)text[i] << 8 | text[i + 1] : (unsigned)text[i + 1] << 8 | text[i];
        if (c < 0x80) {
            text[out++] = (uint8_t)c;
        } else if (c < 0x800) {
            text[out++] = (uint8_t)(0xc0 | c >> 6);
            text[out++] = (uint8_t)(0x80 | (c & 63));
        } else {
            text[out++] = '?';
        }
    }
    text[out] = 0;
}

void ewf_put(char *field, size_t size, const char *value, size_t n)
{
    size_t out = 0;
    for (size_t i = 0; i < n && out + 1 < size; i++)
        if ((unsigned char)value[i] >= ' ' && value[i] != 127)
            field[out++] = value[i];
    /* No half of a character. */
    while (out && n > out && ((unsigned char)field[out - 1] & 0xc0) == 0x80)
        out--;
    field[out] = '\0';
}

void ewf_put_date(char *field, size_t size, const char *value, size_t n)
{
    char text[40];
    int y, mo, d, h, mi, s;
    struct tm tm;
    ewf_put(text, sizeof(text), value, n);
    if (sscanf(text, "%d %d %d %d %d %d", &y, &mo, &d, &h, &mi, &s) == 6) {
        snprintf(field, size, "%04d-%02d-%02dT%02d:%02d:%02d", y, mo, d, h, mi, s);
        return;
    }
    time_t seconds = strtoll(text, NULL, 10);
    if (text[0] && text[strspn(text, "0123456789")] == '\0' && gmtime_r(&seconds, &tm))
        strftime(field, size, "%Y-%m-%dT%H:%M:%SZ", &tm);
    else
        snprintf(field, size, "%.*s", (int)size - 1, text);
}

static void put_named(struct acquisition *a, const char *key, size_t key_len, const char *value, size_t n)
{
    static const struct {
        const char *key;
        size_t at, size;
    } fields[] = {
        {"c", offsetof(struct acquisition, case_number), sizeof(a->case_number)},
        {"n", offsetof(struct acquisition, evidence_number), sizeof(a->evidence_number)},
        {"a", offsetof(struct acquisition, description), sizeof(a->description)},
        {"e", offsetof(struct acquisition, examiner), sizeof(a->examiner)},
        {"t", offsetof(struct acquisition, notes), sizeof(a->notes)},
        {"av", offsetof(struct acquisition, software), sizeof(a->software)},
    };
    for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
        if (strlen(fields[i].key) == key_len && memcmp(key, fields[i].key, key_len) == 0)
            ewf_put((char *)a + fields[i].at, fields[i].size, value, n);
    if (key_len == 1 && *key == 'm')
        ewf_put_date(a->acquired, sizeof(a->acquired), value, n);
}

/** Third line: keys with tabs between, fourth: their values. */
static void parse(struct acquisition *a, const char *text)
{
    const char *keys = strstr(text, "main");
    keys = keys ? strchr(keys, '\n') : NULL;
    const char *values = keys ? strchr(++keys, '\n') : NULL;
    if (!values)
        return;
    values++;
    while (*keys && *keys != '\n' && *keys != '\r') {
        size_t key_len = strcspn(keys, "\t\r\n"), n = strcspn(values, "\t\r\n");
        put_named(a, keys, key_len, values, n);
        keys += key_len + (keys[key_len] == '\t');
        values += n + (values[n] == '\t');
    }
}

void ewf_case_section(struct medium *medium, const char *type, const struct segment *segment, uint64_t at,
                      uint64_t size)
{
    struct acquisition *a = &medium->acquisition;
    size_t n;
    if (strcmp(type, "hash") == 0 && size >= 16) {
        a->has_md5 = segment_read(segment, a->md5, sizeof(a->md5), at);
    } else if (strcmp(type, "digest") == 0 && size >= 36) {
        static const uint8_t none[20];
        a->has_md5 = segment_read(segment, a->md5, sizeof(a->md5), at) && memcmp(a->md5, none, 16);
        a->has_sha1 = segment_read(segment, a->sha1, sizeof(a->sha1), at + 16) && memcmp(a->sha1, none, 20);
    } else if (strcmp(type, "header2") == 0 || (strcmp(type, "header") == 0 && !a->software[0])) {
        uint8_t *text = ewf_text_unpack(segment, at, size, &n);
        if (!text)
            return;
        if (type[6])
            ewf_text_utf8(text, n);
        parse(a, (const char *)text);
        free(text);
    }
}
