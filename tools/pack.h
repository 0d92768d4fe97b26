/* pack.h: archives in memory, the same bytes every time. */
#ifndef TOOLS_PACK_H
#define TOOLS_PACK_H

#include <stddef.h>

#include "core/buf.h"

struct member {
    const char *name;
    const struct buf *data;
};

void pack_zip(const struct member *members, size_t n, struct buf *out);
void pack_tar_gz(const struct member *members, size_t n, struct buf *out);

#endif
