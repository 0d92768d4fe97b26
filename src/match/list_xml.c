/*
 * list_xml.c: saved answers of the NCMEC hash-sharing API, version 2: images and videos with their fingerprints,
 * classification, feedback, and what was deleted.
 *
 * libxml2's reader, one node at a time. A document type is refused (no answer has one), so there are no entities of the
 * document's own; nothing outside of the file is ever opened.
 */
#include <libxml/xmlreader.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "core/alloc.h"
#include "match/list.h"

/** Fingerprints of one entry. */
#define PRINTS_MAX 16

struct print {
    enum hash_type type;
    struct buf text;
};

/** What is open: image, deletedVideo ... and one element inside. */
struct feed {
    struct loader *loader;
    xmlTextReaderPtr reader;
    bool in_entry, is_video, is_deleted, in_prints, disputed;
    bool has_root;
    uint64_t line, ordinal;
    /** Depth of the entry's element. */
    int depth;
    struct buf member, id, classification, stamp, photodna;
    /** Where the text of the element that is open goes, or NULL. */
    struct buf *text;
    struct print prints[PRINTS_MAX];
    size_t n_prints;
    bool has_photodna;
    /** The first error of the parser. */
    char error[160];
    int error_line;
};

static int read_bytes_for(void *context, char *out, int size)
{
    struct loader *loader = ((struct feed *)context)->loader;
    const uint8_t *text;
    size_t n = rows_peek(&loader->rows, &text);
    n = n < (size_t)size ? n : (size_t)size;
    memcpy(out, text, n);
    rows_skip(&loader->rows, n);
    return (int)n;
}

static void on_error(void *context, xmlErrorPtr error)
{
    struct feed *feed = context;
    if (feed->error[0] || error->level < XML_ERR_ERROR)
        return;
    snprintf(feed->error, sizeof(feed->error), "%.150s", error->message ? error->message : "no XML");
    feed->error[strcspn(feed->error, "\n")] = '\0';
    feed->error_line = error->line;
}

static uint64_t line_here(const struct feed *feed)
{
    int line = xmlTextReaderGetParserLineNumber(feed->reader);
    return line > 0 ? (uint64_t)line : 1;
}

static bool is(const char *name, const char *word)
{
    return strcmp(name, word) == 0;
}

static void begin_entry(struct feed *feed, bool video, bool deleted)
{
    feed->in_entry = true;
    feed->is_video = video;
    feed->is_deleted = deleted;
    feed->in_prints = feed->disputed = feed->has_photodna = false;
    feed->line = line_here(feed);
    feed->depth = xmlTextReaderDepth(feed->reader);
    feed->loader->ordinal = ++feed->ordinal;
    feed->member.len = feed->id.len = feed->classification.len = feed->stamp.len = feed->photodna.len = 0;
    feed->n_prints = 0;
}

/** A fingerprint's element: its text is a hash of that type, if trawl knows the type. */
static struct buf *begin_print(struct feed *feed, const char *name)
{
    enum hash_type type = list_type_from_name((const uint8_t *)name, strlen(name));
    if (is(name, "pdna")) {
        feed->has_photodna = true;
        feed->photodna.len = 0;
        return &feed->photodna;
    }
    if (type == HASH_UNKNOWN)
        return NULL;
    if (feed->n_prints == PRINTS_MAX) {
        loader_bad(feed->loader, feed->line, "more than %d fingerprints", PRINTS_MAX);
        return NULL;
    }
    struct print *print = &feed->prints[feed->n_prints++];
    print->type = type;
    print->text.len = 0;
    return &print->text;
}

static void begin_inside(struct feed *feed, const char *name, int depth)
{
    feed->text = NULL;
    if (depth == feed->depth + 1 && is(name, "member")) {
        xmlChar *id = xmlTextReaderGetAttribute(feed->reader, (const xmlChar *)"id");
        feed->member.len = 0;
        buf_puts(&feed->member, id ? (const char *)id : "");
        xmlFree(id);
    } else if (depth == feed->depth + 1) {
        feed->in_prints = is(name, "fingerprints");
        feed->text = is(name, "id")               ? &feed->id
                     : is(name, "classification") ? &feed->classification
                     : is(name, "timestamp")      ? &feed->stamp
                                                  : NULL;
    } else if (depth == feed->depth + 2 && feed->in_prints) {
        feed->text = begin_print(feed, name);
    } else if (is(name, "negativeFeedback")) {
        feed->disputed = true;
    }
}

/** 2017-10-24T15:00:00Z; 0 for anything else. */
static int64_t stamp_of(struct feed *feed)
{
    struct tm tm = {0};
    const char *end = feed->stamp.len < 64 ? strptime(buf_str(&feed->stamp), "%Y-%m-%dT%H:%M:%S", &tm) : NULL;
    return end ? (int64_t)timegm(&tm) : 0;
}

static void add_prints(struct feed *feed, const struct posting *posting)
{
    struct loader *loader = feed->loader;
    uint8_t digest[32];
    for (size_t i = 0; i < feed->n_prints; i++) {
        const struct print *print = &feed->prints[i];
        if (print->type == HASH_VPDQ) {
            loader_add_video(loader, feed->line, print->text.data, print->text.len, posting);
            continue;
        }
        if (!print->text.len ||
            !loader_decode(loader, feed->line, print->type, print->text.data, print->text.len, digest))
            continue;
        loader_add(loader, print->type, digest, posting);
        if (print->type == HASH_PDQ && pdq_is_weak(digest))
            loader_weak(loader);
    }
}

/** "42-image1": IDs are each member's own. */
static void entry_key(const struct feed *feed, struct buf *out)
{
    buf_put(out, feed->member.data, feed->member.len);
    buf_byte(out, '-');
    buf_put(out, feed->id.data, feed->id.len);
}

static void end_entry(struct feed *feed)
{
    struct loader *loader = feed->loader;
    struct buf key = {0}, scoped = {0};
    struct posting posting = {0};
    struct revision said = {.list = loader->list, .stamp = stamp_of(feed), .withdrawn = feed->is_deleted};
    struct entry entry = {.line = feed->line, .severity = SEVERITY_NONE};
    bool in_force = true, usable = feed->is_deleted || feed->n_prints;
    entry_key(feed, &key);
    entry.id = key.data;
    entry.id_len = key.len;
    entry.code = feed->classification.data;
    entry.code_len = feed->classification.len;
    entry.photodna = feed->photodna.data;
    entry.photodna_len = feed->photodna.len;
    entry.flags = (uint16_t)((feed->is_video ? MATCH_VIDEO : 0) | (feed->disputed ? MATCH_DISPUTED : 0));
    loader->photodna += feed->has_photodna;
    if (!feed->id.len)
        loader_bad(loader, feed->line, "it has no id");
    else if (!usable)
        loader_bad(loader, feed->line, "no fingerprint of a type that trawl computes");
    else if (feed->is_deleted || loader_posting(loader, &entry, &posting)) {
        said.entry = posting.entry;
        buf_puts(&scoped, feed->is_video ? "ncmec video " : "ncmec image ");
        buf_put(&scoped, key.data, key.len);
        revisions_say(&loader->builder->revisions, scoped.data, scoped.len, &said, &in_force);
        loader->withdrawn += feed->is_deleted || !in_force;
        if (!feed->is_deleted && in_force)
            add_prints(feed, &posting);
    }
    buf_free(&key);
    buf_free(&scoped);
    feed->in_entry = false;
    loader->ordinal = 0;
}

static void on_start(struct feed *feed)
{
    const char *name = (const char *)xmlTextReaderConstLocalName(feed->reader);
    int depth = xmlTextReaderDepth(feed->reader);
    bool empty = xmlTextReaderIsEmptyElement(feed->reader) == 1;
    if (depth == 0) {
        feed->has_root = true;
        if (!is(name, "queryResult"))
            loader_fail(feed->loader, "%s: is XML of <%s>, which trawl cannot read as a list", feed->loader->path,
                        loader_words(feed->loader, name));
    } else if (feed->in_entry) {
        begin_inside(feed, name, depth);
        feed->text = empty ? NULL : feed->text;
    } else if (depth == 2) {
        bool image = is(name, "image"), video = is(name, "video");
        bool gone_image = is(name, "deletedImage"), gone_video = is(name, "deletedVideo");
        if (image || video || gone_image || gone_video)
            begin_entry(feed, video || gone_video, gone_image || gone_video);
        if (feed->in_entry && empty)
            end_entry(feed);
    }
}

static void on_node(struct feed *feed)
{
    int type = xmlTextReaderNodeType(feed->reader);
    if (type == XML_READER_TYPE_DOCUMENT_TYPE) {
        loader_fail(feed->loader, "%s:%llu: has a document type, which no exchange writes", feed->loader->path,
                    (unsigned long long)line_here(feed));
    } else if (type == XML_READER_TYPE_ELEMENT) {
        on_start(feed);
    } else if (type == XML_READER_TYPE_END_ELEMENT) {
        feed->text = NULL;
        if (feed->in_entry && xmlTextReaderDepth(feed->reader) == feed->depth)
            end_entry(feed);
    } else if (feed->text && (type == XML_READER_TYPE_TEXT || type == XML_READER_TYPE_CDATA)) {
        const char *text = (const char *)xmlTextReaderConstValue(feed->reader);
        buf_puts(feed->text, text ? text : "");
    }
}

static void feed_all(struct feed *feed)
{
    struct loader *loader = feed->loader;
    int more = 1;
    while (!loader_failed(loader) && (more = xmlTextReaderRead(feed->reader)) == 1)
        on_node(feed);
    if (more < 0 || feed->error[0])
        loader_fail(loader, "%s:%d: is no whole XML: %s; nothing of it is used", loader->path, feed->error_line,
                    feed->error[0] ? loader_words(loader, feed->error) : "it ends early");
}

static void load(struct loader *loader)
{
    struct feed feed = {.loader = loader};
    loader->format = "ncmec";
    loader->may_be_empty = true;
    buf_puts(&loader->source, "NCMEC hash sharing 2");
    loader->builder->lists[loader->list].flags |= LIST_HAS_IDS;
    loader_map(loader, "ncmec");
    loader_verdicts(loader);
    feed.reader = xmlReaderForIO(read_bytes_for, NULL, &feed, NULL, NULL, XML_PARSE_NONET | XML_PARSE_COMPACT);
    if (!feed.reader)
        mem_missing();
    xmlTextReaderSetStructuredErrorHandler(feed.reader, on_error, &feed);
    feed_all(&feed);
    loader->ordinal = 0;
    xmlFreeTextReader(feed.reader);
    for (size_t i = 0; i < PRINTS_MAX; i++)
        buf_free(&feed.prints[i].text);
    buf_free(&feed.member);
    buf_free(&feed.id);
    buf_free(&feed.classification);
    buf_free(&feed.stamp);
    buf_free(&feed.photodna);
}

static bool recognise(const uint8_t *head, size_t n)
{
    size_t i = 0;
    while (i < n && (head[i] == ' ' || head[i] == '\t' || head[i] == '\n' || head[i] == '\r'))
        i++;
    return i + 1 < n && head[i] == '<' && (head[i + 1] == '?' || head[i + 1] == '!' || head[i + 1] == 'q');
}

const struct list_format list_format_xml = {"xml", recognise, load};
