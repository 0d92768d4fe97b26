#include "fixture.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

Test(output, only_the_formats_asked_for)
{
    struct case_info info = info_make(NULL, 0);
    for (unsigned formats = 0; formats <= REPORT_DEFAULT; formats++) {
        struct folder folder = folder_make();
        struct maker maker = maker_of(make_varied, 20);
        struct report_totals totals;
        cr_assert_eq(report_write(folder.fd, &info, &whole, formats, &maker.source, &totals), 0);
        for (int i = 0; i < CASE_FILES; i++) {
            struct stat st;
            bool there = fstatat(folder.fd, case_files[i], &st, AT_SYMLINK_NOFOLLOW) == 0;
            cr_assert_eq(there, i == 0 || i >= 4 || (formats & (1u << (i - 1))), "formats %u: %s", formats,
                         case_files[i]);
            cr_assert(!there || (st.st_mode & 07777) == 0600);
        }
        folder_remove(&folder);
    }
    case_info_clear(&info);
}

/** Fails after some items. */
static int failing_next(struct item_source *source, struct item *item)
{
    struct maker *maker = (struct maker *)source;
    return maker->next == 100 ? -EBADMSG : maker_next(source, item);
}

Test(output, an_error_of_the_source_leaves_old_files_alone)
{
    struct folder folder = folder_make();
    struct case_info info = info_make(NULL, 0);
    struct maker maker = maker_of(make_varied, 200);
    struct report_totals totals;
    cr_assert_eq(report_write(folder.fd, &info, &whole, REPORT_DEFAULT, &maker.source, &totals), 0);
    struct buf before = folder_read(&folder, "inventory.jsonl");
    maker = maker_of(make_varied, 200);
    maker.source.next = failing_next;
    cr_assert_eq(report_write(folder.fd, &info, &whole, REPORT_DEFAULT, &maker.source, &totals), -EBADMSG);
    struct buf after = folder_read(&folder, "inventory.jsonl");
    cr_assert(before.len == after.len && memcmp(before.data, after.data, before.len) == 0);
    buf_free(&before);
    buf_free(&after);
    folder_remove(&folder); /* and no temporary file is there */
    case_info_clear(&info);
}

Test(output, links_in_the_way_are_not_followed)
{
    struct folder folder = folder_make();
    struct case_info info = info_make(NULL, 0);
    struct maker maker = maker_of(make_varied, 20);
    struct report_totals totals;
    cr_assert_eq(symlinkat("victim", folder.fd, "report.csv.tmp"), 0);
    cr_assert_eq(report_write(folder.fd, &info, &whole, REPORT_DEFAULT, &maker.source, &totals), -ELOOP);
    cr_assert_neq(faccessat(folder.fd, "victim", F_OK, 0), 0);
    folder_remove(&folder);
    case_info_clear(&info);
}

/** In a child: 0 if the writing fails as it must and leaves nothing behind. */
static int write_on_a_full_disk(size_t bytes, size_t memory)
{
    struct folder folder = folder_make();
    struct case_info info = info_make(NULL, 0);
    struct maker maker = maker_of(make_varied, 3000);
    struct report_totals totals;
    struct rlimit limit = {bytes, bytes};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    int error = report_write_bounded(folder.fd, &info, &whole, REPORT_DEFAULT, &maker.source, memory, &totals);
    close(folder.fd);
    case_info_clear(&info);
    return error == -EFBIG && rmdir(folder.name) == 0 ? 0 : 1;
}

Test(output, a_full_disk_is_an_error_and_leaves_no_half_file, .timeout = 120)
{
    static const size_t sizes[] = {0, 1, 5000, 100000, 500000};
    for (size_t i = 0; i < 2 * sizeof(sizes) / sizeof(*sizes); i++) {
        pid_t child = fork();
        if (child == 0)
            _exit(write_on_a_full_disk(sizes[i / 2], i % 2 ? 50000 : 1 << 26));
        int status = -1;
        cr_assert_eq(waitpid(child, &status, 0), child);
        cr_assert_eq(status, 0, "%zu bytes", sizes[i / 2]);
    }
}
