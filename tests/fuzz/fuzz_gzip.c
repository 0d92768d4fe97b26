/* fuzz_gzip.c: the gzip reader, compared with zlib's own over the same bytes. */
#define ZLIB_CONST
#include <zlib.h>

#include "unpacking.h"

struct plain {
    uint8_t *bytes;
    size_t n;
    /** All members have their trailer. One has a checksum of its header, which zlib checks and our reader does not. */
    bool whole, header_sum;
    /** Bytes of the file that they are. */
    size_t used;
};

/** One member after the other, until something that is none. */
static struct plain inflate_all(const uint8_t *data, size_t n)
{
    struct plain plain = {malloc(ENOUGH), 0, false, n > 3 && data[3] & 2, 0};
    z_stream z = {.next_in = data, .avail_in = (unsigned)n};
    CHECK(plain.bytes && inflateInit2(&z, 16 + MAX_WBITS) == Z_OK);
    for (;;) {
        z.next_out = plain.bytes + plain.n;
        z.avail_out = (unsigned)(ENOUGH - plain.n);
        int r = inflate(&z, Z_NO_FLUSH);
        size_t before = plain.n;
        plain.n = ENOUGH - z.avail_out;
        plain.whole = r == Z_STREAM_END;
        if (plain.whole)
            plain.used = n - z.avail_in;
        if (plain.n == ENOUGH || (r == Z_OK && before == plain.n && !z.avail_in) || (r != Z_OK && r != Z_STREAM_END))
            break;
        if (r == Z_STREAM_END &&
            (z.avail_in < 10 || z.next_in[0] != 0x1f || z.next_in[1] != 0x8b || z.next_in[2] != 8 ||
             z.next_in[3] & 0xe0 || inflateReset2(&z, 16 + MAX_WBITS) != Z_OK))
            break;
        plain.header_sum |= r == Z_STREAM_END && z.next_in[3] & 2;
    }
    inflateEnd(&z);
    return plain;
}

/** A file of one stream: the bytes are zlib's, and so is the verdict. */
static void check_stream(const struct unpacking *u, const struct plain *plain)
{
    const struct seen_member *member = &u->members[0];
    if (member->passed_over || plain->n == ENOUGH || plain->header_sum)
        return;
    CHECK(member->given >= plain->n);
    if (member->status != TRAWL_OK)
        return;
    CHECK(plain->whole && member->given == plain->n);
    CHECK(member->bytes == (plain->n ? unpacking_hash(0, plain->bytes, plain->n) : 0));
    CHECK(u->end.accounted >= plain->used);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct unpacking u;
    int fd = fuzz_memfd(data, size);
    unpacking_run(&u, fd, size, TYPE_GZIP, 0, 0);
    struct plain plain = inflate_all(data, size);
    enum file_type inside = sniff(plain.bytes, plain.n, UINT64_MAX);
    if (inside != TYPE_TAR && inside != TYPE_CPIO && inside != TYPE_WARC && u.n == 1)
        check_stream(&u, &plain);
    free(plain.bytes);
    close(fd);
    return 0;
}
