#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "scan/hide.h"

static char *sources[] = {(char *)"ev/", (char *)"ev/deep", (char *)"other.zip"};
static const struct hide hide = {.key = {1, 2, 3}, .sources = sources, .n_sources = 3};

static struct where *host(const char *name)
{
    return where_new(NULL, "file", name, strlen(name), WHERE_UNKNOWN, WHERE_UNKNOWN);
}

static struct where *inside(struct where *parent, const char *kind, const char *name, uint64_t index, uint64_t offset)
{
    struct where *where = where_new(parent, kind, name, strlen(name), index, offset);
    where_unref(parent);
    return where;
}

static void hidden_path(struct where *where, struct buf *path, struct buf *key)
{
    struct where *hidden = hide_place(&hide, where);
    path->len = key->len = 0;
    where_path(hidden, path);
    where_key(hidden, key);
    where_unref(hidden);
    where_unref(where);
}

Test(hide, a_place_keeps_its_source_and_loses_its_names)
{
    static const struct {
        const char *host, *begins;
    } cases[] = {{"ev/secret.jpg", "ev/"},        {"ev/deep/secret.jpg", "ev/deep/"},
                 {"ev/deeper/secret.jpg", "ev/"}, {"other.zip", "other.zip/"},
                 {"ev//secret.jpg", "ev/"},       {"elsewhere/secret.jpg", ""},
                 {"other.zipped/secret.jpg", ""}, {"ev", "ev/"}};
    struct buf path = {0}, key = {0};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        hidden_path(inside(host(cases[i].host), "zip", "secret", 3, WHERE_UNKNOWN), &path, &key);
        size_t n = strlen(cases[i].begins);
        cr_assert_eq(strncmp(buf_str(&path), cases[i].begins, n), 0, "%s: %s", cases[i].host, buf_str(&path));
        cr_assert_eq(strspn(buf_str(&path) + n, "0123456789abcdef"), 32, "%s", buf_str(&path));
        cr_assert_str_eq(buf_str(&path) + n + 32, "!/");
        cr_assert_null(strstr(buf_str(&path), "secret"));
    }
    buf_free(&path);
    buf_free(&key);
}

/** Inside one file of the host the order is that of the real places; different places stay different. */
Test(hide, order_in_a_tree_stays)
{
    struct buf path = {0}, last = {0}, key = {0};
    static const char *const kinds[] = {"tar", "zip"};
    for (int kind = 0; kind < 2; kind++)
        for (unsigned outer = 0; outer < 3; outer++)
            for (unsigned i = 0; i < 4; i++) {
                struct where *w = inside(host("ev/a.zip"), kinds[kind], "x", outer, WHERE_UNKNOWN);
                hidden_path(inside(w, "zip", "name", i, WHERE_UNKNOWN), &path, &key);
                size_t n = last.len < key.len ? last.len : key.len;
                cr_assert(!last.len || memcmp(last.data, key.data, n) < 0, "%d %u %u", kind, outer, i);
                last.len = 0;
                buf_put(&last, key.data, key.len);
            }
    buf_free(&path);
    buf_free(&last);
    buf_free(&key);
}

/** What only a name tells apart is still told apart, and what the reader itself said keeps its name. */
Test(hide, layers_without_a_position)
{
    struct buf a = {0}, b = {0}, key = {0};
    hidden_path(inside(host("ev/a"), "zip", "one", WHERE_UNKNOWN, WHERE_UNKNOWN), &a, &key);
    hidden_path(inside(host("ev/a"), "zip", "two", WHERE_UNKNOWN, WHERE_UNKNOWN), &b, &key);
    cr_assert_str_neq(buf_str(&a), buf_str(&b));
    cr_assert_null(strstr(buf_str(&a), "one"));
    hidden_path(inside(host("ev/a"), "unreached", "$unreached", WHERE_UNKNOWN, WHERE_UNKNOWN), &a, &key);
    cr_assert(strstr(buf_str(&a), "!/$unreached"));
    buf_free(&a);
    buf_free(&b);
    buf_free(&key);
}

Test(hide, another_key_gives_another_place)
{
    struct hide other = hide;
    struct where *place = host("ev/a");
    struct buf a = {0}, b = {0}, again = {0};
    other.key[31] = 1;
    hide_root(&hide, place, &a);
    hide_root(&other, place, &b);
    hide_root(&hide, place, &again);
    cr_assert_str_neq(buf_str(&a), buf_str(&b));
    cr_assert_str_eq(buf_str(&a), buf_str(&again));
    where_unref(place);
    buf_free(&a);
    buf_free(&b);
    buf_free(&again);
}

Test(hide, identities_are_the_same_for_the_same_file_alone)
{
    struct identity file = {.dev = 1, .ino = 2, .size = 3, .mtime = 4}, a, b;
    hide_identity(&hide, &file, &a);
    hide_identity(&hide, &file, &b);
    cr_assert(identity_equal(&a, &b));
    cr_assert(!a.size && !a.mtime);
    file.mtime++;
    hide_identity(&hide, &file, &b);
    cr_assert_not(identity_equal(&a, &b));
    file.mtime--;
    memset(file.sample, 7, sizeof(file.sample));
    hide_identity(&hide, &file, &b);
    cr_assert(memcmp(b.sample, file.sample, sizeof(b.sample)) != 0);
    a = b;
    file.sample[0]++;
    hide_identity(&hide, &file, &b);
    cr_assert_not(identity_equal(&a, &b));
}

Test(hide, an_item_keeps_what_totals_need)
{
    struct item item = {.where = host("ev/secret"),
                        .size = 7,
                        .type = TYPE_JPEG,
                        .status = TRAWL_LIMIT,
                        .limit = LIMIT_PIXELS,
                        .has_digests = true,
                        .has_pdq = true,
                        .width = 3,
                        .height = 4},
                out;
    struct buf bytes = {0};
    item_detail(&item, "secret words");
    memset(item.digests.sha256, 0xab, sizeof(item.digests.sha256));
    snprintf(item.camera.make, sizeof(item.camera.make), "secret make");
    hide_item(&hide, &item, &out);
    item_encode(&out, &bytes);
    cr_assert_eq(out.size, 7);
    cr_assert_eq(out.type, TYPE_JPEG);
    cr_assert_eq(out.status, TRAWL_LIMIT);
    cr_assert_eq(out.limit, LIMIT_PIXELS);
    cr_assert_null(memmem(bytes.data, bytes.len, "secret", 6));
    cr_assert_null(memmem(bytes.data, bytes.len, item.digests.sha256, 8));
    cr_assert_not(out.has_digests || out.has_pdq || out.detail || out.width);
    item_clear(&item);
    item_clear(&out);
    buf_free(&bytes);
}
