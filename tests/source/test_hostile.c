/* Every file of the shared hostile corpus, each in a process of its own with limits, as the sandbox would have it. */
#include <criterion/criterion.h>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "record.h"

#define HOSTILE "../shared/data/hostile/"

#ifdef TRAWL_SANITIZED
#include <sanitizer/common_interface_defs.h>

/** libarchive asks for exabytes where a file says so, and takes no for an answer. */
__attribute__((weak)) const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

__attribute__((weak)) const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
    return "allocator_may_return_null=1";
}
#endif

/** Opens a file as a source is: its type by its content, a zip by its end. False where it is absent or empty. */
static bool open_file(const char *path, struct unpack_input *input)
{
    static uint8_t head[SNIFF_HEAD], tail[SNIFF_TAIL];
    struct stat st;
    int fd = open(path, O_RDONLY);
    if (fd < 0 || fstat(fd, &st) != 0 || !st.st_size)
        return false;
    uint64_t size = (uint64_t)st.st_size;
    size_t n_tail = size < SNIFF_TAIL ? (size_t)size : SNIFF_TAIL;
    ssize_t n = pread(fd, head, sizeof(head), 0);
    *input = record_input(fd, size, sniff(head, n > 0 ? (size_t)n : 0, size));
    if (!unpack_find(input->type) && pread(fd, tail, n_tail, st.st_size - (off_t)n_tail) == (ssize_t)n_tail &&
        sniff_zip_tail(tail, n_tail, size))
        input->type = TYPE_ZIP;
    return true;
}

static struct record run_file(const char *name, uint64_t enough, bool *there)
{
    char path[512];
    struct unpack_input input;
    struct record record = record_new();
    record.keep = SNIFF_HEAD;
    record.enough = enough;
    snprintf(path, sizeof(path), HOSTILE "%s", name);
    *there = open_file(path, &input);
    if (!*there) {
        fprintf(stderr, "skipped: %s is absent\n", path);
        return record;
    }
    cr_assert_not_null(unpack_find(input.type), "%s", name);
    record_run(&record, &input);
    cr_assert_null(record.broken, "%s: %s", name, record.broken);
    close(input.fd);
    return record;
}

/** In the child. Exit status 0: unpacked by the rules; 1: not; 2: no container. */
static int unpack_limited(const char *path)
{
    struct unpack_input input;
    struct record record = record_new();
#ifdef TRAWL_SANITIZED
    /* A warning of a refused allocation is no finding; a real one ends this process with a status of its own. */
    __sanitizer_set_report_path("stderr");
    /* Without a bound on memory, one of them fills gigabytes first. */
    setrlimit(RLIMIT_CPU, &(struct rlimit){60, 60});
#else
    setrlimit(RLIMIT_AS, &(struct rlimit){1ull << 30, 1ull << 30});
    setrlimit(RLIMIT_CPU, &(struct rlimit){5, 5});
#endif
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    signal(SIGXCPU, SIG_DFL);
    signal(SIGSEGV, SIG_DFL);
    record.keep = 4096;
    record.enough = 1 << 18;
    if (!open_file(path, &input) || !unpack_find(input.type))
        return 2;
    record_run(&record, &input);
    if (record.broken)
        fprintf(stderr, "%s: %s\n", path, record.broken);
    return record.broken ? 1 : 0;
}

/** Files on which libarchive 3.6.2 is known to crash, to loop, and to take some seconds. */
static bool known_bad(const char *name)
{
#ifdef TRAWL_SANITIZED
    if (strstr(name, "7zip_folders_oom")) /* there is no limit of memory */
        return true;
#endif
    return strstr(name, "rar5_data_ready_pointer_leak") || strstr(name, "xar_doublelink") ||
           strstr(name, "rar_unbound_staticdata");
}

/** Unpacks every file of a folder. Counts what could be unpacked, what was killed as it is known to be, what went
 * wrong. */
static void unpack_folder(const char *path, size_t *unpacked, size_t *killed, size_t *wrong)
{
    DIR *folder = opendir(path);
    if (!folder) {
        fprintf(stderr, "skipped: %s is absent\n", path);
        return;
    }
    for (struct dirent *entry; (entry = readdir(folder));) {
        char name[1024];
        int status = 0;
        snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
        pid_t child = entry->d_name[0] == '.' ? -1 : fork();
        if (!child)
            _exit(unpack_limited(name));
        if (child < 0 || waitpid(child, &status, 0) != child)
            continue;
        if (WIFSIGNALED(status) && !known_bad(entry->d_name))
            fprintf(stderr, "%s: signal %d\n", entry->d_name, WTERMSIG(status));
        *killed += WIFSIGNALED(status) && known_bad(entry->d_name);
        *wrong +=
            WIFSIGNALED(status) ? !known_bad(entry->d_name) : WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != 2;
        *unpacked += !status;
    }
    closedir(folder);
}

Test(hostile, every_file_ends_sanely, .timeout = 300)
{
    size_t unpacked = 0, killed = 0, wrong = 0;
    unpack_warm_up();
    unpack_folder(HOSTILE "libarchive", &unpacked, &killed, &wrong);
    unpack_folder(HOSTILE "selfmade", &unpacked, &killed, &wrong);
    cr_assert_eq(wrong, 0);
    cr_assert_leq(killed, 4);
    cr_assert(!unpacked || unpacked > 440, "%zu", unpacked);
}

Test(hostile, zips)
{
    bool there;
    struct record record = run_file("selfmade/zip_fulloverlap_1000x10MiB.zip", 1000, &there);
    if (there) {
        cr_assert_eq(record.n, 1000);
        for (size_t i = 0; i < record.n; i++)
            cr_assert_eq(record.members[i].size, 10 << 20);
        cr_assert_eq(record.end.status, TRAWL_OK);
    }
    record_free(&record);
    record = run_file("selfmade/zip_66000_empty_entries.zip", UINT64_MAX, &there);
    cr_assert(!there || (record.n == 66000 && record.end.status == TRAWL_OK && !record.end.missing));
    record_free(&record);
    record = run_file("selfmade/zip_prefix_junk.zip", UINT64_MAX, &there);
    cr_assert(!there || (record.n == 1 && record.members[0].status == TRAWL_OK && record.members[0].offset == 5003));
    record_free(&record);
    record = run_file("selfmade/zip_truncated.zip", UINT64_MAX, &there);
    cr_assert(!there || (record.n == 1 && record.members[0].status == TRAWL_OK && record.end.status == TRAWL_DAMAGED));
    record_free(&record);
    record = run_file("selfmade/poly_jpeg_zip.jpg", UINT64_MAX, &there);
    cr_assert(!there || (record.n == 1 && sniff(record.members[0].data, record.members[0].n, UINT64_MAX) == TYPE_JPEG));
    record_free(&record);
}

Test(hostile, names)
{
    static const char *const files[] = {"selfmade/zip_hostile_names.zip", "selfmade/zip_hostile_names_utf8flag.zip"};
    for (size_t i = 0; i < 2; i++) {
        bool there, has_nul = false, has_longest = false, has_empty = false;
        struct record record = run_file(files[i], UINT64_MAX, &there);
        for (size_t k = 0; k < record.n; k++) {
            const struct record_member *member = &record.members[k];
            has_nul |= memchr(member->name, 0, member->name_len) != NULL;
            has_longest |= member->name_len == 65535;
            has_empty |= !member->name_len;
            cr_assert_eq(member->status, TRAWL_OK);
        }
        cr_assert(!there || (record.n == 38 && has_nul && has_longest && has_empty));
        record_free(&record);
    }
}

/** What libarchive's bidding takes for an empty tar. */
Test(hostile, disk_images_in_filters)
{
    static const char *const zeros[] = {"selfmade/zeros_1GiB.gz", "selfmade/zeros_1GiB.zst"};
    bool there;
    struct record record = run_file("selfmade/ext4_image_43pngs.img.gz", UINT64_MAX, &there);
    if (there) {
        cr_assert_eq(record.n, 1);
        cr_assert_eq(record.members[0].size, 8 << 20);
        cr_assert_eq(sniff(record.members[0].data, record.members[0].n, record.members[0].size), TYPE_EXT);
    }
    record_free(&record);
    for (size_t i = 0; i < 2; i++) {
        record = run_file(zeros[i], UINT64_MAX, &there);
        if (there) {
            cr_assert_eq(record.n, 1);
            cr_assert_eq(record.members[0].size, 1 << 30);
            cr_assert_eq(sniff(record.members[0].data, record.members[0].n, record.members[0].size), TYPE_OTHER);
        }
        record_free(&record);
    }
    /* The other two unpack the same in ten times the time: a look at their beginning is enough. */
    static const char *const slow[] = {"selfmade/zeros_1GiB.bz2", "selfmade/zeros_1GiB.xz"};
    for (size_t i = 0; i < 2; i++) {
        record = run_file(slow[i], 1 << 20, &there);
        cr_assert(!there ||
                  (record.n == 1 && sniff(record.members[0].data, record.members[0].n, UINT64_MAX) == TYPE_OTHER));
        record_free(&record);
    }
}

Test(hostile, filters_that_never_end)
{
    bool there;
    struct record record = run_file("selfmade/gz_many_members_50k.gz", UINT64_MAX, &there);
    cr_assert(!there || (record.n == 1 && !record.members[0].size && record.end.accounted == 1000000));
    record_free(&record);
    record = run_file("selfmade/gz_layers40.gz", UINT64_MAX, &there);
    cr_assert(!there || (record.n == 1 && sniff(record.members[0].data, record.members[0].n, UINT64_MAX) == TYPE_GZIP));
    record_free(&record);
}

Test(hostile, tars)
{
    bool there;
    struct record record = run_file("selfmade/tar_gnu_sparse_8GiB.tar", UINT64_MAX, &there);
    cr_assert(!there ||
              (record.n == 1 && record.members[0].status == TRAWL_OK && record.members[0].size > 8ull << 30 >> 1));
    record_free(&record);
    record = run_file("selfmade/tar_links_devices_paths.tar", UINT64_MAX, &there);
    cr_assert(!there || (record.n == 14 && record.end.status == TRAWL_OK));
    if (there) {
        cr_assert_eq(record.members[10].name_len, UNPACK_NAME_MAX);
        cr_assert_str_eq(record.members[10].detail, "its name of 200004 bytes is cut");
    }
    record_free(&record);
    record = run_file("selfmade/tar_size_negative.tar", UINT64_MAX, &there);
    cr_assert(!there || record.end.status == TRAWL_DAMAGED);
    record_free(&record);
}

/** Volumes of a split archive say so: libarchive passes over the pieces of files in them without a word. */
Test(hostile, volumes)
{
    static const char *const files[] = {"libarchive/test_read_format_rar5_multiarchive.part02.rar",
                                        "libarchive/test_read_format_rar_multivolume.part0002.rar"};
    for (size_t i = 0; i < 2; i++) {
        bool there;
        struct record record = run_file(files[i], UINT64_MAX, &there);
        cr_assert(!there || record.end.status == TRAWL_UNSUPPORTED, "%s: %s", files[i], record.end.detail);
        record_free(&record);
    }
}
