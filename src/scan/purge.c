/*
 * purge.c: trawl purge: a case whose time is over loses all that names a file: journal, inventory, reports. What stays
 * is transparency.json, which names none, and the log of who did what.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "scan/access.h"
#include "scan/case.h"
#include "trawl/scan.h"

/** When the last run of the case ended, as its run.json says; -1 where it does not. */
static time_t case_ended(int dirfd)
{
    char text[8192];
    int fd = openat(dirfd, "run.json", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
    if (fd >= 0)
        close(fd);
    if (n <= 0)
        return -1;
    text[n] = '\0';
    struct tm tm = {0};
    const char *at = strstr(text, "\"end\": \"");
    if (!at || !strptime(at + strlen("\"end\": \""), "%Y-%m-%dT%H:%M:%SZ", &tm))
        return -1;
    return timegm(&tm);
}

/** Files of a case folder that name something; of its journal, all but the log. */
static bool is_ours(const char *name)
{
    static const char *const always[] = {"inventory.jsonl", "summary.json", "review_next.jsonl", "run.json",
                                         "changes.jsonl"};
    size_t n = strlen(name);
    if (n > 4 && strcmp(name + n - 4, ".tmp") == 0)
        n -= 4;
    for (size_t i = 0; i < sizeof(always) / sizeof(*always); i++)
        if (strlen(always[i]) == n && strncmp(always[i], name, n) == 0)
            return true;
    for (size_t i = 0; i < report_format_table_size; i++)
        for (int f = 0; f < 2; f++) {
            const char *file = report_format_table[i].files[f];
            if (file && strlen(file) == n && strncmp(file, name, n) == 0)
                return true;
        }
    return false;
}

static bool is_of_journal(const char *name)
{
    return strcmp(name, ACCESS_LOG) != 0 && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

/** Removes what `ours` says, and syncs. Returns 0 or -errno. */
static int remove_files(int dirfd, bool (*ours)(const char *name))
{
    int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), error = 0;
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir)
        return -errno;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
        if (ours(entry->d_name) && unlinkat(dirfd, entry->d_name, 0) < 0 && !error)
            error = -errno;
    if (!error && fsync(fd) < 0)
        error = -errno;
    closedir(dir);
    return error;
}

/** True if it may go now; else says why not. */
static bool is_due(const struct case_folder *folder, bool now)
{
    time_t ended = case_ended(folder->dirfd);
    uint32_t days = folder->info.retain_days;
    if (now)
        return true;
    if (!days || ended < 0) {
        fprintf(stderr, "trawl: %s: %s; --now purges it all the same\n", folder->path,
                days ? "its run.json does not say when it ended" : "it was scanned without --retain");
        return false;
    }
    time_t due = ended + (time_t)days * 86400;
    if (time(NULL) >= due)
        return true;
    char text[32];
    struct tm tm;
    gmtime_r(&due, &tm);
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
    fprintf(stderr, "trawl: %s: is kept until %s\n", folder->path, text);
    return false;
}

static int purge(struct case_folder *folder, bool now, bool quiet)
{
    /* With --now a journal that cannot be read any more is no reason to keep it. */
    int r = case_read(folder);
    if (r && !now) {
        fprintf(stderr, "trawl: %s: the journal cannot be read: %s\n", folder->path, strerror(-r));
        return EXIT_USAGE;
    }
    if (!is_due(folder, now))
        return EXIT_UNEXAMINED;
    int error = access_log(folder->journal_dirfd, now ? "purge now" : "purge");
    error = error ? error : remove_files(folder->dirfd, is_ours);
    error = error ? error : remove_files(folder->journal_dirfd, is_of_journal);
    if (error) {
        fprintf(stderr, "trawl: %s: %s\n", folder->path, strerror(-error));
        return EXIT_OUTPUT;
    }
    if (!quiet)
        fprintf(stderr, "trawl: %s: purged; transparency.json and journal/" ACCESS_LOG " are left\n", folder->path);
    return 0;
}

int scan_purge(const char *case_dir, bool now, bool quiet)
{
    char why[CASE_WHY];
    struct case_folder folder;
    int status = case_open(&folder, case_dir, why);
    if (status)
        fprintf(stderr, "trawl: %s\n", why);
    else
        status = purge(&folder, now, quiet);
    case_close(&folder);
    return status;
}
