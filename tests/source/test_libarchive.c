#include <criterion/criterion.h>

#include <fcntl.h>

#include "archive_build.h"
#include "record.h"

static uint8_t large[150000];

static void fill_large(void)
{
    for (size_t i = 0; i < sizeof(large); i++)
        large[i] = (uint8_t)(i * 2654435761u >> 13);
}

static const struct file files[] = {
    {.name = "one.txt", .data = "hello", .n = 5},
    {.name = "large.bin", .data = large, .n = sizeof(large)},
    {.name = "empty.dat"},
};

static const struct record_member *record_find(const struct record *record, const char *name)
{
    for (size_t i = 0; i < record->n; i++)
        if (!strcmp((const char *)record->members[i].name, name))
            return &record->members[i];
    return NULL;
}

static struct record run(const struct buf *bytes, enum file_type type)
{
    struct record record = record_new();
    record_bytes(&record, bytes->data, bytes->len, type);
    cr_assert_null(record.broken, "%s: %s", type_name(type), record.broken);
    return record;
}

Test(libarchive, every_format_gives_its_members)
{
    static const struct {
        int format;
        enum file_type type;
    } formats[] = {
        {ARCHIVE_FORMAT_TAR_USTAR, TYPE_TAR},   {ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE, TYPE_TAR},
        {ARCHIVE_FORMAT_TAR_GNUTAR, TYPE_TAR},  {ARCHIVE_FORMAT_7ZIP, TYPE_7Z},
        {ARCHIVE_FORMAT_CPIO_POSIX, TYPE_CPIO}, {ARCHIVE_FORMAT_CPIO_SVR4_NOCRC, TYPE_CPIO},
        {ARCHIVE_FORMAT_ISO9660, TYPE_ISO9660}, {ARCHIVE_FORMAT_XAR, TYPE_XAR},
        {ARCHIVE_FORMAT_AR_BSD, TYPE_AR},       {ARCHIVE_FORMAT_AR_GNU, TYPE_AR},
    };
    fill_large();
    unpack_warm_up();
    for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
        struct buf bytes = archive_build(formats[i].format, ARCHIVE_FILTER_NONE, files, 3);
        cr_assert_eq(sniff(bytes.data, bytes.len, bytes.len), formats[i].type, "%zu: %s", i,
                     type_name(sniff(bytes.data, bytes.len, bytes.len)));
        struct record record = run(&bytes, formats[i].type);
        cr_assert_eq(record.end.status, TRAWL_OK, "%zu: %s", i, record.end.detail);
        cr_assert_eq(record.n, 3, "%zu: %zu", i, record.n);
        for (size_t k = 0; k < 3; k++) {
            const struct record_member *member = record_find(&record, files[k].name);
            cr_assert_not_null(member, "%zu: %s", i, files[k].name);
            cr_assert(member_is(member, files[k].name, files[k].data, files[k].n), "%zu: %s", i, files[k].name);
            cr_assert_eq(member->status, TRAWL_OK, "%s", member->detail);
            cr_assert_eq(member->size, files[k].n);
            cr_assert_eq(member->type, TYPE_OTHER);
        }
        cr_assert_eq(record.end.missing, 0);
        cr_assert_eq(record.end.accounted, bytes.len, "%zu: %lu of %zu", i, (unsigned long)record.end.accounted,
                     bytes.len);
        record_free(&record);
        buf_free(&bytes);
    }
}

Test(libarchive, cut_off_anywhere)
{
    static const int formats[] = {ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FORMAT_7ZIP, ARCHIVE_FORMAT_CPIO_SVR4_NOCRC,
                                  ARCHIVE_FORMAT_XAR, ARCHIVE_FORMAT_AR_BSD};
    static const enum file_type types[] = {TYPE_TAR, TYPE_7Z, TYPE_CPIO, TYPE_XAR, TYPE_AR};
    fill_large();
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
        struct buf bytes = archive_build(formats[i], ARCHIVE_FILTER_NONE, files, 2);
        size_t whole = bytes.len;
        for (size_t part = 1; part < 20; part++) {
            bytes.len = whole / 2 * part / 20;
            struct record record = run(&bytes, types[i]);
            cr_assert_neq(record.end.status, TRAWL_OK, "%s: %zu of %zu", type_name(types[i]), bytes.len, whole);
            cr_assert_eq(record.end.missing, UINT64_MAX);
            if (types[i] == TYPE_TAR && bytes.len > 2048) {
                cr_assert(member_is(&record.members[0], "one.txt", "hello", 5));
                cr_assert_eq(record.n, 2);
                cr_assert_eq(record.members[1].status, TRAWL_DAMAGED);
                cr_assert_gt(record.members[1].n, 0); /* what came before the end is delivered */
                cr_assert_arr_eq(record.members[1].data, large, record.members[1].n);
            }
            record_free(&record);
        }
        buf_free(&bytes);
    }
}

Test(libarchive, kinds_of_entries)
{
    static const struct file kinds[] = {
        {.name = "folder/", .kind = AE_IFDIR},
        {.name = "file", .data = "hello", .n = 5},
        {.name = "soft", .kind = AE_IFLNK, .link = "/etc/passwd"},
        {.name = "hard", .link = "file"},
        {.name = "pipe", .kind = AE_IFIFO},
        {.name = "device", .kind = AE_IFCHR},
    };
    static const enum file_type types[] = {TYPE_DIRECTORY, TYPE_OTHER, TYPE_SYMLINK,
                                           TYPE_HARDLINK,  TYPE_FIFO,  TYPE_DEVICE};
    struct buf bytes = archive_build(ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_NONE, kinds, 6);
    struct record record = run(&bytes, TYPE_TAR);
    cr_assert_eq(record.n, 6);
    for (size_t i = 0; i < 6; i++) {
        cr_assert_eq(record.members[i].type, types[i], "%s", kinds[i].name);
        cr_assert_str_eq((char *)record.members[i].name, kinds[i].name);
        cr_assert_eq(record.members[i].offset, i < 2 ? i * 512 : (i + 1) * 512);
        cr_assert_eq(record.members[i].status, TRAWL_OK);
    }
    record_free(&record);
    buf_free(&bytes);
}

Test(libarchive, one_tar_behind_another)
{
    struct buf bytes = archive_build(ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_NONE, files, 1);
    struct buf second = archive_build(ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_NONE, files + 2, 1);
    buf_put(&bytes, second.data, second.len);
    struct record record = run(&bytes, TYPE_TAR);
    cr_assert_eq(record.n, 2);
    cr_assert_eq(record.end.status, TRAWL_OK);
    cr_assert_eq(record.end.accounted, bytes.len);
    record_free(&record);
    buf_free(&bytes);
    buf_free(&second);
}

Test(libarchive, bytes_behind_a_tar_are_not_accounted_for)
{
    static const size_t junk[] = {1, 511, 512, 513, 5000};
    for (size_t i = 0; i < sizeof(junk) / sizeof(*junk); i++) {
        struct buf bytes = archive_build(ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_NONE, files, 1);
        size_t whole = bytes.len;
        for (size_t k = 0; k < junk[i]; k++)
            buf_byte(&bytes, (uint8_t)(k | 1));
        struct record record = run(&bytes, TYPE_TAR);
        cr_assert_eq(record.n, 1);
        cr_assert(member_is(&record.members[0], "one.txt", "hello", 5));
        cr_assert_eq(record.end.status, TRAWL_OK, "%zu: %s", junk[i], record.end.detail);
        cr_assert_eq(record.end.accounted, whole, "%zu: %lu", junk[i], (unsigned long)record.end.accounted);
        record_free(&record);
        buf_free(&bytes);
    }
}

Test(libarchive, zeros_behind_an_archive_are_padding)
{
    static const uint8_t zeros[3000];
    static const int formats[] = {ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FORMAT_7ZIP, ARCHIVE_FORMAT_CPIO_SVR4_NOCRC};
    static const enum file_type types[] = {TYPE_TAR, TYPE_7Z, TYPE_CPIO};
    for (size_t i = 0; i < 3; i++) {
        struct buf bytes = archive_build(formats[i], ARCHIVE_FILTER_NONE, files, 1);
        size_t whole = bytes.len;
        buf_put(&bytes, zeros, sizeof(zeros));
        struct record record = run(&bytes, types[i]);
        cr_assert_eq(record.end.accounted, bytes.len, "%s", type_name(types[i]));
        record_free(&record);
        bytes.data[bytes.len - 1] = 1;
        record = run(&bytes, types[i]);
        cr_assert_lt(record.end.accounted, bytes.len, "%s", type_name(types[i]));
        cr_assert_geq(record.end.accounted + 512, whole, "%s", type_name(types[i]));
        record_free(&record);
        buf_free(&bytes);
    }
}

Test(libarchive, a_broken_header_inside_a_tar)
{
    struct file many[5] = {{.name = "m0", .data = "0", .n = 1},
                           {.name = "m1", .data = "1", .n = 1},
                           {.name = "m2", .data = "2", .n = 1},
                           {.name = "m3", .data = "3", .n = 1},
                           {.name = "m4", .data = "4", .n = 1}};
    struct buf bytes = archive_build(ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_NONE, many, 5);
    bytes.data[2 * 1024 + 10] ^= 1; /* the third header */
    struct record record = run(&bytes, TYPE_TAR);
    cr_assert_eq(record.n, 4);
    cr_assert(member_is(&record.members[1], "m1", "1", 1));
    cr_assert(member_is(&record.members[2], "m3", "3", 1));
    cr_assert_eq(record.end.status, TRAWL_DAMAGED);
    cr_assert_eq(record.end.missing, UINT64_MAX);
    cr_assert_eq(record.end.accounted, bytes.len - 1024);
    record_free(&record);
    buf_free(&bytes);
}

/** A pax sparse file of 1 MiB: data in its middle only. */
Test(libarchive, holes_of_a_sparse_file)
{
    struct buf bytes = {0};
    struct archive *archive = archive_write_new();
    struct archive_entry *entry = archive_entry_new();
    uint8_t *whole = calloc(1, 1 << 20);
    memcpy(whole + 500000, "needle", 6);
    archive_write_set_format_pax(archive);
    archive_write_set_bytes_in_last_block(archive, 1);
    archive_write_open(archive, &bytes, NULL, archive_put, NULL);
    archive_entry_set_pathname(entry, "sparse");
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_size(entry, 1 << 20);
    archive_entry_sparse_add_entry(entry, 499712, 1024);
    cr_assert_eq(archive_write_header(archive, entry), ARCHIVE_OK);
    archive_write_data(archive, whole, 1 << 20);
    archive_write_close(archive);
    archive_write_free(archive);
    archive_entry_free(entry);
    cr_assert_lt(bytes.len, 20000);
    struct record record = run(&bytes, TYPE_TAR);
    cr_assert_eq(record.n, 1);
    cr_assert_eq(record.members[0].status, TRAWL_OK, "%s", record.members[0].detail);
    cr_assert_eq(record.members[0].size, 1 << 20);
    cr_assert_lt(record.members[0].n, 510000);
    cr_assert_arr_eq(record.members[0].data, whole, record.members[0].n);
    record_free(&record);
    buf_free(&bytes);
    free(whole);
}

Test(libarchive, starts_again_at_any_entry_and_stops_at_the_limit)
{
    fill_large();
    static const int formats[] = {ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FORMAT_7ZIP};
    static const enum file_type types[] = {TYPE_TAR, TYPE_7Z};
    for (size_t i = 0; i < 2; i++) {
        struct buf bytes = archive_build(formats[i], ARCHIVE_FILTER_NONE, files, 3);
        int fd = record_memfd(bytes.data, bytes.len);
        for (uint64_t k = 0; k <= 4; k++) {
            struct record record = record_new();
            struct unpack_input input = record_input(fd, bytes.len, types[i]);
            input.first_index = k;
            record_run(&record, &input);
            cr_assert_null(record.broken, "%s", record.broken);
            cr_assert_eq(record.n, k < 3 ? 3 - k : 0);
            cr_assert(!record.n || record.members[0].index == k);
            cr_assert_eq(record.end.entries, 3);
            record_free(&record);

            record = record_new();
            input.first_index = 0;
            input.limits.value[LIMIT_ENTRIES] = k;
            record_run(&record, &input);
            cr_assert_null(record.broken, "%s", record.broken);
            cr_assert_eq(record.n, k < 3 ? k : 3);
            cr_assert_eq(record.end.status, k < 3 ? TRAWL_LIMIT : TRAWL_OK);
            record_free(&record);
        }
        close(fd);
        buf_free(&bytes);
    }
}

Test(libarchive, unwanted_bytes)
{
    fill_large();
    struct buf bytes = archive_build(ARCHIVE_FORMAT_TAR_USTAR, ARCHIVE_FILTER_NONE, files, 3);
    for (int refuse = 0; refuse < 2; refuse++) {
        struct record record = record_new();
        record.refuse = refuse;
        record.enough = 3;
        record_bytes(&record, bytes.data, bytes.len, TYPE_TAR);
        cr_assert_null(record.broken, "%s", record.broken);
        cr_assert_eq(record.n, 3);
        for (size_t i = 0; i < 3; i++) {
            cr_assert_eq(record.members[i].status, TRAWL_OK);
            cr_assert_geq(record.members[i].size, files[i].n);
        }
        cr_assert_eq(record.end.accounted, bytes.len);
        record_free(&record);
    }
    buf_free(&bytes);
}

Test(libarchive, a_medium_that_gives_nothing)
{
    static const enum file_type types[] = {TYPE_TAR, TYPE_7Z, TYPE_GZIP, TYPE_XZ, TYPE_COMPRESS};
    char path[64];
    int fd = record_memfd("x", 1);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    int write_only = open(path, O_WRONLY);
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
        struct record record = record_new();
        struct unpack_input input = record_input(write_only, 100000, types[i]);
        record_run(&record, &input);
        cr_assert_null(record.broken, "%s: %s", type_name(types[i]), record.broken);
        cr_assert_eq(record.end.status, TRAWL_IO_ERROR, "%s: %s", type_name(types[i]), record.end.detail);
        cr_assert_not_null(strstr(record.end.detail, "offset 0"), "%s", record.end.detail);
        record_free(&record);
    }
    close(write_only);
    close(fd);
}

Test(libarchive, readers_by_type)
{
    cr_assert_str_eq(unpack_find(TYPE_ZIP)->name, "zip");
    for (int type = TYPE_TAR; type <= TYPE_WARC; type++)
        cr_assert_str_eq(unpack_find((enum file_type)type)->name, type == TYPE_ISO9660 ? "optical" : "libarchive");
    for (int type = TYPE_GZIP; type <= TYPE_COMPRESS; type++)
        cr_assert_str_eq(unpack_find((enum file_type)type)->name, "filter");
    /* Readers that libarchive would find as programs in the PATH. */
    cr_assert_null(unpack_find(TYPE_LZOP));
    cr_assert_null(unpack_find(TYPE_LRZIP));
    cr_assert_null(unpack_find(TYPE_GRZIP));
    cr_assert_null(unpack_find(TYPE_OTHER));
    cr_assert_null(unpack_find(TYPE_JPEG));
}
