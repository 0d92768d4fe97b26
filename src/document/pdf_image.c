/*
 * pdf_image.c: a PDF's images that are stored as samples, rendered to a picture file. Their digests are those of no
 * stored file, and the member's detail says so.
 */
#include <stdlib.h>
#include <string.h>

#include "document/pdf.h"

#define RENDERED "rendered out of the PDF's samples: its digests are those of no stored file"

enum { COMPONENTS_MAX = 4, TIFF_TAGS = 11 };

/** How samples become colours. */
enum colors { COLORS_GREY, COLORS_RGB, COLORS_CMYK, COLORS_INK, COLORS_NONE };

struct raster {
    long long width, height;
    unsigned bits, components;
    enum colors colors;
    /** Of an index: three bytes for each colour. */
    const uint8_t *palette;
    size_t palette_n;
    uint8_t *own_palette;
    /** What each sample of a component means, 0 to 255. */
    uint8_t map[COMPONENTS_MAX][256];
};

static enum colors by_components(long long n)
{
    return n == 1 ? COLORS_GREY : n == 3 ? COLORS_RGB : n == 4 ? COLORS_CMYK : COLORS_NONE;
}

static unsigned components_of(enum colors colors)
{
    return colors == COLORS_RGB ? 3 : colors == COLORS_CMYK ? 4 : 1;
}

/** The colours that a name, or an array that begins with one, stands for; an index is not among them. */
static enum colors colors_of(struct pdf *pdf, qpdf_oh space)
{
    static const struct {
        const char *name;
        enum colors colors;
    } names[] = {{"/DeviceGray", COLORS_GREY}, {"/G", COLORS_GREY},    {"/CalGray", COLORS_GREY},
                 {"/DeviceRGB", COLORS_RGB},   {"/RGB", COLORS_RGB},   {"/CalRGB", COLORS_RGB},
                 {"/DeviceCMYK", COLORS_CMYK}, {"/CMYK", COLORS_CMYK}, {"/Separation", COLORS_INK}};
    bool array = qpdf_oh_is_array(pdf->q, space);
    qpdf_oh name = array ? qpdf_oh_get_array_item(pdf->q, space, 0) : space;
    qpdf_oh more = array ? qpdf_oh_get_array_item(pdf->q, space, 1) : space;
    if (qpdf_oh_is_name_and_equals(pdf->q, name, "/ICCBased") && qpdf_oh_is_stream(pdf->q, more))
        return by_components(pdf_number(pdf, qpdf_oh_get_dict(pdf->q, more), "/N", 0));
    if (qpdf_oh_is_name_and_equals(pdf->q, name, "/DeviceN") && qpdf_oh_is_array(pdf->q, more)) {
        int n = qpdf_oh_get_array_n_items(pdf->q, more);
        return n == 1 ? COLORS_INK : n == 4 ? COLORS_CMYK : COLORS_NONE;
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (qpdf_oh_is_name_and_equals(pdf->q, name, names[i].name))
            return names[i].colors;
    return COLORS_NONE;
}

static void to_rgb(enum colors colors, const uint8_t *v, uint8_t *rgb)
{
    for (int i = 0; i < 3; i++)
        switch (colors) {
        case COLORS_RGB:
            rgb[i] = v[i];
            break;
        case COLORS_CMYK:
            rgb[i] = (uint8_t)((255 - v[i]) * (255 - v[3]) / 255);
            break;
        default:
            rgb[i] = colors == COLORS_INK ? (uint8_t)(255 - v[0]) : v[0];
        }
}

/** [/Indexed base highest lookup]: the palette, as RGB. */
static bool read_palette(struct pdf *pdf, qpdf_oh space, struct raster *raster)
{
    enum colors base = colors_of(pdf, qpdf_oh_get_array_item(pdf->q, space, 1));
    qpdf_oh lookup = qpdf_oh_get_array_item(pdf->q, space, 3);
    const uint8_t *bytes = NULL;
    unsigned char *stream = NULL;
    size_t n = 0, each = components_of(base);
    if (qpdf_oh_is_string(pdf->q, lookup))
        bytes = (const uint8_t *)qpdf_oh_get_binary_string_value(pdf->q, lookup, &n);
    else if (qpdf_oh_is_stream(pdf->q, lookup) &&
             !(qpdf_oh_get_stream_data(pdf->q, lookup, qpdf_dl_specialized, NULL, &stream, &n) & QPDF_ERRORS))
        bytes = stream;
    raster->own_palette = base == COLORS_NONE || !bytes ? NULL : calloc(256, 3);
    for (size_t i = 0; raster->own_palette && i < 256 && (i + 1) * each <= n; i++)
        to_rgb(base, bytes + i * each, raster->own_palette + 3 * i);
    free(stream);
    raster->palette = raster->own_palette;
    raster->colors = COLORS_RGB;
    raster->components = 1;
    return raster->palette != NULL;
}

/** Decode arrays: a line for each component, of which only the ends are told. */
static void fill_maps(struct pdf *pdf, qpdf_oh dict, struct raster *raster)
{
    qpdf_oh decode = qpdf_oh_get_key(pdf->q, dict, "/Decode");
    bool has = qpdf_oh_is_array(pdf->q, decode) && !raster->palette &&
               qpdf_oh_get_array_n_items(pdf->q, decode) >= 2 * (int)raster->components;
    unsigned most = raster->bits >= 8 ? 255 : (1u << raster->bits) - 1;
    for (unsigned c = 0; c < raster->components; c++) {
        double low = has ? qpdf_oh_get_numeric_value(pdf->q, qpdf_oh_get_array_item(pdf->q, decode, 2 * (int)c)) : 0;
        double high =
            has ? qpdf_oh_get_numeric_value(pdf->q, qpdf_oh_get_array_item(pdf->q, decode, 2 * (int)c + 1)) : 1;
        for (unsigned v = 0; v <= most; v++) {
            double mapped = 255 * (low + v * (high - low) / most) + 0.5;
            raster->map[c][v] = raster->palette ? (uint8_t)v : mapped >= 255 ? 255 : mapped > 0 ? (uint8_t)mapped : 0;
        }
    }
}

/** What the dictionary says of the samples. False where they cannot be rendered. */
static bool read_raster(struct pdf *pdf, const struct pdf_image *image, struct raster *raster)
{
    qpdf_oh space = qpdf_oh_get_key(pdf->q, image->dict, "/ColorSpace");
    qpdf_oh mask = qpdf_oh_get_key(pdf->q, image->dict, "/ImageMask");
    bool is_mask = qpdf_oh_is_bool(pdf->q, mask) && qpdf_oh_get_bool_value(pdf->q, mask);
    long long bits = pdf_number(pdf, image->dict, "/BitsPerComponent", is_mask ? 1 : 8);
    raster->width = pdf_number(pdf, image->dict, "/Width", 0);
    raster->height = pdf_number(pdf, image->dict, "/Height", 0);
    raster->bits = is_mask ? 1 : (unsigned)bits;
    if (raster->width < 1 || raster->height < 1 || raster->width > INT32_MAX / 4 || raster->height > INT32_MAX / 4 ||
        (bits != 1 && bits != 2 && bits != 4 && bits != 8 && bits != 16))
        return false;
    if (qpdf_oh_is_array(pdf->q, space) &&
        (qpdf_oh_is_name_and_equals(pdf->q, qpdf_oh_get_array_item(pdf->q, space, 0), "/Indexed") ||
         qpdf_oh_is_name_and_equals(pdf->q, qpdf_oh_get_array_item(pdf->q, space, 0), "/I"))) {
        if (!read_palette(pdf, space, raster))
            return false;
    } else {
        raster->colors = is_mask ? COLORS_GREY : colors_of(pdf, space);
        raster->components = components_of(raster->colors);
    }
    fill_maps(pdf, image->dict, raster);
    return raster->colors != COLORS_NONE;
}

static unsigned sample_at(const struct raster *raster, const uint8_t *row, uint64_t i)
{
    switch (raster->bits) {
    case 16:
        return row[2 * i];
    case 8:
        return row[i];
    default:
        return row[i * raster->bits / 8] >> (8 - raster->bits - i * raster->bits % 8) & ((1u << raster->bits) - 1);
    }
}

/** A row as BMP has it: grey, or blue, green, red. */
static void render_row(const struct raster *raster, const uint8_t *row, bool grey, uint8_t *to)
{
    for (uint64_t x = 0; x < (uint64_t)raster->width; x++) {
        uint8_t v[COMPONENTS_MAX], rgb[3];
        for (unsigned c = 0; c < raster->components; c++)
            v[c] = raster->map[c][sample_at(raster, row, x * raster->components + c)];
        if (raster->palette)
            memcpy(rgb, raster->palette + 3 * v[0], 3);
        else
            to_rgb(raster->colors, v, rgb);
        if (grey) {
            to[x] = rgb[0];
        } else {
            to[3 * x] = rgb[2];
            to[3 * x + 1] = rgb[1];
            to[3 * x + 2] = rgb[0];
        }
    }
}

static void put32(uint8_t *p, uint64_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

enum { BMP_HEAD = 54, BMP_GREYS = 1024 };

/** Header and, of a grey one, palette of a BMP whose rows go from the top down. Returns their length. */
static size_t bmp_head(const struct raster *raster, bool grey, uint64_t row, uint8_t head[BMP_HEAD + BMP_GREYS])
{
    size_t n = BMP_HEAD + (grey ? BMP_GREYS : 0);
    memset(head, 0, n);
    head[0] = 'B';
    head[1] = 'M';
    put32(head + 2, n + row * (uint64_t)raster->height);
    put32(head + 10, n);
    put32(head + 14, 40);
    put32(head + 18, (uint64_t)raster->width);
    put32(head + 22, (uint64_t)-raster->height);
    head[26] = 1;
    head[28] = grey ? 8 : 24;
    for (unsigned i = 0; grey && i < 256; i++)
        memset(head + BMP_HEAD + 4 * i, (int)i, 3);
    return n;
}

static void render_bmp(struct pdf *pdf, const struct pdf_image *image, const struct raster *raster, const char *name)
{
    uint8_t head[BMP_HEAD + BMP_GREYS];
    bool grey = !raster->palette && (raster->colors == COLORS_GREY || raster->colors == COLORS_INK);
    uint64_t row = ((uint64_t)raster->width * (grey ? 1 : 3) + 3) & ~3ull, at;
    uint64_t stored = ((uint64_t)raster->width * raster->components * raster->bits + 7) / 8;
    struct parcel parcel = {.name = name, .name_len = strlen(name), .offset = UINT64_MAX};
    struct member member;
    uint8_t *line = calloc(1, (size_t)row);
    at = bmp_head(raster, grey, row, head);
    if (!line) {
        end_memory(pdf->out.end);
        return;
    }
    uint64_t whole = image->n / stored, rows = whole < (uint64_t)raster->height ? whole : (uint64_t)raster->height;
    if (deliver_begin(&pdf->out, &member, &parcel, at + row * (uint64_t)raster->height)) {
        bool wanted = member_data(&member, head, (size_t)at, 0);
        for (uint64_t y = 0; wanted && y < rows; y++) {
            render_row(raster, image->bytes + y * stored, grey, line);
            wanted = member_data(&member, line, (size_t)row, at + y * row);
        }
        bool cut = rows < (uint64_t)raster->height;
        member_end(&member, cut ? TRAWL_DAMAGED : TRAWL_OK, at + row * rows,
                   cut ? "rendered out of the PDF's samples, of which some are missing" : RENDERED);
    }
    free(line);
}

struct tiff_tags {
    uint8_t bytes[8 + 2 + 12 * TIFF_TAGS + 4];
    unsigned n;
};

static void tag(struct tiff_tags *tags, unsigned id, unsigned type, uint64_t value)
{
    uint8_t *p = tags->bytes + 10 + 12 * tags->n++;
    p[0] = (uint8_t)id;
    p[1] = (uint8_t)(id >> 8);
    p[2] = (uint8_t)type;
    p[4] = 1;
    put32(p + 8, value);
}

static bool flag(struct pdf *pdf, qpdf_oh dict, const char *key)
{
    qpdf_oh value = qpdf_oh_get_key_if_dict(pdf->q, dict, key);
    return qpdf_oh_is_bool(pdf->q, value) && qpdf_oh_get_bool_value(pdf->q, value);
}

/** Fax data stays as it is, in a TIFF that tells its decoder what it is. False where TIFF has no word for it. */
static bool wrap_fax(struct pdf *pdf, const struct pdf_image *image, const struct raster *raster, const char *name)
{
    enum { SHORT = 3, LONG = 4 };
    bool has = qpdf_oh_is_dictionary(pdf->q, image->parameters);
    long long k = has ? pdf_number(pdf, image->parameters, "/K", 0) : 0;
    long long columns = has ? pdf_number(pdf, image->parameters, "/Columns", 1728) : 1728;
    bool aligned = flag(pdf, image->parameters, "/EncodedByteAlign");
    bool inverted = flag(pdf, image->parameters, "/BlackIs1") != (raster->map[0][0] > raster->map[0][1]);
    struct tiff_tags tags = {.bytes = {'I', 'I', 42, 0, 8, 0, 0, 0, TIFF_TAGS}};
    struct parcel parcel = {.name = name, .name_len = strlen(name), .offset = UINT64_MAX};
    struct member member;
    if ((aligned && k) || columns < 1 || columns > INT32_MAX)
        return false;
    tag(&tags, 256, LONG, (uint64_t)columns);
    tag(&tags, 257, LONG, (uint64_t)raster->height);
    tag(&tags, 258, SHORT, 1);
    tag(&tags, 259, SHORT, k < 0 ? 4 : aligned ? 2 : 3);
    tag(&tags, 262, SHORT, inverted);
    tag(&tags, 266, SHORT, 1);
    tag(&tags, 273, LONG, sizeof(tags.bytes));
    tag(&tags, 277, SHORT, 1);
    tag(&tags, 278, LONG, (uint64_t)raster->height);
    tag(&tags, 279, LONG, image->n);
    tag(&tags, 292, LONG, k > 0);
    if (!deliver_begin(&pdf->out, &member, &parcel, sizeof(tags.bytes) + image->n))
        return true;
    member_data(&member, tags.bytes, sizeof(tags.bytes), 0);
    member_data(&member, image->bytes, image->n, sizeof(tags.bytes));
    member_end(&member, TRAWL_OK, sizeof(tags.bytes) + image->n,
               "fax data of the PDF in a TIFF: its digests are those of no stored file");
    return true;
}

void pdf_render(struct pdf *pdf, struct pdf_image *image, char *name)
{
    struct raster raster = {0};
    bool readable = read_raster(pdf, image, &raster), done = false;
    size_t stem = strlen(name);
    if (image->filter == PDF_SAMPLES && readable) {
        name_add(name, ".bmp");
        render_bmp(pdf, image, &raster, name);
        done = true;
    } else if (image->filter == PDF_CCITT && raster.height > 0) {
        name_add(name, ".tif");
        done = wrap_fax(pdf, image, &raster, name);
    }
    free(raster.own_palette);
    if (done)
        return;
    name[stem] = '\0';
    name_add(name, image->filter == PDF_JBIG2 ? ".jb2" : ".bin");
    struct parcel parcel = {.name = name,
                            .name_len = strlen(name),
                            .offset = UINT64_MAX,
                            .bytes = image->bytes,
                            .n = image->n,
                            .status = TRAWL_UNSUPPORTED,
                            .detail = image->filter == PDF_JBIG2 ? "an image of the PDF in JBIG2"
                                                                 : "an image of the PDF that cannot be rendered"};
    deliver(&pdf->out, &parcel);
}
