/* fuzz_gif.c: the GIF decoder in process, both modes, under small limits. */
#include "decoding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    decoding_both(TYPE_GIF, data, size);
    return 0;
}
