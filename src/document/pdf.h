/* pdf.h (private): the objects of a PDF, between pdf.c (which of them are delivered) and pdf_image.c (pictures that are
 * stored as samples). */
#ifndef DOCUMENT_PDF_H
#define DOCUMENT_PDF_H

#include <qpdf/qpdf-c.h>

#include "document/deliver.h"

struct pdf {
    struct delivery out;
    qpdf_data q;
    /** Objects: bit i set: number i was delivered as an attachment. */
    uint8_t *taken;
    uint64_t objects;
    /** Streams that could not be read. */
    uint64_t broken;
};

/** What the last of a stream's filters leaves. */
enum pdf_filter {
    PDF_SAMPLES, /* all filters are of a general kind */
    PDF_DCT,
    PDF_JPX,
    PDF_CCITT,
    PDF_JBIG2,
    PDF_UNKNOWN,
};

/** An image's stream, its general filters undone. */
struct pdf_image {
    qpdf_oh dict;
    unsigned char *bytes;
    size_t n;
    enum pdf_filter filter;
    /** Of the last filter; not initialised where it has none. */
    qpdf_oh parameters;
};

/** An integer of a dictionary, or `otherwise`. */
long long pdf_number(struct pdf *pdf, qpdf_oh dict, const char *key, long long otherwise);
/** Delivers an image whose stored bytes are no picture file: as BMP, or as TIFF around them. `name` lacks its ending.
 */
void pdf_render(struct pdf *pdf, struct pdf_image *image, char *name);

#endif
