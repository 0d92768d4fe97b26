#include <errno.h>
#include <string.h>

#include "report/context.h"
#include "report/writing.h"

/** One place: the last item there counts. */
static int write_item(struct report *report, const struct buf *bytes, struct nearby *nearby, struct sorter *hits,
                      struct output *out, struct writing *writing)
{
    struct item item;
    int error = 0;
    /* One that a newer trawl wrote. */
    if (!item_decode(bytes->data, bytes->len, &item))
        return 0;
    totals_item(&report->totals, report->info, &item);
    media_item(&report->media, &item);
    if (item.matches.n || !report->info->no_inventory) {
        item_json(&item, &out->buf);
        error = writing_item(writing, &item);
    }
    output_drain(out);
    if (!error)
        error = nearby_add(nearby, &item, bytes->data, bytes->len);
    if (!error)
        error = flood_add(hits, &item);
    item_clear(&item);
    return error ? error : out->error;
}

static void hold(struct buf *buf, const uint8_t *data, size_t n)
{
    buf->len = 0;
    buf_put(buf, data, n);
}

int inventory_write(struct report *report, struct sorter *sorted, struct nearby *nearby, struct sorter *hits,
                    struct output *out, struct writing *writing)
{
    struct buf place = {0}, item = {0};
    const uint8_t *key, *value;
    size_t key_len, value_len;
    bool any = false;
    int error = 0, got = 0;
    while (!error && (got = sorter_next(sorted, &key, &key_len, &value, &value_len)) > 0) {
        bool same = any && place.len == key_len && memcmp(place.data, key, key_len) == 0;
        if (any && !same)
            error = write_item(report, &item, nearby, hits, out, writing);
        hold(&place, key, key_len);
        hold(&item, value, value_len);
        any = true;
    }
    error = error ? error : got;
    if (!error && any)
        error = write_item(report, &item, nearby, hits, out, writing);
    buf_free(&place);
    buf_free(&item);
    return error;
}
