/* ifd.h: the directories of TIFF, of EXIF blocks and of camera RAW, read without a library. */
#ifndef DECODE_IFD_H
#define DECODE_IFD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Bytes with directories in them; offsets count from `data`. */
struct ifd_file {
    const uint8_t *data;
    size_t size;
    bool little, big_tiff;
};

/** An entry: `count` values of a type, the first of them at `at`. */
struct ifd_entry {
    uint16_t tag, type;
    uint64_t count, at;
};

enum {
    IFD_SUBFILE_TYPE = 254,
    IFD_WIDTH = 256,
    IFD_HEIGHT = 257,
    IFD_BITS = 258,
    IFD_COMPRESSION = 259,
    IFD_PHOTOMETRIC = 262,
    IFD_STRIP_OFFSETS = 273,
    IFD_SAMPLES = 277,
    IFD_STRIP_COUNTS = 279,
    IFD_TILE_OFFSETS = 324,
    IFD_SUBIFDS = 330,
    IFD_JPEG_TABLES = 347,
    IFD_JPEG_OFFSET = 513,
    IFD_JPEG_BYTES = 514,
    IFD_PHOTOSHOP = 34377,
};

/** False where it is none. *first: where its first directory stands. Any version number will do: RAW has its own. */
bool ifd_open(struct ifd_file *file, const uint8_t *data, size_t size, uint64_t *first);
/** Entries of the directory at `at`; 0 where there is none. */
uint64_t ifd_entries(const struct ifd_file *file, uint64_t at);
/** The i-th of them. False where its bytes are not there. */
bool ifd_entry(const struct ifd_file *file, uint64_t at, uint64_t i, struct ifd_entry *entry);
/** The first entry with that tag. */
bool ifd_find(const struct ifd_file *file, uint64_t at, uint16_t tag, struct ifd_entry *entry);
/** The i-th value; 0 where it is no whole number, or not there. */
uint64_t ifd_value(const struct ifd_file *file, const struct ifd_entry *entry, uint64_t i);
/** The first value of a tag, or `otherwise`. */
uint64_t ifd_get(const struct ifd_file *file, uint64_t at, uint16_t tag, uint64_t otherwise);
/** Where the next directory stands; 0: this is the last one. */
uint64_t ifd_next(const struct ifd_file *file, uint64_t at);

#endif
