#include "match/json.h"

#include <string.h>

/** Nesting that is followed; one bit each says whether it is an object. `where` of the inventory has two. */
#define DEPTH_MAX 64

static void skip_space(struct json *json)
{
    while (json->p < json->end && (*json->p == ' ' || *json->p == '\t' || *json->p == '\n' || *json->p == '\r'))
        json->p++;
}

/** The byte that comes next behind blanks; 0 at the end. */
static uint8_t peek(struct json *json)
{
    skip_space(json);
    return json->p < json->end ? *json->p : 0;
}

static bool take(struct json *json, uint8_t c)
{
    if (peek(json) != c || !c)
        return false;
    json->p++;
    return true;
}

static bool is_hex(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/** Behind a backslash. */
static bool take_escape(struct json *json)
{
    if (json->p == json->end)
        return false;
    uint8_t c = *json->p++;
    if (c != 'u')
        return c && strchr("\"\\/bfnrt", c);
    for (int i = 0; i < 4; i++)
        if (json->p == json->end || !is_hex(*json->p++))
            return false;
    return true;
}

static bool take_string(struct json *json, const uint8_t **text, size_t *n)
{
    if (!take(json, '"'))
        return false;
    *text = json->p;
    while (json->p < json->end) {
        uint8_t c = *json->p++;
        if (c == '"') {
            *n = (size_t)(json->p - 1 - *text);
            return true;
        }
        if (c < 0x20 || (c == '\\' && !take_escape(json)))
            return false;
    }
    return false;
}

static size_t take_digits(struct json *json)
{
    const uint8_t *begin = json->p;
    while (json->p < json->end && *json->p >= '0' && *json->p <= '9')
        json->p++;
    return (size_t)(json->p - begin);
}

static bool take_number(struct json *json)
{
    if (*json->p == '-')
        json->p++;
    bool zero = json->p < json->end && *json->p == '0';
    size_t digits = take_digits(json);
    if (!digits || (zero && digits > 1))
        return false;
    if (json->p < json->end && *json->p == '.') {
        json->p++;
        if (!take_digits(json))
            return false;
    }
    if (json->p < json->end && (*json->p == 'e' || *json->p == 'E')) {
        json->p++;
        if (json->p < json->end && (*json->p == '+' || *json->p == '-'))
            json->p++;
        return take_digits(json) > 0;
    }
    return true;
}

static bool take_literal(struct json *json)
{
    static const char *const words[] = {"true", "false", "null"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        size_t n = strlen(words[i]);
        if ((size_t)(json->end - json->p) >= n && memcmp(json->p, words[i], n) == 0) {
            json->p += n;
            return true;
        }
    }
    return false;
}

/** A value that is no array and no object. */
static bool take_scalar(struct json *json, struct json_member *member)
{
    uint8_t c = peek(json);
    member->value = json->p;
    if (c == '"') {
        member->kind = JSON_STRING;
        return take_string(json, &member->value, &member->value_len);
    }
    bool number = c == '-' || (c >= '0' && c <= '9');
    member->kind = number ? JSON_NUMBER : JSON_LITERAL;
    bool good = c && (number ? take_number(json) : take_literal(json));
    member->value_len = (size_t)(json->p - member->value);
    return good;
}

/** Arrays and objects that are open. */
struct nest {
    /** One bit each, the innermost the lowest: an object? */
    uint64_t objects;
    int depth;
};

static bool nest_open(struct json *json, struct nest *nest)
{
    if (nest->depth == DEPTH_MAX)
        return false;
    nest->objects = nest->objects << 1 | (*json->p++ == '{');
    nest->depth++;
    return true;
}

static bool take_close(struct json *json, struct nest *nest)
{
    if (!take(json, nest->objects & 1 ? '}' : ']'))
        return false;
    nest->objects >>= 1;
    nest->depth--;
    return true;
}

/** Takes the key of the next value, if it has one, and the value, or opens it. */
static bool take_element(struct json *json, struct nest *nest)
{
    struct json_member member;
    if (nest->objects & 1 && (!take_string(json, &member.key, &member.key_len) || !take(json, ':')))
        return false;
    uint8_t c = peek(json);
    return c == '{' || c == '[' ? nest_open(json, nest) : take_scalar(json, &member);
}

/** All of an array or an object, without recursion. */
static bool skip_nested(struct json *json)
{
    struct nest nest = {0};
    if (!nest_open(json, &nest))
        return false;
    bool fresh = true;
    while (nest.depth) {
        if (take_close(json, &nest)) {
            fresh = false;
            continue;
        }
        int depth = nest.depth;
        if ((!fresh && !take(json, ',')) || !take_element(json, &nest))
            return false;
        fresh = nest.depth > depth;
    }
    return true;
}

bool json_open(struct json *json, const uint8_t *text, size_t n)
{
    *json = (struct json){.p = text, .end = text + n};
    return take(json, '{');
}

int json_next(struct json *json, struct json_member *member)
{
    if (take(json, '}'))
        return peek(json) || json->p < json->end ? -1 : 0;
    if ((json->begun && !take(json, ',')) || !take_string(json, &member->key, &member->key_len) || !take(json, ':'))
        return -1;
    json->begun = true;
    uint8_t c = peek(json);
    if (c != '{' && c != '[')
        return take_scalar(json, member) ? 1 : -1;
    member->kind = JSON_NESTED;
    member->value = json->p;
    bool good = skip_nested(json);
    member->value_len = (size_t)(json->p - member->value);
    return good ? 1 : -1;
}
