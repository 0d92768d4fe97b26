/*
 * slot.h: the bytes of one item, in memory that a child can be shown.
 *
 * A slot is a memfd of fixed size, mapped once; pages that were never touched cost nothing. What outgrows it, or the
 * budget, goes on in an unlinked file. One thread owns a slot at a time.
 */
#ifndef SANDBOX_SLOT_H
#define SANDBOX_SLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Largest item that stays in memory: the address space that each child reserves for it. */
#define SLOT_MAX (512ull << 20)

struct slot {
    /** The memfd, and a second descriptor of it that cannot write: the one that children get. */
    int fd, ro_fd;
    /** Tells this memory from the one that the slot had before slot_detach; never 0. */
    uint64_t generation;
    uint8_t *map;
    /** Bytes of the item. */
    uint64_t len;
    /** Bytes allowed in memory; beyond them the item moves to a file. */
    uint64_t memory_limit;
    /** The item's bytes are in this unlinked file and no longer in the map; -1: in the map. */
    int spill_fd;
    /** The same file, read-only. */
    int spill_ro_fd;
    /** Folder for the file: the case folder, or a temporary one. */
    int spill_dir;
    /** High-water mark of touched pages since they were last given back. */
    uint64_t touched;
};

/** Returns 0 or -errno. */
int slot_open(struct slot *slot, int spill_dir);
void slot_close(struct slot *slot);
/** Empties the slot for the next item; gives large memory back. */
void slot_reset(struct slot *slot, uint64_t memory_limit);
/** Appends. Returns 0, or -errno where the file cannot be written. */
int slot_append(struct slot *slot, const void *data, size_t n);
/** Appends n zeros. */
int slot_append_zeros(struct slot *slot, uint64_t n);
/** True if the item's bytes are in slot->map; else they are in a file. */
static inline bool slot_in_memory(const struct slot *slot)
{
    return slot->spill_fd < 0;
}
/** The read-only descriptor of the item's bytes; stays the slot's. */
static inline int slot_read_fd(const struct slot *slot)
{
    return slot->spill_fd < 0 ? slot->ro_fd : slot->spill_ro_fd;
}
/** A read-only descriptor of exactly the item's bytes, for a container that is read on while the slot serves the next
 * item: takes the memory away from the slot, which gets fresh memory. The caller closes it. Returns the descriptor, or
 * -errno with the slot as it was. */
int slot_detach(struct slot *slot);

#endif
