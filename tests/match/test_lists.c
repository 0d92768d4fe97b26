/* test_lists.c: what each kind of list gives, and what each kind of trouble is called. */
#include "match/hashset.h"
#include "match/rows.h"
#include "match_test.h"

#define ASSERT_FOUND(set, type, hex, want) cr_assert_str_eq(found(set, type, hex), want)

static const struct list_info *info(const struct loaded *loaded)
{
    cr_assert_eq(loaded->result, 0, "%s", loaded->why);
    return hashset_list(loaded->set, 0);
}

static bool says(const char *text, const char *part)
{
    return strstr(text, part) != NULL;
}

Test(match_lists, lines)
{
    struct loaded loaded = load_text("\xef\xbb\xbf# a list\r\n"
                                     "\r\n" MD5_A " first label\r\n"
                                     "MD5 FEDCBA9876543210FEDCBA9876543210\r\n"
                                     "sha1 " SHA1_A "\ttabbed\r\n"
                                     "pdq " PDQ_A " a picture\r\n" SHA256_A "  dir/file name\r\n"
                                     "\\" MD5_B "  new\\nline\\\\\r\n"
                                     "SHA256 (bsd) = ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100",
                                     HASH_UNKNOWN);
    const struct list_info *list = info(&loaded);
    cr_assert_str_eq(list->name, "x.list");
    cr_assert_str_eq(list->format, "lines");
    cr_assert_eq(list->entries[HASH_MD5], 2u);
    cr_assert_eq(list->entries[HASH_SHA1], 1u);
    cr_assert_eq(list->entries[HASH_SHA256], 2u);
    cr_assert_eq(list->entries[HASH_PDQ], 1u);
    cr_assert_eq(list->duplicates, 1u);
    cr_assert_eq(list->bad_rows, 0u);
    cr_assert_str_eq(loaded.log, "");
    ASSERT_FOUND(loaded.set, HASH_MD5, MD5_A, "3:first label:9");
    ASSERT_FOUND(loaded.set, HASH_MD5, MD5_B, "4::9 8:new\\x0aline\\x5c:9");
    ASSERT_FOUND(loaded.set, HASH_SHA1, SHA1_A, "5:tabbed:9");
    ASSERT_FOUND(loaded.set, HASH_PDQ, PDQ_A, "6:a picture:9");
    ASSERT_FOUND(loaded.set, HASH_SHA256, SHA256_A, "7:dir/file name:9");
    ASSERT_FOUND(loaded.set, HASH_SHA256, PDQ_A, "");
    cr_assert(hashset_has_pdq(loaded.set));
    loaded_free(&loaded);
}

Test(match_lists, sha256_is_of_the_bytes)
{
    struct loaded loaded = load_text("md5 " MD5_A "\n", HASH_UNKNOWN);
    struct digests digests;
    digest_buffer("md5 " MD5_A "\n", 37, &digests);
    cr_assert_arr_eq(info(&loaded)->sha256, digests.sha256, 32);
    loaded_free(&loaded);
}

/** 64 digits may be SHA-256 or PDQ. One such line without --type fails the list, wherever it stands, and names --type.
 */
Test(match_lists, ambiguous_lines_fail_the_list)
{
    static const char *const lists[] = {
        SHA256_A "\n",          "md5 " MD5_A "\n" SHA256_A,
        SHA256_A " label\n",    SHA256_A "\tlabel\n",
        SHA256_A ",label\n",    SHA256_A "  \n",
        "hash\n" SHA256_A "\n", "type,hash\nsha256," SHA256_A "\n," PDQ_A "\n",
    };
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        struct loaded loaded = load_text(lists[i], HASH_UNKNOWN);
        cr_assert_eq(loaded.result, -1, "list %zu", i);
        cr_assert(says(loaded.why, "x.list:") && says(loaded.why, "--type"), "%s", loaded.why);
        cr_assert_eq(hashset_lists(loaded.set), 0u);
        ASSERT_FOUND(loaded.set, HASH_SHA256, SHA256_A, "");
        loaded_free(&loaded);
        loaded = load_text(lists[i], HASH_MD5);
        cr_assert_eq(loaded.result, -1, "list %zu", i);
        loaded_free(&loaded);
    }
}

Test(match_lists, the_type_option_settles_it)
{
    struct loaded loaded = load_text(PDQ_A "\n" SHA256_A "  name\n", HASH_PDQ);
    cr_assert_eq(info(&loaded)->entries[HASH_PDQ], 2u);
    ASSERT_FOUND(loaded.set, HASH_PDQ, SHA256_A, "2:name:9");
    loaded_free(&loaded);
    loaded = load_text(PDQ_A ",57,name\n", HASH_SHA256);
    cr_assert_eq(info(&loaded)->entries[HASH_SHA256], 1u);
    ASSERT_FOUND(loaded.set, HASH_SHA256, PDQ_A, "1:57,name:9");
    loaded_free(&loaded);
    loaded = load_text("md5 " MD5_A "\n" PDQ_A "\n", HASH_PDQ);
    cr_assert_eq(info(&loaded)->entries[HASH_PDQ] + info(&loaded)->entries[HASH_MD5], 2u);
    loaded_free(&loaded);
}

/** With --type, a shorter bare line is a cut hash, unless the whole list is of another length. */
Test(match_lists, the_type_option_and_other_lengths)
{
    struct loaded loaded = load_text(SHA1_A "\n" MD5_A "\n", HASH_SHA1);
    cr_assert_eq(info(&loaded)->bad_rows, 1u);
    cr_assert_eq(info(&loaded)->entries[HASH_MD5], 0u);
    cr_assert(says(loaded.log, ":2: 32 hex digits"), "%s", loaded.log);
    loaded_free(&loaded);
    loaded = load_text(MD5_A "\n" MD5_B "\n", HASH_PDQ);
    cr_assert_eq(info(&loaded)->entries[HASH_MD5], 2u);
    cr_assert_eq(info(&loaded)->bad_rows, 0u);
    cr_assert(says(loaded.log, "--type pdq"), "%s", loaded.log);
    loaded_free(&loaded);
}

Test(match_lists, pdq_tools)
{
    struct loaded loaded =
        load_text(PDQ_A ",87,dir/a.jpg\n"
                        "0000000000000000000000000000000000000000000000000000000000000000,100,failed.jpg\n"
                        "00f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22,49,flat.jpg\n",
                  HASH_UNKNOWN);
    cr_assert_eq(info(&loaded)->entries[HASH_PDQ], 3u);
    ASSERT_FOUND(loaded.set, HASH_PDQ, PDQ_A, "1:dir/a.jpg:9");
    ASSERT_FOUND(loaded.set, HASH_PDQ, "0000000000000000000000000000000000000000000000000000000000000000",
                 "2:failed.jpg:9");
    cr_assert_eq(loaded.set->lists[0].weak, 2u);
    cr_assert(says(loaded.log, "2 PDQ entries"), "%s", loaded.log);
    loaded_free(&loaded);
}

Test(match_lists, bad_rows_are_counted_and_shown)
{
    struct loaded loaded = load_text("md5 " MD5_A "\n"
                                     "0123456789abcdef0123456789abcde\n"
                                     "md5 0123456789abcdef0123456789abcde\n"
                                     "md5 0123456789abcdefg123456789abcdef\n"
                                     "sha512 " SHA256_A SHA256_A "\n"
                                     "what \x1b[2J\xff is this\n" MD5_A "," SHA1_A "\n"
                                     "%%%% size,md5,filename\n",
                                     HASH_UNKNOWN);
    cr_assert_eq(info(&loaded)->bad_rows, 7u);
    cr_assert_eq(info(&loaded)->entries[HASH_MD5], 1u);
    for (int line = 2; line <= 8; line++) {
        char want[32];
        snprintf(want, sizeof(want), "x.list:%d: ", line);
        cr_assert(says(loaded.log, want), "%s", loaded.log);
    }
    cr_assert(says(loaded.log, "31 hex digits") && says(loaded.log, "\\x1b[2J\\xff") && !strchr(loaded.log, '\x1b'));
    loaded_free(&loaded);
}

Test(match_lists, only_the_first_bad_rows_are_shown)
{
    struct buf text = {0};
    buf_puts(&text, MD5_A "\n");
    for (int i = 0; i < 35; i++)
        buf_puts(&text, "bad\n");
    struct loaded loaded = load_bytes(text.data, text.len, HASH_UNKNOWN);
    cr_assert_eq(info(&loaded)->bad_rows, 35u);
    size_t lines = 0;
    for (const char *p = loaded.log; (p = strchr(p, '\n')); p++)
        lines++;
    cr_assert_eq(lines, 21u);
    cr_assert(says(loaded.log, ":21: ") && !says(loaded.log, ":22: ") && says(loaded.log, "... and 15 more\n"));
    loaded_free(&loaded);
    buf_free(&text);
}

Test(match_lists, lists_without_a_hash_fail)
{
    static const struct {
        const char *text, *why;
        size_t n;
    } cases[] = {
        {"bad\nworse\n", "none of its rows is a hash (2 bad)", 10},
        {"# only a comment\n\n", "there is no hash in it", 18},
        {"", "is empty", 0},
        {"\xff\xfem\0d\0", "UTF-16", 6},
        {"{\"a\":1}", "JSON", 7},
        {"\x1f\x8b\x08", "gzip", 3},
        {"SQLite format 3\0", "SQLite", 16},
        {"md5,label\n", "there is no hash in it", 10},
        {"md5,label\nxyz,abc\n", "none of its rows", 18},
        {"%%%% HASHDEEP-1.0\n%%%% size,md5,filename\n## x\n", "there is no hash in it", 46},
        {"%%%% HASHDEEP-1.0\n%%%% size,tiger,filename\n1,2,3\n", "none of the columns", 49},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct loaded loaded = load_bytes(cases[i].text, cases[i].n, HASH_UNKNOWN);
        cr_assert_eq(loaded.result, -1, "case %zu", i);
        cr_assert(says(loaded.why, cases[i].why) && says(loaded.why, "x.list"), "%zu: %s", i, loaded.why);
        cr_assert_eq(hashset_lists(loaded.set), 0u);
        loaded_free(&loaded);
    }
}

Test(match_lists, long_lines_and_nul_bytes)
{
    struct buf text = {0};
    buf_puts(&text, "md5 " MD5_A " ");
    memset(buf_reserve(&text, 1 << 20), 'x', 1 << 20);
    text.len += 1 << 20;
    buf_puts(&text, "\nmd5 " MD5_B "\n");
    buf_put(&text, "sha1 " SHA1_A " a\0b\n", 50);
    memset(buf_reserve(&text, 70000), 'a', 70000);
    text.len += 70000;
    struct loaded loaded = load_bytes(text.data, text.len, HASH_UNKNOWN);
    cr_assert_eq(info(&loaded)->bad_rows, 3u);
    cr_assert_eq(info(&loaded)->entries[HASH_MD5], 1u);
    ASSERT_FOUND(loaded.set, HASH_MD5, MD5_B, "2::9");
    cr_assert(says(loaded.log, ":1: longer than 65536") && says(loaded.log, ":3: it holds NUL") &&
                  says(loaded.log, ":4: longer"),
              "%s", loaded.log);
    loaded_free(&loaded);
    buf_free(&text);
}

/** Rows around the limits of length and of the reader's buffer, each with a right line after it. */
Test(match_lists, rows_of_every_length)
{
    static const size_t lengths[] = {ROW_MAX - 1,     ROW_MAX,     ROW_MAX + 1,    ROW_MAX + 2,
                                     4 * ROW_MAX - 1, 4 * ROW_MAX, 4 * ROW_MAX + 1};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
        for (int crlf = 0; crlf < 2; crlf++) {
            struct buf text = {0};
            buf_puts(&text, "md5 " MD5_A " ");
            memset(buf_reserve(&text, lengths[i]), 'x', lengths[i]);
            text.len = lengths[i];
            buf_puts(&text, crlf ? "\r\n" : "\n");
            buf_puts(&text, "md5 " MD5_B);
            struct loaded loaded = load_bytes(text.data, text.len, HASH_UNKNOWN);
            cr_assert_eq(info(&loaded)->bad_rows, lengths[i] > ROW_MAX ? 1u : 0u, "length %zu", lengths[i]);
            ASSERT_FOUND(loaded.set, HASH_MD5, MD5_B, "2::9");
            loaded_free(&loaded);
            buf_free(&text);
        }
}

Test(match_lists, hashdeep)
{
    struct loaded loaded = load_text("%%%% HASHDEEP-1.0\n"
                                     "%%%% size,md5,sha1,tiger,sha256,filename\n"
                                     "## Invoked from: /\n"
                                     "##\n"
                                     "12720," MD5_A "," SHA1_A ",0," SHA256_A ",/path,with,commas\n"
                                     "x," MD5_B "," SHA1_A ",0," SHA256_A ",/bad/size\n"
                                     "1," MD5_B "\n"
                                     "2,zz," SHA1_A ",0,yy,/half\n",
                                     HASH_UNKNOWN);
    cr_assert_str_eq(info(&loaded)->format, "hashdeep");
    cr_assert_eq(info(&loaded)->entries[HASH_MD5], 1u);
    cr_assert_eq(info(&loaded)->bad_rows, 3u);
    ASSERT_FOUND(loaded.set, HASH_MD5, MD5_A, "5:/path,with,commas:9");
    ASSERT_FOUND(loaded.set, HASH_SHA256, SHA256_A, "5:/path,with,commas:9");
    ASSERT_FOUND(loaded.set, HASH_SHA1, SHA1_A, "5:/path,with,commas:9 8:/half:9");
    loaded_free(&loaded);
}

Test(match_lists, hashdeep_columns_may_change)
{
    struct loaded loaded = load_text("%%%% HASHDEEP-1.0\r\n%%%% size,md5,filename\r\n1," MD5_A ",a\r\n"
                                     "%%%% HASHDEEP-1.0\r\n%%%% size,sha1,filename\r\n1," SHA1_A ",b\r\n",
                                     HASH_UNKNOWN);
    ASSERT_FOUND(loaded.set, HASH_MD5, MD5_A, "3:a:9");
    ASSERT_FOUND(loaded.set, HASH_SHA1, SHA1_A, "6:b:9");
    cr_assert_eq(info(&loaded)->bad_rows, 0u);
    loaded_free(&loaded);
}

Test(match_lists, csv)
{
    struct loaded loaded = load_text(
        "\xef\xbb\xbf\"SHA-1\",\"MD5\",\"FileName\",\"id\",\"Category\",\"Tags\",\"severity\"\r\n"
        "\"" SHA1_A "\",\"0123456789ABCDEF0123456789ABCDEF\",\"a,\"\"b\"\".jpg\",\"ID-7\",\"A1\",\"x y\",\"1\"\r\n"
        ",\"" MD5_B "\",\"line\r\nbreak\",,,,\r\n"
        "," MD5_A ",,ID-9,,,11\r\n"
        "NULL,,,ID-10,,,2\r\n"
        "zz," SHA1_A ",,ID-11,,,\r\n",
        HASH_UNKNOWN);
    cr_assert_str_eq(info(&loaded)->format, "csv");
    ASSERT_FOUND(loaded.set, HASH_SHA1, SHA1_A, "ID-7:A1, x y:1");
    ASSERT_FOUND(loaded.set, HASH_MD5, MD5_A, "ID-7:A1, x y:1 ID-9::9");
    ASSERT_FOUND(loaded.set, HASH_MD5, MD5_B, "3::9");
    cr_assert_eq(info(&loaded)->bad_rows, 3u, "%s", loaded.log);
    cr_assert(says(loaded.log, ":5: severity") && says(loaded.log, ":6: no hash in any") &&
                  says(loaded.log, ":7: no sha1"),
              "%s", loaded.log);
    loaded_free(&loaded);
}

Test(match_lists, csv_separators_and_types)
{
    struct loaded loaded =
        load_text("MD5;SHA1;PhotoDNA;Image ID;Baseline\n" MD5_A ";" SHA1_A ";;77;true\n", HASH_UNKNOWN);
    ASSERT_FOUND(loaded.set, HASH_SHA1, SHA1_A, "77:baseline illegal everywhere:1");
    loaded_free(&loaded);
    loaded = load_text("signal_type,signal_str,collab,category,tags\npdq," PDQ_A ",Sample,POSITIVE_CLASS,a b\n"
                       "video_md5," MD5_A ",Sample,,\nvpdq,xx,Sample,,\n",
                       HASH_UNKNOWN);
    ASSERT_FOUND(loaded.set, HASH_PDQ, PDQ_A, "2:POSITIVE_CLASS, Sample, a b:2");
    ASSERT_FOUND(loaded.set, HASH_MD5, MD5_A, "3:Sample:9");
    cr_assert_eq(info(&loaded)->bad_rows, 1u);
    loaded_free(&loaded);
    loaded = load_text("# made by hand\nlabel\tpdq hash\nfirst\t" PDQ_A "\n", HASH_UNKNOWN);
    ASSERT_FOUND(loaded.set, HASH_PDQ, PDQ_A, "3:first:9");
    loaded_free(&loaded);
    loaded = load_text("MD5\r\n0123456789ABCDEF0123456789ABCDEF\r\n", HASH_UNKNOWN);
    cr_assert_str_eq(info(&loaded)->format, "csv");
    ASSERT_FOUND(loaded.set, HASH_MD5, MD5_A, "2::9");
    loaded_free(&loaded);
    loaded = load_text("sha256,value,type\n" SHA256_A ",12.5,jpg\n", HASH_UNKNOWN);
    cr_assert_eq(info(&loaded)->bad_rows, 0u);
    ASSERT_FOUND(loaded.set, HASH_SHA256, SHA256_A, "2::9");
    loaded_free(&loaded);
}

Test(match_lists, csv_quotes_that_nobody_closes)
{
    struct loaded loaded =
        load_text("md5,label\n" MD5_A ",\"open\n" MD5_B ",good\n\"" MD5_B "\"x,stray\n", HASH_UNKNOWN);
    cr_assert_eq(info(&loaded)->bad_rows, 2u, "%s", loaded.log);
    ASSERT_FOUND(loaded.set, HASH_MD5, MD5_A, "");
    ASSERT_FOUND(loaded.set, HASH_MD5, MD5_B, "3:good:9");
    loaded_free(&loaded);
}

Test(match_lists, csv_comments_and_shifted_columns)
{
    struct loaded loaded = load_text(
        "path,md5\n#1.jpg," MD5_A "\n# a comment, with a comma\n\n,\na,b," MD5_B "\nx," MD5_B ",\n", HASH_UNKNOWN);
    ASSERT_FOUND(loaded.set, HASH_MD5, MD5_A, "2::9");
    ASSERT_FOUND(loaded.set, HASH_MD5, MD5_B, "7::9");
    cr_assert_eq(info(&loaded)->bad_rows, 1u, "%s", loaded.log);
    cr_assert(says(loaded.log, ":6: 3 fields, but the header has 2"), "%s", loaded.log);
    loaded_free(&loaded);
}

/** Labels, IDs and names are shown to people: nothing in them may forge a line, hide or run. */
Test(match_lists, hostile_texts_are_escaped)
{
    struct loaded loaded =
        load_text("md5,id,label\n" MD5_A ",\"i\x1b]0;x\a\",\"a\nb\xe2\x80\xae\xff\\\"\n", HASH_UNKNOWN);
    ASSERT_FOUND(loaded.set, HASH_MD5, MD5_A, "i\\x1b]0;x\\x07:a\\x0ab\\xe2\\x80\\xae\\xff\\x5c:9");
    loaded_free(&loaded);
}

Test(match_lists, files_that_are_not_taken)
{
    static const char *const names[] = {"a.list", NULL};
    char *folder = folder_new(), *path = path_in(folder, names[0]), *absent = path_in(folder, "absent");
    write_bytes(path, MD5_A "\n", 33);
    static const mode_t refused[] = {0666, 0620, 0602, 0622};
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        cr_assert_eq(chmod(path, refused[i]), 0);
        struct loaded loaded = load_path(path, HASH_UNKNOWN);
        cr_assert_eq(loaded.result, -1);
        cr_assert(says(loaded.why, "chmod go-w"), "%s", loaded.why);
        loaded_free(&loaded);
    }
    cr_assert_eq(chmod(path, 0644), 0);
    struct loaded loaded = load_path(path, HASH_UNKNOWN);
    cr_assert_eq(loaded.result, 0, "%s", loaded.why);
    loaded_free(&loaded);
    if (geteuid() == 0 && chown(path, 12345, 0) == 0) {
        loaded = load_path(path, HASH_UNKNOWN);
        cr_assert(loaded.result == -1 && says(loaded.why, "another user"), "%s", loaded.why);
        loaded_free(&loaded);
    }
    loaded = load_path(folder, HASH_UNKNOWN);
    cr_assert(loaded.result == -1 && says(loaded.why, "folder"), "%s", loaded.why);
    loaded_free(&loaded);
    loaded = load_path(absent, HASH_UNKNOWN);
    cr_assert(loaded.result == -1 && says(loaded.why, "cannot be read"), "%s", loaded.why);
    loaded_free(&loaded);
    free(path);
    free(absent);
    folder_remove(folder, names);
}

/** A list that fails half-way leaves nothing behind, and what was loaded before it stays. */
Test(match_lists, a_failed_list_leaves_nothing)
{
    static const char *const names[] = {"good", "bad", "last", NULL};
    char *folder = folder_new(), why[256];
    struct hashset *set = hashset_new();
    char *paths[3];
    for (int i = 0; i < 3; i++)
        paths[i] = path_in(folder, names[i]);
    write_bytes(paths[0], MD5_A " a\n", 35);
    write_bytes(paths[1], MD5_A " b\n" MD5_B " c\n" PDQ_A "\n", 135);
    write_bytes(paths[2], MD5_A " d\n", 35);
    cr_assert_eq(hashset_load(set, paths[0], false, HASH_UNKNOWN, NULL, why, sizeof(why)), 0);
    cr_assert_eq(hashset_load(set, paths[1], false, HASH_UNKNOWN, NULL, why, sizeof(why)), -1);
    cr_assert_eq(hashset_load(set, paths[2], false, HASH_UNKNOWN, NULL, why, sizeof(why)), 0);
    hashset_seal(set);
    cr_assert_eq(hashset_lists(set), 2u);
    ASSERT_FOUND(set, HASH_MD5, MD5_A, "1:a:9 1:d:9");
    ASSERT_FOUND(set, HASH_MD5, MD5_B, "");
    hashset_free(set);
    for (int i = 0; i < 3; i++)
        free(paths[i]);
    folder_remove(folder, names);
}

/** A pipe as a list: bytes come in pieces, and nothing can be read twice. */
Test(match_lists, pipes)
{
    int ends[2];
    char path[64];
    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(write(ends[1], "md5," MD5_A "\nmd5 " MD5_B, 73), 73);
    close(ends[1]);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
    struct loaded loaded = load_path(path, HASH_UNKNOWN);
    cr_assert_eq(info(&loaded)->entries[HASH_MD5], 2u);
    loaded_free(&loaded);
    close(ends[0]);
}

/** Lists with bytes changed, cut and doubled at random: whatever they are then, they load or they say why not. */
Test(match_lists, mutated, .timeout = 60)
{
    static const char *const seeds[] = {
        "md5 " MD5_A " a\nsha1 " SHA1_A "\n" SHA256_A "  name\n\\" MD5_B "  a\\nb\nMD5 (x) = " MD5_A "\n" PDQ_A
        ",50,x\n",
        "md5,sha1,pdq,id,category,severity\n" MD5_A "," SHA1_A "," PDQ_A ",1,\"a,\"\"b\"\"\nc\",3\n" MD5_B ",,,,,\n",
        "%%%% HASHDEEP-1.0\n%%%% size,md5,sha256,filename\n## x\n12," MD5_A "," SHA256_A ",a,b\n",
        "signal_type\tsignal_str\ttags\npdq\t" PDQ_A "\tx\nvideo_md5\t" MD5_A "\t\"y\"\n",
    };
    static const char specials[] = "\n\r\t,;\"\\ #%*()=\0\xff";
    uint64_t state = 21;
    size_t good = 0;
    for (int i = 0; i < 1200; i++) {
        struct buf text = {0};
        buf_puts(&text, seeds[i % 4]);
        for (uint64_t edits = random64(&state) % 6; edits; edits--) {
            size_t at = random64(&state) % text.len;
            if (random64(&state) % 4)
                text.data[at] = (uint8_t)specials[random64(&state) % (sizeof(specials) - 1)];
            else
                text.len = at + 1;
        }
        struct loaded loaded = load_bytes(text.data, text.len, i % 8 < 4 ? HASH_UNKNOWN : HASH_PDQ);
        cr_assert((loaded.result == 0) == !loaded.why[0]);
        cr_assert_eq(loaded.result == 0, hashset_lists(loaded.set) == 1);
        good += loaded.result == 0;
        loaded_free(&loaded);
        buf_free(&text);
    }
    cr_assert_gt(good, 300u);
}

/** The published PDQ lists as they are. */
Test(match_lists, shared_csv)
{
    static const char *const names[] = {"fullres-tx.csv", "fullres-rust-darwinium.csv",
                                        "observed-fullres-cpp-libjpegturbo2.1.5.csv"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char *path = path_in("../shared/data/pdq/expected", names[i]);
        if (access(path, R_OK) != 0) {
            fprintf(stderr, "skipped: %s is absent\n", path);
            free(path);
            continue;
        }
        struct loaded loaded = load_path(path, HASH_UNKNOWN);
        cr_assert_eq(info(&loaded)->bad_rows, 0u, "%s", loaded.log);
        cr_assert_gt(info(&loaded)->entries[HASH_PDQ], 5u);
        cr_assert_str_eq(info(&loaded)->format, "csv");
        if (i == 0)
            ASSERT_FOUND(loaded.set, HASH_PDQ, PDQ_A, "2::9");
        loaded_free(&loaded);
        free(path);
    }
}
