/* parse.c: argv to struct cli, by the option table. */
#include "cli/cli.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/escape.h"

static void say(const char *format, va_list args)
{
    char text[1024];
    struct buf line = {0};
    vsnprintf(text, sizeof(text), format, args);
    buf_puts(&line, "trawl: ");
    /* What was typed may hold anything: a message stays one line, and drives no terminal. */
    escape_text(&line, text, strlen(text));
    fprintf(stderr, "%s\n", buf_str(&line));
    buf_free(&line);
}

int cli_usage(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(format, args);
    va_end(args);
    return EXIT_USAGE;
}

int cli_fail(int status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(format, args);
    va_end(args);
    return status;
}

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < command_table_size; i++)
        if (strcmp(command_table[i].name, name) == 0)
            return &command_table[i];
    return NULL;
}

static void strings_push(struct strings *strings, const char *text)
{
    RESERVE(strings->items, strings->n, strings->cap);
    strings->items[strings->n++] = text;
}

static bool set_number(const struct option_row *row, void *target, const char *text)
{
    uint64_t value;
    if (!limit_value_parse(text, 'n', &value) || value < row->min || value > row->max) {
        cli_usage("--%s: '%s' is not a number from %llu to %llu", row->name, text, (unsigned long long)row->min,
                  (unsigned long long)row->max);
        return false;
    }
    *(unsigned *)target = (unsigned)value;
    return true;
}

static bool set_size(const struct option_row *row, void *target, const char *text)
{
    uint64_t value;
    if (!limit_value_parse(text, 'b', &value) || value < row->min) {
        if (row->min >> 20)
            cli_usage("--%s: '%s' is not a size of at least %lluM (digits, then K, M, G or T)", row->name, text,
                      (unsigned long long)(row->min >> 20));
        else
            cli_usage("--%s: '%s' is not a size (digits, then K, M, G or T)", row->name, text);
        return false;
    }
    *(uint64_t *)target = value;
    return true;
}

static bool set_custom(struct cli *cli, const struct option_row *row, const char *text)
{
    char why[256];
    if (row->set(cli, text, why, sizeof(why)))
        return true;
    cli_usage("--%s: %s", row->name, why);
    return false;
}

/** text is NULL for a flag. */
static bool option_apply(struct cli *cli, const struct option_row *row, const char *text)
{
    void *target = (char *)cli + row->target;
    if (row->argument && !*text) {
        cli_usage("--%s: needs %s, got an empty text", row->name, row->argument);
        return false;
    }
    switch (row->kind) {
    case OPTION_TRUE:
    case OPTION_FALSE:
        *(bool *)target = row->kind == OPTION_TRUE;
        return true;
    case OPTION_COUNT:
        ++*(int *)target;
        return true;
    case OPTION_NUMBER:
        return set_number(row, target, text);
    case OPTION_SIZE:
        return set_size(row, target, text);
    case OPTION_TEXT:
        *(const char **)target = text;
        return true;
    case OPTION_TEXTS:
        strings_push(target, text);
        return true;
    case OPTION_CUSTOM:
        return set_custom(cli, row, text);
    }
    return false;
}

static const struct option_row *find_long(unsigned commands, const char *name, size_t n)
{
    for (size_t i = 0; i < option_table_size; i++) {
        const struct option_row *row = &option_table[i];
        if ((row->commands & commands) && strlen(row->name) == n && memcmp(row->name, name, n) == 0)
            return row;
    }
    return NULL;
}

static const struct option_row *find_short(unsigned commands, char letter)
{
    for (size_t i = 0; i < option_table_size; i++)
        if ((option_table[i].commands & commands) && option_table[i].letter == letter)
            return &option_table[i];
    return NULL;
}

static bool unknown_long(const struct command *command, const char *name, size_t n)
{
    const char *hint = option_hint(command, name, n);
    int shown = (int)(n < 60 ? n : 60);
    if (find_long(FOR_ALL, name, n))
        cli_usage("%s takes no option --%.*s; see trawl %s --help", command->name, shown, name, command->name);
    else if (hint)
        cli_usage("unknown option --%.*s; did you mean --%s?", shown, name, hint);
    else
        cli_usage("unknown option --%.*s; see trawl %s --help", shown, name, command->name);
    return false;
}

/** The words not yet used of argv. */
struct words {
    char **next, **end;
};

/** The argument in the next word. */
static const char *word_argument(const struct option_row *row, struct words *words)
{
    if (words->next < words->end)
        return *words->next++;
    cli_usage("--%s needs an argument: %s", row->name, row->argument);
    return NULL;
}

static bool parse_long(struct cli *cli, const char *text, struct words *words)
{
    size_t n = strcspn(text, "=");
    const struct option_row *row = find_long(cli->command->bit, text, n);
    if (!row)
        return unknown_long(cli->command, text, n);
    const char *argument = text[n] ? text + n + 1 : NULL;
    if (!row->argument && argument) {
        cli_usage("--%s takes no argument, got '%.60s'", row->name, argument);
        return false;
    }
    if (row->argument && !argument && !(argument = word_argument(row, words)))
        return false;
    return option_apply(cli, row, argument);
}

/** -qv, -j4, -qj 4: flags in a bundle, of which the last may take an argument. */
static bool parse_bundle(struct cli *cli, const char *letters, struct words *words)
{
    for (; *letters; letters++) {
        const struct option_row *row = find_short(cli->command->bit, *letters);
        if (!row) {
            cli_usage(find_short(FOR_ALL, *letters) ? "%s takes no option -%c; see trawl %s --help"
                                                    : "%s knows no option -%c; see trawl %s --help",
                      cli->command->name, *letters, cli->command->name);
            return false;
        }
        if (!row->argument) {
            option_apply(cli, row, NULL);
            continue;
        }
        const char *argument = letters[1] ? letters + 1 : word_argument(row, words);
        return argument && option_apply(cli, row, argument);
    }
    return true;
}

bool cli_parse(struct cli *cli, const struct command *command, int argc, char **argv)
{
    struct words words = {argv, argv + argc};
    *cli = (struct cli){.command = command};
    scan_options_default(&cli->options, command->bit != FOR_HASH);
    while (words.next < words.end && !cli->help) {
        const char *word = *words.next++;
        if (word[0] != '-' || !word[1])
            strings_push(&cli->args, word);
        else if (word[1] != '-') {
            if (!parse_bundle(cli, word + 1, &words))
                return false;
        } else if (word[2]) {
            if (!parse_long(cli, word + 2, &words))
                return false;
        } else {
            while (words.next < words.end)
                strings_push(&cli->args, *words.next++);
        }
    }
    cli->options.lists = cli->lists.items;
    cli->options.n_lists = cli->lists.n;
    cli->options.known = cli->known.items;
    cli->options.n_known = cli->known.n;
    cli->options.maps = cli->maps.items;
    cli->options.n_maps = cli->maps.n;
    return true;
}

void cli_free(struct cli *cli)
{
    free(cli->args.items);
    free(cli->lists.items);
    free(cli->known.items);
    free(cli->maps.items);
    *cli = (struct cli){0};
}
