#include "match/hash_line.h"
#include "match/hex.h"
#include "match_test.h"

/** "type hint digits quality label" of a line, or "blank", or "bad". */
static const char *parsed(const char *text)
{
    static char out[512];
    struct hash_line line;
    const char *why = NULL;
    enum line_kind kind = hash_line_parse((const uint8_t *)text, strlen(text), &line, &why);
    if (kind == LINE_BAD)
        cr_assert(why && *why, "%s", text);
    if (kind != LINE_HASH)
        return kind == LINE_BLANK ? "blank" : "bad";
    snprintf(out, sizeof(out), "%s %s %zu %d%s[%.*s]", line.type == HASH_UNKNOWN ? "?" : hash_type_name(line.type),
             line.hint == HASH_UNKNOWN ? "?" : hash_type_name(line.hint), line.digits, line.quality,
             line.escaped ? " \\" : "", (int)line.label_len, (const char *)line.label);
    return out;
}

Test(match_hash_line, forms)
{
    static const char *const cases[][2] = {
        {"", "blank"},
        {"   \t ", "blank"},
        {"# comment", "blank"},
        {"  ; comment", "blank"},
        {"%%%% comment", "bad"},
        {MD5_A, "? ? 32 -1[]"},
        {"  " MD5_A "  \r", "? ? 32 -1[]"},
        {"md5 " MD5_A, "md5 ? 32 -1[]"},
        {"MD5\t" MD5_A "\tsome label", "md5 ? 32 -1[some label]"},
        {"Sha-256 " SHA256_A " x", "sha256 ? 64 -1[x]"},
        {"SHA1:" SHA1_A, "sha1 ? 40 -1[]"},
        {"pdq, " PDQ_A ",a;b", "pdq ? 64 -1[a;b]"},
        {"video_md5 " MD5_A, "md5 ? 32 -1[]"},
        {"pdq " PDQ_A " 'Collab' POSITIVE_CLASS a,b", "pdq ? 64 -1['Collab' POSITIVE_CLASS a,b]"},
        {MD5_A " label", "? ? 32 -1[label]"},
        {SHA256_A " label", "? ? 64 -1[label]"},
        {SHA256_A "\tlabel", "? ? 64 -1[label]"},
        {SHA256_A "  name", "? sha256 64 -1[name]"},
        {SHA256_A " *name", "? sha256 64 -1[name]"},
        {SHA256_A "   ", "? ? 64 -1[]"},
        {SHA256_A " *", "? ? 64 -1[*]"},
        {MD5_A "  a name", "? sha256 32 -1[a name]"},
        {"\\" MD5_A "  a\\nb", "? sha256 32 -1 \\[a\\nb]"},
        {PDQ_A ",87,dir/a b.jpg", "? pdq 64 87[87,dir/a b.jpg]"},
        {PDQ_A ",100", "? pdq 64 100[100]"},
        {PDQ_A ",101,x", "? ? 64 -1[101,x]"},
        {PDQ_A ",label", "? ? 64 -1[label]"},
        {"MD5 (a) = (b) = " MD5_A, "md5 ? 32 -1[a) = (b]"},
        {"MD5 (name.jpg) = " MD5_A, "md5 ? 32 -1[name.jpg]"},
        {"SHA256(name)= " SHA256_A, "sha256 ? 64 -1[name]"},
        {"SHA2-256(name)= " SHA256_A, "sha256 ? 64 -1[name]"},
        {"\\MD5 (a\\\\b) = " MD5_A, "md5 ? 32 -1 \\[a\\\\b]"},
        {"MD5 () = " MD5_A, "md5 ? 32 -1[]"},
        {"MD5 (name) " MD5_A, "bad"},
        {"MD5 (name) = ", "bad"},
        {"MD5 (name = " MD5_A, "bad"},
        {"MD5 (name) = " MD5_A " x", "bad"},
        {"SHA512 (name) = " SHA256_A SHA256_A, "bad"},
        {"md5", "bad"},
        {"md5 ", "bad"},
        {"md5 xyz", "bad"},
        {"abc", "? ? 3 -1[]"},
        {MD5_A "x", "bad"},
        {"x" MD5_A, "bad"},
        {MD5_A "," SHA1_A, "bad"},
        {"md5 " MD5_A " " MD5_B, "bad"},
        {MD5_A "  " MD5_B, "? sha256 32 -1[" MD5_B "]"},
        {"hello world", "bad"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        cr_assert_str_eq(parsed(cases[i][0]), cases[i][1], "\"%s\" gave \"%s\", not \"%s\"", cases[i][0],
                         parsed(cases[i][0]), cases[i][1]);
}

Test(match_hash_line, nul_bytes_are_bad)
{
    static const uint8_t text[] = MD5_A " a\0b";
    struct hash_line line;
    const char *why;
    cr_assert_eq(hash_line_parse(text, sizeof(text) - 1, &line, &why), LINE_BAD);
    cr_assert_str_eq(why, "it holds NUL bytes");
}

/** Any cut of any line, in memory that ends with it, so that a read beyond is seen. */
Test(match_hash_line, never_reads_beyond)
{
    static const char *const lines[] = {"\\MD5 (a\\\\b) = " MD5_A, PDQ_A ",87,dir/a b.jpg", SHA256_A " *name",
                                        "pdq, " PDQ_A ",a;b"};
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        for (size_t n = 0; n <= strlen(lines[i]); n++) {
            uint8_t *copy = mem_dup(lines[i], n);
            struct hash_line line;
            const char *why;
            hash_line_parse(copy, n, &line, &why);
            free(copy);
        }
}

Test(match_hash_line, hex)
{
    uint8_t out[2];
    for (int c = 0; c < 256; c++) {
        uint8_t text[4] = {(uint8_t)c, '7', 'F', (uint8_t)c};
        bool digit = c && strchr("0123456789abcdefABCDEF", c);
        cr_assert_eq(hex_decode(text, out, 2), digit);
        cr_assert_eq(hex_span(text, 4), digit ? 4u : 0u);
        if (digit) {
            char one[2] = {(char)c, 0};
            unsigned value = (unsigned)strtoul(one, NULL, 16);
            cr_assert_eq(out[0], value << 4 | 7);
            cr_assert_eq(out[1], 0xf0 | value);
        }
    }
}

Test(match_hash_line, type_names)
{
    cr_assert_eq(hash_type_from_name("MD5", 3), HASH_MD5);
    cr_assert_eq(hash_type_from_name("sha-1", 5), HASH_SHA1);
    cr_assert_eq(hash_type_from_name("SHA-256", 7), HASH_SHA256);
    cr_assert_eq(hash_type_from_name("pdqx", 3), HASH_PDQ);
    cr_assert_eq(hash_type_from_name("md", 2), HASH_UNKNOWN);
    cr_assert_eq(hash_type_from_name("md55", 4), HASH_UNKNOWN);
    cr_assert_eq(hash_type_from_name("", 0), HASH_UNKNOWN);
    cr_assert_eq(hash_type_bytes(HASH_MD5), 16u);
    cr_assert_eq(hash_type_bytes(HASH_SHA1), 20u);
    cr_assert_eq(hash_type_bytes(HASH_SHA256), 32u);
    cr_assert_eq(hash_type_bytes(HASH_PDQ), 32u);
    cr_assert_eq(hash_type_bytes(HASH_UNKNOWN), 0u);
}
