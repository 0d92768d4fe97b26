/*
 * sorter.h: sorts any number of (key, value) byte strings in bounded memory.
 *
 * Keys compare by memcmp, a shorter prefix first. Equal keys keep the order in which they came. Runs that do not fit
 * are spilled to unlinked files and merged.
 */
#ifndef CORE_SORTER_H
#define CORE_SORTER_H

#include <stddef.h>
#include <stdint.h>

struct sorter;

/** `dirfd`: where spill files go (never seen by name: O_TMPFILE, or unlinked at once). `memory`: bytes held before
 * spilling. */
struct sorter *sorter_new(int dirfd, size_t memory);
/** Returns 0 or -errno (the spill could not be written). */
int sorter_add(struct sorter *sorter, const void *key, size_t key_len, const void *value, size_t value_len);
/** No more additions. Returns 0 or -errno. */
int sorter_finish(struct sorter *sorter);
/** The next pair, borrowed until the next call. Returns 1, 0 at the end, -errno. */
int sorter_next(struct sorter *sorter, const uint8_t **key, size_t *key_len, const uint8_t **value, size_t *value_len);
void sorter_free(struct sorter *sorter);

#endif
