/* ole.h (private): the streams of an OLE file, as ole.c walks them and ole_stream.c takes them apart. */
#ifndef DOCUMENT_OLE_H
#define DOCUMENT_OLE_H

#include "document/deliver.h"

/** A storage; opaque here, so that only ole.c knows the library. */
struct ole_storage;

struct ole_stream {
    /** Names of its storages and its own, joined by "/". */
    const char *path, *name;
    const uint8_t *p;
    size_t n;
    struct ole_storage *storage;
};

struct ole {
    struct delivery out;
    /** The root has a catalogue of thumbnails. */
    bool is_thumbs;
    uint8_t *catalogue;
    size_t catalogue_n;
    /** Why its pictures cannot be read, where they are encrypted. */
    const char *encrypted;
};

/** The bytes of a stream beside another one, to be freed; NULL if there is none. */
uint8_t *ole_beside(const struct ole_stream *stream, const char *name, size_t *n);
/** Delivers what is worth it of a stream. */
void ole_stream_read(struct ole *ole, const struct ole_stream *stream);

#endif
