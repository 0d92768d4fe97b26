/*
 * thumbcache.c: the thumbnail caches of Windows, Vista to 11 (thumbcache_*.db).
 *
 * A header, then entries one behind the other, each with its length, the hash of the file it was made for and a picture
 * whole. An entry whose numbers are impossible costs that entry: the next one is looked for by its signature.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "document/deliver.h"

enum { CACHE_HEADER = 24, CACHE_WINDOW = 256 << 10 };
/** Versions of the header: what comes between the lengths of an entry and its name. */
enum { CACHE_VISTA = 20, CACHE_7 = 21 };

struct cache_entry {
    uint64_t at, size, hash;
    uint32_t name, padding, data;
    uint8_t header;
};

struct cache {
    struct delivery out;
    struct window window;
    uint32_t version;
    uint64_t broken;
};

/** Reads the entry at `at`. False if its numbers are impossible. */
static bool read_entry(struct cache *cache, uint64_t at, struct cache_entry *entry)
{
    size_t n;
    const uint8_t *p = window_at(&cache->window, at, 56, &n);
    size_t lengths = cache->version == CACHE_VISTA ? 24 : 16;
    uint8_t header = cache->version == CACHE_7 ? 48 : 56;
    if (n < header || memcmp(p, "CMMM", 4) != 0)
        return false;
    *entry = (struct cache_entry){
        .at = at,
        .size = le32(p + 4),
        .hash = le64(p + 8),
        .name = le32(p + lengths),
        .padding = le32(p + lengths + 4),
        .data = le32(p + lengths + 8),
        .header = header,
    };
    return entry->size >= header && (uint64_t)entry->name + entry->padding + entry->data <= entry->size - header;
}

/** Place of the next signature from `at` on; the container's size where there is none. */
static uint64_t find_entry(struct cache *cache, uint64_t at)
{
    size_t n;
    const uint8_t *p, *found;
    while ((p = window_at(&cache->window, at, 4096, &n)) && n >= 4) {
        if ((found = memmem(p, n, "CMMM", 4)))
            return at + (uint64_t)(found - p);
        at += n - 3;
    }
    return cache->out.input->size;
}

/** Its hash, and its identifier where that says more. */
static void entry_name(struct cache *cache, const struct cache_entry *entry, char *name)
{
    size_t n, want = entry->name < 256 ? entry->name : 256;
    char identifier[DELIVER_NAME] = "", hash[24], *start = hash;
    snprintf(hash, sizeof(hash), "%016" PRIx64, entry->hash);
    const uint8_t *p = window_at(&cache->window, entry->at + entry->header, want, &n);
    if (p && n >= want)
        name_add_utf16(identifier, p, want);
    while (*start == '0' && start[1])
        start++;
    name_add(name, "%s", hash);
    if (*identifier && strcasecmp(identifier, hash) != 0 && strcasecmp(identifier, start) != 0)
        name_add(name, "-%s", identifier);
}

static bool deliver_entry(struct cache *cache, const struct cache_entry *entry)
{
    char name[DELIVER_NAME] = "";
    uint64_t from = entry->at + entry->header + entry->name + entry->padding, at = 0, holes = cache->window.holes;
    struct member member;
    size_t n;
    entry_name(cache, entry, name);
    const uint8_t *p = window_at(&cache->window, from, entry->data < 4096 ? entry->data : 4096, &n);
    name_add_ending(name, p, n < entry->data ? n : entry->data);
    struct parcel parcel = {.name = name, .name_len = strlen(name), .offset = entry->at};
    if (!deliver_begin(&cache->out, &member, &parcel, entry->data))
        return false;
    while (at < entry->data && (p = window_at(&cache->window, from + at, 1, &n))) {
        n = n < entry->data - at ? n : (size_t)(entry->data - at);
        if (!member_data(&member, p, n, at))
            at = entry->data;
        else
            at += n;
    }
    bool lost = cache->window.holes != holes;
    if (lost)
        end_note(cache->out.end, TRAWL_IO_ERROR, HOLES_DETAIL);
    member_end(&member,
               lost                ? TRAWL_IO_ERROR
               : at == entry->data ? TRAWL_OK
                                   : TRAWL_DAMAGED,
               at,
               lost                ? HOLES_DETAIL
               : at == entry->data ? NULL
                                   : "the file ends inside of it");
    return true;
}

static void read_cache(struct cache *cache)
{
    uint64_t size = cache->out.input->size, at = find_entry(cache, CACHE_HEADER);
    struct cache_entry entry;
    while (at < size) {
        if (!read_entry(cache, at, &entry)) {
            cache->broken++;
            at = find_entry(cache, at + 4);
            continue;
        }
        if (entry.data && !deliver_entry(cache, &entry))
            return;
        at = find_entry(cache, at + entry.size);
    }
    if (cache->broken)
        end_note(cache->out.end, TRAWL_DAMAGED, "%llu entries are damaged", (unsigned long long)cache->broken);
}

static void thumbcache_run(const struct unpack_input *input, struct unpack_sink *sink, struct unpack_end *end)
{
    struct cache cache = {0};
    size_t n;
    deliver_init(&cache.out, input, sink, end);
    if (!window_init(&cache.window, input->fd, input->size, CACHE_WINDOW)) {
        end_memory(end);
        end->missing = UINT64_MAX;
        return;
    }
    const uint8_t *p = window_at(&cache.window, 0, CACHE_HEADER, &n);
    if (n >= CACHE_HEADER) {
        cache.version = le32(p + 4);
        read_cache(&cache);
    } else {
        end_note(end, TRAWL_DAMAGED, "its header is cut off");
    }
    if (cache.window.error)
        end_note(end, TRAWL_IO_ERROR, "cannot be read at offset %llu", (unsigned long long)cache.window.error_at);
    window_free(&cache.window);
}

static bool thumbcache_handles(enum file_type type)
{
    return type == TYPE_THUMBCACHE;
}

const struct unpacker thumbcache_unpacker = {
    .name = "thumbcache", .handles = thumbcache_handles, .run = thumbcache_run};
