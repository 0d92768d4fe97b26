/* fuzz_tiff.c: the TIFF decoder in process, both modes, under small limits. */
#include "decoding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    decoding_both(TYPE_TIFF, data, size);
    return 0;
}
