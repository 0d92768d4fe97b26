/* file_source.h (private): a file as a source of the carver, and of what else reads a medium at any place. */
#ifndef CARVE_FILE_SOURCE_H
#define CARVE_FILE_SOURCE_H

#include "source/window.h"
#include "trawl/carve.h"

struct file_source {
    struct carve_source source;
    /** Knows what to do with sectors that cannot be read. */
    struct window window;
};

/** False where memory is missing. */
bool file_source_open(struct file_source *file, int fd, uint64_t size);
void file_source_close(struct file_source *file);

#endif
