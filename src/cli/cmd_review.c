/* cmd_review.c: `trawl review`, `trawl purge`. */
#include "cli/cli.h"

#include "cli/check.h"

int cmd_review(const struct cli *cli)
{
    if (cli->args.n != 2)
        return cli_usage("review takes a CASE and a table of verdicts; see trawl review --help");
    if (!is_case_folder(cli->args.items[0]))
        return cli_usage("%s is no case folder (no journal in it)", cli->args.items[0]);
    return scan_review(cli->args.items[0], cli->args.items[1], cli->options.quiet);
}

int cmd_purge(const struct cli *cli)
{
    int status = 0;
    if (!cli->args.n)
        return cli_usage("no CASE given; see trawl purge --help");
    for (size_t i = 0; i < cli->args.n; i++)
        if (!is_case_folder(cli->args.items[i]))
            return cli_usage("%s is no case folder (no journal in it)", cli->args.items[i]);
    for (size_t i = 0; i < cli->args.n; i++) {
        int one = scan_purge(cli->args.items[i], cli->now, cli->options.quiet);
        status = one > status ? one : status;
    }
    return status;
}
