/* json.h: enough of JSON to check what was written. */
#ifndef TESTS_REPORT_JSON_H
#define TESTS_REPORT_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/escape.h"

static inline const char *json_space(const char *p)
{
    return p + strspn(p, " \t\r\n");
}

/** Behind the string at p, its bytes in `out` (may be NULL); NULL if it is none. */
static inline const char *json_string(const char *p, struct buf *out)
{
    if (*p++ != '"')
        return NULL;
    for (; *p != '"'; p++) {
        unsigned code = (uint8_t)*p;
        if (code < 0x20)
            return NULL;
        if (code == '\\' && p[1] == 'u') {
            if (sscanf(p + 2, "%4x", &code) != 1 || (code >= 0x80 && code != 0x2028 && code != 0x2029))
                return NULL; /* what else does not have to be escaped */
            p += 5;
        } else if (code == '\\') {
            code = (uint8_t) * ++p;
            if (code != '"' && code != '\\')
                return NULL;
        }
        if (out && code >= 0x100)
            buf_put(out, code == 0x2028 ? "\xe2\x80\xa8" : "\xe2\x80\xa9", 3);
        else if (out)
            buf_byte(out, (uint8_t)code);
    }
    return p + 1;
}

/** Behind the value at p; NULL if there is none. */
static inline const char *json_value(const char *p, int depth)
{
    static const char *const words[] = {"true", "false", "null"};
    p = json_space(p);
    if (*p == '"')
        return json_string(p, NULL);
    for (int i = 0; i < 3; i++)
        if (strncmp(p, words[i], strlen(words[i])) == 0)
            return p + strlen(words[i]);
    if (*p >= '0' && *p <= '9')
        return *p == '0' ? p + 1 : p + strspn(p, "0123456789");
    if ((*p != '{' && *p != '[') || depth == 50)
        return NULL;
    char open = *p, close = open == '{' ? '}' : ']';
    p = json_space(p + 1);
    for (bool first = true; *p != close; first = false) {
        if (!first && *p++ != ',')
            return NULL;
        if (open == '{') {
            p = json_string(json_space(p), NULL);
            p = p ? json_space(p) : p;
            if (!p || *p++ != ':')
                return NULL;
        }
        p = json_value(p, depth + 1);
        if (!p)
            return NULL;
        p = json_space(p);
    }
    return p + 1;
}

/** True if all lines are JSON values (one value may have several lines), and valid UTF-8. */
static inline bool json_valid(const char *text)
{
    bool any = utf8_valid(text, strlen(text));
    for (const char *p = text; any && *p; p = json_space(p)) {
        p = json_value(p, 0);
        if (!p)
            return false;
    }
    return any;
}

/** The first number of that name. */
static inline uint64_t json_number(const char *text, const char *name)
{
    char key[64];
    snprintf(key, sizeof(key), "\"%s\":", name);
    const char *at = strstr(text, key);
    return at ? strtoull(json_space(at + strlen(key)), NULL, 10) : UINT64_MAX;
}

/** The sum of all numbers of that name inside the object or array of name `group`. */
static inline uint64_t json_sum(const char *text, const char *group, const char *name)
{
    char key[64];
    uint64_t sum = 0;
    snprintf(key, sizeof(key), "\"%s\":", group);
    const char *at = strstr(text, key), *end = at ? json_value(at + strlen(key), 0) : NULL;
    snprintf(key, sizeof(key), "\"%s\":", name);
    while (end && (at = strstr(at, key)) != NULL && at < end) {
        at += strlen(key);
        sum += strtoull(json_space(at), NULL, 10);
    }
    return sum;
}

#endif
