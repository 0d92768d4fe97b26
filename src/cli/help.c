/* help.c: what --help and --version print, out of the tables. */
#include "cli/cli.h"

#include <string.h>

#include <archive.h>
#include <openssl/crypto.h>
#include <seccomp.h>
#include <zlib.h>

#include "report/order.h"
#include "simd/level.h"
#include "trawl/decode.h"

/** Every line of help fits this. */
#define COLUMNS 80
/** Where the help text of an option and of a limit begins. */
#define TEXT_COLUMN 27

/** Words of `text`, broken before COLUMNS; `column` is where the pen stands, later lines begin at `indent`. Ends the
 * line. */
static void wrap(FILE *out, const char *text, size_t column, size_t indent)
{
    bool first = true;
    while (*text) {
        size_t n = strcspn(text, " ");
        if (!first && column + 1 + n >= COLUMNS) {
            fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
            first = true;
        }
        column += (size_t)fprintf(out, "%s%.*s", first ? "" : " ", (int)n, text);
        first = false;
        text += n;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

/** "  -l, --list FILE": returns the columns used. */
static size_t option_head(const struct option_row *row, FILE *out)
{
    int n = row->letter ? fprintf(out, "  -%c, --%s", row->letter, row->name) : fprintf(out, "      --%s", row->name);
    if (row->argument)
        n += fprintf(out, " %s", row->argument);
    return (size_t)n;
}

static void to_text_column(FILE *out, size_t column)
{
    if (column + 2 > TEXT_COLUMN)
        fprintf(out, "\n%*s", TEXT_COLUMN, "");
    else
        fprintf(out, "%*s", (int)(TEXT_COLUMN - column), "");
}

static void help_options(const struct command *command, FILE *out)
{
    fputs("\nOptions (--name=value and --name value are the same; -- ends them):\n", out);
    for (size_t i = 0; i < option_table_size; i++) {
        const struct option_row *row = &option_table[i];
        if (!(row->commands & command->bit))
            continue;
        char text[400];
        snprintf(text, sizeof(text), row->default_text ? "%s [%s]" : "%s", row->help, row->default_text);
        to_text_column(out, option_head(row, out));
        wrap(out, text, TEXT_COLUMN, TEXT_COLUMN);
    }
}

void help_limit_value(const struct limit_info *limit, char *text, size_t size)
{
    unsigned shift = 0;
    while (limit->unit == 'b' && shift < 40 && limit->value && limit->value % (UINT64_C(1) << (shift + 10)) == 0)
        shift += 10;
    const char *suffix = limit->unit == 's' ? "s" : (const char *[]){"", "K", "M", "G", "T"}[shift / 10];
    snprintf(text, size, "%llu%s", (unsigned long long)(limit->value >> shift), suffix);
}

void help_limits(FILE *out)
{
    fputs("\nLimits (--limit NAME=VALUE; sizes take K M G T; a limit reached is reported):\n", out);
    for (int i = LIMIT_NONE + 1; i < LIMIT_COUNT; i++) {
        char value[32], text[200];
        help_limit_value(&limit_table[i], value, sizeof(value));
        size_t n = (size_t)fprintf(out, "  %s", limit_table[i].name);
        snprintf(text, sizeof(text), "%s [%s]", limit_table[i].help, value);
        to_text_column(out, n);
        wrap(out, text, TEXT_COLUMN, TEXT_COLUMN);
    }
}

static void help_reports(FILE *out)
{
    fputs("\nReports (--report NAME,NAME ...; inventory.jsonl and summary.json are always\nwritten):\n", out);
    for (size_t i = 0; i < report_format_table_size; i++) {
        const struct report_format_row *row = &report_format_table[i];
        char text[200];
        const char *comma = row->files[1] ? ", " : "", *second = row->files[1] ? row->files[1] : "";
        snprintf(text, sizeof(text), "%s: %s%s%s", row->help, row->files[0], comma, second);
        to_text_column(out, (size_t)fprintf(out, "  %s", row->name));
        wrap(out, text, TEXT_COLUMN, TEXT_COLUMN);
    }
}

static void help_status(unsigned commands, FILE *out)
{
    fputs("\nExit status:\n", out);
    for (size_t i = 0; i < exit_table_size; i++)
        if (exit_table[i].commands & commands)
            fprintf(out, "  %-3d %s\n", exit_table[i].status, exit_table[i].meaning);
}

/** A numbered item hangs behind its number. */
static void order_paragraph(FILE *out, const char *text, size_t indent)
{
    fprintf(out, "  %*s", (int)indent, "");
    wrap(out, text, 2 + indent, indent ? 7 : 2);
}

/** The order of findings is text in lines of another width: "  N. " begins an item, five spaces go on with it. */
static void help_order(FILE *out)
{
    char paragraph[512];
    size_t n = 0, indent = 0;
    fputs("\nOrder of findings:\n", out);
    for (const char *line = report_order_help; *line; line += *line == '\n') {
        size_t spaces = strspn(line, " "), length = strcspn(line, "\n");
        bool goes_on = n && (spaces > 2 || (spaces == 0 && indent == 0));
        if (n && !goes_on) {
            order_paragraph(out, paragraph, indent);
            n = 0;
        }
        if (!goes_on)
            indent = spaces;
        n += (size_t)snprintf(paragraph + n, sizeof(paragraph) - n, "%s%.*s", goes_on ? " " : "",
                              (int)(length - spaces), line + spaces);
        n = n < sizeof(paragraph) ? n : sizeof(paragraph) - 1;
        line += length;
    }
    order_paragraph(out, paragraph, indent);
}

static void help_environment(FILE *out)
{
    fputs("\nEnvironment: no variable changes a result; --shard auto/N only asks which\n"
          "shard is meant. Times are UTC, text is UTF-8.\n",
          out);
    fputs("Signals: SIGUSR1 prints one line of progress; SIGINT and SIGTERM end a scan\n"
          "with a report that says so.\n",
          out);
}

void help_command(const struct command *command, FILE *out)
{
    fprintf(out, "Usage: trawl %s %s\n\n%s", command->name, command->usage, command->about);
    help_options(command, out);
    if (command->bit & (FOR_SCAN | FOR_HASH | FOR_PLAN))
        help_limits(out);
    if (command->bit & (FOR_SCAN | FOR_REPORT | FOR_MERGE)) {
        help_reports(out);
        help_order(out);
    }
    help_status(command->bit, out);
    if (command->bit & (FOR_SCAN | FOR_HASH))
        help_environment(out);
}

void help_overview(FILE *out)
{
    fputs("trawl finds known (hash-listed) files in archives and folders.\n\nUsage:\n", out);
    for (size_t i = 0; i < command_table_size; i++)
        fprintf(out, "  trawl %-6s %s\n", command_table[i].name, command_table[i].usage);
    fputs("  trawl --help | --version | --formats | COMMAND --help\n\nCommands:\n", out);
    for (size_t i = 0; i < command_table_size; i++) {
        fprintf(out, "  %-8s", command_table[i].name);
        wrap(out, command_table[i].summary, 10, 10);
    }
    help_status(FOR_SCAN, out);
    fputs("\nExample: trawl scan -l known.txt -o case1 evidence.zip pictures/\n", out);
}

#ifdef __clang__
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

void help_version(FILE *out)
{
    const struct scmp_version *seccomp = seccomp_version();
    fprintf(out, "trawl " TRAWL_VERSION "\n");
    fprintf(out, "compiler       " COMPILER "\n");
    fprintf(out, "libarchive     %s\n", archive_version_string() + strcspn(archive_version_string(), "0123456789"));
    const char *last = "";
    for (const struct decoder *const *row = decode_table; *row; last = (*row)->library, row++)
        if (!(*row)->heavy && (*row)->version && strcmp(last, (*row)->library) != 0)
            fprintf(out, "%-14s %s\n", (*row)->library, (*row)->version());
    fprintf(out, "zlib           %s\n", zlibVersion());
    fprintf(out, "OpenSSL        %s\n", OpenSSL_version(OPENSSL_VERSION_STRING));
    if (seccomp)
        fprintf(out, "libseccomp     %u.%u.%u\n", seccomp->major, seccomp->minor, seccomp->micro);
    fprintf(out, "SIMD           %s\n", simd_level_name(simd_level()));
}
