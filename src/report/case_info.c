#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "trawl/report.h"

/** First byte of the encoding; another one is another trawl's. 2: lists have details; where none has any it is 1. */
#define CASE_INFO_PLAIN   1
#define CASE_INFO_DETAILS 2
/** Added where pictures on a list have thumbnails. */
#define CASE_INFO_THUMBNAILS 0x10
/** Added where the case is a shard's; what it is stands at the end. */
#define CASE_INFO_SHARD 0x20
/** More of anything than a command line holds is damage. */
#define COUNT_MAX (1u << 24)

static void clear_strings(char **strings, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(strings[i]);
    free(strings);
}

void case_info_clear(struct case_info *info)
{
    free(info->version);
    clear_strings(info->options, info->n_options);
    clear_strings(info->sources, info->n_sources);
    for (size_t i = 0; i < info->n_lists; i++)
        list_info_clear(&info->lists[i]);
    free(info->lists);
    *info = (struct case_info){0};
}

static void put_text(struct buf *out, const char *text)
{
    buf_bytes(out, text, strlen(text));
}

static void put_strings(struct buf *out, char *const *strings, size_t n)
{
    buf_u32(out, (uint32_t)n);
    for (size_t i = 0; i < n; i++)
        put_text(out, strings[i]);
}

static void put_list(struct buf *out, const struct list_info *list)
{
    put_text(out, list->path);
    put_text(out, list->name);
    put_text(out, list->format);
    buf_u8(out, list->known);
    buf_put(out, list->sha256, sizeof(list->sha256));
    buf_u32(out, HASH_TYPE_COUNT);
    for (int t = 0; t < HASH_TYPE_COUNT; t++)
        buf_u64(out, list->entries[t]);
    buf_u64(out, list->duplicates);
    buf_u64(out, list->bad_rows);
}

static bool has_details(const struct list_info *list)
{
    return list->source || list->map || list->withdrawn || list->photodna || list->n_categories;
}

static bool any_details(const struct case_info *info)
{
    size_t i = 0;
    while (i < info->n_lists && !has_details(&info->lists[i]))
        i++;
    return i < info->n_lists;
}

/** A text that may be absent. */
static void put_optional(struct buf *out, const char *text)
{
    buf_u8(out, text != NULL);
    if (text)
        put_text(out, text);
}

static void put_details(struct buf *out, const struct list_info *list)
{
    put_optional(out, list->source);
    put_optional(out, list->map);
    buf_u64(out, list->withdrawn);
    buf_u64(out, list->photodna);
    buf_u32(out, (uint32_t)list->n_categories);
    for (size_t i = 0; i < list->n_categories; i++) {
        const struct list_category *category = &list->categories[i];
        put_text(out, category->code);
        put_text(out, category->name);
        buf_u8(out, category->severity);
        buf_u32(out, category->flags);
        buf_u8(out, category->unmapped);
        buf_u64(out, category->entries);
    }
}

static void put_shard(struct buf *out, const struct shard_info *shard)
{
    buf_put(out, shard->plan, sizeof(shard->plan));
    buf_u32(out, shard->shard);
    buf_u32(out, shard->shards);
}

void case_info_encode(const struct case_info *info, struct buf *out)
{
    bool details = any_details(info);
    buf_u8(out, (uint8_t)((details ? CASE_INFO_DETAILS : CASE_INFO_PLAIN) |
                          (info->thumbnails ? CASE_INFO_THUMBNAILS : 0) | (info->shard.shards ? CASE_INFO_SHARD : 0)));
    put_text(out, info->version);
    put_strings(out, info->options, info->n_options);
    put_strings(out, info->sources, info->n_sources);
    buf_u32(out, (uint32_t)info->n_lists);
    for (size_t i = 0; i < info->n_lists; i++)
        put_list(out, &info->lists[i]);
    for (size_t i = 0; details && i < info->n_lists; i++)
        put_details(out, &info->lists[i]);
    buf_u32(out, (uint32_t)info->max_distance);
    buf_u32(out, (uint32_t)info->min_quality);
    buf_u8(out, info->no_sandbox);
    buf_u8(out, info->no_inventory);
    buf_u32(out, info->flood);
    buf_u8(out, info->minimise);
    buf_u32(out, info->retain_days);
    if (info->shard.shards)
        put_shard(out, &info->shard);
}

static bool get_bool(struct reader *in)
{
    uint8_t v = read_u8(in);
    in->bad = in->bad || v > 1;
    return v == 1;
}

static uint32_t get_number(struct reader *in, uint32_t max)
{
    uint32_t v = read_u32(in);
    in->bad = in->bad || v > max;
    return in->bad ? 0 : v;
}

static void get_strings(struct reader *in, char ***strings, size_t *n)
{
    size_t cap = 0;
    for (uint32_t left = get_number(in, COUNT_MAX); left > 0; left--) {
        char *text = read_text_copy(in);
        if (!text)
            return;
        RESERVE(*strings, *n, cap);
        (*strings)[(*n)++] = text;
    }
}

/** Name and format share one block, since `format` is nobody's to free. */
static void get_name_and_format(struct reader *in, struct list_info *list)
{
    char *name = read_text_copy(in), *format = read_text_copy(in);
    if (!in->bad) {
        size_t name_size = strlen(name) + 1, format_size = strlen(format) + 1;
        list->name = mem_alloc(name_size + format_size);
        memcpy(list->name, name, name_size);
        memcpy(list->name + name_size, format, format_size);
        list->format = list->name + name_size;
    }
    free(name);
    free(format);
}

static void get_list(struct reader *in, struct list_info *list)
{
    list->path = read_text_copy(in);
    get_name_and_format(in, list);
    list->known = get_bool(in);
    const uint8_t *sha256 = read_raw(in, sizeof(list->sha256));
    if (sha256)
        memcpy(list->sha256, sha256, sizeof(list->sha256));
    in->bad = in->bad || read_u32(in) != HASH_TYPE_COUNT;
    for (int t = 0; t < HASH_TYPE_COUNT; t++)
        list->entries[t] = read_u64(in);
    list->duplicates = read_u64(in);
    list->bad_rows = read_u64(in);
}

static char *get_optional(struct reader *in)
{
    return get_bool(in) ? read_text_copy(in) : NULL;
}

static void get_category(struct reader *in, struct list_category *category)
{
    category->code = read_text_copy(in);
    category->name = read_text_copy(in);
    category->severity = read_u8(in);
    category->flags = (uint16_t)get_number(in, MATCH_FLAGS_ALL);
    category->unmapped = get_bool(in);
    category->entries = read_u64(in);
}

static void get_details(struct reader *in, struct list_info *list)
{
    size_t cap = 0;
    list->source = get_optional(in);
    list->map = get_optional(in);
    list->withdrawn = read_u64(in);
    list->photodna = read_u64(in);
    for (uint32_t left = get_number(in, COUNT_MAX); left > 0 && !in->bad; left--) {
        RESERVE(list->categories, list->n_categories, cap);
        list->categories[list->n_categories] = (struct list_category){0};
        get_category(in, &list->categories[list->n_categories++]);
    }
}

static void get_shard(struct reader *in, struct shard_info *shard)
{
    const uint8_t *plan = read_raw(in, sizeof(shard->plan));
    if (plan)
        memcpy(shard->plan, plan, sizeof(shard->plan));
    shard->shard = read_u32(in);
    shard->shards = read_u32(in);
    in->bad = in->bad || shard->shard >= shard->shards;
}

bool case_info_decode(const uint8_t *bytes, size_t n, struct case_info *info)
{
    struct reader in = {bytes, n ? bytes + n : bytes, false};
    size_t cap = 0;
    *info = (struct case_info){0};
    uint8_t version = read_u8(&in);
    info->thumbnails = version & CASE_INFO_THUMBNAILS;
    bool is_shard = version & CASE_INFO_SHARD;
    version &= (uint8_t) ~(CASE_INFO_THUMBNAILS | CASE_INFO_SHARD);
    in.bad = in.bad || (version != CASE_INFO_PLAIN && version != CASE_INFO_DETAILS);
    info->version = read_text_copy(&in);
    get_strings(&in, &info->options, &info->n_options);
    get_strings(&in, &info->sources, &info->n_sources);
    for (uint32_t left = get_number(&in, COUNT_MAX); left > 0 && !in.bad; left--) {
        RESERVE(info->lists, info->n_lists, cap);
        info->lists[info->n_lists] = (struct list_info){0};
        get_list(&in, &info->lists[info->n_lists++]);
    }
    for (size_t i = 0; version == CASE_INFO_DETAILS && i < info->n_lists && !in.bad; i++)
        get_details(&in, &info->lists[i]);
    in.bad = in.bad || any_details(info) != (version == CASE_INFO_DETAILS);
    info->max_distance = (int)get_number(&in, 8 * PDQ_BYTES);
    info->min_quality = (int)get_number(&in, 1000);
    info->no_sandbox = get_bool(&in);
    info->no_inventory = get_bool(&in);
    info->flood = get_number(&in, UINT32_MAX);
    info->minimise = get_bool(&in);
    info->retain_days = get_number(&in, UINT32_MAX);
    if (is_shard)
        get_shard(&in, &info->shard);
    if (!in.bad && in.p == in.end)
        return true;
    case_info_clear(info);
    return false;
}
