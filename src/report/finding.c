#include "report/finding.h"

#include <errno.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "report/order.h"
#include "report/totals.h"

/** One content while its items come in. */
struct group {
    struct finding finding;
    /** What the items have in common. */
    struct buf content;
    /** where_encode of every place, under empty keys: a sorter keeps their order, and keeps many of them on disk. */
    struct sorter *places;
    /** Strings of matches that came with later items. */
    char **strings;
    size_t n_strings, cap_strings;
};

/** Where findings go. */
struct build {
    struct sorter *out;
    int dirfd;
    size_t memory;
    const struct case_info *info;
    const struct flood *flood;
    struct verdicts *verdicts, *found;
    struct totals *totals;
};

void finding_content_key(const struct item *item, struct buf *out)
{
    buf_byte(out, item->has_digests);
    if (item->has_digests)
        buf_put(out, item->digests.sha256, sizeof(item->digests.sha256));
    else
        where_key(item->where, out);
}

/** The nearer first; of equally near ones the less turned. */
static int nearness(const struct match *a, const struct match *b)
{
    int order = (a->distance > b->distance) - (a->distance < b->distance);
    return order ? order : (a->rotation > b->rotation) - (a->rotation < b->rotation);
}

static int identity_order(const void *a, const void *b)
{
    int order = match_identity(a, b);
    return order ? order : nearness(a, b);
}

static int rank_order(const void *a, const void *b, void *info)
{
    return match_compare(a, b, info);
}

/** Sorts by identity and leaves one of each, the nearest. */
static void make_unique(struct match_list *list)
{
    size_t n = 0;
    if (list->n)
        qsort(list->items, list->n, sizeof(*list->items), identity_order);
    for (size_t i = 0; i < list->n; i++)
        if (n == 0 || match_identity(&list->items[n - 1], &list->items[i]) != 0)
            list->items[n++] = list->items[i];
    list->n = n;
}

/** By identity alone, so that bsearch finds an entry at whatever distance. */
static int same_entry(const void *a, const void *b)
{
    return match_identity(a, b);
}

static bool has_all(const struct match_list *have, const struct match_list *more)
{
    for (size_t i = 0; i < more->n; i++) {
        const struct match *held = bsearch(&more->items[i], have->items, have->n, sizeof(*have->items), same_entry);
        if (!held || nearness(held, &more->items[i]) > 0)
            return false;
    }
    return true;
}

/** Takes over what a further item of the same content knows that the head does not. */
static void merge_item(struct group *group, struct item *item)
{
    struct item *head = &group->finding.head;
    if (!head->has_pdq && item->has_pdq) {
        head->has_pdq = true;
        head->pdq_is_screen = item->pdq_is_screen;
        head->pdq_quality = item->pdq_quality;
        head->pdq_stable = item->pdq_stable;
        memcpy(head->pdq, item->pdq, PDQ_BYTES);
    }
    if (!head->thumbnail) {
        head->thumbnail = item->thumbnail;
        item->thumbnail = NULL;
    }
    if (has_all(&head->matches, &item->matches))
        return;
    for (size_t i = 0; i < item->matches.n; i++) {
        RESERVE(head->matches.items, head->matches.n, head->matches.cap);
        head->matches.items[head->matches.n++] = item->matches.items[i];
    }
    make_unique(&head->matches);
    RESERVE(group->strings, group->n_strings, group->cap_strings);
    group->strings[group->n_strings++] = item->strings;
    item->strings = NULL;
}

/** What the place adds to the rank of its content. */
static void rank_place(struct finding *finding, const struct item *item, uint32_t nearby, bool first)
{
    enum place_state state = where_state(item->where);
    int64_t newest = item_newest(item);
    if (first || state < finding->state)
        finding->state = state;
    if (newest && (!finding->newest || newest > finding->newest))
        finding->newest = newest;
    if (nearby > finding->nearby)
        finding->nearby = nearby;
}

static int group_add(struct group *group, const struct build *build, struct item *item, uint32_t nearby)
{
    rank_place(&group->finding, item, nearby, !group->places);
    struct buf place = {0};
    if (!group->places) {
        group->places = sorter_new(build->dirfd, build->memory / 4);
        group->finding.head = *item;
        *item = (struct item){0};
        make_unique(&group->finding.head.matches);
        where_encode(group->finding.head.where, &place);
        group->finding.known = group->finding.head.status == TRAWL_SUPPRESSED;
    } else {
        where_encode(item->where, &place);
        group->finding.known |= item->status == TRAWL_SUPPRESSED;
        merge_item(group, item);
        item_clear(item);
    }
    group->finding.n_places++;
    int error = sorter_add(group->places, NULL, 0, place.data, place.len);
    buf_free(&place);
    return error;
}

static void group_clear(struct group *group)
{
    item_clear(&group->finding.head);
    for (size_t i = 0; i < group->n_strings; i++)
        free(group->strings[i]);
    free(group->strings);
    sorter_free(group->places);
    buf_free(&group->content);
    *group = (struct group){0};
}

static void key_number(struct buf *key, uint64_t v)
{
    for (int shift = 56; shift >= 0; shift -= 8)
        buf_byte(key, (uint8_t)(v >> shift));
}

static void write_rank(const struct finding *finding, struct buf *out)
{
    buf_u8(out, finding->known);
    buf_u64(out, finding->n_places);
    buf_u32(out, finding->n_clear);
    buf_u8(out, (uint8_t)finding->state);
    buf_u64(out, (uint64_t)finding->newest);
    buf_u32(out, finding->nearby);
    buf_u8(out, (uint8_t)finding->verdict);
    buf_u8(out, finding->is_new);
}

static void read_rank(struct reader *in, struct finding *finding)
{
    finding->known = read_u8(in);
    finding->n_places = read_u64(in);
    finding->n_clear = read_u32(in);
    finding->state = (enum place_state)read_u8(in);
    finding->newest = (int64_t)read_u64(in);
    finding->nearby = read_u32(in);
    finding->verdict = (enum verdict)(read_u8(in) % VERDICTS);
    finding->is_new = read_u8(in);
}

/** Head: number 0 behind the order key. Places: their numbers from 1. */
static int write_group(struct group *group, const struct build *build)
{
    struct buf key = {0}, value = {0};
    order_key(&group->finding, &key);
    size_t prefix = key.len;
    key_number(&key, 0);
    write_rank(&group->finding, &value);
    item_encode(&group->finding.head, &value);
    int error = sorter_add(build->out, key.data, key.len, value.data, value.len);
    error = error ? error : sorter_finish(group->places);
    const uint8_t *none, *place;
    size_t none_len, place_len;
    int got = 0;
    for (uint64_t i = 1; !error && (got = sorter_next(group->places, &none, &none_len, &place, &place_len)) > 0; i++) {
        key.len = prefix;
        key_number(&key, i);
        error = sorter_add(build->out, key.data, key.len, place, place_len);
    }
    buf_free(&key);
    buf_free(&value);
    return error ? error : got;
}

/** The best match first, those of demoted entries behind all others. */
static void rank_matches(struct finding *finding, const struct build *build)
{
    struct match_list *matches = &finding->head.matches;
    struct match *flooded = ALLOC_ARRAY(struct match, matches->n + 1);
    size_t n = 0, clear = 0;
    qsort_r(matches->items, matches->n, sizeof(*matches->items), rank_order, (void *)build->info);
    for (size_t i = 0; i < matches->n; i++)
        if (flood_has(build->flood, &matches->items[i]))
            flooded[n++] = matches->items[i];
        else
            matches->items[clear++] = matches->items[i];
    memcpy(matches->items + clear, flooded, n * sizeof(*flooded));
    finding->n_clear = (uint32_t)clear;
    free(flooded);
}

/** What is known of the content from elsewhere: verdicts, and whether it was found before. */
static int join_content(struct group *group, const struct build *build)
{
    int verdict = verdicts_of(build->verdicts, group->content.data, group->content.len);
    int before = build->found ? verdicts_of(build->found, group->content.data, group->content.len) : 1;
    if (verdict < 0 || before < 0)
        return verdict < 0 ? verdict : before;
    group->finding.verdict = (enum verdict)verdict;
    group->finding.is_new = !before;
    return 0;
}

static int group_end(struct group *group, const struct build *build)
{
    int error = 0;
    if (group->places) {
        error = join_content(group, build);
        rank_matches(&group->finding, build);
        totals_finding(build->totals, build->info, &group->finding);
        error = error ? error : write_group(group, build);
    }
    group_clear(group);
    return error;
}

int findings_build(struct sorter *items, struct sorter *out, int spill_dirfd, size_t memory,
                   const struct case_info *info, const struct flood *flood, struct verdicts *verdicts,
                   struct verdicts *found, struct totals *totals)
{
    struct build build = {out, spill_dirfd, memory, info, flood, verdicts, found, totals};
    struct group group = {0};
    const uint8_t *key, *value;
    size_t key_len, value_len;
    int error = 0, got = 0;
    while (!error && (got = sorter_next(items, &key, &key_len, &value, &value_len)) > 0) {
        bool same = group.places && group.content.len == key_len && memcmp(group.content.data, key, key_len) == 0;
        if (!same) {
            error = group_end(&group, &build);
            buf_put(&group.content, key, key_len);
        }
        struct reader in = {value, value + value_len, false};
        uint32_t nearby = read_u32(&in);
        struct item item;
        if (!error && (in.bad || !item_decode(in.p, (size_t)(in.end - in.p), &item)))
            error = -EILSEQ;
        if (!error)
            error = group_add(&group, &build, &item, nearby);
    }
    error = error ? error : got ? got : group_end(&group, &build);
    group_clear(&group);
    return error;
}

static int read_head(const uint8_t *value, size_t n, struct finding *finding)
{
    struct reader in = {value, value + n, false};
    *finding = (struct finding){0};
    read_rank(&in, finding);
    if (in.bad || !item_decode(in.p, (size_t)(in.end - in.p), &finding->head))
        return -EILSEQ;
    return FINDING_HEAD;
}

int findings_next(struct sorter *sorter, struct finding *finding, struct where **place)
{
    static const uint8_t first[8];
    const uint8_t *key, *value;
    size_t key_len, value_len;
    int got = sorter_next(sorter, &key, &key_len, &value, &value_len);
    if (got <= 0)
        return got < 0 ? got : FINDING_END;
    if (key_len >= 8 && memcmp(key + key_len - 8, first, 8) == 0)
        return read_head(value, value_len, finding);
    *place = where_decode(value, value_len);
    return *place ? FINDING_PLACE : -EILSEQ;
}
