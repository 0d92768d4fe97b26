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
    /** Out of EXIF; zeros where it says nothing. */
    struct camera camera;
};

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
};

extern const struct decoder *const decode_table[];

/** The decoder of a type, or NULL where this build has none. */
const struct decoder *decode_find(enum file_type type);
/** Calls every decoder's warm_up. */
void decode_warm_up(void);
/** Decodes and hashes. Never fails otherwise than in result->status. */
void decode_picture(const struct decode_request *request, const uint8_t *data, size_t size,
                    struct decode_result *result);
/** True if a result that crossed the border holds only values that decode_picture can give. */
bool decode_result_sane(const struct decode_result *result);

#endif
