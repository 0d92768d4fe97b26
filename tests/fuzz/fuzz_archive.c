/* fuzz_archive.c: archives that libarchive reads, and WARC. The first byte says which format. */
#include "unpacking.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum file_type types[] = {TYPE_TAR, TYPE_7Z,      TYPE_RAR, TYPE_RAR5, TYPE_CAB, TYPE_CPIO,
                                           TYPE_LHA, TYPE_ISO9660, TYPE_XAR, TYPE_AR,   TYPE_WARC};
    static struct unpacking whole, part;
    struct fuzz_input in = {data, size};
    enum file_type type = types[fuzz_number(&in, 1) % (sizeof(types) / sizeof(*types))];
    uint64_t first = fuzz_number(&in, 1), refuse = fuzz_number(&in, 1) * 0x0101010101010101;
    int fd = fuzz_memfd(in.p, in.n);
    unpacking_run(&whole, fd, in.n, type, 0, 0);
    if (whole.n && whole.end.status != TRAWL_LIMIT) {
        unpacking_run(&part, fd, in.n, type, first % (whole.n + 1), 0);
        unpacking_compare(&whole, &part);
        unpacking_run(&part, fd, in.n, type, 0, refuse);
        unpacking_compare(&whole, &part);
    }
    close(fd);
    return 0;
}
