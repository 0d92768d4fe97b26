/* fuzz_jp2.c: the decoder of JP2 in process, under small limits. */
#include "decoding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    decoding_both(TYPE_JP2, data, size);
    return 0;
}
