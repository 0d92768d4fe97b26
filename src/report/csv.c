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
    buf_puts(out,
             "\xef\xbb\xbf"
             "rank,severity,tier,algorithm,distance,quality,list,entry,category,sha256,md5,size,type,locations,path,"
             "sha1,rotation,matched,observed,code,series,flags,known,state,nearby,demoted,why\r\n");
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

/** "victim-identified baseline" */
static void flags(struct buf *out, unsigned flags)
{
    const char *space = "";
    for (unsigned bit = 1; bit <= MATCH_FLAGS_ALL; bit <<= 1)
        if (flags & bit) {
            buf_printf(out, "%s%s", space, match_flag_name(bit));
            space = " ";
        }
    buf_byte(out, ',');
}

static void why(const struct finding *finding, struct buf *out)
{
    struct buf words = {0};
    struct why keys;
    order_why(finding, &keys);
    for (size_t i = 0; i < keys.n; i++)
        buf_printf(&words, "%s%s", i ? ", " : "", keys.words[i]);
    text_csv(out, buf_str(&words));
    buf_free(&words);
}

/** Columns that came later: behind the others, so that a column's number stays what it was. */
static void csv_more(const struct finding *finding, struct buf *out)
{
    const struct item *head = &finding->head;
    const struct match *best = &head->matches.items[0];
    digest(out, head->has_digests, head->digests.sha1, sizeof(head->digests.sha1));
    word(out, best->rotation ? pdq_rotation_name((enum pdq_rotation)best->rotation) : "");
    digest(out, true, best->value, hash_type_bytes(best->type));
    digest(out, true, best->observed, hash_type_bytes(best->type));
    foreign(out, best->code ? best->code : "");
    foreign(out, best->series ? best->series : "");
    flags(out, best->flags);
    word(out, finding->known ? "true" : "false");
    word(out, place_state_name(finding->state));
    number(out, finding->nearby);
    word(out, finding->n_clear ? "false" : "true");
    why(finding, out);
    buf_puts(out, "\r\n");
}

static void csv_place(const struct finding *finding, uint64_t place, const struct where *where, struct buf *out)
{
    const struct item *head = &finding->head;
    const struct match *best = &head->matches.items[0];
    struct buf path = {0};
    (void)place;
    number(out, finding->rank);
    number(out, best->severity);
    word(out, match_tier(best));
    word(out, hash_type_name(best->type));
    number(out, best->distance);
    if (match_quality(head, best) >= 0)
        buf_decimal(out, (uint64_t)match_quality(head, best));
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
    buf_byte(out, ',');
    buf_free(&path);
    csv_more(finding, out);
}

const struct report_writer report_csv = {
    .format = REPORT_CSV,
    .file = "report.csv",
    .begin = csv_begin,
    .place = csv_place,
};
