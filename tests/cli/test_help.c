#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

static char *help_of(const struct command *command)
{
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);
    if (command)
        help_command(command, file);
    else
        help_overview(file);
    fclose(file);
    return text;
}

Test(help, every_line_fits_80_columns)
{
    for (size_t i = 0; i <= command_table_size; i++) {
        char *text = help_of(i < command_table_size ? &command_table[i] : NULL);
        for (char *line = text; *line;) {
            size_t n = strcspn(line, "\n");
            cr_assert_leq(n, 79, "%.*s", (int)n, line);
            cr_assert(n == 0 || line[n - 1] != ' ', "blank at the end: %.*s", (int)n, line);
            line += n + (line[n] == '\n');
        }
        free(text);
    }
}

Test(help, names_every_option_limit_and_status)
{
    for (size_t i = 0; i < command_table_size; i++) {
        const struct command *command = &command_table[i];
        char *text = help_of(command);
        for (size_t j = 0; j < option_table_size; j++) {
            char name[64];
            snprintf(name, sizeof(name), "--%s", option_table[j].name);
            if (option_table[j].commands & command->bit)
                cr_assert_not_null(strstr(text, name), "%s: %s", command->name, name);
        }
        cr_assert_not_null(strstr(text, "64"), "%s", command->name);
        for (int k = LIMIT_NONE + 1; k < LIMIT_COUNT; k++)
            if (command->bit & (FOR_SCAN | FOR_HASH))
                cr_assert_not_null(strstr(text, limit_table[k].name), "%s: %s", command->name, limit_table[k].name);
        free(text);
    }
}

/** What --help shows as a default is taken by --limit, and is the default. */
Test(help, limit_defaults_read_back)
{
    for (int i = LIMIT_NONE + 1; i < LIMIT_COUNT; i++) {
        char value[32], text[96], why[160];
        struct limits limits = {{0}};
        help_limit_value(&limit_table[i], value, sizeof(value));
        if (limit_table[i].unit == 's')
            value[strlen(value) - 1] = '\0';
        snprintf(text, sizeof(text), "%s=%s", limit_table[i].name, value);
        cr_assert_eq(limits_parse(&limits, text, why, sizeof(why)), 0, "%s", why);
        cr_assert_eq(limits.value[i], limit_table[i].value, "%s", text);
    }
}

Test(help, man_page_and_completion_name_every_option)
{
    char *man = NULL, *completion = NULL;
    size_t size;
    FILE *file = open_memstream(&man, &size);
    help_man(file);
    fclose(file);
    file = open_memstream(&completion, &size);
    help_completion(file);
    fclose(file);
    for (size_t i = 0; i < option_table_size; i++) {
        char name[64], escaped[128], *to = escaped;
        snprintf(name, sizeof(name), "--%s", option_table[i].name);
        cr_assert_not_null(strstr(completion, name), "%s", name);
        for (const char *from = name; *from; *to++ = *from++)
            if (*from == '-')
                *to++ = '\\';
        *to = '\0';
        cr_assert_not_null(strstr(man, escaped), "%s", escaped);
    }
    for (char *line = man; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
        cr_assert(line[0] != '.' || (line[1] >= 'A' && line[1] <= 'Z'), "not a command: %.20s", line);
    free(man);
    free(completion);
}
