/* fuzz_zip.c: the zip reader: end records, central directories, local headers, what lies between them. */
#include "unpacking.h"

/** What the sniffer calls a zip by its end has a central directory. */
static void check_sniffed(const uint8_t *data, size_t n, const struct unpacking *u)
{
    if (sniff_zip_tail(data + n - (n < SNIFF_TAIL ? n : SNIFF_TAIL), n < SNIFF_TAIL ? n : SNIFF_TAIL, n))
        CHECK(u->end.missing != UINT64_MAX || u->end.status == TRAWL_LIMIT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct unpacking whole, part;
    struct fuzz_input in = {data, size};
    uint64_t first = fuzz_number(&in, 1), refuse = fuzz_number(&in, 1) * 0x0101010101010101;
    int fd = fuzz_memfd(in.p, in.n);
    unpacking_run(&whole, fd, in.n, TYPE_ZIP, 0, 0);
    check_sniffed(in.p, in.n, &whole);
    if (whole.n && whole.end.status != TRAWL_LIMIT) {
        unpacking_run(&part, fd, in.n, TYPE_ZIP, first % (whole.n + 1), 0);
        unpacking_compare(&whole, &part);
        unpacking_run(&part, fd, in.n, TYPE_ZIP, 0, refuse);
        unpacking_compare(&whole, &part);
    }
    close(fd);
    return 0;
}
