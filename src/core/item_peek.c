#include "core/item_peek.h"

#include "core/buf.h"
#include "core/item_tag.h"
#include "trawl/digest.h"
#include "trawl/pdq.h"

/** The path of a file of the host: a place of one layer without an origin. */
static void peek_root(struct item_peek *peek)
{
    struct reader in = {peek->where, peek->where + peek->where_len, false};
    size_t kind_len;
    if (read_u32(&in) != 0)
        return;
    (void)read_bytes(&in, &kind_len);
    peek->name = read_bytes(&in, &peek->name_len);
    peek->is_root = !in.bad;
}

/** Reads over one field. False where it is none of those in front of the matches. */
static bool peek_field(struct reader *in, uint8_t tag, struct item_peek *peek)
{
    size_t n;
    switch (tag) {
    case TAG_WHERE:
        peek->where = read_bytes(in, &peek->where_len);
        return true;
    case TAG_SIZE:
        (void)read_u64(in);
        return true;
    case TAG_TYPE:
        peek->type = read_bytes(in, &peek->type_len);
        return true;
    case TAG_STATUS:
        peek->status = (enum trawl_status)read_u8(in);
        return true;
    case TAG_LIMIT:
        (void)read_bytes(in, &n);
        return true;
    case TAG_DETAIL:
        peek->detail = read_bytes(in, &peek->detail_len);
        return true;
    case TAG_DIGESTS:
        (void)read_raw(in, offsetof(struct digests, sha256));
        peek->sha256 = read_raw(in, sizeof(((struct digests *)NULL)->sha256));
        return true;
    case TAG_PIXELS:
        (void)read_u64(in);
        return true;
    case TAG_ORIENTATION:
        (void)read_u8(in);
        return true;
    case TAG_PDQ:
        (void)read_raw(in, 3 + PDQ_BYTES);
        return true;
    case TAG_LOW_QUALITY:
        return true;
    default:
        return false;
    }
}

bool item_peek(const uint8_t *bytes, size_t n, struct item_peek *out)
{
    struct reader in = {bytes, n ? bytes + n : bytes, false};
    *out = (struct item_peek){0};
    while (!in.bad && in.p != in.end) {
        uint8_t tag = read_u8(&in);
        if (!peek_field(&in, tag, out)) {
            out->listed = tag == TAG_MATCH;
            break;
        }
    }
    if (in.bad || !out->where || !out->type || out->status >= TRAWL_STATUS_COUNT)
        return false;
    peek_root(out);
    return true;
}
