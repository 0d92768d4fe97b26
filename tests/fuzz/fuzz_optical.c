/*
 * fuzz_optical.c: discs, UDF and ISO 9660: what is told of a file does not depend on what was read of the others.
 *
 * Most of a disc is empty, and UDF checks a sum over each descriptor. So the input is a list of pieces, each with its
 * place (optical_pieces.h), and the sums are set right when all of them stand.
 */
#include "optical_pieces.h"
#include "unpacking.h"

#define MOST_SECTORS 1024u

static uint8_t image[MOST_SECTORS * OPTICAL_PIECE];

static unsigned number(const uint8_t *p)
{
    return p[0] | (unsigned)p[1] << 8;
}

static void put_number(uint8_t *p, unsigned v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

/** CRC-CCITT. */
static unsigned crc(const uint8_t *p, size_t n)
{
    unsigned crc = 0;
    while (n--) {
        crc ^= (unsigned)*p++ << 8;
        for (int bit = 0; bit < 8; bit++)
            crc = (crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1) & 0xffff;
    }
    return crc;
}

/** Sets the sums of the descriptor right, if the n bytes hold what they are of. */
static void set_tag(uint8_t *p, size_t n)
{
    if (n < 16 || number(p + 10) > n - 16)
        return;
    put_number(p + 8, crc(p + 16, number(p + 10)));
    p[4] = 0;
    for (int i = 0; i < 16; i++)
        p[4] = (uint8_t)(p[4] + (i != 4 ? p[i] : 0));
}

static void set_names(uint8_t *p, size_t n)
{
    while (n >= 38) {
        size_t size = (38u + number(p + 36) + p[19] + 3) & ~(size_t)3;
        if (size > n)
            break;
        put_number(p + 10, (unsigned)size - 16);
        set_tag(p, n);
        p += size;
        n -= size;
    }
}

static void set_sums(unsigned kind, uint8_t *p, size_t n)
{
    size_t head = number(p) == 266 ? 216 : 176, names = n > head ? head + p[head - 8] : n;
    if (kind & OPTICAL_NAMES && !(kind & OPTICAL_TAG))
        set_names(p, n);
    else if (kind & OPTICAL_NAMES && names < n)
        set_names(p + names, n - names);
    if (kind & OPTICAL_TAG)
        set_tag(p, n);
}

/** The pieces at their places; the sums are those of the sector as it is then. */
static void set_pieces(struct fuzz_input in, size_t size)
{
    while (in.n) {
        unsigned kind = (unsigned)fuzz_number(&in, 1);
        size_t at = fuzz_number(&in, 2) * OPTICAL_PIECE, n = fuzz_number(&in, 2) % (4 * OPTICAL_PIECE + 1);
        const uint8_t *bytes = fuzz_bytes(&in, &n);
        if (at >= size)
            continue;
        n = n < size - at ? n : size - at;
        memcpy(image + at, bytes, n);
        set_sums(kind, image + at, size - at < OPTICAL_PIECE ? size - at : OPTICAL_PIECE);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct unpacking whole, part;
    struct fuzz_input in = {data, n};
    size_t size = (fuzz_number(&in, 2) % MOST_SECTORS + 1) * OPTICAL_PIECE;
    uint64_t first = fuzz_number(&in, 1), refuse = fuzz_number(&in, 1) * 0x0101010101010101;
    memset(image, 0, size);
    set_pieces(in, size);
    int fd = fuzz_memfd(image, size);
    unpacking_run(&whole, fd, size, TYPE_ISO9660, 0, 0);
    if (whole.n && whole.end.status != TRAWL_LIMIT) {
        unpacking_run(&part, fd, size, TYPE_ISO9660, first % (whole.n + 1), 0);
        unpacking_compare(&whole, &part);
        unpacking_run(&part, fd, size, TYPE_ISO9660, 0, refuse);
        unpacking_compare(&whole, &part);
    }
    close(fd);
    return 0;
}
