/* fuzz_compress.c: the reader of .Z files, compared with a table of strings that are written out in full. */
#include "unpacking.h"

/** Strings of codes, each with all its bytes: slow and plain. */
struct words {
    uint8_t *bytes;
    size_t used, cap;
    size_t at[1 << 16], n[1 << 16];
};

struct out {
    uint8_t *bytes;
    size_t n;
    bool broken;
};

/** Bits of a group of eight codes, lowest first; behind the last byte there is no code. */
static int next_code(const uint8_t *data, size_t size, uint64_t *bit, unsigned width)
{
    unsigned code = 0;
    if (*bit + width > 8 * (uint64_t)size)
        return -1;
    for (unsigned i = 0; i < width; i++, ++*bit)
        code |= (unsigned)(data[*bit / 8] >> *bit % 8 & 1) << i;
    return (int)code;
}

static void add_word(struct words *words, unsigned code, const uint8_t *head, size_t n, uint8_t last)
{
    if (words->used + n + 1 > words->cap)
        return;
    words->at[code] = words->used;
    words->n[code] = n + 1;
    if (n)
        memmove(words->bytes + words->used, head, n);
    words->bytes[words->used + n] = last;
    words->used += n + 1;
}

/** Moves behind the group of eight codes that the width changes in. */
static void end_group(uint64_t *bit, uint64_t *start, unsigned width)
{
    uint64_t group = 8 * (uint64_t)width;
    *bit = *start + (*bit - *start + group - 1) / group * group;
    *start = *bit;
}

static struct out expand(const uint8_t *data, size_t size, struct words *words)
{
    struct out out = {malloc(ENOUGH), 0, false};
    unsigned most = data[2] & 31, width = 9, clear = data[2] & 0x80 ? 256 : UINT32_MAX,
             next = data[2] & 0x80 ? 257 : 256;
    uint64_t bit = 24, start = 24;
    int before = -1;
    CHECK(out.bytes);
    for (;;) {
        if (next > (1u << width) - 1 && width < most) {
            end_group(&bit, &start, width++);
        }
        int code = next_code(data, size, &bit, width);
        if (code < 0)
            return out;
        if ((unsigned)code == clear) {
            end_group(&bit, &start, width);
            width = 9;
            next = 257;
            before = -1;
            continue;
        }
        bool fresh = before >= 0 && (unsigned)code == next && next < 1u << most;
        if (before < 0 ? code > 255 : (unsigned)code >= next && !fresh) {
            out.broken = true;
            return out;
        }
        unsigned from = fresh ? (unsigned)before : (unsigned)code;
        uint8_t first = words->bytes[words->at[from]];
        if (before >= 0 && next < 1u << most)
            add_word(words, next++, words->bytes + words->at[before], words->n[before], first);
        if (words->used + 4096 > words->cap || out.n + words->n[code] > ENOUGH - 1) {
            out.n = ENOUGH;
            return out;
        }
        memcpy(out.bytes + out.n, words->bytes + words->at[code], words->n[code]);
        out.n += words->n[code];
        before = code;
    }
}

static void compare(const uint8_t *data, size_t size, const struct unpacking *u)
{
    static struct words words = {.cap = 4u << 20};
    const struct seen_member *member = &u->members[0];
    if (!words.bytes)
        words.bytes = malloc(words.cap);
    CHECK(words.bytes);
    words.used = 0;
    for (unsigned i = 0; i < 256; i++)
        add_word(&words, i, NULL, 0, (uint8_t)i);
    struct out out = expand(data, size, &words);
    enum file_type inside = sniff(out.bytes, out.n < ENOUGH ? out.n : 0, UINT64_MAX);
    if (out.n < ENOUGH && !member->passed_over && inside != TYPE_TAR && inside != TYPE_CPIO && inside != TYPE_WARC) {
        CHECK(member->given == out.n && member->bytes == (out.n ? unpacking_hash(0, out.bytes, out.n) : 0));
        CHECK((member->status == TRAWL_OK) == !out.broken);
    }
    free(out.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct unpacking u;
    int fd = fuzz_memfd(data, size);
    unpacking_run(&u, fd, size, TYPE_COMPRESS, 0, 0);
    if (size > 3 && (data[2] & 31) >= 9 && (data[2] & 31) <= 16 && u.n == 1)
        compare(data, size, &u);
    close(fd);
    return 0;
}
