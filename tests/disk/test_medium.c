#ifdef HAVE_DISK
#include <criterion/criterion.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "build.h"
#include "disk/medium.h"

static int file_of(const void *bytes, size_t n)
{
    int fd = memfd_create("medium", MFD_CLOEXEC);
    cr_assert(fd >= 0 && write(fd, bytes, n) == (ssize_t)n);
    return fd;
}

/** An image that is open, with the file that a descriptor names. */
struct opened {
    struct medium medium;
    struct segment segments[2];
    bool is_open;
};

static struct opened *open_bytes(const struct buf *bytes)
{
    static struct opened o;
    struct buf flat = {0};
    disk_put_block(&flat, 0, 0, 4096);
    disk_put_block(&flat, 4096, 2, 4096);
    o.segments[0] = (struct segment){file_of(bytes->data, bytes->len), bytes->len, NULL};
    o.segments[1] = (struct segment){file_of(flat.data, flat.len), flat.len, "D-flat.vmdk"};
    enum file_type type = sniff(bytes->data, bytes->len, bytes->len);
    type = sniff_tail(type, bytes->data, bytes->len, bytes->len);
    o.is_open = medium_open(&o.medium, type, o.segments, type == TYPE_VMDK ? 2 : 1);
    buf_free(&flat);
    return &o;
}

static void close_bytes(struct opened *o)
{
    medium_close(&o->medium);
    close(o->segments[0].fd);
    close(o->segments[1].fd);
}

Test(medium, every_kind_gives_the_same_blocks)
{
    for (int kind = 0; kind < BUILD_DISKS; kind++) {
        struct buf bytes = {0};
        size_t block = build_disk((enum build_disk)kind, &bytes);
        uint8_t got[3 * 4096 + 1], want[4096];
        struct opened *o = open_bytes(&bytes);
        cr_assert(o->is_open, "%d: %s", kind, o->medium.why);
        cr_assert_eq(o->medium.size, 3 * block, "%d: %llu", kind, (unsigned long long)o->medium.size);
        cr_assert_eq(medium_read(&o->medium, got, 3 * block + 1, 0), 3 * block);
        for (unsigned i = 0; i < 3; i++) {
            disk_block(i, want, block);
            cr_assert_eq(memcmp(got + i * block, want, block), 0, "%d: block %u", kind, i);
        }
        /* Across the border of two blocks, and at the end. */
        uint8_t part[100];
        cr_assert_eq(medium_read(&o->medium, part, 100, 2 * block - 50), 100);
        cr_assert_eq(memcmp(part, got + 2 * block - 50, 100), 0);
        cr_assert_eq(medium_read(&o->medium, part, 100, 3 * block - 7), 7);
        cr_assert_eq(medium_read(&o->medium, part, 100, 3 * block), 0);
        cr_assert_eq(o->medium.n_bad, 0);
        cr_assert_eq(o->medium.note[0], 0, "%d: %s", kind, o->medium.note);
        close_bytes(o);
        buf_free(&bytes);
    }
}

Test(medium, cut_anywhere_nothing_breaks)
{
    for (int kind = 0; kind < BUILD_DISKS; kind++) {
        struct buf bytes = {0};
        build_disk((enum build_disk)kind, &bytes);
        for (size_t n = 600; n < bytes.len; n += 97) {
            struct buf cut = {bytes.data, n, 0};
            static uint8_t got[3 * 4096];
            struct opened *o = open_bytes(&cut);
            if (o->is_open)
                medium_read(&o->medium, got, sizeof(got), 0);
            cr_assert(o->is_open || (o->medium.status != TRAWL_OK && o->medium.why[0]));
            close_bytes(o);
        }
        buf_free(&bytes);
    }
}

Test(medium, a_flipped_byte_is_noticed)
{
    struct buf bytes = {0};
    build_ewf(&bytes);
    uint8_t got[4096], want[4096];
    /* In the second chunk, which stands as it is. */
    size_t at = 0;
    for (size_t i = 13 + 76 + 1052 + 76; !at && i + 64 < bytes.len; i++) {
        static const uint8_t zeros[64];
        at = memcmp(bytes.data + i, zeros, 64) == 0 ? i + 32 : 0;
    }
    cr_assert(at);
    bytes.data[at] = 0x55;
    struct opened *o = open_bytes(&bytes);
    cr_assert(o->is_open);
    cr_assert_eq(medium_read(&o->medium, got, 4096, 0), 4096);
    cr_assert_null(medium_bad_in(&o->medium, 0, 3 * 4096));
    cr_assert_eq(medium_read(&o->medium, got, 4096, 8192), 4096);
    disk_block(2, want, 4096);
    cr_assert_eq(memcmp(got, want, 4096), 0);
    cr_assert_eq(o->medium.bad_reads, 0);
    cr_assert_eq(medium_read(&o->medium, got, 10, 5000), 10);
    const struct bad_range *bad = medium_bad_in(&o->medium, 0, 3 * 4096);
    cr_assert(bad && bad->start == 4096 && bad->end == 8192);
    cr_assert_null(medium_bad_in(&o->medium, 0, 4096));
    cr_assert_null(medium_bad_in(&o->medium, 8192, 9000));
    cr_assert_not_null(medium_bad_in(&o->medium, 8191, 8192));
    /* A second read of it is as bad. */
    uint64_t before = o->medium.bad_reads;
    medium_read(&o->medium, got, 10, 5000);
    cr_assert_gt(o->medium.bad_reads, before);
    cr_assert_eq(o->medium.n_bad, 1);
    close_bytes(o);
    buf_free(&bytes);
}

Test(medium, parents_are_named_and_never_opened)
{
    struct buf bytes = {0};
    build_qcow2(&bytes);
    disk_be(&bytes, 8, 1500, 8);
    disk_be(&bytes, 16, 12, 4);
    disk_put(&bytes, 1500, "/etc/secrets", 12);
    struct opened *o = open_bytes(&bytes);
    cr_assert_not(o->is_open);
    cr_assert_eq(o->medium.status, TRAWL_UNSUPPORTED);
    cr_assert_not_null(strstr(o->medium.why, "/etc/secrets"));
    close_bytes(o);
    bytes.len = 0;
    static const char text[] = "# Disk DescriptorFile\nparentCID=12345678\nparentFileNameHint=\"/etc/secrets\"\n"
                               "RW 8 FLAT \"d-flat.vmdk\" 0\n";
    disk_put(&bytes, 0, text, sizeof(text) - 1);
    o = open_bytes(&bytes);
    cr_assert_not(o->is_open);
    cr_assert_not_null(strstr(o->medium.why, "/etc/secrets"));
    close_bytes(o);
    bytes.len = 0;
    /* A name with folders in it is no name of a file beside the descriptor. */
    static const char other[] = "# Disk DescriptorFile\nparentCID=ffffffff\nRW 8 FLAT \"/etc/d-flat.vmdk\" 0\n";
    disk_put(&bytes, 0, other, sizeof(other) - 1);
    o = open_bytes(&bytes);
    cr_assert_not(o->is_open);
    cr_assert_eq(o->medium.status, TRAWL_UNSUPPORTED);
    close_bytes(o);
    buf_free(&bytes);
}

Test(medium, images_of_apple_that_lie_are_told)
{
    struct buf bytes = {0};
    build_dmg(&bytes);
    size_t trailer = bytes.len - 512;
    /* A list that is cut, parts of a larger image, a method that is not read. */
    static const struct {
        size_t at;
        uint8_t value;
        enum trawl_status status;
    } cases[] = {{223, 1, TRAWL_DAMAGED}, {63, 2, TRAWL_UNSUPPORTED}, {3, 'x', TRAWL_DAMAGED}, {231, 0, TRAWL_DAMAGED}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        uint8_t *p = bytes.data + trailer + cases[i].at, before = *p;
        struct medium *medium = malloc(sizeof(*medium));
        *p = cases[i].value;
        if (cases[i].at == 231)
            memset(p - 7, 0, 8);
        const struct segment segment = {file_of(bytes.data, bytes.len), bytes.len, NULL};
        cr_assert_not(medium_open(medium, TYPE_DMG, &segment, 1), "%zu", i);
        cr_assert_eq(medium->status, cases[i].status, "%zu: %s", i, medium->why);
        medium_close(medium);
        close(segment.fd);
        free(medium);
        *p = before;
    }
    buf_free(&bytes);
}

Test(medium, parts_follow_each_other)
{
    struct medium *medium = malloc(sizeof(*medium));
    uint8_t got[10];
    const struct segment segments[3] = {
        {file_of("abc", 3), 3, NULL}, {file_of("", 0), 0, "x.002"}, {file_of("defgh", 5), 5, "x.003"}};
    cr_assert(medium_open(medium, TYPE_DISK, segments, 3));
    cr_assert_eq(medium->size, 8);
    cr_assert_eq(medium_read(medium, got, 10, 1), 7);
    cr_assert_eq(memcmp(got, "bcdefgh", 7), 0);
    medium_close(medium);
    for (int i = 0; i < 3; i++)
        close(segments[i].fd);
    free(medium);
}
#endif
