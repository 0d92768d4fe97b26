#include <criterion/criterion.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

/** What stderr got since the last call. */
static char said[4096];

/** Parses words up to NULL, with stderr caught in `said`. */
static bool parse(struct cli *cli, const char *command, ...)
{
    char *words[16];
    int n = 0;
    va_list args;
    va_start(args, command);
    for (char *word; n < 16 && (word = va_arg(args, char *));)
        words[n++] = word;
    va_end(args);
    FILE *file = tmpfile();
    int keep = dup(STDERR_FILENO);
    cr_assert_not_null(file);
    fflush(stderr);
    dup2(fileno(file), STDERR_FILENO);
    bool ok = cli_parse(cli, command_find(command), n, words);
    fflush(stderr);
    dup2(keep, STDERR_FILENO);
    close(keep);
    rewind(file);
    said[fread(said, 1, sizeof(said) - 1, file)] = '\0';
    fclose(file);
    return ok;
}

Test(parse, both_ways_to_give_a_value)
{
    struct cli cli;
    cr_assert(
        parse(&cli, "scan", "--max-distance=7", "--jobs", "3", "-m", "2G", "-ocase", "a", "--", "--b", "-c", NULL));
    cr_assert_eq(cli.options.max_distance, 7);
    cr_assert_eq(cli.options.jobs, 3);
    cr_assert_eq(cli.options.memory, UINT64_C(2) << 30);
    cr_assert_str_eq(cli.options.case_dir, "case");
    cr_assert_eq(cli.args.n, 3);
    cr_assert_str_eq(cli.args.items[0], "a");
    cr_assert_str_eq(cli.args.items[1], "--b");
    cr_assert_str_eq(cli.args.items[2], "-c");
    cli_free(&cli);
}

Test(parse, bundles_and_repeats)
{
    struct cli cli;
    cr_assert(parse(&cli, "scan", "-qvvj4", "-l", "one", "-ltwo", "--list=three", "--known", "four", "-", NULL));
    cr_assert(cli.options.quiet);
    cr_assert_eq(cli.options.verbose, 2);
    cr_assert_eq(cli.options.jobs, 4);
    cr_assert_eq(cli.options.n_lists, 3);
    cr_assert_str_eq(cli.options.lists[0], "one");
    cr_assert_str_eq(cli.options.lists[2], "three");
    cr_assert_eq(cli.options.n_known, 1);
    cr_assert_str_eq(cli.args.items[0], "-");
    cli_free(&cli);
}

Test(parse, defaults_of_the_contract)
{
    struct cli cli;
    cr_assert(parse(&cli, "scan", "x", NULL));
    cr_assert_eq(cli.options.max_distance, 31);
    cr_assert_eq(cli.options.min_quality, 50);
    cr_assert_not(cli.options.decode_exact);
    cr_assert_eq(cli.options.formats, REPORT_DEFAULT);
    cr_assert_eq(cli.options.bare, HASH_UNKNOWN);
    cr_assert_geq(cli.options.jobs, 1);
    cr_assert_gt(cli.options.memory, 0);
    cr_assert_eq(cli.options.limits.value[LIMIT_DEPTH], 16);
    cli_free(&cli);
    cr_assert(parse(&cli, "hash", "x", NULL));
    cr_assert(cli.options.decode_exact);
    cli_free(&cli);
}

Test(parse, words_become_values)
{
    struct cli cli;
    cr_assert(parse(&cli, "scan", "--type", "SHA256", "--decode=exact", "--limit", "depth=3", "--limit=pixels=9",
                    "--report", "csv,jsonl", "--progress", "never", NULL));
    cr_assert_eq(cli.options.bare, HASH_SHA256);
    cr_assert(cli.options.decode_exact);
    cr_assert_eq(cli.options.limits.value[LIMIT_DEPTH], 3);
    cr_assert_eq(cli.options.limits.value[LIMIT_PIXELS], 9);
    cr_assert_eq(cli.options.formats, REPORT_CSV | REPORT_JSONL);
    cr_assert_eq(cli.options.progress, PROGRESS_NEVER);
    cli_free(&cli);
}

/** Each is refused with one line that says this. */
Test(parse, wrong_words_are_refused_in_one_line)
{
    static const struct {
        const char *command, *words[2], *says;
    } rows[] = {
        {"scan", {"--max-distnace", "3"}, "unknown option --max-distnace; did you mean --max-distance?"},
        {"scan", {"--max-distnace=3", NULL}, "did you mean --max-distance?"},
        {"scan", {"--verb", NULL}, "did you mean --verbose?"},
        {"scan", {"--zzzzzzzz", NULL}, "see trawl scan --help"},
        {"hash", {"--list", "x"}, "hash takes no option --list"},
        {"hash", {"-l", "x"}, "hash takes no option -l"},
        {"scan", {"-x", NULL}, "knows no option -x"},
        {"scan", {"-j", NULL}, "--jobs needs an argument"},
        {"scan", {"--jobs", NULL}, "--jobs needs an argument"},
        {"scan", {"-j", "0"}, "'0' is not a number from 1 to 1024"},
        {"scan", {"-j", "1025"}, "1 to 1024"},
        {"scan", {"-j", "4x"}, "'4x'"},
        {"scan", {"-j", "-1"}, "'-1'"},
        {"scan", {"-j", "99999999999999999999"}, "1 to 1024"},
        {"scan", {"--max-distance=65", NULL}, "0 to 64"},
        {"scan", {"--min-quality=101", NULL}, "0 to 100"},
        {"scan", {"-m", "1X"}, "size"},
        {"scan", {"-m", "1 "}, "size"},
        {"scan", {"-m", "1023K"}, "at least 1M"},
        {"scan", {"-m", "99999999999T"}, "size"},
        {"scan", {"--case=", NULL}, "empty"},
        {"scan", {"--quiet=1", NULL}, "takes no argument"},
        {"scan", {"--type", "crc32"}, "no such type of hash"},
        {"scan", {"--decode", "slow"}, "neither fast nor exact"},
        {"scan", {"--limit", "deth=1"}, "deth"},
        {"scan", {"--limit", "depth"}, "NAME=VALUE"},
        {"scan", {"--report", "pdf"}, "'pdf'"},
        {"scan", {"--report", "csv,"}, "no such report"},
        {"scan", {"--progress", "maybe"}, "'maybe'"},
        {"scan", {"--simd", "avx3"}, "no such SIMD level"},
        {"scan", {"--\033[31mred\n", NULL}, "\\x1b[31mred\\x0a"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cli cli;
        cr_assert_not(parse(&cli, rows[i].command, rows[i].words[0], rows[i].words[1], NULL), "row %zu", i);
        cr_assert_not_null(strstr(said, rows[i].says), "row %zu: %s", i, said);
        cr_assert_eq(strncmp(said, "trawl: ", 7), 0, "row %zu: %s", i, said);
        cr_assert_eq(strchr(said, '\n'), said + strlen(said) - 1, "row %zu: not one line: %s", i, said);
        cli_free(&cli);
    }
}

Test(parse, commands_are_found_and_guessed)
{
    cr_assert_not_null(command_find("scan"));
    cr_assert_null(command_find("scann"));
    cr_assert_str_eq(command_hint("scna"), "scan");
    cr_assert_str_eq(command_hint("reprot"), "report");
    cr_assert_str_eq(command_hint("erprot"), "report", "two swaps are two slips, not four");
    cr_assert_null(command_hint("frobnicate"));
    cr_assert_null(command_hint(""));
}

/** A name or letter that two options of one command share would hide one of them. */
Test(parse, the_table_has_no_ambiguity)
{
    for (size_t i = 0; i < option_table_size; i++)
        for (size_t j = 0; j < i; j++) {
            const struct option_row *a = &option_table[i], *b = &option_table[j];
            if (!(a->commands & b->commands))
                continue;
            cr_assert_str_neq(a->name, b->name);
            cr_assert(!a->letter || a->letter != b->letter, "-%c", a->letter);
        }
}
