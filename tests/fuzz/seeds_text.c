#include "seeds.h"
#include "trawl/pdq.h"

#define MD5_A    "900150983cd24fb0d6963f7d28e17f72"
#define SHA1_A   "a9993e364706816aba3e25717850c26c9cd0d89d"
#define SHA256_A "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define PDQ_A    "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22"

struct text_seed {
    const char *name;
    uint8_t how;
    const char *text;
    size_t n;
};
#define SEED(name, how, text)                                                                                          \
    {                                                                                                                  \
        name, how, text, sizeof(text) - 1                                                                              \
    }

/** The first byte: --type, known, two lists. */
static const struct text_seed lists[] = {
    SEED("plain", 4, MD5_A "\n" SHA1_A "\n# comment\n\n" MD5_A " again\n"),
    SEED("typed", 4, "md5 " MD5_A "\nSHA-256: " SHA256_A "\npdq " PDQ_A " label one\nSHA1 (a (b).jpg) = " SHA1_A "\n"),
    SEED("sums", 4, MD5_A "  a/b.jpg\r\n" SHA256_A " *c d.bin\r\n\\" SHA1_A "  line\\nbreak \\\\ \n"),
    SEED("pdq-quality", 3, PDQ_A ",100,/x/y.jpg\n" PDQ_A ",3,flat.png\n" PDQ_A "\n"),
    SEED("bare-sha256", 2, SHA256_A "\n" SHA256_A "\tdup\nzz\n" MD5_A "\n"),
    SEED("ambiguous", 4, SHA256_A "\n"),
    SEED("csv", 4,
         "id,md5,sha1,category,severity\n7," MD5_A "," SHA1_A ",\"a, \"\"b\"\"\",1\n8,-,null,x,12\n9,\"" MD5_A
         "\",,y,9\n"),
    SEED("csv-generic", 4,
         "# c\nsignal_type;signal_str;labels;tags\npdq;" PDQ_A ";a;b\nvideo_md5;" MD5_A ";;\nwhat;x;;\n"),
    SEED("csv-tabs", 4, "Hash MD5\tImageID\n" MD5_A "\t=1+1\n\"" MD5_A "\tx\n" MD5_A "\ty\tz\n"),
    SEED("hashdeep", 4,
         "%%%% HASHDEEP-1.0\n%%%% size,md5,sha256,filename\n## \n3," MD5_A "," SHA256_A ",/a,b\n4,x,y,z\n"),
    SEED("known", 0x14, MD5_A "\nsha256 " SHA256_A "\n"),
    SEED("two", 0x64, "\x30\1" MD5_A " first\n"),
    SEED("mark", 4, "\xef\xbb\xbfmd5 " MD5_A " \xe2\x80\xae\xff\x1b[31m \xc2\x85\n"),
    SEED("utf16", 4, "\xff\xfem\n"),
    SEED("json", 4, "{\"md5\":\"" MD5_A "\"}\n"),
    SEED("empty", 4, ""),
};

static const struct text_seed queries[] = {
    SEED("typed", 4, "sha256 " SHA256_A),
    SEED("bare", 0, MD5_A " label"),
    SEED("bsd", 4, "MD5 (x) = " MD5_A),
    SEED("pdq", 4, PDQ_A ",77,a.jpg"),
    SEED("json", 4,
         " {\"path\":\"a\\u002fb\",\"size\":1,\"type\":\"jpeg\",\"status\":\"ok\",\"md5\":\"" MD5_A
         "\",\"sha1\":null,\"pdq\":\"" PDQ_A "\",\"pdq_quality\":100,\"where\":[{\"kind\":\"file\",\"name\":\"a\","
         "\"offset\":-1.5e+3,\"x\":[true,false,[]],\"y\":{}}]} "),
    SEED("json-screen", 4, "{\"status\":\"not-media\",\"pdq_screen\":\"" PDQ_A "\"}"),
    SEED("json-nothing", 4, "{\"status\":\"ok\",\"md5\":null}"),
    SEED("json-broken", 4, "{\"md5\":\"" MD5_A "\",}"),
    SEED("comment", 4, "; nothing"),
};

/** The first seven bytes: separator, longest row, steps. */
static const struct text_seed rows[] = {
    SEED("lines", 0, "a\nbb\r\n\nccc"),
    SEED("long", 8, "0123456789abcdef\nshort\n0123\r\n01234\r\nx\r\r\n\n"),
    SEED("csv", 0, "a,\"b, \"\"c\"\"\",d\r\n\"open\n\"stray\"x,y\n,,\n"),
    SEED("csv-semicolon", 1, "a;\"b;\nc\";d\n"),
    SEED("csv-tab", 2, "a\tb\n\"\"\t\"\"\"\"\n"),
};

static const struct text_seed names[] = {
    SEED("plain", 0, "folder/photo.jpg"),
    SEED("formula", 0, "=cmd|' /C calc'!A0;+1\t@x\" -2; '=3"),
    SEED("formula-wide", 0,
         "\xef\xbc\x9d"
         "1;\xc2\xa0\xef\xbc\x8b;\xe3\x80\x80-"),
    SEED("html", 0, "<img src=x onerror=\"a('b')\">&amp;"),
    SEED("bidi", 0, "a\xe2\x80\xaegpj.exe\xe2\x81\xa6\xe2\x80\xa8\xe2\x80\xa9\xef\xbb\xbf\xd8\x9c"),
    SEED("controls", 0, "\x1b[2J\x07\r\n\t\x7f\xc2\x80\xc2\x9f\\x41\\"),
    SEED("invalid", 0, "\xc0\xaf\xe0\x80\xaf\xed\xa0\x80\xf4\x90\x80\x80\xff\xf0\x9f\x98"),
    SEED("characters", 0, "\xc3\xa4\xe6\xbc\xa2\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf"),
};

/** Strings of the case (length first), flags, then items: flags, layers with names, size, type, status, matches. */
static const struct text_seed reports[] = {
    SEED("nothing", 0, ""),
    SEED("one", 3, "a,b\5=1+1 \2<b\1;\4\x41\1\4a.jpg\1x\7\0\0\0\0\0\0\0\1\0\62\2\1\5list<\5e\"try\3cat\7"),
    SEED("names", 5,
         "\xe2\x80\xaexy\1\n\2\x1b[\3\xff\xfe\xfd\5\xc5\2\3ev/\7\\<i>\r\n;\5\t=1+1\xff\1\0\7\3\x1f\7\1l\1e\1c\3"
         "\7\3\2lx\0\3\1\6\x81\0\2/b\1\0\0\0\0\0\0\0\0\2\4"),
};

static const struct text_seed limits[] = {
    SEED("pixels", 0, "pixels=1000"),
    SEED("bytes", 0, "member-bytes=3G"),
    SEED("large", 0, "decode-bytes=16777216T"),
    SEED("too-large", 0, "container-bytes=18446744073709551616"),
    SEED("name", 0, "pixel=1"),
    SEED("no-number", 0, "ratio=1K"),
    SEED("seconds", 0, "decode-seconds=30"),
    SEED("nothing", 0, "depth"),
    SEED("space", 0, "ratio= 7"),
};

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

/** As many arrays as the scanner follows, and one more. */
static void seed_deep(void)
{
    for (int depth = 64; depth <= 65; depth++) {
        struct buf line = {0};
        buf_puts(&line, "{\"a\":");
        for (int i = 0; i < depth; i++)
            buf_byte(&line, '[');
        for (int i = 0; i < depth; i++)
            buf_byte(&line, ']');
        buf_byte(&line, '}');
        seed_prefixed("query", depth == 64 ? "json-deep" : "json-too-deep", "\4", 1, line.data, line.len);
        buf_free(&line);
    }
}

static void write_table(const char *target, const struct text_seed *seeds, size_t n, size_t prefix_len)
{
    for (size_t i = 0; i < n; i++) {
        char prefix[8] = {(char)seeds[i].how};
        seed_prefixed(target, seeds[i].name, prefix, prefix_len, seeds[i].text, seeds[i].n);
    }
}

/** A line of `trawl hash --rotations`. */
static void seed_rotations(void)
{
    struct buf line = {0};
    uint8_t pdq[PDQ_BYTES] = {0xf0};
    buf_puts(&line, "{\"pdq\":\"");
    buf_hex(&line, pdq, sizeof(pdq));
    for (int i = PDQ_ORIGINAL + 1; i < PDQ_ROTATIONS; i++) {
        buf_puts(&line, i == PDQ_ORIGINAL + 1 ? "\",\"pdq_rotations\":{\"" : "\",\"");
        buf_puts(&line, pdq_rotation_name((enum pdq_rotation)i));
        buf_puts(&line, "\":\"");
        pdq[1] = (uint8_t)i;
        buf_hex(&line, pdq, sizeof(pdq));
    }
    buf_puts(&line, "\"},\"where\":[]}");
    seed_prefixed("query", "json-rotations", "\4", 1, line.data, line.len);
    buf_free(&line);
}

void seed_texts(void)
{
    seed_rotations();
    write_table("list", lists, COUNT(lists), 1);
    write_table("query", queries, COUNT(queries), 1);
    seed_deep();
    write_table("rows", rows, COUNT(rows), 7);
    write_table("escape", names, COUNT(names), 0);
    write_table("limits", limits, COUNT(limits), 0);
    write_table("report", reports, COUNT(reports), 1);
}
