/* test_rockridge.c: what Rock Ridge adds to ISO 9660: names, kinds, dates, folders elsewhere, packed files. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <zlib.h>

#include "optical/optical.h"
#include "iso_build.h"
#include "../source/record.h"

static struct iso_image image;

struct fixture {
    struct carve_source source;
    struct unpack_input input;
    struct unpack_sink sink;
    struct unpack_end end;
    struct optical disc;
};

static size_t image_read(struct carve_source *source, void *to, size_t n, uint64_t offset)
{
    (void)source;
    if (offset >= ISO_BYTES)
        return 0;
    n = n < ISO_BYTES - offset ? n : (size_t)(ISO_BYTES - offset);
    memcpy(to, image.bytes + offset, n);
    return n;
}

static void list(struct fixture *f)
{
    *f = (struct fixture){.source = {.read = image_read}};
    limits_default(&f->input.limits);
    f->disc =
        (struct optical){.source = &f->source, .size = ISO_BYTES, .input = &f->input, .sink = &f->sink, .end = &f->end};
    optical_list(&f->disc);
    optical_list_rest(&f->disc);
}

static const struct optical_file *find(const struct fixture *f, const char *path)
{
    for (size_t i = 0; i < f->disc.n_files; i++) {
        const struct optical_file *file = &f->disc.files[i];
        if (file->path.n == strlen(path) && !memcmp(f->disc.text + file->path.at, path, file->path.n))
            return file;
    }
    cr_assert_fail("%s", path);
    return NULL;
}

static void is_whole(const struct fixture *f, size_t n)
{
    cr_assert_eq(f->end.status, TRAWL_OK, "%s", f->end.detail);
    cr_assert_eq(f->disc.n_files, n, "%zu", f->disc.n_files);
}

static void add(unsigned folder, const char *name, unsigned extent, unsigned size, uint8_t flags, const uint8_t *fields,
                size_t n)
{
    iso_record(&image, folder, name, strlen(name), extent, size, flags, fields, n);
}

Test(rock_ridge, names_in_several_fields_and_areas)
{
    struct fixture f;
    uint8_t fields[200], more[200];
    size_t n = 0, m = 0;
    iso_begin(&image, 0, ISO_ROCK_RIDGE);
    iso_field(fields, &n, "NM", "\1one,", 5);
    iso_field(fields, &n, "NM", "\1 two,", 6);
    iso_field_more(fields, &n, 30, 100, 31 + 28);
    iso_field(more, &m, "NM", "\0 three", 7);
    iso_field(more, &m, "XX", "not known", 9);
    iso_field(more, &m, "NM", "\0no", 3);
    memcpy(iso_at(&image, 30) + 100, more, m);
    add(ISO_ROOT, "A", ISO_DATA, 10, 0, fields, n);
    n = 0;
    iso_field(fields, &n, "NM", "\2", 1);
    add(ISO_ROOT, "PLAIN;1", ISO_DATA + 1, 10, 0, fields, n);
    list(&f);
    /* A name that is complete is not gone on with: the last one counts. */
    cr_assert_eq(find(&f, "no")->tree, TREE_ROCK_RIDGE);
    find(&f, "PLAIN");
    is_whole(&f, 2);
    optical_free(&f.disc);
    memset(iso_at(&image, 30) + 100 + m - 7, 'X', 2);
    list(&f);
    find(&f, "one, two, three");
    is_whole(&f, 2);
    cr_assert(optical_is_claimed(&f.disc, 30 * ISO_SECTOR + 100));
    optical_free(&f.disc);
}

Test(rock_ridge, areas_that_lead_round_or_nowhere)
{
    struct fixture f;
    uint8_t fields[200];
    size_t n = 0;
    iso_begin(&image, 0, ISO_ROCK_RIDGE);
    iso_field_more(fields, &n, 30, 0, 28);
    memcpy(iso_at(&image, 30), fields, n);
    add(ISO_ROOT, "ROUND", ISO_DATA, 10, 0, fields, n);
    n = 0;
    iso_field_more(fields, &n, 5000, 0, 28);
    add(ISO_ROOT, "NOWHERE", ISO_DATA + 1, 10, 0, fields, n);
    list(&f);
    cr_assert_str_eq(find(&f, "ROUND")->why, "its fields of Rock Ridge have no end");
    cr_assert_str_eq(find(&f, "NOWHERE")->why, "its fields of Rock Ridge cannot be read");
    cr_assert_eq(find(&f, "ROUND")->status, TRAWL_DAMAGED);
    cr_assert_eq(find(&f, "ROUND")->n_runs, 1);
    optical_free(&f.disc);
}

static size_t mode_field(uint8_t *fields, uint32_t mode)
{
    uint8_t body[32] = {0};
    size_t n = 0;
    iso_put32(body, mode);
    iso_field(fields, &n, "PX", body, sizeof(body));
    return n;
}

Test(rock_ridge, kinds)
{
    static const struct {
        const char *name;
        uint32_t mode;
        unsigned size;
        enum file_type type;
    } kinds[] = {
        {"LINK", 0120777, 0, TYPE_SYMLINK},
        {"PIPE", 0010644, 0, TYPE_FIFO},
        {"SOCKET", 0140644, 0, TYPE_SOCKET},
        {"DEVICE", 0020644, 0, TYPE_DEVICE},
        {"BLOCK", 0060644, 0, TYPE_DEVICE},
        {"FILE", 0100644, 10, TYPE_OTHER},
        /* A link with bytes: they are read. */
        {"BYTES", 0120777, 10, TYPE_OTHER},
    };
    struct fixture f;
    uint8_t fields[64];
    iso_begin(&image, 0, ISO_ROCK_RIDGE);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
        add(ISO_ROOT, kinds[i].name, ISO_DATA + (unsigned)i, kinds[i].size, 0, fields,
            mode_field(fields, kinds[i].mode));
    size_t n = 0;
    iso_field(fields, &n, "SF", "\0\0\0\0\0\0\0\0\1", 9);
    add(ISO_ROOT, "SPARSE", ISO_DATA + 9, 10, 0, fields, n);
    list(&f);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
        cr_assert_eq(find(&f, kinds[i].name)->type, kinds[i].type, "%s", kinds[i].name);
    cr_assert_eq(find(&f, "SPARSE")->status, TRAWL_UNSUPPORTED);
    is_whole(&f, 8);
    optical_free(&f.disc);
}

Test(rock_ridge, dates)
{
    struct fixture f;
    uint8_t fields[128];
    size_t n = 0;
    iso_begin(&image, 0, ISO_ROCK_RIDGE);
    iso_field(fields, &n, "TF", "\17\144\1\1\0\0\0\0\144\1\1\0\0\1\0\144\1\1\0\0\2\0\144\1\1\0\0\3\374", 29);
    add(ISO_ROOT, "SHORT", ISO_DATA, 10, 0, fields, n);
    n = 0;
    iso_field(fields, &n, "TF",
              "\202"
              "2000010100000050\4",
              18);
    add(ISO_ROOT, "LONG", ISO_DATA + 1, 10, 0, fields, n);
    list(&f);
    const struct optical_file *file = find(&f, "SHORT");
    const int64_t day = INT64_C(946684800000000000), second = 1000000000;
    cr_assert_eq(file->times[ORIGIN_CREATED], day);
    cr_assert_eq(file->times[ORIGIN_WRITTEN], day + second);
    cr_assert_eq(file->times[ORIGIN_ACCESSED], day + 2 * second);
    /* An hour west. */
    cr_assert_eq(file->times[ORIGIN_CHANGED], day + 3603 * second);
    cr_assert_eq(find(&f, "LONG")->times[ORIGIN_WRITTEN], day - 3600 * second + second / 2);
    is_whole(&f, 2);
    optical_free(&f.disc);
}

Test(rock_ridge, folders_that_stand_elsewhere)
{
    struct fixture f;
    uint8_t fields[64], child[8];
    size_t n = 0;
    iso_begin(&image, 0, ISO_ROCK_RIDGE);
    iso_put32(child, ISO_FOLDER);
    iso_field(fields, &n, "CL", child, 8);
    iso_field(fields, &n, "NM", "\0deep", 5);
    add(ISO_ROOT, "DEEP", ISO_DATA, 0, 0, fields, n);
    n = 0;
    iso_put32(child, 5000);
    iso_field(fields, &n, "CL", child, 8);
    add(ISO_ROOT, "NOWHERE", ISO_DATA + 5, 10, 0, fields, n);
    n = 0;
    iso_field(fields, &n, "RE", "", 0);
    add(ISO_ROOT, "MOVED", ISO_FOLDER, ISO_SECTOR, 2, fields, n);
    add(ISO_ROOT, "UNLED", ISO_FOLDER + 1, ISO_SECTOR, 2, fields, n);
    iso_folder(&image, ISO_FOLDER, ISO_ROOT, NULL, 0);
    iso_folder(&image, ISO_FOLDER + 1, ISO_ROOT, NULL, 0);
    iso_file(&image, ISO_FOLDER, "A;1", ISO_DATA, 10);
    iso_file(&image, ISO_FOLDER + 1, "B;1", ISO_DATA + 1, 10);
    list(&f);
    find(&f, "deep/A");
    /* Nothing leads to this one: it is listed where it stands. */
    find(&f, "UNLED/B");
    /* A line for the folder, and one for the bytes. */
    cr_assert_eq(find(&f, "NOWHERE")->size, 10);
    is_whole(&f, 4);
    optical_free(&f.disc);
}

/** A zisofs file of three blocks, the second of zeros, in sector ISO_DATA. Returns how long it is. */
static size_t packed_file(uint8_t content[3 * 32768])
{
    uint8_t *p = iso_at(&image, ISO_DATA);
    size_t at = 16 + 4 * 4;
    memcpy(p, "\x37\xe4\x53\x96\xc9\xdb\xd6\x07\0\0\1\0\4\17", 14);
    const uint32_t size = 2 * 32768 + 1000;
    memset(content, 0, 3 * 32768);
    for (size_t i = 0; i < size; i++)
        content[i] = i / 32768 == 1 ? 0 : (uint8_t)(i / 50);
    memcpy(p + 8, &size, 4);
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t offset = (uint32_t)at;
        memcpy(p + 16 + 4 * i, &offset, 4);
        uLongf n = 20000;
        if (i == 1 || i == 3)
            continue;
        cr_assert_eq(compress2(p + at, &n, content + i * 32768, i == 2 ? 1000 : 32768, 9), Z_OK);
        at += n;
    }
    return at;
}

static void packed_begin(uint8_t content[3 * 32768], unsigned *size)
{
    uint8_t fields[64], body[12] = {'p', 'z', 4, 15};
    size_t n = 0;
    iso_begin(&image, 0, ISO_ROCK_RIDGE);
    *size = (unsigned)packed_file(content);
    iso_put32(body + 4, 2 * 32768 + 1000);
    iso_field(fields, &n, "ZF", body, sizeof(body));
    add(ISO_ROOT, "PACKED", ISO_DATA, *size, 0, fields, n);
}

static enum trawl_status unpack(struct record *record)
{
    *record = record_new();
    record_bytes(record, image.bytes, ISO_BYTES, TYPE_ISO9660);
    cr_assert_null(record->broken, "%s", record->broken);
    cr_assert_eq(record->n, 1);
    return record->members[0].status;
}

Test(rock_ridge, packed_files)
{
    static uint8_t content[3 * 32768];
    struct record record;
    unsigned size;
    packed_begin(content, &size);
    cr_assert_eq(unpack(&record), TRAWL_OK, "%s", record.members[0].detail);
    cr_assert_eq(record.members[0].size, 2 * 32768 + 1000);
    cr_assert(member_is(&record.members[0], "PACKED", content, 2 * 32768 + 1000));
    record_free(&record);
    /* The last block is broken: what was before it is given. */
    iso_at(&image, ISO_DATA)[size - 3] ^= 0xff;
    cr_assert_eq(unpack(&record), TRAWL_DAMAGED);
    cr_assert(member_is(&record.members[0], "PACKED", content, 32768));
    record_free(&record);
    /* The table is. */
    packed_begin(content, &size);
    iso_at(&image, ISO_DATA)[16 + 4 + 3] = 1;
    cr_assert_eq(unpack(&record), TRAWL_DAMAGED);
    cr_assert_str_eq(record.members[0].detail, "its table of blocks is damaged");
    record_free(&record);
    /* No packed file, though marked as one: its bytes as they stand. */
    packed_begin(content, &size);
    iso_at(&image, ISO_DATA)[0] = 'J';
    cr_assert_eq(unpack(&record), TRAWL_OK);
    cr_assert(member_is(&record.members[0], "PACKED", iso_at(&image, ISO_DATA), size));
    record_free(&record);
}

Test(rock_ridge, a_packed_file_of_zeros_at_its_end)
{
    static uint8_t content[3 * 32768];
    struct record record;
    unsigned size;
    packed_begin(content, &size);
    uint8_t *table = iso_at(&image, ISO_DATA) + 16;
    memcpy(table + 12, table + 8, 4);
    cr_assert_eq(unpack(&record), TRAWL_OK);
    cr_assert_eq(record.members[0].size, 2 * 32768 + 1000);
    cr_assert(member_is(&record.members[0], "PACKED", content, 32768));
    record_free(&record);
}
