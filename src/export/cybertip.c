/*
 * What a provider's own reporting tool can use for the CyberTipline: one <fileDetails> for each place of each finding,
 * its elements in the order of NCMEC's schema. reportId and fileId, which NCMEC gives at the upload, go before all of
 * them. trawl files nothing: a person must confirm each finding first, so fileViewedByEsp is false.
 */
#include "export/export.h"

#include <string.h>

#include "core/escape.h"
#include "export/words.h"
#include "report/order.h"

static void cybertip_begin(const struct report *report, struct buf *out)
{
    buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- Not a report: details for a reporter's tool, "
                  "unconfirmed. Each fileDetails lacks reportId and fileId. -->\n<unconfirmedFindings tool=\"trawl ");
    text_xml(out, report->info->version);
    buf_puts(out, "\">\n");
}

static void hash(struct buf *out, const char *type, const void *bytes, size_t n)
{
    buf_printf(out, "<originalFileHash hashType=\"%s\">", type);
    buf_hex(out, bytes, n);
    buf_puts(out, "</originalFileHash>\n");
}

/** The industry's classification, where an exact match is with an entry that has one. */
static const char *classification(const struct finding *finding)
{
    for (size_t i = 0; i < finding->head.matches.n; i++) {
        const struct match *match = &finding->head.matches.items[i];
        const char *code = match->code && *match->code ? match->code : match->category;
        if (!match_is_near(match) && strlen(code) == 2 && strchr("AB", code[0]) && strchr("12", code[1]))
            return code;
    }
    return NULL;
}

static void information(struct buf *out, const struct finding *finding, const struct place_words *place)
{
    for (size_t i = 0; i < finding->head.matches.n; i++) {
        struct buf words = {0};
        match_words(&finding->head.matches.items[i], &words);
        buf_puts(out, "<additionalInfo>");
        escape_html(out, (const char *)words.data, words.len);
        buf_puts(out, "</additionalInfo>\n");
        buf_free(&words);
    }
    buf_printf(out, "<additionalInfo>trawl finding %llu: ", (unsigned long long)finding->rank);
    escape_html(out, (const char *)place->path.data, place->path.len);
    buf_puts(out, "</additionalInfo>\n");
}

static void cybertip_place(const struct finding *finding, uint64_t number, const struct where *where, struct buf *out)
{
    const struct item *head = &finding->head;
    const char *code = classification(finding);
    struct place_words words;
    (void)number;
    place_words(where, &words);
    buf_puts(out, "<fileDetails>\n<originalFileName>");
    escape_html(out, (const char *)words.path.data + words.name, words.path.len - words.name);
    buf_puts(out, "</originalFileName>\n<fileViewedByEsp>false</fileViewedByEsp>\n"
                  "<exifViewedByEsp>false</exifViewedByEsp>\n");
    if (code)
        buf_printf(out, "<industryClassification>%s</industryClassification>\n", code);
    if (head->has_digests) {
        hash(out, "MD5", head->digests.md5, sizeof(head->digests.md5));
        hash(out, "SHA1", head->digests.sha1, sizeof(head->digests.sha1));
        hash(out, "SHA256", head->digests.sha256, sizeof(head->digests.sha256));
    }
    if (finding_pdq(finding))
        hash(out, "PDQ", finding_pdq(finding), PDQ_BYTES);
    information(out, finding, &words);
    buf_puts(out, "</fileDetails>\n");
    place_words_free(&words);
}

static void cybertip_end(const struct report *report, struct buf *out)
{
    (void)report;
    buf_puts(out, "</unconfirmedFindings>\n");
}

const struct report_writer report_cybertip = {
    .format = REPORT_CYBERTIP,
    .file = "report.cybertip.xml",
    .begin = cybertip_begin,
    .place = cybertip_place,
    .end = cybertip_end,
};
