/*
 * A Project VIC case in VICS 2.0 JSON: one Media for each content, one MediaFile for each of its places.
 *
 * Readers ask for the context first and the value second, and read as a stream; so the order of keys is theirs. Only
 * Category is a verdict: it is written where an exact match is with a VICS list that has a code for the file. A near
 * match is a lead and is marked IsSuspected, without anything that the list says of its own picture.
 */
#include "export/export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/escape.h"
#include "export/words.h"
#include "report/order.h"

#define URL "http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/"

static const struct list_info *list_of(const struct report *report, const struct match *match)
{
    for (size_t i = 0; i < report->info->n_lists; i++)
        if (!report->info->lists[i].known && strcmp(report->info->lists[i].name, match->list) == 0)
            return &report->info->lists[i];
    return NULL;
}

static bool is_vics(const struct list_info *list)
{
    return list && list->source && strncmp(list->source, "VICS", 4) == 0;
}

/** The region whose codes the lists use: what stands behind "region" in their description, where all agree. */
static void write_region(const struct report *report, struct buf *out)
{
    const char *region = NULL;
    size_t n = 0;
    for (size_t i = 0; i < report->info->n_lists; i++) {
        const struct list_info *list = &report->info->lists[i];
        const char *at = is_vics(list) ? strstr(list->source, "region ") : NULL;
        if (!at)
            continue;
        at += strlen("region ");
        size_t length = strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
        if (region && (length != n || memcmp(region, at, n) != 0)) {
            region = NULL;
            break;
        }
        region = at;
        n = length;
    }
    if (region && n)
        buf_put(out, region, n);
    else
        buf_puts(out, "Default");
}

static void metadata(struct buf *out, const char *id, const char *name, const char *raw, const char *comma)
{
    buf_printf(out, "%s\n {\"CaseID\":\"%s\",\"PropertyName\":\"%s\"", comma, id, name);
    put_json_raw(out, ",\"PropertyValue\":", raw);
    buf_byte(out, '}');
}

/** What was asked: sources, options, lists; and what this file cannot hold. */
static void case_metadata(const struct report *report, const char *id, struct buf *out)
{
    const struct case_info *info = report->info;
    struct buf text = {0};
    buf_puts(out, "\"CaseMetadata\":[");
    metadata(out, id, "trawl complete", report->end->complete ? "true" : "false", "");
    for (size_t i = 0; i < info->n_sources + info->n_options + info->n_lists; i++) {
        char name[64];
        bool source = i < info->n_sources, option = i < info->n_sources + info->n_options;
        size_t number = source ? i : option ? i - info->n_sources : i - info->n_sources - info->n_options;
        snprintf(name, sizeof(name), "trawl %s %zu", source ? "source" : option ? "option" : "list", number + 1);
        text.len = 0;
        if (source || option) {
            buf_puts(&text, source ? info->sources[number] : info->options[number]);
        } else {
            buf_printf(&text, "%s sha256=", info->lists[number].name);
            buf_hex(&text, info->lists[number].sha256, sizeof(info->lists[number].sha256));
        }
        metadata(out, id, name, buf_str(&text), ",");
    }
    buf_free(&text);
    if (report->totals.unhashed_findings) {
        char n[24];
        snprintf(n, sizeof(n), "%llu", (unsigned long long)report->totals.unhashed_findings);
        metadata(out, id, "trawl findings without MD5: see report.jsonl", n, ",");
    }
    buf_puts(out, "],\n");
}

static void vics_begin(const struct report *report, struct buf *out)
{
    struct buf id = {0};
    uuid_of_case(report, &id);
    buf_puts(out, "{\"@odata.context\":\"" URL);
    write_region(report, out);
    buf_puts(out, "/$metadata#Cases\",\n\"value\":[{");
    buf_printf(out, "\"CaseID\":\"%s\"", buf_str(&id));
    put_json_number(out, ",\"TotalMediaFiles\":", report->totals.findings - report->totals.unhashed_findings);
    buf_puts(out, ",\"SourceApplicationName\":\"trawl\"");
    put_json_raw(out, ",\"SourceApplicationVersion\":", report->info->version);
    buf_puts(out, ",\n");
    case_metadata(report, buf_str(&id), out);
    buf_puts(out, "\"Media\":[");
    buf_free(&id);
}

/** The code of the first exact match that has one that fits; NULL where none has. */
static const struct match *verdict(const struct report *report, const struct finding *finding, unsigned *code)
{
    for (size_t i = 0; i < finding->head.matches.n; i++) {
        const struct match *match = &finding->head.matches.items[i];
        size_t n = match->code ? strspn(match->code, "0123456789") : 0;
        if (match_is_near(match) || !n || n > 3 || match->code[n] || !is_vics(list_of(report, match)))
            continue;
        *code = (unsigned)strtoul(match->code, NULL, 10);
        if (*code <= 255)
            return match;
    }
    return NULL;
}

static void flag(const struct finding *finding, const char *name, unsigned yes, unsigned no, struct buf *out)
{
    unsigned flags = 0;
    for (size_t i = 0; i < finding->head.matches.n; i++)
        if (!match_is_near(&finding->head.matches.items[i]))
            flags |= finding->head.matches.items[i].flags;
    if (flags & (yes | no))
        buf_printf(out, ",\"%s\":%s", name, flags & yes ? "true" : "false");
}

/** What lists say of this very content: of exact matches only. */
static void listed_words(const struct report *report, const struct finding *finding, struct buf *out)
{
    const struct match *match, *series = NULL, *photodna = NULL;
    unsigned code;
    flag(finding, "VictimIdentified", MATCH_VICTIM_IDENTIFIED, MATCH_VICTIM_UNIDENTIFIED, out);
    flag(finding, "OffenderIdentified", MATCH_OFFENDER_IDENTIFIED, MATCH_OFFENDER_UNIDENTIFIED, out);
    flag(finding, "IsDistributed", MATCH_DISTRIBUTED, MATCH_NOT_DISTRIBUTED, out);
    flag(finding, "SelfGenerated", MATCH_SELF_GENERATED, 0, out);
    for (size_t i = finding->head.matches.n; i-- > 0;) {
        match = &finding->head.matches.items[i];
        if (match_is_near(match))
            continue;
        series = match->series && *match->series ? match : series;
        photodna = match->photodna && *match->photodna ? match : photodna;
    }
    if (series)
        put_json_raw(out, ",\"Series\":", series->series);
    if (photodna)
        put_json_raw(out, ",\"PhotoDNA\":", photodna->photodna);
    match = verdict(report, finding, &code);
    buf_printf(out, ",\"IsPrecategorized\":%s", match ? "true" : "false");
    if (match)
        put_json_raw(out, ",\"PrecategorizationSource\":", match->list);
    buf_printf(out, ",\"IsSuspected\":%s", finding_is_near(finding) ? "true" : "false");
}

static void other_hashes(const struct item *head, const uint8_t *pdq, struct buf *out)
{
    buf_puts(out, ",\n \"AlternativeHashes\":[{\"MD5\":\"");
    buf_hex_upper(out, head->digests.md5, sizeof(head->digests.md5));
    buf_puts(out, "\",\"HashName\":\"SHA256\",\"HashValue\":\"");
    buf_hex_upper(out, head->digests.sha256, sizeof(head->digests.sha256));
    if (pdq) {
        buf_puts(out, "\"},{\"MD5\":\"");
        buf_hex_upper(out, head->digests.md5, sizeof(head->digests.md5));
        buf_puts(out, "\",\"HashName\":\"PDQ\",\"HashValue\":\"");
        buf_hex(out, pdq, PDQ_BYTES);
    }
    buf_puts(out, "\"}]");
}

/** Every match in words; a property's name is a key, so they are numbered. */
static void media_metadata(const struct finding *finding, struct buf *out)
{
    const struct item *head = &finding->head;
    struct buf words = {0};
    buf_puts(out, ",\n \"MediaMetadata\":[");
    for (size_t i = 0; i < head->matches.n; i++) {
        words.len = 0;
        match_words(&head->matches.items[i], &words);
        buf_puts(out, i ? ",{\"MD5\":\"" : "{\"MD5\":\"");
        buf_hex_upper(out, head->digests.md5, sizeof(head->digests.md5));
        buf_printf(out, "\",\"PropertyName\":\"trawl match %zu\"", i + 1);
        put_json_text(out, ",\"PropertyValue\":", (const char *)words.data, words.len);
        buf_byte(out, '}');
    }
    buf_puts(out, "]");
    buf_free(&words);
}

static void vics_finding(const struct report *report, const struct finding *finding, struct buf *out)
{
    const struct item *head = &finding->head;
    struct buf words = {0};
    unsigned code;
    if (!head->has_digests)
        return;
    put_json_number(out, finding->hashed_before ? ",\n{\"MediaID\":" : "\n{\"MediaID\":", finding->rank);
    if (verdict(report, finding, &code))
        put_json_number(out, ",\"Category\":", code);
    buf_puts(out, ",\"MD5\":\"");
    buf_hex_upper(out, head->digests.md5, sizeof(head->digests.md5));
    buf_puts(out, "\",\"SHA1\":\"");
    buf_hex_upper(out, head->digests.sha1, sizeof(head->digests.sha1));
    buf_byte(out, '"');
    match_words(&head->matches.items[0], &words);
    put_json_text(out, ",\"Comments\":", (const char *)words.data, words.len);
    buf_printf(out, ",\"Tags\":\"trawl %s, severity %u\"", match_tier(&finding->head.matches.items[0]),
               head->matches.items[0].severity);
    if (head->size <= INT64_MAX)
        put_json_number(out, ",\"MediaSize\":", head->size);
    listed_words(report, finding, out);
    buf_printf(out, ",\"MimeType\":\"%s\"", type_mime(head->type));
    other_hashes(head, finding_pdq(finding), out);
    media_metadata(finding, out);
    buf_puts(out, ",\n \"MediaFiles\":[");
    buf_free(&words);
}

static void file_times(const struct place_facts *facts, struct buf *out)
{
    static const char *const names[] = {"Created", "Written", "Accessed"};
    for (int i = ORIGIN_CREATED; i <= ORIGIN_ACCESSED; i++)
        if (place_time(facts, (enum origin_time)i) != ORIGIN_NO_TIME) {
            buf_printf(out, ",\"%s\":\"", names[i]);
            time_iso(place_time(facts, (enum origin_time)i), out);
            buf_byte(out, '"');
        }
}

static void file_lay(const struct where *where, const struct place_facts *facts, struct buf *out)
{
    buf_printf(out, ",\"Unallocated\":%s,\"Deleted\":%s", facts->carved ? "true" : "false",
               facts->deleted ? "true" : "false");
    if (facts->offset <= INT64_MAX)
        put_json_number(out, ",\"PhysicalLocation\":", facts->offset);
    struct place_facts around = where->parent ? place_facts(where->parent) : (struct place_facts){.offset = UINT64_MAX};
    if (around.offset <= INT64_MAX)
        put_json_number(out, ",\"ParentPhysicalLocation\":", around.offset);
}

static void vics_place(const struct finding *finding, uint64_t number, const struct where *where, struct buf *out)
{
    const struct item *head = &finding->head;
    struct place_facts facts = place_facts(where);
    struct place_words words;
    if (!head->has_digests)
        return;
    place_words(where, &words);
    const char *path = (const char *)words.path.data, *parent = (const char *)words.parent.data;
    buf_puts(out, number > 1 ? ",\n  {\"MD5\":\"" : "\n  {\"MD5\":\"");
    buf_hex_upper(out, head->digests.md5, sizeof(head->digests.md5));
    put_json_number(out, "\",\"MediaFileID\":", number);
    put_json_text(out, ",\"FileName\":", path + words.name, words.path.len - words.name);
    put_json_text(out, ",\"FilePath\":", path, words.name);
    file_times(&facts, out);
    put_json_text(out, ",\"SourceID\":", (const char *)words.source.data, words.source.len);
    file_lay(where, &facts, out);
    if (words.parent.len) {
        put_json_text(out, ",\"ParentFileName\":", parent + words.parent_name, words.parent.len - words.parent_name);
        put_json_text(out, ",\"ParentFilePath\":", parent, words.parent_name);
    }
    buf_byte(out, '}');
    place_words_free(&words);
}

static void vics_finding_end(const struct finding *finding, struct buf *out)
{
    if (finding->head.has_digests)
        buf_puts(out, "]}");
}

static void vics_end(const struct report *report, struct buf *out)
{
    (void)report;
    buf_puts(out, "\n]}]}\n");
}

const struct report_writer report_vics = {
    .format = REPORT_VICS,
    .file = "report.vics.json",
    .begin = vics_begin,
    .finding = vics_finding,
    .place = vics_place,
    .finding_end = vics_finding_end,
    .end = vics_end,
};
