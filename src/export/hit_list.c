/*
 * Lists of MD5 for tools that flag files by them. Exact and near findings are lists of their own: an exact one is on a
 * list already, a near one is a lead that somebody must look at.
 *
 * md5: a line "MD5", then one digest a line, CRLF, no byte order mark (X-Ways). md5sum: "digest  place" a line, once
 * for each place. md5sum itself would begin a line whose name holds a backslash with another one; The Sleuth Kit calls
 * such a line a corrupt database, so there is none.
 */
#include "export/export.h"

#include "export/words.h"

static void md5_begin(const struct report *report, struct buf *out)
{
    (void)report;
    buf_puts(out, "MD5\r\n");
}

static void md5_line(const struct finding *finding, struct buf *out)
{
    if (!finding->head.has_digests)
        return;
    buf_hex_upper(out, finding->head.digests.md5, sizeof(finding->head.digests.md5));
    buf_puts(out, "\r\n");
}

static void md5_exact(const struct report *report, const struct finding *finding, struct buf *out)
{
    (void)report;
    if (!finding_is_near(finding))
        md5_line(finding, out);
}

static void md5_near(const struct report *report, const struct finding *finding, struct buf *out)
{
    (void)report;
    if (finding_is_near(finding))
        md5_line(finding, out);
}

static void md5sum_line(const struct finding *finding, const struct where *where, struct buf *out)
{
    if (!finding->head.has_digests)
        return;
    buf_hex(out, finding->head.digests.md5, sizeof(finding->head.digests.md5));
    buf_puts(out, "  ");
    where_path(where, out);
    buf_byte(out, '\n');
}

static void md5sum_exact(const struct finding *finding, uint64_t number, const struct where *where, struct buf *out)
{
    (void)number;
    if (!finding_is_near(finding))
        md5sum_line(finding, where, out);
}

static void md5sum_near(const struct finding *finding, uint64_t number, const struct where *where, struct buf *out)
{
    (void)number;
    if (finding_is_near(finding))
        md5sum_line(finding, where, out);
}

const struct report_writer report_md5_exact = {REPORT_MD5, "hits-exact.md5.txt", .begin = md5_begin,
                                               .finding = md5_exact};
const struct report_writer report_md5_near = {REPORT_MD5, "hits-near.md5.txt", .begin = md5_begin, .finding = md5_near};
const struct report_writer report_md5sum_exact = {REPORT_MD5SUM, "hits-exact.md5sum", .place = md5sum_exact};
const struct report_writer report_md5sum_near = {REPORT_MD5SUM, "hits-near.md5sum", .place = md5sum_near};
