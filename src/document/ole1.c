#include "document/ole1.h"

#include <string.h>

#include "source/bytes.h"

/** A piece of an object that is being taken apart from its beginning. */
struct cursor {
    const uint8_t *p;
    size_t n;
    bool bad;
};

static uint32_t take32(struct cursor *c)
{
    if (c->n < 4) {
        c->bad = true;
        return 0;
    }
    uint32_t v = le32(c->p);
    c->p += 4;
    c->n -= 4;
    return v;
}

static const uint8_t *take(struct cursor *c, size_t n)
{
    const uint8_t *p = c->p;
    if (c->n < n) {
        c->bad = true;
        return NULL;
    }
    c->p += n;
    c->n -= n;
    return p;
}

/** A text that ends with NUL. */
static const char *take_text(struct cursor *c, size_t *n)
{
    const uint8_t *p = c->p, *end = c->n ? memchr(p, 0, c->n) : NULL;
    *n = 0;
    if (!end) {
        c->bad = true;
        return NULL;
    }
    *n = (size_t)(end - p);
    take(c, *n + 1);
    return (const char *)p;
}

static void name_set(struct ole1 *object, const char *path, size_t n)
{
    for (size_t i = n; i; i--)
        if (path[i - 1] == '\\' || path[i - 1] == '/') {
            path += i;
            n -= i;
            break;
        }
    object->name = path;
    object->name_len = n;
}

bool ole1_package(const uint8_t *p, size_t n, struct ole1 *object)
{
    struct cursor c = {p, n, false};
    size_t label_len, path_len;
    if (n < 8 || le16(p) != 2)
        return false;
    take(&c, 2);
    const char *label = take_text(&c, &label_len), *path = take_text(&c, &path_len);
    take32(&c);
    uint32_t temporary = take32(&c);
    if (temporary > c.n)
        return false;
    take(&c, temporary);
    uint32_t size = take32(&c);
    if (c.bad || size > c.n)
        return false;
    object->p = c.p;
    object->n = size;
    name_set(object, path_len ? path : label, path_len ? path_len : label_len);
    if (label_len && !object->name_len)
        name_set(object, label, label_len);
    return true;
}

bool ole1_open(const uint8_t *p, size_t n, struct ole1 *object)
{
    struct cursor c = {p, n, false};
    take32(&c);
    uint32_t format = take32(&c);
    if (format != 2)
        return false;
    uint32_t class_len = take32(&c);
    const uint8_t *class = take(&c, class_len);
    take(&c, take32(&c));
    take(&c, take32(&c));
    uint32_t size = take32(&c);
    if (c.bad)
        return false;
    if (size > c.n)
        size = (uint32_t)c.n;
    if (class_len >= 7 && !memcmp(class, "Package", 7) && ole1_package(c.p, size, object))
        return true;
    object->p = c.p;
    object->n = size;
    return true;
}
