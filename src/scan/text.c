#include "scan/text.h"

#include <string.h>
#include <strings.h>

/** Longer than any mark. */
enum { SEAM = 12, TEXT_HEAD = 1024 };

void text_probe_init(struct text_probe *probe, enum file_type type, const uint8_t *head, size_t n)
{
    *probe = (struct text_probe){0};
    if (type == TYPE_OTHER || type == TYPE_SVG)
        probe->wanted = n && !memchr(head, 0, n < TEXT_HEAD ? n : TEXT_HEAD);
}

void text_probe_add(struct text_probe *probe, const uint8_t *p, size_t n)
{
    if (!probe->wanted || probe->found)
        return;
    size_t begin = n < SEAM ? n : SEAM;
    memcpy(probe->seam + probe->n, p, begin);
    probe->found = sniff_base64(p, n) || (probe->n && sniff_base64(probe->seam, probe->n + begin));
    /* A piece shorter than the seam is the last one. */
    probe->n = (uint8_t)begin;
    memcpy(probe->seam, p + n - begin, begin);
}

/** True if one of the words, in lower case, stands at some place of the text, in whatever case. */
static bool has_word(const uint8_t *p, size_t n, const char *const *words)
{
    for (size_t i = 0; i < n; i++)
        for (const char *const *word = words; *word; word++) {
            size_t length = strlen(*word);
            if ((p[i] | 32) == **word && n - i >= length && !strncasecmp((const char *)p + i, *word, length))
                return true;
        }
    return false;
}

bool text_is_plain(enum file_type type, const uint8_t *p, size_t n)
{
    static const char *const mail[] = {"base64", "multipart/", "message/",   "image/",  "application/",
                                       "begin ", "filename",   "x-uuencode", "=ybegin", NULL};
    static const char *const card[] = {"encoding=b", "base64", NULL};
    switch (type) {
    case TYPE_EML:
        return !has_word(p, n, mail);
    case TYPE_VCARD:
        return !has_word(p, n, card);
    default:
        return false;
    }
}
