/*
 * plist.c: property lists. Of a binary one every data object that may be a file is a member, named after the key that
 * it is the value of; XML is read as text.
 *
 * The objects are looked at in the order of their numbers, not along the tree: that needs neither recursion nor a guard
 * against circles, and finds what no root leads to.
 */
#include <stdlib.h>
#include <string.h>

#include "document/deliver.h"

struct plist {
    struct delivery out;
    const uint8_t *p;
    uint64_t n;
    /** Of the trailer: bytes of an offset, of a reference; how many objects; where their offsets are. */
    uint8_t offset_size, ref_size;
    uint64_t objects, offsets;
    /** For each object the key that it is a value of, plus one; 0: none. */
    uint32_t *key_of;
    uint64_t broken;
};

/** The head of an object: its kind, how many bytes or references it has, and where they begin. */
struct plist_object {
    uint8_t kind;
    uint64_t count, at;
};

enum { PLIST_TRAILER = 32, PLIST_DATA = 4, PLIST_ASCII = 5, PLIST_UTF16 = 6, PLIST_DICT = 13 };

static uint64_t number_at(const uint8_t *p, unsigned size)
{
    uint64_t v = 0;
    for (unsigned i = 0; i < size; i++)
        v = v << 8 | p[i];
    return v;
}

/** False if the trailer's numbers are impossible. */
static bool read_trailer(struct plist *plist)
{
    if (plist->n < 8 + PLIST_TRAILER)
        return false;
    const uint8_t *t = plist->p + plist->n - PLIST_TRAILER;
    plist->offset_size = t[6];
    plist->ref_size = t[7];
    plist->objects = number_at(t + 8, 8);
    plist->offsets = number_at(t + 24, 8);
    uint64_t room = plist->n - PLIST_TRAILER;
    return plist->offset_size >= 1 && plist->offset_size <= 8 && plist->ref_size >= 1 && plist->ref_size <= 8 &&
           plist->offsets >= 8 && plist->offsets <= room && plist->objects < UINT32_MAX &&
           plist->objects <= (room - plist->offsets) / plist->offset_size;
}

static bool read_object(const struct plist *plist, uint64_t number, struct plist_object *object)
{
    if (number >= plist->objects)
        return false;
    uint64_t at = number_at(plist->p + plist->offsets + number * plist->offset_size, plist->offset_size);
    uint64_t end = plist->n - PLIST_TRAILER;
    if (at < 8 || at >= end)
        return false;
    *object = (struct plist_object){plist->p[at] >> 4, plist->p[at] & 15, at + 1};
    if (object->count < 15)
        return true;
    if (end - object->at < 1)
        return false;
    unsigned size = 1u << (plist->p[object->at] & 15);
    if (plist->p[object->at] >> 4 != 1 || size > 8 || end - object->at - 1 < size)
        return false;
    object->count = number_at(plist->p + object->at + 1, size);
    object->at += 1 + size;
    return true;
}

/** True if so many times `size` bytes of the object are there. */
static bool object_fits(const struct plist *plist, const struct plist_object *object, uint64_t size)
{
    return object->count <= (plist->n - PLIST_TRAILER - object->at) / size;
}

/** Notes the keys of a dictionary's values. */
static void read_dict(struct plist *plist, const struct plist_object *dict)
{
    if (!object_fits(plist, dict, 2u * plist->ref_size)) {
        plist->broken++;
        return;
    }
    const uint8_t *keys = plist->p + dict->at, *values = keys + dict->count * plist->ref_size;
    for (uint64_t i = 0; i < dict->count; i++) {
        uint64_t key = number_at(keys + i * plist->ref_size, plist->ref_size);
        uint64_t value = number_at(values + i * plist->ref_size, plist->ref_size);
        if (key < plist->objects && value < plist->objects)
            plist->key_of[value] = (uint32_t)key + 1;
    }
}

/** All dictionaries; together they may not be read more often than the file is long, so that none counts twice. */
static void read_dicts(struct plist *plist)
{
    uint64_t work = 0;
    struct plist_object object;
    for (uint64_t i = 0; i < plist->objects && work <= plist->n; i++)
        if (read_object(plist, i, &object) && object.kind == PLIST_DICT) {
            read_dict(plist, &object);
            work += object.count;
        }
}

static void add_key(const struct plist *plist, uint64_t number, char *name)
{
    struct plist_object key;
    if (!plist->key_of[number] || !read_object(plist, plist->key_of[number] - 1, &key))
        return;
    if (key.kind == PLIST_ASCII && object_fits(plist, &key, 1))
        name_add(name, "-%.*s", (int)(key.count < 200 ? key.count : 200), (const char *)plist->p + key.at);
    if (key.kind != PLIST_UTF16 || !object_fits(plist, &key, 2))
        return;
    name_add(name, "-");
    for (uint64_t i = 0; i < key.count && i < 100; i++) {
        const uint8_t swapped[2] = {plist->p[key.at + 2 * i + 1], plist->p[key.at + 2 * i]};
        name_add_utf16(name, swapped, 2);
    }
}

static bool deliver_data(struct plist *plist, uint64_t number, const struct plist_object *object)
{
    char name[DELIVER_NAME] = "";
    const uint8_t *p = plist->p + object->at;
    if (!object_fits(plist, object, 1)) {
        plist->broken++;
        return true;
    }
    if (!deliver_worthy(p, (size_t)object->count))
        return true;
    name_add(name, "%llu", (unsigned long long)number);
    add_key(plist, number, name);
    name_add_ending(name, p, (size_t)object->count);
    struct parcel parcel = {
        .name = name, .name_len = strlen(name), .offset = object->at, .bytes = p, .n = (size_t)object->count};
    return deliver(&plist->out, &parcel);
}

static void read_binary(struct plist *plist)
{
    struct plist_object object;
    if (!read_trailer(plist)) {
        end_note(plist->out.end, TRAWL_DAMAGED, "its trailer is damaged");
        plist->out.end->missing = UINT64_MAX;
        return;
    }
    if (deliver_too_many(&plist->out, plist->objects))
        plist->objects = plist->out.input->limits.value[LIMIT_OBJECTS];
    plist->key_of = calloc((size_t)plist->objects + 1, sizeof(*plist->key_of));
    if (!plist->key_of) {
        end_memory(plist->out.end);
        plist->out.end->missing = UINT64_MAX;
        return;
    }
    read_dicts(plist);
    /* Objects that share bytes are no way to make a small file endless. */
    uint64_t given = 0;
    for (uint64_t i = 0; i < plist->objects && given <= 16 * plist->n; i++) {
        if (!read_object(plist, i, &object))
            plist->broken++;
        else if (object.kind == PLIST_DATA) {
            given += object.count;
            if (!deliver_data(plist, i, &object))
                break;
        }
    }
    if (plist->broken)
        end_note(plist->out.end, TRAWL_DAMAGED, "%llu objects are damaged", (unsigned long long)plist->broken);
    free(plist->key_of);
}

static void plist_run(const struct unpack_input *input, struct unpack_sink *sink, struct unpack_end *end)
{
    struct plist plist = {.n = input->size};
    struct window window;
    uint8_t head[8];
    struct window first;
    size_t n;
    deliver_init(&plist.out, input, sink, end);
    if (!window_init(&first, input->fd, input->size, sizeof(head))) {
        end_memory(end);
        end->missing = UINT64_MAX;
        return;
    }
    const uint8_t *p = window_at(&first, 0, sizeof(head), &n);
    bool binary = n == sizeof(head) && !memcmp(p, "bplist", 6);
    window_free(&first);
    if (!binary) {
        base64_members(input, sink, end);
        return;
    }
    if (!(plist.p = deliver_load(&plist.out, &window)))
        return;
    read_binary(&plist);
    window_free(&window);
}

static bool plist_handles(enum file_type type)
{
    return type == TYPE_PLIST;
}

const struct unpacker plist_unpacker = {.name = "plist", .handles = plist_handles, .run = plist_run};
