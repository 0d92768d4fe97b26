/*
 * plan.h: evidence divided into units of work, so that several machines scan it: `trawl plan`, `trawl scan --plan`.
 *
 * A plan is JSON lines (docs/plan.md): what it was made of, then each unit with its files, then an end that counts
 * them. It is a file of the operator's, like a list of hashes, and read with the same distrust: anything that is not as
 * the writer writes it is refused as a whole, for half a plan would lose files in silence.
 */
#ifndef PLAN_PLAN_H
#define PLAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/buf.h"
#include "trawl/limits.h"
#include "trawl/type.h"
#include "trawl/unpack.h"

#define PLAN_FORMAT 1u

/** What a file costs beside its bytes, in bytes: opening, looking at and recording it take as long as hashing these. */
#define PLAN_FILE_WEIGHT 32768u
/** Files of one unit, at most. */
#define PLAN_UNIT_FILES 10000u
/** A longer line is none of a plan: a path of 4096 folders of 255 bytes, in hexadecimal and as text. */
#define PLAN_LINE_MAX (16u << 20)

/** A sentence of at most this many bytes says why something cannot be. */
#define PLAN_WHY 512

/** Ranges of a container (trawl/unpack.h) that a unit is: from `first` to before `end`, of `of`; `of` 0: all of it. */
struct plan_ranges {
    uint32_t first, end, of;
};

/** One thing that the walk met. */
struct plan_file {
    /** Source as given, and the path below it; raw bytes, terminated; borrowed. */
    const char *path;
    /** Bytes of it that are the source. */
    size_t source_len;
    /** TYPE_OTHER: a regular file; else what it is instead. */
    enum file_type type;
    /** Nobody could tell what it is. */
    bool unknown;
    /** Of a regular file; mtime in nanoseconds. */
    uint64_t size;
    int64_t mtime;
};

/** What stands at the beginning of a plan. */
struct plan_head {
    char *version;
    uint64_t target_bytes;
    /** As given; "from:FILE" as the journal has it. */
    char **sources;
    size_t n_sources;
    /** What shaped the units: a scan must be asked the same. "name=value". */
    char **options;
    size_t n_options;
};

void plan_head_clear(struct plan_head *head);

/** Writes a plan. */
struct plan_writer {
    FILE *out;
    uint64_t target;
    /** Lines of the unit that is being filled, its files, its bytes and its weight. */
    struct buf unit;
    uint64_t files, bytes, weight;
    uint64_t units, all_files, all_bytes;
    /** First -errno. */
    int error;
};

void plan_write_head(struct plan_writer *writer, FILE *out, const struct plan_head *head);
/** The next file, in the order of paths. Closes a unit that is full. */
void plan_write_file(struct plan_writer *writer, const struct plan_file *file);
/** Parts of a container that are a unit, their bytes, and what they weigh. */
struct plan_piece {
    struct plan_ranges ranges;
    uint64_t bytes, weight;
};
/** A container as so many units. */
void plan_write_split(struct plan_writer *writer, const struct plan_file *file, const struct plan_piece *pieces,
                      size_t n);
/** Returns 0 or -errno. */
int plan_write_end(struct plan_writer *writer);

/** A plan that was read to its end once, and stays open. */
struct plan {
    char *path;
    FILE *file;
    struct plan_head head;
    uint8_t sha256[32];
    /** Of each unit. */
    uint64_t *weights;
    size_t n_units, cap_units;
    uint64_t files, bytes;
    /** Some container is split. */
    bool splits;
};

/** Reads and checks it. NULL with a sentence in `why`. */
struct plan *plan_open(const char *path, char why[PLAN_WHY]);
/** Takes NULL. */
void plan_free(struct plan *plan);

/** A second reading: the files of some units. One at a time. */
struct plan_reader;
/** `wanted` says of each unit whether its files are given; borrowed. */
struct plan_reader *plan_reader_new(struct plan *plan, const bool *wanted);
/**
 * The next file: 1 (`file` is valid until the next call); 0 at the end; -1: the plan is not the one that was opened. A
 * container that is split is given once, with all parts of it that are wanted.
 */
int plan_reader_next(struct plan_reader *reader, struct plan_file *file, struct unpack_share *share);
void plan_reader_free(struct plan_reader *reader);

#endif
