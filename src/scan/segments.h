/*
 * segments.h: disk images that are split over several files of the host: which files, by their names alone.
 *
 * The files stand beside the first one and are named after it by rule (.001 .002, .E01 .E02, disk-s001.vmdk); no name
 * that an image holds is ever looked at here.
 */
#ifndef SCAN_SEGMENTS_H
#define SCAN_SEGMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trawl/unpack.h"
#include "trawl/type.h"
#include "trawl/where.h"

/** How the words about a part begin; the name of the first one follows. */
#define SEGMENTS_PART_WORDS "a part of the image "

/** Files beside the first one, open for reading. */
struct segments {
    struct unpack_segment *items;
    size_t n;
    uint64_t bytes;
};

/** Opens the files that go on with a file of the host; none where there are none. */
void segments_open(struct segments *segments, const struct where *where, enum file_type type);
void segments_close(struct segments *segments);
/** 64 bits that change when one of the files does, comes or goes; 0: there are none. */
uint64_t segments_identity(const struct segments *segments);
/** True if a file of the host might be a part of an image, by its name alone. */
bool segments_may_be_part(const struct where *where);
/** True if a file of the host, of that type by its bytes, goes on with an image beside it: `first` is the name of that.
 */
bool segments_is_part(const struct where *where, enum file_type type, char first[UNPACK_SEGMENT_NAME]);

#endif
