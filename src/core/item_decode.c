/* item_decode.c: ... and back, believing nothing. */
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/escape.h"
#include "core/item_tag.h"
#include "core/match_video.h"
#include "trawl/facts.h"
#include "trawl/item.h"

/** Length-prefixed UTF-8 without NUL, borrowed; anything else makes the reader bad. */
static const uint8_t *read_text(struct reader *in, size_t *n)
{
    const uint8_t *text = read_bytes(in, n);
    if (text && *n && (memchr(text, 0, *n) || !utf8_valid(text, *n)))
        in->bad = true;
    return text;
}

static bool read_bool(struct reader *in)
{
    uint8_t v = read_u8(in);
    in->bad = in->bad || v > 1;
    return v == 1;
}

/** A number from lo to hi; anything else makes the reader bad. */
static uint32_t read_range(struct reader *in, uint32_t v, uint32_t lo, uint32_t hi)
{
    if (!in->bad && v >= lo && v <= hi)
        return v;
    in->bad = true;
    return lo;
}

static void copy_raw(struct reader *in, void *to, size_t n)
{
    const uint8_t *from = read_raw(in, n);
    if (from)
        memcpy(to, from, n);
}

/** A string of a match into the backing, which may still move: given as its offset there. */
static size_t read_string(struct reader *in, struct buf *strings)
{
    size_t n, at = strings->len;
    const uint8_t *text = read_bytes(in, &n);
    if (text && n && memchr(text, 0, n))
        in->bad = true;
    buf_put(strings, text, text ? n : 0);
    buf_byte(strings, 0);
    return at;
}

/** While `strings` grows, the pointers of a match hold offsets. */
static void decode_match(struct reader *in, struct item *item, struct buf *strings)
{
    struct match match = {0};
    match.type = (enum hash_type)read_range(in, read_u8(in), 0, HASH_TYPE_COUNT - 1);
    match.distance = (uint16_t)read_range(in, read_u32(in), 0, hash_type_is_near(match.type) ? 8 * PDQ_BYTES : 0);
    match.severity = read_u8(in);
    match.list = (const char *)read_string(in, strings);
    match.entry = (const char *)read_string(in, strings);
    match.category = (const char *)read_string(in, strings);
    match.code = match.series = match.photodna =
        match.category + strlen((char *)strings->data + (size_t)match.category);
    if (in->bad)
        return;
    copy_raw(in, match.value, hash_type_bytes(match.type));
    copy_raw(in, match.observed, hash_type_bytes(match.type));
    RESERVE(item->matches.items, item->matches.n, item->matches.cap);
    item->matches.items[item->matches.n++] = match;
}

/** Of all matches; only a PDQ can be of a turned picture, and one is. */
static void decode_match_rotations(struct reader *in, struct item *item)
{
    bool turned = false;
    for (size_t i = 0; i < item->matches.n; i++) {
        struct match *match = &item->matches.items[i];
        match->rotation = (uint8_t)read_range(in, read_u8(in), 0, match->type == HASH_PDQ ? PDQ_ROTATIONS - 1 : 0);
        turned = turned || match->rotation;
    }
    in->bad = in->bad || !turned;
}

/** Of all matches; one of them has some. */
static void decode_words(struct reader *in, struct item *item, struct buf *strings)
{
    bool words = false;
    for (size_t i = 0; i < item->matches.n && !in->bad; i++) {
        struct match *match = &item->matches.items[i];
        size_t before = strings->len;
        match->flags = (uint16_t)read_range(in, read_u32(in), 0, MATCH_FLAGS_ALL);
        match->code = (const char *)read_string(in, strings);
        match->series = (const char *)read_string(in, strings);
        match->photodna = (const char *)read_string(in, strings);
        words = words || match->flags || strings->len > before + 3;
    }
    in->bad = in->bad || !words;
}

static void decode_pdq_rotations(struct reader *in, struct item *item)
{
    item->has_rotations = true;
    copy_raw(in, item->rotations, sizeof(item->rotations));
    in->bad = in->bad || !item->has_pdq;
}

static void decode_word(struct reader *in, char *word, size_t size)
{
    size_t n;
    const uint8_t *text = read_text(in, &n);
    in->bad = in->bad || n >= size;
    if (!in->bad)
        memcpy(word, text, n);
}

static void decode_camera(struct reader *in, struct camera *camera)
{
    decode_word(in, camera->make, sizeof(camera->make));
    decode_word(in, camera->model, sizeof(camera->model));
    decode_word(in, camera->serial, sizeof(camera->serial));
    camera->time = (int64_t)read_u64(in);
    in->bad = in->bad || !camera_known(camera) || !camera_sane(camera);
}

/** Of all matches, and one at least is of a video. */
static void decode_match_videos(struct reader *in, struct item *item)
{
    bool any = false;
    for (size_t i = 0; i < item->matches.n; i++) {
        match_video_read(in, item->matches.items[i].type, &item->matches.items[i].video);
        any = any || item->matches.items[i].video.is_video;
    }
    in->bad = in->bad || !any;
}

static void settle_strings(struct item *item, struct buf *strings)
{
    item->strings = (char *)strings->data;
    for (size_t i = 0; i < item->matches.n; i++) {
        struct match *match = &item->matches.items[i];
        match->list = item->strings + (size_t)match->list;
        match->entry = item->strings + (size_t)match->entry;
        match->category = item->strings + (size_t)match->category;
        match->code = item->strings + (size_t)match->code;
        match->series = item->strings + (size_t)match->series;
        match->photodna = item->strings + (size_t)match->photodna;
    }
}

static void decode_where(struct reader *in, struct item *item)
{
    size_t n;
    const uint8_t *bytes = read_bytes(in, &n);
    item->where = bytes ? where_decode(bytes, n) : NULL;
    in->bad = in->bad || !item->where;
}

static void decode_type(struct reader *in, struct item *item)
{
    char name[32];
    size_t n;
    const uint8_t *text = read_bytes(in, &n);
    if (!text || n >= sizeof(name)) {
        in->bad = true;
        return;
    }
    memcpy(name, text, n);
    name[n] = '\0';
    item->type = type_from_name(name);
    in->bad = strlen(name) != n || strcmp(type_name(item->type), name) != 0; /* a name that is none gives "other" */
}

static void decode_limit(struct reader *in, struct item *item)
{
    size_t n;
    const uint8_t *text = read_bytes(in, &n);
    for (int i = LIMIT_NONE + 1; text && i < LIMIT_COUNT; i++)
        if (strlen(limit_table[i].name) == n && memcmp(limit_table[i].name, text, n) == 0)
            item->limit = (enum limit_id)i;
    in->bad = in->bad || item->limit == LIMIT_NONE;
}

static void decode_pdq(struct reader *in, struct item *item)
{
    item->has_pdq = true;
    item->pdq_is_screen = read_bool(in);
    item->pdq_stable = read_bool(in);
    item->pdq_quality = (int)read_range(in, read_u8(in), 0, 100);
    copy_raw(in, item->pdq, PDQ_BYTES);
}

static void decode_digests(struct reader *in, struct item *item)
{
    item->has_digests = true;
    copy_raw(in, item->digests.md5, sizeof(item->digests.md5));
    copy_raw(in, item->digests.sha1, sizeof(item->digests.sha1));
    copy_raw(in, item->digests.sha256, sizeof(item->digests.sha256));
}

static void decode_detail(struct reader *in, struct item *item)
{
    size_t n;
    const uint8_t *text = read_text(in, &n);
    if (!in->bad)
        item->detail = mem_strndup((const char *)text, n);
}

static void decode_facts(struct reader *in, struct item *item)
{
    size_t n;
    const uint8_t *text = read_text(in, &n);
    if (in->bad)
        return;
    item->facts = mem_strndup((const char *)text, n);
    in->bad = !facts_sane(item->facts);
}

/** Nobody keeps one of a picture that is on no list. */
static void decode_thumbnail(struct reader *in, struct item *item)
{
    const uint8_t *bytes = read_raw(in, THUMBNAIL_BYTES);
    in->bad = in->bad || !item->matches.n;
    if (bytes && !in->bad)
        item->thumbnail = memcpy(ALLOC_ARRAY(uint8_t, THUMBNAIL_BYTES), bytes, THUMBNAIL_BYTES);
}

static void decode_turned(struct reader *in, bool turned, struct picture_hash *hash)
{
    const uint8_t *bytes = turned ? read_raw(in, TURNED_BYTES) : NULL;
    if (!bytes)
        return;
    hash->turned = (uint8_t(*)[PDQ_BYTES])ALLOC_ARRAY(uint8_t, TURNED_BYTES + PDQ_BYTES);
    memcpy(hash->turned[PDQ_ORIGINAL], hash->pdq, PDQ_BYTES);
    memcpy(hash->turned[PDQ_ORIGINAL + 1], bytes, TURNED_BYTES);
}

/** Of a picture that has a hash, or would have one if decoding it again had not failed. */
static void decode_memory(struct reader *in, struct item *item)
{
    struct picture_memory *memory = &item->memory;
    uint8_t flags = (uint8_t)read_range(in, read_u8(in), 0, MEMORY_FLAGS_ALL);
    memory->kept = true;
    memory->exact_failed = flags & MEMORY_EXACT_FAILED;
    memory->has_exact = flags & MEMORY_EXACT;
    memory->doubtful = (int)read_range(in, read_u32(in), 0, 8 * PDQ_BYTES);
    memory->first.stable = flags & MEMORY_STABLE;
    memory->first.quality = (int)read_range(in, read_u8(in), 0, 100);
    memcpy(memory->first.pdq, item->pdq, PDQ_BYTES);
    decode_turned(in, flags & MEMORY_TURNED, &memory->first);
    in->bad = in->bad || memory->exact_failed == item->has_pdq || (memory->has_exact && memory->exact_failed) ||
              (flags & MEMORY_EXACT_STABLE && !memory->has_exact);
    if (!memory->has_exact)
        return;
    memory->exact.stable = flags & MEMORY_EXACT_STABLE;
    memory->exact.quality = (int)read_range(in, read_u8(in), 0, 100);
    copy_raw(in, memory->exact.pdq, PDQ_BYTES);
    decode_turned(in, flags & MEMORY_TURNED, &memory->exact);
}

/** False where the field is none of a picture or video. */
static bool decode_media_field(struct reader *in, uint8_t tag, struct item *item)
{
    switch (tag) {
    case TAG_PIXELS:
        item->width = read_u32(in);
        item->height = read_u32(in);
        in->bad = in->bad || (!item->width && !item->height);
        return true;
    case TAG_ORIENTATION:
        item->orientation = read_range(in, read_u8(in), 1, 8);
        return true;
    case TAG_PDQ:
        decode_pdq(in, item);
        return true;
    case TAG_LOW_QUALITY:
        item->low_quality = true;
        return true;
    case TAG_PDQ_ROTATIONS:
        decode_pdq_rotations(in, item);
        return true;
    case TAG_CAMERA:
        decode_camera(in, &item->camera);
        return true;
    case TAG_DURATION:
        item->duration_ms = read_u64(in);
        in->bad = in->bad || !item->duration_ms;
        return true;
    case TAG_FRAMES:
        video_hashes_read(in, &item->frames);
        return true;
    case TAG_THUMBNAIL:
        decode_thumbnail(in, item);
        return true;
    case TAG_MEMORY:
        decode_memory(in, item);
        return true;
    default:
        return false;
    }
}

/** False where the field is none of matches. */
static bool decode_match_field(struct reader *in, uint8_t tag, struct item *item, struct buf *strings)
{
    switch (tag) {
    case TAG_MATCH:
        decode_match(in, item, strings);
        return true;
    case TAG_MATCH_ROTATIONS:
        decode_match_rotations(in, item);
        return true;
    case TAG_MATCH_WORDS:
        decode_words(in, item, strings);
        return true;
    case TAG_MATCH_VIDEO:
        decode_match_videos(in, item);
        return true;
    default:
        return false;
    }
}

static void decode_field(struct reader *in, uint8_t tag, struct item *item, struct buf *strings)
{
    switch (tag) {
    case TAG_WHERE:
        decode_where(in, item);
        break;
    case TAG_SIZE:
        item->size = read_u64(in);
        break;
    case TAG_TYPE:
        decode_type(in, item);
        break;
    case TAG_STATUS:
        item->status = (enum trawl_status)read_range(in, read_u8(in), 0, TRAWL_STATUS_COUNT - 1);
        break;
    case TAG_LIMIT:
        decode_limit(in, item);
        break;
    case TAG_DETAIL:
        decode_detail(in, item);
        break;
    case TAG_DIGESTS:
        decode_digests(in, item);
        break;
    case TAG_FACTS:
        decode_facts(in, item);
        break;
    default:
        /* One that is unknown was written by a newer trawl: half an item is worse than none. */
        if (!decode_media_field(in, tag, item) && !decode_match_field(in, tag, item, strings))
            in->bad = true;
    }
}

bool item_decode(const uint8_t *bytes, size_t n, struct item *item)
{
    struct reader in = {bytes, n ? bytes + n : bytes, false};
    struct buf strings = {0};
    unsigned seen = 0;
    uint8_t last = 0;
    *item = (struct item){0};
    while (!in.bad && in.p != in.end) {
        uint8_t tag = read_u8(&in);
        if (tag < last || (tag == last && tag != TAG_MATCH))
            in.bad = true;
        else
            decode_field(&in, tag, item, &strings);
        seen |= tag < 32 ? 1u << tag : 0;
        last = tag;
    }
    settle_strings(item, &strings);
    if (!in.bad && (seen & TAGS_NEEDED) == TAGS_NEEDED)
        return true;
    item_clear(item);
    return false;
}
