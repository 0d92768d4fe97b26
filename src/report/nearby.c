#include "report/nearby.h"

#include <errno.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "report/digest_key.h"
#include "report/finding.h"
#include "report/order.h"
#include "trawl/origin.h"

/** Bits of a filter in front of the sorter: 1 MiB. A folder without findings that passes it costs some space. */
#define FILTER_BITS (1u << 23)

/** Records of the sorter: a folder's key, who it is, the content's key. */
enum role { ROLE_LISTED, ROLE_PICTURE };
#define RECORD_KEY (DIGEST_KEY + 1 + DIGEST_KEY)

struct nearby {
    int dirfd;
    size_t memory;
    uint8_t *filter;
    struct sorter *folders;
};

struct nearby *nearby_new(int spill_dirfd, size_t memory)
{
    struct nearby *nearby = ALLOC(struct nearby);
    nearby->dirfd = spill_dirfd;
    nearby->memory = memory;
    nearby->filter = mem_zalloc(FILTER_BITS / 8);
    nearby->folders = sorter_new(spill_dirfd, memory);
    return nearby;
}

void nearby_free(struct nearby *nearby)
{
    if (!nearby)
        return;
    sorter_free(nearby->folders);
    free(nearby->filter);
    free(nearby);
}

/** Bytes of a name up to its last slash. */
static size_t folder_length(const struct where *where)
{
    size_t n = where->name_len;
    while (n > 0 && where->name[n - 1] != '/')
        n--;
    return n;
}

/** Stands for the folder: the container's place, and the folder inside it. */
static void folder_key(const struct where *where, uint8_t out[DIGEST_KEY])
{
    struct buf text = {0};
    if (where->parent)
        where_key(where->parent, &text);
    buf_byte(&text, 0);
    buf_put(&text, where->name, folder_length(where));
    digest_key(text.data, text.len, out);
    buf_free(&text);
}

static uint32_t filter_bit(const uint8_t key[DIGEST_KEY])
{
    uint32_t bit;
    memcpy(&bit, key, sizeof(bit));
    return bit % FILTER_BITS;
}

void nearby_mark(struct nearby *nearby, const struct item *item)
{
    uint8_t key[DIGEST_KEY];
    if (!item->matches.n)
        return;
    folder_key(item->where, key);
    uint32_t bit = filter_bit(key);
    nearby->filter[bit / 8] |= (uint8_t)(1u << bit % 8);
}

/** What a person may want to see beside a finding. */
static bool is_reviewable(const struct item *item)
{
    return type_class(item->type) == CLASS_PICTURE && item->status != TRAWL_SUPPRESSED && item->has_digests;
}

int nearby_add(struct nearby *nearby, const struct item *item, const void *bytes, size_t n)
{
    uint8_t key[RECORD_KEY];
    struct buf content = {0};
    bool listed = item->matches.n > 0;
    if (!listed && !is_reviewable(item))
        return 0;
    folder_key(item->where, key);
    uint32_t bit = filter_bit(key);
    if (!(nearby->filter[bit / 8] & 1u << bit % 8))
        return 0;
    key[DIGEST_KEY] = listed ? ROLE_LISTED : ROLE_PICTURE;
    finding_content_key(item, &content);
    digest_key(content.data, content.len, key + DIGEST_KEY + 1);
    buf_free(&content);
    return sorter_add(nearby->folders, key, sizeof(key), bytes, n);
}

/** One folder while it passes by. */
struct folder {
    uint8_t key[DIGEST_KEY];
    bool any;
    /** What is on a list, in a sorter under empty keys: it keeps their order, and keeps many of them on disk. NULL once
     * they went on. */
    struct sorter *listed;
    uint8_t last_content[DIGEST_KEY];
    struct spot spot;
    struct review_folder review;
};

/** Where all goes. */
struct pass {
    struct nearby *nearby;
    const struct flood *flood;
    struct sorter *listed;
    struct spots *spots;
    struct review *review;
    /** (container's key, content's key) and severity, kind and place of the container. */
    struct sorter *containers;
};

static uint8_t best_severity(const struct flood *flood, const struct match_list *matches)
{
    uint8_t best = UINT8_MAX;
    for (size_t i = 0; i < matches->n; i++)
        if (!flood_has(flood, &matches->items[i]) && matches->items[i].severity < best)
            best = matches->items[i].severity;
    return best;
}

static void spot_count(struct spot *spot, bool new_content, unsigned severity)
{
    spot->places++;
    spot->findings += new_content;
    spot->by_severity[severity < SPOT_SEVERITIES ? severity : SPOT_SEVERITIES - 1] += new_content;
}

static char *folder_path(const struct where *where)
{
    struct buf path = {0};
    struct where *folder =
        where_new(where->parent, where->kind, where->name, folder_length(where), where->index, where->offset);
    where_path(folder, &path);
    where_unref(folder);
    char *text = mem_strdup(path.len ? buf_str(&path) : ".");
    buf_free(&path);
    return text;
}

/** Files of a file system, what was carved, and all else that a disk image holds. */
static bool is_volume(const struct where *where)
{
    uint32_t kind = where->origin ? where->origin->kind : ORIGIN_CONTAINER;
    return kind == ORIGIN_FS || kind == ORIGIN_CARVED || kind == ORIGIN_VOLUME || kind == ORIGIN_MEDIUM ||
           type_class(type_from_name(where->kind)) == CLASS_DISK;
}

/** What a container is called: its type, or the file system of the volume. */
static const char *container_word(const struct where *where)
{
    return where->origin && where->origin->file_system[0] ? where->origin->file_system : where->kind;
}

/** Counts a finding for every container around it. */
static int add_containers(struct pass *pass, const struct item *item, const uint8_t content[DIGEST_KEY],
                          uint8_t severity)
{
    int error = 0;
    for (const struct where *w = item->where; w->parent && !error; w = w->parent) {
        struct buf text = {0}, value = {0};
        uint8_t key[1 + 2 * DIGEST_KEY];
        uint32_t partition = w->origin ? w->origin->partition : 0;
        key[0] = is_volume(w) ? SPOT_VOLUME : SPOT_ARCHIVE;
        where_key(w->parent, &text);
        buf_u32(&text, partition);
        digest_key(text.data, text.len, key + 1);
        memcpy(key + 1 + DIGEST_KEY, content, DIGEST_KEY);
        buf_u8(&value, severity);
        buf_u32(&value, partition);
        buf_bytes(&value, container_word(w), strlen(container_word(w)));
        where_encode(w->parent, &value);
        error = sorter_add(pass->containers, key, sizeof(key), value.data, value.len);
        buf_free(&text);
        buf_free(&value);
    }
    return error;
}

/** Takes a listed item of the folder. */
static int folder_take(struct pass *pass, struct folder *folder, const struct item *item, const uint8_t *content,
                       const uint8_t *bytes, size_t n)
{
    bool flooded = flood_has_all(pass->flood, &item->matches);
    int error = sorter_add(folder->listed, &flooded, 1, bytes, n);
    if (flooded || error)
        return error;
    bool first = folder->spot.findings == 0;
    uint8_t severity = best_severity(pass->flood, &item->matches);
    if (first)
        folder->spot.path = folder_path(item->where);
    spot_count(&folder->spot, first || memcmp(content, folder->last_content, DIGEST_KEY) != 0, severity);
    memcpy(folder->last_content, content, DIGEST_KEY);
    review_folder_finding(&folder->review, item, severity);
    return add_containers(pass, item, content, severity);
}

/** Sends the folder's findings on, with their number: from now on it is complete. */
static int folder_settle(struct pass *pass, struct folder *folder)
{
    const uint8_t *flooded, *bytes;
    size_t one, n;
    struct buf key = {0}, value = {0};
    uint64_t all = folder->spot.findings;
    int error = folder->listed ? sorter_finish(folder->listed) : 0, got = 0;
    while (folder->listed && !error && (got = sorter_next(folder->listed, &flooded, &one, &bytes, &n)) > 0) {
        struct item item;
        uint64_t beside = all - (*flooded ? 0 : 1);
        key.len = value.len = 0;
        if (!item_decode(bytes, n, &item)) {
            error = -EILSEQ;
            break;
        }
        finding_content_key(&item, &key);
        buf_u32(&value, beside > UINT32_MAX ? UINT32_MAX : (uint32_t)beside);
        buf_put(&value, bytes, n);
        error = sorter_add(pass->listed, key.data, key.len, value.data, value.len);
        item_clear(&item);
    }
    sorter_free(folder->listed);
    folder->listed = NULL;
    buf_free(&key);
    buf_free(&value);
    return error ? error : got;
}

static int folder_end(struct pass *pass, struct folder *folder)
{
    int error = folder_settle(pass, folder);
    if (folder->spot.findings) {
        folder->spot.kind = SPOT_FOLDER;
        strcpy(folder->spot.type, "folder");
        spots_add(pass->spots, &folder->spot);
    }
    review_folder_free(&folder->review);
    *folder = (struct folder){0};
    return error;
}

static int take_record(struct pass *pass, struct folder *folder, const uint8_t *key, const uint8_t *bytes, size_t n)
{
    struct item item;
    int error = 0;
    if (!item_decode(bytes, n, &item))
        return -EILSEQ;
    if (key[DIGEST_KEY] == ROLE_LISTED) {
        error = folder_take(pass, folder, &item, key + DIGEST_KEY + 1, bytes, n);
    } else {
        error = folder_settle(pass, folder);
        if (!error && pass->review && folder->spot.findings)
            error = review_picture(pass->review, &folder->review, folder->spot.findings, &item);
    }
    item_clear(&item);
    return error;
}

static int each_folder(struct pass *pass)
{
    struct folder folder = {0};
    const uint8_t *key, *value;
    size_t key_len, value_len;
    int error = sorter_finish(pass->nearby->folders), got = 0;
    while (!error && (got = sorter_next(pass->nearby->folders, &key, &key_len, &value, &value_len)) > 0) {
        if (!folder.any || memcmp(folder.key, key, DIGEST_KEY) != 0) {
            error = folder.any ? folder_end(pass, &folder) : 0;
            folder.any = true;
            memcpy(folder.key, key, DIGEST_KEY);
            folder.listed = sorter_new(pass->nearby->dirfd, pass->nearby->memory / 4);
        }
        error = error ? error : take_record(pass, &folder, key, value, value_len);
    }
    int last = folder_end(pass, &folder);
    return error ? error : got ? got : last;
}

/** What a container's record holds beside its severity, at its first place. */
static int name_container(struct spot *spot, struct reader *in)
{
    size_t n;
    uint32_t partition = read_u32(in);
    const uint8_t *word = read_bytes(in, &n);
    struct where *where = in->bad ? NULL : where_decode(in->p, (size_t)(in->end - in->p));
    struct buf path = {0};
    if (!where)
        return -EILSEQ;
    memcpy(spot->type, word, n < sizeof(spot->type) ? n : sizeof(spot->type) - 1);
    where_path(where, &path);
    if (partition)
        buf_printf(&path, "!/p%u", partition);
    spot->path = mem_strdup(buf_str(&path));
    buf_free(&path);
    where_unref(where);
    return 0;
}

static int each_container(struct pass *pass)
{
    struct spot spot = {0};
    uint8_t last[1 + 2 * DIGEST_KEY];
    const uint8_t *key, *value;
    size_t key_len, value_len;
    int error = sorter_finish(pass->containers), got = 0;
    while (!error && (got = sorter_next(pass->containers, &key, &key_len, &value, &value_len)) > 0) {
        struct reader in = {value, value + value_len, false};
        unsigned severity = read_u8(&in);
        bool same = spot.places && memcmp(last, key, 1 + DIGEST_KEY) == 0;
        if (!same) {
            if (spot.places)
                spots_add(pass->spots, &spot);
            spot = (struct spot){.kind = (enum spot_kind)key[0]};
            error = name_container(&spot, &in);
        }
        spot_count(&spot, !same || memcmp(last, key, sizeof(last)) != 0, severity);
        memcpy(last, key, sizeof(last));
    }
    if (!error && !got && spot.places)
        spots_add(pass->spots, &spot);
    else
        free(spot.path);
    return error ? error : got;
}

int nearby_finish(struct nearby *nearby, const struct flood *flood, struct sorter *listed, struct spots *spots,
                  struct review *review)
{
    struct pass pass = {.nearby = nearby, .flood = flood, .listed = listed, .spots = spots, .review = review};
    pass.containers = sorter_new(nearby->dirfd, nearby->memory);
    int error = each_folder(&pass);
    error = error ? error : each_container(&pass);
    sorter_free(pass.containers);
    return error;
}
