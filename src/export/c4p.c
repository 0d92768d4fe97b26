/*
 * C4P/C4All XML, version 2.0: one Image or Movie for each place. UTF-16LE with a byte order mark and CRLF, as its
 * readers want it. No files are exported beside it: `path` says where they would be. Times are FILETIME, 0 where
 * unknown; physicalLocation is a sector of 512 bytes.
 */
#include "export/export.h"

#include "core/escape.h"
#include "export/words.h"

static void put_unit(struct buf *out, uint32_t unit)
{
    buf_byte(out, (uint8_t)unit);
    buf_byte(out, (uint8_t)(unit >> 8));
}

/** Well-formed UTF-8 as UTF-16LE, newlines as CRLF. */
static void put_utf16(struct buf *out, const struct buf *text)
{
    for (size_t i = 0; i < text->len;) {
        const uint8_t *p = text->data + i;
        size_t n = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
        uint32_t cp = n == 1 ? p[0] : p[0] & (0x7fu >> n);
        for (size_t k = 1; k < n; k++)
            cp = cp << 6 | (p[k] & 0x3f);
        if (cp == '\n')
            put_unit(out, '\r');
        if (cp < 0x10000) {
            put_unit(out, cp);
        } else {
            put_unit(out, 0xd800 + ((cp - 0x10000) >> 10));
            put_unit(out, 0xdc00 + ((cp - 0x10000) & 0x3ff));
        }
        i += n;
    }
}

static void c4p_begin(const struct report *report, struct buf *out)
{
    struct buf text = {0};
    buf_put(out, "\xff\xfe", 2);
    buf_puts(&text,
             "<?xml version=\"1.0\" encoding=\"utf-16\"?>\n<ReportIndex version=\"2.0\" source=\"trawl\" dll=\"trawl ");
    text_xml(&text, report->info->version);
    buf_puts(&text, "\">\n");
    put_utf16(out, &text);
    buf_free(&text);
}

/** A display form inside CDATA: its own end is the one thing that must not be in it. */
static void cdata(struct buf *out, const char *name, const uint8_t *text, size_t n)
{
    buf_printf(out, "<%s><![CDATA[", name);
    for (size_t i = 0; i < n; i++) {
        if (i >= 2 && text[i] == '>' && text[i - 1] == ']' && text[i - 2] == ']')
            buf_puts(out, "]]><![CDATA[");
        buf_byte(out, text[i]);
    }
    buf_printf(out, "]]></%s>\n", name);
}

static void number(struct buf *out, const char *name, uint64_t v)
{
    buf_printf(out, "<%s>%llu</%s>\n", name, (unsigned long long)v, name);
}

/** In 100 ns since 1601. */
static uint64_t filetime(int64_t ns)
{
    const int64_t epoch = INT64_C(116444736000000000);
    return ns == ORIGIN_NO_TIME || ns / 100 < -epoch ? 0 : (uint64_t)(ns / 100 + epoch);
}

static void times(struct buf *out, const struct place_facts *facts)
{
    number(out, "created", filetime(place_time(facts, ORIGIN_CREATED)));
    number(out, "accessed", filetime(place_time(facts, ORIGIN_ACCESSED)));
    number(out, "written", filetime(place_time(facts, ORIGIN_WRITTEN)));
    number(out, "deleted", 0); /* when it was is not known; that it was is told in the description */
}

static void names(struct buf *out, const struct finding *finding, bool movie)
{
    struct buf md5 = {0};
    if (finding->head.has_digests)
        buf_hex_upper(&md5, finding->head.digests.md5, sizeof(finding->head.digests.md5));
    const char *hash = buf_str(&md5), *element = movie ? "movie" : "picture";
    if (md5.len)
        buf_printf(out, "<path><![CDATA[Files\\%.2s\\%.2s\\]]></path>\n", hash, hash + 2);
    else
        buf_puts(out, "<path></path>\n");
    buf_printf(out, "<%s>%s</%s>\n<category>0</category>\n", element, hash, element);
    buf_free(&md5);
}

static void description(struct buf *out, const struct finding *finding, const struct place_facts *facts)
{
    struct buf words = {0};
    match_words(&finding->head.matches.items[0], &words);
    buf_printf(out, "<myDescription>trawl finding %llu: ", (unsigned long long)finding->rank);
    escape_html(out, (const char *)words.data, words.len);
    buf_printf(out, "%s%s</myDescription>\n", facts->deleted ? "; deleted" : "", facts->carved ? "; carved" : "");
    buf_free(&words);
}

static void write_item(const struct finding *finding, uint64_t place, const struct where *where, struct buf *out)
{
    const struct item *head = &finding->head;
    struct place_facts facts = place_facts(where);
    struct buf path = {0};
    bool movie = type_class(head->type) == CLASS_VIDEO;
    buf_puts(out, movie ? "<Movie>\n" : "<Image>\n");
    names(out, finding, movie);
    number(out, "id", finding->places_before + place);
    number(out, "fileoffset", 0);
    where_path(where, &path);
    cdata(out, "fullpath", path.data, path.len);
    times(out, &facts);
    buf_puts(out, "<hash>");
    if (head->has_digests)
        buf_hex_upper(out, head->digests.md5, sizeof(head->digests.md5));
    buf_puts(out, "</hash>\n<encaseHash>0</encaseHash>\n");
    description(out, finding, &facts);
    number(out, "physicalLocation", facts.offset == WHERE_UNKNOWN ? 0 : facts.offset / 512);
    buf_puts(out, "<myUnique>0</myUnique>\n<tagged>0</tagged>\n<subCat></subCat>\n<notes></notes>\n");
    number(out, "fileSize", head->size == WHERE_UNKNOWN ? 0 : head->size);
    buf_puts(out, movie ? "</Movie>\n" : "<bitDepth></bitDepth>\n<aspectRatio></aspectRatio>\n</Image>\n");
    buf_free(&path);
}

static void c4p_place(const struct finding *finding, uint64_t place, const struct where *where, struct buf *out)
{
    struct buf text = {0};
    write_item(finding, place, where, &text);
    put_utf16(out, &text);
    buf_free(&text);
}

static void c4p_end(const struct report *report, struct buf *out)
{
    struct buf text = {0};
    (void)report;
    buf_puts(&text, "</ReportIndex>\n");
    put_utf16(out, &text);
    buf_free(&text);
}

const struct report_writer report_c4p = {
    .format = REPORT_C4P,
    .file = "report.c4p.xml",
    .begin = c4p_begin,
    .place = c4p_place,
    .end = c4p_end,
};
