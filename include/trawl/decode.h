/* decode.h: a picture's bytes to its size and PDQ. Runs in a sandboxed child; plain data in, plain data out. */
#ifndef TRAWL_DECODE_H
#define TRAWL_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trawl/camera.h"
#include "trawl/limits.h"
#include "trawl/pdq.h"
#include "trawl/status.h"
#include "trawl/type.h"

struct decode_request {
    enum file_type type;
    /** False: luma only, reduced scale; the hash is a screening one. True: full resolution, RGB rendered. */
    bool exact;
    /** The hashes of the picture turned and mirrored are wanted as well. */
    bool rotations;
    /** Not the picture is wanted but what its file holds beside it: `count` of these, at most DECODE_EXTRAS, from
     * number `first` on, counted from 0. */
    bool extras;
    uint32_t first, count;
    /** A thumbnail is wanted as well. */
    bool thumbnail;
    struct limits limits;
};

/** Fixed size: crosses the process border by memcpy and is checked by decode_result_sane(). */
struct decode_result {
    enum trawl_status status;
    /** Which limit, where status is TRAWL_LIMIT. */
    enum limit_id limit;
    /** In pixels as coded (EXIF orientation not applied); 0 where unknown. */
    uint32_t width, height;
    /** EXIF orientation 1..8; 0 where the file says nothing. */
    uint32_t orientation;
    bool has_pdq;
    /** A screening hash: request->exact was false (whether or not the decoder could reduce anything). */
    bool screen;
    struct pdq_result pdq;
    /** Why, in words, NUL-terminated printable ASCII; empty where there is nothing to say. */
    char detail[160];
    /** Of all versions of the picture, the original among them; zeros where they were not wanted. */
    bool has_rotations;
    /** False where a bit of them hangs on rounding. */
    bool rotations_stable;
    uint8_t rotations[PDQ_ROTATIONS][PDQ_BYTES];
    /** The file holds further pictures: thumbnails, frames, pages. */
    bool has_extras;
    /** Out of EXIF; zeros where it says nothing. */
    struct camera camera;
    /** Last, so that what is kept of a result without one ends before it; zeros where it was not wanted. */
    bool has_thumbnail;
    uint8_t thumbnail[THUMBNAIL_BYTES];
};

/** A picture that the file of another one holds. Order is the wire's. */
enum extra_kind {
    /** A reduced copy: of EXIF, JFIF, HEIF, Photoshop. */
    EXTRA_THUMBNAIL,
    /** A large one, as cameras put beside their raw data. */
    EXTRA_PREVIEW,
    EXTRA_PICTURE,
    EXTRA_PAGE,
    EXTRA_FRAME,
    EXTRA_KINDS
};

struct decode_extra {
    enum extra_kind kind;
    /** Which of its kind, from 1; the first picture, page and frame is the one that stands for the file. */
    uint32_t number;
    /** These bytes of the file are a picture file of their own. Where size is 0 it has none, and `result` is what it
     * decodes to. */
    uint64_t offset, size;
    struct decode_result result;
};

/** Extras of one answer. */
#define DECODE_EXTRAS 32

struct decode_extras {
    uint32_t n;
    /** There are others behind these. */
    bool more;
    struct decode_extra items[DECODE_EXTRAS];
};

struct extras;

/** A decoder: one const struct and one row in decode_table. */
struct decoder {
    enum file_type type;
    const char *name;
    /** The library that reads it, and its version at run time; "trawl" and an empty string for readers of our own. */
    const char *library;
    const char *(*version)(void);
    /** Only children of trawl-readers have it, as struct unpacker says: decode, version and warm_up are NULL elsewhere.
     */
    bool heavy;
    /** Loads what cannot be loaded behind the sandbox; NULL where that is nothing. */
    void (*warm_up)(void);
    void (*decode)(const struct decode_request *request, const uint8_t *data, size_t size,
                   struct decode_result *result);
    /** Tells what else is in the file (decode/extras.h); NULL where the format has room for one picture only. */
    void (*extras)(const uint8_t *data, size_t size, struct extras *extras);
};

extern const struct decoder *const decode_table[];

/** The decoder of a type, or NULL where this build has none. */
const struct decoder *decode_find(enum file_type type);
/** Calls every decoder's warm_up. */
void decode_warm_up(void);
/** Decodes and hashes. Never fails otherwise than in result->status. */
void decode_picture(const struct decode_request *request, const uint8_t *data, size_t size,
                    struct decode_result *result);
/** What the file of a picture holds beside it, as the request asks. */
void decode_extras(const struct decode_request *request, const uint8_t *data, size_t size, struct decode_extras *out);
/** "thumbnail", "preview" ... */
const char *extra_kind_name(enum extra_kind kind);
/** True if extras that crossed the border, of a file of `size` bytes, hold only values that decode_extras can give. */
bool decode_extras_sane(const struct decode_extras *extras, uint64_t size);
/** True if a result that crossed the border holds only values that decode_picture can give. */
bool decode_result_sane(const struct decode_result *result);

#endif
