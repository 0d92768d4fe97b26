/* sniff_text.c: SVG, mail and their like, which have no magic number. Cautious: source code and prose must stay
 * `other`.
 */
#include "source/sniff.h"

#include <strings.h>

/** How far a prolog or a mail header is followed. */
#define TEXT_REACH 16384

/** Text, bounded. */
struct text {
    const char *p, *end;
};

static struct text text_of(const struct head *head)
{
    const char *p = (const char *)head->p;
    struct text text = {p, p + (head->n < TEXT_REACH ? head->n : TEXT_REACH)};
    if (head_is(head, 0, "\xef\xbb\xbf", 3))
        text.p += 3;
    return text;
}

static bool text_starts(const struct text *text, const char *word)
{
    size_t n = strlen(word);
    return (size_t)(text->end - text->p) >= n && !memcmp(text->p, word, n);
}

static void text_blank(struct text *text)
{
    while (text->p < text->end && *text->p && strchr(" \t\r\n", *text->p))
        text->p++;
}

/** Moves behind the next `word`. */
static bool text_pass(struct text *text, const char *word)
{
    const char *at = memmem(text->p, (size_t)(text->end - text->p), word, strlen(word));
    if (at)
        text->p = at + strlen(word);
    return at != NULL;
}

/** Passes over one comment, processing instruction or document type of an XML prolog. */
static bool xml_prolog(struct text *text)
{
    if (text_starts(text, "<!--"))
        return text_pass(text, "-->");
    if (text_starts(text, "<?"))
        return text_pass(text, "?>");
    if (!text_starts(text, "<!DOCTYPE"))
        return false;
    const char *bracket = memchr(text->p, '[', (size_t)(text->end - text->p));
    const char *close = memchr(text->p, '>', (size_t)(text->end - text->p));
    if (bracket && close && bracket < close)
        return text_pass(text, "]") && text_pass(text, ">");
    return text_pass(text, ">");
}

/** True if the first element of XML is called `word`. */
static bool xml_root(const struct head *head, const char *word)
{
    struct text text = text_of(head);
    ptrdiff_t n = (ptrdiff_t)strlen(word);
    text_blank(&text);
    while (xml_prolog(&text))
        text_blank(&text);
    if (!text_starts(&text, word) || text.end - text.p < n + 2)
        return false;
    return strchr(" \t\r\n>/:", text.p[n]) != NULL && text.p[n];
}

bool sniff_svg(const struct head *head)
{
    return xml_root(head, "<svg");
}

bool sniff_plist(const struct head *head)
{
    return xml_root(head, "<plist");
}

/** Readers of PDF accept garbage before it. */
bool sniff_pdf(const struct head *head)
{
    const uint8_t *end = head->p + (head->n < 1024 ? head->n : 1024);
    for (const uint8_t *p = head->p; (p = memchr(p, '%', (size_t)(end - p))); p++) {
        size_t at = (size_t)(p - head->p);
        if (head_is(head, at, "%PDF-", 5) && head_u8(head, at + 5) >= '0' && head_u8(head, at + 5) <= '9')
            return true;
    }
    return false;
}

bool sniff_vcard(const struct head *head)
{
    struct text text = text_of(head);
    text_blank(&text);
    return text.end - text.p > 12 && !strncasecmp(text.p, "BEGIN:VCARD", 11) && text.p[11] &&
           strchr("\r\n", text.p[11]);
}

/** Takes the next line, without its end. */
static bool text_line(struct text *text, struct text *line)
{
    const char *end = memchr(text->p, '\n', (size_t)(text->end - text->p));
    if (!end)
        return false;
    *line = (struct text){text->p, end > text->p && end[-1] == '\r' ? end - 1 : end};
    text->p = end + 1;
    return true;
}

/** The length of the field name of a header line ("Subject: ..."), or 0. */
static size_t field_name(const struct text *line)
{
    size_t n = 0;
    while (line->p + n < line->end && line->p[n] > ' ' && line->p[n] < 127 && line->p[n] != ':')
        n++;
    return line->p + n < line->end && line->p[n] == ':' && n <= 64 ? n : 0;
}

/** Which of the fields that nearly every mail has; -1 for others. */
static int mail_field(const char *name, size_t n)
{
    static const char *const fields[] = {"From",       "To",          "Subject",      "Date",         "Received",
                                         "Message-ID", "Return-Path", "MIME-Version", "Content-Type", "Delivered-To"};
    for (int i = 0; i < (int)(sizeof(fields) / sizeof(*fields)); i++)
        if (strlen(fields[i]) == n && !strncasecmp(fields[i], name, n))
            return i;
    return -1;
}

/** Counts the different well-known fields of a mail header; -1 if some line is no header line. */
static int mail_header(struct text *text)
{
    struct text line;
    unsigned seen = 0;
    for (bool first = true; text_line(text, &line) && line.p < line.end; first = false) {
        if (!first && (*line.p == ' ' || *line.p == '\t'))
            continue;
        size_t n = field_name(&line);
        if (!n)
            return -1;
        int field = mail_field(line.p, n);
        if (field >= 0)
            seen |= 1u << field;
    }
    return __builtin_popcount(seen);
}

bool sniff_eml(const struct head *head)
{
    struct text text = text_of(head), first = text, line;
    if (!text_line(&first, &line))
        return false;
    size_t n = field_name(&line);
    if (!n || (mail_field(line.p, n) < 0 && strncasecmp(line.p, "X-", 2) != 0 && strncasecmp(line.p, "ARC-", 4) != 0))
        return false;
    return mail_header(&text) >= 3;
}

/** "From sender Www Mmm dd hh:mm", then a header. */
bool sniff_mbox(const struct head *head)
{
    static const char days[] = "Mon Tue Wed Thu Fri Sat Sun ",
                      months[] = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec ";
    struct text text = text_of(head), line;
    if (!text_line(&text, &line) || line.end - line.p > 1024)
        return false;
    bool dated = false;
    for (const char *p = line.p + 5; !dated && line.end - p >= 8; p++)
        dated = memmem(days, sizeof(days) - 1, p, 4) && memmem(months, sizeof(months) - 1, p + 4, 4) && p[3] == ' ' &&
                p[7] == ' ';
    return dated && memchr(line.p, ':', (size_t)(line.end - line.p)) && mail_header(&text) >= 1;
}
