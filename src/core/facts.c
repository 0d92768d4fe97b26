#include "trawl/facts.h"

#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/escape.h"

/** Length of a name and its '='; 0 where the line has none. */
static size_t name_length(const char *line, size_t n)
{
    size_t i = 0;
    while (i < n && ((line[i] >= 'a' && line[i] <= 'z') || (line[i] >= '0' && line[i] <= '9') || line[i] == '_'))
        i++;
    return i && i < n && line[i] == '=' ? i + 1 : 0;
}

char *facts_take(const void *bytes, size_t n)
{
    const char *p = bytes, *end = p + (n < FACTS_MAX ? n : FACTS_MAX);
    struct buf out = {0};
    while (p < end) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        size_t length = (size_t)((stop ? stop : end) - p), name = name_length(p, length);
        if (name) {
            buf_put(&out, p, name);
            escape_text(&out, p + name, length - name);
            buf_byte(&out, '\n');
        }
        p += length + 1;
    }
    if (!out.len)
        return NULL;
    buf_byte(&out, 0);
    return (char *)out.data;
}

bool facts_sane(const char *facts)
{
    for (const char *p = facts; *p;) {
        const char *stop = strchr(p, '\n');
        if (!stop || !name_length(p, (size_t)(stop - p)))
            return false;
        p = stop + 1;
    }
    return *facts && utf8_valid(facts, strlen(facts));
}

void facts_each(const char *facts,
                void (*take)(void *context, const char *name, size_t name_len, const char *value, size_t n),
                void *context)
{
    for (const char *p = facts; *p;) {
        size_t length = strcspn(p, "\n"), name = name_length(p, length);
        if (name)
            take(context, p, name - 1, p + name, length - name);
        p += length + (p[length] == '\n');
    }
}

struct json_state {
    struct buf *out;
    bool any;
};

static void one_json(void *context, const char *name, size_t name_len, const char *value, size_t n)
{
    struct json_state *state = context;
    buf_puts(state->out, state->any ? "," : "");
    state->any = true;
    escape_json(state->out, name, name_len);
    buf_byte(state->out, ':');
    escape_json(state->out, value, n);
}

void facts_json(const char *facts, struct buf *out)
{
    struct json_state state = {out, false};
    buf_byte(out, '{');
    facts_each(facts, one_json, &state);
    buf_byte(out, '}');
}

const char *facts_value(const char *facts, const char *name, size_t *n)
{
    size_t name_len = strlen(name);
    for (const char *p = facts; *p;) {
        size_t length = strcspn(p, "\n");
        if (length > name_len && strncmp(p, name, name_len) == 0 && p[name_len] == '=') {
            *n = length - name_len - 1;
            return p + name_len + 1;
        }
        p += length + (p[length] == '\n');
    }
    return NULL;
}
