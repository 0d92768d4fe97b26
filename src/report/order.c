#include "report/order.h"

#include <string.h>

#include "core/buf.h"
#include "report/finding.h"
#include "trawl/where.h"

const char report_order_help[] =
    "Findings are in this order, the first difference deciding:\n"
    "  1. severity: 1, the most severe, first; 9 where the list says nothing\n"
    "  2. exact matches (the digest of the file is on a list) before near ones (PDQ)\n"
    "  3. near matches: the smaller distance first\n"
    "  4. near matches: the higher quality of the picture first\n"
    "  5. near matches: stable hashes before those that hang on rounding (flat or symmetric pictures)\n"
    "  6. the first of its places, in the order of inventory.jsonl: by the bytes of the path of the file on the host, "
    "members of\n"
    "     a container behind it in the order of the container\n"
    "A finding shows its best match: the one first by severity, exact before near, distance, the order in which the "
    "lists were\n"
    "given, and entry (the shorter one first, then by bytes: so line numbers count up); last sha256, sha1, md5, pdq.\n";

bool match_is_near(const struct match *match)
{
    return match->type == HASH_PDQ;
}

/** The list's position among those given; behind all for a name that is not among them. */
static size_t list_position(const char *name, const struct case_info *info)
{
    size_t i = 0;
    while (i < info->n_lists && strcmp(info->lists[i].name, name) != 0)
        i++;
    return i;
}

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

static int entry_compare(const char *a, const char *b)
{
    size_t a_len = strlen(a), b_len = strlen(b);
    return a_len != b_len ? COMPARE(a_len, b_len) : strcmp(a, b);
}

static int text_compare(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "");
}

/** The stronger digest first. */
static int type_compare(enum hash_type a, enum hash_type b)
{
    static const int strength[HASH_TYPE_COUNT] = {[HASH_SHA256] = 0, [HASH_SHA1] = 1, [HASH_MD5] = 2, [HASH_PDQ] = 3};
    return strength[a] - strength[b];
}

int match_identity(const struct match *a, const struct match *b)
{
    int order = type_compare(a->type, b->type);
    order = order ? order : strcmp(a->list, b->list);
    order = order ? order : entry_compare(a->entry, b->entry);
    order = order ? order : COMPARE(a->severity, b->severity);
    order = order ? order : strcmp(a->category, b->category);
    order = order ? order : COMPARE(a->flags, b->flags);
    order = order ? order : text_compare(a->code, b->code);
    order = order ? order : text_compare(a->series, b->series);
    order = order ? order : text_compare(a->photodna, b->photodna);
    return order ? order : memcmp(a->value, b->value, hash_type_bytes(a->type));
}

int match_compare(const struct match *a, const struct match *b, const struct case_info *info)
{
    int order = COMPARE(a->severity, b->severity);
    order = order ? order : match_is_near(a) - match_is_near(b);
    order = order ? order : COMPARE(a->distance, b->distance);
    if (!order && strcmp(a->list, b->list) != 0)
        order = COMPARE(list_position(a->list, info), list_position(b->list, info));
    order = order ? order : strcmp(a->list, b->list);
    order = order ? order : entry_compare(a->entry, b->entry);
    order = order ? order : match_identity(a, b);
    return order ? order : COMPARE(a->rotation, b->rotation);
}

void order_key(const struct finding *finding, struct buf *out)
{
    const struct item *head = &finding->head;
    const struct match *best = &head->matches.items[0];
    bool near = match_is_near(best);
    buf_u8(out, best->severity);
    buf_u8(out, near);
    buf_u8(out, (uint8_t)(best->distance >> 8));
    buf_u8(out, (uint8_t)best->distance);
    buf_u8(out, near && head->has_pdq ? (uint8_t)(100 - head->pdq_quality) : 101);
    buf_u8(out, near && head->has_pdq && !head->pdq_stable);
    where_key(head->where, out);
}

void order_why(const struct finding *finding, struct buf *out)
{
    const struct item *head = &finding->head;
    const struct match *best = &head->matches.items[0];
    buf_printf(out, "severity %u, ", best->severity);
    if (!match_is_near(best)) {
        buf_puts(out, "exact");
    } else {
        buf_printf(out, "near, distance %u", best->distance);
        if (best->rotation)
            buf_printf(out, ", %s", pdq_rotation_name((enum pdq_rotation)best->rotation));
        if (head->has_pdq)
            buf_printf(out, ", quality %d%s", head->pdq_quality, head->pdq_stable ? "" : ", not stable");
    }
    if (finding->known)
        buf_puts(out, ", also on a list of known files");
}
