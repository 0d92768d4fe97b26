/* list_lines.c: lists of one hash a line: plain, typed, or as md5sum and its kin write them. */
#include <string.h>
#include <strings.h>

#include "match/hash_line.h"
#include "match/list.h"
#include "match/video_signal.h"

static bool recognise(const uint8_t *head, size_t n)
{
    (void)head;
    (void)n;
    return true;
}

/** The escapes of md5sum: \\ \n \r. Anything else stays. */
static size_t unescape(const uint8_t *text, size_t n, struct buf *out)
{
    out->len = 0;
    for (size_t i = 0; i < n; i++) {
        uint8_t c = text[i], next = i + 1 < n ? text[i + 1] : 0;
        bool escape = c == '\\' && (next == '\\' || next == 'n' || next == 'r');
        buf_byte(out, !escape ? c : next == 'n' ? '\n' : next == 'r' ? '\r' : '\\');
        i += escape;
    }
    return out->len;
}

/** HASH_UNKNOWN: the row is bad (said), or the list failed. */
static enum hash_type type_of(struct loader *loader, const struct hash_line *line, uint64_t number)
{
    if (line->type != HASH_UNKNOWN)
        return line->type;
    bool told = hash_type_bytes(loader->bare) == 32;
    if (line->digits == 64 && line->hint != HASH_UNKNOWN && !told)
        return line->hint;
    return loader_bare_type(loader, number, line->digits);
}

/** What python-threatexchange prints of a data set: `TYPE HEX 'COLLAB' CATEGORY TAGS`. The category is a code. */
static void take_tx(struct loader *loader, struct entry *entry, struct buf *label)
{
    const uint8_t *text = entry->label, *end = text + entry->label_len;
    const uint8_t *quote =
        entry->label_len > 2 && *text == '\'' ? memchr(text + 1, '\'', (size_t)(end - text - 1)) : NULL;
    if (!quote || end - quote < 3 || quote[1] != ' ')
        return;
    const uint8_t *code = quote + 2, *behind = memchr(code, ' ', (size_t)(end - code));
    size_t n = (size_t)((behind ? behind : end) - code);
    if (!category_map_code(category_map_find("tx"), code, n))
        return;
    if (!loader->codes.map) {
        loader->format = "tx";
        loader_map(loader, "tx");
    }
    entry->code = code;
    entry->code_len = n;
    label->len = 0;
    buf_put(label, text + 1, (size_t)(quote - text - 1));
    if (behind) {
        buf_puts(label, ", ");
        buf_put(label, behind + 1, (size_t)(end - behind - 1));
    }
    entry->label = label->data;
    entry->label_len = label->len;
}

static void add_line(struct loader *loader, const struct hash_line *line, uint64_t number, struct buf *unescaped)
{
    uint8_t digest[32];
    struct posting posting;
    struct entry entry = {
        .line = number, .label = line->label, .label_len = line->label_len, .severity = SEVERITY_NONE};
    enum hash_type type = type_of(loader, line, number);
    if (type == HASH_UNKNOWN || !loader_decode(loader, number, type, line->hex, line->digits, digest))
        return;
    if (type == HASH_PDQ && line->quality >= 0) {
        entry.label = line->path;
        entry.label_len = line->path_len;
    }
    if (line->escaped) {
        entry.label_len = unescape(entry.label, entry.label_len, unescaped);
        entry.label = unescaped->data;
    }
    if (line->type != HASH_UNKNOWN && !line->escaped)
        take_tx(loader, &entry, unescaped);
    if (!loader_posting(loader, &entry, &posting))
        return;
    loader_add(loader, type, digest, &posting);
    if (type == HASH_PDQ && (pdq_is_weak(digest) || (line->quality >= 0 && line->quality < WEAK_QUALITY)))
        loader_weak(loader);
}

/** `vpdq [...]`, or the array alone where --type says that it is one. True: the row was one, good or bad. */
static bool add_video(struct loader *loader, const struct row *row)
{
    static const char word[] = "vpdq";
    const uint8_t *text = row->text;
    size_t n = row->n;
    struct posting posting;
    struct entry entry = {.line = row->line, .severity = SEVERITY_NONE};
    if (n > sizeof(word) && strncasecmp((const char *)text, word, sizeof(word) - 1) == 0) {
        text += sizeof(word) - 1;
        n -= sizeof(word) - 1;
    } else if (loader->bare != HASH_VPDQ) {
        return false;
    }
    if (!video_signal_begins(text, n))
        return false;
    if (loader_posting(loader, &entry, &posting))
        loader_add_video(loader, row->line, text, n, &posting);
    return true;
}

static void load(struct loader *loader)
{
    struct buf unescaped = {0};
    struct row row;
    while (!loader_failed(loader) && rows_next(&loader->rows, &row)) {
        struct hash_line line;
        const char *why = "";
        if (row.too_long) {
            loader_bad(loader, row.line, "longer than %zu bytes", loader->rows.max);
            continue;
        }
        if (add_video(loader, &row))
            continue;
        enum line_kind kind = hash_line_parse(row.text, row.n, &line, &why);
        if (kind == LINE_BAD)
            loader_bad(loader, row.line, "%s: \"%s\"", why, loader_quote(loader, row.text, row.n));
        else if (kind == LINE_HASH)
            add_line(loader, &line, row.line, &unescaped);
    }
    buf_free(&unescaped);
}

const struct list_format list_format_lines = {"lines", recognise, load};
