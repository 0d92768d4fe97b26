/* bmff.c: files made of boxes: MP4, MOV, HEIF, AVIF, JPEG 2000, JPEG XL. They end where no box of theirs follows. */
#include <string.h>

#include "carve/finders.h"

/** Boxes that stand at the top. */
static const char film_boxes[] =
    "ftypmoovmdatfreeskipwidemetamoofmfrasidxssixstypuuidpdinudtapnotprftemsgmecobidxPICTjunksefdmpvdthum";
static const char jp2_boxes[] = "jP  ftypjp2hjp2cuuidjp2ixml res asocrreqjpchjplhuinffreemdat";
static const char jxl_boxes[] = "JXL ftypjxlcjxlpjxlljxliExifxml brobjumbjbrdfree";

static bool is_one_of(const uint8_t *name, const char *names)
{
    for (; *names; names += 4)
        if (memcmp(name, names, 4) == 0)
            return true;
    return false;
}

struct boxes {
    const char *names;
    uint64_t at;
    /** Which of those that matter were met. */
    bool index, media, codestream;
    /** A box that says of itself that it goes on to the end of the file. */
    bool endless;
    /** The index names a codec whose frames are JPEGs. */
    bool motion_jpeg;
};

static void box_note(struct boxes *boxes, const uint8_t *name)
{
    boxes->index |= is_one_of(name, "moovmetajp2h");
    boxes->media |= is_one_of(name, "mdatmoof");
    boxes->codestream |= is_one_of(name, "jp2cjxlcjxlp");
}

/** Whether a word stands in an index of `size` bytes, as far as one window reaches: a codec whose frames are JPEGs. */
static bool index_names(struct measure *m, uint64_t at, uint64_t size, const char *word, size_t length)
{
    size_t n, most = size < STREAM_NEAR ? (size_t)size : STREAM_NEAR;
    const uint8_t *p = measure_at(m, at, most < m->room - at ? most : 16, &n);
    return p && memmem(p, n < most ? n : most, word, length);
}

/** Passes over a box. False where there is none. */
static bool pass_box(struct measure *m, struct boxes *boxes)
{
    const uint8_t *p = measure_at(m, boxes->at, 8, NULL);
    if (!p || !is_one_of(p + 4, boxes->names))
        return false;
    uint64_t size = be32(p);
    uint8_t name[4];
    memcpy(name, p + 4, 4);
    if (size == 1)
        size = (p = measure_at(m, boxes->at, 16, NULL)) && be64(p + 8) >= 16 ? be64(p + 8) : 2;
    boxes->endless = size == 0;
    if (size && (size < 8 || size > INT64_MAX - boxes->at))
        return false;
    box_note(boxes, name);
    if (memcmp(name, "moov", 4) == 0)
        boxes->motion_jpeg = index_names(m, boxes->at, size, "jpeg\0\0\0\0\0\0", 10);
    /* A small picture lies in its index. */
    if (memcmp(name, "meta", 4) == 0)
        boxes->media |= index_names(m, boxes->at, size, "idat", 4);
    /* An endless JPEG 2000 codestream has an end mark. */
    if (boxes->endless)
        size = memcmp(name, "jp2c", 4) == 0 ? 8 + codestream_length(m, boxes->at + 8) : m->room - boxes->at;
    boxes->endless = boxes->endless && memcmp(name, "jp2c", 4) != 0;
    boxes->at += size;
    return boxes->at < m->room;
}

static void boxes_measure(struct measure *m, const char *names)
{
    struct boxes boxes = {.names = names};
    while (pass_box(m, &boxes))
        ;
    bool whole = names == film_boxes ? boxes.index && boxes.media : boxes.codestream;
    /* What was written over its frames cannot be seen here: the scan goes on in them. */
    m->framed = boxes.motion_jpeg;
    if (whole && !boxes.endless && boxes.at <= m->room) {
        measure_whole(m, boxes.at);
        return;
    }
    measure_broken(m, boxes.at, boxes.index || boxes.media || boxes.codestream,
                   boxes.endless ? "it does not say where it ends" : "what follows is no part of it");
}

static bool is_brand(const uint8_t *p)
{
    for (size_t i = 0; i < 4; i++)
        if (!is_word(p[i]) && p[i] != ' ' && p[i] != '_' && p[i] != '.' && p[i] != '+' && p[i] != '-')
            return false;
    return true;
}

/** Brands as far as they are in sight. */
static bool film_look(const uint8_t *p, size_t n)
{
    uint32_t size = n >= 16 ? be32(p) : 0;
    if (size < 12 || size > 1024 || size % 4 || !is_brand(p + 8))
        return false;
    for (uint32_t at = 16; at + 4 <= size && at + 4 <= n; at += 4)
        if (!is_brand(p + at) && be32(p + at))
            return false;
    return true;
}

static void film_measure(struct measure *m)
{
    const uint8_t *p = measure_at(m, 0, 16, NULL);
    m->suffix = !p                                                     ? NULL
                : is_one_of(p + 8, "avifavis")                         ? "avif"
                : is_one_of(p + 8, "heicheixheimheishevchevxmif1msf1") ? "heic"
                : is_one_of(p + 8, "qt  ")                             ? "mov"
                                                                       : NULL;
    boxes_measure(m, film_boxes);
}

static bool jp2_look(const uint8_t *p, size_t n)
{
    return n >= 24 && memcmp(p, "\0\0\0\x0cjP  \r\n\x87\n", 12) == 0 && memcmp(p + 16, "ftyp", 4) == 0;
}

static void jp2_measure(struct measure *m)
{
    boxes_measure(m, jp2_boxes);
}

static bool jxl_look(const uint8_t *p, size_t n)
{
    return n >= 24 && memcmp(p, "\0\0\0\x0cJXL \r\n\x87\n", 12) == 0 && memcmp(p + 16, "ftyp", 4) == 0;
}

static void jxl_measure(struct measure *m)
{
    boxes_measure(m, jxl_boxes);
}

const struct finder film_finder = {
    .suffix = "mp4", FINDER_MAGIC("ftyp", 4), .look = film_look, .measure = film_measure};
const struct finder jp2_finder = {.suffix = "jp2", FINDER_MAGIC("jP  ", 4), .look = jp2_look, .measure = jp2_measure};
const struct finder jxl_finder = {.suffix = "jxl", FINDER_MAGIC("JXL ", 4), .look = jxl_look, .measure = jxl_measure};
