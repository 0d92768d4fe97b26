/* fuzz_document.c: documents and stores. The first byte says which; those of other people's libraries among them. */
#include "unpacking.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum file_type types[] = {TYPE_THUMBCACHE, TYPE_THUMBDATA, TYPE_BASE64, TYPE_PLIST,
                                           TYPE_RTF,        TYPE_VCARD,     TYPE_OLE,    TYPE_PDF,
                                           TYPE_SQLITE,     TYPE_EML,       TYPE_MBOX,   TYPE_PST};
    static struct unpacking whole, part;
    struct fuzz_input in = {data, size};
    enum file_type type = types[fuzz_number(&in, 1) % (sizeof(types) / sizeof(*types))];
    uint64_t first = fuzz_number(&in, 1), refuse = fuzz_number(&in, 1) * 0x0101010101010101;
    if (!unpack_find(type))
        return 0;
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
