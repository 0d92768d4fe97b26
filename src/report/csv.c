/*
 * The findings for spreadsheets: one row for each place of a finding, so that a filter on path or list shows all of
 * them. RFC 4180. It begins with a byte order mark: without it, the most used spreadsheet reads UTF-8 as the local code
 * page and spoils names. Texts may bear an apostrophe that is not in the name (escape_csv); report.jsonl has every name
 * as it is.
 */
#include "core/buf.h"
#include "core/escape.h"
#include "report/context.h"
#include "report/order.h"
#include "report/text.h"

static void csv_begin(const struct report *report, struct buf *out)
{
    (void)report;
    buf_puts(
        out,
        "\xef\xbb\xbf"
        "rank,severity,tier,algorithm,distance,quality,list,entry,category,sha256,md5,size,type,locations,path\r\n");
}

static void number(struct buf *out, uint64_t v)
{
    buf_decimal(out, v);
    buf_byte(out, ',');
}

/** One of our own words. */
static void word(struct buf *out, const char *text)
{
    buf_puts(out, text);
    buf_byte(out, ',');
}

static void foreign(struct buf *out, const char *raw)
{
    text_csv(out, raw);
    buf_byte(out, ',');
}

static void digest(struct buf *out, bool known, const void *bytes, size_t n)
{
    if (known)
        buf_hex(out, bytes, n);
    buf_byte(out, ',');
}

static void csv_place(const struct finding *finding, uint64_t place, const struct where *where, struct buf *out)
{
    const struct item *head = &finding->head;
    const struct match *best = &head->matches.items[0];
    struct buf path = {0};
    (void)place;
    number(out, finding->rank);
    number(out, best->severity);
    word(out, match_is_near(best) ? "near" : "exact");
    word(out, hash_type_name(best->type));
    number(out, best->distance);
    if (match_is_near(best) && head->has_pdq)
        buf_decimal(out, (uint64_t)head->pdq_quality);
    buf_byte(out, ',');
    foreign(out, best->list);
    foreign(out, best->entry);
    foreign(out, best->category);
    digest(out, head->has_digests, head->digests.sha256, sizeof(head->digests.sha256));
    digest(out, head->has_digests, head->digests.md5, sizeof(head->digests.md5));
    if (head->size != WHERE_UNKNOWN)
        buf_decimal(out, head->size);
    buf_byte(out, ',');
    word(out, type_name(head->type));
    number(out, finding->n_places);
    where_path(where, &path);
    escape_csv(out, (const char *)path.data, path.len);
    buf_puts(out, "\r\n");
    buf_free(&path);
}

const struct report_writer report_csv = {
    .format = REPORT_CSV,
    .file = "report.csv",
    .begin = csv_begin,
    .place = csv_place,
};
