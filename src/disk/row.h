/* row.h: the row of the table of readers for disk images; what it does is in trawl-readers only. */
#ifndef DISK_ROW_H
#define DISK_ROW_H

#include "trawl/unpack.h"

void disk_run(const struct unpack_input *input, struct unpack_sink *sink, struct unpack_end *end) __attribute__((weak));
const char *disk_version(void) __attribute__((weak));

extern const struct unpacker disk_unpacker;

#endif
