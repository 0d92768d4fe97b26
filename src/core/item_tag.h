/* item_tag.h: the fields of an item's encoding in the journal, for its writer and its reader. */
#ifndef CORE_ITEM_TAG_H
#define CORE_ITEM_TAG_H

/*
 * An item's encoding: fields in ascending order of their tag, each at most once, but for TAG_MATCH, which comes once
 * for every match. TAG_MATCH_ROTATIONS is there where one of them is of a turned picture: a byte for every match;
 * TAG_MATCH_WORDS where a list says more of one of them than its category: flags and texts of every match.
 * Where, size, type and status are always there. The same item always gives the same bytes. Types and limits are
 * written by name, so that their numbers may change. Append only.
 */
enum tag {
    TAG_WHERE = 1,
    TAG_SIZE,
    TAG_TYPE,
    TAG_STATUS,
    TAG_LIMIT,
    TAG_DETAIL,
    TAG_DIGESTS,
    TAG_PIXELS,
    TAG_ORIENTATION,
    TAG_PDQ,
    TAG_LOW_QUALITY,
    TAG_MATCH,
    TAG_MATCH_ROTATIONS,
    TAG_PDQ_ROTATIONS,
    TAG_MATCH_WORDS,
    TAG_CAMERA,
    TAG_MATCH_VIDEO,
    TAG_DURATION,
    TAG_FRAMES,
    TAG_FACTS,
    TAG_THUMBNAIL,
    TAG_MEMORY,
};
/** The first byte of TAG_MEMORY; behind it `doubtful`, the first hash and the exact one, each its quality, its bits (of
 * the first one they are in TAG_PDQ) and those of the picture turned. */
enum memory_flag {
    MEMORY_STABLE = 1 << 0,
    MEMORY_TURNED = 1 << 1,
    MEMORY_EXACT_FAILED = 1 << 2,
    MEMORY_EXACT = 1 << 3,
    MEMORY_EXACT_STABLE = 1 << 4,
    MEMORY_FLAGS_ALL = (1 << 5) - 1
};
#define TURNED_BYTES ((PDQ_ROTATIONS - 1) * PDQ_BYTES)

#define TAGS_NEEDED (1u << TAG_WHERE | 1u << TAG_SIZE | 1u << TAG_TYPE | 1u << TAG_STATUS)

#endif
