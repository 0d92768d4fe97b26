#include "trawl/where.h"

#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/escape.h"
#include "trawl/origin.h"
#include "trawl/type.h"

/** Set in the encoded depth where a byte behind each layer tells whether its origin follows. */
#define WHERE_HAS_ORIGINS 0x80000000u

/** Deeper chains than any limit allows are damage, not data. */
#define WHERE_MAX_LAYERS 4096

struct where *where_new(struct where *parent, const char *kind, const void *name, size_t name_len, uint64_t index,
                        uint64_t offset)
{
    struct where *where = ALLOC(struct where);
    where->parent = parent ? where_ref(parent) : NULL;
    where->kind = kind;
    where->name = mem_dup(name, name_len);
    where->name_len = name_len;
    where->index = index;
    where->offset = offset;
    where->depth = parent ? parent->depth + 1 : 0;
    where->refs = 1;
    return where;
}

struct where *where_new_origin(struct where *parent, const char *kind, const void *name, size_t name_len,
                               uint64_t index, uint64_t offset, const struct origin *origin)
{
    const char *word = origin ? origin_kind_name(origin->kind) : NULL;
    struct where *where = where_new(parent, word ? word : kind, name, name_len, index, offset);
    if (origin)
        where->origin = mem_dup(origin, sizeof(*origin));
    return where;
}

struct where *where_ref(struct where *where)
{
    __atomic_add_fetch(&where->refs, 1, __ATOMIC_RELAXED);
    return where;
}

void where_unref(struct where *where)
{
    while (where && __atomic_sub_fetch(&where->refs, 1, __ATOMIC_ACQ_REL) == 0) {
        struct where *parent = where->parent;
        free(where->name);
        free(where->origin);
        free(where);
        where = parent;
    }
}

/** The layers, outermost first; the caller frees the array. (Nesting is the evidence's choice: no recursion on it.) */
static const struct where **where_layers(const struct where *where)
{
    const struct where **layers = mem_alloc(size_mul(sizeof(*layers), (size_t)where->depth + 1));
    for (size_t i = (size_t)where->depth + 1; i-- > 0; where = where->parent)
        layers[i] = where;
    return layers;
}

void where_path(const struct where *where, struct buf *out)
{
    const struct where **layers = where_layers(where);
    for (unsigned i = 0; i <= where->depth; i++) {
        if (i > 0)
            buf_puts(out, "!/");
        escape_text(out, layers[i]->name, layers[i]->name_len);
    }
    free(layers);
}

static void layer_json(const struct where *where, struct buf *out)
{
    struct buf name = {0};
    bool changed = escape_text(&name, where->name, where->name_len);
    buf_puts(out, "{\"kind\":");
    escape_json_str(out, where->kind);
    buf_puts(out, ",\"name\":");
    escape_json(out, (const char *)name.data, name.len);
    if (changed) {
        buf_puts(out, ",\"raw\":\"");
        buf_hex(out, where->name, where->name_len);
        buf_puts(out, "\"");
    }
    if (where->index != WHERE_UNKNOWN) {
        buf_puts(out, ",\"index\":");
        buf_decimal(out, where->index);
    }
    if (where->offset != WHERE_UNKNOWN) {
        buf_puts(out, ",\"offset\":");
        buf_decimal(out, where->offset);
    }
    if (where->origin)
        origin_json(where->origin, out);
    buf_puts(out, "}");
    buf_free(&name);
}

void where_json(const struct where *where, struct buf *out)
{
    const struct where **layers = where_layers(where);
    for (unsigned i = 0; i <= where->depth; i++) {
        buf_byte(out, i == 0 ? '[' : ',');
        layer_json(layers[i], out);
    }
    buf_byte(out, ']');
    free(layers);
}

static void key_number(struct buf *out, uint64_t v)
{
    for (int shift = 56; shift >= 0; shift -= 8)
        buf_byte(out, (uint8_t)(v >> shift));
}

/** Bytes of any value, in their order, and an end that none of them can forge: NUL as 00 ff, then 00 00. */
static void key_bytes(struct buf *out, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        buf_byte(out, bytes[i]);
        if (!bytes[i])
            buf_byte(out, 0xff);
    }
    buf_put(out, "\0", 2);
}

/**
 * A layer inside another: its kind (so that a zip behind a JPEG and a carved picture of the same index differ), a NUL,
 * and its index with the high byte first; what has no index is told apart by its offset, and what has neither by its
 * name.
 */
static void layer_key(const struct where *where, struct buf *out)
{
    buf_byte(out, 0);
    buf_puts(out, where->kind);
    buf_byte(out, 0);
    key_number(out, where->index);
    if (where->index != WHERE_UNKNOWN)
        return;
    key_number(out, where->offset);
    if (where->offset == WHERE_UNKNOWN)
        key_bytes(out, where->name, where->name_len);
}

/* A host path never holds NUL, so the NUL of a layer ends it and sorts before every longer path. */
void where_key(const struct where *where, struct buf *out)
{
    const struct where **layers = where_layers(where);
    buf_put(out, layers[0]->name, layers[0]->name_len);
    for (unsigned i = 1; i <= where->depth; i++)
        layer_key(layers[i], out);
    free(layers);
}

static bool has_origins(const struct where *where)
{
    while (where && !where->origin)
        where = where->parent;
    return where != NULL;
}

void where_encode(const struct where *where, struct buf *out)
{
    bool origins = has_origins(where);
    buf_u32(out, where->depth | (origins ? WHERE_HAS_ORIGINS : 0));
    for (const struct where *w = where; w; w = w->parent) {
        buf_bytes(out, w->kind, strlen(w->kind));
        buf_bytes(out, w->name, w->name_len);
        buf_u64(out, w->index);
        buf_u64(out, w->offset);
        if (origins)
            buf_u8(out, w->origin != NULL);
        if (w->origin)
            origin_encode(w->origin, out);
    }
}

/** The static string of a kind, so that chains read back hold no memory for it. NULL for words that are none. */
static const char *kind_static(const uint8_t *kind, size_t n)
{
    static const char *const other[] = {"file", "unreached", "unaccounted"};
    for (uint32_t i = 0; i < ORIGIN_KINDS; i++) {
        const char *word = origin_kind_name(i);
        if (word && strlen(word) == n && memcmp(word, kind, n) == 0)
            return word;
    }
    for (size_t i = 0; i < sizeof(other) / sizeof(*other); i++)
        if (strlen(other[i]) == n && memcmp(other[i], kind, n) == 0)
            return other[i];
    for (int t = 0; t < TYPE_COUNT; t++)
        if (strlen(type_name(t)) == n && memcmp(type_name(t), kind, n) == 0)
            return type_name(t);
    return NULL;
}

struct layer_view {
    const char *kind;
    const uint8_t *name;
    size_t name_len;
    uint64_t index, offset;
    bool has_origin;
    struct origin origin;
};

static void layer_decode(struct reader *in, bool origins, struct layer_view *layer)
{
    size_t kind_len;
    const uint8_t *kind = read_bytes(in, &kind_len);
    layer->kind = kind ? kind_static(kind, kind_len) : NULL;
    layer->name = read_bytes(in, &layer->name_len);
    layer->index = read_u64(in);
    layer->offset = read_u64(in);
    uint8_t has = origins ? read_u8(in) : 0;
    layer->has_origin = has == 1;
    if (!layer->kind || has > 1 || (has && !origin_decode(in, &layer->origin)))
        in->bad = true;
}

struct where *where_decode(const uint8_t *bytes, size_t n)
{
    struct reader in = {bytes, n ? bytes + n : bytes, false};
    uint32_t first = read_u32(&in), depth = first & ~WHERE_HAS_ORIGINS;
    if (in.bad || depth >= WHERE_MAX_LAYERS)
        return NULL;
    struct layer_view *layers = ALLOC_ARRAY(struct layer_view, depth + 1);
    for (uint32_t i = 0; i <= depth && !in.bad; i++)
        layer_decode(&in, first & WHERE_HAS_ORIGINS, &layers[i]);
    struct where *where = NULL;
    for (uint32_t i = depth + 1; !in.bad && in.p == in.end && i-- > 0;) {
        struct where *inner =
            where_new_origin(where, layers[i].kind, layers[i].name, layers[i].name_len, layers[i].index,
                             layers[i].offset, layers[i].has_origin ? &layers[i].origin : NULL);
        where_unref(where);
        where = inner;
    }
    free(layers);
    return where;
}
