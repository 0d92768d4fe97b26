/* The lists that laboratories and platforms exchange: every entry counted, what is malformed shown. */
#include <sqlite3.h>

#include "exchange.h"

#define SHA1_B "fedcba9876543210fedcba9876543210fedcba98"
#define PDQ_B  "9c151c3af838278e3ef57c180c7d031c07aefd12f2ccc1e18f2a1e1c7d0ff163"

Test(match_exchange, vics_hash_set)
{
    struct loaded loaded = load_text(vics, HASH_UNKNOWN);
    const struct list_info *list = info(&loaded);
    check_counts(&loaded, 4, 1, 1, 3);
    cr_assert_str_eq(list->format, "vics");
    cr_assert_str_eq(list->source, "VICS 2.0 hash set, region US");
    cr_assert_str_eq(list->map, "vics-us");
    cr_assert_eq(list->photodna, 2);
    struct match match = match_of(loaded.set, HASH_MD5, MD5_A);
    cr_assert_str_eq(match.entry, "700");
    cr_assert_str_eq(match.category, "1 child abuse material, a,b");
    cr_assert_str_eq(match.code, "1");
    cr_assert_str_eq(match.series, "S\xc3\xa9rie");
    cr_assert(match.severity == 1 &&
              match.flags == (MATCH_VICTIM_IDENTIFIED | MATCH_OFFENDER_UNIDENTIFIED | MATCH_DISTRIBUTED | MATCH_VIDEO));
    match = match_of(loaded.set, HASH_PDQ, PDQ_A);
    cr_assert_str_eq(match.entry, "700");
    cr_assert_str_eq(found(loaded.set, HASH_MD5, MD5_B), "", "places of a file are no entries");
    cr_assert_str_eq(found(loaded.set, HASH_MD5, "00000000000000000000000000000001"), "2::9");
    cr_assert_str_eq(found(loaded.set, HASH_MD5, "00000000000000000000000000000002"), "3:7:9");
    match = match_of(loaded.set, HASH_MD5, "00000000000000000000000000000003");
    cr_assert(match.severity == 9 && match.flags == MATCH_NOT_PERTINENT);
    cr_assert(says(loaded.log, "x.list:8: entry 5: md5 has 32 hex digits, not 4") &&
                  says(loaded.log, ":9: entry 6: no hash in it") && says(loaded.log, ":10: entry 7: only a PhotoDNA"),
              "%s", loaded.log);
    loaded_free(&loaded);
}

/** What a map makes of codes is counted, and so are codes that it has not. */
Test(match_exchange, categories_are_counted)
{
    struct loaded loaded = load_text(vics, HASH_UNKNOWN);
    const struct list_info *list = info(&loaded);
    cr_assert_eq(list->n_categories, 7);
    for (size_t i = 0; i < list->n_categories; i++) {
        const struct list_category *category = &list->categories[i];
        bool used = strchr("017", category->code[0]);
        cr_assert_eq(category->entries, used ? 1 : 0, "%s", category->code);
        cr_assert_eq(category->unmapped, category->code[0] == '7');
    }
    loaded_free(&loaded);
}

/** Cases, old and new: entries are under Media, and the context may come last. */
Test(match_exchange, vics_cases)
{
    struct loaded loaded = load_text("{\"value\":[{\"Media\":[{\"MD5\":\"" MD5_A "\",\"Category\":2},{\"MD5\":\"" MD5_B
                                     "\"}],\"CaseNumber\":\"1\",\"Media@odata.navigationLinkUrl\":\"Media\"},"
                                     "{\"CaseID\":\"x\",\"Identifiers\":[{\"MD5\":\"" MD5_B
                                     "\"}],\"Media\":[{\"SHA1\":\"" SHA1_A "\"}]}],\"odata.metadata\":"
                                     "\"http://github.com/ICMEC/ProjectVic/DataModels/1.3.xml#Cases\"}",
                                     HASH_UNKNOWN);
    check_counts(&loaded, 2, 1, 0, 0);
    cr_assert_str_eq(info(&loaded)->source, "VICS 1.3 case");
    cr_assert_str_eq(found(loaded.set, HASH_MD5, MD5_A), "1:2 child exploitation or age-difficult:2");
    cr_assert_str_eq(found(loaded.set, HASH_SHA1, SHA1_A), "3::9");
    loaded_free(&loaded);
}

Test(match_exchange, vics_regions)
{
    struct loaded loaded = load_text("{\"@odata.context\":\"x/DataModels/2.0.xml/uk/$metadata#Media\",\"value\":"
                                     "[{\"MD5\":\"" MD5_A "\",\"Category\":2}]}",
                                     HASH_UNKNOWN);
    cr_assert_str_eq(info(&loaded)->map, "vics-uk");
    cr_assert_str_eq(found(loaded.set, HASH_MD5, MD5_A), "1:2 category B:2");
    loaded_free(&loaded);
    loaded = load_text("{\"value\":[{\"MD5\":\"" MD5_A "\",\"Category\":2}],"
                       "\"@odata.context\":\"x/DataModels/2.0.xml/UK/$metadata#Media\"}",
                       HASH_UNKNOWN);
    cr_assert(loaded.result < 0 && says(loaded.why, "say --map vics-uk"), "%s", loaded.why);
    loaded_free(&loaded);
    loaded = load_text("[{\"md5\":\"" MD5_A "\",\"category\":1}]", HASH_UNKNOWN);
    cr_assert_str_eq(found(loaded.set, HASH_MD5, MD5_A), "1:1 child abuse material:1");
    loaded_free(&loaded);
}

/** What is no whole list is refused with its line, and none of it is used. */
Test(match_exchange, broken_json)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"{\"value\":[\n{\"MD5\":\"" MD5_A "\"},\n{\"MD5\":", "x.list:3: is no whole JSON: parse error: premature EOF"},
        {"{\"value\":[\n{\"MD5\":\"" MD5_A "\"}\n]}\n]", "x.list:4: is no whole JSON"},
        {"{\"value\":[\n\n{\"MD5\" \"" MD5_A "\"}\n]}", "x.list:3: is no whole JSON"},
        {"{\"values\":[]}", "no list that is known here"},
        {"{\"value\":[]}", "there is no hash in it"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct loaded loaded = load_text(rows[i].text, HASH_UNKNOWN);
        cr_assert(loaded.result < 0 && says(loaded.why, rows[i].why), "%s: %s", rows[i].text, loaded.why);
        cr_assert_eq(hashset_lists(loaded.set), 0);
        cr_assert_str_eq(found(loaded.set, HASH_MD5, MD5_A), "");
        loaded_free(&loaded);
    }
}

/** Arrays without end, and a text without end. */
Test(match_exchange, json_without_end)
{
    struct buf text = {0};
    for (size_t i = 0; i < 1000000; i++)
        buf_puts(&text, i % 2 ? "{\"a\":" : "[");
    struct loaded loaded = load_bytes(text.data, text.len, HASH_UNKNOWN);
    cr_assert(loaded.result < 0 && says(loaded.why, "x.list:1: nested deeper than 64 levels"), "%s", loaded.why);
    loaded_free(&loaded);
    text.len = 0;
    buf_puts(&text, "{\"value\":[{\"Comments\":\"");
    memset(buf_reserve(&text, 20u << 20), 'x', 20u << 20);
    text.len += 20u << 20;
    loaded = load_bytes(text.data, text.len, HASH_UNKNOWN);
    cr_assert(loaded.result < 0 && says(loaded.why, "a value longer than 16777216 bytes"), "%s", loaded.why);
    loaded_free(&loaded);
    buf_free(&text);
}

#define ANSWER(inside)                                                                                                 \
    "<?xml version=\"1.0\"?>\n<queryResult xmlns=\"https://hashsharing.ncmec.org/hashsharing/v2\">\n" inside           \
    "</queryResult>\n"
#define ENTRY(kind, id, more) "<" kind "><member id=\"42\">M</member><id>" id "</id>" more "</" kind ">\n"
#define PRINTS(inside)        "<fingerprints>" inside "</fingerprints>"

Test(match_exchange, ncmec)
{
    struct loaded loaded =
        load_text(ANSWER("<images count=\"2\">" ENTRY(
                      "image", "i1",
                      "<timestamp>2017-10-24T15:00:00Z</timestamp><classification>A1"
                      "</classification>" PRINTS(
                          "<md5>" MD5_A "</md5><sha1>" SHA1_A "</sha1><pdna>a1a1...</pdna><pdq>" PDQ_A
                          "</pdq><tmk-pdqf href=\"/x\"/>") "<feedback><negativeFeedback type=\"Sha1\"/></feedback>")
                             ENTRY("deletedImage", "i9", "") ENTRY("image", "i2", PRINTS("<md5>12</md5>"))
                                 ENTRY("image", "i3", PRINTS("<pdna>x</pdna>")) "</images><videos>" ENTRY(
                                     "video", "i1",
                                     "<classification>b2</classification>" PRINTS(
                                         "<md5>" MD5_B "</md5>")) "</videos><paging><next>x</next></paging>"),
                  HASH_UNKNOWN);
    const struct list_info *list = info(&loaded);
    check_counts(&loaded, 2, 1, 1, 2);
    cr_assert(list->withdrawn == 1 && list->photodna == 2);
    struct match match = match_of(loaded.set, HASH_SHA1, SHA1_A);
    cr_assert_str_eq(match.entry, "42-i1");
    cr_assert_str_eq(match.category, "A1 prepubescent, sex act");
    cr_assert(match.severity == 1 && match.flags == MATCH_DISPUTED);
    match = match_of(loaded.set, HASH_MD5, MD5_B);
    cr_assert(match.severity == 4 && match.flags == MATCH_VIDEO);
    cr_assert(says(loaded.log, "entry 3: md5 has 32 hex digits, not 2") && says(loaded.log, "entry 4: no fingerprint"),
              "%s", loaded.log);
    loaded_free(&loaded);
}

/** A later page takes back what an earlier one said, or says it otherwise. */
Test(match_exchange, ncmec_pages)
{
    static const char *const pages[] = {
        ANSWER("<images>" ENTRY("image", "gone", PRINTS("<md5>" MD5_A "</md5>"))
                   ENTRY("image", "new", "<classification>B1</classification>" PRINTS("<md5>" MD5_B "</md5>"))
                       ENTRY("image", "stays", PRINTS("<sha1>" SHA1_A "</sha1>")) "</images>"),
        ANSWER("<images>" ENTRY("deletedImage", "gone", "<timestamp>2020-01-01T00:00:00Z</timestamp>") ENTRY(
            "image", "new", "<classification>A2</classification>" PRINTS("<md5>" MD5_B "</md5>")) "</images>"),
        ANSWER("<images>" ENTRY("image", "gone",
                                "<timestamp>2019-01-01T00:00:00Z</timestamp>" PRINTS("<md5>" MD5_A "</md5>"))
                   ENTRY("image", "more", PRINTS("<sha1>" SHA1_B "</sha1>")) "</images>"),
    };
    static const char *const names[] = {"1.xml", "2.xml", "3.xml", NULL};
    char *folder = folder_new(), why[512];
    struct hashset *set = hashset_new();
    for (size_t i = 0; i < 3; i++) {
        char *path = path_in(folder, names[i]);
        write_bytes(path, pages[i], strlen(pages[i]));
        cr_assert_eq(hashset_load(set, path, false, HASH_UNKNOWN, NULL, why, sizeof(why)), 0, "%s", why);
        free(path);
    }
    hashset_seal(set);
    cr_assert_str_eq(found(set, HASH_MD5, MD5_A), "", "an older page does not bring back what was deleted");
    cr_assert_str_eq(found(set, HASH_MD5, MD5_B), "42-new:A2 prepubescent, lascivious exhibition:2");
    cr_assert_str_eq(found(set, HASH_SHA1, SHA1_A), "42-stays::9");
    cr_assert_str_eq(found(set, HASH_SHA1, SHA1_B), "42-more::9");
    cr_assert_eq(hashset_list(set, 0)->entries[HASH_MD5], 0);
    hashset_free(set);
    folder_remove(folder, names);
}

Test(match_exchange, broken_xml)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"<?xml version=\"1.0\"?>\n<queryResult>\n<images><image>", "x.list:3: is no whole XML"},
        {"<?xml version=\"1.0\"?>\n<!DOCTYPE a [<!ENTITY b \"c\">]>\n<queryResult/>", "has a document type"},
        {"<?xml version=\"1.0\"?>\n<!DOCTYPE a SYSTEM \"file:///etc/passwd\">\n<queryResult/>", "has a document type"},
        {"<?xml version=\"1.0\"?>\n<status/>", "is XML of <status>"},
        {"<queryResult>\n<images>&nobody;</images></queryResult>", "x.list:2: is no whole XML"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct loaded loaded = load_text(rows[i].text, HASH_UNKNOWN);
        cr_assert(loaded.result < 0 && says(loaded.why, rows[i].why), "%s: %s", rows[i].text, loaded.why);
        loaded_free(&loaded);
    }
    struct buf text = {0};
    for (int i = 0; i < 100000; i++)
        buf_puts(&text, i ? "<a>" : "<queryResult>");
    struct loaded loaded = load_bytes(text.data, text.len, HASH_UNKNOWN);
    cr_assert(loaded.result < 0 && says(loaded.why, "is no whole XML"), "%s", loaded.why);
    loaded_free(&loaded);
    buf_free(&text);
}

#define RECORD(value, status, stamp)                                                                                   \
    "{\"lastModtimestamp\":" stamp ",\"hashValue\":\"" value "\",\"hashStatus\":\"" status                             \
    "\",\"caseNumbers\":{\"1\":\"Active\"},\"signalType\":\"ImagePDQ\",\"CSPFeedbacks\":[{\"hashValue\":\"x\"}]}"

Test(match_exchange, stopncii)
{
    struct loaded loaded =
        load_text("{\"count\":5,\"nextPageToken\":null,\"hashRecords\":[\n" RECORD(PDQ_A, "Active", "5") ",\n" RECORD(
                      PDQ_B, "Received", "5") ",\n" RECORD(PDQ_A, "Withdrawn",
                                                           "9") ",\n" RECORD(MD5_A, "Active",
                                                                             "9") ",\n"
                                                                                  "{\"hashValue\":\"" PDQ_A
                                                                                  "\",\"signalType\":\"ImageX\"}]}",
                  HASH_UNKNOWN);
    check_counts(&loaded, 0, 0, 1, 2);
    cr_assert_eq(info(&loaded)->withdrawn, 1);
    cr_assert_str_eq(found(loaded.set, HASH_PDQ, PDQ_A), "");
    cr_assert_str_eq(found(loaded.set, HASH_PDQ, PDQ_B), "2:Received:9");
    cr_assert(says(loaded.log, ":5: entry 4: pdq has 64 hex digits, not 32") &&
                  says(loaded.log, ":6: entry 5: a type of signal"),
              "%s", loaded.log);
    loaded_free(&loaded);
    loaded = load_text("{\"hashRecords\":[" RECORD(PDQ_A, "Active", "5") "," RECORD(PDQ_A, "Deleted", "9") "]}",
                       HASH_UNKNOWN);
    check_counts(&loaded, 0, 0, 0, 0);
    cr_assert_str_eq(found(loaded.set, HASH_PDQ, PDQ_A), "", "nothing is left");
    loaded_free(&loaded);
}

Test(match_exchange, icse_and_nsrl_and_hashkeeper)
{
    struct loaded loaded =
        load_text("MD5;SHA1;PhotoDNA;Image ID;Is distributed;Victim identified;Offender identified;Series name;"
                  "Number of submissions;File Available;Media Type;Baseline\r\n" MD5_A ";" SHA1_A
                  ";AAAA;4711;yes;no;;Vicky;3;1;Image;true\r\n" MD5_B ";;;4712;no;yes;yes;;1;0;Video;false\r\n",
                  HASH_UNKNOWN);
    check_counts(&loaded, 2, 1, 0, 0);
    cr_assert_str_eq(info(&loaded)->format, "icse");
    struct match match = match_of(loaded.set, HASH_MD5, MD5_A);
    cr_assert_str_eq(match.series, "Vicky");
    cr_assert(match.severity == 1 && match.flags == (MATCH_DISTRIBUTED | MATCH_VICTIM_UNIDENTIFIED | MATCH_BASELINE));
    match = match_of(loaded.set, HASH_MD5, MD5_B);
    cr_assert(match.severity == 2 && match.flags == (MATCH_NOT_DISTRIBUTED | MATCH_VICTIM_IDENTIFIED |
                                                     MATCH_OFFENDER_IDENTIFIED | MATCH_VIDEO));
    loaded_free(&loaded);
    loaded = load_text("\"SHA-1\",\"MD5\",\"CRC32\",\"FileName\",\"FileSize\",\"ProductCode\",\"OpSystemCode\","
                       "\"SpecialCode\"\r\n\"FEDCBA9876543210FEDCBA9876543210FEDCBA98\",\"" MD5_A
                       "\",\"0\",\"a \"\"b\"\".c\",1,2,\"358\",\"\"\r\n",
                       HASH_UNKNOWN);
    check_counts(&loaded, 1, 1, 0, 0);
    cr_assert_str_eq(info(&loaded)->format, "nsrl");
    cr_assert_null(info(&loaded)->map);
    loaded_free(&loaded);
    loaded = load_text("\"file_id\",\"hashset_id\",\"file_name\",\"directory\",\"hash\",\"file_size\"\n9,1,\"a\",\"b\","
                       "\"" MD5_A "\",5\n",
                       HASH_UNKNOWN);
    cr_assert_str_eq(found(loaded.set, HASH_MD5, MD5_A), "9::9");
    cr_assert_str_eq(info(&loaded)->format, "hashkeeper");
    loaded_free(&loaded);
}

/** As `tx dataset -P` prints it. */
Test(match_exchange, tx_lines)
{
    struct loaded loaded = load_text("pdq " PDQ_A " 'Sample Signals' INVESTIGATION_SEED a,b\npdq " PDQ_B
                                     " 'x' POSITIVE_CLASS\nvideo_md5 " MD5_A " 'x' SOMETHING a\n",
                                     HASH_UNKNOWN);
    check_counts(&loaded, 1, 0, 2, 0);
    cr_assert_str_eq(info(&loaded)->format, "tx");
    cr_assert_str_eq(found(loaded.set, HASH_PDQ, PDQ_A), "1:INVESTIGATION_SEED, Sample Signals, a,b:5");
    cr_assert_str_eq(found(loaded.set, HASH_PDQ, PDQ_B), "2:POSITIVE_CLASS, x:2");
    cr_assert_str_eq(found(loaded.set, HASH_MD5, MD5_A), "3:'x' SOMETHING a:9");
    loaded_free(&loaded);
}

Test(match_exchange, encase)
{
    static const char name[] = "A set";
    uint8_t file[1152 + 3 * 18 + 5] = "HASH\r\n\xff\0\x02\0\0\0\x01\0\0";
    file[16] = 4;
    for (size_t i = 0; i < sizeof(name) - 1; i++)
        file[1032 + 2 * i] = (uint8_t)name[i];
    for (uint8_t i = 0; i < 3; i++)
        file[1152 + 18 * i] = (uint8_t)(i + 1);
    struct loaded loaded = load_bytes(file, sizeof(file), HASH_UNKNOWN);
    check_counts(&loaded, 3, 0, 0, 1);
    cr_assert_str_eq(info(&loaded)->source, "EnCase hash set A set");
    cr_assert_str_eq(found(loaded.set, HASH_MD5, "03000000000000000000000000000000"), "3::9");
    cr_assert(says(loaded.log, "says 4 records, and there are 3") && says(loaded.log, ":4: a record that is cut off"));
    loaded_free(&loaded);
    loaded = load_bytes(file, 1000, HASH_UNKNOWN);
    cr_assert(loaded.result < 0 && says(loaded.why, "its header is cut off"));
    loaded_free(&loaded);
}

Test(match_exchange, hfind)
{
    struct loaded loaded = load_text("00000000000000000000000000000000000000000|md5sum\n"
                                     "00000000000000000000000000000000000000001|known.md5\n" MD5_A
                                     "|0000000000000037\n" MD5_B "\nFEDC|1\n",
                                     HASH_UNKNOWN);
    check_counts(&loaded, 1, 0, 0, 2);
    cr_assert_str_eq(info(&loaded)->source, "hfind index of known.md5");
    cr_assert_str_eq(found(loaded.set, HASH_MD5, MD5_A), "3::9");
    loaded_free(&loaded);
}

/** Makes a database in the folder by these statements, and loads it. */
static struct loaded load_base(const char *sql)
{
    static const char *const names[] = {"x.db", NULL};
    char *folder = folder_new(), *path = path_in(folder, names[0]);
    sqlite3 *db;
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK, "%s", sqlite3_errmsg(db));
    sqlite3_close(db);
    cr_assert_eq(chmod(path, 0600), 0);
    struct loaded loaded = load_path(path, HASH_UNKNOWN);
    free(path);
    folder_remove(folder, names);
    return loaded;
}

/** As Autopsy makes them. */
#define KDB                                                                                                            \
    "CREATE TABLE db_properties (name TEXT NOT NULL, value TEXT);"                                                     \
    "INSERT INTO db_properties VALUES('Schema Version','1');"                                                          \
    "CREATE TABLE hashes (id INTEGER PRIMARY KEY AUTOINCREMENT, md5 BINARY(16) UNIQUE, sha1 BINARY(20), sha2_256 "     \
    "BINARY(32));"                                                                                                     \
    "CREATE TABLE file_names (name TEXT NOT NULL, hash_id INTEGER NOT NULL, PRIMARY KEY(name, hash_id));"              \
    "CREATE TABLE comments (comment TEXT NOT NULL, hash_id INTEGER NOT NULL, PRIMARY KEY(comment, hash_id));"

Test(match_exchange, databases)
{
    struct loaded loaded = load_base(KDB "INSERT INTO hashes VALUES(7,x'" MD5_A "',NULL,NULL),(8,x'" MD5_B "',x'" SHA1_A
                                         "',NULL),(9,x'0102',NULL,NULL),(10,NULL,NULL,NULL);"
                                         "INSERT INTO comments VALUES('b',7),('a',7);");
    check_counts(&loaded, 2, 1, 0, 2);
    cr_assert_str_eq(info(&loaded)->format, "kdb");
    cr_assert_str_eq(found(loaded.set, HASH_MD5, MD5_A), "7:a:9");
    loaded_free(&loaded);
    loaded = load_base("CREATE TABLE METADATA (sha256 VARCHAR, sha1 VARCHAR, md5 VARCHAR, package_id INTEGER);"
                       "INSERT INTO METADATA VALUES('" SHA256_A "','" SHA1_A
                       "','FEDCBA9876543210FEDCBA9876543210',1),('','','" MD5_A "',1),('x','',NULL,1);"
                       "CREATE VIEW FILE AS SELECT sha256,sha1,md5 FROM METADATA;");
    check_counts(&loaded, 2, 1, 0, 1);
    cr_assert_eq(info(&loaded)->entries[HASH_SHA256], 1);
    cr_assert_str_eq(info(&loaded)->source, "NSRL RDS 3");
    loaded_free(&loaded);
    loaded = load_base("CREATE TABLE other (a);");
    cr_assert(loaded.result < 0 && says(loaded.why, "no list that is known here"), "%s", loaded.why);
    loaded_free(&loaded);
    loaded = load_base("CREATE VIEW FILE AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT 'x' "
                       "AS md5 FROM n WHERE i=2;");
    cr_assert(loaded.result < 0 && says(loaded.why, "does not end"), "%s", loaded.why);
    loaded_free(&loaded);
    loaded = load_text("SQLite format 3\0 and no more", HASH_UNKNOWN);
    cr_assert_lt(loaded.result, 0);
    loaded_free(&loaded);
}

static int load_known(const char *text)
{
    static const char *const names[] = {"x.list", NULL};
    char *folder = folder_new(), *path = path_in(folder, names[0]), why[512];
    struct hashset *set = hashset_new();
    write_bytes(path, text, strlen(text));
    int result = hashset_load(set, path, true, HASH_UNKNOWN, NULL, why, sizeof(why));
    cr_assert(result == 0 || says(why, "verdicts"), "%s", why);
    free(path);
    folder_remove(folder, names);
    hashset_free(set);
    return result;
}

/** Files known to be harmless come as VICS too, without a category; graded ones would hide what they are there for. */
Test(match_exchange, verdicts_are_no_known_files)
{
    cr_assert_eq(load_known("{\"value\":[{\"MD5\":\"" MD5_A "\"},{\"MD5\":\"" MD5_B "\",\"Category\":0}]}"), 0);
    cr_assert_lt(load_known("{\"value\":[{\"MD5\":\"" MD5_A "\"},{\"MD5\":\"" MD5_B "\",\"Category\":3}]}"), 0);
    cr_assert_lt(load_known("md5,severity\n" MD5_A ",2\n"), 0);
    cr_assert_eq(load_known("md5,label\n" MD5_A ",2\n"), 0);
    cr_assert_lt(load_known(ANSWER("<images>" ENTRY("image", "a", PRINTS("<md5>" MD5_A "</md5>")) "</images>")), 0);
}
