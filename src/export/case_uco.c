/*
 * The findings in CASE/UCO JSON-LD: a File for each place, one for each container around it, and the relationships
 * between them. An identifier hangs on the place alone, so a container that holds several findings is written more
 * than once and is the same node; every facet and hash has an identifier too, so nothing doubles.
 */
#include "export/export.h"

#include <string.h>

#include "core/escape.h"
#include "export/words.h"

static void case_begin(const struct report *report, struct buf *out)
{
    struct buf id = {0};
    uuid_of_case(report, &id);
    buf_puts(out, "{\"@context\":{\"kb\":\"http://example.org/kb/\","
                  "\"case-investigation\":\"https://ontology.caseontology.org/case/investigation/\","
                  "\"uco-action\":\"https://ontology.unifiedcyberontology.org/uco/action/\","
                  "\"uco-core\":\"https://ontology.unifiedcyberontology.org/uco/core/\","
                  "\"uco-observable\":\"https://ontology.unifiedcyberontology.org/uco/observable/\","
                  "\"uco-tool\":\"https://ontology.unifiedcyberontology.org/uco/tool/\","
                  "\"uco-types\":\"https://ontology.unifiedcyberontology.org/uco/types/\","
                  "\"uco-vocabulary\":\"https://ontology.unifiedcyberontology.org/uco/vocabulary/\","
                  "\"xsd\":\"http://www.w3.org/2001/XMLSchema#\"},\n\"@graph\":[\n");
    buf_printf(out, "{\"@id\":\"kb:tool-%s\",\"@type\":\"uco-tool:Tool\",\"uco-core:name\":\"trawl\"", buf_str(&id));
    put_json_raw(out, ",\"uco-tool:version\":", report->info->version);
    buf_printf(out,
               "},\n{\"@id\":\"kb:scan-%s\",\"@type\":\"case-investigation:InvestigativeAction\","
               "\"uco-core:name\":\"Search for known files\",\"uco-action:instrument\":{\"@id\":\"kb:tool-%s\"}}",
               buf_str(&id), buf_str(&id));
    buf_free(&id);
}

static void node_id(const struct where *where, struct buf *out)
{
    struct buf key = {0};
    where_key(where, &key);
    uuid_of("trawl place", key.data, key.len, out);
    buf_free(&key);
}

/** `,\n{"@id":"kb:KIND-UUID","@type":"TYPE"` */
static void begin_node(struct buf *out, const char *kind, struct buf *uuid, const char *type)
{
    buf_printf(out, ",\n{\"@id\":\"kb:%s-%s\",\"@type\":\"%s\"", kind, buf_str(uuid), type);
}

static void facet_time(struct buf *out, const struct place_facts *facts, enum origin_time which, const char *name)
{
    if (place_time(facts, which) == ORIGIN_NO_TIME)
        return;
    buf_printf(out, ",\"uco-observable:%s\":{\"@type\":\"xsd:dateTime\",\"@value\":\"", name);
    time_iso(place_time(facts, which), out);
    buf_puts(out, "\"}");
}

static void file_facet(const struct where *where, struct buf *uuid, const uint64_t *size, struct buf *out)
{
    struct place_facts facts = place_facts(where);
    struct place_words words;
    place_words(where, &words);
    const char *path = (const char *)words.path.data;
    buf_printf(out, "{\"@id\":\"kb:file-facet-%s\",\"@type\":\"uco-observable:FileFacet\"", buf_str(uuid));
    put_json_text(out, ",\"uco-observable:fileName\":", path + words.name, words.path.len - words.name);
    put_json_text(out, ",\"uco-observable:filePath\":", path, words.path.len);
    if (size && *size != WHERE_UNKNOWN)
        put_json_number(out, ",\"uco-observable:sizeInBytes\":", *size);
    if (facts.origin && facts.origin->allocated != ORIGIN_ALLOCATED_UNKNOWN)
        put_json_text(out, ",\"uco-observable:allocationStatus\":", facts.deleted ? "unallocated" : "allocated",
                      facts.deleted ? 11 : 9);
    facet_time(out, &facts, ORIGIN_CREATED, "observableCreatedTime");
    facet_time(out, &facts, ORIGIN_WRITTEN, "modifiedTime");
    facet_time(out, &facts, ORIGIN_ACCESSED, "accessedTime");
    facet_time(out, &facts, ORIGIN_CHANGED, "metadataChangeTime");
    buf_byte(out, '}');
    place_words_free(&words);
}

static void hash(struct buf *out, struct buf *uuid, const char *method, const void *bytes, size_t n, const char *comma)
{
    buf_printf(
        out,
        "%s{\"@id\":\"kb:hash-%s-%s\",\"@type\":\"uco-types:Hash\",\"uco-types:hashMethod\":{\"@type\":"
        "\"uco-vocabulary:HashNameVocab\",\"@value\":\"%s\"},\"uco-types:hashValue\":{\"@type\":\"xsd:hexBinary\","
        "\"@value\":\"",
        comma, method, buf_str(uuid), method);
    buf_hex(out, bytes, n);
    buf_puts(out, "\"}}");
}

static void content_facet(const struct item *head, struct buf *uuid, struct buf *out)
{
    buf_printf(out,
               ",{\"@id\":\"kb:content-facet-%s\",\"@type\":\"uco-observable:ContentDataFacet\","
               "\"uco-observable:mimeType\":\"%s\"",
               buf_str(uuid), type_mime(head->type));
    if (head->size != WHERE_UNKNOWN)
        put_json_number(out, ",\"uco-observable:sizeInBytes\":", head->size);
    if (head->has_digests) {
        buf_puts(out, ",\"uco-observable:hash\":[");
        hash(out, uuid, "MD5", head->digests.md5, sizeof(head->digests.md5), "");
        hash(out, uuid, "SHA1", head->digests.sha1, sizeof(head->digests.sha1), ",");
        hash(out, uuid, "SHA256", head->digests.sha256, sizeof(head->digests.sha256), ",");
        buf_byte(out, ']');
    }
    buf_byte(out, '}');
}

static void tags(const struct finding *finding, struct buf *out)
{
    const struct item *head = &finding->head;
    buf_printf(out, ",\"uco-core:tag\":[\"finding %llu\",\"%s\",\"severity %u\"],\"uco-core:description\":[",
               (unsigned long long)finding->rank, match_tier(&finding->head.matches.items[0]),
               head->matches.items[0].severity);
    for (size_t i = 0; i < head->matches.n; i++) {
        struct buf words = {0};
        match_words(&head->matches.items[i], &words);
        buf_puts(out, i ? "," : "");
        escape_json(out, (const char *)words.data, words.len);
        buf_free(&words);
    }
    buf_byte(out, ']');
}

/** inner is in outer, at that byte where it is known. */
static void contained(const struct where *inner, struct buf *inner_id, struct buf *outer_id, struct buf *out)
{
    begin_node(out, "contained", inner_id, "uco-observable:ObservableRelationship");
    buf_printf(out,
               ",\"uco-core:source\":{\"@id\":\"kb:file-%s\"},\"uco-core:target\":{\"@id\":\"kb:file-%s\"},"
               "\"uco-core:kindOfRelationship\":{\"@type\":\"uco-vocabulary:ObservableObjectRelationshipVocab\","
               "\"@value\":\"Contained_Within\"},\"uco-core:isDirectional\":true",
               buf_str(inner_id), buf_str(outer_id));
    if (inner->offset <= INT64_MAX)
        buf_printf(out,
                   ",\"uco-core:hasFacet\":[{\"@id\":\"kb:range-facet-%s\",\"@type\":\"uco-observable:DataRangeFacet\","
                   "\"uco-observable:rangeOffset\":%llu}]",
                   buf_str(inner_id), (unsigned long long)inner->offset);
    buf_byte(out, '}');
}

/** The containers, from the inside out. */
static void containers(const struct where *where, struct buf *id, struct buf *out)
{
    struct buf inner = {0}, outer = {0};
    buf_put(&inner, id->data, id->len);
    for (; where->parent; where = where->parent) {
        outer.len = 0;
        node_id(where->parent, &outer);
        begin_node(out, "file", &outer, "uco-observable:File");
        buf_puts(out, ",\"uco-core:hasFacet\":[");
        file_facet(where->parent, &outer, NULL, out);
        buf_puts(out, "]}");
        contained(where, &inner, &outer, out);
        inner.len = 0;
        buf_put(&inner, outer.data, outer.len);
    }
    buf_free(&inner);
    buf_free(&outer);
}

static void case_place(const struct finding *finding, uint64_t number, const struct where *where, struct buf *out)
{
    struct buf id = {0};
    (void)number;
    node_id(where, &id);
    begin_node(out, "file", &id, "uco-observable:File");
    tags(finding, out);
    buf_puts(out, ",\"uco-core:hasFacet\":[");
    file_facet(where, &id, &finding->head.size, out);
    content_facet(&finding->head, &id, out);
    buf_puts(out, "]}");
    containers(where, &id, out);
    buf_free(&id);
}

static void case_end(const struct report *report, struct buf *out)
{
    (void)report;
    buf_puts(out, "\n]}\n");
}

const struct report_writer report_case = {
    .format = REPORT_CASE,
    .file = "report.case.jsonld",
    .begin = case_begin,
    .place = case_place,
    .end = case_end,
};
