/* fuzz_iso.c: images of ISO 9660. The input is two numbers, and then sectors: which of 64, how many bytes, the bytes.
 */
#include "unpacking.h"

#include "../optical/iso_build.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct unpacking whole, part;
    static struct iso_image image;
    struct fuzz_input in = {data, size};
    uint64_t first = fuzz_number(&in, 1), refuse = fuzz_number(&in, 1) * 0x0101010101010101;
    memset(&image, 0, sizeof(image));
    while (in.n) {
        unsigned sector = (unsigned)fuzz_number(&in, 1) % ISO_SECTORS;
        size_t n = fuzz_number(&in, 2) % (ISO_SECTOR + 1);
        const uint8_t *bytes = fuzz_bytes(&in, &n);
        if (n)
            memcpy(iso_at(&image, sector), bytes, n);
    }
    int fd = fuzz_memfd(image.bytes, ISO_BYTES);
    unpacking_run(&whole, fd, ISO_BYTES, TYPE_ISO9660, 0, 0);
    if (whole.n && whole.end.status != TRAWL_LIMIT) {
        unpacking_run(&part, fd, ISO_BYTES, TYPE_ISO9660, first % (whole.n + 1), 0);
        unpacking_compare(&whole, &part);
        unpacking_run(&part, fd, ISO_BYTES, TYPE_ISO9660, 0, refuse);
        unpacking_compare(&whole, &part);
    }
    close(fd);
    return 0;
}
