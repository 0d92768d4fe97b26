/* Readers with libraries of their own: what they deliver of documents made here, and that they survive changed ones. */
#include <criterion/criterion.h>

#include "../source/record.h"
#include "documents.h"
#ifdef HAVE_OLE
#include "ole_file.h"
#endif
#ifdef HAVE_SQLITE
#include <sqlite3.h>
#endif

static struct record read_as(const struct buf *bytes, enum file_type type)
{
    struct record record = record_new();
    cr_assert_eq(sniff(bytes->data, bytes->len, bytes->len), type);
    unpack_warm_up();
    record_bytes(&record, bytes->data, bytes->len, type);
    cr_assert_null(record.broken, "%s", record.broken);
    return record;
}

static void check_member(const struct record *record, const char *name, const struct buf *bytes)
{
    for (size_t i = 0; i < record->n; i++)
        if (!strcmp((char *)record->members[i].name, name)) {
            cr_assert(member_is(&record->members[i], name, bytes->data, bytes->len), "%s: %zu bytes", name,
                      record->members[i].n);
            cr_assert_eq(record->members[i].status, TRAWL_OK);
            return;
        }
    cr_assert(false, "no member is called %s; the first of %zu is %s", name, record->n,
              record->n ? (char *)record->members[0].name : "");
}

/** Bytes changed and cut: whatever is told, the sink's rules hold. */
static void read_changed(struct buf *bytes, enum file_type type, unsigned times)
{
    uint64_t random = 1;
    size_t whole = bytes->len;
    for (unsigned i = 0; i < times; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        size_t at = (size_t)(random >> 33) % whole;
        uint8_t before = bytes->data[at];
        struct record record = record_new();
        bytes->data[at] = (uint8_t)(random >> 17);
        bytes->len = i % 8 ? whole : at;
        record_bytes(&record, bytes->data, bytes->len, type);
        cr_assert_null(record.broken, "%s", record.broken);
        record_free(&record);
        bytes->data[at] = before;
    }
    bytes->len = whole;
}

#ifdef HAVE_OLE
Test(heavy, thumbs_db)
{
    struct buf picture = picture_bytes(0, 6000), thumbs = make_thumbs(&picture);
    struct record record = read_as(&thumbs, TYPE_OLE);
    cr_assert_eq(record.n, 3);
    check_member(&record, "21/Ferien.bmp", &picture);
    check_member(&record, "9.jpg", &picture);
    check_member(&record, "256_0123456789abcdef.jpg", &picture);
    cr_assert_eq(record.end.status, TRAWL_OK);
    record_free(&record);
    read_changed(&thumbs, TYPE_OLE, 400);
    buf_free(&thumbs);
    buf_free(&picture);
}

Test(heavy, office_before_2007)
{
    struct buf a = picture_bytes(0, 1700), b = picture_bytes(1, 900), office = make_office(&a, &b);
    struct record record = read_as(&office, TYPE_OLE);
    cr_assert_eq(record.n, 5);
    check_member(&record, "Pictures/1.jpg", &a);
    check_member(&record, "Pictures/2.png", &b);
    check_member(&record, "Workbook/1.jpg", &a);
    check_member(&record, "ObjectPool/holiday.jpg", &b);
    check_member(&record, "__attach_version1.0_#00000000/long name.jpg", &a);
    record_free(&record);
    read_changed(&office, TYPE_OLE, 400);
    buf_free(&office);
    buf_free(&a);
    buf_free(&b);
}

Test(heavy, encrypted_office)
{
    GsfOutput *memory;
    GsfOutfile *root = ole_new(&memory);
    struct buf stream = {0};
    put_zeros(&stream, 64);
    ole_put(root, "EncryptedPackage", &stream);
    struct buf file = ole_close(root, memory);
    struct record record = read_as(&file, TYPE_OLE);
    cr_assert_eq(record.end.status, TRAWL_ENCRYPTED);
    record_free(&record);
    buf_free(&file);
    buf_free(&stream);
}
#endif

#ifdef HAVE_PDF
Test(heavy, pdf)
{
    struct buf jpeg = picture_bytes(0, 800), pdf = make_pdf(&jpeg);
    struct record record = read_as(&pdf, TYPE_PDF);
    cr_assert_eq(record.n, 3);
    check_member(&record, "obj4.jpg", &jpeg);
    check_member(&record, "obj5.jpg", &jpeg);
    /* Samples 0 1, 0 0 / 2 3, 0 0: black, red; green, blue; as BMP has them. */
    const struct record_member *bmp = &record.members[2];
    static const uint8_t pixels[16] = {0, 0, 0, 0, 0, 255, 0, 0, 0, 255, 0, 255, 0, 0, 0, 0};
    cr_assert_str_eq((char *)bmp->name, "obj6.bmp");
    cr_assert_eq(bmp->n, 54 + 16);
    cr_assert_arr_eq(bmp->data + 54, pixels, 16);
    cr_assert_str_eq(bmp->detail, "rendered out of the PDF's samples: its digests are those of no stored file");
    cr_assert_eq(record.end.status, TRAWL_OK);
    record_free(&record);
    /* Without its table of objects it is read all the same; what stands behind its end is a member. */
    buf_puts(&pdf, "\n");
    buf_put(&pdf, jpeg.data, jpeg.len);
    memcpy(memmem(pdf.data, pdf.len, "startxref", 9), "startxrex", 9);
    record = read_as(&pdf, TYPE_PDF);
    check_member(&record, "obj4.jpg", &jpeg);
    check_member(&record, "$behind", &jpeg);
    record_free(&record);
    read_changed(&pdf, TYPE_PDF, 300);
    buf_free(&pdf);
    buf_free(&jpeg);
}
#endif

#ifdef HAVE_SQLITE
/** A store with a picture, a key, a picture in a text, a view and a trigger that must not run. */
static struct buf make_database(const struct buf *picture)
{
    static const char schema[] =
        "CREATE TABLE msg(id INTEGER PRIMARY KEY, pic BLOB, key BLOB, body TEXT);"
        "CREATE TABLE \"od\"\"d\"(v BLOB PRIMARY KEY) WITHOUT ROWID;"
        "CREATE VIEW v AS SELECT zeroblob(1000000000) AS b FROM msg;"
        "CREATE TABLE gen(a BLOB, b BLOB GENERATED ALWAYS AS (zeroblob(1000000000)) VIRTUAL);";
    sqlite3 *db;
    sqlite3_stmt *row;
    struct buf bytes = {0}, text = {0};
    sqlite3_int64 n;
    buf_puts(&text, "url(data:image/jpeg;base64,");
    put_base64(&text, picture->data, picture->len);
    buf_puts(&text, ")");
    cr_assert_eq(sqlite3_open(":memory:", &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db, schema, NULL, NULL, NULL), SQLITE_OK, "%s", sqlite3_errmsg(db));
    for (int i = 0; i < 3; i++) {
        static const char *const inserts[] = {"INSERT INTO msg VALUES(7, ?1, x'00112233', ?2)",
                                              "INSERT INTO \"od\"\"d\" VALUES(?1)", "INSERT INTO gen(a) VALUES(?1)"};
        cr_assert_eq(sqlite3_prepare_v2(db, inserts[i], -1, &row, NULL), SQLITE_OK);
        sqlite3_bind_blob(row, 1, picture->data, (int)picture->len, SQLITE_STATIC);
        if (!i)
            sqlite3_bind_text(row, 2, (const char *)text.data, (int)text.len, SQLITE_STATIC);
        cr_assert_eq(sqlite3_step(row), SQLITE_DONE);
        sqlite3_finalize(row);
    }
    unsigned char *image = sqlite3_serialize(db, "main", &n, 0);
    buf_put(&bytes, image, (size_t)n);
    sqlite3_free(image);
    sqlite3_close(db);
    buf_free(&text);
    return bytes;
}

Test(heavy, sqlite)
{
    unpack_warm_up();
    struct buf picture = picture_bytes(0, 5000), base = make_database(&picture);
    struct record record = read_as(&base, TYPE_SQLITE);
    check_member(&record, "msg/pic/7.jpg", &picture);
    check_member(&record, "od\"d/v/0.jpg", &picture);
    check_member(&record, "gen/a/1.jpg", &picture);
    cr_assert_str_eq((char *)record.members[1].name, "msg/body/7.txt");
    cr_assert_eq(record.n, 4);
    record_free(&record);
    /* Cut off: what is there is delivered. */
    size_t whole = base.len;
    base.len -= 4096;
    record = read_as(&base, TYPE_SQLITE);
    check_member(&record, "msg/pic/7.jpg", &picture);
    record_free(&record);
    base.len = whole;
    read_changed(&base, TYPE_SQLITE, 400);
    buf_free(&base);
    buf_free(&picture);
}
#endif

#ifdef HAVE_MAIL
Test(heavy, mail)
{
    struct buf picture = picture_bytes(0, 3000), mail = {0}, box = {0}, hello = {0}, outer = {0};
    buf_puts(&hello, "hello");
    put_mail(&mail, &picture);
    struct record record = read_as(&mail, TYPE_EML);
    cr_assert_eq(record.n, 2);
    check_member(&record, "part1.txt", &hello);
    check_member(&record, "a b.jpg", &picture);
    record_free(&record);
    read_changed(&mail, TYPE_EML, 300);
    /* In a folder, behind another one, and inside of a message. */
    buf_puts(&outer, "From: a@b.org\nTo: c@d.org\nSubject: s\nDate: Thu, 1 Jan 2004 00:00:00 +0000\nContent-Type: "
                     "message/rfc822\n\n");
    buf_put(&outer, mail.data, mail.len);
    for (int i = 0; i < 2; i++) {
        buf_puts(&box, "From a@b.org Thu Jan  1 00:00:00 2004\n");
        buf_put(&box, (i ? outer : mail).data, (i ? outer : mail).len);
        buf_puts(&box, "\n");
    }
    record = read_as(&box, TYPE_MBOX);
    cr_assert_eq(record.n, 4);
    check_member(&record, "1/a b.jpg", &picture);
    check_member(&record, "2/a b.jpg", &picture);
    record_free(&record);
    read_changed(&box, TYPE_MBOX, 200);
    buf_free(&outer);
    buf_free(&box);
    buf_free(&mail);
    buf_free(&hello);
    buf_free(&picture);
}

Test(heavy, uuencoded_mail)
{
    struct buf picture = picture_bytes(0, 400), mail = {0};
    buf_puts(&mail, "From: a@b.org\nTo: c@d.org\nSubject: s\nDate: Thu, 1 Jan 2004 00:00:00 +0000\n\nsee\n");
    put_uu(&mail, &picture);
    struct record record = read_as(&mail, TYPE_EML);
    cr_assert_eq(record.n, 2);
    check_member(&record, "u.jpg", &picture);
    record_free(&record);
    buf_free(&mail);
    buf_free(&picture);
}
#endif

#ifdef HAVE_PST
/** No store is so small that one could be made here: headers of all kinds, with nothing behind them. */
Test(heavy, pst_that_is_none)
{
    struct buf store = {0};
    buf_put(&store, "!BDN\0\0\0\0SM\x17\0\x13\0\1\1", 16);
    put_zeros(&store, 4096);
    struct record record = read_as(&store, TYPE_PST);
    cr_assert_eq(record.n, 0);
    cr_assert_eq(record.end.status, TRAWL_DAMAGED);
    record_free(&record);
    read_changed(&store, TYPE_PST, 100);
    buf_free(&store);
}
#endif
