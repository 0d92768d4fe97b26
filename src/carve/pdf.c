/* pdf.c: a PDF ends at an end mark with a place of its tables, behind which no further part of it begins. */
#include <string.h>

#include "carve/finders.h"

/** Bytes without an object after which it is none any more. */
#define LONGEST_OBJECT (64u << 20)
/** Bytes of a piece that are looked at again, lest a word lies across two. */
#define OVERLAP 16u

struct pdf {
    struct measure *m;
    uint64_t at;
    /** Behind the last object. */
    uint64_t objects;
    bool other;
};

static bool pdf_look(const uint8_t *p, size_t n)
{
    if (n < 20 || memcmp(p, "%PDF-", 5) != 0 || p[5] < '1' || p[5] > '2' || p[6] != '.' || p[7] < '0' || p[7] > '9')
        return false;
    /* A line's end, then a comment or an object, as far as it is in sight. */
    for (size_t i = 8; i < 20; i++)
        if (p[i] == '%' || (p[i] >= '1' && p[i] <= '9'))
            return i > 8 && (p[i - 1] == '\n' || p[i - 1] == '\r' || p[i - 1] == ' ');
        else if (p[i] != '\r' && p[i] != '\n' && p[i] != ' ')
            return false;
    return true;
}

/** Behind the end mark at `mark`, its line included; 0 if no place of tables stands before it. */
static uint64_t end_of_mark(struct pdf *pdf, uint64_t mark)
{
    const uint8_t *p = mark >= 48 ? measure_at(pdf->m, mark - 48, 48, NULL) : NULL;
    if (!p || !memmem(p, 48, "startxref", 9))
        return 0;
    size_t n;
    uint64_t end = mark + 5;
    p = measure_at(pdf->m, end, 1, &n);
    if (p && p[0] == '\r' && n > 1 && p[1] == '\n')
        return end + 2;
    return end + (p && (p[0] == '\r' || p[0] == '\n'));
}

/** True if the file goes on there: a later version of it, or the rest of one that was written for the web. */
static bool goes_on(struct pdf *pdf, uint64_t end)
{
    size_t n;
    const uint8_t *p = measure_at(pdf->m, end, 1, &n);
    p = measure_at(pdf->m, end, n < 32 ? n : 32, &n);
    n = n < 32 ? n : 32;
    return p && (memmem(p, n, " obj", 4) || (n >= 4 && memcmp(p, "xref", 4) == 0));
}

/** Where the last object of a piece ends. */
static void note_objects(struct pdf *pdf, const uint8_t *p, size_t n)
{
    for (const uint8_t *at = p; (at = memmem(at, n - (size_t)(at - p), "endobj", 6));) {
        at += 6;
        pdf->objects = pdf->at + (uint64_t)(at - p);
    }
}

/** Looks at the next piece. Returns the file's end; 0: further on; UINT64_MAX: nowhere. */
static uint64_t next_piece(struct pdf *pdf)
{
    size_t n;
    const uint8_t *p = measure_at(pdf->m, pdf->at, OVERLAP + 1, &n);
    if (!p || !measure_walk(pdf->m, n))
        return UINT64_MAX;
    const uint8_t *mark = memmem(p, n, "%%EOF", 5), *head = memmem(p + 1, n - 1, "%PDF-", 5);
    size_t seen = head && (!mark || head < mark) ? (size_t)(head - p) : mark ? (size_t)(mark - p) : n;
    note_objects(pdf, p, seen);
    pdf->other = seen < n && !(mark && seen == (size_t)(mark - p));
    if (pdf->other || pdf->at + seen - pdf->objects > LONGEST_OBJECT)
        return UINT64_MAX;
    if (!mark) {
        pdf->at += n - OVERLAP;
        return 0;
    }
    uint64_t end = end_of_mark(pdf, pdf->at + seen);
    pdf->at += seen + 5;
    return end && pdf->objects && !goes_on(pdf, end) ? end : 0;
}

static void pdf_measure(struct measure *m)
{
    struct pdf pdf = {.m = m, .at = 5};
    uint64_t end;
    while (!(end = next_piece(&pdf)))
        ;
    if (end != UINT64_MAX) {
        measure_whole(m, end);
        m->solid = true;
        return;
    }
    measure_broken(m, pdf.objects, pdf.objects, pdf.other ? "another one begins in it" : "its end is not there");
}

const struct finder pdf_finder = {.suffix = "pdf", FINDER_MAGIC("%PDF", 0), .look = pdf_look, .measure = pdf_measure};
