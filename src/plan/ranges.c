#include "plan/ranges.h"

#include <string.h>

#include "core/buf.h"

void ranges_put_telling(struct buf *tellings, uint32_t part, enum trawl_status status, enum limit_id limit,
                        const char *detail)
{
    buf_u32(tellings, part);
    buf_u8(tellings, (uint8_t)status);
    buf_u8(tellings, (uint8_t)limit);
    buf_bytes(tellings, detail, strlen(detail));
}

void ranges_encode(const struct ranges *r, struct buf *out)
{
    buf_u32(out, r->share.of);
    buf_u64(out, r->share.bits[0]);
    buf_u64(out, r->share.bits[1]);
    buf_u8(out, (uint8_t)r->limit);
    buf_u64(out, r->allowed);
    buf_bytes(out, r->place, r->place_len);
    buf_bytes(out, r->raw, r->raw_len);
    buf_u32(out, r->n_tellings);
    buf_put(out, r->tellings, r->tellings_len);
}

bool ranges_decode(const uint8_t *bytes, size_t n, struct ranges *r)
{
    struct reader in = {bytes, n ? bytes + n : bytes, false};
    *r = (struct ranges){.share.of = read_u32(&in)};
    r->share.bits[0] = read_u64(&in);
    r->share.bits[1] = read_u64(&in);
    r->limit = (enum limit_id)read_u8(&in);
    r->allowed = read_u64(&in);
    r->place = read_bytes(&in, &r->place_len);
    r->raw = read_bytes(&in, &r->raw_len);
    r->n_tellings = read_u32(&in);
    r->tellings = in.p;
    r->tellings_len = (size_t)(in.end - in.p);
    return !in.bad && r->share.of && r->share.of <= UNPACK_RANGES + 1 && r->limit < LIMIT_COUNT;
}

bool ranges_next_telling(struct ranges *r, struct ranges_telling *telling)
{
    struct reader in = {r->tellings, r->tellings + r->tellings_len, false};
    if (!r->n_tellings)
        return false;
    *telling = (struct ranges_telling){.part = read_u32(&in)};
    uint8_t status = read_u8(&in), limit = read_u8(&in);
    telling->detail = read_bytes(&in, &telling->detail_len);
    if (in.bad || telling->part >= r->share.of || status >= TRAWL_STATUS_COUNT || limit >= LIMIT_COUNT)
        return false;
    telling->status = (enum trawl_status)status;
    telling->limit = (enum limit_id)limit;
    r->n_tellings--;
    r->tellings = in.p;
    r->tellings_len = (size_t)(in.end - in.p);
    return true;
}
