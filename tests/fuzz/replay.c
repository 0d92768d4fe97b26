/*
 * replay.c: gives seeds to the fuzz targets without libFuzzer. Usage: replay [FOLDER | TARGET FILE...]
 *
 * FOLDER holds a folder for each target. Each seed runs in a process of its own, so that one that ends it is one
 * failure.
 */
#include <dirent.h>
#include <signal.h>
#include <sys/wait.h>

#include "fuzz.h"

/** The same for all machines, and far more than any seed takes under a sanitizer. */
#define SECONDS 60

#define X(name) int fuzz_##name(const uint8_t *, size_t);
FUZZ_TARGETS
#undef X

static const struct target {
    const char *name;
    int (*run)(const uint8_t *data, size_t size);
} targets[] = {
#define X(name) {#name, fuzz_##name},
    FUZZ_TARGETS
#undef X
};

static const size_t n_targets = sizeof(targets) / sizeof(*targets);

static unsigned passed, failed;

/** In the child: runs one file. */
static int run_file(const struct target *target, const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0)
        return 1;
    uint8_t *data = malloc((size_t)st.st_size + 1);
    ssize_t n = data ? read(fd, data, (size_t)st.st_size) : -1;
    close(fd);
    if (n != st.st_size)
        return 1;
    alarm(SECONDS);
    uint8_t *exact = fuzz_copy(data, (size_t)n);
    free(data);
    target->run(exact, (size_t)n);
    free(exact);
    return 0;
}

static void replay_file(const struct target *target, const char *path)
{
    int status = 0;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        exit(run_file(target, path));
    bool good = pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (good) {
        passed++;
        return;
    }
    failed++;
    if (pid > 0 && WIFSIGNALED(status))
        fprintf(stderr, "fuzz replay: %s: %s: %s\n", target->name, path, strsignal(WTERMSIG(status)));
    else
        fprintf(stderr, "fuzz replay: %s: %s: status %d\n", target->name, path, pid > 0 ? WEXITSTATUS(status) : -1);
}

static int is_seed(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/** A target without seeds is a failure: nobody would notice that they were lost. */
static void replay_folder(const struct target *target, const char *parent)
{
    char path[4096];
    struct dirent **names = NULL;
    snprintf(path, sizeof(path), "%s/%s", parent, target->name);
    int n = scandir(path, &names, is_seed, alphasort);
    if (n <= 0) {
        fprintf(stderr, "fuzz replay: %s: no seeds in %s\n", target->name, path);
        failed++;
    }
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof(path), "%s/%s/%s", parent, target->name, names[i]->d_name);
        replay_file(target, path);
        free(names[i]);
    }
    free(names);
}

static const struct target *find_target(const char *name)
{
    for (size_t i = 0; i < n_targets; i++)
        if (strcmp(targets[i].name, name) == 0)
            return &targets[i];
    fprintf(stderr, "fuzz replay: no target is called %s\n", name);
    exit(64);
}

int main(int argc, char **argv)
{
    if (argc > 2) {
        const struct target *target = find_target(argv[1]);
        for (int i = 2; i < argc; i++)
            replay_file(target, argv[i]);
    } else {
        for (size_t i = 0; i < n_targets; i++)
            replay_folder(&targets[i], argc == 2 ? argv[1] : "tests/fuzz/seeds");
    }
    printf("fuzz replay: %u passed, %u failed\n", passed, failed);
    return failed != 0;
}
