/*
 * Every file found as DFXML (the schema's order of elements). A place inside containers is one <filename>, layers
 * joined by "!/" as everywhere; what DFXML has no element for is in a namespace of our own, behind all else.
 */
#include "export/export.h"

#include <string.h>

#include "core/escape.h"
#include "export/words.h"
#include "report/order.h"

#define DFXML "http://www.forensicswiki.org/wiki/Category:Digital_Forensics_XML"

static void element(struct buf *out, const char *name, const char *raw)
{
    buf_printf(out, "<%s>", name);
    text_xml(out, raw);
    buf_printf(out, "</%s>\n", name);
}

static void number(struct buf *out, const char *name, uint64_t v)
{
    buf_printf(out, "<%s>%llu</%s>\n", name, (unsigned long long)v, name);
}

static void dfxml_begin(const struct report *report, struct buf *out)
{
    buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<dfxml version=\"1.2.0\" xmlns=\"" DFXML
                  "\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:trawl=\"urn:trawl:dfxml:1\">\n"
                  "<metadata><dc:type>Hash List</dc:type></metadata>\n<creator>\n<program>trawl</program>\n");
    element(out, "version", report->info->version);
    buf_puts(out, "</creator>\n<source>\n");
    for (size_t i = 0; i < report->info->n_sources; i++)
        element(out, "image_filename", report->info->sources[i]);
    buf_puts(out, "</source>\n");
}

/** The kind of name: regular unless it is known to be something else. */
static const char *name_type(enum file_type type)
{
    switch (type) {
    case TYPE_DIRECTORY:
        return "d";
    case TYPE_SYMLINK:
        return "l";
    case TYPE_FIFO:
        return "p";
    case TYPE_SOCKET:
        return "s";
    case TYPE_DEVICE:
        return "-";
    default:
        return "r";
    }
}

static void one_time(struct buf *out, const char *name, int64_t ns)
{
    if (ns == ORIGIN_NO_TIME)
        return;
    buf_printf(out, "<%s>", name);
    time_iso(ns, out);
    buf_printf(out, "</%s>\n", name);
}

static void times(struct buf *out, const struct place_facts *facts)
{
    one_time(out, "mtime", place_time(facts, ORIGIN_WRITTEN));
    one_time(out, "ctime", place_time(facts, ORIGIN_CHANGED));
    one_time(out, "atime", place_time(facts, ORIGIN_ACCESSED));
    one_time(out, "crtime", place_time(facts, ORIGIN_CREATED));
}

/** A hole has no place in the image. */
static void byte_run(struct buf *out, const struct origin *origin, const struct origin_run *run, uint64_t at,
                     uint64_t length)
{
    buf_printf(out, "<byte_run file_offset=\"%llu\"", (unsigned long long)at);
    if (run->offset != ORIGIN_UNKNOWN && origin->volume != ORIGIN_UNKNOWN && run->offset >= origin->volume)
        buf_printf(out, " fs_offset=\"%llu\"", (unsigned long long)(run->offset - origin->volume));
    if (run->offset != ORIGIN_UNKNOWN)
        buf_printf(out, " img_offset=\"%llu\"", (unsigned long long)run->offset);
    buf_printf(out, " len=\"%llu\"/>\n", (unsigned long long)length);
}

/** The runs end where the file ends: what is behind it in its last cluster is not the file's. */
static void byte_runs(struct buf *out, const struct origin *origin, uint64_t size)
{
    uint64_t at = 0;
    if (!origin || !origin->n_runs || !size)
        return;
    buf_puts(out, "<byte_runs>\n");
    for (uint32_t i = 0; i < origin->n_runs && at < size; i++) {
        uint64_t length = origin->runs[i].length < size - at ? origin->runs[i].length : size - at;
        byte_run(out, origin, &origin->runs[i], at, length);
        at += length;
    }
    buf_puts(out, "</byte_runs>\n");
}

static void hash(struct buf *out, const char *type, const void *bytes, size_t n)
{
    buf_printf(out, "<hashdigest type=\"%s\">", type);
    buf_hex(out, bytes, n);
    buf_puts(out, "</hashdigest>\n");
}

static void hashes(struct buf *out, const struct item *item)
{
    if (!item->has_digests)
        return;
    hash(out, "md5", item->digests.md5, sizeof(item->digests.md5));
    hash(out, "sha1", item->digests.sha1, sizeof(item->digests.sha1));
    hash(out, "sha256", item->digests.sha256, sizeof(item->digests.sha256));
}

static void match(struct buf *out, const struct match *match)
{
    buf_printf(out, "<trawl:match tier=\"%s\" algorithm=\"%s\" distance=\"%u\" severity=\"%u\"", match_tier(match),
               hash_type_name(match->type), match->distance, match->severity);
    if (match->rotation)
        buf_printf(out, " rotation=\"%s\"", pdq_rotation_name((enum pdq_rotation)match->rotation));
    buf_puts(out, " list=\"");
    text_xml(out, match->list);
    buf_puts(out, "\" entry=\"");
    text_xml(out, match->entry);
    buf_puts(out, "\" category=\"");
    text_xml(out, match->category);
    buf_puts(out, "\"/>\n");
}

/** One element a line: who wants none of them takes the lines away. */
static void own_elements(struct buf *out, const struct item *item)
{
    element(out, "trawl:type", type_name(item->type));
    element(out, "trawl:status", status_name(item->status));
    if (item->detail)
        element(out, "trawl:detail", item->detail);
    if (item->has_pdq) {
        const char *name = item->pdq_is_screen ? "trawl:pdq_screen" : "trawl:pdq";
        buf_printf(out, "<%s quality=\"%d\">", name, item->pdq_quality);
        buf_hex(out, item->pdq, PDQ_BYTES);
        buf_printf(out, "</%s>\n", name);
    }
    for (size_t i = 0; i < item->matches.n; i++)
        match(out, &item->matches.items[i]);
}

static void dfxml_item(const struct report *report, const struct item *item, struct buf *out)
{
    struct place_facts facts = place_facts(item->where);
    struct buf path = {0};
    (void)report;
    where_path(item->where, &path);
    buf_puts(out, "<fileobject>\n<filename>");
    escape_html(out, (const char *)path.data, path.len);
    buf_puts(out, "</filename>\n");
    buf_free(&path);
    if (facts.origin && facts.origin->partition)
        number(out, "partition", facts.origin->partition);
    buf_printf(out, "<name_type>%s</name_type>\n", name_type(item->type));
    if (item->size != WHERE_UNKNOWN)
        number(out, "filesize", item->size);
    if (facts.deleted || facts.carved)
        buf_puts(out, "<unalloc>1</unalloc>\n");
    else if (facts.origin && facts.origin->allocated == ORIGIN_ALLOCATED)
        buf_puts(out, "<alloc>1</alloc>\n");
    if (facts.origin && facts.origin->inode != ORIGIN_UNKNOWN)
        number(out, "inode", facts.origin->inode);
    times(out, &facts);
    byte_runs(out, facts.origin, item->size);
    hashes(out, item);
    own_elements(out, item);
    buf_puts(out, "</fileobject>\n");
}

static void dfxml_end(const struct report *report, struct buf *out)
{
    (void)report;
    buf_puts(out, "</dfxml>\n");
}

const struct report_writer report_dfxml = {
    .format = REPORT_DFXML,
    .file = "inventory.dfxml",
    .begin = dfxml_begin,
    .item = dfxml_item,
    .end = dfxml_end,
};
