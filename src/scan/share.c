#include "scan/share.h"

#include <string.h>

#include "plan/ranges.h"

/** How a part ended, where there is something to say of that. */
static void put_part(const struct part *part, uint32_t number, struct ranges *ranges, struct buf *tellings)
{
    if (part->status == TRAWL_OK && !part->detail[0])
        return;
    ranges->n_tellings++;
    ranges_put_telling(tellings, number, part->status, part->limit, part->detail);
}

static void record(struct run *run, struct ranges *ranges, const struct where *where, const struct item *item,
                   const struct identity *identity)
{
    struct buf place = {0}, raw = {0}, payload = {0};
    where_encode(where, &place);
    ranges->place = place.data;
    ranges->place_len = place.len;
    if (item) {
        recorder_item_encode(&run->recorder, item, identity, &raw);
        ranges->raw = raw.data;
        ranges->raw_len = raw.len;
    }
    ranges_encode(ranges, &payload);
    recorder_ranges(&run->recorder, &payload);
    buf_free(&place);
    buf_free(&raw);
    buf_free(&payload);
}

void share_record(struct container *c)
{
    struct buf tellings = {0};
    struct ranges ranges = {.share = c->share, .limit = container_tree_limit(c), .allowed = c->ledger->allowed};
    bool has_first = share_has(&c->share, 0);
    if (has_first)
        put_part(&c->first, 0, &ranges, &tellings);
    for (size_t i = 0; i < c->n_more; i++)
        if (share_has(&c->share, i + 1))
            put_part(&c->more[i], (uint32_t)i + 1, &ranges, &tellings);
    ranges.tellings = tellings.data;
    ranges.tellings_len = tellings.len;
    record(c->run, &ranges, c->item.where, has_first ? &c->item : NULL, c->has_identity ? &c->identity : NULL);
    buf_free(&tellings);
}

/** Where it is on a list of known files, all shards leave all parts out; else only the one that has its beginning says
 * what it is, and the others nothing. */
void share_record_file(struct run *run, const struct item *item, const struct identity *identity,
                       const struct unpack_share *share)
{
    bool has_first = share_has(share, 0);
    struct ranges ranges = {.share = *share, .limit = LIMIT_RATIO, .allowed = UINT64_MAX};
    if (has_first)
        ranges.share = (struct unpack_share){.of = 1, .bits = {1}};
    else if (item->status != TRAWL_SUPPRESSED)
        memset(ranges.share.bits, 0, sizeof(ranges.share.bits));
    if (item->status != TRAWL_UNREACHED)
        record(run, &ranges, item->where, has_first ? item : NULL, identity);
}
