/* zip.h (private): the parts of the zip reader. */
#ifndef SOURCE_ZIP_H
#define SOURCE_ZIP_H

#include "source/bytes.h"
#include "source/member.h"
#include "source/ranges.h"
#include "source/window.h"

struct z_stream_s;
struct libdeflate_decompressor;

/** Signatures, as little-endian numbers. */
enum zip_signature {
    ZIP_LOCAL = 0x04034b50,
    ZIP_CENTRAL = 0x02014b50,
    ZIP_END = 0x06054b50,
    ZIP_END64 = 0x06064b50,
    ZIP_LOCATOR64 = 0x07064b50,
    ZIP_DESCRIPTOR = 0x08074b50,
};

enum {
    ZIP_LOCAL_SIZE = 30,
    ZIP_CENTRAL_SIZE = 46,
    ZIP_END_SIZE = 22,
    ZIP_END64_SIZE = 56,
    ZIP_LOCATOR64_SIZE = 20,
};

enum { ZIP_STORED = 0, ZIP_DEFLATED = 8, ZIP_AES = 99 };
enum { ZIP_FLAG_ENCRYPTED = 1, ZIP_FLAG_DESCRIPTOR = 8 };

/** The last bytes of a file, and how large it is. */
struct zip_tail {
    const uint8_t *p;
    size_t n;
    uint64_t size;
};

/** Enough for the longest comment, its record, and the zip64 records before it. */
#define ZIP_TAIL (SNIFF_TAIL + ZIP_LOCATOR64_SIZE + 512)

/** An end-of-central-directory record with possible numbers. Places are offsets in the file. */
struct zip_end {
    /** Where it stands and where its comment ends. */
    uint64_t record, end;
    /** Its comment ends with the file. */
    bool exact;
    /** The central directory, as it abuts on its end records, whatever stands before the archive. */
    uint64_t directory, directory_end;
    /** The directory's place as declared: less than `directory` by the length of what stands before the archive. */
    uint64_t declared;
    uint64_t entries;
    /** Number of this volume of a split archive. */
    uint32_t disk;
    bool zip64;
    /** The directory itself is encrypted. */
    bool encrypted;
};

/** Looks for such a record before position *at of the tail (start with its length), and leaves its position there. */
bool zip_end_previous(const struct zip_tail *tail, size_t *at, struct zip_end *end);

/** One entry, from its central record or, where there is none, its local header. */
struct zip_entry {
    uint64_t index;
    /** Place of the local header and, once that was read, of the data. */
    uint64_t header, data;
    uint64_t csize, usize;
    uint32_t crc;
    uint32_t attributes; /* external */
    uint32_t disk;
    uint16_t method, flags;
    uint8_t host; /* who made it: 3 unix, 19 OS X */
    /** csize, usize and crc are not known: the data must tell. */
    bool open_ended;
    const uint8_t *name;
    size_t name_len;
};

struct zip {
    const struct unpack_input *input;
    struct unpack_sink *sink;
    struct unpack_end *end;
    struct window directory, data;
    struct zip_end place;
    bool has_directory;
    /** What stands before the archive: added to every declared offset. */
    uint64_t base;
    /** Explained bytes of the container. */
    struct ranges ranges;
    /** Bytes inside of entries that are behind the end of their compressed data. */
    uint64_t slack;
    /** Entries met; of those listed, how many have no local header; of those met, how many are not listed. */
    uint64_t index, listed, broken, hidden;
    struct z_stream_s *inflater;
    uint8_t *out;
    /** zip_whole.c's, made when first needed. */
    struct libdeflate_decompressor *whole;
    uint8_t *room;
};

#define ZIP_WINDOW (256u << 10)
/** Entries up to here are inflated in one go: as much memory twice, in each child. */
#define ZIP_WHOLE (16u << 20)

/** Reads the central record at *at as entry number zip->index and moves behind it. False if there is none. */
bool zip_central(struct zip *zip, uint64_t *at, struct zip_entry *entry);
/** Tells the sink of a large archive's ranges. Returns true, with the first of them, if there are any. */
bool zip_plan(struct zip *zip, struct unpack_range *first);
/** Sizes and offset out of a zip64 extra field, for those that are all ones. */
void zip_extra64(struct zip_entry *entry, const uint8_t *extra, size_t n);
/** Reads the entry's local header; sets entry->data. False if there is none. */
bool zip_local(struct zip *zip, struct zip_entry *entry);
/** An entry from the local header at `at` that ends before `to`; its name is copied to `name`. False if it is no
 * possible one. */
bool zip_entry_from_local(struct zip *zip, uint64_t at, uint64_t to, struct zip_entry *entry, uint8_t name[65536]);
/** Length of the data descriptor at `at`, or 0. */
size_t zip_descriptor(struct zip *zip, uint64_t at, const struct zip_entry *entry);
/** Delivers an entry whose local header was read. `to`: no byte from there on is its data. Returns how many bytes of
 * data it took. */
uint64_t zip_member(struct zip *zip, const struct zip_entry *entry, uint64_t to);
/** Announces an entry and ends it at once. */
void zip_refuse(struct zip *zip, const struct zip_entry *entry, enum trawl_status status, const char *detail);
/** All bytes of a deflated entry, valid until the next call, if nothing at all is wrong with it; *taken says how long
 * its compressed data is. Else NULL. */
const uint8_t *zip_whole(struct zip *zip, const struct zip_entry *entry, uint64_t *taken);
void zip_whole_free(struct zip *zip);
/** The checksum so far, and n bytes more: 0.06 ns a byte, zlib's 0.4. */
uint32_t zip_crc(uint32_t crc, const void *data, size_t n);
/** The sink's description. */
struct unpack_entry zip_describe(const struct zip_entry *entry);
/** Delivers the data of a method that zlib does not know, by libarchive. Returns how the member ended. */
enum trawl_status zip_other(struct zip *zip, const struct zip_entry *entry, struct member *member,
                            char detail[UNPACK_DETAIL]);
/** Looks for entries, and other parts of a zip, in all that is not accounted for. */
void zip_scan_gaps(struct zip *zip);
/** Carves what is left then. */
void zip_carve_gaps(struct zip *zip);

#endif
