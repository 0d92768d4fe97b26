#include "match/video_signal.h"

#include <string.h>

#include "match/hex.h"
#include "match/json.h"

/** What is left of a text. */
struct cursor {
    const uint8_t *p, *end;
};

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_blanks(struct cursor *at)
{
    while (at->p < at->end && is_blank(*at->p))
        at->p++;
}

static bool take(struct cursor *at, uint8_t c)
{
    skip_blanks(at);
    if (at->p == at->end || *at->p != c)
        return false;
    at->p++;
    return true;
}

static bool take_number(struct cursor *at, uint32_t most, uint32_t *value)
{
    const uint8_t *start = at->p;
    uint64_t v = 0;
    for (; at->p < at->end && *at->p >= '0' && *at->p <= '9' && v <= most; at->p++)
        v = 10 * v + (*at->p - '0');
    *value = (uint32_t)v;
    return at->p > start && v <= most;
}

/** Digits, a point and digits, an exponent: as Python prints a float. In milliseconds, as large as they can be kept. */
static bool take_seconds(struct cursor *at, uint32_t *ms)
{
    const uint8_t *start = at->p;
    double v = 0, unit = 1;
    bool fraction = false;
    for (; at->p < at->end && ((*at->p >= '0' && *at->p <= '9') || (*at->p == '.' && !fraction)); at->p++) {
        fraction = fraction || *at->p == '.';
        if (*at->p == '.')
            continue;
        v = 10 * v + (*at->p - '0');
        unit = fraction ? unit / 10 : unit;
    }
    bool any = at->p > start && !(at->p == start + 1 && *start == '.');
    v *= unit;
    if (any && at->p < at->end && (*at->p == 'e' || *at->p == 'E')) {
        uint32_t exponent;
        bool minus = at->p + 1 < at->end && at->p[1] == '-';
        at->p += 1 + (at->p + 1 < at->end && (at->p[1] == '-' || at->p[1] == '+'));
        if (!take_number(at, 99, &exponent))
            return false;
        while (exponent--)
            v = minus ? v / 10 : v * 10;
    }
    v = v * 1000 + 0.5;
    *ms = v < UINT32_MAX ? (uint32_t)v : UINT32_MAX;
    return any;
}

static bool take_hash(struct cursor *at, struct video_frame *frame)
{
    if ((size_t)(at->end - at->p) < 2 * PDQ_BYTES || !hex_decode(at->p, frame->pdq, PDQ_BYTES))
        return false;
    at->p += 2 * PDQ_BYTES;
    return true;
}

static bool take_quality(struct cursor *at, struct video_frame *frame)
{
    uint32_t quality;
    if (!take_number(at, 100, &quality))
        return false;
    frame->quality = (uint8_t)quality;
    return true;
}

static bool take_comma(struct cursor *at)
{
    return at->p < at->end && *at->p++ == ',';
}

static void trim(struct cursor *at)
{
    skip_blanks(at);
    while (at->end > at->p && is_blank(at->end[-1]))
        at->end--;
}

bool video_signal_frame(const uint8_t *text, size_t n, struct video_frame *frame)
{
    struct cursor at = {text, text + n};
    uint32_t number = 0;
    *frame = (struct video_frame){0};
    trim(&at);
    struct cursor numbered = at;
    if (take_hash(&at, frame))
        return take_comma(&at) && take_quality(&at, frame) && take_comma(&at) && take_seconds(&at, &frame->time_ms) &&
               at.p == at.end;
    bool good = take_number(&numbered, UINT32_MAX - 1, &number) && take_comma(&numbered) &&
                take_quality(&numbered, frame) && take_comma(&numbered) && take_hash(&numbered, frame) &&
                take_comma(&numbered) && take_seconds(&numbered, &frame->time_ms) && numbered.p == numbered.end;
    frame->number = number;
    return good;
}

bool video_signal_begins(const uint8_t *text, size_t n)
{
    struct cursor at = {text, text + n};
    if (take(&at, '['))
        return take(&at, '"') || take(&at, ']');
    return take(&at, '{') && take(&at, '"') && at.p < at.end && *at.p >= '0' && *at.p <= '9';
}

static bool parse_array(struct cursor *at, video_signal_function *give, void *context)
{
    uint32_t count = 0;
    if (take(at, ']'))
        return true;
    do {
        struct video_frame frame;
        if (!take(at, '"'))
            return false;
        const uint8_t *end = memchr(at->p, '"', (size_t)(at->end - at->p));
        if (!end || !video_signal_frame(at->p, (size_t)(end - at->p), &frame))
            return false;
        if (!frame.number)
            frame.number = count;
        count = frame.number + 1;
        give(context, &frame);
        at->p = end + 1;
    } while (take(at, ','));
    return take(at, ']');
}

static bool key_is(const struct json_member *member, const char *want)
{
    return strlen(want) == member->key_len && memcmp(member->key, want, member->key_len) == 0;
}

/** One frame of the old form. */
static bool parse_member(const struct json_member *member, struct video_frame *frame)
{
    struct json json;
    struct json_member field;
    struct cursor key = {member->key, member->key + member->key_len};
    unsigned seen = 0;
    int more = 1;
    *frame = (struct video_frame){0};
    if (member->kind != JSON_NESTED || !take_number(&key, UINT32_MAX - 1, &frame->number) || key.p != key.end ||
        !json_open(&json, member->value, member->value_len))
        return false;
    while ((more = json_next(&json, &field)) > 0) {
        struct cursor at = {field.value, field.value + field.value_len};
        if (key_is(&field, "quality"))
            seen |= take_quality(&at, frame) ? 1 : 0;
        else if (key_is(&field, "hash"))
            seen |= take_hash(&at, frame) && at.p == at.end ? 2 : 0;
        else if (key_is(&field, "timestamp"))
            seen |= take_seconds(&at, &frame->time_ms) ? 4 : 0;
    }
    return more == 0 && seen == 7;
}

static bool parse_object(const uint8_t *text, size_t n, video_signal_function *give, void *context)
{
    struct json json;
    struct json_member member;
    int more = json_open(&json, text, n) ? 1 : -1;
    while (more > 0 && (more = json_next(&json, &member)) > 0) {
        struct video_frame frame;
        if (!parse_member(&member, &frame))
            return false;
        give(context, &frame);
    }
    return more == 0;
}

bool video_signal_parse(const uint8_t *text, size_t n, video_signal_function *give, void *context)
{
    struct cursor at = {text, text + n};
    trim(&at);
    if (at.p < at.end && *at.p == '{')
        return parse_object(at.p, (size_t)(at.end - at.p), give, context);
    return take(&at, '[') && parse_array(&at, give, context) && at.p == at.end;
}
