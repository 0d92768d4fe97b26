/* cmd_report.c: `trawl report`, `trawl verify`. */
#include "cli/cli.h"

#include "cli/check.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

/** The one CASE that there must be. Returns 0, or a status after one line on stderr. */
static int check_arguments(const struct cli *cli)
{
    const char *name = cli->command->name;
    struct stat st;
    if (cli->args.n != 1)
        return cli->args.n ? cli_usage("%s takes one CASE", name)
                           : cli_usage("no CASE given; see trawl %s --help", name);
    if (stat(cli->args.items[0], &st) != 0)
        return cli_usage("case %s: %s", cli->args.items[0], strerror(errno));
    return is_case_folder(cli->args.items[0])
               ? 0
               : cli_usage("%s is no case folder (no journal in it)", cli->args.items[0]);
}

int cmd_report(const struct cli *cli)
{
    int status = check_arguments(cli), verbose = cli->options.quiet ? -1 : cli->options.verbose;
    return status ? status : scan_report(cli->args.items[0], cli->options.formats, verbose);
}

int cmd_verify(const struct cli *cli)
{
    int status = check_arguments(cli);
    return status ? status : scan_verify(cli->args.items[0]);
}
