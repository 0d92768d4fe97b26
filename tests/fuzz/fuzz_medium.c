/* fuzz_medium.c: every kind of disk image: what is read is the same in any pieces, and bad ranges are in order. The
 * first byte: the kind; the second: how much of the rest is a second part. */
#include "fuzz.h"

#ifdef HAVE_DISK
#include "disk/medium.h"

#define ROOM (256u << 10)

static const enum file_type types[] = {TYPE_EWF,  TYPE_AFF, TYPE_VMDK, TYPE_VHD,       TYPE_VHDX,
                                       TYPE_QCOW, TYPE_VDI, TYPE_DISK, TYPE_PARALLELS, TYPE_DMG};

static void read_pieces(struct medium *medium, uint64_t at, uint8_t *whole, uint8_t *pieces)
{
    memset(whole, 0x33, ROOM);
    size_t n = medium_read(medium, whole, ROOM, at), done = 0;
    CHECK(n <= ROOM && (at >= medium->size ? n == 0 : n == (medium->size - at < ROOM ? medium->size - at : ROOM)));
    while (done < n) {
        size_t part = n - done < 777 ? n - done : 777;
        CHECK(medium_read(medium, pieces + done, part, at + done) == part);
        done += part;
    }
    CHECK(memcmp(whole, pieces, n) == 0);
}

static void check_bad(const struct medium *medium)
{
    for (size_t i = 0; i < medium->n_bad; i++) {
        CHECK(medium->bad[i].start < medium->bad[i].end);
        CHECK(!i || medium->bad[i - 1].end < medium->bad[i].start);
    }
    CHECK(medium->n_bad <= MEDIUM_BAD && (!medium->n_bad || medium->bad_reads));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct medium medium;
    static uint8_t whole[ROOM], pieces[ROOM];
    struct fuzz_input in = {data, size};
    enum file_type type = types[fuzz_number(&in, 1) % (sizeof(types) / sizeof(*types))];
    size_t second = in.n * fuzz_number(&in, 1) / 256;
    second = second < in.n ? second : in.n;
    size_t first = in.n - second;
    struct segment segments[2] = {{fuzz_memfd(in.p, first), first, NULL},
                                  {fuzz_memfd(in.p + first, second), second, "d-flat.vmdk"}};
    if (medium_open(&medium, type, segments, second ? 2 : 1)) {
        const uint64_t places[] = {0, medium.size / 2, medium.size > 100 ? medium.size - 100 : 0, medium.size,
                                   UINT64_MAX};
        for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
            read_pieces(&medium, places[i], whole, pieces);
        check_bad(&medium);
        CHECK(fuzz_printable(medium.note));
    } else {
        CHECK(medium.status != TRAWL_OK && *medium.why && fuzz_printable(medium.why));
    }
    medium_close(&medium);
    close(segments[0].fd);
    close(segments[1].fd);
    return 0;
}
#else
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    (void)data;
    (void)size;
    return 0;
}
#endif
