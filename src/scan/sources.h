/* sources.h: what the command line names as evidence, one after the other. */
#ifndef SCAN_SOURCES_H
#define SCAN_SOURCES_H

#include <stdatomic.h>
#include <stdio.h>

#include "trawl/scan.h"

/** Begin with zeros and the options. */
struct sources {
    const struct scan_options *options;
    /** Set where the run is to stop: a pipe that nobody writes to must not keep it. NULL: nobody sets it. */
    const atomic_bool *stop;
    size_t next;
    /** --from, once the sources are used up. */
    FILE *from;
    bool from_tried;
    char *line;
    size_t line_cap;
    /** --from could not be read to its end. */
    bool failed;
};

/** The next one, valid until the next call; NULL behind the last one. */
const char *sources_next(struct sources *sources);
void sources_close(struct sources *sources);

#endif
