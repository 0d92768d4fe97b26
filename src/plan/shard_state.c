#include "plan/shard_state.h"

#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "plan/shard.h"

void shard_state_encode(const struct shard_state *state, struct buf *out)
{
    buf_put(out, state->plan, sizeof(state->plan));
    buf_u32(out, state->shard);
    buf_u32(out, state->shards);
    buf_u8(out, state->complete);
    buf_u64(out, state->damaged);
    buf_u64(out, state->stale);
    buf_u64(out, state->items);
    buf_u64(out, state->chain);
}

bool shard_state_decode(const uint8_t *bytes, size_t n, struct shard_state *state)
{
    struct reader in = {bytes, n ? bytes + n : bytes, false};
    *state = (struct shard_state){0};
    const uint8_t *plan = read_raw(&in, sizeof(state->plan));
    if (plan)
        memcpy(state->plan, plan, sizeof(state->plan));
    state->shard = read_u32(&in);
    state->shards = read_u32(&in);
    uint8_t complete = read_u8(&in);
    state->complete = complete == 1;
    state->damaged = read_u64(&in);
    state->stale = read_u64(&in);
    state->items = read_u64(&in);
    state->chain = read_u64(&in);
    return !in.bad && in.p == in.end && complete <= 1 && state->shard < state->shards && state->shards <= SHARDS_MAX;
}

bool shard_state_better(const struct shard_state *a, const struct shard_state *b)
{
    if (a->complete != b->complete)
        return a->complete;
    if (a->damaged != b->damaged)
        return a->damaged < b->damaged;
    if (a->stale != b->stale)
        return a->stale < b->stale;
    if (a->items != b->items)
        return a->items > b->items;
    return a->chain > b->chain;
}

bool shard_cover_add(struct shard_cover *cover, const struct shard_state *state)
{
    if (!cover->shards) {
        cover->shards = state->shards;
        cover->states = ALLOC_ARRAY(struct shard_state, state->shards);
    }
    if (state->shards != cover->shards || cover->states[state->shard].shards)
        return false;
    cover->states[state->shard] = *state;
    return true;
}

void shard_cover_free(struct shard_cover *cover)
{
    free(cover->states);
    *cover = (struct shard_cover){0};
}

static bool is_missing(const struct shard_state *state)
{
    return !state->shards;
}

static bool is_cut(const struct shard_state *state)
{
    return state->shards && !state->complete;
}

static bool is_damaged(const struct shard_state *state)
{
    return state->shards && state->damaged;
}

static bool is_stale(const struct shard_state *state)
{
    return state->shards && state->stale;
}

static const struct {
    bool (*is)(const struct shard_state *state);
    const char *words;
} faults[] = {
    {is_missing, "missing: nothing of that share was examined"},
    {is_cut, "not finished: the rest of that share was not examined"},
    {is_damaged, "damaged: what stood in those places of the journal is missing"},
    {is_stale, "stale: files were gone or not the same any more as when the plan was made"},
};

/** "3, 5-7". Returns how many they are. */
static uint32_t list_faulty(const struct shard_cover *cover, size_t fault, struct buf *text)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < cover->shards; i++) {
        uint32_t end = i;
        while (end < cover->shards && faults[fault].is(&cover->states[end]))
            end++;
        if (end == i)
            continue;
        buf_printf(text, n ? ", %u" : "%u", i);
        if (end - i > 1)
            buf_printf(text, "-%u", end - 1);
        n += end - i;
        i = end;
    }
    return n;
}

bool shard_cover_tell(const struct shard_cover *cover, void (*tell)(void *context, const char *text, size_t n),
                      void *context)
{
    bool whole = true;
    for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++) {
        struct buf list = {0}, text = {0};
        uint32_t n = list_faulty(cover, i, &list);
        if (n) {
            buf_printf(&text, "%s %s of %u (counted from 0) %s %s", n == 1 ? "shard" : "shards", buf_str(&list),
                       cover->shards, n == 1 ? "is" : "are", faults[i].words);
            tell(context, (const char *)text.data, text.len);
            whole = false;
        }
        buf_free(&list);
        buf_free(&text);
    }
    return whole;
}
