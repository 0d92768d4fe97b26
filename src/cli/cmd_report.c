/* cmd_report.c: `trawl report`, `trawl verify`. */
#include "cli/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/** Returns 0, or a status after one line on stderr. */
static int check_is_case(const char *path)
{
    struct stat st;
    char *journal;
    if (stat(path, &st) != 0)
        return cli_usage("case %s: %s", path, strerror(errno));
    if (asprintf(&journal, "%s/journal", path) < 0)
        return EXIT_INTERNAL;
    bool is_case = stat(journal, &st) == 0 && S_ISDIR(st.st_mode);
    free(journal);
    return is_case ? 0 : cli_usage("%s is no case folder (no journal in it)", path);
}

int cmd_report(const struct cli *cli)
{
    if (cli->args.n != 1)
        return cli_usage(cli->args.n ? "report takes one CASE" : "no CASE given; see trawl report --help");
    int status = check_is_case(cli->args.items[0]);
    int verbose = cli->options.quiet ? -1 : cli->options.verbose;
    return status ? status : scan_report(cli->args.items[0], cli->options.formats, verbose);
}

int cmd_verify(const struct cli *cli)
{
    if (cli->args.n != 1)
        return cli_usage(cli->args.n ? "verify takes one CASE" : "no CASE given; see trawl verify --help");
    int status = check_is_case(cli->args.items[0]);
    return status ? status : scan_verify(cli->args.items[0]);
}
