/* list_vpdq.c: a file of lines `FRAME,QUALITY,HEX,SECONDS`, as vPDQ's tools write them: one video, named by the file.
 */
#include <string.h>

#include "match/list.h"
#include "match/video_signal.h"

static bool recognise(const uint8_t *head, size_t n)
{
    const uint8_t *newline = memchr(head, '\n', n);
    struct video_frame frame;
    size_t line = newline ? (size_t)(newline - head) : n;
    const uint8_t *comma = memchr(head, ',', line);
    /* Not `HEX,QUALITY,SECONDS`: that is a list of pictures. */
    return comma && comma - head < 2 * PDQ_BYTES && video_signal_frame(head, line, &frame);
}

/** The name of the file, without its ending. */
static void name_entry(const struct loader *loader, struct entry *entry)
{
    const char *slash = strrchr(loader->path, '/'), *name = slash && slash[1] ? slash + 1 : loader->path;
    const char *dot = strrchr(name, '.');
    entry->id = (const uint8_t *)name;
    entry->id_len = dot && dot > name ? (size_t)(dot - name) : strlen(name);
}

static void load(struct loader *loader)
{
    struct entry entry = {.line = 1, .severity = SEVERITY_NONE};
    struct posting posting;
    struct row row;
    uint64_t weak = 0;
    loader->builder->lists[loader->list].flags |= LIST_HAS_IDS;
    name_entry(loader, &entry);
    if (!loader_posting(loader, &entry, &posting))
        return;
    while (!loader_failed(loader) && rows_next(&loader->rows, &row)) {
        struct video_frame frame;
        if (!row.n && !row.too_long)
            continue;
        if (row.too_long || !video_signal_frame(row.text, row.n, &frame))
            loader_bad(loader, row.line, "no frame of a video");
        else if (frame.quality < WEAK_QUALITY)
            weak++;
        else
            loader_add(loader, HASH_VPDQ, frame.pdq, &posting);
    }
    if (weak && !loader->good)
        loader_fail(loader, "%s: none of its %llu frames has a quality of %d or more", loader->path,
                    (unsigned long long)weak, WEAK_QUALITY);
}

const struct list_format list_format_vpdq = {"vpdq", recognise, load};
