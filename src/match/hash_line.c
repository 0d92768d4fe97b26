#include "match/hash_line.h"

#include <string.h>

#include "match/hex.h"
#include "match/list.h"

/** What is left of a line. */
struct cursor {
    const uint8_t *p, *end;
};

static size_t left(const struct cursor *at)
{
    return (size_t)(at->end - at->p);
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f';
}

static bool is_separator(uint8_t c)
{
    return is_blank(c) || c == ',' || c == ';';
}

static void trim(struct cursor *at)
{
    while (left(at) && is_blank(*at->p))
        at->p++;
    while (left(at) && is_blank(at->end[-1]))
        at->end--;
}

/** Takes a run of hex digits that ends where a word ends. */
static bool take_hex(struct cursor *at, struct hash_line *line)
{
    size_t digits = hex_span(at->p, left(at));
    if (!digits || (digits < left(at) && !is_separator(at->p[digits])))
        return false;
    line->hex = at->p;
    line->digits = digits;
    at->p += digits;
    return true;
}

static bool take_sum_name(struct cursor *at, struct hash_line *line)
{
    if (left(at) < 3 || at->p[0] != ' ' || (at->p[1] != ' ' && at->p[1] != '*'))
        return false;
    line->label = at->p + 2;
    line->label_len = left(at) - 2;
    line->hint = HASH_SHA256;
    return true;
}

/** `,quality` or `,quality,path`: the label that it is in any case stays as it is. */
static void look_for_quality(const struct cursor *at, struct hash_line *line)
{
    const uint8_t *p = at->p + 1;
    int value = 0, digits = 0;
    for (; p < at->end && *p >= '0' && *p <= '9' && digits < 4; p++, digits++)
        value = 10 * value + (*p - '0');
    if (!digits || value > 100 || (p < at->end && *p != ','))
        return;
    line->quality = value;
    line->hint = HASH_PDQ;
    line->path = p < at->end ? p + 1 : p;
    line->path_len = (size_t)(at->end - line->path);
}

/** A list of several columns without a header: nobody can tell which of them is meant. */
static bool begins_with_hash(const uint8_t *text, size_t n)
{
    size_t digits = hex_span(text, n);
    return (digits == 32 || digits == 40 || digits == 64) && (digits == n || is_separator(text[digits]));
}

static enum line_kind take_label(struct cursor *at, struct hash_line *line, const char **why)
{
    if (take_sum_name(at, line))
        return LINE_HASH;
    if (left(at) && *at->p == ',')
        look_for_quality(at, line);
    while (left(at) && is_separator(*at->p))
        at->p++;
    line->label = at->p;
    line->label_len = left(at);
    if (!begins_with_hash(line->label, line->label_len))
        return LINE_HASH;
    *why = "two hashes in one row: the file needs a header that names its columns";
    return LINE_BAD;
}

/** `(name) = HEX`. The name may hold anything, so the end is looked for from behind. */
static enum line_kind take_bsd(struct cursor *at, struct hash_line *line, const char **why)
{
    const uint8_t *equals = memrchr(at->p, '=', left(at)), *close = equals;
    *why = "neither TYPE (name) = HEX nor TYPE HEX";
    while (close && close > at->p && is_blank(close[-1]))
        close--;
    if (!close || close == at->p || close[-1] != ')')
        return LINE_BAD;
    line->label = at->p + 1;
    line->label_len = (size_t)(close - 1 - line->label);
    struct cursor hex = {equals + 1, at->end};
    trim(&hex);
    return take_hex(&hex, line) && !left(&hex) ? LINE_HASH : LINE_BAD;
}

static enum line_kind take_typed(struct cursor *at, struct hash_line *line, const char **why)
{
    const uint8_t *word = at->p;
    while (left(at) && !is_separator(*at->p) && *at->p != ':' && *at->p != '(' && *at->p != '=')
        at->p++;
    line->type = list_type_from_name(word, (size_t)(at->p - word));
    bool alone = !left(at);
    while (left(at) && is_blank(*at->p))
        at->p++;
    *why = "no hash, and no type of hash that is known here";
    if (line->type == HASH_UNKNOWN || alone)
        return LINE_BAD;
    if (*at->p == '(')
        return take_bsd(at, line, why);
    while (left(at) && (is_separator(*at->p) || *at->p == ':' || *at->p == '='))
        at->p++;
    *why = "no hash behind its type";
    return take_hex(at, line) ? take_label(at, line, why) : LINE_BAD;
}

enum line_kind hash_line_parse(const uint8_t *text, size_t n, struct hash_line *line, const char **why)
{
    struct cursor at = {text, text + n};
    *line = (struct hash_line){.type = HASH_UNKNOWN, .hint = HASH_UNKNOWN, .quality = -1};
    trim(&at);
    if (!left(&at) || *at.p == '#' || *at.p == ';')
        return LINE_BLANK;
    *why = "it holds NUL bytes";
    if (memchr(at.p, '\0', left(&at)))
        return LINE_BAD;
    line->escaped = *at.p == '\\';
    at.p += line->escaped;
    if (take_hex(&at, line))
        return take_label(&at, line, why);
    return take_typed(&at, line, why);
}
