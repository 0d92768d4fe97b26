/* media.h: the disk images of a scan: how each was acquired, and whether its bytes are those that were acquired. */
#ifndef REPORT_MEDIA_H
#define REPORT_MEDIA_H

#include <stddef.h>

#include "trawl/item.h"

struct buf;

/** Images that are named; a scan of more has its lines in the inventory all the same. */
#define MEDIA_MAX 1000

struct medium_row {
    char *path, *detail, *facts;
    enum trawl_status status;
};

struct media {
    struct medium_row *items;
    size_t n, cap, left_out;
};

/** Takes the line of a medium; any other item is left alone. */
void media_item(struct media *media, const struct item *item);
void media_free(struct media *media);
/** A member of summary.json. */
void media_json(const struct media *media, struct buf *out);
/** A table for the head of report.html; nothing where there is no medium. */
void media_html(const struct media *media, struct buf *out);

#endif
