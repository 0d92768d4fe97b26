#include "sandbox/slot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/io.h"
#include "core/spill.h"

/* Pages up to here stay with the slot from item to item: faulting them in again would cost as much as copying. */
#define SLOT_KEEP (4ull << 20)

static int reopen_read_only(int fd)
{
    char path[40];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    int ro = open(path, O_RDONLY | O_CLOEXEC);
    return ro < 0 ? -errno : ro;
}

/** New memory for the slot. The size is set once, so that no access can meet the end of the file. */
static int memory_open(struct slot *slot)
{
    slot->map = NULL;
    slot->ro_fd = -1;
    slot->fd = memfd_create("trawl-slot", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (slot->fd < 0)
        return -errno;
    if (ftruncate(slot->fd, (off_t)SLOT_MAX) < 0)
        return -errno;
    slot->map = mmap(NULL, SLOT_MAX, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, slot->fd, 0);
    if (slot->map == MAP_FAILED) {
        slot->map = NULL;
        return -errno;
    }
    /* Evidence must not reach a core file. */
    madvise(slot->map, SLOT_MAX, MADV_DONTDUMP);
    slot->ro_fd = reopen_read_only(slot->fd);
    slot->touched = 0;
    slot->generation++;
    return slot->ro_fd < 0 ? slot->ro_fd : 0;
}

static void memory_close(struct slot *slot)
{
    if (slot->map)
        munmap(slot->map, SLOT_MAX);
    if (slot->fd >= 0)
        close(slot->fd);
    if (slot->ro_fd >= 0)
        close(slot->ro_fd);
    slot->map = NULL;
    slot->fd = slot->ro_fd = -1;
}

int slot_open(struct slot *slot, int spill_dir)
{
    *slot = (struct slot){
        .fd = -1, .ro_fd = -1, .spill_fd = -1, .spill_ro_fd = -1, .spill_dir = spill_dir, .memory_limit = SLOT_MAX};
    int r = memory_open(slot);
    if (r)
        memory_close(slot);
    return r;
}

static void spill_close(struct slot *slot)
{
    if (slot->spill_fd >= 0)
        close(slot->spill_fd);
    if (slot->spill_ro_fd >= 0)
        close(slot->spill_ro_fd);
    slot->spill_fd = slot->spill_ro_fd = -1;
}

void slot_close(struct slot *slot)
{
    spill_close(slot);
    memory_close(slot);
}

static void give_back(struct slot *slot)
{
    if (slot->touched > SLOT_KEEP) {
        fallocate(slot->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)SLOT_KEEP,
                  (off_t)(slot->touched - SLOT_KEEP));
        slot->touched = SLOT_KEEP;
    }
}

void slot_reset(struct slot *slot, uint64_t memory_limit)
{
    spill_close(slot);
    give_back(slot);
    slot->len = 0;
    slot->memory_limit = memory_limit < SLOT_MAX ? memory_limit : SLOT_MAX;
}

/** Moves what is in memory to a file. */
static int spill(struct slot *slot)
{
    int fd = spill_open(slot->spill_dir);
    if (fd < 0)
        return fd;
    int r = io_write_all(fd, slot->map, slot->len);
    if (r) {
        close(fd);
        return r;
    }
    slot->spill_fd = fd;
    slot->spill_ro_fd = reopen_read_only(fd);
    give_back(slot);
    return slot->spill_ro_fd < 0 ? slot->spill_ro_fd : 0;
}

int slot_append(struct slot *slot, const void *data, size_t n)
{
    if (slot->spill_fd < 0 && (n > slot->memory_limit || slot->len > slot->memory_limit - n)) {
        int r = spill(slot);
        if (r)
            return r;
    }
    if (slot->spill_fd >= 0) {
        int r = io_write_all(slot->spill_fd, data, n);
        if (!r)
            slot->len += n;
        return r;
    }
    memcpy(slot->map + slot->len, data, n);
    slot->len += n;
    if (slot->len > slot->touched)
        slot->touched = slot->len;
    return 0;
}

int slot_append_zeros(struct slot *slot, uint64_t n)
{
    static const uint8_t zeros[65536];
    int r = 0;
    while (n && !r) {
        size_t part = n < sizeof(zeros) ? (size_t)n : sizeof(zeros);
        r = slot_append(slot, zeros, part);
        n -= part;
    }
    return r;
}

static int detach_spilled(struct slot *slot)
{
    int fd = slot->spill_ro_fd;
    slot->spill_ro_fd = -1;
    spill_close(slot);
    slot->len = 0;
    return fd;
}

int slot_detach(struct slot *slot)
{
    if (slot->spill_fd >= 0)
        return detach_spilled(slot);
    /* The new memory first: without it the slot stays as it is. */
    struct slot fresh = *slot;
    int r = memory_open(&fresh);
    if (!r && ftruncate(slot->fd, (off_t)slot->len) < 0)
        r = -errno;
    if (r) {
        memory_close(&fresh);
        return r;
    }
    int fd = slot->ro_fd;
    slot->ro_fd = -1;
    munmap(slot->map, SLOT_MAX);
    slot->map = NULL;
    /* No writable mapping is left: from here on nobody can change what the reader sees. */
    fcntl(slot->fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
    memory_close(slot);
    *slot = fresh;
    slot->len = 0;
    return fd;
}
