/*
 * main.c: MAP
 */
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"

/** A closed descriptor 0, 1 or 2 would be given to the next file that is opened, and messages would end up in it. */
static void occupy_standard_descriptors(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) < 0)
            abort();
}

/** Evidence is in this process's memory and output: no core dump, no debugger of the same user, no file for others. */
static void harden(void)
{
    const struct rlimit none = {0, 0};
    umask(077);
    setrlimit(RLIMIT_CORE, &none);
#ifndef TRAWL_SANITIZED /* the leak checker stops its own process as a debugger would */
    prctl(PR_SET_DUMPABLE, 0);
#endif
    /* A reader of our output that goes away is a write error (status 74), not a silent end. */
    signal(SIGPIPE, SIG_IGN);
}

/** No result may depend on where it was made. */
static void fix_locale(void)
{
    if (!setlocale(LC_ALL, "C.UTF-8"))
        setlocale(LC_ALL, "C");
    setenv("TZ", "UTC0", 1);
}

/** What can be asked for without a command. */
static const struct {
    const char *word;
    void (*print)(FILE *);
} prints[] = {
    {"--help", help_overview},
    {"--version", help_version},
    {"-h", help_overview},
    {"-V", help_version},
    {"help", help_overview},
    {"--man", help_man},
    {"--completion", help_completion},
};
#define N_PRINTS (sizeof(prints) / sizeof(prints[0]))

static int unknown_command(const char *word)
{
    const char *hint = word_hint(word, (const char *const[]){"--help", "--version", NULL});
    if (!hint)
        hint = command_hint(word);
    if (hint)
        return cli_usage("unknown %s %.60s; did you mean %s?", word[0] == '-' ? "option" : "command", word, hint);
    return cli_usage("unknown %s %.60s; see trawl --help", word[0] == '-' ? "option" : "command", word);
}

static int run_command(const struct command *command, int argc, char **argv)
{
    struct cli cli;
    int status = EXIT_USAGE;
    if (cli_parse(&cli, command, argc, argv)) {
        if (cli.help) {
            help_command(command, stdout);
            status = 0;
        } else {
            status = command->run(&cli);
        }
    }
    cli_free(&cli);
    return status;
}

static int run(int argc, char **argv)
{
    if (argc < 2)
        return cli_usage("no command given; see trawl --help");
    for (size_t i = 0; i < N_PRINTS; i++)
        if (strcmp(argv[1], prints[i].word) == 0) {
            prints[i].print(stdout);
            return 0;
        }
    const struct command *command = command_find(argv[1]);
    return command ? run_command(command, argc - 2, argv + 2) : unknown_command(argv[1]);
}

int main(int argc, char **argv)
{
    occupy_standard_descriptors();
    harden();
    fix_locale();
    int status = run(argc, argv);
    if ((fflush(stdout) != 0 || ferror(stdout)) && (status & ~3) == 0)
        status = cli_fail(EXIT_OUTPUT, "the output could not be written");
    return status;
}
