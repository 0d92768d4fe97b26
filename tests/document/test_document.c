#include <criterion/criterion.h>

#include "../source/record.h"
#include "document/deliver.h"
#include "document/ole1.h"
#include "document/uu.h"
#include "documents.h"

/** Reads bytes as that type; the record must be freed. */
static struct record read_as(const struct buf *bytes, enum file_type type)
{
    struct record record = record_new();
    record_bytes(&record, bytes->data, bytes->len, type);
    cr_assert_null(record.broken, "%s", record.broken);
    return record;
}

static void check_member(const struct record *record, size_t i, const char *name, const struct buf *bytes)
{
    cr_assert_lt(i, record->n);
    const struct record_member *member = &record->members[i];
    cr_assert(member_is(member, name, bytes->data, bytes->len), "member %zu is %s, %zu bytes", i, (char *)member->name,
              member->n);
    cr_assert_eq(member->status, TRAWL_OK, "%s", member->detail);
}

Test(document, thumbcache_of_every_version)
{
    static const uint32_t versions[] = {20, 21, 28, 30, 31, 32};
    struct buf pictures[3] = {picture_bytes(0, 300), picture_bytes(1, 70000), {0}};
    for (size_t i = 0; i < sizeof(versions) / sizeof(*versions); i++) {
        struct buf cache = make_thumbcache(versions[i], pictures, 3);
        cr_assert_eq(sniff(cache.data, cache.len, cache.len), TYPE_THUMBCACHE);
        struct record record = read_as(&cache, TYPE_THUMBCACHE);
        cr_assert_eq(record.n, 2);
        check_member(&record, 0, "00000000abcdef00.jpg", &pictures[0]);
        check_member(&record, 1, "00000000abcdef01-C:\\x.png", &pictures[1]);
        cr_assert_eq(record.end.status, TRAWL_OK);
        record_free(&record);
        /* A length that is impossible costs that entry. */
        memset(cache.data + 24 + 4, 0, 4);
        record = read_as(&cache, TYPE_THUMBCACHE);
        cr_assert_eq(record.n, 1);
        check_member(&record, 0, "00000000abcdef01-C:\\x.png", &pictures[1]);
        cr_assert_eq(record.end.status, TRAWL_DAMAGED);
        record_free(&record);
        buf_free(&cache);
    }
    buf_free(&pictures[0]);
    buf_free(&pictures[1]);
}

Test(document, thumbdata_slots)
{
    static const uint32_t slots[] = {10000, 17000};
    struct buf jpeg = picture_bytes(0, 3000);
    for (size_t i = 0; i < 2; i++) {
        struct buf data = make_thumbdata(slots[i], &jpeg);
        cr_assert_eq(sniff(data.data, data.len, data.len), TYPE_THUMBDATA);
        struct record record = read_as(&data, TYPE_THUMBDATA);
        cr_assert_eq(record.n, 2);
        check_member(&record, 0, "2.jpg", &jpeg);
        check_member(&record, 1, "4.jpg", &jpeg);
        record_free(&record);
        data.len = slots[i] * 4 + 100;
        record = read_as(&data, TYPE_THUMBDATA);
        cr_assert_eq(record.members[1].status, TRAWL_DAMAGED);
        record_free(&record);
        buf_free(&data);
    }
    buf_free(&jpeg);
}

Test(document, binary_plist)
{
    struct buf picture = picture_bytes(0, 900), plist = make_bplist(&picture);
    struct record record = read_as(&plist, TYPE_PLIST);
    cr_assert_eq(record.n, 1);
    check_member(&record, 0, "3-a.jpg", &picture);
    record_free(&record);
    plist.len--;
    record = read_as(&plist, TYPE_PLIST);
    cr_assert_eq(record.end.status, TRAWL_DAMAGED);
    record_free(&record);
    buf_free(&plist);
    buf_free(&picture);
}

/** Counts, references and offsets of all kinds: none of them leads out of the bytes, or round in a circle. */
Test(document, hostile_plist)
{
    struct buf picture = picture_bytes(0, 100), plist = make_bplist(&picture);
    for (size_t i = 8; i < plist.len; i++)
        for (int v = 0; v < 256; v += 17) {
            uint8_t before = plist.data[i];
            plist.data[i] = (uint8_t)v;
            struct record record = read_as(&plist, TYPE_PLIST);
            record_free(&record);
            plist.data[i] = before;
        }
    buf_free(&plist);
    buf_free(&picture);
}

/** Every length modulo 3, and across the pieces in which a text is read. */
Test(document, base64_in_every_dress)
{
    static const size_t sizes[] = {100, 101, 102, 40000, 300001};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        struct buf picture = picture_bytes(0, sizes[i]), text = make_text(&picture);
        cr_assert(sniff_base64(text.data, text.len));
        struct record record = read_as(&text, TYPE_BASE64);
        cr_assert_eq(record.n, 4, "%zu", record.n);
        check_member(&record, 0, "1.jpg", &picture);
        check_member(&record, 1, "2.jpg", &picture);
        check_member(&record, 2, "3.jpg", &picture);
        check_member(&record, 3, "4.jpg", &picture);
        record_free(&record);
        buf_free(&text);
        buf_free(&picture);
    }
}

Test(document, vcard_and_xml_plist)
{
    struct buf picture = picture_bytes(0, 1000), card = make_vcard(&picture), xml = {0};
    struct record record = read_as(&card, TYPE_VCARD);
    cr_assert_eq(record.n, 1);
    check_member(&record, 0, "1.jpg", &picture);
    record_free(&record);
    buf_puts(&xml, "<?xml version=\"1.0\"?>\n<plist version=\"1.0\"><dict><key>a</key><data>\n\t");
    put_base64(&xml, picture.data, picture.len);
    buf_puts(&xml, "\n\t</data></dict></plist>\n");
    cr_assert_eq(sniff(xml.data, xml.len, xml.len), TYPE_PLIST);
    record = read_as(&xml, TYPE_PLIST);
    cr_assert_eq(record.n, 1);
    check_member(&record, 0, "1.jpg", &picture);
    record_free(&record);
    buf_free(&xml);
    buf_free(&card);
    buf_free(&picture);
}

Test(document, rich_text)
{
    struct buf picture = picture_bytes(0, 1500), packed = picture_bytes(1, 700), rtf = make_rtf(&picture, &packed);
    struct record record = read_as(&rtf, TYPE_RTF);
    cr_assert_eq(record.n, 3);
    check_member(&record, 0, "picture1.jpg", &picture);
    check_member(&record, 1, "picture2.jpg", &picture);
    check_member(&record, 2, "name.jpg", &packed);
    record_free(&record);
    rtf.len /= 3;
    record = read_as(&rtf, TYPE_RTF);
    cr_assert_eq(record.end.status, TRAWL_DAMAGED);
    record_free(&record);
    buf_free(&rtf);
    buf_free(&packed);
    buf_free(&picture);
}

Test(document, packages)
{
    struct buf file = picture_bytes(0, 64), package = make_package("/a/b", &file);
    struct ole1 object;
    cr_assert(ole1_package(package.data, package.len, &object));
    cr_assert(object.n == file.len && !memcmp(object.p, file.data, file.len));
    cr_assert(object.name_len == 1 && *object.name == 'b');
    for (size_t n = 0; n < package.len; n++)
        cr_assert(!ole1_package(package.data, n, &object), "cut at %zu", n);
    buf_free(&package);
    buf_free(&file);
}

Test(document, uuencoded)
{
    for (size_t n = 1; n < 140; n += 23) {
        struct buf file = picture_bytes(0, 4 + n), text = {0};
        struct record record = record_new();
        struct unpack_input input = record_input(-1, 0, TYPE_EML);
        struct delivery out;
        buf_puts(&text, "begin here, said the text\n");
        put_uu(&text, &file);
        buf_puts(&text, "begin 644 cut\n#86)C\n");
        deliver_init(&out, &input, &record.sink, &record.end);
        uu_deliver(&out, "p/", text.data, text.len);
        cr_assert_eq(record.n, 2);
        check_member(&record, 0, "p/u.jpg", &file);
        cr_assert(member_is(&record.members[1], "p/cut", "abc", 3));
        cr_assert_eq(record.members[1].status, TRAWL_DAMAGED);
        record_free(&record);
        buf_free(&text);
        buf_free(&file);
    }
}

/** Names: of UTF-16 with every kind of character, and never longer than they may be. */
Test(document, names)
{
    static const uint8_t text[] = {'a', 0, 0xe4, 0, 0xac, 0x20, 0x3d, 0xd8, 0, 0xde, 0, 0xd8, 'b', 0, 0, 0, 'c', 0};
    char name[DELIVER_NAME] = "";
    name_add_utf16(name, text, sizeof(text));
    cr_assert_str_eq(name, "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80?b");
    for (int i = 0; i < 300; i++)
        name_add(name, "%s", "long");
    cr_assert_eq(strlen(name), DELIVER_NAME - 1);
}

/** A reader that is started again tells the same from there on; and each ends at the limit of entries. */
Test(document, started_again)
{
    struct buf pictures[2] = {picture_bytes(0, 200), picture_bytes(1, 300)};
    struct buf made[] = {make_thumbcache(32, pictures, 2), make_text(&pictures[0]),
                         make_rtf(&pictures[0], &pictures[1])};
    static const enum file_type types[] = {TYPE_THUMBCACHE, TYPE_BASE64, TYPE_RTF};
    for (size_t i = 0; i < 3; i++) {
        struct record whole = read_as(&made[i], types[i]), part = record_new(), limited = record_new();
        int fd = record_memfd(made[i].data, made[i].len);
        struct unpack_input input = record_input(fd, made[i].len, types[i]);
        input.first_index = 1;
        record_run(&part, &input);
        cr_assert_eq(part.n, whole.n - 1);
        cr_assert_str_eq((char *)part.members[0].name, (char *)whole.members[1].name);
        input.first_index = 0;
        input.limits.value[LIMIT_ENTRIES] = 1;
        record_run(&limited, &input);
        cr_assert_eq(limited.n, 1);
        cr_assert_eq(limited.end.limit, LIMIT_ENTRIES);
        close(fd);
        record_free(&whole);
        record_free(&part);
        record_free(&limited);
        buf_free(&made[i]);
    }
    buf_free(&pictures[0]);
    buf_free(&pictures[1]);
}
