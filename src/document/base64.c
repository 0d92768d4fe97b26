/*
 * base64.c: files in text: data URLs in HTML, CSS, JSON, SVG; pictures in base64 without any words in JSON and XML (as
 * backups of messengers have them); PHOTO of vCards; <data> of property lists.
 *
 * What a run of base64 is begins with one of the marks below. It ends with the first character that is none of its
 * letters, once what JSON, URLs and folded lines put between them is taken away.
 */
#include <string.h>
#include <strings.h>

#include "core/base64.h"
#include "document/deliver.h"

enum { TEXT_WINDOW = 256 << 10, TEXT_REACH = 4096, OUT_BYTES = 48 << 10 };

struct text_run {
    struct delivery out;
    struct window window;
    /** Of what is being read: names count from 1. */
    uint64_t number;
    uint8_t bytes[OUT_BYTES];
};

/** How a run of base64 begins. */
enum mark { MARK_NONE, MARK_URL, MARK_BARE, MARK_VCARD, MARK_PLIST };

/** One run of base64 on its way to bytes. */
struct decoding {
    enum mark mark;
    /** Line ends are passed over only where white space follows. */
    bool folded;
    uint64_t at;
    uint32_t bits;
    unsigned letters;
    bool ended;
};

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

static bool is_line_end(uint8_t c)
{
    return c == '\r' || c == '\n';
}

/** Length of what stands for one letter at p, and the letter, -1 where it is nothing, -2 where the run ends here. */
static size_t take_escape(const uint8_t *p, size_t n, int *value)
{
    *value = -1;
    if (p[0] == '\\' && n >= 2) {
        if (p[1] == '/')
            *value = 63;
        if (p[1] == '/' || p[1] == 'n' || p[1] == 'r' || p[1] == 't' || is_line_end(p[1]))
            return 2;
        if (n >= 6 && p[1] == 'u' && !memcmp(p + 2, "00", 2)) {
            *value = !strncasecmp((const char *)p + 4, "2b", 2) ? 62 : !memcmp(p + 4, "2f", 2) ? 63 : -2;
            return 6;
        }
    }
    if (p[0] == '%' && n >= 3) {
        *value = !strncasecmp((const char *)p + 1, "2b", 2)   ? 62
                 : !strncasecmp((const char *)p + 1, "2f", 2) ? 63
                 : p[1] == '0' || !memcmp(p + 1, "20", 2)     ? -1
                                                              : -2;
        return 3;
    }
    if (p[0] == '&' && n >= 5 && (!memcmp(p, "&#10;", 5) || !memcmp(p, "&#13;", 5)))
        return 5;
    *value = -2;
    return 1;
}

/** Blanks and line ends inside of a run. */
static size_t take_space(const struct decoding *run, const uint8_t *p, size_t n, int *value)
{
    size_t i = 0;
    *value = -1;
    while (i < n && is_blank(p[i]))
        i++;
    if (i && run->mark != MARK_PLIST && !run->folded && (i == n || !is_line_end(p[i]))) {
        *value = -2;
        return i;
    }
    size_t blanks = i, lines = 0;
    for (; i < n && (is_line_end(p[i]) || is_blank(p[i])); i++)
        lines += p[i] == '\n';
    if ((run->folded && (i == blanks || i == n || !is_blank(p[i - 1]))) || (lines > 1 && run->mark != MARK_PLIST))
        *value = -2;
    return i;
}

/** Decodes up to `cap` bytes from p on. Returns how many; *used says of how many characters. */
static size_t decode_text(struct decoding *run, const uint8_t *p, size_t n, bool last, uint8_t *to, size_t cap,
                          size_t *used)
{
    size_t i = 0, out = 0;
    while (!run->ended && i < n && out < cap) {
        int value = base64_digit(p[i]);
        size_t length = 1;
        if (value < 0) {
            /* An escape, or a line's end with what follows, must be seen whole. */
            if (!last && n - i < 64)
                break;
            length = is_blank(p[i]) || is_line_end(p[i]) ? take_space(run, p + i, n - i, &value)
                                                         : take_escape(p + i, n - i, &value);
        }
        if (value == -2) {
            run->ended = true;
            break;
        }
        i += length;
        if (value < 0)
            continue;
        run->bits = run->bits << 6 | (uint32_t)value;
        if (run->letters++ % 4)
            to[out++] = (uint8_t)(run->bits >> (6 - 2 * ((run->letters - 1) % 4)));
    }
    *used = i;
    return out;
}

/** The next bytes of a run; 0 at its end. */
static size_t decode_more(struct text_run *text, struct decoding *run, uint8_t *to, size_t cap)
{
    size_t out = 0, used = 1;
    while (!run->ended && !out && used) {
        size_t n;
        const uint8_t *p = window_at(&text->window, run->at, TEXT_REACH, &n);
        if (!p)
            break;
        out = decode_text(run, p, n, run->at + n >= text->out.input->size, to, cap, &used);
        run->at += used;
    }
    return out;
}

/** Decodes and delivers the run. Returns where it ends. */
static uint64_t deliver_run(struct text_run *text, struct decoding run)
{
    char name[DELIVER_NAME] = "";
    struct member member;
    uint64_t begin = run.at, done = 0, holes = text->window.holes;
    struct parcel parcel = {.name = name, .offset = begin};
    size_t n = decode_more(text, &run, text->bytes, OUT_BYTES);
    if (n < 16)
        return run.at;
    name_add(name, "%llu", (unsigned long long)++text->number);
    name_add_ending(name, text->bytes, n);
    parcel.name_len = strlen(name);
    if (!deliver_begin(&text->out, &member, &parcel, UINT64_MAX))
        return text->out.input->size;
    for (; n; n = decode_more(text, &run, text->bytes, OUT_BYTES)) {
        member_data(&member, text->bytes, n, done);
        done += n;
    }
    bool lost = text->window.holes != holes;
    if (lost)
        end_note(text->out.end, TRAWL_IO_ERROR, HOLES_DETAIL);
    member_end(&member, lost ? TRAWL_IO_ERROR : TRAWL_OK, done, lost ? HOLES_DETAIL : NULL);
    return run.at;
}

/** True if the name of a vCard's property, up to `colon`, says that its value is base64. */
static bool is_vcard_base64(const uint8_t *line, const uint8_t *colon)
{
    for (const uint8_t *p = line; p < colon; p++) {
        size_t n = (size_t)(colon - p);
        if (*p != ';')
            continue;
        if ((n >= 7 && !strncasecmp((const char *)p, ";base64", 7)) ||
            (n >= 11 && !strncasecmp((const char *)p, ";encoding=b", 11)))
            return true;
    }
    return false;
}

/** What begins at p, which has n bytes behind it and, where it is not the first, one before; *skip: the mark's length.
 */
static enum mark mark_at(const uint8_t *p, size_t n, bool first, enum file_type type, size_t *skip)
{
    const uint8_t before = first ? '"' : p[-1];
    *skip = 8;
    if (n >= 8 && *p == ';' && !memcmp(p, ";base64,", 8))
        return MARK_URL;
    *skip = 0;
    if ((*p == '/' || *p == '\\' || *p == 'i') && base64_digit(before) < 0 && before != '\\' && before != ',' &&
        ((n >= 4 && !memcmp(p, "/9j/", 4)) || (n >= 6 && !memcmp(p, "\\/9j\\/", 6)) ||
         (n >= 11 && !memcmp(p, "iVBORw0KGgo", 11))))
        return MARK_BARE;
    *skip = 6;
    if (type == TYPE_PLIST && *p == '<' && n >= 6 && !memcmp(p, "<data>", 6))
        return MARK_PLIST;
    if (type != TYPE_VCARD || *p != '\n')
        return MARK_NONE;
    const uint8_t *end = memchr(p + 1, '\n', n - 1), *colon = memchr(p, ':', n);
    if (!colon || (end && end < colon) || !is_vcard_base64(p, colon))
        return MARK_NONE;
    *skip = (size_t)(colon + 1 - p);
    return MARK_VCARD;
}

/** A URL without quotes ends with its line. */
static bool is_quoted(const uint8_t *p, size_t before)
{
    size_t reach = before < 128 ? before : 128;
    for (size_t i = 1; i <= reach; i++)
        if (i >= 5 && !strncasecmp((const char *)p - i, "data:", 5))
            return i < before && p[-(ptrdiff_t)i - 1] && strchr("\"'(`", p[-(ptrdiff_t)i - 1]) != NULL;
    return false;
}

/** Looks through one piece of text. Returns how far it came. */
static uint64_t read_piece(struct text_run *text, uint64_t at, const uint8_t *p, size_t n, size_t keep)
{
    enum file_type type = text->out.input->type;
    for (size_t i = at ? 1 : 0; i < n - keep; i++) {
        size_t skip;
        enum mark mark = mark_at(p + i, n - i, !at && !i, type, &skip);
        if (mark == MARK_NONE)
            continue;
        struct decoding run = {.mark = mark, .at = at + i + skip};
        run.folded = mark == MARK_VCARD || (mark == MARK_URL && !is_quoted(p + i, i));
        uint64_t end = deliver_run(text, run);
        return end > at + i ? end : at + i + 1;
    }
    return at + n - keep;
}

static void read_text(struct text_run *text)
{
    uint64_t size = text->out.input->size, at = 0;
    while (at < size && !text->out.full) {
        size_t n;
        /* One byte before, so that what stands before a mark is known. */
        uint64_t from = at ? at - 1 : 0;
        const uint8_t *p = window_at(&text->window, from, TEXT_REACH, &n);
        if (!p || n <= (size_t)(at - from))
            break;
        size_t keep = from + n < size && n > TEXT_REACH / 2 ? 512 : 0;
        uint64_t next = read_piece(text, from, p, n, keep);
        at = next > at ? next : at + 1;
    }
}

void base64_members(const struct unpack_input *input, struct unpack_sink *sink, struct unpack_end *end)
{
    static struct text_run text;
    memset(&text, 0, offsetof(struct text_run, bytes));
    deliver_init(&text.out, input, sink, end);
    if (!window_init(&text.window, input->fd, input->size, TEXT_WINDOW)) {
        end_memory(end);
        end->missing = UINT64_MAX;
        return;
    }
    read_text(&text);
    if (text.window.error)
        end_note(end, TRAWL_IO_ERROR, "cannot be read at offset %llu", (unsigned long long)text.window.error_at);
    window_free(&text.window);
}

static bool base64_handles(enum file_type type)
{
    return type == TYPE_BASE64 || type == TYPE_VCARD;
}

const struct unpacker base64_unpacker = {.name = "base64", .handles = base64_handles, .run = base64_members};
