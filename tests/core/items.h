/* items.h: items for tests of their encoding. */
#ifndef TEST_ITEMS_H
#define TEST_ITEMS_H

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/escape.h"
#include "trawl/item.h"

static inline struct where *member_of(const char *container, const char *kind, const char *name, uint64_t index)
{
    struct where *root = where_new(NULL, "file", container, strlen(container), WHERE_UNKNOWN, WHERE_UNKNOWN);
    struct where *where = where_new(root, kind, name, strlen(name), index, WHERE_UNKNOWN);
    where_unref(root);
    return where;
}

static inline void add_match(struct item *item, enum hash_type type, uint16_t distance, const char *list,
                             const char *entry, const char *category)
{
    struct match match = {
        .type = type, .distance = distance, .severity = 2, .list = list, .entry = entry, .category = category};
    for (size_t i = 0; i < hash_type_bytes(type); i++) {
        match.value[i] = (uint8_t)(i * 3);
        match.observed[i] = (uint8_t)(i * 5);
    }
    RESERVE(item->matches.items, item->matches.n, item->matches.cap);
    item->matches.items[item->matches.n++] = match;
}

/** An item with everything. */
static inline struct item full_item(void)
{
    struct item item = {.where = member_of("a.zip", "zip", "b\\\xc3\xa4.jpg", 7),
                        .size = 1234,
                        .type = TYPE_JPEG,
                        .status = TRAWL_LIMIT};
    item.limit = LIMIT_PIXELS;
    item_detail(&item, "%d pixels", 300);
    item.has_digests = true;
    memset(item.digests.md5, 0x11, 16);
    memset(item.digests.sha1, 0x22, 20);
    memset(item.digests.sha256, 0x33, 32);
    item.width = 640;
    item.height = 480;
    item.orientation = 6;
    item.has_pdq = true;
    memset(item.pdq, 0xab, PDQ_BYTES);
    item.pdq_quality = 49;
    item.low_quality = true;
    add_match(&item, HASH_MD5, 0, "list.txt", "12", "");
    add_match(&item, HASH_SHA1, 0, "list.txt", "ID-1", "abc");
    add_match(&item, HASH_SHA256, 0, "", "", "");
    add_match(&item, HASH_PDQ, 31, "p\xc3\xa4q.csv", "99", "\x1b[31m");
    item.matches.items[3].rotation = PDQ_FLIPMINUS1;
    return item;
}

static inline void check_same(const struct item *a, const struct item *b)
{
    struct buf x = {0}, y = {0};
    item_json(a, &x);
    item_json(b, &y);
    cr_assert_str_eq(buf_str(&x), buf_str(&y));
    cr_assert_eq(a->matches.n, b->matches.n);
    for (size_t i = 0; i < a->matches.n; i++) {
        const struct match *m = &a->matches.items[i], *n = &b->matches.items[i];
        cr_assert(m->type == n->type && m->distance == n->distance && m->severity == n->severity);
        cr_assert_eq(m->rotation, n->rotation);
        cr_assert_str_eq(m->list, n->list);
        cr_assert_str_eq(m->entry, n->entry);
        cr_assert_str_eq(m->category, n->category);
        cr_assert(m->flags == n->flags);
        cr_assert_str_eq(m->code ? m->code : "", n->code ? n->code : "");
        cr_assert_str_eq(m->series ? m->series : "", n->series ? n->series : "");
        cr_assert_str_eq(m->photodna ? m->photodna : "", n->photodna ? n->photodna : "");
        cr_assert_arr_eq(m->value, n->value, 32);
        cr_assert_arr_eq(m->observed, n->observed, 32);
    }
    buf_free(&x);
    buf_free(&y);
}

static inline void check_round_trip(const struct item *item)
{
    struct buf bytes = {0}, again = {0};
    struct item back;
    item_encode(item, &bytes);
    cr_assert(item_decode(bytes.data, bytes.len, &back));
    check_same(item, &back);
    item_encode(&back, &again);
    cr_assert(again.len == bytes.len && memcmp(again.data, bytes.data, bytes.len) == 0);
    buf_free(&bytes);
    buf_free(&again);
    item_clear(&back);
}

/** True if refused; where it is taken, it must be the one encoding of what was read. */
static inline bool refused(const uint8_t *bytes, size_t n)
{
    struct item item;
    struct buf again = {0}, json = {0};
    uint8_t *exact = mem_dup(bytes, n); /* so that the sanitizer sees a read behind the end */
    bool good = item_decode(exact, n, &item);
    free(exact);
    if (!good) {
        cr_assert(!item.where && !item.detail && !item.strings && !item.matches.items);
        return true;
    }
    item_encode(&item, &again);
    cr_assert(again.len == n && memcmp(again.data, bytes, n) == 0);
    item_json(&item, &json);
    cr_assert(utf8_valid(json.data, json.len));
    buf_free(&json);
    buf_free(&again);
    item_clear(&item);
    return false;
}

/** The four needed fields, then what is given. */
static inline bool refused_behind(const void *more, size_t n)
{
    struct item item = {.where = member_of("a", "zip", "b", 0), .size = 1};
    struct buf bytes = {0};
    item_encode(&item, &bytes);
    buf_put(&bytes, more, n);
    bool no = refused(bytes.data, bytes.len);
    item_clear(&item);
    buf_free(&bytes);
    return no;
}

#endif
