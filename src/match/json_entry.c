#include "match/json_entry.h"

#include <string.h>
#include <strings.h>

#include "match/hex.h"

#define KEY(text, field)                                                                                               \
    {                                                                                                                  \
        text, sizeof(text) - 1, field                                                                                  \
    }
static const struct {
    const char *key;
    size_t n;
    enum json_field field;
} keys[] = {
    KEY("MD5", JSON_MD5),
    KEY("SHA1", JSON_SHA1),
    KEY("SHA256", JSON_SHA256),
    KEY("PDQ", JSON_PDQ),
    KEY("PhotoDNA", JSON_PHOTODNA),
    KEY("MediaID", JSON_MEDIA_ID),
    KEY("Category", JSON_CATEGORY),
    KEY("Series", JSON_SERIES),
    KEY("Tags", JSON_TAGS),
    KEY("MimeType", JSON_MIME),
    KEY("VictimIdentified", JSON_VICTIM),
    KEY("OffenderIdentified", JSON_OFFENDER),
    KEY("IsDistributed", JSON_DISTRIBUTED),
    KEY("IsSuspected", JSON_SUSPECTED),
    KEY("SelfGenerated", JSON_SELF_GENERATED),
    KEY("AlternativeHashes", JSON_HASHES),
    KEY("HashName", JSON_HASH_NAME),
    KEY("HashValue", JSON_HASH_VALUE),
    KEY("@odata.context", JSON_CONTEXT),
    KEY("odata.metadata", JSON_CONTEXT),
    KEY("value", JSON_VALUE),
    KEY("Media", JSON_MEDIA),
    KEY("hashRecords", JSON_RECORDS),
    KEY("signalType", JSON_SIGNAL_TYPE),
    KEY("hashStatus", JSON_STATUS),
    KEY("lastModtimestamp", JSON_STAMP),
};
#undef KEY

enum json_field json_field_of(const uint8_t *key, size_t n)
{
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        if (keys[i].n == n && strncasecmp(keys[i].key, (const char *)key, n) == 0)
            return keys[i].field;
    return JSON_OTHER;
}

static bool has(const struct json_list *list, enum json_field field)
{
    return list->set & 1u << field;
}

static const uint8_t *text_of(const struct json_list *list, enum json_field field)
{
    return list->text.data + list->fields[field].at;
}

/** True if the context names that word, in any case. */
static bool context_has(const struct json_list *list, const char *word)
{
    size_t n = strlen(word);
    for (size_t i = 0; i + n <= list->context.len; i++)
        if (strncasecmp((const char *)list->context.data + i, word, n) == 0)
            return true;
    return false;
}

static void set_context(struct json_list *list, const uint8_t *text, size_t n)
{
    list->context.len = 0;
    buf_put(&list->context, text, n < 512 ? n : 512);
    if (list->begun && !list->is_records && context_has(list, "/UK/") != list->is_uk && !list->loader->map)
        loader_fail(list->loader,
                    "%s: says behind its entries that it is of another region than its map was taken for; say --map "
                    "vics-uk or --map vics-us",
                    list->loader->path);
}

void json_entry_set(struct json_list *list, enum json_field field, const uint8_t *text, size_t n)
{
    if (field == JSON_CONTEXT)
        set_context(list, text, n);
    if (field >= JSON_TEXTS)
        return;
    list->fields[field] = (struct json_text){list->text.len, n};
    list->set |= 1u << field;
    buf_put(&list->text, text, n);
}

void json_list_begin(struct json_list *list, bool records)
{
    if (list->begun)
        return;
    list->begun = true;
    list->is_records = records;
    list->is_uk = context_has(list, "/UK/");
    list->loader->format = records ? "stopncii" : "vics";
    list->loader->may_be_empty = records;
    if (records)
        loader_verdicts(list->loader);
    else
        loader_map(list->loader, list->is_uk ? "vics-uk" : "vics-us");
}

void json_entry_begin(struct json_list *list, uint64_t line)
{
    list->line = line;
    list->ordinal++;
    list->loader->ordinal = list->ordinal;
    list->set = 0;
    list->text.len = 0;
    list->n_alternatives = 0;
}

void json_hash_begin(struct json_list *list)
{
    list->set &= ~(1u << JSON_HASH_NAME | 1u << JSON_HASH_VALUE);
}

void json_hash_end(struct json_list *list)
{
    static const char photodna[] = "photodna";
    if (!has(list, JSON_HASH_NAME) || !has(list, JSON_HASH_VALUE))
        return;
    const struct json_text *name = &list->fields[JSON_HASH_NAME];
    const uint8_t *text = text_of(list, JSON_HASH_NAME);
    enum hash_type type = list_type_from_name(text, name->n);
    if (name->n == sizeof(photodna) - 1 && strncasecmp((const char *)text, photodna, name->n) == 0) {
        list->fields[JSON_PHOTODNA] = list->fields[JSON_HASH_VALUE];
        list->set |= 1u << JSON_PHOTODNA;
    } else if (type != HASH_UNKNOWN && list->n_alternatives == ALTERNATIVES_MAX) {
        loader_bad(list->loader, list->line, "more than %d alternative hashes", ALTERNATIVES_MAX);
    } else if (type != HASH_UNKNOWN) {
        list->alternatives[list->n_alternatives].type = type;
        list->alternatives[list->n_alternatives++].value = list->fields[JSON_HASH_VALUE];
    }
}

static void flag(const struct json_list *list, enum json_field field, enum match_flag yes, unsigned no,
                 struct entry *entry)
{
    int truth = has(list, field) ? text_truth(text_of(list, field), list->fields[field].n) : -1;
    entry->flags |= (uint16_t)(truth > 0 ? yes : truth == 0 ? no : 0);
}

static void take_text(const struct json_list *list, enum json_field field, const uint8_t **text, size_t *n)
{
    if (!has(list, field))
        return;
    *text = text_of(list, field);
    *n = list->fields[field].n;
}

/** MediaID where it is a number, else the number of the entry: both fit where line numbers go. */
static uint64_t entry_number(const struct json_list *list)
{
    const struct json_text *id = &list->fields[JSON_MEDIA_ID];
    uint64_t number = 0;
    if (!has(list, JSON_MEDIA_ID) || !id->n || id->n > 9)
        return list->ordinal;
    for (size_t i = 0; i < id->n; i++) {
        uint8_t c = text_of(list, JSON_MEDIA_ID)[i];
        if (c < '0' || c > '9')
            return list->ordinal;
        number = number * 10 + (uint64_t)(c - '0');
    }
    return number;
}

static void describe(const struct json_list *list, struct entry *entry)
{
    *entry = (struct entry){.line = entry_number(list), .severity = SEVERITY_NONE};
    take_text(list, JSON_CATEGORY, &entry->code, &entry->code_len);
    take_text(list, JSON_SERIES, &entry->series, &entry->series_len);
    take_text(list, JSON_TAGS, &entry->label, &entry->label_len);
    take_text(list, JSON_PHOTODNA, &entry->photodna, &entry->photodna_len);
    flag(list, JSON_VICTIM, MATCH_VICTIM_IDENTIFIED, MATCH_VICTIM_UNIDENTIFIED, entry);
    flag(list, JSON_OFFENDER, MATCH_OFFENDER_IDENTIFIED, MATCH_OFFENDER_UNIDENTIFIED, entry);
    flag(list, JSON_DISTRIBUTED, MATCH_DISTRIBUTED, MATCH_NOT_DISTRIBUTED, entry);
    flag(list, JSON_SUSPECTED, MATCH_SUSPECTED, 0, entry);
    flag(list, JSON_SELF_GENERATED, MATCH_SELF_GENERATED, 0, entry);
    if (has(list, JSON_MIME) && list->fields[JSON_MIME].n > 6 &&
        strncasecmp((const char *)text_of(list, JSON_MIME), "video/", 6) == 0)
        entry->flags |= MATCH_VIDEO;
}

static void add(struct json_list *list, enum hash_type type, const struct json_text *value,
                const struct posting *posting)
{
    uint8_t digest[32];
    const uint8_t *text = list->text.data + value->at;
    if (type == HASH_VPDQ) {
        loader_add_video(list->loader, list->line, text, value->n, posting);
        return;
    }
    if (!value->n || !loader_decode(list->loader, list->line, type, text, value->n, digest))
        return;
    loader_add(list->loader, type, digest, posting);
    if (type == HASH_PDQ && pdq_is_weak(digest))
        loader_weak(list->loader);
}

static void media_end(struct json_list *list)
{
    static const struct {
        enum hash_type type;
        enum json_field field;
    } fields[] = {{HASH_MD5, JSON_MD5}, {HASH_SHA1, JSON_SHA1}, {HASH_SHA256, JSON_SHA256}, {HASH_PDQ, JSON_PDQ}};
    static const size_t n_fields = sizeof(fields) / sizeof(fields[0]);
    struct entry entry;
    struct posting posting;
    bool any = list->n_alternatives > 0;
    for (size_t i = 0; i < n_fields; i++)
        any = any || (has(list, fields[i].field) && list->fields[fields[i].field].n);
    list->loader->photodna += has(list, JSON_PHOTODNA) && list->fields[JSON_PHOTODNA].n;
    if (!any) {
        loader_bad(list->loader, list->line,
                   has(list, JSON_PHOTODNA) ? "only a PhotoDNA, which trawl does not compute" : "no hash in it");
        return;
    }
    describe(list, &entry);
    if (!loader_posting(list->loader, &entry, &posting))
        return;
    for (size_t i = 0; i < n_fields; i++)
        if (has(list, fields[i].field))
            add(list, fields[i].type, &list->fields[fields[i].field], &posting);
    for (size_t i = 0; i < list->n_alternatives; i++)
        add(list, list->alternatives[i].type, &list->alternatives[i].value, &posting);
}

static bool text_is(const struct json_list *list, enum json_field field, const char *word)
{
    return has(list, field) && strlen(word) == list->fields[field].n &&
           strncasecmp(word, (const char *)text_of(list, field), list->fields[field].n) == 0;
}

static int64_t stamp_of(const struct json_list *list)
{
    int64_t stamp = 0;
    for (size_t i = 0; has(list, JSON_STAMP) && i < list->fields[JSON_STAMP].n && i < 18; i++) {
        uint8_t c = text_of(list, JSON_STAMP)[i];
        if (c < '0' || c > '9')
            return 0;
        stamp = stamp * 10 + (c - '0');
    }
    return stamp;
}

/** One hash, its status, and since when. */
static void record_end(struct json_list *list)
{
    struct loader *loader = list->loader;
    struct revision said = {.list = loader->list, .entry = (uint32_t)list->ordinal, .stamp = stamp_of(list)};
    struct entry entry = {.line = list->ordinal, .severity = SEVERITY_NONE};
    struct posting posting;
    uint8_t key[40] = "stopncii";
    bool in_force;
    const struct json_text *value = &list->fields[JSON_HASH_VALUE];
    enum hash_type type = has(list, JSON_SIGNAL_TYPE)
                              ? list_type_from_name(text_of(list, JSON_SIGNAL_TYPE), list->fields[JSON_SIGNAL_TYPE].n)
                              : HASH_UNKNOWN;
    if (type == HASH_UNKNOWN || !has(list, JSON_HASH_VALUE)) {
        loader_bad(loader, list->line,
                   has(list, JSON_HASH_VALUE) ? "a type of signal that is not known here: \"%s\"" : "no hash in it%s",
                   has(list, JSON_HASH_VALUE) && has(list, JSON_SIGNAL_TYPE)
                       ? loader_quote(loader, text_of(list, JSON_SIGNAL_TYPE), list->fields[JSON_SIGNAL_TYPE].n)
                       : "");
        return;
    }
    if (!loader_decode(loader, list->line, type, list->text.data + value->at, value->n, key + 8))
        return;
    said.withdrawn = text_is(list, JSON_STATUS, "Withdrawn") || text_is(list, JSON_STATUS, "Deleted");
    revisions_say(&loader->builder->revisions, key, 8 + hash_type_bytes(type), &said, &in_force);
    loader->withdrawn += said.withdrawn || !in_force;
    take_text(list, JSON_STATUS, &entry.label, &entry.label_len);
    if (said.withdrawn || !in_force || !loader_posting(loader, &entry, &posting))
        return;
    loader_add(loader, type, key + 8, &posting);
    if (type == HASH_PDQ && pdq_is_weak(key + 8))
        loader_weak(loader);
}

void json_entry_end(struct json_list *list)
{
    if (list->is_records)
        record_end(list);
    else
        media_end(list);
    list->loader->ordinal = 0;
}

/** The version in a context: behind "DataModels/", as in "…/DataModels/2.0.xml/US/$metadata#Media". */
static void describe_context(struct json_list *list, struct buf *out)
{
    static const char before[] = "datamodels/";
    const char *text = buf_str(&list->context), *at = strcasestr(text, before);
    if (!at)
        return;
    at += sizeof(before) - 1;
    size_t version = strcspn(at, "/#"), dot = version > 4 && strncasecmp(at + version - 4, ".xml", 4) == 0 ? 4 : 0;
    buf_byte(out, ' ');
    buf_put(out, at, version - dot);
    buf_puts(out, list->is_case ? " case" : " hash set");
    at += version + (at[version] == '/');
    size_t region = at[-1] == '/' ? strcspn(at, "/#") : 0;
    if (region && at[0] != '$') {
        buf_puts(out, ", region ");
        buf_put(out, at, region);
    }
}

void json_list_end(struct json_list *list)
{
    struct loader *loader = list->loader;
    loader->ordinal = 0;
    if (!list->begun)
        loader_fail(loader, "%s: is JSON without value, Media or hashRecords: no list that is known here",
                    loader->path);
    buf_puts(&loader->source, list->is_records ? "StopNCII" : "VICS");
    if (!list->is_records)
        describe_context(list, &loader->source);
    buf_free(&list->context);
    buf_free(&list->text);
}
