/* cmd_plan.c: `trawl plan`, `trawl merge`, and what `trawl scan --plan` is asked. */
#include "cli/cli.h"

#include <stdio.h>
#include <string.h>

#include "cli/check.h"
#include "plan/make.h"
#include "plan/merge.h"
#include "plan/shard.h"

int cmd_plan(const struct cli *cli)
{
    struct scan_options options = cli->options;
    options.is_scan = false;
    options.sources = cli->args.items;
    options.n_sources = cli->args.n;
    if (options.from_nul && !options.from)
        return cli_usage("-0 says how the --from file is written, but there is no --from");
    if (!options.n_sources && !options.from)
        return cli_usage("no SOURCE given; see trawl plan --help");
    int status = check_scan(&options);
    return status ? status : plan_make(&options);
}

int cmd_merge(const struct cli *cli)
{
    if (!cli->args.n)
        return cli_usage("no PART given; see trawl merge --help");
    for (size_t i = 0; i < cli->args.n; i++)
        if (!is_case_folder(cli->args.items[i]))
            return cli_usage("%s is no case folder (no journal in it)", cli->args.items[i]);
    return merge_run(&cli->options, cli->args.items, cli->args.n);
}

/** What cannot stand beside a plan. Returns 0 or EXIT_USAGE. */
static int check_words(const struct cli *cli)
{
    if (!cli->plan)
        return cli_usage("--shard says which share of a plan is scanned, but there is no --plan");
    if (!cli->shard)
        return cli_usage("--plan needs --shard I/N: which of how many shares is scanned (--shard 0/1: all of it)");
    if (cli->args.n || cli->options.from)
        return cli_usage("--plan says what is read: there can be no SOURCE beside it");
    return 0;
}

int scan_planned(const struct cli *cli, struct scan_options *options)
{
    char why[PLAN_WHY], folder[32];
    int status = check_words(cli);
    if (status)
        return status;
    if (!shard_parse(cli->shard, &options->shard, &options->shards, why, sizeof(why)))
        return cli_usage("--shard: %s", why);
    struct plan *plan = plan_open(cli->plan, why);
    bool suits = plan && plan_suits(plan, options, why);
    if (!suits)
        status = cli_usage("--plan: %s", why);
    else if (plan->splits && options->minimise)
        status = cli_usage("--plan: %s divides containers among shards, and --minimise gives each shard a key of its "
                           "own: plan with a larger --target-bytes",
                           cli->plan);
    suits = suits && !status;
    if (suits) {
        snprintf(folder, sizeof(folder), "part-%u", options->shard);
        options->case_dir = options->case_dir ? options->case_dir : folder;
        options->plan = plan;
        options->sources = (const char *const *)plan->head.sources;
        options->n_sources = plan->head.n_sources;
        status = check_scan(options);
    }
    status = status ? status : scan_run(options);
    plan_free(plan);
    return status;
}
