/*
 * rtf.c: pictures and objects in rich text.
 *
 * A flat look at groups, control words and hexadecimal digits: what stands in a group that began with \pict is a
 * picture, in one that began with \objdata an object. Everything else is passed over.
 */
#include <stdlib.h>
#include <string.h>

#include "document/deliver.h"
#include "document/ole1.h"

enum { RTF_WINDOW = 256 << 10, RTF_DEPTH = 4096, RTF_WORD = 32, RTF_OBJECT_MAX = 256 << 20 };

/** What the digits of a group are. */
enum rtf_kind { RTF_TEXT, RTF_PICTURE, RTF_OBJECT };

struct rtf {
    struct delivery out;
    struct window window;
    uint64_t at;
    /** The bytes read ahead. */
    const uint8_t *p;
    size_t n;
    /** Depth of groups; where the picture or object began, 0 outside of one. */
    uint64_t depth, inside;
    enum rtf_kind kind;
    const char *ending;
    uint64_t begin, number;
    /** What was collected of it. */
    uint8_t *bytes;
    size_t filled, room;
    bool half, cut;
    uint8_t nibble;
};

/** The next byte, or -1. */
static int rtf_byte(struct rtf *rtf)
{
    if (!rtf->n) {
        rtf->p = window_at(&rtf->window, rtf->at, 1, &rtf->n);
        if (!rtf->p)
            return -1;
    }
    rtf->at++;
    rtf->n--;
    return *rtf->p++;
}

static void rtf_back(struct rtf *rtf)
{
    rtf->at--;
    rtf->n++;
    rtf->p--;
}

static void collect(struct rtf *rtf, uint8_t byte)
{
    if (rtf->filled == rtf->room) {
        size_t room = rtf->room ? 2 * rtf->room : 64 << 10;
        uint8_t *more = room <= RTF_OBJECT_MAX ? realloc(rtf->bytes, room) : NULL;
        if (!more) {
            rtf->cut = true;
            return;
        }
        rtf->bytes = more;
        rtf->room = room;
    }
    rtf->bytes[rtf->filled++] = byte;
}

static void collect_digit(struct rtf *rtf, int c)
{
    int value = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
    if (value < 0)
        return;
    if (rtf->half)
        collect(rtf, (uint8_t)(rtf->nibble << 4 | value));
    rtf->nibble = (uint8_t)value;
    rtf->half = !rtf->half;
}

/** A picture or object is complete. */
static void finish(struct rtf *rtf)
{
    char name[DELIVER_NAME] = "";
    struct ole1 object = {rtf->bytes, rtf->filled, NULL, 0};
    if (rtf->kind == RTF_OBJECT && ole1_open(rtf->bytes, rtf->filled, &object) && object.name_len)
        name_add(name, "%.*s", (int)(object.name_len < 256 ? object.name_len : 256), object.name);
    else if (rtf->filled) {
        name_add(name, "%s%llu", rtf->kind == RTF_OBJECT ? "object" : "picture", (unsigned long long)++rtf->number);
        if (rtf->ending && sniff(object.p, object.n, object.n) == TYPE_OTHER)
            name_add(name, ".%s", rtf->ending);
        else
            name_add_ending(name, object.p, object.n);
    }
    struct parcel parcel = {.name = name,
                            .name_len = strlen(name),
                            .offset = rtf->begin,
                            .bytes = object.p,
                            .n = object.n,
                            .status = rtf->cut ? TRAWL_DAMAGED : TRAWL_OK,
                            .detail = rtf->cut ? "too large to be collected whole" : NULL};
    if (rtf->filled)
        deliver(&rtf->out, &parcel);
    rtf->inside = 0;
    rtf->kind = RTF_TEXT;
    rtf->filled = 0;
    rtf->cut = rtf->half = false;
    rtf->ending = NULL;
}

static void start(struct rtf *rtf, enum rtf_kind kind)
{
    if (rtf->inside)
        return;
    rtf->inside = rtf->depth;
    rtf->kind = kind;
    rtf->begin = rtf->at;
    rtf->filled = 0;
    rtf->half = false;
}

/** \binN: N bytes as they are. */
static void take_binary(struct rtf *rtf, uint64_t n)
{
    int c;
    for (; n && (c = rtf_byte(rtf)) >= 0; n--)
        if (rtf->inside)
            collect(rtf, (uint8_t)c);
}

static void take_word(struct rtf *rtf, const char *word, uint64_t parameter)
{
    static const struct {
        const char *word, *ending;
    } endings[] = {{"jpegblip", "jpg"}, {"pngblip", "png"},   {"emfblip", "emf"},
                   {"macpict", "pict"}, {"wmetafile", "wmf"}, {"dibitmap", "dib"}};
    if (!strcmp(word, "pict"))
        start(rtf, RTF_PICTURE);
    else if (!strcmp(word, "objdata"))
        start(rtf, RTF_OBJECT);
    else if (!strcmp(word, "bin"))
        take_binary(rtf, parameter);
    for (size_t i = 0; rtf->kind == RTF_PICTURE && i < sizeof(endings) / sizeof(*endings); i++)
        if (!strcmp(word, endings[i].word))
            rtf->ending = endings[i].ending;
}

/** What follows a backslash. */
static void take_control(struct rtf *rtf)
{
    char word[RTF_WORD + 1];
    size_t n = 0;
    uint64_t parameter = 0;
    int c = rtf_byte(rtf);
    while (c >= 0 && ((c | 32) >= 'a' && (c | 32) <= 'z')) {
        if (n < RTF_WORD)
            word[n++] = (char)c;
        c = rtf_byte(rtf);
    }
    if (!n) {
        /* A sign; \'hh has two digits behind it that are no bytes of a picture. */
        if (c == '\'' && rtf_byte(rtf) >= 0)
            rtf_byte(rtf);
        return;
    }
    word[n] = '\0';
    bool negative = c == '-';
    if (negative)
        c = rtf_byte(rtf);
    for (; c >= '0' && c <= '9'; c = rtf_byte(rtf))
        parameter = parameter < UINT64_MAX / 16 ? parameter * 10 + (uint64_t)(c - '0') : parameter;
    if (c >= 0 && c != ' ')
        rtf_back(rtf);
    take_word(rtf, word, negative ? 0 : parameter);
}

static void read_rtf(struct rtf *rtf)
{
    int c;
    while (!rtf->out.full && (c = rtf_byte(rtf)) >= 0) {
        if (c == '{') {
            rtf->depth++;
        } else if (c == '}') {
            if (rtf->inside && rtf->depth == rtf->inside)
                finish(rtf);
            rtf->depth -= rtf->depth != 0;
        } else if (c == '\\') {
            take_control(rtf);
        } else if (rtf->inside && rtf->depth == rtf->inside) {
            collect_digit(rtf, c);
        }
    }
    if (rtf->inside) {
        end_note(rtf->out.end, TRAWL_DAMAGED, "it ends inside of a picture or object");
        finish(rtf);
    }
}

static void rtf_run(const struct unpack_input *input, struct unpack_sink *sink, struct unpack_end *end)
{
    struct rtf rtf = {0};
    deliver_init(&rtf.out, input, sink, end);
    if (!window_init(&rtf.window, input->fd, input->size, RTF_WINDOW)) {
        end_memory(end);
        end->missing = UINT64_MAX;
        return;
    }
    read_rtf(&rtf);
    if (rtf.window.error)
        end_note(end, TRAWL_IO_ERROR, "cannot be read at offset %llu", (unsigned long long)rtf.window.error_at);
    else if (rtf.window.holes)
        end_note(end, TRAWL_IO_ERROR, HOLES_DETAIL);
    window_free(&rtf.window);
    free(rtf.bytes);
}

static bool rtf_handles(enum file_type type)
{
    return type == TYPE_RTF;
}

const struct unpacker rtf_unpacker = {.name = "rtf", .handles = rtf_handles, .run = rtf_run};
