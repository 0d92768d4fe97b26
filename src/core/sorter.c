#include "core/sorter.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/spill.h"

/** Runs merged at once, and runs of one level before they become one of the next. */
#define FAN_IN     64
#define LEVELS_MAX 8
/** Bounds of one run's read buffer: a system call for each page is too many, more than 256 KiB gains nothing. */
#define READ_MIN 4096u
#define READ_MAX (256u << 10)

/** A record in the arena. The index is held with room to grow, and qsort copies it once: so it counts three times. */
struct slot {
    size_t at;
    uint32_t key_len, value_len;
    /** Eight bytes of the key behind what all keys begin with, the first one highest: most comparisons end here, and
     * leave the arena alone. Known while it is sorted. */
    uint64_t prefix;
};
#define SLOT_COST (3 * sizeof(struct slot))

struct run {
    uint64_t begin, end;
};

/** Runs of about one size, in the order in which they came, one behind the other in one file. All older than those of
 * the level below. */
struct level {
    int fd;
    uint64_t size;
    struct run runs[FAN_IN];
    unsigned n;
};

struct sorter {
    int dirfd;
    size_t memory;
    /** First failure; all later calls give it again. */
    int error;
    bool finished;
    /** Records since the last spill, and where each is. */
    struct buf arena;
    struct slot *slots;
    size_t n, cap;
    /** Next one that sorter_next gives, where nothing was spilled. */
    size_t next;
    struct level levels[LEVELS_MAX];
    unsigned n_levels;
    struct merge *merge;
};

struct sorter *sorter_new(int dirfd, size_t memory)
{
    struct sorter *sorter = ALLOC(struct sorter);
    sorter->dirfd = dirfd;
    sorter->memory = memory;
    return sorter;
}

static int slot_compare(const void *pa, const void *pb, void *base)
{
    const struct slot *a = pa, *b = pb;
    if (a->prefix != b->prefix)
        return a->prefix < b->prefix ? -1 : 1;
    int order = key_compare((uint8_t *)base + a->at, a->key_len, (uint8_t *)base + b->at, b->key_len);
    return order ? order : (a->at > b->at) - (a->at < b->at);
}

/** How many bytes all keys begin with. */
static size_t common_bytes(const struct sorter *sorter)
{
    const uint8_t *first = sorter->arena.data + sorter->slots[0].at;
    size_t n = sorter->slots[0].key_len;
    for (size_t i = 1; i < sorter->n && n; i++) {
        const uint8_t *key = sorter->arena.data + sorter->slots[i].at;
        n = sorter->slots[i].key_len < n ? sorter->slots[i].key_len : n;
        if (memcmp(first, key, n) != 0)
            for (size_t same = 0; same < n; same++)
                if (first[same] != key[same])
                    n = same;
    }
    return n;
}

static void fill_prefixes(struct sorter *sorter)
{
    size_t common = common_bytes(sorter);
    for (size_t i = 0; i < sorter->n; i++) {
        struct slot *slot = &sorter->slots[i];
        const uint8_t *key = sorter->arena.data + slot->at + common;
        size_t n = slot->key_len - common;
        slot->prefix = 0;
        for (size_t b = 0; b < 8 && b < n; b++)
            slot->prefix |= (uint64_t)key[b] << (56 - 8 * b);
    }
}

/** Journals are often in order, or nearly: that is seen in one pass. */
static bool is_sorted(const struct sorter *sorter)
{
    for (size_t i = 1; i < sorter->n; i++)
        if (slot_compare(&sorter->slots[i - 1], &sorter->slots[i], sorter->arena.data) > 0)
            return false;
    return true;
}

static void sort_slots(struct sorter *sorter)
{
    if (!sorter->n)
        return;
    if (sorter->arena.data)
        fill_prefixes(sorter);
    if (!is_sorted(sorter))
        qsort_r(sorter->slots, sorter->n, sizeof(*sorter->slots), slot_compare, sorter->arena.data);
}

static void drop_arena(struct sorter *sorter)
{
    buf_free(&sorter->arena);
    free(sorter->slots);
    sorter->slots = NULL;
    sorter->n = sorter->cap = 0;
}

/** The level's file, made at its first use. Returns 0 or -errno. */
static int level_open(struct sorter *sorter, unsigned i)
{
    if (i < sorter->n_levels)
        return 0;
    if (i == LEVELS_MAX)
        return -EFBIG;
    int fd = spill_open(sorter->dirfd);
    if (fd < 0)
        return fd;
    sorter->levels[i] = (struct level){.fd = fd};
    sorter->n_levels++;
    return 0;
}

/** Makes what was written since the last run of this level its newest run. */
static void level_add_run(struct level *level, uint64_t end)
{
    level->runs[level->n++] = (struct run){level->size, end};
    level->size = end;
}

static size_t read_size(const struct sorter *sorter)
{
    size_t share = sorter->memory / (FAN_IN + 1);
    return share < READ_MIN ? READ_MIN : share > READ_MAX ? READ_MAX : share;
}

/** Adds the runs of levels [from, to), oldest first. */
static struct merge *merge_levels(struct sorter *sorter, unsigned from, unsigned to)
{
    struct merge *merge = merge_new(read_size(sorter));
    for (unsigned i = to; i-- > from;)
        for (unsigned r = 0; r < sorter->levels[i].n; r++)
            merge_add(merge, sorter->levels[i].fd, sorter->levels[i].runs[r].begin, sorter->levels[i].runs[r].end);
    return merge;
}

/** Makes one run of the next level out of all runs of a level, and gives their space back. */
static int raise_level(struct sorter *sorter, unsigned i)
{
    int error = level_open(sorter, i + 1);
    if (error)
        return error;
    struct level *from = &sorter->levels[i], *to = &sorter->levels[i + 1];
    struct merge *merge = merge_levels(sorter, i, i + 1);
    struct spill out = {.fd = to->fd, .at = to->size, .chunk = read_size(sorter)};
    const uint8_t *key, *value;
    size_t key_len, value_len;
    int got = 0;
    while (!error && (got = merge_next(merge, &key, &key_len, &value, &value_len)) > 0)
        error = spill_record(&out, key, key_len, value, value_len);
    error = error ? error : got ? got : spill_flush(&out);
    buf_free(&out.buf);
    merge_free(merge);
    if (error)
        return error;
    level_add_run(to, out.at);
    from->n = 0;
    from->size = 0;
    return ftruncate(from->fd, 0) < 0 ? -errno : 0;
}

/** Empties a level into the next one, which is emptied first where it is full, and so on upwards. */
static int empty_level(struct sorter *sorter, unsigned low)
{
    unsigned top = low + 1;
    while (top < sorter->n_levels && sorter->levels[top].n == FAN_IN)
        top++;
    int error = 0;
    while (!error && top-- > low)
        error = raise_level(sorter, top);
    return error;
}

static int spill_arena(struct sorter *sorter)
{
    sort_slots(sorter);
    int error = level_open(sorter, 0);
    if (!error && sorter->levels[0].n == FAN_IN)
        error = empty_level(sorter, 0);
    if (error)
        return error;
    struct level *level = &sorter->levels[0];
    struct spill out = {.fd = level->fd, .at = level->size, .chunk = read_size(sorter)};
    for (size_t i = 0; !error && i < sorter->n; i++) {
        const struct slot *slot = &sorter->slots[i];
        const uint8_t *key = sorter->arena.data + slot->at;
        error = spill_record(&out, key, slot->key_len, key + slot->key_len, slot->value_len);
    }
    error = error ? error : spill_flush(&out);
    buf_free(&out.buf);
    if (!error)
        level_add_run(level, out.at);
    sorter->n = 0;
    sorter->arena.len = 0;
    return error;
}

/** Doubling, but never beyond the bound: memory that a doubling would reserve is held like any other. */
static void arena_reserve(struct sorter *sorter, size_t n)
{
    size_t need = size_add(sorter->arena.len, n), cap = size_mul(sorter->arena.cap ? sorter->arena.cap : 2048, 2);
    if (sorter->arena.data && need <= sorter->arena.cap)
        return;
    if (cap > sorter->memory)
        cap = sorter->memory;
    if (cap < need)
        cap = need;
    buf_reserve(&sorter->arena, cap - sorter->arena.len);
}

int sorter_add(struct sorter *sorter, const void *key, size_t key_len, const void *value, size_t value_len)
{
    size_t n = size_add(key_len, value_len);
    if (sorter->error)
        return sorter->error;
    if (sorter->finished)
        return sorter->error = -EINVAL;
    if (key_len > UINT32_MAX || value_len > UINT32_MAX)
        return sorter->error = -EFBIG;
    size_t held = size_add(sorter->arena.len, size_mul(sorter->n + 1, SLOT_COST));
    if (sorter->n && size_add(held, n) > sorter->memory)
        sorter->error = spill_arena(sorter);
    if (sorter->error)
        return sorter->error;
    arena_reserve(sorter, n);
    RESERVE(sorter->slots, sorter->n, sorter->cap);
    sorter->slots[sorter->n++] =
        (struct slot){.at = sorter->arena.len, .key_len = (uint32_t)key_len, .value_len = (uint32_t)value_len};
    buf_put(&sorter->arena, key, key_len);
    buf_put(&sorter->arena, value, value_len);
    return 0;
}

static unsigned count_runs(const struct sorter *sorter)
{
    unsigned runs = 0;
    for (unsigned i = 0; i < sorter->n_levels; i++)
        runs += sorter->levels[i].n;
    return runs;
}

/** Spills what is left and empties low levels until one merge can take all runs. */
static int prepare_merge(struct sorter *sorter)
{
    int error = sorter->n ? spill_arena(sorter) : 0;
    drop_arena(sorter);
    for (unsigned low = 0; !error && count_runs(sorter) > FAN_IN; low++)
        if (sorter->levels[low].n)
            error = empty_level(sorter, low);
    if (!error)
        sorter->merge = merge_levels(sorter, 0, sorter->n_levels);
    return error;
}

int sorter_finish(struct sorter *sorter)
{
    if (sorter->error || sorter->finished)
        return sorter->error;
    sorter->finished = true;
    if (sorter->n_levels)
        sorter->error = prepare_merge(sorter);
    else
        sort_slots(sorter);
    return sorter->error;
}

int sorter_next(struct sorter *sorter, const uint8_t **key, size_t *key_len, const uint8_t **value, size_t *value_len)
{
    if (sorter->error)
        return sorter->error;
    if (!sorter->finished)
        return -EINVAL;
    if (sorter->merge) {
        int got = merge_next(sorter->merge, key, key_len, value, value_len);
        sorter->error = got < 0 ? got : 0;
        return got;
    }
    if (sorter->next == sorter->n)
        return 0;
    const struct slot *slot = &sorter->slots[sorter->next++];
    *key = sorter->arena.data + slot->at;
    *key_len = slot->key_len;
    *value = *key + slot->key_len;
    *value_len = slot->value_len;
    return 1;
}

void sorter_free(struct sorter *sorter)
{
    if (!sorter)
        return;
    merge_free(sorter->merge);
    for (unsigned i = 0; i < sorter->n_levels; i++)
        close(sorter->levels[i].fd);
    drop_arena(sorter);
    free(sorter);
}
