/* json_entry.h: one entry of a JSON list, from its fields in any order to its hashes. */
#ifndef MATCH_JSON_ENTRY_H
#define MATCH_JSON_ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "match/list.h"

/** Hashes of one entry under AlternativeHashes; more are passed over, said once. */
#define ALTERNATIVES_MAX 32

/** Keys that mean something. The first ones hold text of an entry; order is json_fields'. */
enum json_field {
    JSON_MD5,
    JSON_SHA1,
    JSON_SHA256,
    JSON_PDQ,
    JSON_PHOTODNA,
    JSON_MEDIA_ID,
    JSON_CATEGORY,
    JSON_SERIES,
    JSON_TAGS,
    JSON_MIME,
    JSON_VICTIM,
    JSON_OFFENDER,
    JSON_DISTRIBUTED,
    JSON_SUSPECTED,
    JSON_SELF_GENERATED,
    JSON_SIGNAL_TYPE,
    JSON_STATUS,
    JSON_STAMP,
    /** Of AlternativeHashes. */
    JSON_HASH_NAME,
    JSON_HASH_VALUE,
    JSON_TEXTS,
    JSON_CONTEXT = JSON_TEXTS,
    JSON_VALUE,
    JSON_MEDIA,
    JSON_RECORDS,
    JSON_HASHES,
    JSON_OTHER
};

struct json_text {
    size_t at, n;
};

struct json_list {
    struct loader *loader;
    /** hashRecords of StopNCII. */
    bool is_records;
    /** Objects with Media of their own were met. */
    bool is_case;
    bool begun;
    /** Region of the context that was in force when the first entry came; the map hangs on it. */
    bool is_uk;
    struct buf context;
    /** Texts of the entry, by field; bit i of `set` says that field i has one. */
    struct buf text;
    struct json_text fields[JSON_TEXTS];
    uint32_t set;
    uint64_t line, ordinal;
    struct {
        enum hash_type type;
        struct json_text value;
    } alternatives[ALTERNATIVES_MAX];
    size_t n_alternatives;
};

enum json_field json_field_of(const uint8_t *key, size_t n);
void json_entry_set(struct json_list *list, enum json_field field, const uint8_t *text, size_t n);
/** An array of entries opens: the map is chosen. */
void json_list_begin(struct json_list *list, bool records);
void json_entry_begin(struct json_list *list, uint64_t line);
void json_hash_begin(struct json_list *list);
void json_hash_end(struct json_list *list);
void json_entry_end(struct json_list *list);
/** Says what the list is, and frees. */
void json_list_end(struct json_list *list);

#endif
