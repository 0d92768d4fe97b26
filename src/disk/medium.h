/*
 * medium.h: the bytes of a disk, whatever kind of image keeps them, by position.
 *
 * Each format only says where bytes are: the reader asks for the extent at an offset, and the rest (holes, packed
 * blocks and their checksums, a cache of unpacked blocks, what could not be read) is common. Images are read from open
 * descriptors alone. The libraries for these formats open files by name, some follow names inside the image; here no
 * name is ever looked at but those of the descriptors that the main process opened.
 */
#ifndef DISK_MEDIUM_H
#define DISK_MEDIUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trawl/unpack.h"

/** A file that holds a part of the image. */
struct segment {
    int fd;
    uint64_t size;
    /** Its name on the host, without folders; NULL for the first one. */
    const char *name;
};

enum extent_kind {
    /** Reads as zeros. */
    EXTENT_ZERO,
    /** The eight bytes of `at`, the lowest first, again and again. */
    EXTENT_PATTERN,
    /** As it stands. */
    EXTENT_RAW,
    /** As it stands, with an Adler-32 behind it. */
    EXTENT_CHECKED,
    /** zlib, with its header and checksum. */
    EXTENT_ZLIB,
    /** Raw deflate, without either. */
    EXTENT_DEFLATE,
    EXTENT_ZSTD,
    /** The image does not give it: reads as zeros, and is told. */
    EXTENT_MISSING,
};

/** Bytes of the medium that are kept in one piece. */
struct extent {
    enum extent_kind kind;
    uint32_t segment;
    /** In the segment: where it begins, and bytes that it takes at most where it is packed. */
    uint64_t at;
    uint32_t packed;
    /** In the medium. */
    uint64_t start, length;
};

/** Bytes that could not be read, or do not have their checksum. */
struct bad_range {
    uint64_t start, end;
};

#define MEDIUM_CACHE    16
#define MEDIUM_BAD      4096
#define MEDIUM_PACK_MAX (16u << 20)

struct medium_block {
    uint64_t start;
    /** 0: unused. */
    uint64_t used;
    uint8_t *bytes;
    size_t length;
    bool bad;
};

struct medium;

/** A format: how it is opened, and where the bytes are. */
struct medium_format {
    const char *name;
    /** Sets size, block and state; false where it is none or damaged: `why` and status say so. */
    bool (*open)(struct medium *medium);
    /** The extent that holds `offset`, which is inside the medium. Lengths are at least 1. */
    void (*locate)(struct medium *medium, uint64_t offset, struct extent *extent);
    void (*close)(struct medium *medium);
};

/** What the image says of its own making; texts are UTF-8, empty where absent. */
struct acquisition {
    bool has_md5, has_sha1;
    uint8_t md5[16], sha1[20];
    char case_number[64], evidence_number[64], examiner[64], description[96], notes[128], acquired[32], software[48];
};

struct medium {
    const struct medium_format *format;
    const struct segment *segments;
    size_t n_segments;
    uint64_t size;
    /** The largest packed block, unpacked; set by formats that have some. */
    size_t block;
    void *state;
    struct acquisition acquisition;
    /** Why it cannot be opened. */
    enum trawl_status status;
    char why[UNPACK_DETAIL];
    /** What is amiss though it can ("truncated: ..."); empty: nothing. */
    char note[UNPACK_DETAIL];
    struct bad_range bad[MEDIUM_BAD];
    size_t n_bad;
    /** More were bad than there was room for. */
    bool bad_overflow;
    /** Grows with every read that met something bad. */
    uint64_t bad_reads;
    struct medium_block cache[MEDIUM_CACHE];
    uint64_t clock;
    uint8_t *packed;
    void *inflater, *zstd;
};

/** Opens it; false: status and why. Close it either way. */
bool medium_open(struct medium *medium, enum file_type type, const struct segment *segments, size_t n);
void medium_close(struct medium *medium);
/** Copies n bytes; those that are missing are zeros. Returns how many lie inside the medium. */
size_t medium_read(struct medium *medium, void *to, size_t n, uint64_t offset);
/** The first bad range that overlaps; NULL where none does. */
const struct bad_range *medium_bad_in(const struct medium *medium, uint64_t start, uint64_t end);
/** In words: which sectors. */
const char *bad_words(const struct bad_range *bad, char why[UNPACK_DETAIL]);
/** For formats: notes why, returns false. The first reason stays. */
bool medium_fail(struct medium *medium, enum trawl_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/** For formats: notes what is amiss; the first note stays. */
void medium_note(struct medium *medium, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** For formats: n bytes of a segment, all or false. */
bool segment_read(const struct segment *segment, void *to, size_t n, uint64_t at);

/** Little-endian and big-endian numbers in bytes of any alignment. */
static inline uint64_t get_le(const uint8_t *p, unsigned n)
{
    uint64_t v = 0;
    while (n--)
        v = v << 8 | p[n];
    return v;
}

static inline uint64_t get_be(const uint8_t *p, unsigned n)
{
    uint64_t v = 0;
    for (unsigned i = 0; i < n; i++)
        v = v << 8 | p[i];
    return v;
}

extern const struct medium_format raw_medium, ewf_medium, vmdk_medium, vhd_medium, vhdx_medium, qcow_medium, vdi_medium,
    aff_medium, parallels_medium, dmg_medium, cdraw_medium;
/** True if what begins as no other image does has sectors of a CD. */
bool cdraw_is(const struct segment *segments, size_t n);

#endif
