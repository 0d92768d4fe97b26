/*
 * The Sleuth Kit's body file, for mactime: MD5|name|inode|mode|UID|GID|size|atime|mtime|ctime|crtime, one line for each
 * place. A `|` in a name is \x7c. Behind the name stand, as fls has it, "(deleted)", and which finding it is, so that
 * findings are told apart in a time line of the whole volume. Times are 0 where unknown; nothing is known of mode and
 * owners.
 */
#include "export/export.h"

#include "export/words.h"

static void put_name(struct buf *out, const struct where *where)
{
    struct buf path = {0};
    where_path(where, &path);
    for (size_t i = 0; i < path.len; i++)
        if (path.data[i] == '|')
            buf_puts(out, "\\x7c");
        else
            buf_byte(out, path.data[i]);
    buf_free(&path);
}

static void put_inode(struct buf *out, const struct origin *origin)
{
    if (!origin || origin->inode == ORIGIN_UNKNOWN) {
        buf_byte(out, '0');
        return;
    }
    buf_decimal(out, origin->inode);
    if (origin->attribute_type)
        buf_printf(out, "-%u-%u", origin->attribute_type, origin->attribute_id);
}

/** Whole seconds, rounded down. */
static void put_time(struct buf *out, int64_t ns)
{
    int64_t seconds = ns / 1000000000 - (ns % 1000000000 < 0);
    buf_printf(out, "|%lld", ns == ORIGIN_NO_TIME ? 0 : (long long)seconds);
}

static void body_place(const struct finding *finding, uint64_t number, const struct where *where, struct buf *out)
{
    const struct item *head = &finding->head;
    struct place_facts facts = place_facts(where);
    (void)number;
    if (head->has_digests)
        buf_hex(out, head->digests.md5, sizeof(head->digests.md5));
    else
        buf_byte(out, '0');
    buf_byte(out, '|');
    put_name(out, where);
    buf_puts(out, facts.deleted ? " (deleted)" : "");
    buf_printf(out, " (trawl finding %llu, severity %u, %s)|", (unsigned long long)finding->rank,
               head->matches.items[0].severity, match_tier(&finding->head.matches.items[0]));
    put_inode(out, facts.origin);
    buf_printf(out, "|-/----------|0|0|%llu", head->size == WHERE_UNKNOWN ? 0 : (unsigned long long)head->size);
    put_time(out, place_time(&facts, ORIGIN_ACCESSED));
    put_time(out, place_time(&facts, ORIGIN_WRITTEN));
    put_time(out, place_time(&facts, ORIGIN_CHANGED));
    put_time(out, place_time(&facts, ORIGIN_CREATED));
    buf_byte(out, '\n');
}

const struct report_writer report_bodyfile = {
    .format = REPORT_BODYFILE,
    .file = "report.bodyfile",
    .place = body_place,
};
