/* cmd_scan.c: `trawl scan` and `trawl hash`. */
#include "cli/cli.h"

#include "cli/check.h"

static int run(const struct cli *cli, bool is_scan)
{
    struct scan_options options = cli->options;
    options.is_scan = is_scan;
    options.sources = cli->args.items;
    options.n_sources = cli->args.n;
    if (options.from_nul && !options.from)
        return cli_usage("-0 says how the --from file is written, but there is no --from");
    if (is_scan && (cli->plan || cli->shard))
        return scan_planned(cli, &options);
    int status = check_scan(&options);
    return status ? status : scan_run(&options);
}

int cmd_scan(const struct cli *cli)
{
    return run(cli, true);
}

int cmd_hash(const struct cli *cli)
{
    return run(cli, false);
}
