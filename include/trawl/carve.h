/*
 * carve.h: files by their content alone, out of bytes that no other reader explains: unallocated space, gaps, slack,
 * opaque blobs. Runs in a sandboxed child; what is found leaves through the unpack sink, like members of a container.
 */
#ifndef TRAWL_CARVE_H
#define TRAWL_CARVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trawl/unpack.h"

/** Where the bytes come from. */
struct carve_source {
    /**
     * Copies up to n bytes from the absolute `offset` to `to`; returns how many: fewer only where the medium ends.
     * What the medium does not give must be copied as zeros, and counted in `holes`.
     */
    size_t (*read)(struct carve_source *source, void *to, size_t n, uint64_t offset);
    /** Grows with every read that had bytes missing: a file that has some is told, and no digest of it is claimed. */
    uint64_t holes;
};

/** Absolute offsets, from start to before end. */
struct carve_range {
    uint64_t start, end;
};

struct carve_job {
    struct carve_source *source;
    /** Ascending, none overlapping another. */
    const struct carve_range *ranges;
    size_t n_ranges;
    /**
     * The ranges are one stream, as the unallocated blocks of a file system are: a file that reaches the end of one
     * goes on at the start of the next. False: each ends for itself.
     */
    bool joined;
    /** Index of the first file that is found, and from which index on they are announced (unpack_input.first_index). */
    uint64_t index, announce_from;
    /** What is known of all that is found (volume, file system): kind and runs are filled in. NULL: nothing. */
    const struct origin *origin;
    /** What may be looked at again, for several jobs together (carve_credit); NULL: the job has its own. */
    uint64_t *credit;
    struct unpack_sink *sink;
    const struct limits *limits;
};

/** The credit for so many bytes. */
uint64_t carve_credit(uint64_t bytes);

/**
 * Carves all ranges: each file found is an entry of kind "carved", named `$carved/` and its absolute offset in 16
 * digits and a suffix, with that offset. One that starts but does not end whole has the status `partial`. Returns the
 * index behind the last one; a limit that was reached is noted in `end` (its status and words stay where there are
 * some).
 */
uint64_t carve_run(const struct carve_job *job, struct unpack_end *end);

/**
 * For the readers of containers: carves ranges of the container itself, as far as --carve allows it. `index` is the
 * index behind the reader's own members. Returns the index behind the last one.
 */
uint64_t carve_rest(const struct unpack_input *input, struct unpack_sink *sink, const struct carve_range *ranges,
                    size_t n, uint64_t index, struct unpack_end *end);

/** The same of all from `from` on, for a reader whose members are numbered up to end->entries. Nothing where a limit
 * ended its reading. */
void carve_behind(const struct unpack_input *input, struct unpack_sink *sink, uint64_t from, struct unpack_end *end);

/**
 * True if the n bytes hold the beginning of a media file, as far as 64 fixed bytes behind a magic number can tell.
 * Cheap (memory speed) and safe anywhere: it looks, and follows nothing. A magic in the last 64 bytes may be missed:
 * let pieces overlap by CARVE_HEAD.
 */
bool carve_probe(const uint8_t *bytes, size_t n);

/** Bytes behind a magic that a first look needs. */
#define CARVE_HEAD 64

/** The reader of whole opaque files; chosen by unpacker_job.carves, not by type. */
extern const struct unpacker carver_unpacker;

#endif
