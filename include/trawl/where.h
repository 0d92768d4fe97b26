/* where.h: the place of a file, through all layers. A chain from the innermost layer outwards, shared by reference
 * count. */
#ifndef TRAWL_WHERE_H
#define TRAWL_WHERE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct origin;

/** Values of `index` and `offset` that are not known. */
#define WHERE_UNKNOWN UINT64_MAX

/** One layer. Immutable once made, so any thread may read it. */
struct where {
    /** The layer around this one; NULL for a file of the host. Owns a reference. */
    struct where *parent;
    /** What kind of container this layer was taken out of: "file", a type_name() ("zip"), or the word of its origin
     * ("fs", "carved"). Static string. */
    const char *kind;
    /** Raw bytes of the name inside that container; not terminated, may hold NUL. */
    uint8_t *name;
    size_t name_len;
    /** Position in its container, from 0; WHERE_UNKNOWN for "file". */
    uint64_t index;
    /** Byte offset in its container, where it has a meaning; else WHERE_UNKNOWN. */
    uint64_t offset;
    /** What is known beside; owned; NULL where that is nothing. */
    struct origin *origin;
    /** Number of layers around this one. */
    unsigned depth;
    /** Threads share chains: changed atomically, only by where_ref and where_unref. */
    unsigned refs;
};

/** A new layer with one reference. Takes a reference of its own to parent (may be NULL). Copies the name. */
struct where *where_new(struct where *parent, const char *kind, const void *name, size_t name_len, uint64_t index,
                        uint64_t offset);
/** The same with an origin, which is copied; its kind stands for `kind` unless it is ORIGIN_CONTAINER. `origin` may be
 * NULL. */
struct where *where_new_origin(struct where *parent, const char *kind, const void *name, size_t name_len,
                               uint64_t index, uint64_t offset, const struct origin *origin);
struct where *where_ref(struct where *where);
void where_unref(struct where *where);

/** Appends the contract's `path`: one line of valid UTF-8, layers joined by "!/", hostile bytes as \xHH. */
void where_path(const struct where *where, struct buf *out);
/** Appends the contract's `where`: a JSON array of layers, outermost first. */
void where_json(const struct where *where, struct buf *out);
/**
 * Appends the key that orders all output: compared by memcmp (a shorter prefix first) it puts files in byte order of
 * their path, a container before its members, members in the order of their container. Two places never share a key.
 */
void where_key(const struct where *where, struct buf *out);
/** Appends and reads back the journal's encoding. where_decode returns NULL where the bytes are not one. */
void where_encode(const struct where *where, struct buf *out);
struct where *where_decode(const uint8_t *bytes, size_t n);

#endif
