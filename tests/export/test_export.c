#include "../report/fixture.h"

#include <errno.h>

#include "../report/json.h"
#include "export/database.h"
#include "export/export.h"
#include "export/words.h"

#define FILES_MAX 40

/** Every file that can be derived. */
static size_t all_files(const char *files[FILES_MAX], unsigned *formats)
{
    size_t n = 0;
    files[n++] = "inventory.jsonl";
    files[n++] = "summary.json";
    files[n++] = "review_next.jsonl";
    *formats = 0;
    for (size_t i = 0; i < report_format_table_size; i++) {
        *formats |= report_format_table[i].bit;
        for (int k = 0; k < 2; k++)
            if (report_format_table[i].files[k])
                files[n++] = report_format_table[i].files[k];
    }
    return n;
}

struct written {
    const char *names[FILES_MAX];
    struct buf files[FILES_MAX];
    size_t n;
};

static void write_all(const struct case_info *info, struct maker maker, size_t memory, struct written *out)
{
    struct folder folder = folder_make();
    struct report_totals totals;
    unsigned formats;
    out->n = all_files(out->names, &formats);
    cr_assert_eq(report_write_bounded(folder.fd, info, &whole, formats, &maker.source, memory, &totals), 0);
    for (size_t i = 0; i < out->n; i++) {
        struct stat st;
        cr_assert_eq(fstatat(folder.fd, out->names[i], &st, AT_SYMLINK_NOFOLLOW), 0, "%s", out->names[i]);
        cr_assert_eq(st.st_mode & 07777, 0600, "%s", out->names[i]);
        out->files[i] = folder_read(&folder, out->names[i]);
        unlinkat(folder.fd, out->names[i], 0);
    }
    cr_assert_eq(report_present(folder.fd), 0);
    folder_remove(&folder);
}

static const char *text_of(const struct written *written, const char *name)
{
    for (size_t i = 0; i < written->n; i++)
        if (strcmp(written->names[i], name) == 0)
            return (const char *)written->files[i].data;
    cr_assert_fail("no %s", name);
    return NULL;
}

static void written_free(struct written *written)
{
    for (size_t i = 0; i < written->n; i++)
        buf_free(&written->files[i]);
}

static const char *const sources[] = {"ev/", "ev/deep", "other.zip"};

Test(export, every_file_is_the_same_whatever_the_order_and_the_memory)
{
    enum { COUNT = 1200 };
    struct case_info info = info_make(sources, 3);
    unsigned order[COUNT];
    struct written first, again;
    write_all(&info, maker_of(make_varied, COUNT), 1 << 20, &first);
    cr_assert_geq(first.n, 20);
    for (unsigned i = 0; i < COUNT; i++)
        order[i] = COUNT - 1 - i;
    for (int round = 0; round < 3; round++) {
        struct maker maker = maker_of(make_varied, COUNT);
        maker.order = order;
        write_all(&info, maker, 20000, &again);
        for (size_t i = 0; i < first.n; i++) {
            cr_assert_eq(first.files[i].len, again.files[i].len, "%s", first.names[i]);
            cr_assert_eq(memcmp(first.files[i].data, again.files[i].data, first.files[i].len), 0, "%s", first.names[i]);
        }
        written_free(&again);
        for (unsigned i = 0; i < COUNT; i++) { /* another order */
            unsigned k = (i * 7919u + (unsigned)round) % COUNT, held = order[i];
            order[i] = order[k];
            order[k] = held;
        }
    }
    written_free(&first);
    case_info_clear(&info);
}

/** Out of a file system: deleted, in two runs and a hole, with times. */
static struct origin deleted_file(void)
{
    struct origin origin = origin_of(ORIGIN_FS);
    origin.partition = 2;
    origin.volume = 1048576;
    origin.inode = 74;
    origin.attribute_type = 128;
    origin.attribute_id = 2;
    origin.allocated = ORIGIN_DELETED;
    origin.times[ORIGIN_WRITTEN] = INT64_C(1700000000123456789);
    origin.times[ORIGIN_CREATED] = -1;
    origin.n_runs = 3;
    origin.all_runs = 3;
    origin.runs[0] = (struct origin_run){1048576 + 4096, 8192};
    origin.runs[1] = (struct origin_run){ORIGIN_UNKNOWN, 4096};
    origin.runs[2] = (struct origin_run){1048576 + 65536, 100};
    return origin;
}

/**
 * 0: near, no digests. 1: exact on a VICS list, deleted file. 2: near on the VICS list. 3: exact on a list of another
 * kind with a code that looks like one. 4: as 1, in a zip in a file system.
 */
static void make_five(unsigned i, struct item *item)
{
    static const char name[] = "DCIM/a|b]]>&<\"'\xff.jpg";
    struct origin origin = deleted_file();
    struct where *image = host_file("ev/disk.E01");
    struct where *file = where_new_origin(image, "fs", name, sizeof(name) - 1, i, WHERE_UNKNOWN, &origin);
    where_unref(image);
    item->where = i == 4 ? member(file, "zip", "dir/in.jpg", 10, 3) : file;
    item->size = i ? 12300 : WHERE_UNKNOWN; /* less than the runs hold */
    item->type = i == 3 ? TYPE_MP4 : TYPE_JPEG;
    if (i)
        set_digests(item, i);
    set_pdq(item, 80, true);
    item->pdq_is_screen = i == 3;
    struct match *match =
        i % 2 || i == 4 ? add_match(item, HASH_MD5, 0, 1 + i % 2, i == 3 ? "zeta.txt" : "vics.json", "17", "label")
                        : add_match(item, HASH_PDQ, 7, 1 + i, "vics.json", "18", "");
    match->code = "1";
    match->series = "S \x01";
    match->photodna = "AAECAwQ=";
    match->flags = MATCH_VICTIM_UNIDENTIFIED | MATCH_DISTRIBUTED;
}

static struct case_info five_info(void)
{
    struct case_info info = info_make(sources, 1);
    free(info.lists[1].name);
    info.lists[1].name = mem_strdup("vics.json");
    info.lists[1].source = mem_strdup("VICS 2.0 hash set, region UK");
    return info;
}

/** The object that begins behind `from` and holds `key`, as one string; the caller frees it. */
static char *media_of(const char *json, const char *key)
{
    const char *at = strstr(json, key);
    cr_assert_not_null(at, "%s", key);
    while (strncmp(at, "{\"MediaID\"", 10) != 0)
        at--;
    const char *end = json_value(at, 0);
    cr_assert_not_null(end);
    return mem_strndup(at, (size_t)(end - at));
}

Test(export, vics_takes_verdicts_of_exact_matches_with_vics_lists_only)
{
    struct case_info info = five_info();
    struct written written;
    write_all(&info, maker_of(make_five, 5), 1 << 20, &written);
    const char *json = text_of(&written, "report.vics.json");
    cr_assert(json_valid(json), "%s", json);
    cr_assert_eq(
        strncmp(json, "{\"@odata.context\":\"http://github.com/VICSDATAMODEL/ProjectVic/DataModels/2.0.xml/UK/", 82),
        0);
    cr_assert_eq(json_number(json, "TotalMediaFiles"), 4);
    cr_assert(strstr(json, "\"trawl findings without MD5: see report.jsonl\",\"PropertyValue\":\"1\""));
    for (unsigned i = 1; i < 5; i++) {
        struct item item = {0};
        struct buf md5 = {0};
        make_five(i, &item);
        buf_puts(&md5, ",\"MD5\":\"");
        buf_hex_upper(&md5, item.digests.md5, 16);
        char *media = media_of(json, buf_str(&md5));
        bool verdict = i == 1 || i == 4, near = i == 2;
        cr_assert_eq(strstr(media, ",\"Category\":1,") != NULL, verdict, "%u: %s", i, media);
        cr_assert_eq(strstr(media, ",\"IsPrecategorized\":true,\"PrecategorizationSource\":\"vics.json\"") != NULL,
                     verdict);
        cr_assert_eq(strstr(media, ",\"IsSuspected\":true") != NULL, near);
        cr_assert_eq(strstr(media, ",\"VictimIdentified\":false") != NULL, !near);
        cr_assert_eq(strstr(media, ",\"IsDistributed\":true") != NULL, !near);
        cr_assert_eq(strstr(media, "\"PhotoDNA\":\"AAECAwQ=\"") != NULL, !near);
        cr_assert_eq(strstr(media, "\"Series\":\"S \\\\x01\"") != NULL, !near);
        cr_assert_eq(strstr(media, "\"HashName\":\"PDQ\"") != NULL, i != 3, "a screening hash is no PDQ");
        cr_assert(strstr(media, "\"Unallocated\":false,\"Deleted\":true"));
        free(media);
        buf_free(&md5);
        item_clear(&item);
    }
    cr_assert(strstr(json, "\"FileName\":\"a|b]]>&\\u003c\\\"'\\\\xff.jpg\",\"FilePath\":\"ev/disk.E01!/DCIM/"
                           "\",\"Created\":\"1969-12-31T23:59:59.999Z\",\"Written\":\"2023-11-14T22:13:20.123Z\","
                           "\"SourceID\":\"ev/disk.E01\""),
              "%s", json);
    cr_assert(strstr(
        json, "\"FileName\":\"in.jpg\",\"FilePath\":\"ev/disk.E01!/DCIM/a|b]]>&\\u003c\\\"'\\\\xff.jpg!/dir/\""));
    cr_assert(strstr(json, "\"PhysicalLocation\":1052672"));
    cr_assert(strstr(json, "\"ParentPhysicalLocation\":1052672,\"ParentFileName\":\"a|b]]>&\\u003c\\\"'\\\\xff.jpg\","
                           "\"ParentFilePath\":\"ev/disk.E01!/DCIM/\""));
    written_free(&written);
    case_info_clear(&info);
}

/** UTF-16LE without a surrogate that stands alone, as UTF-8; newlines without their CR. */
static struct buf from_utf16(const struct written *written, const char *name)
{
    struct buf out = {0};
    for (size_t f = 0; f < written->n; f++) {
        if (strcmp(written->names[f], name) != 0)
            continue;
        const struct buf *in = &written->files[f];
        cr_assert_eq(in->len % 2, 0);
        cr_assert_eq(memcmp(in->data, "\xff\xfe", 2), 0);
        for (size_t i = 2; i < in->len; i += 2) {
            uint32_t unit = in->data[i] | (uint32_t)in->data[i + 1] << 8;
            cr_assert(unit < 0xdc00 || unit > 0xdfff, "alone");
            if (unit >= 0xd800 && unit < 0xdc00) {
                i += 2;
                cr_assert_lt(i, in->len);
                uint32_t low = in->data[i] | (uint32_t)in->data[i + 1] << 8;
                cr_assert(low >= 0xdc00 && low <= 0xdfff);
                unit = 0x10000 + ((unit & 0x3ff) << 10 | (low & 0x3ff));
                buf_byte(&out, (uint8_t)(0xf0 | unit >> 18));
                buf_byte(&out, (uint8_t)(0x80 | (unit >> 12 & 0x3f)));
                buf_byte(&out, (uint8_t)(0x80 | (unit >> 6 & 0x3f)));
                buf_byte(&out, (uint8_t)(0x80 | (unit & 0x3f)));
            } else if (unit >= 0x800) {
                buf_byte(&out, (uint8_t)(0xe0 | unit >> 12));
                buf_byte(&out, (uint8_t)(0x80 | (unit >> 6 & 0x3f)));
                buf_byte(&out, (uint8_t)(0x80 | (unit & 0x3f)));
            } else if (unit >= 0x80) {
                buf_byte(&out, (uint8_t)(0xc0 | unit >> 6));
                buf_byte(&out, (uint8_t)(0x80 | (unit & 0x3f)));
            } else if (unit != '\r') {
                buf_byte(&out, (uint8_t)unit);
            }
        }
    }
    buf_str(&out);
    return out;
}

Test(export, c4p_has_filetimes_sectors_and_split_cdata)
{
    struct case_info info = five_info();
    struct written written;
    write_all(&info, maker_of(make_five, 5), 1 << 20, &written);
    struct buf xml = from_utf16(&written, "report.c4p.xml");
    const char *text = buf_str(&xml);
    cr_assert(strstr(text, "<fullpath><![CDATA[ev/disk.E01!/DCIM/a|b]]]]><![CDATA[>&<\"'\\xff.jpg]]></fullpath>"), "%s",
              text);
    cr_assert(strstr(text, "<created>116444735999999999</created>") ||
              strstr(text, "<created>116444736000000000</created>"));
    cr_assert(strstr(text, "<written>133444736001234567</written>"));
    cr_assert(strstr(text, "<physicalLocation>2056</physicalLocation>"));
    cr_assert(strstr(text, "<movie>") && strstr(text, "<picture></picture>"), "a video; one without digests");
    buf_free(&xml);
    written_free(&written);
    case_info_clear(&info);
}

Test(export, utf16_is_that_of_the_text)
{
    static const char *const names[] = {"\xf0\x9f\x98\x80.jpg", "\xe6\xbc\xa2.jpg", "\xc3\xa9.jpg", "\xf4\x8f\xbf\xbd",
                                        "\xed\x9f\xbf\xee\x80\x80"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        struct buf out = {0}, back;
        struct finding finding = {.rank = 1, .n_places = 1, .n_clear = 1};
        struct where *where = host_file(names[i]);
        add_match(&finding.head, HASH_MD5, 0, 1, "l", "1", "");
        report_c4p.begin(&(struct report){.info = &(struct case_info){.version = "1"}}, &out);
        report_c4p.place(&finding, 1, where, &out);
        struct written written = {.names = {"x"}, .n = 1};
        written.files[0] = out;
        back = from_utf16(&written, "x");
        cr_assert(strstr(buf_str(&back), names[i]), "%s", names[i]);
        buf_free(&back);
        buf_free(&out);
        where_unref(where);
        free(finding.head.matches.items);
    }
}

Test(export, dfxml_and_body_file_say_where_it_lay)
{
    struct case_info info = five_info();
    struct written written;
    write_all(&info, maker_of(make_five, 5), 1 << 20, &written);
    const char *xml = text_of(&written, "inventory.dfxml"), *body = text_of(&written, "report.bodyfile");
    cr_assert(
        strstr(
            xml,
            "<filename>ev/disk.E01!/DCIM/a|b]]&gt;&amp;&lt;&quot;&#39;\\xff.jpg</filename>\n<partition>2</partition>\n"
            "<name_type>r</name_type>\n<filesize>12300</filesize>\n<unalloc>1</unalloc>\n<inode>74</inode>\n"
            "<mtime>2023-11-14T22:13:20.123Z</mtime>\n<crtime>1969-12-31T23:59:59.999Z</crtime>\n<byte_runs>\n"
            "<byte_run file_offset=\"0\" fs_offset=\"4096\" img_offset=\"1052672\" len=\"8192\"/>\n"
            "<byte_run file_offset=\"8192\" len=\"4096\"/>\n"
            "<byte_run file_offset=\"12288\" fs_offset=\"65536\" img_offset=\"1114112\" len=\"12\"/>\n</byte_runs>\n"),
        "%s", xml);
    cr_assert(strstr(body, "|ev/disk.E01!/DCIM/a\\x7cb]]>&<\"'\\xff.jpg (deleted) (trawl finding "));
    cr_assert(strstr(body, ", exact)|74-128-2|-/----------|0|0|12300|0|1700000000|0|-1\n"), "%s", body);
    cr_assert(strstr(body, ", near)|74-128-2|-/----------|0|0|0|0|1700000000|0|-1\n"), "%s", body);
    written_free(&written);
    case_info_clear(&info);
}

/** Lists without a name, entries without an ID, a name without bytes. */
static void make_wordless(unsigned i, struct item *item)
{
    item->where = i ? member(host_file("a"), "zip", "", 0, 0) : host_file("");
    set_digests(item, 1);
    add_match(item, HASH_MD5, 0, 1, "", "", "");
}

Test(export, words_may_be_empty)
{
    struct case_info info = info_make(sources, 1);
    struct written written;
    *info.lists[0].name = 0;
    *info.sources[0] = 0;
    write_all(&info, maker_of(make_wordless, 2), 1 << 20, &written);
    cr_assert(json_valid(text_of(&written, "report.vics.json")) && json_valid(text_of(&written, "report.case.jsonld")));
    written_free(&written);
    case_info_clear(&info);
}

/** A content that collides: another SHA-256, the same MD5. */
static void make_collision(unsigned i, struct item *item)
{
    item->where = host_file(i ? "b" : "a");
    item->size = 5;
    set_digests(item, i);
    memset(item->digests.md5, 7, 16);
    add_match(item, HASH_MD5, 0, 1, "zeta.txt", i ? "2" : "1", "");
}

Test(export, two_contents_of_one_md5_are_one_row_of_the_hash_database)
{
    struct case_info info = info_make(sources, 1);
    struct folder folder = folder_make();
    struct maker maker = maker_of(make_collision, 2);
    struct report_totals totals;
    cr_assert_eq(report_write(folder.fd, &info, &whole, REPORT_KDB, &maker.source, &totals), 0);
    cr_assert_eq(totals.findings, 2);
    char path[128];
    static const int counts[] = {1, 2, 2, 0};
    sqlite3 *handle;
    sqlite3_stmt *row;
    snprintf(path, sizeof(path), "%s/hits-exact.kdb", folder.name);
    cr_assert_eq(sqlite3_open(path, &handle), SQLITE_OK);
    cr_assert_eq(sqlite3_prepare_v2(handle,
                                    "SELECT (SELECT count(*) FROM hashes), (SELECT count(*) FROM file_names), "
                                    "(SELECT count(*) FROM comments), (SELECT count(*) FROM file_names WHERE hash_id "
                                    "NOT IN (SELECT id FROM hashes))",
                                    -1, &row, NULL),
                 SQLITE_OK);
    cr_assert_eq(sqlite3_step(row), SQLITE_ROW);
    for (int i = 0; i < 4; i++)
        cr_assert_eq(sqlite3_column_int(row, i), counts[i], "%d", i);
    sqlite3_finalize(row);
    sqlite3_close(handle);
    unlinkat(folder.fd, "hits-exact.kdb", 0);
    unlinkat(folder.fd, "hits-near.kdb", 0);
    folder_remove(&folder);
    case_info_clear(&info);
}

Test(export, a_full_disk_is_an_error_of_the_database)
{
    struct output out = {.dirfd = AT_FDCWD, .name = "x", .fd = open("/dev/full", O_RDWR)};
    struct folder folder = folder_make();
    cr_assert_geq(out.fd, 0);
    out.dirfd = folder.fd;
    struct database *database = database_open(&out);
    database_run(database, "CREATE TABLE t (a)");
    for (int i = 0; i < 100 && !database_error(database); i++)
        database_run(database, "INSERT INTO t VALUES (randomblob(1000000))");
    database_finish(database);
    cr_assert_eq(database_error(database), -ENOSPC, "%d", database_error(database));
    database_run(database, "SELECT 1"); /* nothing happens */
    database_close(database);
    close(out.fd);
    folder_remove(&folder);
}

Test(export, places_are_taken_apart_at_their_last_name)
{
    static const struct {
        const char *host, *inner, *folder, *name, *parent_folder, *parent_name;
    } cases[] = {
        {"a", NULL, "", "a", "", ""},
        {"ev/x/a.jpg", NULL, "ev/x/", "a.jpg", "", ""},
        {"ev/a.zip", "b.jpg", "ev/a.zip!/", "b.jpg", "ev/", "a.zip"},
        {"ev/a.zip", "d/e/b.jpg", "ev/a.zip!/d/e/", "b.jpg", "ev/", "a.zip"},
        {"ev/a.zip", "dir/", "ev/a.zip!/", "dir/", "ev/", "a.zip"},
        {"ev/a.zip", "", "ev/a.zip!/", "", "ev/", "a.zip"},
        {"a.zip", "/b", "a.zip!//", "b", "", "a.zip"},
        {"a.zip", "!/b", "a.zip!/!/", "b", "", "a.zip"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct where *where = host_file(cases[i].host);
        struct place_words words;
        if (cases[i].inner)
            where = member(where, "zip", cases[i].inner, strlen(cases[i].inner), 0);
        place_words(where, &words);
        const char *path = buf_str(&words.path), *parent = buf_str(&words.parent);
        cr_assert_str_eq(path + words.name, cases[i].name, "%zu: %s", i, path + words.name);
        cr_assert_eq(strlen(cases[i].folder), words.name, "%zu", i);
        cr_assert_eq(strncmp(path, cases[i].folder, words.name), 0, "%zu", i);
        cr_assert_str_eq(parent + words.parent_name, cases[i].parent_name, "%zu", i);
        cr_assert_eq(strncmp(parent, cases[i].parent_folder, words.parent_name), 0, "%zu", i);
        cr_assert_str_eq(buf_str(&words.source), cases[i].host);
        place_words_free(&words);
        where_unref(where);
    }
}

Test(export, an_identifier_hangs_on_what_it_is_of)
{
    struct buf a = {0}, b = {0}, c = {0};
    uuid_of("one", "xy", 2, &a);
    uuid_of("one", "xy", 2, &b);
    uuid_of("onex", "y", 1, &c);
    cr_assert_str_eq(buf_str(&a), buf_str(&b));
    cr_assert_str_neq(buf_str(&a), buf_str(&c));
    cr_assert_eq(a.len, 36);
    cr_assert_eq(a.data[14], '8', "version 8");
    cr_assert(strchr("89ab", a.data[19]), "variant");
    buf_free(&a);
    buf_free(&b);
    buf_free(&c);
}

Test(export, a_link_or_a_folder_is_no_report)
{
    struct folder folder = folder_make();
    cr_assert_eq(report_present(folder.fd), 0);
    cr_assert_eq(symlinkat("/etc/passwd", folder.fd, "report.csv"), 0);
    cr_assert_eq(mkdirat(folder.fd, "case.sqlite", 0700), 0);
    cr_assert_eq(report_present(folder.fd), 0);
    close(openat(folder.fd, "hits-near.kdb", O_CREAT | O_WRONLY, 0600));
    cr_assert_eq(report_present(folder.fd), REPORT_KDB, "the second file of a format counts as well");
    unlinkat(folder.fd, "hits-near.kdb", 0);
    unlinkat(folder.fd, "case.sqlite", AT_REMOVEDIR);
    folder_remove(&folder);
}
