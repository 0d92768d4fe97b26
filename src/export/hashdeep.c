/*
 * Every file found as hashdeep reads it (hashdeep -a -k): "size,md5,sha1,sha256,path" a line, the path to the end of
 * the line. A file without digests is a comment that says why, so that none is missing.
 */
#include "export/export.h"

#include <string.h>

#include "core/escape.h"
#include "export/words.h"

static void hashdeep_begin(const struct report *report, struct buf *out)
{
    buf_puts(out, "%%%% HASHDEEP-1.0\n%%%% size,md5,sha1,sha256,filename\n## trawl ");
    escape_text(out, report->info->version, strlen(report->info->version));
    buf_puts(out, "; in names, control characters, invalid UTF-8 and the backslash are \\xHH\n## \n");
}

static void hashdeep_item(const struct report *report, const struct item *item, struct buf *out)
{
    (void)report;
    if (item->has_digests && item->size != WHERE_UNKNOWN) {
        buf_decimal(out, item->size);
        buf_byte(out, ',');
        buf_hex(out, item->digests.md5, sizeof(item->digests.md5));
        buf_byte(out, ',');
        buf_hex(out, item->digests.sha1, sizeof(item->digests.sha1));
        buf_byte(out, ',');
        buf_hex(out, item->digests.sha256, sizeof(item->digests.sha256));
        buf_byte(out, ',');
    } else {
        buf_printf(out, "## no digests (%s): ", status_name(item->status));
    }
    where_path(item->where, out);
    buf_byte(out, '\n');
}

const struct report_writer report_hashdeep = {
    .format = REPORT_HASHDEEP,
    .file = "inventory.hashdeep",
    .begin = hashdeep_begin,
    .item = hashdeep_item,
};
