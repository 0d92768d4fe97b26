/* fuzz_ico.c: icons and cursors, the bitmaps and PNGs in them. */
#include "decoding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    decoding_both(TYPE_ICO, data, size);
    return 0;
}
