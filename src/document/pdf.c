/*
 * pdf.c: pictures and attachments of PDF, by qpdf.
 *
 * All objects are looked at in the order of their numbers, whether a page uses them or not. A JPEG or JPEG 2000 leaves
 * byte for byte as it is stored; what is stored as samples is rendered (pdf_image.c), and says so.
 */
#include "document/pdf.h"

#include <stdlib.h>
#include <string.h>

#include "document/heavy.h"

enum { PDF_FILTERS = 16, PDF_NAMES = 100000 };

long long pdf_number(struct pdf *pdf, qpdf_oh dict, const char *key, long long otherwise)
{
    qpdf_oh value = qpdf_oh_get_key(pdf->q, dict, key);
    return qpdf_oh_is_integer(pdf->q, value) ? qpdf_oh_get_int_value(pdf->q, value) : otherwise;
}

static bool is_name(struct pdf *pdf, qpdf_oh dict, const char *key, const char *name)
{
    return qpdf_oh_is_name_and_equals(pdf->q, qpdf_oh_get_key(pdf->q, dict, key), name);
}

/** Item i of what is an array, or stands alone. */
static qpdf_oh item_of(struct pdf *pdf, qpdf_oh value, int i)
{
    return qpdf_oh_is_array(pdf->q, value) ? qpdf_oh_get_array_item(pdf->q, value, i) : value;
}

static enum pdf_filter filter_kind(struct pdf *pdf, qpdf_oh name)
{
    static const struct {
        const char *name;
        enum pdf_filter kind;
    } kinds[] = {{"/DCTDecode", PDF_DCT},        {"/DCT", PDF_DCT},   {"/JPXDecode", PDF_JPX},
                 {"/CCITTFaxDecode", PDF_CCITT}, {"/CCF", PDF_CCITT}, {"/JBIG2Decode", PDF_JBIG2}};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
        if (qpdf_oh_is_name_and_equals(pdf->q, name, kinds[i].name))
            return kinds[i].kind;
    return PDF_SAMPLES;
}

/** Takes the last filter off the stream's dictionary, so that the library undoes the others. */
static void cut_filter(struct pdf *pdf, qpdf_oh dict, int filters)
{
    static const char *const keys[] = {"/Filter", "/DecodeParms"};
    for (int k = 0; k < 2; k++) {
        qpdf_oh from = qpdf_oh_get_key(pdf->q, dict, keys[k]), to = qpdf_oh_new_array(pdf->q);
        for (int i = 0; i + 1 < filters; i++)
            qpdf_oh_append_item(pdf->q, to, item_of(pdf, from, i));
        if (!qpdf_oh_is_null(pdf->q, from))
            qpdf_oh_replace_key(pdf->q, dict, keys[k], to);
    }
}

/** Reads the stream, with all general filters undone. False where it cannot be read. */
static bool read_stream(struct pdf *pdf, qpdf_oh stream, struct pdf_image *image)
{
    qpdf_oh filter = qpdf_oh_get_key(pdf->q, image->dict, "/Filter");
    qpdf_oh parameters = qpdf_oh_get_key(pdf->q, image->dict, "/DecodeParms");
    int n = qpdf_oh_is_array(pdf->q, filter) ? qpdf_oh_get_array_n_items(pdf->q, filter) : 1;
    if (qpdf_oh_is_null(pdf->q, filter) || n < 1 || n > PDF_FILTERS)
        n = 0;
    image->filter = n ? filter_kind(pdf, item_of(pdf, filter, n - 1)) : PDF_SAMPLES;
    image->parameters = n ? item_of(pdf, parameters, n - 1) : qpdf_oh_new_null(pdf->q);
    enum qpdf_stream_decode_level_e level = qpdf_dl_specialized;
    if (image->filter != PDF_SAMPLES && n == 1)
        level = qpdf_dl_none;
    else if (image->filter != PDF_SAMPLES)
        cut_filter(pdf, image->dict, n);
    QPDF_BOOL filtered = QPDF_FALSE;
    QPDF_ERROR_CODE r = qpdf_oh_get_stream_data(pdf->q, stream, level, &filtered, &image->bytes, &image->n);
    return !(r & QPDF_ERRORS) && image->bytes && (filtered || level == qpdf_dl_none || !n);
}

static void give(struct pdf *pdf, const char *name, const uint8_t *bytes, size_t n, const char *broken)
{
    struct parcel parcel = {.name = name, .name_len = strlen(name), .offset = UINT64_MAX, .bytes = bytes, .n = n};
    if (broken) {
        parcel.status = TRAWL_DAMAGED;
        parcel.detail = broken;
    }
    deliver(&pdf->out, &parcel);
}

/** An image whose data would be more than its reader may use is not asked for. */
static bool is_too_large(struct pdf *pdf, qpdf_oh dict)
{
    long long width = pdf_number(pdf, dict, "/Width", 0), height = pdf_number(pdf, dict, "/Height", 0);
    return width > 0 && height > 0 &&
           (uint64_t)width > pdf->out.input->limits.value[LIMIT_PIXELS] / 2 / (uint64_t)height;
}

static void deliver_image(struct pdf *pdf, uint64_t number, qpdf_oh stream, qpdf_oh dict)
{
    char name[DELIVER_NAME] = "";
    struct pdf_image image = {.dict = dict};
    name_add(name, "obj%llu", (unsigned long long)number);
    if (is_too_large(pdf, dict) &&
        !qpdf_oh_is_or_has_name(pdf->q, qpdf_oh_get_key(pdf->q, dict, "/Filter"), "/DCTDecode")) {
        struct parcel parcel = {.name = name,
                                .name_len = strlen(name),
                                .offset = UINT64_MAX,
                                .status = TRAWL_UNSUPPORTED,
                                .detail = "it has too many pixels to be rendered"};
        deliver(&pdf->out, &parcel);
        return;
    }
    if (!read_stream(pdf, stream, &image)) {
        give(pdf, name, NULL, 0, "its data cannot be decoded");
    } else if (image.filter == PDF_DCT || image.filter == PDF_JPX) {
        name_add(name, image.filter == PDF_DCT ? ".jpg" : ".jp2");
        give(pdf, name, image.bytes, image.n, NULL);
    } else {
        pdf_render(pdf, &image, name);
    }
    free(image.bytes);
}

static bool is_taken(const struct pdf *pdf, uint64_t number)
{
    return number < pdf->objects && pdf->taken[number / 8] >> number % 8 & 1;
}

static void deliver_attachment(struct pdf *pdf, qpdf_oh stream, const char *name)
{
    uint64_t number = (uint64_t)qpdf_oh_get_object_id(pdf->q, stream);
    struct pdf_image file = {.dict = qpdf_oh_get_dict(pdf->q, stream)};
    if (is_taken(pdf, number))
        return;
    if (number < pdf->objects)
        pdf->taken[number / 8] |= (uint8_t)(1 << number % 8);
    bool good = read_stream(pdf, stream, &file);
    give(pdf, name, file.bytes, good ? file.n : 0, good ? NULL : "its data cannot be decoded");
    free(file.bytes);
}

/** A file specification: the embedded file under its own name. */
static void read_filespec(struct pdf *pdf, qpdf_oh spec)
{
    static const char *const keys[] = {"/UF", "/F", "/Unix", "/DOS", "/Mac"};
    char name[DELIVER_NAME] = "";
    qpdf_oh files = qpdf_oh_get_key_if_dict(pdf->q, spec, "/EF");
    if (!qpdf_oh_is_dictionary(pdf->q, files))
        return;
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys) && !*name; i++) {
        qpdf_oh text = qpdf_oh_get_key(pdf->q, spec, keys[i]);
        if (qpdf_oh_is_string(pdf->q, text))
            name_add(name, "%s", qpdf_oh_get_utf8_value(pdf->q, text));
    }
    if (!*name)
        name_add(name, "attachment");
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
        qpdf_oh stream = qpdf_oh_get_key(pdf->q, files, keys[i]);
        if (qpdf_oh_is_stream(pdf->q, stream))
            deliver_attachment(pdf, stream, name);
    }
}

/** Specifications stand for themselves, in annotations, and in the leaves of name trees. */
static void look_for_attachments(struct pdf *pdf, qpdf_oh object)
{
    if (!qpdf_oh_is_dictionary(pdf->q, object))
        return;
    read_filespec(pdf, object);
    if (qpdf_oh_has_key(pdf->q, object, "/FS"))
        read_filespec(pdf, qpdf_oh_get_key(pdf->q, object, "/FS"));
    qpdf_oh names = qpdf_oh_get_key(pdf->q, object, "/Names");
    if (!qpdf_oh_is_array(pdf->q, names)) {
        names = qpdf_oh_get_key_if_dict(pdf->q, names, "/EmbeddedFiles");
        names = qpdf_oh_get_key_if_dict(pdf->q, names, "/Names");
    }
    int n = qpdf_oh_is_array(pdf->q, names) ? qpdf_oh_get_array_n_items(pdf->q, names) : 0;
    for (int i = 1; i < n && i < PDF_NAMES; i += 2)
        read_filespec(pdf, qpdf_oh_get_array_item(pdf->q, names, i));
}

static void look_for_images(struct pdf *pdf, qpdf_oh object, uint64_t number)
{
    char name[DELIVER_NAME] = "";
    if (!qpdf_oh_is_stream(pdf->q, object) || is_taken(pdf, number))
        return;
    qpdf_oh dict = qpdf_oh_get_dict(pdf->q, object), filter = qpdf_oh_get_key(pdf->q, dict, "/Filter");
    if (is_name(pdf, dict, "/Type", "/EmbeddedFile")) {
        name_add(name, "obj%llu", (unsigned long long)number);
        deliver_attachment(pdf, object, name);
    } else if (is_name(pdf, dict, "/Subtype", "/Image") ||
               (qpdf_oh_has_key(pdf->q, dict, "/Width") && qpdf_oh_has_key(pdf->q, dict, "/Height")) ||
               qpdf_oh_is_or_has_name(pdf->q, filter, "/DCTDecode") ||
               qpdf_oh_is_or_has_name(pdf->q, filter, "/JPXDecode")) {
        deliver_image(pdf, number, object, dict);
    }
}

/** An error that nobody asks for is written to standard error in the end. */
static void forget_error(struct pdf *pdf)
{
    if (qpdf_has_error(pdf->q))
        qpdf_get_error(pdf->q);
}

/** Every object, twice: what a name leads to first, so that it is not delivered without it. */
static void read_objects(struct pdf *pdf)
{
    for (int pass = 0; pass < 2; pass++)
        for (uint64_t i = 1; i < pdf->objects && !pdf->out.full; i++) {
            qpdf_oh object = qpdf_get_object_by_id(pdf->q, (int)i, 0);
            /* Numbers that were used again are few: of the next generation, as far as one goes. */
            for (int g = 1; g < 3 && qpdf_oh_is_null(pdf->q, object); g++)
                object = qpdf_get_object_by_id(pdf->q, (int)i, g);
            if (pass == 0)
                look_for_attachments(pdf, object);
            else
                look_for_images(pdf, object, i);
            qpdf_oh_release_all(pdf->q);
            forget_error(pdf);
            if (pdf->out.sink->alive && i % 4096 == 0)
                pdf->out.sink->alive(pdf->out.sink);
        }
}

/** What stands behind the last end of the document: another file, perhaps. */
static void read_behind(struct pdf *pdf, const uint8_t *p, size_t n)
{
    const uint8_t *last = NULL, *at = p;
    while ((at = memmem(at, n - (size_t)(at - p), "%%EOF", 5)))
        last = at += 5;
    if (!last)
        return;
    while (last < p + n && (*last == '\r' || *last == '\n'))
        last++;
    size_t rest = n - (size_t)(last - p);
    struct parcel parcel = {.name = "$behind", .name_len = 7, .offset = (uint64_t)(last - p), .bytes = last, .n = rest};
    if (deliver_worthy(last, rest) || sniff_zip_tail(last, rest, rest))
        deliver(&pdf->out, &parcel);
}

static void read_document(struct pdf *pdf)
{
    struct unpack_end *end = pdf->out.end;
    qpdf_oh trailer = qpdf_get_trailer(pdf->q);
    long long size = pdf_number(pdf, trailer, "/Size", 0);
    /* As many as it says, and not more than the limit: the others are told to be missing. */
    if (size > 0 && deliver_too_many(&pdf->out, (uint64_t)size))
        size = (long long)pdf->out.input->limits.value[LIMIT_OBJECTS];
    pdf->objects = size > 0 ? (uint64_t)size + 1 : 1;
    pdf->taken = calloc((size_t)pdf->objects / 8 + 1, 1);
    if (pdf->taken)
        read_objects(pdf);
    else
        end_memory(end);
    free(pdf->taken);
}

/** Why the document could not be opened. */
static void tell_error(struct pdf *pdf)
{
    struct unpack_end *end = pdf->out.end;
    qpdf_error error = qpdf_has_error(pdf->q) ? qpdf_get_error(pdf->q) : NULL;
    const char *words = error ? qpdf_get_error_message_detail(pdf->q, error) : "unknown error";
    end->missing = UINT64_MAX;
    if (error && qpdf_get_error_code(pdf->q, error) == qpdf_e_password) {
        end_note(end, TRAWL_ENCRYPTED, "the document needs a password");
        end->missing = 0;
    } else if (error && qpdf_get_error_code(pdf->q, error) == qpdf_e_unsupported) {
        end_note(end, TRAWL_UNSUPPORTED, "qpdf: %s", words);
    } else {
        end_note(end, TRAWL_DAMAGED, "qpdf: %s", words);
        deliver_carved_whole(&pdf->out);
    }
}

void pdf_run(const struct unpack_input *input, struct unpack_sink *sink, struct unpack_end *end)
{
    struct pdf pdf = {0};
    struct window window;
    deliver_init(&pdf.out, input, sink, end);
    const uint8_t *p = deliver_load(&pdf.out, &window);
    if (!p)
        return;
    pdf.q = qpdf_init();
    qpdf_silence_errors(pdf.q);
    qpdf_set_suppress_warnings(pdf.q, QPDF_TRUE);
    if (qpdf_read_memory(pdf.q, "pdf", (const char *)p, input->size, "") & QPDF_ERRORS)
        tell_error(&pdf);
    else
        read_document(&pdf);
    read_behind(&pdf, p, (size_t)input->size);
    forget_error(&pdf);
    qpdf_cleanup(&pdf.q);
    window_free(&window);
}

const char *pdf_version(void)
{
    return qpdf_get_qpdf_version();
}

void pdf_warm_up(void)
{
}
