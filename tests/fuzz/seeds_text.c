#include <sqlite3.h>
#include <zlib.h>

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
    SEED("vics", 5,
         "{\"@odata.context\":\"x/DataModels/2.0.xml/UK/$metadata#Media\",\"value\":[{\"MediaID\":7,\"Category\":\"1\","
         "\"MD5\":\"" MD5_A "\",\"SHA1\":\"" SHA1_A "\",\"Series\":\"s\",\"VictimIdentified\":\"true\","
         "\"MimeType\":\"video/mp4\",\"AlternativeHashes\":[{\"HashName\":\"PDQ\",\"HashValue\":\"" PDQ_A
         "\"},{\"HashName\":\"PhotoDNA\",\"HashValue\":\"AAAA\"}],\"MediaFiles\":[{\"MD5\":\"x\"}]},{\"MD5\":null}]}"),
    SEED("vics-case", 0x15,
         "\xef\xbb\xbf{\"value\":[{\"Media\":[{\"MD5\":\"" MD5_A "\"}],\"CaseID\":\"1\"}],\"odata.metadata\":"
         "\"http://x/DataModels/1.3.xml#Cases\"}"),
    SEED("vics-cut", 5, "{\"value\":[\n{\"MD5\":\"" MD5_A "\",\n\"Category\":"),
    SEED("stopncii", 5,
         "{\"hashRecords\":[{\"lastModtimestamp\":1,\"hashValue\":\"" PDQ_A "\",\"hashStatus\":\"Active\","
         "\"signalType\":\"ImagePDQ\"},{\"hashValue\":\"" PDQ_A "\",\"hashStatus\":\"Withdrawn\",\"signalType\":"
         "\"ImagePDQ\",\"lastModtimestamp\":2}]}"),
    SEED("ncmec", 5,
         "<?xml version=\"1.0\"?><queryResult xmlns=\"x\"><images><image><member id=\"4\">M</member><timestamp>"
         "2017-10-24T15:00:00Z</timestamp><id>i</id><classification>A1</classification><fingerprints><md5>" MD5_A
         "</md5><pdq>" PDQ_A "</pdq><pdna>x</pdna></fingerprints><feedback/></image><deletedImage><member id=\"4\"/>"
         "<id>i</id></deletedImage></images><videos><video><id>v</id><fingerprints><sha1>" SHA1_A
         "</sha1></fingerprints></video></videos></queryResult>"),
    SEED("xml-doctype", 5, "<!DOCTYPE a [<!ENTITY b \"cc\"><!ENTITY c \"&b;&b;\">]><queryResult>&c;</queryResult>"),
    SEED("icse", 5,
         "MD5;SHA1;PhotoDNA;Image ID;Is distributed;Victim identified;Offender identified;Series name;Media Type;"
         "Baseline\n" MD5_A ";;A;1;yes;no;;V;Video;true\n"),
    SEED("nsrl", 0x15,
         "\"SHA-1\",\"MD5\",\"CRC32\",\"FileName\",\"FileSize\",\"ProductCode\",\"OpSystemCode\","
         "\"SpecialCode\"\r\n\"" SHA1_A "\",\"" MD5_A "\",\"0\",\"a\",1,2,\"3\",\"\"\r\n"),
    SEED("hfind", 5,
         "00000000000000000000000000000000000000000|md5sum\n00000000000000000000000000000000000000001|k\n" MD5_A
         "|0000000000000000\n"),
};

static const struct text_seed maps[] = {
    SEED("toml", 0,
         "# c\nname = \"lab \\\"7\\\"\"\ndefault = 8\n[category.1]\nname = \"a\" # b\nseverity = 1\n"
         "[category.\"A 1\"]\r\nseverity=9\npertinent = false\n"),
    SEED("toml-twice", 0, "[category.a]\nseverity = 1\n[category.A]\nseverity = 2\n"),
    SEED("toml-open", 0, "[category.a]\nname = \"x\nseverity = 1\n"),
    SEED("columns", 0, "md5=1,category=4,photo dna=256"),
    SEED("columns-wrong", 0, "md5=1,sha1=1,x=2"),
};

/** An EnCase set of two records; Autopsy's database; a list in a gzip stream. */
static void seed_binary_lists(void)
{
    uint8_t encase[1 + 1152 + 36] = "\5HASH\r\n\xff\0\x02\0\0\0\x01\0\0\0\2";
    encase[1 + 1032] = 'n';
    encase[1 + 1152] = 1;
    encase[1 + 1152 + 18] = 2;
    seed_write("list", "encase", encase, sizeof(encase));
    sqlite3 *db;
    sqlite3_int64 n = 0;
    sqlite3_open(":memory:", &db);
    sqlite3_exec(db,
                 "PRAGMA page_size=512; CREATE TABLE hashes (id INTEGER PRIMARY KEY, md5 BLOB, sha1 BLOB, sha2_256 "
                 "BLOB); CREATE TABLE comments (comment TEXT, hash_id INTEGER); INSERT INTO hashes VALUES(1,x'" MD5_A
                 "',NULL,NULL); INSERT INTO comments VALUES('c',1);",
                 NULL, NULL, NULL);
    unsigned char *bytes = sqlite3_serialize(db, "main", &n, 0);
    seed_prefixed("list", "kdb", "\5", 1, bytes, (size_t)n);
    sqlite3_free(bytes);
    sqlite3_close(db);
    uint8_t packed[256];
    z_stream z = {.next_in = (uint8_t *)MD5_A "\n", .avail_in = 33, .next_out = packed, .avail_out = sizeof(packed)};
    deflateInit2(&z, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
    deflate(&z, Z_FINISH);
    seed_prefixed("list", "gzip", "\5", 1, packed, z.total_out);
    deflateEnd(&z);
}

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

#define PLAN_HEAD                                                                                                      \
    "{\"trawl_plan\":1,\"version\":\"0.1.0\",\"target_bytes\":9}\n{\"option\":\"a=1\"}\n{\"source\":\"ev\"}\n"
#define PLAN_UNIT                                                                                                      \
    "{\"unit\":0,\"files\":1,\"bytes\":2,\"weight\":3}\n{\"path\":\"ev/"                                               \
    "a\",\"source_bytes\":2,\"size\":2,\"mtime\":-1}\n"
#define PLAN_PART(n, range)                                                                                            \
    "{\"unit\":" n ",\"files\":1,\"bytes\":2,\"weight\":3," range                                                      \
    ",\"of\":3}\n{\"path\":\"ev/z\",\"source_bytes\":2,\"size\":4,\"mtime\":1}\n"

static const struct text_seed plans[] = {
    SEED("unit", 0, PLAN_HEAD PLAN_UNIT "{\"end\":true,\"units\":1,\"files\":1,\"bytes\":2}\n"),
    SEED("split", 0,
         PLAN_HEAD PLAN_PART("0", "\"first\":0,\"end\":1") PLAN_PART("1", "\"first\":1,\"end\":3")
             PLAN_PART("2", "\"first\":0,\"end\":3") "{\"end\":true,\"units\":3,\"files\":3,\"bytes\":6}\n"),
    SEED("others", 0,
         PLAN_HEAD "{\"unit\":0,\"files\":3,\"bytes\":0,\"weight\":3}\n{\"path\":\"ev/a\",\"raw\":\"65762fff\","
                   "\"source_bytes\":2,\"type\":\"fifo\"}\n{\"path\":\"ev/b\",\"source_bytes\":2,\"unknown\":true}\n"
                   "{\"path\":\"ev\",\"source_bytes\":2,\"type\":\"directory\"}\n"
                   "{\"end\":true,\"units\":1,\"files\":3,\"bytes\":0}\n"),
    SEED("cut", 0, PLAN_HEAD PLAN_UNIT),
    SEED("outside", 0,
         PLAN_HEAD "{\"unit\":0,\"files\":1,\"bytes\":0,\"weight\":3}\n{\"path\":\"ev/../a\",\"source_bytes\":2,"
                   "\"unknown\":true}\n{\"end\":true,\"units\":1,\"files\":1,\"bytes\":0}\n"),
};

void seed_texts(void)
{
    write_table("plan", plans, COUNT(plans), 0);
    seed_rotations();
    write_table("list", lists, COUNT(lists), 1);
    seed_binary_lists();
    write_table("map", maps, COUNT(maps), 0);
    write_table("query", queries, COUNT(queries), 1);
    seed_deep();
    write_table("rows", rows, COUNT(rows), 7);
    write_table("escape", names, COUNT(names), 0);
    write_table("limits", limits, COUNT(limits), 0);
    write_table("report", reports, COUNT(reports), 1);
}
