/*
 * photodna.h: PhotoDNA values that come with entries: carried through to reports, never computed, never looked up.
 *
 * 144 bytes for each of ten million entries: while a list is loaded they go to a file without a name, so that they cost
 * no memory; in an index they are a section that is read only where an entry hits.
 */
#ifndef MATCH_PHOTODNA_H
#define MATCH_PHOTODNA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"

#define PHOTODNA_BYTES 144
/** In base64, without padding. */
#define PHOTODNA_TEXT 192

struct part;

/** Which entry the value of that number is of. */
struct photodna_ref {
    uint32_t list, entry, number;
};

/** Values of lists that are being loaded. */
struct photodnas {
    /** The file; 0 before the first value. */
    int fd;
    struct buf pending;
    struct photodna_ref *refs;
    size_t n, cap;
    /** The file could not be made or written: values are not carried. */
    bool failed;
};

void photodna_free(struct photodnas *values);
/** Reads base64 or hexadecimal digits. False for what has not 144 bytes. */
bool photodna_decode(const uint8_t *text, size_t n, uint8_t value[PHOTODNA_BYTES]);
void photodna_add(struct photodnas *values, uint32_t list, uint32_t entry, const uint8_t value[PHOTODNA_BYTES]);
/** Makes the part's sections of them. */
void photodna_seal(struct photodnas *values, struct part *part);
/** The value of an entry; NULL where it has none. */
const uint8_t *photodna_find(const struct part *part, uint32_t list, uint32_t entry);
/** In base64, with a NUL. */
void photodna_text(const uint8_t value[PHOTODNA_BYTES], char text[PHOTODNA_TEXT + 1]);

#endif
