/* unpack.h: a container's bytes to its members. Runs in a sandboxed child; members leave through a sink. */
#ifndef TRAWL_UNPACK_H
#define TRAWL_UNPACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trawl/limits.h"
#include "trawl/origin.h"
#include "trawl/status.h"
#include "trawl/type.h"
#include "trawl/video.h"

#define UNPACK_DETAIL 160

/** The longest raw name that is carried whole; a longer one is cut here, and said to be. */
#define UNPACK_NAME_MAX 65536

/** Indexes of a disk image are a unit (a volume's files, its free space ...) above these bits, and a place in it. */
#define UNPACK_UNIT_SHIFT 40

/** Members that are read by themselves, from index `first` to before `end`; no range where `end` is 0. */
struct unpack_range {
    uint64_t first, end;
    /** Where the reader finds the first of them: a number of its own. */
    uint64_t at;
};

/** Ranges that a container is read in, at most. */
#define UNPACK_RANGES 64

/** Which parts of a container are read here: the ranges of its plan, from 0, and last what is behind them; of 0: all.
 */
struct unpack_share {
    uint32_t of;
    uint64_t bits[2];
};

static inline bool share_has(const struct unpack_share *share, size_t part)
{
    return part < share->of && part < 128 && (share->bits[part / 64] >> (part % 64) & 1);
}

static inline void share_add(struct unpack_share *share, size_t part)
{
    if (part < 128)
        share->bits[part / 64] |= UINT64_C(1) << (part % 64);
}

/** `--carve`: which bytes that no reader explains are searched for files. */
enum carve_mode { CARVE_NONE, CARVE_MEDIA_BLOBS, CARVE_ALL };

/** Bytes of a segment's name, its end included. */
#define UNPACK_SEGMENT_NAME 256

/** A file that goes on with the container: beside it on the host, and named after it. */
struct unpack_segment {
    /** Read-only. */
    int fd;
    uint64_t size;
    char name[UNPACK_SEGMENT_NAME];
};

/** What the bytes of a medium are compared with. */
struct unpack_verify {
    /** All its digests are wanted. */
    bool wanted;
    bool has_md5, has_sha1, has_sha256;
    uint8_t md5[16], sha1[20], sha256[32];
};

struct unpack_input {
    /** Read-only; read by pread only. */
    int fd;
    uint64_t size;
    /** What sniff() said. */
    enum file_type type;
    /** Raw bytes of the container's own name: a gzip member takes its name from it. */
    const uint8_t *name;
    size_t name_len;
    const struct unpack_segment *segments;
    size_t n_segments;
    /** Members before this index were delivered by an earlier child: pass over them. */
    uint64_t first_index;
    /** An earlier child died on the way to the next member, or in it. */
    bool is_retry;
    /** Only these are read, and nothing is said of the container as a whole. */
    struct unpack_range range;
    /** A container whose members declare no more bytes than this may be read in ranges; 0: not. */
    uint64_t split_bytes;
    enum carve_mode carve;
    /** Of a video: which frames are hashed. */
    enum video_frames frames;
    struct unpack_verify verify;
    struct limits limits;
};

struct unpack_entry {
    /** Position in the container, from 0, counting every entry. */
    uint64_t index;
    /** Byte offset of the entry in the container, or UINT64_MAX. */
    uint64_t offset;
    /** As declared, or UINT64_MAX. */
    uint64_t size;
    /** TYPE_OTHER for a regular file (its bytes tell more later); TYPE_DIRECTORY, TYPE_SYMLINK, TYPE_HARDLINK,
     * TYPE_FIFO, TYPE_DEVICE. */
    enum file_type type;
    /** Raw bytes, exactly as the container holds them. */
    const uint8_t *name;
    size_t name_len;
    /** What is known beside, and what kind of layer it is; NULL: a member of the container's type, no more. */
    const struct origin *origin;
};

/** Where members go. In this order: entry, data any number of times, entry_end; then the next. */
struct unpack_sink {
    /** Returns 0 to get the bytes, 1 to pass over them (entry_end still follows). */
    int (*entry)(struct unpack_sink *sink, const struct unpack_entry *entry);
    /** Bytes in order; a gap before `offset` reads as zeros. Returns 0, or 1 to pass over the rest of this member. */
    int (*data)(struct unpack_sink *sink, const void *data, size_t n, uint64_t offset);
    /** How the member ended: ok, partial (carved: its end is missing), damaged, encrypted, unsupported or io-error, and
     * why; and its whole size (zeros at its end included). */
    void (*entry_end)(struct unpack_sink *sink, enum trawl_status status, uint64_t size, const char *detail);
    /** May be called once, before the first entry, where split_bytes allows it: these ranges, two at least, are all
     * that the container lists, and the reader goes on with the first of them only. NULL: the container is not split.
     */
    void (*plan)(struct unpack_sink *sink, const struct unpack_range *ranges, size_t n);
    /** A reader that passes over much without a new byte says so from time to time, lest it be taken for stuck. May be
     * NULL. */
    void (*alive)(struct unpack_sink *sink);
    /** Between a member's entry and its end: what it says of itself, as facts.h has it. NULL: nobody wants it. */
    void (*facts)(struct unpack_sink *sink, const char *facts);
    /** Of a video, between members: what it is, once; then its frames, by track and number. NULL: nobody wants them. */
    void (*video)(struct unpack_sink *sink, const struct video_info *info);
    void (*frames)(struct unpack_sink *sink, const struct video_frame *frames, size_t n);
};

/** What became of the container itself. */
struct unpack_end {
    /** ok, damaged, encrypted, unsupported, io-error or limit. */
    enum trawl_status status;
    enum limit_id limit;
    /** Entries met, of every type. */
    uint64_t entries;
    /** Entries that the container declares but that were not delivered: each is `unreached`. UINT64_MAX where nobody
     * can know. */
    uint64_t missing;
    /** Bytes of the container that its reader used or can explain; the rest is unaccounted for. */
    uint64_t accounted;
    /** Why, in words; NUL-terminated printable ASCII. */
    char detail[UNPACK_DETAIL];
};

/** A reader of containers: one const struct and one row in unpack_table. */
struct unpacker {
    const char *name;
    /** True if it reads this type. */
    bool (*handles)(enum file_type type);
    void (*run)(const struct unpack_input *input, struct unpack_sink *sink, struct unpack_end *end);
    /** Only children of trawl-readers have it (sandbox/readers.h): in the first program run, version and warm_up are
     * NULL, since those functions are declared weak and their files are linked into the second only. */
    bool heavy;
    /** The library that reads it, and its version at run time; NULL: trawl's own or libarchive. */
    const char *library;
    const char *(*version)(void);
    /** Loads what cannot be loaded behind the sandbox; NULL where that is nothing. */
    void (*warm_up)(void);
};

extern const struct unpacker *const unpack_table[];

/** The reader of a type, or NULL where this build has none. */
const struct unpacker *unpack_find(enum file_type type);
/** Loads all that must be loaded before the sandbox closes: character sets, locale, time zone. */
void unpack_warm_up(void);

#endif
