/* Bytes that are no item. */
#include "items.h"

Test(item_refused, what_is_cut_short_is_refused_or_is_an_item_with_fewer_matches)
{
    struct item item = full_item();
    struct buf bytes = {0};
    unsigned taken = 0;
    item_encode(&item, &bytes);
    for (size_t n = 0; n < bytes.len; n++)
        taken += !refused(bytes.data, n);
    cr_assert_leq(taken, 14, "one for each field behind the four that are needed");
    item_clear(&item);
    buf_free(&bytes);
}

Test(item_refused, flipped_bits_never_give_two_meanings)
{
    struct item item = full_item();
    struct buf bytes = {0};
    item_encode(&item, &bytes);
    for (size_t i = 0; i < bytes.len; i++)
        for (int bit = 0; bit < 8; bit++) {
            bytes.data[i] ^= (uint8_t)(1 << bit);
            refused(bytes.data, bytes.len);
            bytes.data[i] ^= (uint8_t)(1 << bit);
        }
    srand(1);
    for (int round = 0; round < 20000; round++) {
        size_t at = (size_t)rand() % bytes.len;
        uint8_t old = bytes.data[at];
        bytes.data[at] = (uint8_t)rand();
        refused(bytes.data, (size_t)rand() % (bytes.len + 1));
        bytes.data[at] = old;
    }
    item_clear(&item);
    buf_free(&bytes);
}

Test(item_refused, values_out_of_range_are_refused)
{
    cr_assert_not(refused_behind("", 0));
    cr_assert(refused_behind("\x10", 1), "a tag of a newer version");
    cr_assert(refused_behind("\x0d", 1), "rotations of no match");
    cr_assert(refused_behind("\xff", 1));
    cr_assert(refused_behind("\x00", 1));
    cr_assert(refused_behind("\x02\1\0\0\0\0\0\0\0", 9), "a field twice, out of order");
    cr_assert_not(refused_behind("\x05\5\0\0\0depth", 10));
    cr_assert(refused_behind("\x05\5\0\0\0depts", 10), "no such limit");
    cr_assert(refused_behind("\x05\4\0\0\0none", 9), "none is not a limit");
    cr_assert_not(refused_behind("\x06\2\0\0\0ok", 7));
    cr_assert(refused_behind("\x06\2\0\0\0o\0", 7), "NUL in a text");
    cr_assert(refused_behind("\x06\2\0\0\0o\xff", 7), "not UTF-8");
    cr_assert(refused_behind("\x08\0\0\0\0\0\0\0\0", 9), "no pixels need no field");
    cr_assert_not(refused_behind("\x09\x08", 2));
    cr_assert(refused_behind("\x09\x09", 2), "orientation 9");
    cr_assert(refused_behind("\x09\x00", 2));
    cr_assert_not(refused_behind("\x0b", 1));
    cr_assert(refused_behind("\x0b\x0b", 2), "a flag twice");
    uint8_t pdq[36] = {0x0a, 1, 1, 100};
    cr_assert_not(refused_behind(pdq, sizeof(pdq)));
    pdq[3] = 101;
    cr_assert(refused_behind(pdq, sizeof(pdq)), "quality 101");
    pdq[3] = 0;
    pdq[2] = 2;
    cr_assert(refused_behind(pdq, sizeof(pdq)), "a truth of 2");
}

Test(item_refused, matches_out_of_range_are_refused)
{
    uint8_t match[84] = {
        0x0c, HASH_SHA256, 0, 0, 0, 0, 9}; /* tag, type, distance, severity, three empty strings, value, observed */
    cr_assert_not(refused_behind(match, 7 + 12 + 64));
    match[1] = HASH_TYPE_COUNT;
    cr_assert(refused_behind(match, 7 + 12 + 64), "no such hash");
    match[1] = HASH_SHA256;
    match[2] = 1;
    cr_assert(refused_behind(match, 7 + 12 + 64), "a digest at a distance");
    match[1] = HASH_PDQ;
    cr_assert_not(refused_behind(match, 7 + 12 + 64));
    match[3] = 1;
    cr_assert(refused_behind(match, 7 + 12 + 64), "distance 257");
}

Test(item_refused, needed_fields_are_needed)
{
    struct item item = {.where = member_of("a", "zip", "b", 0), .size = 1, .type = TYPE_JPEG};
    struct buf bytes = {0};
    item_encode(&item, &bytes);
    size_t where = 5 + (size_t)bytes.data[1], size = 9, type = 5 + strlen("jpeg"), status = 2;
    cr_assert_eq(bytes.len, where + size + type + status);
    size_t begin[] = {0, where, where + size, where + size + type, bytes.len};
    for (int i = 0; i < 4; i++) {
        struct buf less = {0};
        buf_put(&less, bytes.data, begin[i]);
        buf_put(&less, bytes.data + begin[i + 1], bytes.len - begin[i + 1]);
        cr_assert(refused(less.data, less.len), "without field %d", i);
        buf_free(&less);
    }
    bytes.data[bytes.len - 1] = TRAWL_STATUS_COUNT;
    cr_assert(refused(bytes.data, bytes.len), "no such status");
    bytes.data[bytes.len - 1] = TRAWL_OK;
    memcpy(bytes.data + begin[2] + 5, "jpxx", 4);
    cr_assert(refused(bytes.data, bytes.len), "no such type");
    item_clear(&item);
    buf_free(&bytes);
}

Test(item_refused, memory_out_of_range_is_refused)
{
    /* Tag, flags, doubtful, quality; behind it the exact hash. */
    uint8_t memory[7 + 33] = {0x16, 4, 0, 1, 0, 0, 100};
    cr_assert_not(refused_behind(memory, 7), "decoding it again failed");
    memory[3] = 2;
    cr_assert(refused_behind(memory, 7), "512 doubtful bits");
    memory[3] = 0;
    memory[6] = 101;
    cr_assert(refused_behind(memory, 7), "quality 101");
    memory[6] = 100;
    memory[1] = 0;
    cr_assert(refused_behind(memory, 7), "a hash that is not there");
    memory[1] = 12;
    cr_assert(refused_behind(memory, 7 + 33), "failed, and there");
    memory[1] = 20;
    cr_assert(refused_behind(memory, 7), "stable, and not there");
    memory[1] = 36;
    cr_assert(refused_behind(memory, 7), "a flag that is none");
}
