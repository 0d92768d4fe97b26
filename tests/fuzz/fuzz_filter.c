/* fuzz_filter.c: the filters that libarchive undoes, and what is inside of them. The first byte says which. */
#include "unpacking.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum file_type types[] = {TYPE_BZIP2, TYPE_XZ, TYPE_LZMA, TYPE_ZSTD, TYPE_LZ4, TYPE_LZIP};
    static struct unpacking whole, part;
    struct fuzz_input in = {data, size};
    enum file_type type = types[fuzz_number(&in, 1) % (sizeof(types) / sizeof(*types))];
    int fd = fuzz_memfd(in.p, in.n);
    unpacking_run(&whole, fd, in.n, type, 0, 0);
    CHECK(whole.n > 0 || whole.end.status != TRAWL_OK || whole.end.missing == 0);
    if (whole.n && whole.end.status != TRAWL_LIMIT) {
        unpacking_run(&part, fd, in.n, type, whole.n - 1, 0);
        unpacking_compare(&whole, &part);
    }
    close(fd);
    return 0;
}
