/* ole1.h (private): objects of the first OLE: as \objdata of rich text, and as the stream "\1Ole10Native". */
#ifndef DOCUMENT_OLE1_H
#define DOCUMENT_OLE1_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What is inside of it: borrowed from its bytes. */
struct ole1 {
    const uint8_t *p;
    size_t n;
    /** Of a package: the file's name, without folders. */
    const char *name;
    size_t name_len;
};

/** An embedded object with its header. False, with *object as it was, if it is none. */
bool ole1_open(const uint8_t *p, size_t n, struct ole1 *object);
/** The native data of a package: names, then the file. False if it is none. */
bool ole1_package(const uint8_t *p, size_t n, struct ole1 *object);

#endif
