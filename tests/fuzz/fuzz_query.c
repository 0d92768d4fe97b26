/* fuzz_query.c: one line of `trawl match`, and the scanner of JSON lines, compared with a plain one that checks all of
 * RFC 8259. */
#include "core/escape.h"
#include "fuzz.h"
#include "match/hash_line.h"
#include "match/json.h"
#include "match/query.h"

/** The scanner follows so many arrays and objects inside of the line's own object. */
#define NESTED 64

struct text {
    const uint8_t *p, *end;
};

static bool is_in(uint8_t c, const char *set)
{
    return c && strchr(set, c);
}

static void blanks(struct text *t)
{
    while (t->p < t->end && is_in(*t->p, " \t\r\n"))
        t->p++;
}

static bool eat(struct text *t, uint8_t c)
{
    blanks(t);
    bool there = t->p < t->end && *t->p == c;
    t->p += there;
    return there;
}

static bool string(struct text *t)
{
    if (!eat(t, '"'))
        return false;
    for (; t->p < t->end && *t->p != '"'; t->p++) {
        if (*t->p < 32)
            return false;
        if (*t->p != '\\')
            continue;
        if (++t->p == t->end || !is_in(*t->p, "\"\\/bfnrtu"))
            return false;
        for (int i = 0; *t->p == 'u' && i < 4; i++)
            if (t->end - t->p < 2 + i || !is_in(t->p[1 + i], "0123456789abcdefABCDEF"))
                return false;
        t->p += *t->p == 'u' ? 4 : 0;
    }
    return t->p < t->end && *t->p++ == '"';
}

static size_t digits(struct text *t)
{
    size_t n = 0;
    for (; t->p < t->end && is_in(*t->p, "0123456789"); t->p++)
        n++;
    return n;
}

static bool number(struct text *t)
{
    t->p += *t->p == '-';
    const uint8_t *first = t->p;
    size_t n = digits(t);
    if (!n || (n > 1 && *first == '0'))
        return false;
    if (t->p < t->end && *t->p == '.' && (t->p++, !digits(t)))
        return false;
    if (t->p == t->end || (*t->p != 'e' && *t->p != 'E'))
        return true;
    t->p++;
    t->p += t->p < t->end && is_in(*t->p, "+-");
    return digits(t) > 0;
}

static bool value(struct text *t, int depth);

static bool members(struct text *t, bool object, int depth)
{
    uint8_t close = object ? '}' : ']';
    if (eat(t, close))
        return true;
    do {
        if (object && (!string(t) || !eat(t, ':')))
            return false;
        if (!value(t, depth))
            return false;
    } while (eat(t, ','));
    return eat(t, close);
}

static bool word(struct text *t, const char *want)
{
    size_t n = strlen(want);
    bool there = (size_t)(t->end - t->p) >= n && memcmp(t->p, want, n) == 0;
    t->p += there ? n : 0;
    return there;
}

/** `depth`: arrays and objects around it, without the outermost. */
static bool value(struct text *t, int depth)
{
    blanks(t);
    if (t->p == t->end)
        return false;
    if (*t->p == '{' || *t->p == '[')
        return depth < NESTED && members(t, *t->p++ == '{', depth + 1);
    if (*t->p == '"')
        return string(t);
    if (is_in(*t->p, "-0123456789"))
        return number(t);
    return word(t, "true") || word(t, "false") || word(t, "null");
}

static bool is_object(const uint8_t *bytes, size_t n)
{
    struct text t = {bytes, bytes + n};
    if (!eat(&t, '{') || !members(&t, true, 0))
        return false;
    blanks(&t);
    return t.p == t.end;
}

static bool inside(const uint8_t *p, size_t n, const uint8_t *bytes, size_t size)
{
    return p >= bytes && n <= size && (size_t)(p - bytes) <= size - n;
}

static void check_json(const uint8_t *bytes, size_t n)
{
    struct json json;
    struct json_member member;
    int more = json_open(&json, bytes, n) ? 1 : -1;
    while (more > 0 && (more = json_next(&json, &member)) > 0) {
        CHECK(inside(member.key, member.key_len, bytes, n) && inside(member.value, member.value_len, bytes, n));
        CHECK(member.kind <= JSON_NESTED && (member.value_len || member.kind == JSON_STRING));
    }
    CHECK((more == 0) == is_object(bytes, n));
}

static void check_line(const uint8_t *bytes, size_t n)
{
    struct hash_line line;
    const char *why = NULL;
    enum line_kind kind = hash_line_parse(bytes, n, &line, &why);
    if (kind == LINE_BAD)
        CHECK(why && *why && fuzz_printable(why));
    if (kind != LINE_HASH)
        return;
    CHECK(inside(line.hex, line.digits, bytes, n) && line.digits > 0);
    for (size_t i = 0; i < line.digits; i++)
        CHECK(is_in(line.hex[i], "0123456789abcdefABCDEF"));
    CHECK(!line.label_len || inside(line.label, line.label_len, bytes, n));
    CHECK(line.quality >= -1 && line.quality <= 100);
    CHECK(line.quality < 0 || !line.path_len || inside(line.path, line.path_len, bytes, n));
}

/** True if the hex of a value stands in the line. */
static bool stands_there(const uint8_t *bytes, size_t n, const uint8_t *hash, size_t bytes_of_hash)
{
    char hex[65];
    for (size_t i = 0; i < bytes_of_hash; i++)
        snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    for (size_t at = 0; at + 2 * bytes_of_hash <= n; at++) {
        size_t i = 0;
        while (i < 2 * bytes_of_hash && (bytes[at + i] | 0x20) == (hex[i] | 0x20))
            i++;
        if (i == 2 * bytes_of_hash)
            return true;
    }
    return false;
}

static void check_query(const uint8_t *bytes, size_t n, enum hash_type bare)
{
    struct query query;
    const char *why = NULL;
    enum query_kind kind = query_parse(bytes, n, bare, &query, &why);
    CHECK(kind == QUERY_BLANK || kind == QUERY_HASHES || kind == QUERY_BAD);
    CHECK(kind != QUERY_BAD || (why && *why && fuzz_printable(why)));
    CHECK(query.n <= QUERY_HASHES_MAX && query.quality >= -1 && query.quality <= 100);
    CHECK(kind != QUERY_BLANK || !query.n);
    CHECK(kind != QUERY_HASHES || query.n || query.nothing || query.screen);
    for (size_t i = 0; i < query.n; i++) {
        CHECK((unsigned)query.hashes[i].type < HASH_TYPE_COUNT);
        CHECK(stands_there(bytes, n, query.hashes[i].value, hash_type_bytes(query.hashes[i].type)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    unsigned how = (unsigned)fuzz_number(&in, 1) % (HASH_TYPE_COUNT + 1);
    uint8_t *bytes = fuzz_copy(in.p, in.n);
    check_json(bytes, in.n);
    check_line(bytes, in.n);
    check_query(bytes, in.n, (enum hash_type)how);
    free(bytes);
    return 0;
}
