#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"

Test(buf, grows_and_keeps_all_bytes)
{
    struct buf buf = {0};
    for (unsigned i = 0; i < 100000; i++)
        buf_byte(&buf, (uint8_t)(i * 7));
    cr_assert_eq(buf.len, 100000);
    for (unsigned i = 0; i < 100000; i++)
        cr_assert_eq(buf.data[i], (uint8_t)(i * 7));
    buf_free(&buf);
    cr_assert_null(buf.data);
    cr_assert_eq(buf.len + buf.cap, 0);
}

Test(buf, nothing_is_a_valid_amount)
{
    struct buf buf = {0};
    buf_put(&buf, NULL, 0);
    buf_hex(&buf, NULL, 0);
    buf_puts(&buf, "");
    buf_printf(&buf, "%s", "");
    cr_assert_eq(buf.len, 0);
    cr_assert_not_null(buf_reserve(&buf, 0));
    cr_assert_str_eq(buf_str(&buf), "");
    buf_free(&buf);
}

Test(buf, text)
{
    struct buf buf = {0};
    buf_puts(&buf, "a");
    buf_printf(&buf, "%d %s", -5, "words");
    buf_hex(&buf, "\x00\x9f\xff", 3);
    buf_byte(&buf, ' ');
    buf_decimal(&buf, 0);
    buf_byte(&buf, ' ');
    buf_decimal(&buf, UINT64_MAX);
    cr_assert_str_eq(buf_str(&buf), "a-5 words009fff 0 18446744073709551615");
    cr_assert_eq(buf.len, strlen(buf_str(&buf)), "the NUL of buf_str is not counted");
    buf_free(&buf);
}

Test(buf, printf_of_any_length)
{
    char text[700];
    for (size_t n = 0; n < sizeof(text); n++) {
        struct buf buf = {0};
        memset(text, 'x', n);
        text[n < sizeof(text) - 1 ? n : sizeof(text) - 1] = '\0';
        buf_printf(&buf, "<%s>", text);
        cr_assert_eq(buf.len, strlen(text) + 2);
        cr_assert_eq(buf.data[buf.len - 1], '>');
        buf_free(&buf);
    }
}

Test(buf, numbers_are_little_endian_and_come_back)
{
    static const uint8_t expected[] = {0xab, 0x78, 0x56, 0x34, 0x12, 8, 7, 6, 5, 4, 3, 2, 1, 3, 0, 0, 0, 'x', 'y', 'z'};
    struct buf buf = {0};
    size_t n;
    buf_u8(&buf, 0xab);
    buf_u32(&buf, 0x12345678);
    buf_u64(&buf, 0x0102030405060708);
    buf_bytes(&buf, "xyz", 3);
    cr_assert_eq(buf.len, sizeof(expected));
    cr_assert_arr_eq(buf.data, expected, sizeof(expected));
    struct reader in = {buf.data, buf.data + buf.len, false};
    cr_assert_eq(read_u8(&in), 0xab);
    cr_assert_eq(read_u32(&in), 0x12345678);
    cr_assert_eq(read_u64(&in), 0x0102030405060708);
    cr_assert_arr_eq(read_bytes(&in, &n), "xyz", 3);
    cr_assert_eq(n, 3);
    cr_assert(in.p == in.end && !in.bad);
    buf_free(&buf);
}

Test(buf, reading_past_the_end_is_bad_for_good)
{
    const uint8_t bytes[] = {1, 2, 3};
    struct reader in = {bytes, bytes + 3, false};
    cr_assert_eq(read_u32(&in), 0);
    cr_assert(in.bad);
    cr_assert_eq(read_u8(&in), 0, "nothing is read any more, though there are bytes");
    cr_assert_null(read_raw(&in, 0));
}

Test(buf, lengths_that_lie_give_nothing)
{
    const uint8_t bytes[] = {0xff, 0xff, 0xff, 0xff, 1, 2};
    struct reader in = {bytes, bytes + sizeof(bytes), false};
    size_t n = 99;
    cr_assert_null(read_bytes(&in, &n));
    cr_assert_eq(n, 0);
    cr_assert(in.bad);
    struct reader empty = {NULL, NULL, false};
    cr_assert_eq(read_u64(&empty), 0);
    cr_assert(empty.bad);
}

Test(buf, empty_bytes_at_the_very_end_are_good)
{
    const uint8_t bytes[] = {0, 0, 0, 0};
    struct reader in = {bytes, bytes + sizeof(bytes), false};
    size_t n = 99;
    cr_assert_not_null(read_bytes(&in, &n));
    cr_assert_eq(n, 0);
    cr_assert_not(in.bad);
}

Test(buf, a_text_has_no_nul_in_it)
{
    const uint8_t bytes[] = {2, 0, 0, 0, 'a', 'b', 2, 0, 0, 0, 'a', 0};
    struct reader in = {bytes, bytes + sizeof(bytes), false};
    char *text = read_text_copy(&in);
    cr_assert_str_eq(text, "ab");
    free(text);
    cr_assert_null(read_text_copy(&in));
    cr_assert(in.bad);
}
