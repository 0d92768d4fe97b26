#include "cli/check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "core/alloc.h"

/** A folder by identity: mounts and links cannot disguise it. */
struct place {
    dev_t dev;
    ino_t ino;
    /** What would be written in it. */
    const char *what;
};

/** The folder that output goes to and all folders above it. */
struct places {
    struct place *items;
    size_t n, cap;
};

/** Adds the folder behind fd and every one above. Closes fd. */
static void places_climb(struct places *places, int fd, const char *what)
{
    struct stat st;
    while (fd >= 0 && fstat(fd, &st) == 0) {
        const struct place *last = places->n ? &places->items[places->n - 1] : NULL;
        if (last && last->dev == st.st_dev && last->ino == st.st_ino)
            break;
        RESERVE(places->items, places->n, places->cap);
        places->items[places->n++] = (struct place){st.st_dev, st.st_ino, what};
        int up = openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
        close(fd);
        fd = up;
    }
    if (fd >= 0)
        close(fd);
}

/** What would be written in that folder; NULL: nothing. */
static const char *places_what(const struct places *places, const struct stat *st)
{
    for (size_t i = 0; i < places->n; i++)
        if (places->items[i].dev == st->st_dev && places->items[i].ino == st->st_ino)
            return places->items[i].what;
    return NULL;
}

/** What is neither a file nor a folder is recorded, never opened: being there is enough. */
static int check_source(const char *path, const struct places *output)
{
    struct stat st;
    if (!*path)
        return cli_usage("a SOURCE is an empty text");
    if (lstat(path, &st) != 0)
        return cli_usage("%s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
        return 0;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return cli_usage("%s: %s", path, strerror(errno));
    close(fd);
    const char *what = S_ISDIR(st.st_mode) ? places_what(output, &st) : NULL;
    if (what)
        return cli_usage("%s would be inside the evidence %s; choose another", what, path);
    return 0;
}

/** Sources of a --from file that can be read twice; what comes through a pipe is told when it is met. */
static int check_from(const struct scan_options *options, const struct places *output)
{
    struct stat st;
    char *line = NULL;
    size_t cap = 0;
    int status = 0, end = options->from_nul ? '\0' : '\n';
    if (strcmp(options->from, "-") == 0)
        return 0;
    /* Who writes into a pipe writes to its first reader. */
    if (stat(options->from, &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
        return 0;
    FILE *file = fopen(options->from, "re");
    if (!file || fstat(fileno(file), &st) != 0 || S_ISDIR(st.st_mode)) {
        status = cli_usage("--from: %s: %s", options->from, strerror(file ? EISDIR : errno));
    } else {
        ssize_t n;
        while (!status && (n = getdelim(&line, &cap, end, file)) > 0) {
            if (line[n - 1] == end)
                line[n - 1] = '\0';
            if (*line)
                status = check_source(line, output);
        }
    }
    free(line);
    if (file)
        fclose(file);
    return status;
}

static int check_list(const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return cli_usage("list %s: %s", path, strerror(errno));
    int status = fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) ? cli_usage("list %s: is a folder", path) : 0;
    close(fd);
    return status;
}

/** True if the folder holds nothing. */
static bool folder_empty(const char *path)
{
    DIR *dir = opendir(path);
    if (!dir)
        return false;
    size_t n = 0;
    while (n <= 2 && readdir(dir))
        n++;
    closedir(dir);
    return n <= 2;
}

bool is_case_folder(const char *path)
{
    char *journal;
    struct stat st;
    if (asprintf(&journal, "%s/journal", path) < 0)
        return false;
    bool is_case = stat(journal, &st) == 0 && S_ISDIR(st.st_mode);
    free(journal);
    return is_case;
}

/** A folder that is there must be a case, or empty. */
static int check_existing_case(const char *path, const struct stat *st)
{
    if (!S_ISDIR(st->st_mode))
        return cli_usage("case %s: is there and is no folder", path);
    if (is_case_folder(path) || folder_empty(path))
        return 0;
    return cli_usage("case %s: is there and is no case folder (no journal in it)", path);
}

/** Fills `places` with where the case folder is, or will be. */
static int check_case(const char *path, struct places *places)
{
    struct stat st;
    int fd;
    if (path && stat(path, &st) == 0) {
        int status = check_existing_case(path, &st);
        if (status)
            return status;
        fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    } else {
        char *copy = path ? mem_strdup(path) : NULL;
        const char *parent = copy ? dirname(copy) : ".";
        fd = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
        int status = fd < 0 ? cli_usage("case %s: %s: %s", path ? path : ".", parent, strerror(errno)) : 0;
        free(copy);
        if (status)
            return status;
    }
    places_climb(places, fd, "the case folder");
    return 0;
}

/** Told before a night's work, not behind it. */
static int check_metrics(const char *path, struct places *places)
{
    struct stat st;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return cli_usage("metrics %s: is a folder", path);
    char *copy = mem_strdup(path);
    const char *parent = dirname(copy);
    int fd = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int status = fd < 0 || faccessat(fd, ".", W_OK | X_OK, 0) < 0
                     ? cli_usage("metrics %s: %s: %s", path, parent, strerror(errno))
                     : 0;
    free(copy);
    if (fd >= 0 && status)
        close(fd);
    if (!status)
        places_climb(places, fd, "the metrics");
    return status;
}

/** --since and what goes with it. */
static int check_since(const struct scan_options *options)
{
    if (!options->since)
        return options->recheck ? cli_usage("--recheck reads files of an older case again, but there is no --since")
                                : 0;
    if (options->plan)
        return cli_usage("--since and --plan exclude each other: what changed is found by the walk");
    if (options->minimise)
        return cli_usage("--since and --minimise exclude each other: such a case does not know the files of the next "
                         "night");
    if (!is_case_folder(options->since))
        return cli_usage("--since %s: not a case folder (no journal in it)", options->since);
    return 0;
}

int check_scan(const struct scan_options *options)
{
    struct places output = {0};
    if (!options->n_sources && !options->from)
        return cli_usage("no SOURCE given; see trawl %s --help", options->is_scan ? "scan" : "hash");
    int status = check_since(options);
    if (!status && options->is_scan)
        status = check_case(options->case_dir, &output);
    if (!status && options->metrics)
        status = check_metrics(options->metrics, &output);
    for (size_t i = 0; !status && i < options->n_sources; i++)
        if (!options->plan || strncmp(options->sources[i], "from:", 5) != 0)
            status = check_source(options->sources[i], &output);
    if (!status && options->from)
        status = check_from(options, &output);
    for (size_t i = 0; !status && i < options->n_lists; i++)
        status = check_list(options->lists[i]);
    for (size_t i = 0; !status && i < options->n_known; i++)
        status = check_list(options->known[i]);
    free(output.items);
    return status;
}
