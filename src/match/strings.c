#include "match/strings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "core/alloc.h"

#define SLOTS_MIN 64

static uint64_t mix(uint64_t h)
{
    h = (h ^ h >> 32) * UINT64_C(0xd6e8feb86659fd93);
    return h ^ h >> 29;
}

static uint64_t hash_bytes(uint64_t seed, const uint8_t *p, size_t n)
{
    uint64_t h = seed ^ n;
    for (; n >= 8; p += 8, n -= 8) {
        uint64_t word;
        memcpy(&word, p, sizeof(word));
        h = mix(h ^ word);
    }
    uint64_t tail = 0;
    for (size_t i = 0; i < n; i++)
        tail |= (uint64_t)p[i] << (8 * i);
    return mix(mix(h ^ tail));
}

void strings_init(struct string_arena *arena)
{
    *arena = (struct string_arena){0};
    if (getrandom(&arena->seed, sizeof(arena->seed), GRND_NONBLOCK) < 0)
        arena->seed = (uintptr_t)arena;
    buf_byte(&arena->bytes, '\0');
}

void strings_free(struct string_arena *arena)
{
    buf_free(&arena->bytes);
    free(arena->slots);
    arena->slots = NULL;
}

uint32_t strings_add(struct string_arena *arena, const void *text, size_t n)
{
    if (!n)
        return 0;
    size_t offset = arena->bytes.len;
    if (offset + n >= STRING_NONE)
        return STRING_NONE;
    buf_put(&arena->bytes, text, n);
    buf_byte(&arena->bytes, '\0');
    return (uint32_t)offset;
}

static const char *text_at(const struct string_arena *arena, uint32_t offset)
{
    return (const char *)arena->bytes.data + offset;
}

static void grow(struct string_arena *arena)
{
    size_t n_slots = arena->n_slots ? 2 * arena->n_slots : SLOTS_MIN;
    uint32_t *slots = ALLOC_ARRAY(uint32_t, n_slots);
    for (size_t i = 0; i < arena->n_slots; i++) {
        if (!arena->slots[i])
            continue;
        const char *text = text_at(arena, arena->slots[i] - 1);
        size_t at = hash_bytes(arena->seed, (const uint8_t *)text, strlen(text)) & (n_slots - 1);
        while (slots[at])
            at = (at + 1) & (n_slots - 1);
        slots[at] = arena->slots[i];
    }
    free(arena->slots);
    arena->slots = slots;
    arena->n_slots = n_slots;
}

uint32_t strings_intern(struct string_arena *arena, const void *text, size_t n)
{
    if (!n)
        return 0;
    if (2 * (arena->n + 1) > arena->n_slots)
        grow(arena);
    size_t at = hash_bytes(arena->seed, text, n) & (arena->n_slots - 1);
    for (; arena->slots[at]; at = (at + 1) & (arena->n_slots - 1)) {
        const char *other = text_at(arena, arena->slots[at] - 1);
        if (strncmp(other, text, n) == 0 && !other[n])
            return arena->slots[at] - 1;
    }
    uint32_t offset = strings_add(arena, text, n);
    if (offset != STRING_NONE) {
        arena->slots[at] = offset + 1;
        arena->n++;
    }
    return offset;
}

void numbers_init(struct number_pool *pool)
{
    *pool = (struct number_pool){.lock = PTHREAD_MUTEX_INITIALIZER};
}

void numbers_free(struct number_pool *pool)
{
    for (size_t i = 0; i < pool->n_slots; i++)
        free(pool->slots[i]);
    free(pool->slots);
    pthread_mutex_destroy(&pool->lock);
}

static size_t number_slot(char **slots, size_t n_slots, const char *text)
{
    size_t at = hash_bytes(0, (const uint8_t *)text, strlen(text)) & (n_slots - 1);
    while (slots[at] && strcmp(slots[at], text) != 0)
        at = (at + 1) & (n_slots - 1);
    return at;
}

static void numbers_grow(struct number_pool *pool)
{
    size_t n_slots = pool->n_slots ? 2 * pool->n_slots : SLOTS_MIN;
    char **slots = ALLOC_ARRAY(char *, n_slots);
    for (size_t i = 0; i < pool->n_slots; i++)
        if (pool->slots[i])
            slots[number_slot(slots, n_slots, pool->slots[i])] = pool->slots[i];
    free(pool->slots);
    pool->slots = slots;
    pool->n_slots = n_slots;
}

const char *numbers_keep(struct number_pool *pool, const char *text)
{
    pthread_mutex_lock(&pool->lock);
    if (2 * (pool->n + 1) > pool->n_slots)
        numbers_grow(pool);
    char **slot = &pool->slots[number_slot(pool->slots, pool->n_slots, text)];
    if (!*slot) {
        *slot = mem_strdup(text);
        pool->n++;
    }
    const char *kept = *slot;
    pthread_mutex_unlock(&pool->lock);
    return kept;
}

const char *numbers_text(struct number_pool *pool, uint32_t number)
{
    char text[16];
    snprintf(text, sizeof(text), "%u", number);
    return numbers_keep(pool, text);
}
