#include <criterion/criterion.h>
#define ZLIB_CONST
#include <zlib.h>

#include "../scratch.h"
#include "record.h"
#include "zip_build.h"

/** What a reader that goes byte by byte gives of deflated data: all up to the fault, at most `most` bytes. Returns
 * whether it ended well. */
static bool reference(const uint8_t *in, size_t n, int window_bits, uint8_t *out, size_t most, size_t *got)
{
    z_stream z = {.next_in = in, .avail_in = (unsigned)n, .next_out = out, .avail_out = (unsigned)most};
    inflateInit2(&z, window_bits);
    int r = inflate(&z, Z_FINISH);
    *got = z.total_out;
    inflateEnd(&z);
    return r == Z_STREAM_END;
}

#define MOST (1u << 17)

/** Bytes that deflate makes something of: runs, words, noise. */
static size_t make_bytes(uint64_t *seed, uint8_t *bytes)
{
    size_t n = scratch_random(seed) % MOST;
    unsigned kind = (unsigned)(scratch_random(seed) % 3);
    for (size_t i = 0; i < n; i++) {
        uint64_t r = scratch_random(seed);
        bytes[i] = kind == 0                    ? (uint8_t)r
                   : kind == 1 && i && r % 8    ? bytes[i - 1]
                   : i > 40 && r % 64 && i % 50 ? bytes[i - 40]
                                                : (uint8_t)("etaoin shrdlu"[r % 13]);
    }
    return n;
}

/** One bit of the data is turned, or it is cut, or nothing. */
static void harm(uint64_t *seed, struct build_entry *entry, uint8_t *room)
{
    uint64_t r = scratch_random(seed);
    if (!entry->csize_real || r % 4 == 0)
        return;
    if (r % 4 == 1)
        entry->csize = entry->csize_real = r / 8 % entry->csize_real;
    else
        room[r / 64 % entry->csize_real] ^= (uint8_t)(1u << (r / 8 % 8));
}

/** However an entry is damaged: the bytes up to the fault, and a word about it. */
Test(zip_whole, damage, .timeout = 60)
{
    static uint8_t bytes[MOST], room[MOST * 2], out[MOST];
    uint64_t seed = 3;
    unsigned sound = 0;
    for (int round = 0; round < 2000; round++) {
        size_t n = make_bytes(&seed, bytes), got;
        struct build build = {0};
        struct build_entry entry = build_deflated("m", bytes, n, room, sizeof(room));
        harm(&seed, &entry, room);
        if (scratch_random(&seed) % 8 == 0)
            entry.usize = n + scratch_random(&seed) % 3 - (n ? 1 : 0);
        build_add(&build, entry);
        build_end(&build, false, "");
        struct record record = record_new();
        record_bytes(&record, build.bytes.data, build.bytes.len, TYPE_ZIP);
        cr_assert_null(record.broken, "%s", record.broken);
        const struct record_member *m = &record.members[0];
        bool ended = reference(room, entry.csize_real, -MAX_WBITS, out, entry.usize, &got);
        bool right = (ended || !n) && got == entry.usize && (uint32_t)crc32_z(0, out, got) == entry.crc;
        cr_assert_eq(m->n, got, "round %d: %zu bytes, not %zu: %s", round, m->n, got, m->detail);
        cr_assert(!got || memcmp(m->data, out, got) == 0);
        cr_assert_eq(m->status, right ? TRAWL_OK : TRAWL_DAMAGED, "round %d: %s", round, m->detail);
        cr_assert_eq(!*m->detail, right);
        sound += right;
        record_free(&record);
        build_free(&build);
    }
    cr_assert(sound > 200 && sound < 1800, "%u", sound);
}

/** Sizes around what is inflated in one go, and data that goes beyond the window's usual piece. */
Test(zip_whole, sizes, .timeout = 60)
{
    static const size_t sizes[] = {1,         65536,          (256u << 10) - 1, (256u << 10) + 1, (16u << 20) - 1,
                                   16u << 20, (16u << 20) + 1};
    const size_t most = (16u << 20) + 1;
    uint8_t *bytes = malloc(most), *room = malloc(most + 65536);
    uint64_t seed = 9;
    for (size_t i = 0; i < most; i += 8) {
        uint64_t v = scratch_random(&seed) & (i & 64 ? UINT64_MAX : 0x0f0f0f0f0f0f0f0full);
        memcpy(bytes + i, &v, most - i < 8 ? most - i : 8);
    }
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        struct build build = {0};
        build_add(&build, build_stored("before", "x", 1));
        build_add(&build, build_deflated("m", bytes, sizes[i], room, most + 65536));
        build_add(&build, build_stored("behind", bytes, 300000));
        build_end(&build, false, "");
        struct record record = record_new();
        record.keep = most;
        record_bytes(&record, build.bytes.data, build.bytes.len, TYPE_ZIP);
        cr_assert_null(record.broken, "%s", record.broken);
        cr_assert_eq(record.n, 3);
        cr_assert(member_is(&record.members[1], "m", bytes, sizes[i]), "%zu bytes", sizes[i]);
        cr_assert_eq(record.members[1].status, TRAWL_OK);
        cr_assert_eq(record.members[2].status, TRAWL_OK);
        cr_assert_eq(record.end.accounted, build.bytes.len);
        record_free(&record);
        build_free(&build);
    }
    free(bytes);
    free(room);
}

/** gzip: what two members give, one of them damaged, is what zlib gives of them. */
Test(gzip, damage, .timeout = 60)
{
    static uint8_t bytes[MOST], room[MOST * 4], out[MOST * 2];
    uint64_t seed = 5;
    unsigned sound = 0;
    for (int round = 0; round < 1500; round++) {
        size_t len = 0, want = 0;
        bool right = true;
        for (int member = 0; member < 2 && right; member++) {
            size_t n = make_bytes(&seed, bytes), got;
            struct build_entry entry = build_deflated("m", bytes, n, room + len + 10, MOST * 2 - 100);
            memcpy(room + len, "\x1f\x8b\x08\0\0\0\0\0\0\x03", 10);
            harm(&seed, &entry, room + len + 10);
            right = reference(room + len + 10, entry.csize_real, -MAX_WBITS, out + want, MOST, &got) &&
                    (uint32_t)crc32_z(0, out + want, got) == entry.crc && got == n;
            want += got;
            len += 10 + entry.csize_real;
            /* A fault before the end: what follows is not looked at, whatever it is. */
            for (int i = 0; i < 4; i++) {
                room[len + (size_t)i] = (uint8_t)(entry.crc >> 8 * i);
                room[len + 4 + (size_t)i] = (uint8_t)(n >> 8 * i);
            }
            len += right ? 8 : 0;
        }
        struct record record = record_new();
        record_bytes(&record, room, len, TYPE_GZIP);
        cr_assert_null(record.broken, "%s", record.broken);
        const struct record_member *m = &record.members[0];
        cr_assert_eq(record.n, 1);
        cr_assert_eq(m->n, want, "round %d: %zu bytes, not %zu: %s", round, m->n, want, m->detail);
        cr_assert(!want || memcmp(m->data, out, want) == 0, "round %d", round);
        cr_assert_eq(m->status, right ? TRAWL_OK : TRAWL_DAMAGED, "round %d: %s", round, m->detail);
        if (right)
            cr_assert_eq(record.end.accounted, len);
        sound += right;
        record_free(&record);
    }
    cr_assert(sound > 50 && sound < 1400, "%u", sound);
}
