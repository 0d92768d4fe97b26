/*
 * tiff_extras.c: what a TIFF holds beside its first page: further pages, the JPEGs that cameras put beside their raw
 * data (DNG, NEF, ARW, PEF are TIFF), Photoshop's preview.
 */
#ifdef HAVE_TIFF
#include "decode/extras.h"
#include "decode/ifd.h"
#include "decode/jpeg_extent.h"
#include "decode/tiff_pages.h"

#include <stdlib.h>

/** Directories that are looked at, each once: a chain may be a loop. */
#define MAX_DIRECTORIES 4096
#define MAX_SUBIFDS     16

#define PHOTOMETRIC_CFA        32803
#define PHOTOMETRIC_LINEAR_RAW 34892

struct pages {
    struct ifd_file file;
    struct extras *extras;
    uint64_t *visited;
    size_t n;
    /** Of those in the chain. */
    uint32_t page;
};

/** False where that directory was met before. */
static bool visit(struct pages *pages, uint64_t at)
{
    for (size_t i = 0; i < pages->n; i++)
        if (pages->visited[i] == at)
            return false;
    if (pages->n == MAX_DIRECTORIES)
        return false;
    pages->visited[pages->n++] = at;
    return true;
}

/** The whole JPEG that the directory points to, by a tag of its own or as its only strip. */
static bool find_jpeg(const struct ifd_file *file, uint64_t at, uint64_t *offset, uint64_t *bytes)
{
    struct ifd_entry strips, counts, tables;
    struct jpeg_extent extent;
    *offset = ifd_get(file, at, IFD_JPEG_OFFSET, 0);
    *bytes = ifd_get(file, at, IFD_JPEG_BYTES, 0);
    if (!*offset && ifd_find(file, at, IFD_STRIP_OFFSETS, &strips) && ifd_find(file, at, IFD_STRIP_COUNTS, &counts) &&
        strips.count == 1 && !ifd_find(file, at, IFD_JPEG_TABLES, &tables)) {
        *offset = ifd_value(file, &strips, 0);
        *bytes = ifd_value(file, &counts, 0);
    }
    if (!*offset || *offset > file->size || *bytes > file->size - *offset)
        return false;
    /* Old-style JPEG in TIFF may only be tables there. */
    return jpeg_extent(file->data + *offset, (size_t)*bytes, &extent) && !extent.lossless;
}

static void render(struct pages *pages, uint64_t at, enum extra_kind kind)
{
    struct decode_extra *extra =
        kind == EXTRA_PAGE ? extras_next(pages->extras, kind, pages->page) : extras_count(pages->extras, kind, 1);
    if (extra)
        tiff_page(pages->extras->request, pages->file.data, pages->file.size, at, &extra->result);
}

static void subdirectories(struct pages *pages, uint64_t at)
{
    struct ifd_entry list;
    uint64_t offset, bytes;
    if (!ifd_find(&pages->file, at, IFD_SUBIFDS, &list))
        return;
    for (uint64_t i = 0; i < list.count && i < MAX_SUBIFDS && !extras_full(pages->extras); i++) {
        uint64_t sub = ifd_value(&pages->file, &list, i);
        if (!ifd_entries(&pages->file, sub) || !visit(pages, sub))
            continue;
        uint64_t photometric = ifd_get(&pages->file, sub, IFD_PHOTOMETRIC, 0);
        if (find_jpeg(&pages->file, sub, &offset, &bytes))
            extras_jpeg(pages->extras, EXTRA_PREVIEW, pages->file.data, pages->file.size, offset, bytes);
        else if (photometric != PHOTOMETRIC_CFA && photometric != PHOTOMETRIC_LINEAR_RAW &&
                 ifd_get(&pages->file, sub, IFD_WIDTH, 0))
            render(pages, sub, EXTRA_PREVIEW);
    }
}

/** A directory of the chain. The first one is the file's own picture; a camera's preview there has bytes of its own. */
static void directory(struct pages *pages, uint64_t at)
{
    struct ifd_entry resources;
    const struct ifd_file *file = &pages->file;
    uint64_t offset = 0, bytes = 0;
    bool first = pages->page++ == 0,
         own = ifd_get(file, at, IFD_JPEG_OFFSET, 0) && find_jpeg(file, at, &offset, &bytes);
    if (own)
        extras_jpeg(pages->extras, first ? EXTRA_PREVIEW : EXTRA_THUMBNAIL, file->data, file->size, offset, bytes);
    else if (!first)
        render(pages, at, EXTRA_PAGE);
    if (first && ifd_find(file, at, IFD_PHOTOSHOP, &resources) && resources.count < file->size - resources.at)
        extras_photoshop(pages->extras, file->data, file->size, (size_t)resources.at, (size_t)resources.count);
    subdirectories(pages, at);
}

void tiff_extras(const uint8_t *data, size_t size, struct extras *extras)
{
    const struct limits *limits = &extras->request->limits;
    struct pages pages = {.extras = extras};
    uint64_t at;
    if (!ifd_open(&pages.file, data, size, &at))
        return;
    pages.visited = malloc(MAX_DIRECTORIES * sizeof(*pages.visited));
    while (pages.visited && at && !extras_full(extras) && visit(&pages, at) && ifd_entries(&pages.file, at) &&
           !limit_exceeded(limits, LIMIT_TIFF_DIRECTORIES, pages.page + 1)) {
        directory(&pages, at);
        at = ifd_next(&pages.file, at);
    }
    free(pages.visited);
}
#endif
