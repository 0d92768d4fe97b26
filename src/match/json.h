/* json.h: the members of one JSON object on one line. Strict (RFC 8259), flat: what is nested is checked and passed
 * over. */
#ifndef MATCH_JSON_H
#define MATCH_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum json_kind { JSON_STRING, JSON_NUMBER, JSON_LITERAL, JSON_NESTED };

struct json {
    const uint8_t *p, *end;
    /** A member was read: the next one needs a comma. */
    bool begun;
};

/** Borrowed from the line. Strings are without their quotes, escapes as they stand. */
struct json_member {
    const uint8_t *key;
    size_t key_len;
    enum json_kind kind;
    const uint8_t *value;
    size_t value_len;
};

/** False where the line does not begin an object. */
bool json_open(struct json *json, const uint8_t *text, size_t n);
/** 1 and the next member; 0 behind the last one, with nothing behind the object; -1 where it is no JSON. */
int json_next(struct json *json, struct json_member *member);

#endif
