/* io.h: writing that does not stop half-way. */
#ifndef CORE_IO_H
#define CORE_IO_H

#include <stddef.h>

/** Writes all n bytes, whatever interrupts. Returns 0 or -errno. */
int io_write_all(int fd, const void *data, size_t n);

#endif
