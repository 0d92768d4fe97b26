#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scan/segments.h"

static char folder[64];

static void make(const char *name, const char *bytes, size_t n, size_t size)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    cr_assert(fd >= 0 && write(fd, bytes, n) == (ssize_t)n && ftruncate(fd, (off_t)(size > n ? size : n)) == 0);
    close(fd);
}

static struct where *place(const char *name)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return where_new(NULL, "file", path, strlen(path), WHERE_UNKNOWN, WHERE_UNKNOWN);
}

/** Names of the parts with blanks between. */
static void expect_parts(const char *name, enum file_type type, const char *wanted)
{
    struct segments segments;
    struct where *where = place(name);
    char got[512] = "";
    segments_open(&segments, where, type);
    for (size_t i = 0; i < segments.n; i++) {
        strcat(got, i ? " " : "");
        strcat(got, segments.items[i].name);
    }
    cr_assert_str_eq(got, wanted, "%s: '%s', should be '%s'", name, got, wanted);
    segments_close(&segments);
    where_unref(where);
}

static void expect_part_of(const char *name, enum file_type type, const char *wanted)
{
    char first[UNPACK_SEGMENT_NAME] = "";
    struct where *where = place(name);
    bool is_part = segments_is_part(where, type, first);
    cr_assert_str_eq(is_part ? first : "", wanted, "%s: '%s'", name, is_part ? first : "");
    where_unref(where);
}

static void clear(void)
{
    char command[128];
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    cr_assert_eq(system(command), 0);
}

Test(segments, names_follow_a_rule)
{
    static const char ewf[] = "EVF\x09\r\n\xff\0\1\1\0\0\0", luks[] = "LUKS\xba\xbe\0\2",
                      text[] = "# Disk DescriptorFile\n";
    strcpy(folder, "/tmp/trawl-segments-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    static const char *const ewf_names[] = {"a.E01", "a.E02", "a.E04",  "b.e98",  "b.e99",
                                            "b.eaa", "b.eab", "c.Ex01", "c.Ex02", "f.Ex01"};
    for (size_t i = 0; i < sizeof(ewf_names) / sizeof(*ewf_names); i++)
        make(ewf_names[i], ewf, sizeof(ewf) - 1, 100);
    static const char *const raw_names[] = {"d.001", "d.002", "d.003", "d.005"};
    for (size_t i = 0; i < sizeof(raw_names) / sizeof(*raw_names); i++)
        make(raw_names[i], luks, sizeof(luks) - 1, 4096);
    make("t.001", "text", 4, 4);
    make("t.002", "text", 4, 4);
    make("v.vmdk", text, sizeof(text) - 1, 0);
    make("v-s001.vmdk", "KDMV", 4, 4);
    make("v-s002.vmdk", "KDMV", 4, 4);
    make("v-flat.vmdk", "x", 1, 1);
    make("vv-flat.vmdk", "x", 1, 1);
    make("v-other.vmdk", "x", 1, 1);
    expect_parts("a.E01", TYPE_EWF, "a.E02");
    expect_parts("a.E02", TYPE_EWF, "");
    expect_parts("d.001", TYPE_LUKS, "d.002 d.003");
    expect_parts("t.001", TYPE_OTHER, "");
    expect_parts("v.vmdk", TYPE_VMDK, "v-flat.vmdk v-s001.vmdk v-s002.vmdk");
    expect_part_of("a.E02", TYPE_EWF, "a.E01");
    expect_part_of("a.E01", TYPE_EWF, "");
    expect_part_of("b.eaa", TYPE_EWF, "");
    make("b.e01", ewf, sizeof(ewf) - 1, 100);
    expect_part_of("b.eaa", TYPE_EWF, "b.e01");
    expect_parts("c.Ex01", TYPE_EWF, "c.Ex02");
    expect_part_of("c.Ex02", TYPE_EWF, "c.Ex01");
    expect_part_of("c.Ex01", TYPE_EWF, "");
    expect_part_of("d.003", TYPE_OTHER, "d.001");
    expect_part_of("d.001", TYPE_LUKS, "");
    expect_part_of("t.002", TYPE_OTHER, "");
    expect_part_of("v-s002.vmdk", TYPE_VMDK, "v.vmdk");
    expect_part_of("v-flat.vmdk", TYPE_OTHER, "v.vmdk");
    expect_part_of("vv-flat.vmdk", TYPE_OTHER, "");
    expect_part_of("v.vmdk", TYPE_VMDK, "");
    clear();
}

Test(segments, only_regular_files_are_opened)
{
    static const char luks[] = "LUKS\xba\xbe\0\2";
    char path[128], target[128];
    strcpy(folder, "/tmp/trawl-segments-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    make("d.001", luks, sizeof(luks) - 1, 4096);
    make("d.003", "x", 1, 1);
    snprintf(path, sizeof(path), "%s/d.002", folder);
    snprintf(target, sizeof(target), "%s/d.003", folder);
    cr_assert_eq(mkfifo(path, 0600), 0);
    expect_parts("d.001", TYPE_LUKS, "");
    cr_assert_eq(unlink(path), 0);
    cr_assert_eq(symlink(target, path), 0);
    expect_parts("d.001", TYPE_LUKS, "");
    clear();
}

Test(segments, the_names_of_encase_go_on_behind_99)
{
    static const char ewf[] = "EVF\x09\r\n\xff\0\1\1\0\0\0";
    strcpy(folder, "/tmp/trawl-segments-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    char name[16];
    for (int i = 1; i <= 99; i++) {
        snprintf(name, sizeof(name), "a.E%02d", i);
        make(name, ewf, sizeof(ewf) - 1, 100);
    }
    for (int i = 0; i < 676; i++) {
        snprintf(name, sizeof(name), "a.E%c%c", 'A' + i / 26, 'A' + i % 26);
        make(name, ewf, sizeof(ewf) - 1, 100);
    }
    make("a.FAA", ewf, sizeof(ewf) - 1, 100);
    make("a.FAC", ewf, sizeof(ewf) - 1, 100);
    struct segments segments;
    struct where *where = place("a.E01");
    segments_open(&segments, where, TYPE_EWF);
    cr_assert_eq(segments.n, 98 + 676 + 1);
    cr_assert_str_eq(segments.items[97].name, "a.E99");
    cr_assert_str_eq(segments.items[98].name, "a.EAA");
    cr_assert_str_eq(segments.items[774].name, "a.FAA");
    segments_close(&segments);
    where_unref(where);
    clear();
}

Test(segments, the_second_version_keeps_its_first_letter)
{
    static const char ewf[] = "EVF2\r\n\x81\0\2\1\1\0";
    strcpy(folder, "/tmp/trawl-segments-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    char name[16];
    for (int i = 1; i <= 99; i++) {
        snprintf(name, sizeof(name), "a.Ex%02d", i);
        make(name, ewf, sizeof(ewf) - 1, 100);
    }
    for (int i = 0; i < 677; i++) {
        snprintf(name, sizeof(name), "a.E%c%c%c", i < 676 ? 'x' : 'y', 'A' + i / 26 % 26, 'A' + i % 26);
        make(name, ewf, sizeof(ewf) - 1, 100);
    }
    struct segments segments;
    struct where *where = place("a.Ex01");
    segments_open(&segments, where, TYPE_EWF);
    cr_assert_eq(segments.n, 98 + 676 + 1, "%zu", segments.n);
    cr_assert_str_eq(segments.items[98].name, "a.ExAA");
    cr_assert_str_eq(segments.items[774].name, "a.EyAA");
    segments_close(&segments);
    where_unref(where);
    expect_part_of("a.EyAA", TYPE_EWF, "a.Ex01");
    expect_part_of("a.ExAB", TYPE_EWF, "a.Ex01");
    clear();
}
