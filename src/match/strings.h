/* strings.h: the texts of lists: one arena of NUL-ended strings, named by their offset. */
#ifndef MATCH_STRINGS_H
#define MATCH_STRINGS_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"

/** No room: offsets have 32 bits. */
#define STRING_NONE UINT32_MAX

struct string_arena {
    struct buf bytes;
    /** Open-addressing table of interned offsets + 1; 0 is free. A power of two of slots. */
    uint32_t *slots;
    size_t n, n_slots;
    /** Random, so that nobody can write a list whose labels all collide. */
    uint64_t seed;
};

/** Offset 0 is the empty string. */
void strings_init(struct string_arena *arena);
void strings_free(struct string_arena *arena);
/** A new copy. The text holds no NUL. Returns its offset or STRING_NONE. */
uint32_t strings_add(struct string_arena *arena, const void *text, size_t n);
/** The one copy of a text. */
uint32_t strings_intern(struct string_arena *arena, const void *text, size_t n);

/**
 * Decimal texts of line numbers, made when an entry hits: kept for each of 15 million entries they would take 130 MB.
 * Any thread may ask; a text lives as long as the pool.
 */
struct number_pool {
    pthread_mutex_t lock;
    /** Open-addressing table; NULL is free. */
    char **slots;
    size_t n, n_slots;
};

void numbers_init(struct number_pool *pool);
void numbers_free(struct number_pool *pool);
/** Any text, once. */
const char *numbers_keep(struct number_pool *pool, const char *text);
const char *numbers_text(struct number_pool *pool, uint32_t number);

#endif
