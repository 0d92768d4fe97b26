/* examine.h: what is done with one item, from its bytes to all that its record says. */
#ifndef SCAN_EXAMINE_H
#define SCAN_EXAMINE_H

#include "scan/run.h"

/**
 * An item whose bytes are in a file of the host or in the worker's slot. Returns the container that took the item over,
 * with a reference for the caller, or NULL: then the item is complete.
 */
struct container *examine_bytes(struct worker *worker, struct work *work, struct item *item, struct identity *identity);
/** An item whose bytes passed by. */
void examine_streamed(struct worker *worker, struct work *work, struct item *item);
/** What a decoder is asked, but for the type. */
void picture_request(const struct worker *worker, struct decode_request *request, bool exact);
/** A picture in the worker's slot. */
struct shown {
    enum file_type type;
    uint64_t offset, size;
    /** Of these bytes, or NULL. */
    const uint8_t *sha256;
    /** Which of the pictures beside the one that stands for the bytes: its number in decode_extras and one more; 0: it
     * is that one itself. */
    uint32_t extra;
};

/** Decodes the picture in the worker's slot and matches its hash. True if there are further pictures in it. */
bool examine_picture(struct worker *worker, struct item *item);
/** The same for a picture in a part of the slot. */
bool examine_shown(struct worker *worker, const struct shown *shown, struct item *item);
/** What is left to do with a picture that was decoded already. */
void examine_result(struct worker *worker, const struct shown *shown, const struct decode_result *result,
                    struct item *item);
/** What a type that nobody here decodes or opens comes to. */
void status_of_type(struct item *item);
/** True if there is a decoder for it, and the program that holds it. */
bool is_decoded(const struct run *run, enum file_type type);
#endif
