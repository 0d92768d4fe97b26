#include "scan/found.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/escape.h"
#include "match/hit_json.h"

/** Bytes that are sorted in memory. */
#define FOUND_MEMORY (32u << 20)

/** All that is known of one place: the last item of each kind. */
struct group {
    struct buf key;
    bool has[FOUND_KINDS];
    struct item items[FOUND_KINDS];
};

void found_init(struct found *found, int spill_dir)
{
    *found = (struct found){.sorter = sorter_new(spill_dir, FOUND_MEMORY)};
    pthread_mutex_init(&found->lock, NULL);
}

void found_free(struct found *found)
{
    sorter_free(found->sorter);
    done_set_free(&found->roots);
    pthread_mutex_destroy(&found->lock);
}

static void add_root(struct found *found, const struct where *where)
{
    struct done_key key;
    while (where->parent)
        where = where->parent;
    done_key_of(where, &key);
    done_set_row(&found->roots, &key);
    found->pending++;
}

void found_add(struct found *found, enum found_kind kind, const struct item *item)
{
    struct buf key = {0}, value = {0};
    where_key(item->where, &key);
    buf_u8(&value, (uint8_t)kind);
    item_encode(item, &value);
    pthread_mutex_lock(&found->lock);
    int error = sorter_add(found->sorter, key.data, key.len, value.data, value.len);
    found->error = found->error ? found->error : error;
    if (kind == FOUND_PENDING)
        add_root(found, item->where);
    pthread_mutex_unlock(&found->lock);
    buf_free(&key);
    buf_free(&value);
}

static bool is_old(const struct hashset *older, const struct match *match)
{
    struct match_list same = {0};
    hashset_match_value(older, match->type, match->value, &same);
    free(same.items);
    return same.n > 0;
}

void found_filter(const struct found_rules *how, struct match_list *matches)
{
    size_t n = 0;
    for (size_t i = 0; how->older && i < matches->n; i++)
        if (!is_old(how->older, &matches->items[i]))
            matches->items[n++] = matches->items[i];
    matches->n = how->older ? n : matches->n;
}

void found_screen(const struct found_rules *how, const struct item *item, struct match_list *out)
{
    const struct rules *rules = how->rules;
    int radius = rules_screen_radius(rules);
    if (!rules->near || !item->has_pdq || !item->pdq_is_screen)
        return;
    if (item->memory.kept && item->memory.first.turned)
        hashset_match_rotations(rules->lists, (const uint8_t(*)[PDQ_BYTES])item->memory.first.turned, radius, out);
    else
        hashset_match_pdq(rules->lists, item->pdq, radius, out);
    found_filter(how, out);
}

static void put_line(const struct item *item, const struct match *match, bool confirmed, struct buf *out)
{
    struct buf path = {0};
    where_path(item->where, &path);
    buf_puts(out, "{\"path\":");
    escape_json(out, (const char *)path.data, path.len);
    buf_puts(out, ",\"where\":");
    where_json(item->where, out);
    buf_puts(out, ",\"size\":");
    if (item->size == WHERE_UNKNOWN)
        buf_puts(out, "null");
    else
        buf_decimal(out, item->size);
    if (item->has_digests) {
        buf_puts(out, ",\"sha256\":\"");
        buf_hex(out, item->digests.sha256, sizeof(item->digests.sha256));
        buf_byte(out, '"');
    }
    buf_printf(out, ",\"confirmed\":%s,", confirmed ? "true" : "false,\"unconfirmed\":true");
    hit_json(out, match, !confirmed);
    buf_puts(out, "}\n");
    buf_free(&path);
}

static int write_lines(const struct item *item, const struct match_list *matches, bool confirmed,
                       struct found_totals *totals)
{
    struct buf line = {0};
    int error = 0;
    for (size_t i = 0; i < matches->n; i++)
        put_line(item, &matches->items[i], confirmed, &line);
    totals->hits += matches->n;
    if (line.len && fwrite(line.data, 1, line.len, stdout) != line.len)
        error = errno ? -errno : -EIO;
    buf_free(&line);
    return error;
}

/** What was read is what was stored. */
static bool same_content(const struct item *a, const struct item *b)
{
    if (a->has_digests != b->has_digests)
        return false;
    if (a->has_digests)
        return memcmp(a->digests.sha256, b->digests.sha256, sizeof(a->digests.sha256)) == 0;
    return a->size == b->size && a->has_pdq == b->has_pdq && memcmp(a->pdq, b->pdq, PDQ_BYTES) == 0;
}

/** The file is not there any more, or not as it was. */
static int write_pending(const struct found_rules *how, const struct item *item, struct found_totals *totals)
{
    struct match_list near = {0};
    found_screen(how, item, &near);
    int error = write_lines(item, &item->matches, true, totals);
    if (!error)
        error = write_lines(item, &near, false, totals);
    totals->files += item->matches.n || near.n;
    totals->unconfirmed += near.n > 0;
    totals->undecided += !near.n;
    free(near.items);
    return error;
}

static int write_group(struct group *group, const struct found_rules *how, struct found_totals *totals)
{
    const struct item *stored = &group->items[FOUND_STORED], *pending = &group->items[FOUND_PENDING],
                      *read = &group->items[FOUND_READ];
    bool is_pending = group->has[FOUND_PENDING],
         is_read = group->has[FOUND_READ] && (!is_pending || same_content(pending, read));
    if (is_pending && !is_read)
        return write_pending(how, pending, totals);
    const struct item *item = is_read ? read : stored;
    totals->files += item->matches.n > 0;
    return write_lines(item, &item->matches, true, totals);
}

static void group_clear(struct group *group)
{
    group->key.len = 0;
    for (int i = 0; i < FOUND_KINDS; i++) {
        if (group->has[i])
            item_clear(&group->items[i]);
        group->has[i] = false;
    }
}

static void group_take(struct group *group, const uint8_t *value, size_t n)
{
    struct item item;
    if (!n || value[0] >= FOUND_KINDS || !item_decode(value + 1, n - 1, &item))
        return;
    if (group->has[value[0]])
        item_clear(&group->items[value[0]]);
    group->items[value[0]] = item;
    group->has[value[0]] = true;
}

int found_write(struct found *found, const struct found_rules *how, struct found_totals *totals)
{
    struct group *group = ALLOC(struct group);
    const uint8_t *key, *value;
    size_t key_len, value_len;
    int error = found->error ? found->error : sorter_finish(found->sorter), more = 0;
    while (!error && (more = sorter_next(found->sorter, &key, &key_len, &value, &value_len)) == 1) {
        if (group->key.len != key_len || memcmp(group->key.data, key, key_len) != 0) {
            error = group->key.len ? write_group(group, how, totals) : 0;
            group_clear(group);
            buf_put(&group->key, key, key_len);
        }
        group_take(group, value, value_len);
    }
    error = error ? error : more;
    if (!error && group->key.len)
        error = write_group(group, how, totals);
    if (!error && fflush(stdout))
        error = -errno;
    group_clear(group);
    buf_free(&group->key);
    free(group);
    return error;
}
