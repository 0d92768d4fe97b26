/* crc32c.h: CRC-32C (Castagnoli), as iSCSI and ext4 use it. */
#ifndef CORE_CRC32C_H
#define CORE_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/** Continues `crc` (0 at the start) over n bytes. */
uint32_t crc32c(uint32_t crc, const void *data, size_t n);
/** The same without the processor's own instruction. */
uint32_t crc32c_table(uint32_t crc, const void *data, size_t n);

#endif
