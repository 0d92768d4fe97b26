#include "match/list.h"

#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include "core/escape.h"
#include "match/hex.h"
#include "match/video_signal.h"

const struct list_format *const list_formats[] = {&list_format_vpdq,
                                                  &list_format_hashdeep,
                                                  &list_format_hfind,
                                                  &list_format_encase,
                                                  &list_format_sqlite,
                                                  &list_format_json,
                                                  &list_format_xml,
                                                  &list_format_foreign,
                                                  &list_format_csv,
                                                  &list_format_lines,
                                                  NULL};

void loader_fail(struct loader *loader, const char *format, ...)
{
    if (loader_failed(loader))
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(loader->why, loader->why_size, format, args);
    va_end(args);
}

bool loader_failed(const struct loader *loader)
{
    return loader->why[0];
}

void loader_bad(struct loader *loader, uint64_t line, const char *format, ...)
{
    uint64_t row = loader->ordinal ? loader->ordinal : line;
    bool again = loader->bad && loader->bad_line == row;
    loader->bad_line = row;
    if (again || loader->bad++ >= BAD_ROWS_SHOWN || !loader->log)
        return;
    va_list args;
    va_start(args, format);
    fprintf(loader->log, "%s:%llu: ", loader->path, (unsigned long long)line);
    if (loader->ordinal)
        fprintf(loader->log, "entry %llu: ", (unsigned long long)loader->ordinal);
    vfprintf(loader->log, format, args);
    fputc('\n', loader->log);
    va_end(args);
}

void loader_note(struct loader *loader, const char *format, ...)
{
    if (!loader->log)
        return;
    va_list args;
    va_start(args, format);
    fprintf(loader->log, "%s: ", loader->path);
    vfprintf(loader->log, format, args);
    fputc('\n', loader->log);
    va_end(args);
}

const char *loader_quote(struct loader *loader, const uint8_t *text, size_t n)
{
    loader->scratch.len = 0;
    escape_text(&loader->scratch, text, n < 40 ? n : 40);
    if (n > 40)
        buf_puts(&loader->scratch, "...");
    return buf_str(&loader->scratch);
}

const char *loader_words(struct loader *loader, const char *words)
{
    size_t n = strcspn(words, "\n");
    loader->scratch.len = 0;
    escape_text(&loader->scratch, words, n < 160 ? n : 160);
    return buf_str(&loader->scratch);
}

void loader_map(struct loader *loader, const char *builtin)
{
    const struct category_map *map = loader->map ? loader->map : builtin ? category_map_find(builtin) : NULL;
    if (map)
        codes_init(&loader->codes, map, &loader->builder->strings);
}

void loader_verdicts(struct loader *loader)
{
    loader->builder->lists[loader->list].flags |= LIST_HAS_VERDICTS;
    if (!loader->verdict)
        loader->verdict = loader->rows.line;
}

/** Offset of a text in the strings. */
static uint32_t intern(struct loader *loader, const uint8_t *text, size_t n)
{
    if (!n)
        return 0;
    loader->scratch.len = 0;
    escape_text(&loader->scratch, text, n);
    return strings_intern(&loader->builder->strings, loader->scratch.data, loader->scratch.len);
}

/** "1 child abuse material, LABEL" */
static uint32_t category(struct loader *loader, const struct entry *entry, const struct code_row *row)
{
    if (!row || !entry->label_len)
        return row ? row->category : intern(loader, entry->label, entry->label_len);
    loader->scratch.len = 0;
    buf_puts(&loader->scratch, (const char *)loader->builder->strings.bytes.data + row->category);
    buf_puts(&loader->scratch, ", ");
    escape_text(&loader->scratch, entry->label, entry->label_len);
    return strings_intern(&loader->builder->strings, loader->scratch.data, loader->scratch.len);
}

static uint32_t new_label(struct loader *loader, const struct entry *entry, const struct code_row *row)
{
    struct label label = {.category = category(loader, entry, row),
                          .code = row ? row->code : 0,
                          .series = intern(loader, entry->series, entry->series_len),
                          .flags = entry->flags | (row ? row->flags : 0u)};
    if (label.category == STRING_NONE || label.series == STRING_NONE)
        return STRING_NONE;
    return labels_number(&loader->builder->labels, &label);
}

/** The number of an entry's label. */
static uint32_t label_number(struct loader *loader, const struct entry *entry, size_t row)
{
    struct buf *key = &loader->this_label, *last = &loader->last_label;
    uint64_t head[3] = {row, entry->flags, entry->series_len};
    key->len = 0;
    buf_put(key, head, sizeof(head));
    buf_put(key, entry->series, entry->series_len);
    buf_put(key, entry->label, entry->label_len);
    if (last->len == key->len && memcmp(last->data, key->data, key->len) == 0)
        return loader->last_number;
    struct buf swap = *last;
    *last = *key;
    *key = swap;
    loader->last_number = new_label(loader, entry, row < loader->codes.n ? &loader->codes.rows[row] : NULL);
    return loader->last_number;
}

static uint32_t entry_name(struct loader *loader, const struct entry *entry)
{
    if (!(loader->builder->lists[loader->list].flags & LIST_HAS_IDS))
        return entry->line < UINT32_MAX ? (uint32_t)entry->line : UINT32_MAX;
    loader->scratch.len = 0;
    if (entry->id_len)
        escape_text(&loader->scratch, entry->id, entry->id_len);
    else
        buf_printf(&loader->scratch, "%llu", (unsigned long long)entry->line);
    return strings_add(&loader->builder->strings, loader->scratch.data, loader->scratch.len);
}

/** Lists of known files have nobody to carry it to. */
static void carry_photodna(struct loader *loader, const struct entry *entry, const struct posting *posting)
{
    uint8_t value[PHOTODNA_BYTES];
    if (!entry->photodna_len || loader->known)
        return;
    if (photodna_decode(entry->photodna, entry->photodna_len, value))
        photodna_add(&loader->builder->photodna, loader->list, posting->entry, value);
    else
        loader->bad_photodna++;
}

bool loader_posting(struct loader *loader, const struct entry *entry, struct posting *posting)
{
    uint8_t severity = entry->severity;
    size_t row = SIZE_MAX;
    bool verdict = severity < SEVERITY_NONE;
    if (entry->code_len && loader->codes.map) {
        row = codes_row(&loader->codes, entry->code, entry->code_len, &loader->builder->strings);
        struct code_row *code = &loader->codes.rows[row];
        code->entries++;
        severity = verdict ? severity : code->severity;
        verdict = verdict || !(code->flags & MATCH_NOT_PERTINENT);
    }
    if (verdict)
        loader_verdicts(loader);
    posting->entry = entry_name(loader, entry);
    posting->label = label_number(loader, entry, row);
    posting->origin = loader->list << 4 | severity;
    carry_photodna(loader, entry, posting);
    if (posting->entry != UINT32_MAX && posting->label != STRING_NONE)
        return true;
    loader_fail(loader, "%s: more than 4 GiB of labels and IDs, or 2^32 lines; split the list", loader->path);
    return false;
}

void loader_add(struct loader *loader, enum hash_type type, const uint8_t *digest, const struct posting *posting)
{
    if (builder_add(loader->builder, type, digest, posting))
        loader->good++;
    else
        loader_fail(loader, "%s: more than 2^32 hashes of one type", loader->path);
}

/** One video on its way into the list. */
struct video_rows {
    struct loader *loader;
    const struct posting *posting;
    uint64_t good, weak;
    /** False: only looked at. */
    bool add;
};

static void add_frame(void *context, const struct video_frame *frame)
{
    struct video_rows *rows = context;
    bool good = frame->quality >= WEAK_QUALITY;
    rows->good += good;
    rows->weak += !good;
    if (good && rows->add && !loader_failed(rows->loader))
        loader_add(rows->loader, HASH_VPDQ, frame->pdq, rows->posting);
}

bool loader_add_video(struct loader *loader, uint64_t line, const uint8_t *text, size_t n,
                      const struct posting *posting)
{
    struct video_rows rows = {.loader = loader, .posting = posting};
    /* Half a video is no entry: all of it is read before any of it is added. */
    bool whole = video_signal_parse(text, n, add_frame, &rows);
    if (!whole)
        loader_bad(loader, line, "no frames of a video: \"%s\"", loader_quote(loader, text, n));
    else if (!rows.good)
        loader_bad(loader, line, "a video without a frame of quality %d or more", WEAK_QUALITY);
    rows.add = true;
    if (whole && rows.good)
        video_signal_parse(text, n, add_frame, &rows);
    return whole && rows.good;
}

void loader_weak(struct loader *loader)
{
    loader->builder->lists[loader->list].weak++;
}

enum hash_type loader_bare_type(struct loader *loader, uint64_t line, size_t digits)
{
    size_t wanted = 2 * hash_type_bytes(loader->bare);
    bool possible = digits == 32 || digits == 40 || digits == 64;
    if (!loader->bare_seen && wanted && possible) {
        loader->bare_by_length = digits != wanted;
        if (loader->bare_by_length)
            loader_note(loader,
                        "its bare hashes have %zu digits: not what --type %s is meant for; their length tells the type",
                        digits, hash_type_name(loader->bare));
    }
    loader->bare_seen = loader->bare_seen || possible;
    if (wanted == digits)
        return loader->bare;
    if (wanted && !loader->bare_by_length) {
        loader_bad(loader, line, "%zu hex digits, but %s (--type) has %zu", digits, hash_type_name(loader->bare),
                   wanted);
        return HASH_UNKNOWN;
    }
    enum hash_type type = list_type_from_digits(digits);
    if (type == HASH_UNKNOWN && digits == 64)
        loader_fail(loader, "%s:%llu: 64 digits without a type may be SHA-256 or PDQ; say --type sha256 or --type pdq",
                    loader->path, (unsigned long long)line);
    else if (type == HASH_UNKNOWN)
        loader_bad(loader, line, "%zu hex digits: no hash that is known here has so many", digits);
    return type;
}

bool loader_decode(struct loader *loader, uint64_t line, enum hash_type type, const uint8_t *text, size_t n,
                   uint8_t digest[32])
{
    size_t bytes = hash_type_bytes(type);
    if (n == 2 * bytes && hex_decode(text, digest, bytes))
        return true;
    if (hex_span(text, n) == n)
        loader_bad(loader, line, "%s has %zu hex digits, not %zu", hash_type_name(type), 2 * bytes, n);
    else
        loader_bad(loader, line, "no %s: \"%s\"", hash_type_name(type), loader_quote(loader, text, n));
    return false;
}

enum hash_type list_type_from_name(const uint8_t *name, size_t n)
{
    static const struct {
        const char *name;
        enum hash_type type;
    } aliases[] = {
        {"video_md5", HASH_MD5},      {"sha2-256", HASH_SHA256}, {"hash_md5", HASH_MD5}, {"hash_sha1", HASH_SHA1},
        {"hash_sha256", HASH_SHA256}, {"hash_pdq", HASH_PDQ},    {"imagepdq", HASH_PDQ},
    };
    enum hash_type type = hash_type_from_name((const char *)name, n);
    for (size_t i = 0; type == HASH_UNKNOWN && i < sizeof(aliases) / sizeof(aliases[0]); i++)
        if (strlen(aliases[i].name) == n && strncasecmp(aliases[i].name, (const char *)name, n) == 0)
            type = aliases[i].type;
    return type;
}

enum hash_type list_type_from_digits(size_t digits)
{
    return digits == 32 ? HASH_MD5 : digits == 40 ? HASH_SHA1 : HASH_UNKNOWN;
}

bool pdq_is_weak(const uint8_t pdq[PDQ_BYTES])
{
    int bits = 0;
    for (int i = 0; i < PDQ_BYTES; i++)
        bits += __builtin_popcount(pdq[i]);
    return bits < 96 || bits > 160;
}
