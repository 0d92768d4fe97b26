/* fuzz_exif.c: orientation and camera out of an EXIF block. */
#include "decode/exif.h"
#include "fuzz.h"

static uint32_t number(const uint8_t *p, unsigned n, bool big)
{
    uint32_t v = 0;
    for (unsigned i = 0; i < n; i++)
        v |= (uint32_t)p[i] << 8 * (big ? n - 1 - i : i);
    return v;
}

/** The first entry of that tag in the first directory, as TIFF 6 has it. */
static uint32_t expected(const uint8_t *p, size_t n)
{
    if (n >= 6 && memcmp(p, "Exif\0", 5) == 0) {
        p += 6;
        n -= 6;
    }
    bool big = n >= 8 && memcmp(p, "MM\0*", 4) == 0;
    if (n < 8 || (!big && memcmp(p, "II*\0", 4) != 0))
        return 0;
    uint64_t at = number(p + 4, 4, big);
    if (at < 8 || at + 2 > n)
        return 0;
    unsigned entries = number(p + at, 2, big);
    for (at += 2; entries-- && at + 12 <= n; at += 12) {
        unsigned type = number(p + at + 2, 2, big);
        if (number(p + at, 2, big) != 0x112)
            continue;
        if (number(p + at + 4, 4, big) != 1 || (type != 3 && type != 4))
            return 0;
        uint32_t v = number(p + at + 8, type == 3 ? 2 : 4, big);
        return v <= 8 ? v : 0;
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *block = fuzz_copy(data, size);
    struct camera camera = {0};
    CHECK(exif_orientation(block, size) == expected(block, size));
    exif_camera(block, size, &camera);
    CHECK(camera_sane(&camera));
    free(block);
    return 0;
}
