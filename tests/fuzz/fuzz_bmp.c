/* fuzz_bmp.c: the decoder of BMP in process, under small limits. */
#include "decoding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    decoding_both(TYPE_BMP, data, size);
    return 0;
}
