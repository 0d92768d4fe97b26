#include "scan/rules.h"

#include <stdlib.h>

/*
 * A screening hash is looked up this much wider than asked; what comes within is decoded again exactly. 56,285 JPEGs
 * (5,326 of them as found, the others edited; make bench-screen): 1.36 bits from the exact hash in the mean, p99 10,
 * p99.9 18, and 6 beyond 24. Of 36,165 true matches within 31 bits a margin of 4 would lose 4, of 8 one, of 12 or more
 * none (with 95 % confidence less than 1 in 9,800). Among a million hashes a look-up within 47 bits takes 0.07 ms,
 * within 55 already 0.31 ms, a third of a megapixel's decoding.
 */
#define SCREEN_MARGIN 16
/**
 * With more doubtful bits than that the screening hash says little: flat, symmetric and tiled pictures, up to 138 bits
 * off. They are decoded exactly whatever the lists hold: 2.9 % of those JPEGs, most of them small textures.
 */
#define SCREEN_DOUBTFUL 16
/** Screening quality is less than this below the exact one; the largest difference seen was 9. */
#define SCREEN_QUALITY_MARGIN 15

void rules_digests(const struct rules *rules, struct item *item)
{
    if (rules->lists && item->has_digests)
        hashset_match_digests(rules->lists, &item->digests, &item->matches);
}

bool rules_suppress(const struct rules *rules, const struct item *item)
{
    return rules->known && item->has_digests && !item->matches.n && hashset_known(rules->lists, &item->digests);
}

bool rules_skip(const struct rules *rules, const struct item *item)
{
    return rules->no_decode_hits && item->matches.n;
}

static void look_up(const struct rules *rules, const struct picture_hash *hash, int radius, struct match_list *out)
{
    if (hash->turned)
        hashset_match_rotations(rules->lists, (const uint8_t(*)[PDQ_BYTES])hash->turned, radius, out);
    else
        hashset_match_pdq(rules->lists, hash->pdq, radius, out);
}

int rules_screen_radius(const struct rules *rules)
{
    return rules->max_distance + SCREEN_MARGIN;
}

enum screening rules_screen_early(const struct rules *rules, const struct picture_hash *hash, int doubtful)
{
    if (hash->quality + SCREEN_QUALITY_MARGIN < rules->min_quality)
        return SCREEN_LOW;
    return doubtful > SCREEN_DOUBTFUL ? SCREEN_CANDIDATE : SCREEN_FAR;
}

enum screening rules_screen(const struct rules *rules, const struct picture_hash *hash, int doubtful)
{
    struct match_list near = {0};
    enum screening early = rules_screen_early(rules, hash, doubtful);
    if (early != SCREEN_FAR)
        return early;
    look_up(rules, hash, rules_screen_radius(rules), &near);
    free(near.items);
    if (near.n)
        return SCREEN_CANDIDATE;
    return hash->quality < rules->min_quality ? SCREEN_LOW : SCREEN_FAR;
}

void rules_near(const struct rules *rules, const struct picture_hash *hash, struct item *item)
{
    if (hash->quality < rules->min_quality)
        item->low_quality = true;
    else
        look_up(rules, hash, rules->max_distance, &item->matches);
}

void rules_video(const struct rules *rules, struct item *item)
{
    const struct video_query query = {.frames = item->frames.items,
                                      .n = item->frames.n,
                                      .min_quality = rules->min_quality,
                                      .radius = rules->max_distance,
                                      .file_share = (unsigned)rules->file_share,
                                      .list_share = (unsigned)rules->list_share};
    if (rules->lists && query.n && (rules->near || hashset_has_videos(rules->lists)))
        hashset_match_video(rules->lists, &query, &item->matches);
}
