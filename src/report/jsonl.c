#include "core/buf.h"
#include "core/escape.h"
#include "core/match_video.h"
#include "report/context.h"
#include "report/order.h"
#include "report/text.h"

static void string(struct buf *out, const char *name, const char *raw)
{
    buf_puts(out, name);
    text_json(out, raw);
}

static void number(struct buf *out, const char *name, uint64_t v)
{
    buf_puts(out, name);
    buf_decimal(out, v);
}

static void hex_or_null(struct buf *out, const char *name, bool known, const void *bytes, size_t n)
{
    buf_puts(out, name);
    buf_puts(out, known ? "\"" : "null");
    if (!known)
        return;
    buf_hex(out, bytes, n);
    buf_byte(out, '"');
}

/** The fields that a finding and each of its matches have in common. */
static void write_match_words(const struct match *match, struct buf *out)
{
    string(out, ",\"list\":", match->list);
    string(out, ",\"entry\":", match->entry);
    string(out, ",\"category\":", match->category);
    number(out, ",\"severity\":", match->severity);
    if (match->code && *match->code)
        string(out, ",\"code\":", match->code);
    if (match->series && *match->series)
        string(out, ",\"series\":", match->series);
    for (unsigned bit = 1, n = 0; bit < MATCH_FLAGS_ALL; bit <<= 1)
        if (match->flags & bit)
            string(out, n++ ? "," : ",\"flags\":[", match_flag_name(bit));
    buf_puts(out, match->flags & MATCH_FLAGS_ALL ? "]" : "");
}

static void write_tier(const struct match *match, struct buf *out)
{
    string(out, "\"tier\":", match_tier(match));
    string(out, ",\"algorithm\":", hash_type_name(match->type));
    number(out, ",\"distance\":", match->distance);
    if (match->rotation)
        string(out, ",\"rotation\":", pdq_rotation_name((enum pdq_rotation)match->rotation));
    match_video_json(&match->video, match->type, out);
}

static void write_content(const struct item *head, struct buf *out)
{
    hex_or_null(out, ",\"sha256\":", head->has_digests, head->digests.sha256, sizeof(head->digests.sha256));
    hex_or_null(out, ",\"md5\":", head->has_digests, head->digests.md5, sizeof(head->digests.md5));
    if (head->size == WHERE_UNKNOWN)
        buf_puts(out, ",\"size\":null");
    else
        number(out, ",\"size\":", head->size);
    string(out, ",\"type\":", type_name(head->type));
    camera_json(&head->camera, out);
}

static void write_matches(const struct match_list *matches, struct buf *out)
{
    buf_puts(out, ",\"matches\":[");
    for (size_t i = 0; i < matches->n; i++) {
        const struct match *match = &matches->items[i];
        buf_puts(out, i ? ",{" : "{");
        write_tier(match, out);
        write_match_words(match, out);
        hex_or_null(out, ",\"value\":", true, match->value, hash_type_bytes(match->type));
        buf_byte(out, '}');
    }
    buf_byte(out, ']');
}

/** The sort keys as values, and in words. */
static void write_why(const struct finding *finding, struct buf *out)
{
    struct why why;
    string(out, ",\"state\":", place_state_name(finding->state));
    if (finding->newest) {
        char time[24];
        camera_time_text(finding->newest, time);
        string(out, ",\"newest\":", time);
    }
    number(out, ",\"nearby\":", finding->nearby);
    buf_puts(out, finding->n_clear ? "" : ",\"demoted\":true");
    if (finding->verdict)
        string(out, ",\"verdict\":", verdict_name(finding->verdict));
    order_why(finding, &why);
    for (size_t i = 0; i < why.n; i++)
        string(out, i ? "," : ",\"why\":[", why.words[i]);
    buf_byte(out, ']');
}

static void jsonl_finding(const struct report *report, const struct finding *finding, struct buf *out)
{
    const struct item *head = &finding->head;
    const struct match *best = &head->matches.items[0];
    (void)report;
    number(out, "{\"rank\":", finding->rank);
    buf_byte(out, ',');
    write_tier(best, out);
    if (match_quality(head, best) >= 0)
        number(out, ",\"quality\":", (uint64_t)match_quality(head, best));
    else
        buf_puts(out, ",\"quality\":null");
    write_match_words(best, out);
    write_content(head, out);
    hex_or_null(out, ",\"matched\":", true, best->value, hash_type_bytes(best->type));
    hex_or_null(out, ",\"observed\":", true, best->observed, hash_type_bytes(best->type));
    write_why(finding, out);
    buf_puts(out, finding->known ? ",\"known\":true" : "");
    buf_puts(out, finding->is_new ? ",\"new\":true" : "");
    write_matches(&head->matches, out);
    buf_puts(out, ",\"locations\":[");
}

static void jsonl_place(const struct finding *finding, uint64_t place, const struct where *where, struct buf *out)
{
    struct buf path = {0};
    (void)finding;
    where_path(where, &path);
    buf_puts(out, place > 1 ? ",{\"path\":" : "{\"path\":");
    escape_json(out, (const char *)path.data, path.len);
    buf_puts(out, ",\"where\":");
    where_json(where, out);
    buf_byte(out, '}');
    buf_free(&path);
}

static void jsonl_finding_end(const struct finding *finding, struct buf *out)
{
    (void)finding;
    buf_puts(out, "]}\n");
}

const struct report_writer report_jsonl = {
    .format = REPORT_JSONL,
    .file = "report.jsonl",
    .finding = jsonl_finding,
    .place = jsonl_place,
    .finding_end = jsonl_finding_end,
};
