/* main.c of the shim: a process per test, as Criterion has it. Usage: unit [SUITE[/NAME]]. */
#include <criterion/criterion.h>

#include <stdarg.h>
#include <sys/wait.h>
#include <unistd.h>

/** Exit status of a test that was passed over. */
#define SKIPPED 77
/** Sanitizers slow a test down by about this factor. */
#define SLOWER 15
/** Seconds for a test that names no .timeout. */
#define DEFAULT_TIMEOUT 600

static struct shim_test *tests;

void shim_register(struct shim_test *test)
{
    test->next = tests;
    tests = test;
}

void shim_fail(const char *file, int line, const char *what, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "%s:%d: not so: %s;", file, line, what);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    _exit(1);
}

void shim_skip(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("skipped:", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    _exit(SKIPPED);
}

static bool wanted(const struct shim_test *test, const char *filter)
{
    char name[256];
    snprintf(name, sizeof(name), "%s/%s", test->suite, test->name);
    return !test->options.disabled && (!filter || strncmp(name, filter, strlen(filter)) == 0);
}

/** In the test's own process. A sanitizer turns the status of exit() into its own where it has something to say. */
static void run_here(const struct shim_test *test)
{
    double seconds = test->options.timeout > 0 ? test->options.timeout * SLOWER : DEFAULT_TIMEOUT;
    alarm((unsigned)seconds + 1);
    if (test->options.init)
        test->options.init();
    test->run();
    if (test->options.fini)
        test->options.fini();
    exit(0);
}

/** Returns 0, SKIPPED, or anything else for failed. */
static int run_test(const struct shim_test *test)
{
    int status = 0;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        run_here(test);
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return 1;
    if (WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == SKIPPED))
        return WEXITSTATUS(status);
    fprintf(stderr, "[FAIL] %s/%s: %s %d\n", test->suite, test->name, WIFSIGNALED(status) ? "signal" : "status",
            WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    return 1;
}

int main(int argc, char **argv)
{
    unsigned passed = 0, failed = 0, skipped = 0;
    for (const struct shim_test *test = tests; test; test = test->next) {
        if (!wanted(test, argc > 1 ? argv[1] : NULL))
            continue;
        int status = run_test(test);
        passed += status == 0;
        skipped += status == SKIPPED;
        failed += status != 0 && status != SKIPPED;
    }
    printf("%u skipped\n%u passed, %u failed\n", skipped, passed, failed);
    return failed > 0;
}
