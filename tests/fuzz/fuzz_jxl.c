/* fuzz_jxl.c: the decoder of JXL in process, under small limits. */
#include "decoding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    decoding_both(TYPE_JXL, data, size);
    return 0;
}
