/* verify.c: trawl verify: derives every report again from the journal and compares it with the one in the folder. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/buf.h"
#include "scan/access.h"
#include "scan/case.h"
#include "scan/crash.h"
#include "trawl/scan.h"

#define BLOCK 65536

/** A file that is derived. */
struct derived {
    const char *name;
    /** It must be there: always, or because another one of its format is. */
    bool required;
    /** Worth a line where it is not there. */
    bool common;
};

/** Gives the i-th file that may be derived; false behind the last one. */
static bool derived_file(size_t i, unsigned present, bool since, struct derived *file)
{
    static const char *const always[] = {"inventory.jsonl", "summary.json", "review_next.jsonl", "transparency.json",
                                         "changes.jsonl"};
    const size_t n = sizeof(always) / sizeof(*always);
    if (i < n) {
        bool there = i < n - 1 || since;
        *file = (struct derived){always[i], there, there};
        return true;
    }
    i -= n;
    if (i / 2 >= report_format_table_size)
        return false;
    const struct report_format_row *row = &report_format_table[i / 2];
    *file = (struct derived){row->files[i % 2], present & row->bit, REPORT_DEFAULT & row->bit};
    return true;
}

/** Offset of the first difference; -1: the files are equal; -2: `a` is not there; -3: it cannot be read. */
static long long compare(int dir_a, int dir_b, const char *name)
{
    int a = openat(dir_a, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), missing = a < 0 ? errno : 0;
    int b = openat(dir_b, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    static uint8_t x[BLOCK], y[BLOCK];
    long long at = 0, result = a < 0 ? (missing == ENOENT ? -2 : -3) : b < 0 ? -3 : 0;
    while (!result) {
        ssize_t n = pread(a, x, BLOCK, at), m = pread(b, y, BLOCK, at), same = 0;
        if (n < 0 || m < 0) {
            result = -3;
            break;
        }
        while (same < n && same < m && x[same] == y[same])
            same++;
        if (same < n || same < m)
            result = at + same + 1;
        else if (n == 0)
            result = -1;
        at += n;
    }
    if (a >= 0)
        close(a);
    if (b >= 0)
        close(b);
    return result > 0 ? result - 1 : result;
}

/** True if the bytes that a crash cut are those that the last run that took the case up again noted. */
static bool torn_as_noted(const struct case_folder *folder)
{
    struct journal_reader *reader;
    struct journal_record record;
    uint64_t torn = 0;
    uint32_t crc = 0;
    if (journal_reader_open(folder->journal_dirfd, &reader))
        return false;
    while (journal_reader_next(reader, &record) == 1) {
        struct reader in = {record.payload, record.payload + record.n, false};
        if (record.type == JOURNAL_RESUME && record.n == 20) {
            (void)read_u64(&in);
            torn = read_u64(&in);
            crc = read_u32(&in);
        }
    }
    journal_reader_close(reader);
    return torn == folder->state.torn_bytes && crc == folder->state.torn_crc;
}

static bool verify_journal(const struct case_folder *folder)
{
    const struct journal_state *s = &folder->state;
    uint64_t broken = crash_read(folder->journal_dirfd, NULL, NULL);
    bool torn = !torn_as_noted(folder);
    printf("journal: %llu records in %u segments: ", (unsigned long long)s->records, s->segments);
    if (s->damaged || broken)
        printf("DAMAGED in %llu places\n", (unsigned long long)(s->damaged + broken));
    else if (torn)
        printf("CUT: %llu bytes at the end of segments are no whole record, and not those of a crash that is known\n",
               (unsigned long long)s->torn_bytes);
    else
        printf("whole, last link %02x%02x%02x%02x%02x%02x%02x%02x\n", s->chain[0], s->chain[1], s->chain[2],
               s->chain[3], s->chain[4], s->chain[5], s->chain[6], s->chain[7]);
    uint64_t lines, wrong = access_check(folder->journal_dirfd, &lines);
    if (wrong)
        printf("access log: CHANGED: line %llu does not follow the one before it\n", (unsigned long long)wrong);
    else
        printf("access log: %llu lines, each follows the one before it\n", (unsigned long long)lines);
    if (!folder->end.complete)
        printf("journal: the scan was not finished\n");
    return !s->damaged && !broken && !torn && !wrong;
}

static bool verify_file(const struct case_folder *folder, int fresh, const struct derived *file)
{
    long long at = compare(folder->dirfd, fresh, file->name);
    bool absent = at == -2 && !file->required;
    if (at == -1)
        printf("%s: as the journal says\n", file->name);
    else if (absent && file->common)
        printf("%s: not there\n", file->name);
    else if (at < 0 && !absent)
        printf("%s: %s\n", file->name, at == -2 ? "MISSING" : "UNREADABLE");
    else if (at >= 0)
        printf("%s: CHANGED, first at byte %lld\n", file->name, at);
    return at == -1 || absent;
}

static bool verify_reports(const struct case_folder *folder, int fresh, unsigned present)
{
    bool good = true;
    struct derived file;
    for (size_t i = 0; derived_file(i, present, folder->since, &file); i++)
        if (file.name && !verify_file(folder, fresh, &file))
            good = false;
    return good;
}

static void remove_folder(int dirfd, const char *path)
{
    struct derived file;
    for (size_t i = 0; derived_file(i, 0, true, &file); i++)
        if (file.name)
            unlinkat(dirfd, file.name, 0);
    rmdir(path);
}

/** Derives the reports in a folder of their own and compares. Returns an exit status. */
static int verify_case(const struct case_folder *folder)
{
    const char *tmp = getenv("TMPDIR");
    struct buf path = {0};
    buf_printf(&path, "%s/trawl-verify-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    buf_str(&path);
    char *name = mkdtemp((char *)path.data);
    int fresh = name ? open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    int status = EXIT_OUTPUT;
    struct report_totals totals;
    unsigned present = report_present(folder->dirfd);
    int r = fresh < 0 ? -errno : case_report(folder, fresh, present, &totals);
    if (r) {
        fprintf(stderr, "trawl: temporary folder: %s\n", strerror(-r));
    } else {
        bool journal = verify_journal(folder), reports = verify_reports(folder, fresh, present);
        status = journal && reports ? 0 : EXIT_UNEXAMINED;
    }
    if (fresh >= 0) {
        remove_folder(fresh, name);
        close(fresh);
    }
    buf_free(&path);
    return status;
}

int scan_verify(const char *case_dir)
{
    char why[CASE_WHY];
    struct case_folder folder;
    int status = case_open_existing(&folder, case_dir, why);
    if (status) {
        fprintf(stderr, "trawl: %s\n", why);
    } else {
        int r = case_read_back(&folder);
        case_settle(&folder);
        if (r) {
            printf("journal: UNREADABLE: %s\n", r != -EBADMSG ? strerror(-r) : "its beginning is missing or damaged");
            status = EXIT_UNEXAMINED;
        } else {
            access_log(folder.journal_dirfd, "verify");
            status = verify_case(&folder);
        }
    }
    case_close(&folder);
    return status;
}
