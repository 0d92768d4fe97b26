#include "match/hit_json.h"

#include "core/escape.h"
#include "core/match_video.h"

static void field(struct buf *out, const char *name, const char *text)
{
    buf_printf(out, ",\"%s\":", name);
    escape_json_str(out, text);
}

/** What only some lists say. */
static void words_json(struct buf *out, const struct match *match)
{
    const char *comma = ",\"flags\":[\"";
    if (*match->code)
        field(out, "code", match->code);
    if (*match->series)
        field(out, "series", match->series);
    if (*match->photodna)
        field(out, "photodna", match->photodna);
    for (unsigned flag = 1; flag < MATCH_FLAGS_ALL; flag <<= 1)
        if (match->flags & flag) {
            buf_printf(out, "%s%s\"", comma, match_flag_name(flag));
            comma = ",\"";
        }
    buf_puts(out, match->flags ? "]" : "");
}

void hit_json(struct buf *out, const struct match *match, bool screened)
{
    size_t bytes = hash_type_bytes(match->type);
    buf_printf(out, "\"type\":\"%s\",\"value\":\"", hash_type_name(match->type));
    buf_hex(out, match->value, bytes);
    buf_puts(out, "\",\"observed\":\"");
    buf_hex(out, match->observed, bytes);
    buf_byte(out, '"');
    field(out, "list", match->list);
    field(out, "entry", match->entry);
    /* Equal PDQs are near as well: they are no proof that two files are the same. */
    field(out, "tier", match_tier(match));
    buf_printf(out, screened ? ",\"distance\":null,\"screen_distance\":%u" : ",\"distance\":%u", match->distance);
    if (match->rotation)
        buf_printf(out, ",\"rotation\":\"%s\"", pdq_rotation_name((enum pdq_rotation)match->rotation));
    match_video_json(&match->video, match->type, out);
    field(out, "category", match->category);
    buf_printf(out, ",\"severity\":%u", match->severity);
    words_json(out, match);
}
