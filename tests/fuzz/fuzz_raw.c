/* fuzz_raw.c: the JPEGs in camera RAW, found by their bytes. */
#include "decoding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    decoding_both(TYPE_RAW_PHOTO, data, size);
    return 0;
}
