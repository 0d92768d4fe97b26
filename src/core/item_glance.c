#include "core/item_glance.h"

#include "core/buf.h"
#include "core/item_tag.h"
#include "trawl/digest.h"

static void skip_texts(struct reader *in, int n)
{
    size_t len;
    while (n--)
        read_bytes(in, &len);
}

static void glance_pdq(struct reader *in, struct item_glance *out)
{
    out->pdq_is_screen = read_u8(in);
    (void)read_u8(in);
    out->pdq_quality = read_u8(in);
    out->pdq = read_raw(in, PDQ_BYTES);
}

static void glance_memory(struct reader *in, struct item_glance *out)
{
    uint8_t flags = read_u8(in);
    size_t turned = flags & MEMORY_TURNED ? TURNED_BYTES : 0;
    out->has_memory = true;
    out->exact_failed = flags & MEMORY_EXACT_FAILED;
    out->doubtful = (int)read_u32(in);
    out->first_quality = read_u8(in);
    out->turned = turned ? read_raw(in, turned) : NULL;
    if (flags & MEMORY_EXACT)
        read_raw(in, 1 + PDQ_BYTES + turned);
}

/** Fields of a picture or video. */
static void glance_media(struct reader *in, uint8_t tag, struct item_glance *out)
{
    switch (tag) {
    case TAG_PIXELS:
    case TAG_DURATION:
        read_raw(in, 8);
        break;
    case TAG_ORIENTATION:
        read_raw(in, 1);
        break;
    case TAG_PDQ:
        glance_pdq(in, out);
        break;
    case TAG_LOW_QUALITY:
        break;
    case TAG_CAMERA:
        skip_texts(in, 3);
        read_raw(in, 8);
        break;
    case TAG_MEMORY:
        glance_memory(in, out);
        break;
    default:
        out->is_more = true;
        out->listed = tag == TAG_MATCH;
    }
}

static void glance_field(struct reader *in, uint8_t tag, struct item_glance *out)
{
    switch (tag) {
    case TAG_WHERE:
        out->where = read_bytes(in, &out->where_len);
        break;
    case TAG_TYPE:
        out->type = read_bytes(in, &out->type_len);
        break;
    case TAG_DETAIL:
        out->detail = read_bytes(in, &out->detail_len);
        break;
    case TAG_LIMIT:
    case TAG_FACTS:
        skip_texts(in, 1);
        break;
    case TAG_SIZE:
        read_raw(in, 8);
        break;
    case TAG_STATUS:
        out->status = (enum trawl_status)read_u8(in);
        in->bad = in->bad || out->status >= TRAWL_STATUS_COUNT;
        break;
    case TAG_DIGESTS:
        out->digests = read_raw(in, sizeof(struct digests));
        out->sha256 = out->digests ? out->digests + offsetof(struct digests, sha256) : NULL;
        break;
    default:
        glance_media(in, tag, out);
    }
}

/** The path of a file of the host: a place of one layer without an origin. */
static void glance_root(struct item_glance *out)
{
    struct reader in = {out->where, out->where + out->where_len, false};
    size_t kind_len;
    if (read_u32(&in) != 0)
        return;
    (void)read_bytes(&in, &kind_len);
    out->name = read_bytes(&in, &out->name_len);
    out->is_root = !in.bad;
}

bool item_glance(const uint8_t *bytes, size_t n, struct item_glance *out)
{
    struct reader in = {bytes, n ? bytes + n : bytes, false};
    *out = (struct item_glance){0};
    while (!in.bad && !out->is_more && in.p != in.end)
        glance_field(&in, read_u8(&in), out);
    if (in.bad || !out->where || !out->type)
        return false;
    glance_root(out);
    return true;
}
