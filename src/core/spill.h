/* spill.h: what the sorter keeps on disk: files without a name, runs of sorted records in them, and the merge of runs.
 */
#ifndef CORE_SPILL_H
#define CORE_SPILL_H

#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"

/** Compares as memcmp; a shorter prefix comes first. */
int key_compare(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len);

/** An empty file in the folder that has no name (any more). Returns its descriptor or -errno. */
int spill_open(int dirfd);

/** Records being written from an offset on. */
struct spill {
    int fd;
    /** Where the next write goes; behind the last record after spill_flush. */
    uint64_t at;
    /** Bytes gathered before a write. */
    size_t chunk;
    struct buf buf;
};

/** Return 0 or -errno. */
int spill_record(struct spill *spill, const uint8_t *key, size_t key_len, const uint8_t *value, size_t value_len);
int spill_flush(struct spill *spill);

/** Several runs read as one. Of equal keys, those of the run that was added first come first. */
struct merge;

/** `chunk`: bytes read at once from each run. */
struct merge *merge_new(size_t chunk);
/** Bytes [begin, end) of a file. Only before the first merge_next. */
void merge_add(struct merge *merge, int fd, uint64_t begin, uint64_t end);
/** As sorter_next. */
int merge_next(struct merge *merge, const uint8_t **key, size_t *key_len, const uint8_t **value, size_t *value_len);
void merge_free(struct merge *merge);

#endif
