/* test_query.c: lines of `trawl match`. */
#include "match/json.h"
#include "match/query.h"
#include "match_test.h"

/** "type:first two bytes ..." of a line, with a "!" where it is bad. */
static const char *asked(const char *text, enum hash_type bare)
{
    static char out[512];
    struct query query;
    const char *why = "";
    enum query_kind kind = query_parse((const uint8_t *)text, strlen(text), bare, &query, &why);
    size_t n = 0;
    cr_assert(kind != QUERY_BAD || *why);
    out[0] = '\0';
    for (size_t i = 0; i < query.n; i++)
        n += (size_t)snprintf(out + n, sizeof(out) - n, "%s:%02x%02x ", hash_type_name(query.hashes[i].type),
                              query.hashes[i].value[0], query.hashes[i].value[1]);
    snprintf(out + n, sizeof(out) - n, "%s%s%s",
             kind == QUERY_BAD     ? "!"
             : kind == QUERY_BLANK ? "blank"
                                   : "",
             query.screen ? "screen" : "", query.nothing ? "nothing" : "");
    if (query.quality >= 0)
        snprintf(out + strlen(out), sizeof(out) - strlen(out), "q%d", query.quality);
    return out;
}

Test(match_query, lines)
{
    cr_assert_str_eq(asked("md5 " MD5_A, HASH_UNKNOWN), "md5:0123 ");
    cr_assert_str_eq(asked("PDQ " PDQ_A " label", HASH_UNKNOWN), "pdq:f8f8 ");
    cr_assert_str_eq(asked(MD5_A, HASH_UNKNOWN), "md5:0123 ");
    cr_assert_str_eq(asked(SHA1_A, HASH_UNKNOWN), "sha1:0123 ");
    cr_assert_str_eq(asked(PDQ_A, HASH_UNKNOWN), "!");
    cr_assert_str_eq(asked(PDQ_A, HASH_PDQ), "pdq:f8f8 ");
    cr_assert_str_eq(asked(PDQ_A, HASH_SHA256), "sha256:f8f8 ");
    cr_assert_str_eq(asked(PDQ_A, HASH_MD5), "!");
    cr_assert_str_eq(asked(MD5_A, HASH_PDQ), "!");
    cr_assert_str_eq(asked(SHA256_A "  name", HASH_UNKNOWN), "sha256:0011 ");
    cr_assert_str_eq(asked(SHA256_A "  name", HASH_PDQ), "pdq:0011 ");
    cr_assert_str_eq(asked(PDQ_A ",49,name", HASH_UNKNOWN), "pdq:f8f8 q49");
    cr_assert_str_eq(asked("md5 " SHA1_A, HASH_UNKNOWN), "!");
    cr_assert_str_eq(asked("", HASH_UNKNOWN), "blank");
    cr_assert_str_eq(asked("# x", HASH_UNKNOWN), "blank");
    cr_assert_str_eq(asked("hello", HASH_UNKNOWN), "!");
}

#define TURNED(digit)                                                                                                  \
    "\"rotate90\":\"" PDQ_A "\",\"rotate180\":\"" PDQ_A "\",\"rotate270\":\"" PDQ_A "\",\"flipX\":\"" PDQ_A            \
    "\",\"flipY\":\"" PDQ_A "\",\"flipPlus1\":\"" PDQ_A "\",\"flipMinus1\":\"" SHA256_A digit "\""

Test(match_query, rotations)
{
    static const char *const bad[] = {"{\"pdq\":\"" PDQ_A "\",\"pdq_rotations\":{" TURNED("0") "}}",
                                      "{\"pdq\":\"" PDQ_A "\",\"pdq_rotations\":{\"rotate90\":\"" PDQ_A "\"}}",
                                      "{\"pdq\":\"" PDQ_A "\",\"pdq_rotations\":[{" TURNED("") "}]}",
                                      "{\"pdq\":\"" PDQ_A "\",\"pdq_rotations\":7}"};
    static const char good[] = "{\"pdq\":\"" PDQ_A "\",\"pdq_rotations\":{" TURNED("") "},\"size\":1}";
    struct query query;
    const char *why;
    cr_assert_eq(query_parse((const uint8_t *)good, strlen(good), HASH_UNKNOWN, &query, &why), QUERY_HASHES);
    cr_assert(query.n == 1 && query.has_rotations);
    cr_assert(query.rotations[0][0] == 0xf8 && query.rotations[PDQ_ROTATIONS - 2][1] == 0x11);
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        cr_assert_eq(query_parse((const uint8_t *)bad[i], strlen(bad[i]), HASH_UNKNOWN, &query, &why), QUERY_BAD);
        cr_assert(query.n == 1 && !query.has_rotations, "line %zu", i);
    }
}

Test(match_query, json)
{
    cr_assert_str_eq(asked("{\"path\":\"a\\\"b\",\"size\":12,\"md5\":\"" MD5_A "\",\"sha1\":\"" SHA1_A
                           "\",\"sha256\":\"" SHA256_A "\",\"pdq\":\"" PDQ_A
                           "\",\"pdq_quality\":87,\"where\":[{\"kind\":\"file\",\"md5\":\"x\"}]}",
                           HASH_UNKNOWN),
                     "md5:0123 sha1:0123 sha256:0011 pdq:f8f8 q87");
    cr_assert_str_eq(asked("  { \"md5\" : null , \"pdq_screen\" : \"" PDQ_A "\" } ", HASH_UNKNOWN), "screen");
    cr_assert_str_eq(asked("{\"status\":\"not-media\"}", HASH_UNKNOWN), "nothing");
    cr_assert_str_eq(asked("{\"status\":\"io-error\"}", HASH_UNKNOWN), "!");
    cr_assert_str_eq(asked("{}", HASH_UNKNOWN), "!");
    cr_assert_str_eq(asked("{\"md5\":\"" MD5_A "\",\"sha1\":\"xyz\"}", HASH_UNKNOWN), "md5:0123 !");
    cr_assert_str_eq(asked("{\"md5\":12}", HASH_UNKNOWN), "!");
    cr_assert_str_eq(asked("{\"md5\":\"" MD5_A "\"", HASH_UNKNOWN), "!");
    cr_assert_str_eq(asked("{\"md5\":\"" MD5_A "\"} x", HASH_UNKNOWN), "!");
    cr_assert_str_eq(asked("{\"md5\":\"" MD5_A "\",}", HASH_UNKNOWN), "!");
}

/** Number of members, or -1. */
static int members(const char *text, size_t n)
{
    struct json json;
    struct json_member member;
    int more, count = 0;
    uint8_t *copy = mem_dup(text, n);
    if (!json_open(&json, copy, n))
        more = -1;
    else
        while ((more = json_next(&json, &member)) > 0)
            count++;
    free(copy);
    return more < 0 ? -1 : count;
}

Test(match_query, json_grammar)
{
    static const char *const good[] = {
        "{}",
        " { } ",
        "{\"a\":1}",
        "{\"a\":-0.5e+10,\"b\":[],\"c\":{},\"d\":true}",
        "{\"a\":[[[{\"b\":[1,2,{\"c\":null}]}]],3]}",
        "{\"\\u00e9\\n\":\"\\\\\"}",
        "{\"a\":[ ] , \"b\" : { \"c\" : [ 1 , 2 ] } }",
        "{\"a\":0,\"a\":10}",
    };
    static const char *const bad[] = {
        "",
        "[]",
        "{",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,\"a\":1}",
        "{\"a\":01}",
        "{\"a\":1.}",
        "{\"a\":.5}",
        "{\"a\":+1}",
        "{\"a\":1e}",
        "{\"a\":tru}",
        "{\"a\":\"x}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12g4\"}",
        "{\"a\":\"\t\"}",
        "{\"a\":[1,]}",
        "{\"a\":[,1]}",
        "{\"a\":[1 2]}",
        "{\"a\":{\"b\"}}",
        "{\"a\":{\"b\":1,}}",
        "{\"a\":[}",
        "{\"a\":[1}}",
        "{\"a\":{\"b\":1]}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1}}",
        "{\"a\":1}{}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":-}",
        "{\"a\":[1],\"b\"",
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        cr_assert_geq(members(good[i], strlen(good[i])), 0, "%s", good[i]);
        for (size_t n = 0; n + 2 < strlen(good[i]); n++)
            members(good[i], n);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        cr_assert_eq(members(bad[i], strlen(bad[i])), -1, "%s", bad[i]);
    static const char two[] = "{\"a\":[1,{\"b\":2}],\"c\":3}";
    cr_assert_eq(members(two, strlen(two)), 2);
}

/** Nesting is bounded, not followed into the ground. */
Test(match_query, json_nesting)
{
    struct buf text = {0};
    for (int depth = 60; depth <= 70; depth++) {
        text.len = 0;
        buf_puts(&text, "{\"a\":");
        for (int i = 0; i < depth; i++)
            buf_puts(&text, "[");
        for (int i = 0; i < depth; i++)
            buf_puts(&text, "]");
        buf_puts(&text, "}");
        cr_assert_eq(members((char *)text.data, text.len), depth <= 64 ? 1 : -1);
    }
    text.len = 0;
    buf_puts(&text, "{\"a\":");
    for (int i = 0; i < 1000000; i++)
        buf_byte(&text, '[');
    cr_assert_eq(members((char *)text.data, text.len), -1);
    buf_free(&text);
}
