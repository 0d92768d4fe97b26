/* faults.c: the helper of the stress tests: evidence, watching, confining, and flipping of bits. */
#include "faults.h"

#include <stdio.h>
#include <string.h>

static const struct job {
    const char *name;
    int (*run)(int argc, char **argv);
    int arguments;
    const char *help;
} jobs[] = {
    {"mock", make_mock, 3, "DIR N SEED"},
    {"small", make_small, 3, "DIR N TEXT"},
    {"names", make_names, 3, "DIR N LIST"},
    {"zip", make_zip, 2, "OUT FOLDER"},
    {"vics", make_vics, 1, "N"},
    {"mutants", make_mutants, 4, "DIR N SEED FOLDER..."},
    {"peak", watch_peak, 2, "OUT COMMAND..."},
    {"search", watch_search, 2, "PID HEX..."},
    {"noseccomp", confine_seccomp, 2, "ERRNO COMMAND..."},
    {"fsize", confine_fsize, 2, "BYTES COMMAND..."},
    {"flip", flip_bits, 3, "CASE N SEED"},
};

int main(int argc, char **argv)
{
    size_t n = sizeof(jobs) / sizeof(*jobs);
    for (size_t i = 0; argc > 1 && i < n; i++)
        if (strcmp(argv[1], jobs[i].name) == 0 && argc - 2 >= jobs[i].arguments)
            return jobs[i].run(argc - 2, argv + 2);
    for (size_t i = 0; i < n; i++)
        fprintf(stderr, "usage: faults %s %s\n", jobs[i].name, jobs[i].help);
    return 64;
}
