#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "trawl/where.h"

/** A layer that takes over the reference to its parent. */
static struct where *inside(struct where *parent, const char *kind, const char *name, uint64_t index, uint64_t offset)
{
    struct where *where = where_new(parent, kind, name, strlen(name), index, offset);
    where_unref(parent);
    return where;
}

static struct where *host(const char *name)
{
    return inside(NULL, "file", name, WHERE_UNKNOWN, WHERE_UNKNOWN);
}

static struct where *sample(void)
{
    return inside(inside(host("evidence/a.zip"), "zip", "mail\\b.tar.gz", 3, 4096), "tar", "img/\xff.jpg", 0,
                  WHERE_UNKNOWN);
}

Test(where, path_and_json)
{
    struct where *where = sample();
    struct buf path = {0}, json = {0};
    where_path(where, &path);
    cr_assert_str_eq(buf_str(&path), "evidence/a.zip!/mail\\x5cb.tar.gz!/img/\\xff.jpg");
    where_json(where, &json);
    cr_assert_str_eq(buf_str(&json),
                     "[{\"kind\":\"file\",\"name\":\"evidence/a.zip\"},"
                     "{\"kind\":\"zip\",\"name\":\"mail\\\\x5cb.tar.gz\",\"raw\":\"6d61696c5c622e7461722e677a\","
                     "\"index\":3,\"offset\":4096},"
                     "{\"kind\":\"tar\",\"name\":\"img/\\\\xff.jpg\",\"raw\":\"696d672fff2e6a7067\",\"index\":0}]");
    buf_free(&path);
    buf_free(&json);
    where_unref(where);
}

Test(where, a_name_may_hold_anything)
{
    struct where *root = host("a.zip");
    struct where *where = where_new(root, "zip", "x\0y\n", 4, 0, WHERE_UNKNOWN);
    struct where *none = where_new(where, "tar", NULL, 0, 1, WHERE_UNKNOWN);
    struct buf path = {0};
    where_path(none, &path);
    cr_assert_str_eq(buf_str(&path), "a.zip!/x\\x00y\\x0a!/");
    buf_free(&path);
    where_unref(none);
    where_unref(where);
    where_unref(root);
}

Test(where, references_keep_the_outer_layers)
{
    struct where *root = host("a");
    struct where *one = where_new(root, "zip", "b", 1, 0, WHERE_UNKNOWN), *two = where_ref(one);
    where_unref(root);
    where_unref(one);
    cr_assert_eq(two->refs, 1);
    cr_assert_eq(two->parent->refs, 1);
    cr_assert_eq(two->depth, 1);
    where_unref(two);
    where_unref(NULL);
}

static int key_order(struct where *a, struct where *b)
{
    struct buf x = {0}, y = {0};
    where_key(a, &x);
    where_key(b, &y);
    int order = memcmp(buf_str(&x), buf_str(&y), x.len < y.len ? x.len : y.len);
    order = order ? order : (x.len > y.len) - (x.len < y.len);
    buf_free(&x);
    buf_free(&y);
    where_unref(a);
    where_unref(b);
    return order;
}

/** Each place is before all that follow it. */
static struct where *place(unsigned i)
{
    switch (i) {
    case 0:
        return host("");
    case 1:
        return host("a");
    case 2:
        return host("a\x01"); /* the lowest byte that a path can hold */
    case 3:
        return host("a.zip");
    case 4:
        return inside(host("a.zip"), "carved", "x", WHERE_UNKNOWN, 512);
    case 5:
        return inside(host("a.zip"), "carved", "x", WHERE_UNKNOWN, 513);
    case 6:
        return inside(host("a.zip"), "fs", "x", WHERE_UNKNOWN, WHERE_UNKNOWN);
    case 7:
        return inside(inside(host("a.zip"), "fs", "x", WHERE_UNKNOWN, WHERE_UNKNOWN), "zip", "z", 0, WHERE_UNKNOWN);
    case 8:
        return inside(host("a.zip"), "fs", "xy", WHERE_UNKNOWN, WHERE_UNKNOWN);
    case 9:
        return inside(host("a.zip"), "zip", "z-first", 0, 900);
    case 10:
        return inside(inside(host("a.zip"), "zip", "z-first", 0, 900), "tar", "q", 7, WHERE_UNKNOWN);
    case 11:
        return inside(host("a.zip"), "zip", "a-last", 1, 0);
    case 12:
        return inside(host("a.zip"), "zip", "b", 256, 0);
    case 13:
        return host("a.zip.bak");
    case 14:
        return host("a/b");
    case 15:
        return host("b");
    default:
        return host("\xff");
    }
}

Test(where, keys_order_places)
{
    for (unsigned a = 0; a <= 16; a++)
        for (unsigned b = 0; b <= 16; b++) {
            int order = key_order(place(a), place(b));
            cr_assert_eq((order > 0) - (order < 0), (a > b) - (a < b), "%u %u", a, b);
        }
}

Test(where, a_key_does_not_depend_on_what_may_be_named_otherwise)
{
    cr_assert_eq(key_order(inside(host("a"), "zip", "x", 5, 100), inside(host("a"), "zip", "x", 5, 100)), 0);
    cr_assert_neq(key_order(inside(host("a"), "zip", "x", 5, 100), inside(host("a"), "tar", "x", 5, 100)), 0);
}

Test(where, names_without_index_cannot_forge_a_key)
{
    struct where *root = host("a");
    struct buf x = {0}, y = {0};
    struct where *one = where_new(root, "fs", "b\0\0", 3, WHERE_UNKNOWN, WHERE_UNKNOWN);
    struct where *two = where_new(root, "fs", "b\0", 2, WHERE_UNKNOWN, WHERE_UNKNOWN);
    struct where *member = where_new(two, "fs", "", 0, 0, WHERE_UNKNOWN);
    where_key(one, &x);
    where_key(member, &y);
    cr_assert(x.len != y.len || memcmp(x.data, y.data, x.len) != 0);
    cr_assert(x.len > 2 && memcmp(x.data, y.data, x.len - 2) != 0);
    buf_free(&x);
    buf_free(&y);
    where_unref(one);
    where_unref(two);
    where_unref(member);
    where_unref(root);
}

Test(where, encoding_comes_back)
{
    struct where *where = sample();
    struct buf bytes = {0}, a = {0}, b = {0};
    where_encode(where, &bytes);
    struct where *back = where_decode(bytes.data, bytes.len);
    cr_assert_not_null(back);
    where_json(where, &a);
    where_json(back, &b);
    cr_assert_str_eq(buf_str(&a), buf_str(&b));
    cr_assert_eq(back->depth, 2);
    buf_free(&a);
    buf_free(&b);
    buf_free(&bytes);
    where_unref(back);
    where_unref(where);
}

Test(where, damage_is_refused)
{
    struct where *where = sample();
    struct buf bytes = {0};
    where_encode(where, &bytes);
    for (size_t n = 0; n < bytes.len; n++) {
        uint8_t *cut = mem_dup(bytes.data, n); /* of its own, so that reading on is seen by the sanitizer */
        cr_assert_null(where_decode(cut, n), "cut at %zu", n);
        free(cut);
    }
    buf_byte(&bytes, 0);
    cr_assert_null(where_decode(bytes.data, bytes.len), "a byte too many");
    bytes.len--;
    for (size_t i = 0; i < bytes.len; i++)
        for (int bit = 0; bit < 8; bit++) {
            bytes.data[i] ^= (uint8_t)(1 << bit);
            struct where *other = where_decode(bytes.data, bytes.len); /* another place or none: only must not crash */
            where_unref(other);
            bytes.data[i] ^= (uint8_t)(1 << bit);
        }
    cr_assert_null(where_decode(NULL, 0));
    buf_free(&bytes);
    where_unref(where);
}

Test(where, deep_chains)
{
    struct where *where = host("x");
    for (unsigned i = 0; i < 4095; i++)
        where = inside(where, "zip", "x", i, WHERE_UNKNOWN);
    struct buf bytes = {0}, path = {0}, key = {0}, json = {0};
    where_encode(where, &bytes);
    where_path(where, &path);
    where_key(where, &key);
    where_json(where, &json);
    cr_assert_eq(path.len, 4096 + 2 * 4095);
    cr_assert_eq(key.len, 1 + 4095 * 13);
    struct where *back = where_decode(bytes.data, bytes.len);
    cr_assert_not_null(back);
    where_unref(back);
    where = inside(where, "zip", "x", 0, WHERE_UNKNOWN);
    bytes.len = 0;
    where_encode(where, &bytes);
    cr_assert_null(where_decode(bytes.data, bytes.len), "deeper than any limit");
    buf_free(&bytes);
    buf_free(&path);
    buf_free(&key);
    buf_free(&json);
    where_unref(where);
}
