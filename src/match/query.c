#include "match/query.h"

#include <string.h>
#include <strings.h>

#include "match/hash_line.h"
#include "match/hex.h"
#include "match/json.h"
#include "match/list.h"
#include "match/video_signal.h"
#include "trawl/status.h"

static bool add(struct query *query, enum hash_type type, const uint8_t *hex, size_t digits)
{
    size_t bytes = hash_type_bytes(type);
    if (query->n == QUERY_HASHES_MAX || digits != 2 * bytes || !hex_decode(hex, query->hashes[query->n].value, bytes))
        return false;
    query->hashes[query->n++].type = type;
    return true;
}

static bool text_is(const uint8_t *text, size_t n, const char *want)
{
    return strlen(want) == n && memcmp(text, want, n) == 0;
}

static bool key_is(const struct json_member *member, const char *want)
{
    return text_is(member->key, member->key_len, want);
}

/** 0..100, or -1. */
static int quality_of(const struct json_member *member)
{
    int value = 0;
    if (member->kind != JSON_NUMBER || member->value_len > 3)
        return -1;
    for (size_t i = 0; i < member->value_len; i++) {
        if (member->value[i] < '0' || member->value[i] > '9')
            return -1;
        value = 10 * value + (member->value[i] - '0');
    }
    return value <= 100 ? value : -1;
}

static bool is_examined(const struct json_member *status)
{
    for (int i = 0; i < TRAWL_STATUS_COUNT; i++)
        if (text_is(status->value, status->value_len, status_name((enum trawl_status)i)))
            return status_examined((enum trawl_status)i);
    return false;
}

/** Hashes by the names of the rotations: all of them, or it is none. */
static bool take_rotations(struct query *query, const struct json_member *object)
{
    struct json json;
    struct json_member member;
    unsigned seen = 1u << PDQ_ORIGINAL;
    if (object->kind != JSON_NESTED || !json_open(&json, object->value, object->value_len))
        return false;
    while (json_next(&json, &member) > 0)
        for (int i = PDQ_ORIGINAL + 1; i < PDQ_ROTATIONS; i++)
            if (key_is(&member, pdq_rotation_name((enum pdq_rotation)i)) && member.kind == JSON_STRING &&
                member.value_len == 2 * PDQ_BYTES && hex_decode(member.value, query->rotations[i - 1], PDQ_BYTES))
                seen |= 1u << i;
    query->has_rotations = seen == (1u << PDQ_ROTATIONS) - 1;
    return query->has_rotations;
}

static void ignore_frame(void *context, const struct video_frame *frame)
{
    (void)context;
    (void)frame;
}

static bool add_video(struct query *query, const uint8_t *text, size_t n)
{
    if (query->n_videos == QUERY_VIDEOS_MAX || !video_signal_parse(text, n, ignore_frame, NULL))
        return false;
    query->videos[query->n_videos].text = text;
    query->videos[query->n_videos++].len = n;
    return true;
}

/** "frames" of the first track, "frames_track2" of the second one ... */
static bool is_frames(const struct json_member *member)
{
    static const char further[] = "frames_track";
    return member->kind == JSON_NESTED &&
           (key_is(member, "frames") || key_is(member, "vpdq") ||
            (member->key_len > sizeof(further) - 1 && memcmp(member->key, further, sizeof(further) - 1) == 0));
}

/** One member of a JSON line. False where a hash field does not hold a hash. */
static bool take_member(struct query *query, const struct json_member *member)
{
    if (is_frames(member))
        return add_video(query, member->value, member->value_len);
    for (int type = 0; type < HASH_VPDQ; type++) {
        if (!key_is(member, hash_type_name((enum hash_type)type)))
            continue;
        if (member->kind == JSON_LITERAL && text_is(member->value, member->value_len, "null"))
            return true;
        return member->kind == JSON_STRING && add(query, (enum hash_type)type, member->value, member->value_len);
    }
    if (key_is(member, "pdq_quality"))
        query->quality = quality_of(member);
    else if (key_is(member, "pdq_rotations"))
        return take_rotations(query, member);
    else if (key_is(member, "pdq_screen"))
        query->screen = true;
    else if (key_is(member, "status") && member->kind == JSON_STRING)
        query->nothing = is_examined(member);
    return true;
}

static enum query_kind parse_json(const uint8_t *text, size_t n, struct query *query, const char **why)
{
    struct json json;
    struct json_member member;
    int more = json_open(&json, text, n) ? 1 : -1;
    bool good = true;
    while (more > 0 && (more = json_next(&json, &member)) > 0)
        good &= take_member(query, &member);
    query->nothing = query->nothing && !query->n && !query->screen && !query->n_videos;
    *why = more < 0 ? "no JSON object" : "one of md5, sha1, sha256, pdq, pdq_rotations and frames is no such hash";
    if (more < 0)
        query->n = query->n_videos = 0;
    if (more < 0 || !good)
        return QUERY_BAD;
    *why = "no hash in it";
    return query->n || query->n_videos || query->nothing || query->screen ? QUERY_HASHES : QUERY_BAD;
}

/** `vpdq [...]`, or the array alone where --type says that it is one. */
static bool is_video(const uint8_t **text, size_t *n, enum hash_type bare)
{
    static const char word[] = "vpdq";
    size_t skip = 0;
    if (*n >= sizeof(word) && strncasecmp((const char *)*text, word, sizeof(word) - 1) == 0)
        skip = sizeof(word) - 1;
    else if (bare != HASH_VPDQ)
        return false;
    if (!video_signal_begins(*text + skip, *n - skip))
        return false;
    *text += skip;
    *n -= skip;
    return true;
}

/** What a line is that does not say it. */
static enum hash_type type_of(const struct hash_line *line, enum hash_type bare, const char **why)
{
    if (line->type != HASH_UNKNOWN)
        return line->type;
    if (line->digits == 64 && line->hint != HASH_UNKNOWN && hash_type_bytes(bare) != 32)
        return line->hint;
    if (bare != HASH_UNKNOWN)
        return bare;
    *why = line->digits == 64 ? "64 digits without a type may be SHA-256 or PDQ; say --type sha256 or --type pdq"
                              : "no hash that is known here has so many digits";
    return list_type_from_digits(line->digits);
}

enum query_kind query_parse(const uint8_t *text, size_t n, enum hash_type bare, struct query *query, const char **why)
{
    struct hash_line line;
    *query = (struct query){.quality = -1};
    size_t blanks = 0;
    while (blanks < n && (text[blanks] == ' ' || text[blanks] == '\t'))
        blanks++;
    const uint8_t *signal = text + blanks;
    size_t signal_len = n - blanks;
    if (is_video(&signal, &signal_len, bare)) {
        *why = "no frames of a video";
        return add_video(query, signal, signal_len) ? QUERY_HASHES : QUERY_BAD;
    }
    if (blanks < n && text[blanks] == '{')
        return parse_json(text + blanks, n - blanks, query, why);
    enum line_kind kind = hash_line_parse(text, n, &line, why);
    if (kind != LINE_HASH)
        return kind == LINE_BLANK ? QUERY_BLANK : QUERY_BAD;
    enum hash_type type = type_of(&line, bare, why);
    if (type == HASH_UNKNOWN)
        return QUERY_BAD;
    if (type == HASH_VPDQ) {
        *why = "a vpdq is an array of frames: vpdq [\"HEX,QUALITY,SECONDS\", ...]";
        return QUERY_BAD;
    }
    if (type == HASH_PDQ)
        query->quality = line.quality;
    *why = "a wrong number of hex digits for its type";
    return add(query, type, line.hex, line.digits) ? QUERY_HASHES : QUERY_BAD;
}
