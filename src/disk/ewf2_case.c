/* ewf2_case.c: what an EnCase image of the second version says of the device and of the case it was taken for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "disk/ewf.h"

/** A value of the fourth line, with its key of the third. */
struct value {
    const char *key, *text;
    size_t key_len, n;
};

static bool has_key(const struct value *value, const char *key)
{
    return strlen(key) == value->key_len && memcmp(key, value->key, value->key_len) == 0;
}

static uint64_t number_of(const struct value *value)
{
    char digits[24];
    ewf_put(digits, sizeof(digits), value->text, value->n);
    return strtoull(digits, NULL, 10);
}

static void put_number(struct ewf2_numbers *numbers, const struct value *value)
{
    if (has_key(value, "ts"))
        numbers->sectors = number_of(value);
    else if (has_key(value, "bp"))
        numbers->sector = number_of(value);
    else if (has_key(value, "sb"))
        numbers->per_chunk = number_of(value);
}

static void put_text(struct acquisition *a, const struct value *value)
{
    static const struct {
        const char *key;
        size_t at, size;
    } fields[] = {
        {"cn", offsetof(struct acquisition, case_number), sizeof(a->case_number)},
        {"en", offsetof(struct acquisition, evidence_number), sizeof(a->evidence_number)},
        {"nm", offsetof(struct acquisition, description), sizeof(a->description)},
        {"ex", offsetof(struct acquisition, examiner), sizeof(a->examiner)},
        {"nt", offsetof(struct acquisition, notes), sizeof(a->notes)},
        {"av", offsetof(struct acquisition, software), sizeof(a->software)},
    };
    for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
        if (has_key(value, fields[i].key))
            ewf_put((char *)a + fields[i].at, fields[i].size, value->text, value->n);
    /* By the clock of the machine that took it; what the examiner typed, only where that is all there is. */
    if (value->n && (has_key(value, "tt") || (has_key(value, "at") && !a->acquired[0])))
        ewf_put_date(a->acquired, sizeof(a->acquired), value->text, value->n);
}

/** Number of objects, "main", keys with tabs between, their values. */
static bool parse(struct acquisition *a, const char *text, struct ewf2_numbers *numbers)
{
    const char *keys = strstr(text, "main");
    keys = keys ? strchr(keys, '\n') : NULL;
    const char *values = keys ? strchr(++keys, '\n') : NULL;
    if (!values)
        return false;
    values++;
    while (*keys && *keys != '\n' && *keys != '\r') {
        struct value value = {keys, values, strcspn(keys, "\t\r\n"), strcspn(values, "\t\r\n")};
        put_number(numbers, &value);
        put_text(a, &value);
        keys += value.key_len + (keys[value.key_len] == '\t');
        values += value.n + (values[value.n] == '\t');
    }
    return true;
}

/** Texts that are not packed begin with the mark of the order of their bytes, which no zlib stream does. */
static uint8_t *plain_text(const struct segment *segment, uint64_t at, uint64_t size, size_t *n)
{
    uint8_t mark[2];
    if (size < 4 || size > 1u << 20 || !segment_read(segment, mark, 2, at) || (mark[0] ^ mark[1]) != 1 ||
        mark[0] < 0xfe)
        return NULL;
    uint8_t *text = malloc(size + 2);
    if (!text || !segment_read(segment, text, size, at)) {
        free(text);
        return NULL;
    }
    text[size] = text[size + 1] = 0;
    *n = size;
    return text;
}

bool ewf2_case_text(struct acquisition *a, const struct segment *segment, uint64_t at, uint64_t size,
                    struct ewf2_numbers *numbers)
{
    size_t n;
    uint8_t *text = plain_text(segment, at, size, &n);
    if (!text)
        text = ewf_text_unpack(segment, at, size, &n);
    if (!text)
        return false;
    ewf_text_utf8(text, n);
    bool whole = parse(a, (const char *)text, numbers);
    free(text);
    return whole;
}
