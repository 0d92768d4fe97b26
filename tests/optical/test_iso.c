/* test_iso.c: the trees of ISO 9660, what is wrong in them, and what Rock Ridge makes of them. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "optical/optical.h"
#include "iso_build.h"
#include "../source/record.h"

static struct iso_image image;

/** A disc that is the image, or its beginning. */
struct fixture {
    struct carve_source source;
    uint64_t size;
    struct unpack_input input;
    struct unpack_sink sink;
    struct unpack_end end;
    struct optical disc;
};

static size_t image_read(struct carve_source *source, void *to, size_t n, uint64_t offset)
{
    uint64_t size = ((struct fixture *)source)->size;
    if (offset >= size)
        return 0;
    n = n < size - offset ? n : (size_t)(size - offset);
    memcpy(to, image.bytes + offset, n);
    return n;
}

/** All that is listed, sessions included. */
static void list_begin(struct fixture *f, uint64_t size)
{
    *f = (struct fixture){.source = {.read = image_read}, .size = size};
    limits_default(&f->input.limits);
    f->disc =
        (struct optical){.source = &f->source, .size = size, .input = &f->input, .sink = &f->sink, .end = &f->end};
    optical_list(&f->disc);
    optical_list_rest(&f->disc);
}

static void list(struct fixture *f)
{
    list_begin(f, ISO_BYTES);
}

static const struct optical_file *find(const struct fixture *f, const char *path)
{
    for (size_t i = 0; i < f->disc.n_files; i++) {
        const struct optical_file *file = &f->disc.files[i];
        if (file->path.n == strlen(path) && !memcmp(f->disc.text + file->path.at, path, file->path.n))
            return file;
    }
    return NULL;
}

/** The file of that path must be there, with these bytes in one piece. */
static const struct optical_file *must_be(const struct fixture *f, const char *path, uint64_t offset, uint64_t size)
{
    const struct optical_file *file = find(f, path);
    cr_assert_not_null(file, "%s", path);
    cr_assert_eq(file->size, size, "%s: %lu bytes", path, (unsigned long)file->size);
    cr_assert_eq(file->n_runs, size ? 1 : 0, "%s: %zu pieces", path, file->n_runs);
    if (size)
        cr_assert_eq(f->disc.runs[file->first_run].offset, offset, "%s", path);
    return file;
}

static const struct optical_file *file_in(const struct fixture *f, const char *path, unsigned sector, uint64_t size)
{
    return must_be(f, path, (uint64_t)sector * ISO_SECTOR, size);
}

static void is_damaged(const struct fixture *f, const char *path, const char *why)
{
    const struct optical_file *file = find(f, path);
    cr_assert_not_null(file, "%s", path);
    cr_assert_eq(file->status, TRAWL_DAMAGED, "%s", path);
    cr_assert_not_null(strstr(file->why, why), "%s: %s", path, file->why);
}

/** Nothing is wrong with the volume, and so many files are in it. */
static void is_whole(const struct fixture *f, size_t n)
{
    cr_assert_eq(f->end.status, TRAWL_OK, "%s", f->end.detail);
    cr_assert_eq(f->disc.n_files, n, "%zu", f->disc.n_files);
    cr_assert(!f->disc.is_cut);
}

static void volume_is_damaged(const struct fixture *f, const char *why)
{
    cr_assert_eq(f->end.status, TRAWL_DAMAGED);
    cr_assert_not_null(strstr(f->end.detail, why), "%s", f->end.detail);
}

Test(iso, names_folders_and_dates)
{
    struct fixture f;
    iso_begin(&image, 0, NULL, 0);
    iso_file(&image, ISO_ROOT, "A.TXT;1", ISO_DATA, 10);
    iso_file(&image, ISO_ROOT, "B.;1", ISO_DATA + 1, 20);
    iso_file(&image, ISO_ROOT, "C;2", ISO_DATA + 2, 30)[25] = 1;
    iso_file(&image, ISO_ROOT, "EMPTY", 0, 0);
    iso_record(&image, ISO_ROOT, "D", 1, ISO_FOLDER, ISO_SECTOR, 2, NULL, 0);
    iso_folder(&image, ISO_FOLDER, ISO_ROOT, NULL, 0);
    iso_record(&image, ISO_FOLDER, "E;1", 3, ISO_DATA + 3, 40, 4, NULL, 0);
    iso_file(&image, ISO_FOLDER, "E;1", ISO_DATA + 4, 50);
    list(&f);
    const struct optical_file *a = file_in(&f, "A.TXT", ISO_DATA, 10);
    /* 29 February 2000, 12:30:15, one hour east. */
    cr_assert_eq(a->times[ORIGIN_WRITTEN], INT64_C(951823815000000000));
    cr_assert_eq(a->times[ORIGIN_CREATED], ORIGIN_NO_TIME);
    cr_assert_eq(a->tree, TREE_ISO9660);
    file_in(&f, "B", ISO_DATA + 1, 20);
    file_in(&f, "C;2", ISO_DATA + 2, 30);
    file_in(&f, "EMPTY", 0, 0);
    file_in(&f, "D/E:associated", ISO_DATA + 3, 40);
    file_in(&f, "D/E", ISO_DATA + 4, 50);
    is_whole(&f, 6);
    cr_assert_eq(f.disc.declared, ISO_BYTES);
    optical_free(&f.disc);
}

Test(iso, a_disc_without_files)
{
    struct fixture f;
    iso_begin(&image, 0, NULL, 0);
    list(&f);
    is_whole(&f, 0);
    optical_free(&f.disc);
}

Test(iso, what_one_tree_hides_another_lists)
{
    struct fixture f;
    iso_begin(&image, 2, NULL, 0);
    iso_joliet(&image, ISO_PRIMARY + 1, ISO_OTHER_ROOT);
    /* ISO 9660:1999: one more plain tree. */
    iso_descriptor(&image, ISO_PRIMARY + 2, 2, ISO_FOLDER)[6] = 2;
    iso_folder(&image, ISO_OTHER_ROOT, ISO_OTHER_ROOT, NULL, 0);
    iso_folder(&image, ISO_FOLDER, ISO_FOLDER, NULL, 0);
    iso_file(&image, ISO_ROOT, "BOTH.TXT;1", ISO_DATA, 10);
    iso_file(&image, ISO_ROOT, "PLAIN;1", ISO_DATA + 1, 20);
    iso_record(&image, ISO_OTHER_ROOT, "\0b\0\366\1\1\0;\0001", 10, ISO_DATA, 10, 0, NULL, 0);
    iso_record(&image, ISO_OTHER_ROOT, "\330\75\336\0", 4, ISO_DATA + 2, 30, 0, NULL, 0);
    iso_file(&image, ISO_FOLDER, "third", ISO_DATA + 3, 40);
    list(&f);
    cr_assert_eq(file_in(&f, "b\303\266\304\201", ISO_DATA, 10)->tree, TREE_JOLIET);
    file_in(&f, "PLAIN", ISO_DATA + 1, 20);
    file_in(&f, "\360\237\230\200", ISO_DATA + 2, 30);
    file_in(&f, "third", ISO_DATA + 3, 40);
    is_whole(&f, 4);
    optical_free(&f.disc);
}

Test(iso, descriptors_behind_their_end_and_without_one)
{
    struct fixture f;
    for (unsigned has_end = 0; has_end < 2; has_end++) {
        iso_begin(&image, has_end ? 0 : 1, NULL, 0);
        iso_file(&image, ISO_ROOT, "A", ISO_DATA, 10);
        if (!has_end)
            memset(iso_at(&image, ISO_PRIMARY + 2), 0, ISO_SECTOR);
        unsigned at = ISO_PRIMARY + (has_end ? 2 : 1);
        iso_joliet(&image, at, ISO_OTHER_ROOT);
        iso_folder(&image, ISO_OTHER_ROOT, ISO_OTHER_ROOT, NULL, 0);
        iso_record(&image, ISO_OTHER_ROOT, "\0b", 2, ISO_DATA + 1, 10, 0, NULL, 0);
        list(&f);
        file_in(&f, "A", ISO_DATA, 10);
        file_in(&f, "b", ISO_DATA + 1, 10);
        is_whole(&f, 2);
        optical_free(&f.disc);
    }
}

Test(iso, pieces_of_a_file)
{
    struct fixture f;
    iso_begin(&image, 0, NULL, 0);
    iso_file(&image, ISO_ROOT, "TWO;1", ISO_DATA, 4096)[25] = 0x80;
    iso_file(&image, ISO_ROOT, "TWO;1", ISO_DATA + 8, 100);
    iso_file(&image, ISO_ROOT, "LOST;1", ISO_DATA + 2, 2048)[25] = 0x80;
    iso_file(&image, ISO_ROOT, "NEXT;1", ISO_DATA + 3, 5);
    uint8_t *p = iso_file(&image, ISO_ROOT, "UNITS;1", ISO_DATA + 10, 5000);
    p[26] = 1;
    p[27] = 2;
    /* Units that would leave the volume: nobody can mean them. */
    p = iso_file(&image, ISO_ROOT, "NOUNITS", ISO_DATA + 20, 5000);
    p[26] = 1;
    p[27] = 20;
    iso_file(&image, ISO_ROOT, "XAR;1", ISO_DATA + 4, 77)[1] = 2;
    list(&f);
    const struct optical_file *two = find(&f, "TWO");
    cr_assert(two && two->size == 4196 && two->n_runs == 2 && two->status == TRAWL_OK);
    cr_assert_eq(f.disc.runs[two->first_run + 1].offset, (ISO_DATA + 8) * ISO_SECTOR);
    is_damaged(&f, "LOST", "next piece is missing");
    file_in(&f, "NEXT", ISO_DATA + 3, 5);
    const struct optical_file *units = find(&f, "UNITS");
    cr_assert(units && units->size == 5000 && units->n_runs == 3);
    cr_assert_eq(f.disc.runs[units->first_run + 2].offset, (ISO_DATA + 16) * ISO_SECTOR);
    cr_assert_eq(f.disc.runs[units->first_run + 2].length, 904);
    file_in(&f, "NOUNITS", ISO_DATA + 20, 5000);
    file_in(&f, "XAR", ISO_DATA + 6, 77);
    is_whole(&f, 6);
    optical_free(&f.disc);
}

Test(iso, numbers_in_two_byte_orders)
{
    struct fixture f;
    iso_begin(&image, 0, NULL, 0);
    uint8_t *p = iso_file(&image, ISO_ROOT, "LOW", ISO_DATA, 10);
    memset(p + 6, 0, 4);
    memset(p + 14, 0, 4);
    list(&f);
    file_in(&f, "LOW", ISO_DATA, 10);
    is_whole(&f, 1);
    optical_free(&f.disc);
    memset(iso_file(&image, ISO_ROOT, "HIGH", ISO_DATA + 1, 10) + 2, 0xff, 4);
    memset(iso_file(&image, ISO_ROOT, "SIZE", ISO_DATA + 2, 30) + 10, 0, 4);
    memset(iso_at(&image, ISO_PRIMARY) + 158, 9, 4);
    list(&f);
    file_in(&f, "LOW", ISO_DATA, 10);
    file_in(&f, "HIGH", ISO_DATA + 1, 10);
    file_in(&f, "SIZE", ISO_DATA + 2, 30);
    volume_is_damaged(&f, "two byte orders");
    optical_free(&f.disc);
}

Test(iso, entries_that_cannot_be)
{
    struct fixture f;
    iso_begin(&image, 0, NULL, 0);
    iso_record(&image, ISO_ROOT, "D", 1, ISO_FOLDER, 2 * ISO_SECTOR, 2, NULL, 0);
    iso_record(&image, ISO_ROOT, "OUT", 3, 5000, ISO_SECTOR, 2, NULL, 0);
    iso_record(&image, ISO_ROOT, "NONE", 4, ISO_PRIMARY + 2, ISO_SECTOR, 2, NULL, 0);
    iso_record(&image, ISO_ROOT, "LONG", 4, ISO_FOLDER + 2, 100 * ISO_SECTOR, 2, NULL, 0);
    iso_folder(&image, ISO_FOLDER, ISO_ROOT, NULL, 0);
    iso_folder(&image, ISO_FOLDER + 2, ISO_ROOT, NULL, 0);
    iso_file(&image, ISO_FOLDER + 2, "IN", ISO_DATA + 8, 9);
    iso_file(&image, ISO_FOLDER, "BEFORE", ISO_DATA, 10);
    /* A name that is longer than its record; then another sector of the folder. */
    iso_file(&image, ISO_FOLDER, "BROKEN", ISO_DATA + 1, 10)[32] = 200;
    iso_file(&image, ISO_FOLDER + 1, "BEHIND", ISO_DATA + 2, 10);
    iso_record(&image, ISO_FOLDER + 1, "AGAIN", 5, ISO_FOLDER, ISO_SECTOR, 2, NULL, 0);
    memset(iso_at(&image, ISO_PRIMARY + 2), 0xee, ISO_SECTOR);
    list(&f);
    file_in(&f, "D/BEFORE", ISO_DATA, 10);
    file_in(&f, "D/BEHIND", ISO_DATA + 2, 10);
    is_damaged(&f, "D", "some entries");
    is_damaged(&f, "OUT", "outside");
    is_damaged(&f, "NONE", "no entry can be read");
    /* Its bytes are read as a file's. */
    file_in(&f, "NONE", ISO_PRIMARY + 2, ISO_SECTOR);
    is_damaged(&f, "LONG", "behind the end");
    file_in(&f, "LONG/IN", ISO_DATA + 8, 9);
    is_damaged(&f, "D/AGAIN", "listed elsewhere");
    cr_assert_eq(f.disc.n_files, 8);
    optical_free(&f.disc);
}

Test(iso, a_record_across_sectors_and_a_longer_folder)
{
    struct fixture f;
    char name[8];
    iso_begin(&image, 0, NULL, 0);
    /* Records of 38 bytes fill the first sector and go on in the second, which only the folder's own record tells. */
    iso_put32(iso_at(&image, ISO_ROOT) + 10, 2 * ISO_SECTOR);
    for (unsigned i = 0; i < 60; i++) {
        snprintf(name, sizeof(name), "N%02u;1", i);
        iso_record(&image, ISO_ROOT, name, 5, ISO_DATA, 10 + i, 0, NULL, 0);
    }
    list(&f);
    file_in(&f, "N52", ISO_DATA, 62);
    file_in(&f, "N59", ISO_DATA, 69);
    is_whole(&f, 60);
    optical_free(&f.disc);
}

Test(iso, folders_that_only_the_table_of_paths_has)
{
    static const uint8_t paths[] = {1, 0,          ISO_ROOT, 0, 0, 0, 1, 0,   0,   0,   4,
                                    0, ISO_FOLDER, 0,        0, 0, 1, 0, 'L', 'O', 'S', 'T'};
    struct fixture f;
    iso_begin(&image, 0, NULL, 0);
    iso_put32(iso_at(&image, ISO_PRIMARY) + 132, sizeof(paths));
    iso_at(&image, ISO_PRIMARY)[140] = 30;
    memcpy(iso_at(&image, 30), paths, sizeof(paths));
    iso_folder(&image, ISO_FOLDER, ISO_ROOT, NULL, 0);
    iso_file(&image, ISO_FOLDER, "A", ISO_DATA, 10);
    list(&f);
    file_in(&f, "$paths/LOST/A", ISO_DATA, 10);
    is_whole(&f, 1);
    optical_free(&f.disc);
}

Test(iso, blocks_of_another_size)
{
    struct fixture f;
    for (unsigned told = 512; told <= 2048; told *= 4) {
        iso_begin(&image, 0, NULL, 0);
        memset(iso_at(&image, ISO_ROOT), 0, ISO_SECTOR);
        iso_record(&image, ISO_ROOT, "\0", 1, 4 * ISO_ROOT, ISO_SECTOR, 2, NULL, 0);
        iso_file(&image, ISO_ROOT, "A", 4 * ISO_DATA + 1, 10);
        iso_put16(iso_at(&image, ISO_PRIMARY) + 128, (uint16_t)told);
        iso_put32(iso_at(&image, ISO_PRIMARY) + 158, 4 * ISO_ROOT);
        list(&f);
        must_be(&f, "A", ISO_DATA * ISO_SECTOR + 512, 10);
        cr_assert_eq(f.end.status, told == 512 ? TRAWL_OK : TRAWL_DAMAGED, "%s", f.end.detail);
        cr_assert_eq(f.disc.block, 512);
        optical_free(&f.disc);
    }
}

Test(iso, discs_of_a_set)
{
    struct fixture f;
    iso_begin(&image, 0, NULL, 0);
    iso_file(&image, ISO_ROOT, "HERE", ISO_DATA, 10);
    iso_put16(iso_file(&image, ISO_ROOT, "THERE", ISO_DATA + 1, 10) + 28, 2);
    list(&f);
    file_in(&f, "THERE", ISO_DATA + 1, 10);
    optical_free(&f.disc);
    iso_put16(iso_at(&image, ISO_PRIMARY) + 120, 2);
    list(&f);
    file_in(&f, "HERE", ISO_DATA, 10);
    const struct optical_file *there = find(&f, "THERE");
    cr_assert(there && there->status == TRAWL_UNSUPPORTED && !there->n_runs);
    is_whole(&f, 2);
    optical_free(&f.disc);
}

Test(iso, high_sierra)
{
    struct fixture f;
    iso_begin(&image, 0, NULL, 0);
    uint8_t *p = iso_at(&image, ISO_PRIMARY);
    memset(p, 0, ISO_SECTOR);
    memcpy(p + 8, "\1CDROM\1", 7);
    iso_put32(p + 88, ISO_SECTORS);
    iso_put16(p + 136, ISO_SECTOR);
    p[180] = 34;
    iso_put32(p + 182, ISO_ROOT);
    iso_put32(p + 190, ISO_SECTOR);
    for (uint8_t *r = iso_at(&image, ISO_ROOT); *r; r += *r)
        r[24] = 2, r[25] = 0;
    uint8_t *r = iso_file(&image, ISO_ROOT, "OLD.TXT;1", ISO_DATA, 10);
    r[24] = 0;
    list(&f);
    cr_assert_eq(file_in(&f, "OLD.TXT", ISO_DATA, 10)->times[ORIGIN_WRITTEN], INT64_C(951827415000000000));
    is_whole(&f, 1);
    optical_free(&f.disc);
}

Test(iso, sessions)
{
    struct fixture f;
    iso_begin(&image, 0, NULL, 0);
    iso_file(&image, ISO_ROOT, "OLD;1", ISO_DATA, 10);
    iso_descriptor(&image, 56, 1, 58);
    iso_folder(&image, 58, 58, NULL, 0);
    iso_file(&image, 58, "OLD;1", ISO_DATA, 10);
    iso_file(&image, 58, "NEW;1", 60, 10);
    list(&f);
    file_in(&f, "OLD", ISO_DATA, 10);
    file_in(&f, "$session-56/NEW", 60, 10);
    is_whole(&f, 2);
    optical_free(&f.disc);
    /* The later session alone: its sectors are counted from the disc's beginning. */
    iso_begin(&image, 0, NULL, 0);
    iso_put32(iso_at(&image, ISO_PRIMARY) + 158, 1000 + ISO_ROOT);
    iso_put32(iso_at(&image, ISO_ROOT) + 2, 1000 + ISO_ROOT);
    iso_file(&image, ISO_ROOT, "NEW;1", 1000 + ISO_DATA, 10);
    iso_file(&image, ISO_ROOT, "OLD;1", ISO_DATA, 10);
    list(&f);
    file_in(&f, "NEW", ISO_DATA, 10);
    is_damaged(&f, "OLD", "an earlier session");
    volume_is_damaged(&f, "without the 2048000 bytes");
    optical_free(&f.disc);
}

Test(iso, boot_images_that_no_tree_names)
{
    struct fixture f;
    iso_begin(&image, 1, NULL, 0);
    uint8_t *p = iso_at(&image, ISO_PRIMARY + 1), *entry = iso_at(&image, 30);
    memcpy(p, "\0CD001\1EL TORITO SPECIFICATION", 30);
    p[71] = 30;
    iso_file(&image, ISO_ROOT, "NAMED", ISO_DATA, 10);
    entry[0] = 1;
    entry[30] = 0x55;
    entry[31] = 0xaa;
    static const uint8_t entries[][12] = {
        {0x88, 0, 0, 0, 0, 0, 4, 0, ISO_DATA},
        {0x90, 0, 2, 0},
        {0x88, 0, 0, 0, 0, 0, 3, 0, ISO_DATA + 1},
        {0x88, 0x20, 0, 0, 0, 0, 1, 0, ISO_DATA + 2},
        {0x44, 0, 0, 0},
        {0x91, 0, 1, 0},
        {0x00, 4, 0, 0, 0, 0, 1, 0, ISO_DATA + 9},
        {0x88, 0, 0, 0, 0, 0, 1, 0, ISO_DATA + 20},
    };
    for (size_t i = 0; i < sizeof(entries) / sizeof(*entries); i++)
        memcpy(entry + 32 * (i + 1), entries[i], sizeof(*entries));
    uint8_t *fat = iso_at(&image, ISO_DATA + 2), *table = iso_at(&image, ISO_DATA + 9);
    static const uint8_t boot_sector[] = {0xeb, 0x3c, 0x90, 0, 0, 0, 0,  0, 0,  0, 0,
                                          0,    2,    1,    1, 0, 2, 16, 0, 12, 0, 0xf8};
    memcpy(fat, boot_sector, sizeof(boot_sector));
    table[446 + 4] = 6;
    table[446 + 8] = 2;
    table[446 + 12] = 5;
    fat[510] = table[510] = 0x55;
    fat[511] = table[511] = 0xaa;
    list(&f);
    file_in(&f, "NAMED", ISO_DATA, 10);
    cr_assert_eq(file_in(&f, "$boot/2.img", ISO_DATA + 1, 1536)->tree, TREE_BOOT);
    file_in(&f, "$boot/3.img", ISO_DATA + 2, 12 * 512);
    file_in(&f, "$boot/4.img", ISO_DATA + 9, 7 * 512);
    is_whole(&f, 4);
    cr_assert(optical_is_claimed(&f.disc, 30 * ISO_SECTOR));
    optical_free(&f.disc);
    entry[30] = 0;
    list(&f);
    volume_is_damaged(&f, "catalogue");
    optical_free(&f.disc);
}

Test(iso, an_image_that_is_cut)
{
    struct record record = record_new();
    iso_begin(&image, 0, NULL, 0);
    iso_fill(&image, ISO_DATA, 2 * ISO_SECTOR);
    iso_file(&image, ISO_ROOT, "A", ISO_DATA, 2 * ISO_SECTOR);
    iso_file(&image, ISO_ROOT, "B", ISO_DATA + 2, 10);
    record_bytes(&record, image.bytes, (ISO_DATA + 1) * ISO_SECTOR, TYPE_ISO9660);
    cr_assert_null(record.broken, "%s", record.broken);
    cr_assert_eq(record.n, 2);
    cr_assert(member_is(&record.members[0], "A", iso_at(&image, ISO_DATA), ISO_SECTOR));
    for (size_t i = 0; i < 2; i++) {
        cr_assert_eq(record.members[i].status, TRAWL_DAMAGED);
        cr_assert_eq(record.members[i].size, i ? 0 : ISO_SECTOR);
    }
    record_free(&record);
}

/** Whatever a byte says, the list ends, and what is wrong is told in words. */
Test(iso, any_byte_may_be_wrong, .timeout = 120)
{
    static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff};
    struct fixture f;
    iso_begin(&image, 1, ISO_ROCK_RIDGE);
    iso_joliet(&image, ISO_PRIMARY + 1, ISO_OTHER_ROOT);
    iso_folder(&image, ISO_OTHER_ROOT, ISO_OTHER_ROOT, NULL, 0);
    iso_record(&image, ISO_OTHER_ROOT, "\0a\0.\0;\0001", 8, ISO_DATA, 10, 0, NULL, 0);
    uint8_t fields[128];
    size_t n = 0;
    iso_field(fields, &n, "NM", "\0a", 2);
    iso_field_more(fields, &n, 30, 0, 64);
    iso_record(&image, ISO_ROOT, "A", 1, ISO_DATA, 10, 0, fields, n);
    iso_record(&image, ISO_ROOT, "D", 1, ISO_FOLDER, ISO_SECTOR, 2, NULL, 0);
    iso_folder(&image, ISO_FOLDER, ISO_ROOT, NULL, 0);
    for (size_t at = ISO_PRIMARY * ISO_SECTOR; at < (ISO_FOLDER + 1) * ISO_SECTOR; at++) {
        uint8_t old = image.bytes[at];
        if (!old && at % ISO_SECTOR > 256)
            continue;
        for (size_t i = 0; i < sizeof(values); i++) {
            image.bytes[at] = values[i];
            list(&f);
            cr_assert(f.end.status == TRAWL_OK || *f.end.detail);
            cr_assert_leq(f.disc.n_files, 64);
            optical_free(&f.disc);
        }
        image.bytes[at] = old;
    }
}
