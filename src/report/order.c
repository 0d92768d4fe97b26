#include "report/order.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/buf.h"
#include "core/match_video.h"
#include "report/finding.h"
#include "trawl/origin.h"
#include "trawl/where.h"

const char report_order_help[] =
    "Findings are in this order, the first difference deciding; each finding shows its own (\"why\"):\n"
    "  1. those whose entries were all demoted (--flood) behind all others\n"
    "  2. severity: 1, the most severe, first; 9 where the list says nothing; of no interest to its list last\n"
    "  3. tier and distance: exact (the digest of the file is on a list), near by 0-10, 11-20, 21-31, more bits\n"
    "  4. certainty: exact by SHA-1 or SHA-256 before MD5 alone; near with quality 80 and more before lower, and both\n"
    "     before unstable hashes (flat or symmetric pictures) and quality under 50\n"
    "  5. entries that nobody disputes before disputed ones\n"
    "  6. victims: not identified yet, then where the list says nothing, then identified\n"
    "  7. distribution: not known to be distributed, then where the list says nothing, then distributed\n"
    "  8. state: in a file, in a deleted file, carved (of several places the best one counts)\n"
    "  9. recency: the newest month, of the times in the evidence and of the camera, first; unknown last\n"
    " 10. the number of other findings in its folder: more first\n"
    " 11. near matches: the smaller distance, then the higher quality first\n"
    " 12. the first of its places, in the order of inventory.jsonl: by the bytes of the path of the file on the host, "
    "members of\n"
    "     a container behind it in the order of the container\n"
    "A finding shows its best match: the one first by severity, exact before near, distance, the order in which the "
    "lists were\n"
    "given, and entry (the shorter one first, then by bytes: so line numbers count up); last sha256, sha1, md5, pdq; "
    "those of\n"
    "demoted entries behind all others.\n";

bool match_is_near(const struct match *match)
{
    return hash_type_is_near(match->type);
}

int match_quality(const struct item *item, const struct match *match)
{
    if (!match_is_near(match))
        return -1;
    if (match->video.is_video)
        return match->video.quality;
    return item->has_pdq ? item->pdq_quality : -1;
}

void match_video_words(const struct match *match, struct buf *out)
{
    const struct match_video *video = &match->video;
    if (!video->is_video)
        return;
    if (match->type == HASH_VPDQ) {
        buf_puts(out, ", ");
        match_video_percent(video->file_near, video->file_frames, out);
        buf_puts(out, " % of its frames, ");
        match_video_percent(video->list_near, video->list_frames, out);
        buf_puts(out, " % of the listed video's");
    }
    buf_printf(out, ", frame %u at ", video->number);
    video_seconds_text(video->time_ms, out);
    buf_puts(out, " s");
    if (video->track)
        buf_printf(out, " of track %u", video->track + 1u);
}

/** The list's position among those given; behind all for a name that is not among them. */
static size_t list_position(const char *name, const struct case_info *info)
{
    size_t i = 0;
    while (i < info->n_lists && strcmp(info->lists[i].name, name) != 0)
        i++;
    return i;
}

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

static int entry_compare(const char *a, const char *b)
{
    size_t a_len = strlen(a), b_len = strlen(b);
    return a_len != b_len ? COMPARE(a_len, b_len) : strcmp(a, b);
}

static int text_compare(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "");
}

/** The stronger digest first. */
static int type_compare(enum hash_type a, enum hash_type b)
{
    static const int strength[HASH_TYPE_COUNT] = {
        [HASH_SHA256] = 0, [HASH_SHA1] = 1, [HASH_MD5] = 2, [HASH_VPDQ] = 3, [HASH_PDQ] = 4};
    return strength[a] - strength[b];
}

int match_identity(const struct match *a, const struct match *b)
{
    int order = type_compare(a->type, b->type);
    order = order ? order : strcmp(a->list, b->list);
    order = order ? order : entry_compare(a->entry, b->entry);
    order = order ? order : COMPARE(a->severity, b->severity);
    order = order ? order : strcmp(a->category, b->category);
    order = order ? order : COMPARE(a->flags, b->flags);
    order = order ? order : text_compare(a->code, b->code);
    order = order ? order : text_compare(a->series, b->series);
    order = order ? order : text_compare(a->photodna, b->photodna);
    return order ? order : memcmp(a->value, b->value, hash_type_bytes(a->type));
}

int match_compare(const struct match *a, const struct match *b, const struct case_info *info)
{
    int order = COMPARE(a->severity, b->severity);
    order = order ? order : match_is_near(a) - match_is_near(b);
    order = order ? order : COMPARE(a->distance, b->distance);
    if (!order && strcmp(a->list, b->list) != 0)
        order = COMPARE(list_position(a->list, info), list_position(b->list, info));
    order = order ? order : strcmp(a->list, b->list);
    order = order ? order : entry_compare(a->entry, b->entry);
    order = order ? order : match_identity(a, b);
    return order ? order : COMPARE(a->rotation, b->rotation);
}

enum band match_band(const struct match *match)
{
    if (!match_is_near(match))
        return BAND_EXACT;
    return match->distance <= 10   ? BAND_10
           : match->distance <= 20 ? BAND_20
           : match->distance <= 31 ? BAND_31
                                   : BAND_FAR;
}

const char *band_name(enum band band)
{
    static const char *const names[BANDS] = {"exact", "near 0-10", "near 11-20", "near 21-31", "near 32 and more"};
    return names[band];
}

enum place_state where_state(const struct where *where)
{
    enum place_state state = PLACE_ALLOCATED;
    for (; where; where = where->parent) {
        if (!where->origin)
            continue;
        if (where->origin->kind == ORIGIN_CARVED)
            return PLACE_CARVED;
        if (where->origin->allocated == ORIGIN_DELETED)
            state = PLACE_DELETED;
    }
    return state;
}

const char *place_state_name(enum place_state state)
{
    static const char *const names[] = {"allocated", "deleted", "carved"};
    return names[state];
}

int64_t item_newest(const struct item *item)
{
    int64_t newest = item->camera.time;
    for (const struct where *w = item->where; w; w = w->parent)
        for (int t = 0; w->origin && t < ORIGIN_TIMES; t++) {
            int64_t seconds = w->origin->times[t] / 1000000000;
            if (w->origin->times[t] != ORIGIN_NO_TIME && seconds && (!newest || seconds > newest))
                newest = seconds;
        }
    return newest;
}

/** Flags of all matches that count. */
static unsigned finding_flags(const struct finding *finding)
{
    unsigned flags = 0;
    size_t n = finding->n_clear ? finding->n_clear : finding->head.matches.n;
    for (size_t i = 0; i < n; i++)
        flags |= finding->head.matches.items[i].flags;
    return flags;
}

/** 0 where the first is said of it, 2 where only the second is, 1 where neither is. */
static uint8_t flag_rank(unsigned flags, unsigned first, unsigned second)
{
    return flags & first ? 0 : flags & second ? 2 : 1;
}

enum certainty { CERTAIN, LIKELY, DOUBTFUL };

/** A stronger digest than MD5 hit, too. */
static bool has_strong_digest(const struct finding *finding)
{
    for (size_t i = 0; i < finding->head.matches.n; i++)
        if (!match_is_near(&finding->head.matches.items[i]) && finding->head.matches.items[i].type != HASH_MD5)
            return true;
    return false;
}

static enum certainty finding_certainty(const struct finding *finding)
{
    const struct item *head = &finding->head;
    if (!match_is_near(&head->matches.items[0]))
        return has_strong_digest(finding) ? CERTAIN : LIKELY;
    const struct match *best = &head->matches.items[0];
    int quality = match_quality(head, best);
    if (quality < 50 || (!best->video.is_video && !head->pdq_stable))
        return DOUBTFUL;
    return quality >= 80 ? CERTAIN : LIKELY;
}

uint32_t month_of(int64_t seconds)
{
    struct tm tm;
    time_t t = (time_t)seconds;
    if (!seconds || !gmtime_r(&t, &tm) || tm.tm_year < -1900 || tm.tm_year > 100000)
        return 0;
    return (uint32_t)(tm.tm_year + 1900) * 12 + (uint32_t)tm.tm_mon + 1;
}

/** High byte first: as memcmp compares. */
static void key_u32(struct buf *out, uint32_t v)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        buf_byte(out, (uint8_t)(v >> shift));
}

void order_key(const struct finding *finding, struct buf *out)
{
    const struct item *head = &finding->head;
    const struct match *best = &head->matches.items[0];
    int quality = match_quality(head, best);
    unsigned flags = finding_flags(finding);
    buf_u8(out, finding->n_clear == 0);
    buf_u8(out, best->severity);
    buf_u8(out, (best->flags & MATCH_NOT_PERTINENT) != 0);
    buf_u8(out, (uint8_t)match_band(best));
    buf_u8(out, (uint8_t)finding_certainty(finding));
    buf_u8(out, (flags & MATCH_DISPUTED) != 0);
    buf_u8(out, flag_rank(flags, MATCH_VICTIM_UNIDENTIFIED, MATCH_VICTIM_IDENTIFIED));
    buf_u8(out, flag_rank(flags, MATCH_NOT_DISTRIBUTED, MATCH_DISTRIBUTED));
    buf_u8(out, (uint8_t)finding->state);
    key_u32(out, UINT32_MAX - month_of(finding->newest));
    key_u32(out, UINT32_MAX - finding->nearby);
    buf_u8(out, (uint8_t)(best->distance >> 8));
    buf_u8(out, (uint8_t)best->distance);
    buf_u8(out, quality >= 0 ? (uint8_t)(100 - quality) : 101);
    where_key(head->where, out);
}

static void say(struct why *why, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(struct why *why, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(why->words[why->n++], sizeof(why->words[0]), format, args);
    va_end(args);
}

static void say_match(const struct finding *finding, struct why *why)
{
    const struct item *head = &finding->head;
    const struct match *best = &head->matches.items[0];
    const char *turned = best->rotation ? pdq_rotation_name((enum pdq_rotation)best->rotation) : NULL;
    if (!match_is_near(best)) {
        say(why, has_strong_digest(finding) ? "exact, %s" : "exact, %s alone", hash_type_name(best->type));
        return;
    }
    struct buf video = {0};
    match_video_words(best, &video);
    if (video.len)
        say(why, "%s", buf_str(&video) + 2);
    buf_free(&video);
    say(why, "%s, distance %u%s%s", band_name(match_band(best)), best->distance, turned ? ", " : "",
        turned ? turned : "");
    int quality = match_quality(head, best);
    if (quality >= 0)
        say(why, "quality %d%s", quality, best->video.is_video || head->pdq_stable ? "" : ", not stable");
}

static void say_flags(unsigned flags, struct why *why)
{
    static const struct {
        unsigned flag;
        const char *words;
    } told[] = {
        {MATCH_DISPUTED, "disputed"},
        {MATCH_VICTIM_UNIDENTIFIED, "victim not identified"},
        {MATCH_VICTIM_IDENTIFIED, "victim identified"},
        {MATCH_NOT_DISTRIBUTED, "not known to be distributed"},
        {MATCH_DISTRIBUTED, "distributed"},
    };
    const char *comma = "";
    char text[80] = "";
    for (size_t i = 0; i < sizeof(told) / sizeof(*told); i++) {
        if (!(flags & told[i].flag))
            continue;
        size_t n = strlen(text);
        snprintf(text + n, sizeof(text) - n, "%s%s", comma, told[i].words);
        comma = ", ";
    }
    if (*text)
        say(why, "%s", text);
}

void order_why(const struct finding *finding, struct why *why)
{
    const struct match *best = &finding->head.matches.items[0];
    unsigned flags = finding_flags(finding);
    why->n = 0;
    if (!finding->n_clear)
        say(why, "demoted: its entries hit too many contents");
    say(why, "severity %u%s", best->severity, best->flags & MATCH_NOT_PERTINENT ? ", of no interest to its list" : "");
    say_match(finding, why);
    say_flags(flags, why);
    say(why, "%s", place_state_name(finding->state));
    uint32_t month = month_of(finding->newest);
    if (month)
        say(why, "newest %04u-%02u", (month - 1) / 12, (month - 1) % 12 + 1);
    say(why, finding->nearby == 1 ? "%u other finding in its folder" : "%u other findings in its folder",
        finding->nearby);
    if (finding->known)
        say(why, "also on a list of known files");
}
