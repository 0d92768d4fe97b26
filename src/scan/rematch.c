#include "scan/rematch.h"

#include <stdlib.h>
#include <string.h>

#include "trawl/decode.h"

/** What the stored item says that other lists may change. */
struct stored {
    bool suppressed, skipped, listed;
};

static bool is_media(enum file_type type)
{
    return decode_find(type) || type_class(type) == CLASS_PICTURE || type_class(type) == CLASS_VIDEO;
}

/** Forgets the matches, but what they meant for the item. */
static struct stored take_stored(const struct rules *rules, struct item *item)
{
    struct stored stored = {.suppressed = item->status == TRAWL_SUPPRESSED, .listed = item->matches.n};
    for (size_t i = 0; i < item->matches.n; i++)
        stored.skipped = stored.skipped || (rules->no_decode_hits && !hash_type_is_near(item->matches.items[i].type));
    free(item->matches.items);
    free(item->strings);
    item->matches = (struct match_list){0};
    item->strings = NULL;
    item->low_quality = false;
    return stored;
}

/** The quality on which findings are ordered is the exact one where that was asked for, as in examine_result. */
static void show_quality(struct item *item, const struct picture_hash *hash)
{
    item->pdq_quality = hash->quality;
    item->pdq_stable = hash->stable;
}

static enum rematched rematch_screened(const struct rules *rules, struct item *item)
{
    const struct picture_memory *memory = &item->memory;
    /* A journal of an older version does not tell how far its hash can be trusted. */
    if (!memory->kept)
        return REMATCH_REREAD;
    show_quality(item, &memory->first);
    if (!rules->near)
        return REMATCH_DONE;
    switch (rules_screen(rules, &memory->first, memory->doubtful)) {
    case SCREEN_CANDIDATE:
        if (!memory->has_exact)
            return REMATCH_REREAD;
        show_quality(item, &memory->exact);
        rules_near(rules, &memory->exact, item);
        break;
    case SCREEN_LOW:
        item->low_quality = true;
        break;
    default:
        break;
    }
    return REMATCH_DONE;
}

static enum rematched rematch_picture(const struct rules *rules, struct item *item)
{
    if (item->memory.exact_failed)
        return REMATCH_REREAD;
    if (!item->has_pdq)
        return REMATCH_DONE;
    if (item->pdq_is_screen)
        return rematch_screened(rules, item);
    if (rules->near && item->memory.kept) {
        rules_near(rules, &item->memory.first, item);
    } else if (rules->near) {
        struct picture_hash hash = {.quality = item->pdq_quality, .stable = item->pdq_stable};
        memcpy(hash.pdq, item->pdq, PDQ_BYTES);
        rules_near(rules, &hash, item);
    }
    return REMATCH_DONE;
}

/** A reduced picture is kept of what is on a list, and of nothing else. */
static enum rematched rematch_thumbnail(const struct rules *rules, const struct stored *stored, struct item *item)
{
    if (!item->matches.n) {
        free(item->thumbnail);
        item->thumbnail = NULL;
    }
    return rules->thumbnails && item->has_pdq && item->matches.n && !stored->listed ? REMATCH_REREAD : REMATCH_DONE;
}

enum rematched rematch_item(const struct rules *rules, struct item *item)
{
    const struct stored stored = take_stored(rules, item);
    rules_digests(rules, item);
    bool suppressed = rules_suppress(rules, item);
    if (suppressed || stored.suppressed)
        return suppressed && stored.suppressed ? REMATCH_DONE : REMATCH_REREAD;
    if (is_media(item->type)) {
        bool skipped = rules_skip(rules, item);
        if (skipped != stored.skipped)
            return REMATCH_REREAD;
        if (skipped)
            return REMATCH_DONE;
    }
    if (rematch_picture(rules, item) == REMATCH_REREAD)
        return REMATCH_REREAD;
    rules_video(rules, item);
    return rematch_thumbnail(rules, &stored, item);
}
