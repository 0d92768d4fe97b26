/*
 * revisions.h: lists that change their mind: which statement on an entry is in force.
 *
 * Exchanges hand out pages. A later page may say an entry again, or take it back; and pages are not in the order of
 * time. Entries of such lists have a key (of the exchange, not of the file), so that a page that takes back an entry of
 * another page of the same run removes it there. Keys are kept until the seal: some 60 bytes for each entry.
 */
#ifndef MATCH_REVISIONS_H
#define MATCH_REVISIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "match/strings.h"

/** What was said last of one key. */
struct revision {
    /** Offset of the key; 0 is a free slot. */
    uint32_t key;
    /** Who said it: the list and the entry's name (posting.entry) there. */
    uint32_t list, entry;
    /** Seconds, or whatever the exchange counts; 0 where it says nothing. */
    int64_t stamp;
    bool withdrawn;
};

struct revisions {
    struct string_arena keys;
    struct revision *slots;
    size_t n, n_slots;
    /** Entries that are no longer in force: list << 32 | entry, sorted by revisions_settle. */
    uint64_t *dead;
    size_t n_dead, cap_dead;
};

void revisions_init(struct revisions *revisions);
void revisions_free(struct revisions *revisions);
/**
 * A statement on a key: the entry that it brings, or (withdrawn) none. True if an entry that was in force is no longer.
 * The later statement counts, but none that is older brings back what was withdrawn. *in_force: whether this one
 * counts.
 */
bool revisions_say(struct revisions *revisions, const void *key, size_t n, const struct revision *said, bool *in_force);
/** Makes revisions_dead ready. */
void revisions_settle(struct revisions *revisions);
bool revisions_dead(const struct revisions *revisions, uint32_t list, uint32_t entry);

#endif
