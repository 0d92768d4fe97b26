#include "plan/plan_line.h"

#include <string.h>

#include "core/escape.h"
#include "match/hex.h"
#include "match/json.h"
#include "plan/plan.h"

#define READ_BLOCK (256u << 10)

enum key_kind { NUMBER, SIGNED, TEXT, TRUE };

static const struct {
    const char *name;
    enum key_kind kind;
} keys[PLAN_KEYS] = {
    [KEY_TRAWL_PLAN] = {"trawl_plan", NUMBER},
    [KEY_VERSION] = {"version", TEXT},
    [KEY_TARGET_BYTES] = {"target_bytes", NUMBER},
    [KEY_OPTION] = {"option", TEXT},
    [KEY_OPTION_RAW] = {"option_raw", TEXT},
    [KEY_SOURCE] = {"source", TEXT},
    [KEY_SOURCE_RAW] = {"source_raw", TEXT},
    [KEY_UNIT] = {"unit", NUMBER},
    [KEY_FILES] = {"files", NUMBER},
    [KEY_BYTES] = {"bytes", NUMBER},
    [KEY_WEIGHT] = {"weight", NUMBER},
    [KEY_FIRST] = {"first", NUMBER},
    [KEY_END_RANGE] = {"end", NUMBER},
    [KEY_OF] = {"of", NUMBER},
    [KEY_PATH] = {"path", TEXT},
    [KEY_RAW] = {"raw", TEXT},
    [KEY_SOURCE_BYTES] = {"source_bytes", NUMBER},
    [KEY_UNKNOWN] = {"unknown", TRUE},
    [KEY_TYPE] = {"type", TEXT},
    [KEY_SIZE] = {"size", NUMBER},
    [KEY_MTIME] = {"mtime", SIGNED},
    [KEY_UNITS] = {"units", NUMBER},
};

#define BIT(key) (UINT32_C(1) << (key))

/** A line has all of one row's keys, and nothing beside but what may. */
static const struct {
    enum plan_line_kind kind;
    uint32_t all, may;
} shapes[] = {
    {PLAN_LINE_HEAD, BIT(KEY_TRAWL_PLAN) | BIT(KEY_VERSION) | BIT(KEY_TARGET_BYTES), 0},
    {PLAN_LINE_OPTION, BIT(KEY_OPTION), BIT(KEY_OPTION_RAW)},
    {PLAN_LINE_SOURCE, BIT(KEY_SOURCE), BIT(KEY_SOURCE_RAW)},
    {PLAN_LINE_UNIT, BIT(KEY_UNIT) | BIT(KEY_FILES) | BIT(KEY_BYTES) | BIT(KEY_WEIGHT), 0},
    {PLAN_LINE_UNIT,
     BIT(KEY_UNIT) | BIT(KEY_FILES) | BIT(KEY_BYTES) | BIT(KEY_WEIGHT) | BIT(KEY_FIRST) | BIT(KEY_END_RANGE) |
         BIT(KEY_OF),
     0},
    {PLAN_LINE_FILE, BIT(KEY_PATH) | BIT(KEY_SOURCE_BYTES) | BIT(KEY_SIZE) | BIT(KEY_MTIME), BIT(KEY_RAW)},
    {PLAN_LINE_FILE, BIT(KEY_PATH) | BIT(KEY_SOURCE_BYTES) | BIT(KEY_TYPE), BIT(KEY_RAW)},
    {PLAN_LINE_FILE, BIT(KEY_PATH) | BIT(KEY_SOURCE_BYTES) | BIT(KEY_UNKNOWN), BIT(KEY_RAW)},
    {PLAN_LINE_END, BIT(KEY_END_RANGE) | BIT(KEY_UNITS) | BIT(KEY_FILES) | BIT(KEY_BYTES), 0},
};

static bool parse_number(const uint8_t *text, size_t n, uint64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < n; i++)
        if (text[i] < '0' || text[i] > '9' || __builtin_mul_overflow(*out, 10u, out) ||
            __builtin_add_overflow(*out, (uint64_t)(text[i] - '0'), out))
            return false;
    return n > 0;
}

static bool parse_signed(const uint8_t *text, size_t n, int64_t *out)
{
    uint64_t value;
    bool minus = n && text[0] == '-';
    if (!parse_number(text + minus, n - minus, &value) || value > (uint64_t)INT64_MAX + minus)
        return false;
    *out = minus ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}

static bool is_true(const struct json_member *member)
{
    return member->kind == JSON_LITERAL && member->value_len == 4 && memcmp(member->value, "true", 4) == 0;
}

/** "end" is a number in a unit and true behind the last one. */
static bool take_value(struct plan_line *line, enum plan_key key, const struct json_member *member)
{
    line->ends = line->ends || (key == KEY_END_RANGE && member->kind == JSON_LITERAL);
    if (keys[key].kind == TRUE || (key == KEY_END_RANGE && line->ends))
        return is_true(member);
    if (keys[key].kind == TEXT) {
        line->texts[key] = (struct plan_text){member->value, member->value_len};
        return member->kind == JSON_STRING;
    }
    if (member->kind != JSON_NUMBER)
        return false;
    return keys[key].kind == SIGNED ? parse_signed(member->value, member->value_len, &line->mtime)
                                    : parse_number(member->value, member->value_len, &line->numbers[key]);
}

static bool take_member(struct plan_line *line, const struct json_member *member)
{
    for (unsigned key = 0; key < PLAN_KEYS; key++)
        if (strlen(keys[key].name) == member->key_len && memcmp(keys[key].name, member->key, member->key_len) == 0) {
            bool again = plan_line_has(line, (enum plan_key)key);
            line->keys |= BIT(key);
            return !again && take_value(line, (enum plan_key)key, member);
        }
    return false;
}

bool plan_line_parse(const uint8_t *text, size_t n, struct plan_line *line)
{
    struct json json;
    struct json_member member;
    int got = 0;
    *line = (struct plan_line){0};
    if (!json_open(&json, text, n))
        return false;
    while ((got = json_next(&json, &member)) == 1)
        if (!take_member(line, &member))
            return false;
    for (size_t i = 0; !got && i < sizeof(shapes) / sizeof(*shapes); i++)
        if ((line->keys & ~shapes[i].may) == shapes[i].all) {
            line->kind = shapes[i].kind;
            return line->ends == (line->kind == PLAN_LINE_END);
        }
    return false;
}

/** Nothing that JSON would have to escape: the writer gives such bytes in hexadecimal. */
static bool is_plain(const struct plan_text *text)
{
    return !memchr(text->text, '\\', text->n) && utf8_valid(text->text, text->n);
}

bool plan_line_bytes(const struct plan_line *line, enum plan_key key, enum plan_key raw, struct buf *out)
{
    const struct plan_text *text = &line->texts[key], *hex = &line->texts[raw];
    if (!plan_line_has(line, raw)) {
        buf_put(out, text->text, text->n);
        return is_plain(text);
    }
    size_t n = hex->n / 2;
    if (hex->n % 2 || !n)
        return false;
    uint8_t *at = buf_reserve(out, n);
    out->len += n;
    return hex_decode(hex->text, at, n) && !memchr(at, 0, n);
}

void plan_lines_open(struct plan_lines *lines, FILE *file)
{
    *lines = (struct plan_lines){.file = file, .digest = digest_new()};
    digest_start(lines->digest);
    rewind(file);
}

/** Reads on; false at the end. */
static bool fill(struct plan_lines *lines)
{
    if (lines->at) {
        memmove(lines->window.data, lines->window.data + lines->at, lines->window.len - lines->at);
        lines->window.len -= lines->at;
        lines->at = 0;
    }
    uint8_t *to = buf_reserve(&lines->window, READ_BLOCK);
    size_t n = fread(to, 1, READ_BLOCK, lines->file);
    digest_update(lines->digest, to, n);
    lines->window.len += n;
    lines->at_end = n == 0;
    return n > 0;
}

int plan_lines_next(struct plan_lines *lines, const uint8_t **text, size_t *n)
{
    size_t looked = 0;
    for (;;) {
        size_t left = lines->window.len - lines->at;
        const uint8_t *from = lines->window.data + lines->at;
        const uint8_t *end = left > looked ? memchr(from + looked, '\n', left - looked) : NULL;
        if (end) {
            *text = from;
            *n = (size_t)(end - from);
            lines->at += *n + 1;
            return 1;
        }
        looked = left;
        if (left > PLAN_LINE_MAX)
            return -1;
        if (!fill(lines))
            return left || ferror(lines->file) ? -1 : 0;
    }
}

bool plan_lines_cut(const struct plan_lines *lines)
{
    return lines->at_end;
}

void plan_lines_digest(struct plan_lines *lines, uint8_t sha256[32])
{
    struct digests digests;
    digest_finish(lines->digest, &digests);
    memcpy(sha256, digests.sha256, sizeof(digests.sha256));
}

void plan_lines_close(struct plan_lines *lines)
{
    digest_free(lines->digest);
    buf_free(&lines->window);
    *lines = (struct plan_lines){0};
}
