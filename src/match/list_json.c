/*
 * list_json.c: VICS hash sets and cases (Project VIC and CAID, 1.x and 2.0, any region) and StopNCII answers.
 *
 * One stream of tokens, never a tree: the documents have 15 million entries. What an object is, is told by the array it
 * is in ("value", "Media", "hashRecords"), so keys may come in any order. Strings and numbers are both taken for
 * either.
 */
#include <string.h>
#include <strings.h>
#include <yajl/yajl_parse.h>

#include "core/alloc.h"
#include "match/hex.h"
#include "match/json_entry.h"
#include "match/list.h"

/** What an open array or object is. */
enum level {
    LEVEL_SKIP,
    LEVEL_ROOT,
    LEVEL_ENTRIES,
    /** In "value": an entry, or a case with entries under "Media". */
    LEVEL_ENTRY,
    LEVEL_HASHES,
    LEVEL_HASH
};

struct feed {
    struct json_list list;
    yajl_handle parser;
    uint8_t levels[NESTING_MAX];
    int depth;
    enum json_field key;
    /** The object that holds "Media" is a case and no entry: its depth, or 0. */
    int case_depth;
    /** The chunk that is parsed, and how far its lines are counted. */
    const uint8_t *chunk;
    size_t counted;
    uint64_t line;
    /** Bytes of the file before the chunk; where the last token was. */
    uint64_t offset, last_token;
};

static uint64_t line_here(struct feed *feed)
{
    size_t at = yajl_get_bytes_consumed(feed->parser);
    const uint8_t *p = feed->chunk + feed->counted, *end = feed->chunk + at;
    while (p < end && (p = memchr(p, '\n', (size_t)(end - p)))) {
        feed->line++;
        p++;
    }
    feed->counted = at;
    return feed->line;
}

static enum level here(const struct feed *feed)
{
    return feed->depth ? (enum level)feed->levels[feed->depth - 1] : LEVEL_SKIP;
}

static int touch(struct feed *feed)
{
    feed->last_token = feed->offset + yajl_get_bytes_consumed(feed->parser);
    return !loader_failed(feed->list.loader);
}

static int value(struct feed *feed, const char *text, size_t n)
{
    enum level level = here(feed);
    bool of_hash = feed->key == JSON_HASH_NAME || feed->key == JSON_HASH_VALUE;
    /* An alternative hash repeats the MD5 of its entry, or a wrong one. */
    if (level == LEVEL_ENTRY || (level == LEVEL_HASH && of_hash) || (level == LEVEL_ROOT && feed->key == JSON_CONTEXT))
        json_entry_set(&feed->list, feed->key, (const uint8_t *)text, n);
    return touch(feed);
}

static int on_null(void *context)
{
    return touch(context);
}

static int on_boolean(void *context, int truth)
{
    return value(context, truth ? "true" : "false", truth ? 4 : 5);
}

static int on_number(void *context, const char *text, size_t n)
{
    return value(context, text, n);
}

static int on_string(void *context, const unsigned char *text, size_t n)
{
    return value(context, (const char *)text, n);
}

static int on_key(void *context, const unsigned char *text, size_t n)
{
    struct feed *feed = context;
    enum level level = here(feed);
    feed->key = level == LEVEL_SKIP ? JSON_OTHER : json_field_of(text, n);
    return touch(feed);
}

static int open_level(struct feed *feed, enum level level)
{
    if (feed->depth == NESTING_MAX) {
        loader_fail(feed->list.loader, "%s:%llu: nested deeper than %d levels", feed->list.loader->path,
                    (unsigned long long)line_here(feed), NESTING_MAX);
        return 0;
    }
    feed->levels[feed->depth++] = (uint8_t)level;
    return touch(feed);
}

static int on_open_map(void *context)
{
    struct feed *feed = context;
    enum level above = here(feed), level = LEVEL_SKIP;
    if (!feed->depth) {
        level = LEVEL_ROOT;
    } else if (above == LEVEL_ENTRIES) {
        level = LEVEL_ENTRY;
        json_entry_begin(&feed->list, line_here(feed));
    } else if (above == LEVEL_HASHES) {
        level = LEVEL_HASH;
        json_hash_begin(&feed->list);
    }
    feed->key = JSON_OTHER;
    return open_level(feed, level);
}

/** "Media" in an object of "value": that one is a case. */
static enum level open_media(struct feed *feed, enum level above)
{
    if (above == LEVEL_ENTRY && !feed->case_depth) {
        feed->case_depth = feed->depth;
        feed->list.is_case = true;
        feed->list.ordinal--;
        return LEVEL_ENTRIES;
    }
    return above == LEVEL_ROOT ? LEVEL_ENTRIES : LEVEL_SKIP;
}

static int on_open_array(void *context)
{
    struct feed *feed = context;
    enum level above = here(feed), level = LEVEL_SKIP;
    if (feed->key == JSON_VALUE && above == LEVEL_ROOT)
        level = LEVEL_ENTRIES;
    else if (feed->key == JSON_MEDIA)
        level = open_media(feed, above);
    else if (feed->key == JSON_RECORDS && above == LEVEL_ROOT)
        level = LEVEL_ENTRIES;
    else if (feed->key == JSON_HASHES && above == LEVEL_ENTRY)
        level = LEVEL_HASHES;
    else if (!feed->depth)
        level = LEVEL_ENTRIES;
    if (level == LEVEL_ENTRIES)
        json_list_begin(&feed->list, feed->key == JSON_RECORDS);
    return open_level(feed, level);
}

static int on_close_map(void *context)
{
    struct feed *feed = context;
    enum level level = here(feed);
    feed->depth--;
    if (level == LEVEL_HASH)
        json_hash_end(&feed->list);
    else if (level == LEVEL_ENTRY && feed->depth + 1 == feed->case_depth)
        feed->case_depth = 0;
    else if (level == LEVEL_ENTRY)
        json_entry_end(&feed->list);
    feed->key = JSON_OTHER;
    return touch(feed);
}

static int on_close_array(void *context)
{
    struct feed *feed = context;
    feed->depth--;
    feed->key = JSON_OTHER;
    return touch(feed);
}

static const yajl_callbacks callbacks = {
    .yajl_null = on_null,
    .yajl_boolean = on_boolean,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_start_map = on_open_map,
    .yajl_map_key = on_key,
    .yajl_end_map = on_close_map,
    .yajl_start_array = on_open_array,
    .yajl_end_array = on_close_array,
};

/** What yajl has to say, or that a value has no end. */
static void broken(struct feed *feed, yajl_status status)
{
    struct loader *loader = feed->list.loader;
    unsigned char *text = yajl_get_error(feed->parser, 0, NULL, 0);
    size_t n = text ? strcspn((const char *)text, "\n") : 0;
    if (status == yajl_status_client_canceled || loader_failed(loader))
        loader_fail(loader, "%s: cannot be read", loader->path);
    else
        loader_fail(loader, "%s:%llu: is no whole JSON: %.*s; nothing of it is used", loader->path,
                    (unsigned long long)line_here(feed), (int)(n < 100 ? n : 100), text ? (const char *)text : "");
    yajl_free_error(feed->parser, text);
}

static bool feed_chunk(struct feed *feed, const uint8_t *text, size_t n)
{
    struct loader *loader = feed->list.loader;
    feed->chunk = text;
    feed->counted = 0;
    feed->line = loader->rows.line;
    yajl_status status = yajl_parse(feed->parser, text, n);
    if (status != yajl_status_ok) {
        broken(feed, status);
        return false;
    }
    feed->offset += n;
    if (feed->offset - feed->last_token > VALUE_MAX) {
        loader_fail(loader, "%s:%llu: a value longer than %u bytes", loader->path, (unsigned long long)line_here(feed),
                    VALUE_MAX);
        return false;
    }
    rows_skip(&loader->rows, n);
    return true;
}

static void load(struct loader *loader)
{
    struct feed feed = {.list = {.loader = loader}, .key = JSON_OTHER};
    const uint8_t *text;
    size_t n;
    feed.parser = yajl_alloc(&callbacks, NULL, &feed);
    if (!feed.parser)
        mem_missing();
    /* Names in lists may be of any encoding: they are escaped where they are shown. */
    yajl_config(feed.parser, yajl_dont_validate_strings, 1);
    while ((n = rows_peek(&loader->rows, &text)) && feed_chunk(&feed, text, n))
        continue;
    feed.chunk = text;
    feed.counted = 0;
    if (!loader_failed(loader) && !loader->rows.error) {
        feed.line = loader->rows.line;
        yajl_status status = yajl_complete_parse(feed.parser);
        if (status != yajl_status_ok) {
            feed.counted = yajl_get_bytes_consumed(feed.parser);
            broken(&feed, status);
        }
    }
    json_list_end(&feed.list);
    yajl_free(feed.parser);
}

static bool recognise(const uint8_t *head, size_t n)
{
    size_t i = 0;
    while (i < n && (head[i] == ' ' || head[i] == '\t' || head[i] == '\n' || head[i] == '\r'))
        i++;
    return i < n && (head[i] == '{' || head[i] == '[');
}

const struct list_format list_format_json = {"json", recognise, load};
