/* fuzz_screen.c: the screening decoder of JPEG: what it takes, libjpeg has nothing to say of, and reads the same DC. */
#include "../decode/screened.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct file_bytes file = {fuzz_copy(data, size), size};
    bool quarter = screened(&file, 4), half = screened(&file, 2), taken = screened(&file, 8);
    CHECK(quarter == half && (taken || !half) && !tape.open);
    if (taken) {
        struct file_bytes own = tape_take();
        CHECK(plain_is_sound(&file));
        CHECK(own.size == tape.n && (!own.size || memcmp(own.data, tape.bytes, own.size) == 0));
        free(own.data);
    }
    tape_clear();
    free(file.data);
    return 0;
}
