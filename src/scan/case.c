#include "scan/case.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/alloc.h"
#include "scan/recorder.h"

static char *default_path(void)
{
    char text[64];
    time_t now = time(NULL);
    struct tm tm;
    localtime_r(&now, &tm);
    strftime(text, sizeof(text), "./trawl-%Y%m%d-%H%M%S", &tm);
    return mem_strdup(text);
}

bool case_is_empty(int dirfd)
{
    int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir)
        return false;
    unsigned names = 0;
    while (readdir(dir))
        names++;
    closedir(dir);
    return names <= 2;
}

static int open_folders(struct case_folder *folder, bool make, char why[CASE_WHY])
{
    folder->dirfd = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (folder->dirfd < 0) {
        snprintf(why, CASE_WHY, "%s: %s", folder->path, strerror(errno));
        return EXIT_USAGE;
    }
    if (make && case_is_empty(folder->dirfd) && mkdirat(folder->dirfd, "journal", 0700) < 0) {
        snprintf(why, CASE_WHY, "%s: %s", folder->path, strerror(errno));
        return EXIT_OUTPUT;
    }
    folder->journal_dirfd = openat(folder->dirfd, "journal", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (folder->journal_dirfd < 0) {
        snprintf(why, CASE_WHY, "%s: not a case folder (it has no journal)%s", folder->path,
                 make ? "; a new case needs a new folder" : "");
        return EXIT_USAGE;
    }
    return 0;
}

static int make_folder(struct case_folder *folder, const char *path, char why[CASE_WHY])
{
    *folder = (struct case_folder){.dirfd = -1, .journal_dirfd = -1};
    folder->path = path ? mem_strdup(path) : default_path();
    if (mkdir(folder->path, 0700) == 0 || errno == EEXIST)
        return 0;
    bool space = errno == ENOSPC || errno == EROFS || errno == EDQUOT;
    snprintf(why, CASE_WHY, "%s: %s", folder->path, strerror(errno));
    return space ? EXIT_OUTPUT : EXIT_USAGE;
}

/** Another run must not be at work in it. */
static int lock(const struct case_folder *folder, char why[CASE_WHY])
{
    if (flock(folder->dirfd, LOCK_EX | LOCK_NB) == 0)
        return 0;
    snprintf(why, CASE_WHY, "%s: another run is at work in this case", folder->path);
    return EXIT_USAGE;
}

int case_make(struct case_folder *folder, const char *path)
{
    char why[CASE_WHY];
    int r = make_folder(folder, path, why);
    if (!r && (folder->dirfd = open(folder->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)) < 0) {
        snprintf(why, CASE_WHY, "%s: %s", folder->path, strerror(errno));
        r = EXIT_USAGE;
    }
    r = r ? r : lock(folder, why);
    if (r)
        fprintf(stderr, "trawl: %s\n", why);
    return r;
}

int case_open(struct case_folder *folder, const char *path, char why[CASE_WHY])
{
    int r = make_folder(folder, path, why);
    r = r ? r : open_folders(folder, true, why);
    return r ? r : lock(folder, why);
}

int case_open_existing(struct case_folder *folder, const char *path, char why[CASE_WHY])
{
    *folder = (struct case_folder){.dirfd = -1, .journal_dirfd = -1};
    folder->path = mem_strdup(path);
    return open_folders(folder, false, why);
}

void case_close(struct case_folder *folder)
{
    if (folder->journal_dirfd >= 0)
        close(folder->journal_dirfd);
    if (folder->dirfd >= 0)
        close(folder->dirfd);
    for (size_t i = 0; i < folder->end.n_notes; i++)
        free(folder->end.notes[i]);
    free(folder->end.notes);
    for (size_t i = 0; i < folder->n_suspect_paths; i++)
        free(folder->suspect_paths[i]);
    free(folder->suspect_paths);
    case_set_since(folder, NULL);
    case_info_clear(&folder->info);
    done_set_free(&folder->done);
    done_set_free(&folder->stale);
    shard_cover_free(&folder->cover);
    free(folder->path);
    *folder = (struct case_folder){.dirfd = -1, .journal_dirfd = -1};
}
