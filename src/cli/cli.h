/* cli.h: the command line. One table of options and one of commands feed the parser, --help, the man page and all
 * hints. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "trawl/scan.h"

/** Bits: which commands an option belongs to. */
enum command_bit {
    FOR_SCAN = 1,
    FOR_HASH = 2,
    FOR_LIST = 4,
    FOR_MATCH = 8,
    FOR_REPORT = 16,
    FOR_VERIFY = 32,
    FOR_REVIEW = 64,
    FOR_PURGE = 128,
    FOR_PLAN = 256,
    FOR_MERGE = 512,
    FOR_ALL = 1023
};

/** A growing array of strings borrowed from argv. */
struct strings {
    const char **items;
    size_t n, cap;
};

/** A command line, parsed and checked for range. Everything but the arrays is borrowed from argv or static. */
struct cli {
    const struct command *command;
    /**
     * What the options say. `list` and `match` read of it: lists, n_lists (-l), known, n_known, bare (--type),
     * max_distance, min_quality, quiet, verbose. --simd is in force already.
     */
    struct scan_options options;
    /** `list build -o FILE`; NULL where not given. */
    const char *output;
    /** `match --new-since LIST CASE`; NULL where not given. */
    const char *new_since;
    /** `list build --name NAME`; NULL where not given. */
    const char *name;
    /** What is not an option: sources, or "build" and the lists, or the file of hashes, or the case. */
    struct strings args;
    /** Backing of options.lists, options.known and options.maps. */
    struct strings lists, known, maps;
    /** --help: nothing else is checked or done. */
    bool help;
    /** `purge --now`. */
    bool now;
    /** `scan --plan FILE`, and the part of it that is this run's: --shard I/N or auto/N; NULL where not given. */
    const char *plan, *shard;
};

/** A row of the command table. */
struct command {
    const char *name;
    enum command_bit bit;
    /** The words after the name in the usage line. */
    const char *usage;
    /** One line for the overview. */
    const char *summary;
    /** What --help says above the options: lines that fit 80 columns, each ended. */
    const char *about;
    /** Does it. Returns the exit status of the program. */
    int (*run)(const struct cli *cli);
};

/** How the text of an option becomes a value. */
enum option_kind {
    OPTION_TRUE,   /* bool: set */
    OPTION_FALSE,  /* bool: cleared */
    OPTION_COUNT,  /* int: counted up */
    OPTION_NUMBER, /* int or unsigned within min..max */
    OPTION_SIZE,   /* uint64_t, at least min; takes K M G T */
    OPTION_TEXT,   /* const char * */
    OPTION_TEXTS,  /* struct strings: repeatable */
    OPTION_CUSTOM, /* set(cli, text, why) */
};

/** A row of the option table. */
struct option_row {
    const char *name;
    char letter;
    /** What its argument is called; NULL for a flag. */
    const char *argument;
    /** enum command_bit bits. */
    unsigned commands;
    enum option_kind kind;
    /** Offset of the target in struct cli. */
    size_t target;
    uint64_t min, max;
    /** Returns false with a sentence in `why`. */
    bool (*set)(struct cli *cli, const char *text, char *why, size_t why_size);
    const char *default_text;
    const char *help;
};

/** A row of the table of exit statuses. */
struct exit_row {
    int status;
    /** enum command_bit bits. */
    unsigned commands;
    const char *meaning;
};

extern const struct exit_row exit_table[];
extern const size_t exit_table_size;
extern const struct option_row option_table[];
extern const size_t option_table_size;
extern const struct command command_table[];
extern const size_t command_table_size;

/** Prints "trawl: ..." on stderr: one line, control characters escaped. Returns EXIT_USAGE. */
int cli_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));
/** The same for other failures: prints "trawl: ..." and returns `status`. */
int cli_fail(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** The command of that name, or NULL. */
const struct command *command_find(const char *name);
/** The nearest of NULL-ended words, or NULL where none is near. */
const char *word_hint(const char *typed, const char *const *words);
/** The nearest command name, or NULL where none is near. */
const char *command_hint(const char *name);
/** The nearest long option of a command (name without dashes), or NULL where none is near. */
const char *option_hint(const struct command *command, const char *name, size_t n);

/**
 * Parses what stands after the command. Returns true, or false after one line on stderr: exit with EXIT_USAGE.
 * Only shapes and ranges are checked; files are the commands' matter.
 */
bool cli_parse(struct cli *cli, const struct command *command, int argc, char **argv);
void cli_free(struct cli *cli);

/** The overview, one command, the versions, what can be read, a man page, completions for bash. */
void help_overview(FILE *out);
void help_command(const struct command *command, FILE *out);
void help_version(FILE *out);
void help_formats(FILE *out);
void help_man(FILE *out);
void help_completion(FILE *out);
/** All limits with their defaults. */
void help_limits(FILE *out);
/** A limit's default as --limit takes it: "768M". */
void help_limit_value(const struct limit_info *limit, char *text, size_t size);

int cmd_scan(const struct cli *cli);
/** `trawl scan --plan`; the options are complete but for that. */
int scan_planned(const struct cli *cli, struct scan_options *options);
int cmd_hash(const struct cli *cli);
/** `trawl list diff`. */
int list_diff(const struct cli *cli);
int cmd_list(const struct cli *cli);
int cmd_match(const struct cli *cli);
int cmd_report(const struct cli *cli);
int cmd_verify(const struct cli *cli);
int cmd_review(const struct cli *cli);
int cmd_purge(const struct cli *cli);
int cmd_plan(const struct cli *cli);
int cmd_merge(const struct cli *cli);

#endif
