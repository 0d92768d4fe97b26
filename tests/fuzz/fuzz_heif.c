/* fuzz_heif.c: HEIF and AVIF in process, under small limits. */
#include "decoding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    decoding_both(TYPE_HEIF, data, size);
    return 0;
}
