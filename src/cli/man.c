/* man.c: the manual page and the shell's completions, out of the same tables as --help. */
#include "cli/cli.h"

#include <string.h>

#include "report/order.h"

/** Text for troff: a backslash, and a dot or quote that begins a line, would be commands; a hyphen must stay one that
 * can be typed. */
static void troff(FILE *out, const char *text)
{
    bool line_start = true;
    for (; *text; text++) {
        if (line_start && (*text == '.' || *text == '\''))
            fputs("\\&", out);
        if (*text == '\\')
            fputs("\\e", out);
        else if (*text == '-')
            fputs("\\-", out);
        else
            fputc(*text, out);
        line_start = *text == '\n';
    }
}

static void man_option(const struct option_row *row, FILE *out)
{
    fputs(".TP\n\\fB", out);
    if (row->letter)
        fprintf(out, "\\-%c\\fR, \\fB", row->letter);
    fputs("\\-\\-", out);
    troff(out, row->name);
    fputs("\\fR", out);
    if (row->argument)
        fprintf(out, " \\fI%s\\fR", row->argument);
    fputs("\n", out);
    troff(out, row->help);
    if (row->default_text) {
        fputs(" (default: ", out);
        troff(out, row->default_text);
        fputs(")", out);
    }
    /* Which commands know it. */
    const char *comma = ". Option of ";
    for (size_t i = 0; i < command_table_size; i++)
        if (row->commands & command_table[i].bit) {
            fprintf(out, "%s%s", comma, command_table[i].name);
            comma = ", ";
        }
    fputs(".\n", out);
}

static void man_commands(FILE *out)
{
    for (size_t i = 0; i < command_table_size; i++) {
        const struct command *command = &command_table[i];
        fprintf(out, ".SS trawl %s ", command->name);
        troff(out, command->usage);
        fputs("\n", out);
        troff(out, command->about);
    }
}

static void man_limits(FILE *out)
{
    for (int i = LIMIT_NONE + 1; i < LIMIT_COUNT; i++) {
        char value[32];
        help_limit_value(&limit_table[i], value, sizeof(value));
        fputs(".TP\n\\fB", out);
        troff(out, limit_table[i].name);
        fprintf(out, "\\fR (%s)\n", value);
        troff(out, limit_table[i].help);
        fputs(".\n", out);
    }
}

static void man_reports(FILE *out)
{
    for (size_t i = 0; i < report_format_table_size; i++) {
        const struct report_format_row *row = &report_format_table[i];
        fprintf(out, ".TP\n\\fB%s\\fR (", row->name);
        troff(out, row->files[0]);
        troff(out, row->files[1] ? ", " : "");
        troff(out, row->files[1] ? row->files[1] : "");
        fputs(")\n", out);
        troff(out, row->help);
        fputs(".\n", out);
    }
}

static void man_status(FILE *out)
{
    for (size_t i = 0; i < exit_table_size; i++)
        if (exit_table[i].commands & FOR_SCAN)
            fprintf(out, ".TP\n%d\n%s\n", exit_table[i].status, exit_table[i].meaning);
}

void help_man(FILE *out)
{
    fputs(".TH TRAWL 1 \"\" \"trawl " TRAWL_VERSION "\"\n"
          ".SH NAME\ntrawl \\- find known (hash\\-listed) files in archives and folders\n"
          ".SH SYNOPSIS\n.B trawl\n\\fICOMMAND\\fR [\\fIoptions\\fR] ...\n.SH FORMATS\n"
          ".B trawl \\-\\-formats\ntells what this build reads, and by which libraries.\n.SH COMMANDS\n",
          out);
    man_commands(out);
    fputs(".SH OPTIONS\n", out);
    for (size_t i = 0; i < option_table_size; i++)
        man_option(&option_table[i], out);
    fputs(".SH LIMITS\n", out);
    man_limits(out);
    fputs(".SH REPORTS\n", out);
    man_reports(out);
    fputs(".SH ORDER OF FINDINGS\n", out);
    troff(out, report_order_help);
    fputs("\n.SH EXIT STATUS\n", out);
    man_status(out);
}

/** One word list for each command. */
void help_completion(FILE *out)
{
    fputs("# bash completion of trawl; written by trawl --completion\n_trawl()\n{\n"
          "    local cur=${COMP_WORDS[COMP_CWORD]} words=\n"
          "    if [ \"$COMP_CWORD\" = 1 ]; then\n        words=\"--help --version --formats",
          out);
    for (size_t i = 0; i < command_table_size; i++)
        fprintf(out, " %s", command_table[i].name);
    fputs("\"\n    else\n        case ${COMP_WORDS[1]} in\n", out);
    for (size_t i = 0; i < command_table_size; i++) {
        fprintf(out, "        %s) words=\"", command_table[i].name);
        const char *space = "";
        for (size_t j = 0; j < option_table_size; j++)
            if (option_table[j].commands & command_table[i].bit) {
                fprintf(out, "%s--%s", space, option_table[j].name);
                space = " ";
            }
        fputs("\" ;;\n", out);
    }
    fputs("        esac\n    fi\n"
          "    if [ \"$COMP_CWORD\" != 1 ] && [ \"${cur#-}\" = \"$cur\" ]; then words=; fi\n"
          "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\n"
          "complete -o default -F _trawl trawl\n",
          out);
}
