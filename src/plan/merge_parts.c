#include "plan/merge_parts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "trawl/status.h"

static void same_strings(struct buf *out, char *const *strings, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_bytes(out, strings[i], strlen(strings[i]));
}

/** The encoding of what was asked, of one kind, to be compared. */
enum asked { ASKED_VERSION, ASKED_SOURCES, ASKED_OPTIONS, ASKED_ALL };

static void put_asked(const struct case_info *info, enum asked what, struct buf *out)
{
    struct case_info all = *info;
    all.shard = (struct shard_info){0};
    if (what == ASKED_VERSION)
        buf_puts(out, info->version);
    else if (what == ASKED_SOURCES)
        same_strings(out, info->sources, info->n_sources);
    else if (what == ASKED_OPTIONS)
        same_strings(out, info->options, info->n_options);
    else
        case_info_encode(&all, out);
}

static bool agrees(const struct case_info *a, const struct case_info *b, enum asked what)
{
    struct buf x = {0}, y = {0};
    put_asked(a, what, &x);
    put_asked(b, what, &y);
    bool same = x.len == y.len && (!x.len || memcmp(x.data, y.data, x.len) == 0);
    buf_free(&x);
    buf_free(&y);
    return same;
}

/** What the two were not asked alike; what is left when all else is the same are lists. */
static const char *difference(const struct case_info *a, const struct case_info *b)
{
    return !agrees(a, b, ASKED_VERSION)   ? "by another version of trawl"
           : !agrees(a, b, ASKED_OPTIONS) ? "with other options"
           : !agrees(a, b, ASKED_SOURCES) ? "of other sources"
                                          : "with other lists";
}

static int refuse(const char *path, const char *words, const char *other)
{
    fprintf(stderr, "trawl: %s: %s%s; nothing was merged\n", path, words, other);
    return EXIT_USAGE;
}

/** What the case says of its own shard. */
static struct shard_state state_of(const struct case_folder *folder)
{
    struct shard_state state = {
        .shard = folder->info.shard.shard,
        .shards = folder->info.shard.shards,
        .complete = folder->finished,
        .damaged = folder->state.damaged,
        .stale = folder->stale.n,
        .items = folder->items,
    };
    memcpy(state.plan, folder->info.shard.plan, sizeof(state.plan));
    memcpy(&state.chain, folder->state.chain, sizeof(state.chain));
    return state;
}

static void keep_states(struct merge_part *part, const struct case_folder *folder)
{
    const struct shard_cover *cover = &folder->cover;
    part->is_merged = cover->shards > 0;
    part->has_ranges = folder->ranges > 0;
    part->states = ALLOC_ARRAY(struct shard_state, part->is_merged ? cover->shards : 1);
    if (!part->is_merged)
        part->states[part->n_states++] = state_of(folder);
    for (uint32_t i = 0; i < cover->shards; i++) {
        struct shard_state state = cover->states[i];
        if (!state.shards)
            continue;
        /* Nobody knows whose records are gone, or were not written. */
        state.damaged += folder->state.damaged;
        state.complete = state.complete && folder->finished;
        part->states[part->n_states++] = state;
    }
}

/** Of one plan with all before it? */
static int check_plan(struct merge_parts *parts, const struct merge_part *part)
{
    const struct shard_state *first = &part->states[0];
    if (!parts->shards) {
        parts->shards = first->shards;
        memcpy(parts->plan, first->plan, sizeof(parts->plan));
        parts->taken = ALLOC_ARRAY(size_t, parts->shards);
    }
    char words[96];
    for (size_t i = 0; i < part->n_states; i++) {
        if (memcmp(part->states[i].plan, parts->plan, sizeof(parts->plan)) != 0)
            return refuse(part->path, "is of another plan than ", parts->items[0].path);
        if (part->states[i].shards == parts->shards)
            continue;
        snprintf(words, sizeof(words), "is one of %u shards, and not of %u, as ", part->states[i].shards,
                 parts->shards);
        return refuse(part->path, words, parts->items[0].path);
    }
    return 0;
}

static const struct shard_state *find(const struct merge_part *part, uint32_t shard)
{
    for (size_t i = 0; i < part->n_states; i++)
        if (part->states[i].shard == shard)
            return &part->states[i];
    return NULL;
}

/** For each of its shards: the part is taken if no better one came before. */
static void take(struct merge_parts *parts, size_t number)
{
    const struct merge_part *part = &parts->items[number];
    for (size_t i = 0; i < part->n_states; i++) {
        const struct shard_state *state = &part->states[i];
        size_t *taken = &parts->taken[state->shard];
        if (!*taken || shard_state_better(state, find(&parts->items[*taken - 1], state->shard)))
            *taken = number + 1;
    }
}

/** A part whose scan died before it had begun leaves a journal without a beginning: its shard is missing, no more. */
static int leave_out(const struct merge_part *part, int error)
{
    fprintf(stderr, "trawl: %s: left out: %s\n", part->path,
            error == -EBADMSG ? "the beginning of its journal is missing or damaged" : strerror(-error));
    return 0;
}

static int take_in(struct merge_parts *parts, size_t number, struct case_folder *folder)
{
    struct merge_part *part = &parts->items[number];
    if (!folder->info.shard.shards && !folder->cover.shards)
        return refuse(part->path, "was scanned without a plan: it is no part of anything", "");
    if (!parts->shards) {
        parts->info = folder->info;
        parts->info.shard = (struct shard_info){0};
        folder->info = (struct case_info){.shard = folder->info.shard};
    } else if (!agrees(&parts->info, &folder->info, ASKED_ALL)) {
        char words[96];
        snprintf(words, sizeof(words), "was scanned %s than ", difference(&parts->info, &folder->info));
        return refuse(part->path, words, parts->items[0].path);
    }
    keep_states(part, folder);
    int status = check_plan(parts, part);
    if (!status)
        take(parts, number);
    return status;
}

static int read_part(struct merge_parts *parts, size_t number)
{
    char why[CASE_WHY];
    struct case_folder folder;
    struct merge_part *part = &parts->items[number];
    int status = case_open_existing(&folder, part->path, why);
    if (status) {
        fprintf(stderr, "trawl: %s\n", why);
    } else {
        int r = case_read_back(&folder);
        status = r ? leave_out(part, r) : take_in(parts, number, &folder);
    }
    case_close(&folder);
    return status;
}

int merge_parts_read(struct merge_parts *parts, const char *const *paths, size_t n)
{
    int status = 0;
    *parts = (struct merge_parts){.items = ALLOC_ARRAY(struct merge_part, n), .n = n};
    for (size_t i = 0; i < n; i++)
        parts->items[i].path = paths[i];
    for (size_t i = 0; i < n && !status; i++)
        status = read_part(parts, i);
    if (!status && !parts->shards)
        status = refuse(paths[0], "and all others are empty", "");
    return status;
}

bool merge_parts_gives(const struct merge_parts *parts, const struct merge_part *part, uint32_t shard)
{
    return shard < parts->shards && parts->taken[shard] == (size_t)(part - parts->items) + 1;
}

void merge_parts_free(struct merge_parts *parts)
{
    for (size_t i = 0; i < parts->n; i++)
        free(parts->items[i].states);
    free(parts->items);
    free(parts->taken);
    case_info_clear(&parts->info);
}
