/* formats.c: trawl --formats: what this build reads, by which library, and what it only tells apart. */
#include "cli/cli.h"

#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <archive.h>

#include "sandbox/readers.h"
#include "trawl/decode.h"
#include "trawl/unpack.h"

#define COLUMNS 80

static void print_pictures(FILE *out)
{
    fputs("Pictures, hashed:\n", out);
    for (const struct decoder *const *row = decode_table; *row; row++)
        if (!(*row)->heavy)
            fprintf(out, "  %-10s %s%s%s\n", (*row)->name, (*row)->library, (*row)->version ? " " : "",
                    (*row)->version ? (*row)->version() : "");
}

/** Read here, not by libarchive. */
static bool is_own(enum file_type type)
{
    return type_class(type) == CLASS_DOCUMENT || type == TYPE_ZIP || type == TYPE_ISO9660 || type == TYPE_WARC ||
           type == TYPE_GZIP || type == TYPE_COMPRESS;
}

static void print_containers(FILE *out, enum type_class class)
{
    const char *version = archive_version_string() + strcspn(archive_version_string(), "0123456789");
    for (int i = 0; i < TYPE_COUNT; i++) {
        enum file_type type = (enum file_type)i;
        if (type_class(type) != class || !unpack_find(type) || unpack_find(type)->heavy)
            continue;
        if (is_own(type))
            fprintf(out, "  %-10s trawl\n", type_name(type));
        else
            fprintf(out, "  %-10s libarchive %s\n", type_name(type), version);
    }
}

static void print_unread(FILE *out, enum type_class class, const char *title)
{
    size_t column = 0;
    for (int i = 0; i < TYPE_COUNT; i++) {
        enum file_type type = (enum file_type)i;
        if (type_class(type) != class || decode_find(type) || unpack_find(type))
            continue;
        size_t n = strlen(type_name(type)) + 1;
        if (!column)
            column = (size_t)fprintf(out, "  %-10s", title);
        if (column + n >= COLUMNS)
            column = (size_t)fprintf(out, "\n%12s", "") - 1;
        fprintf(out, " %s", type_name(type));
        column += n;
    }
    fputs(column ? "\n" : "", out);
}

/** What the second program reads, in its own words. */
static void print_heavy(FILE *out)
{
    char path[4096], word[] = "--formats";
    char *argv[] = {path, word, NULL};
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int status;
    if (!readers_path(path, sizeof(path)) || access(path, X_OK)) {
        fputs("  nothing: " READERS_PROGRAM " is not beside this program\n", out);
        return;
    }
    fflush(out);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fileno(out), STDOUT_FILENO);
    if (posix_spawn(&pid, path, &actions, NULL, argv, environ) || waitpid(pid, &status, 0) < 0 || status)
        fputs("  nothing: " READERS_PROGRAM " cannot be started\n", out);
    posix_spawn_file_actions_destroy(&actions);
}

void help_formats(FILE *out)
{
    print_pictures(out);
    fputs("\nArchives, opened:\n", out);
    print_containers(out, CLASS_ARCHIVE);
    fputs("\nCompressed files, opened:\n", out);
    print_containers(out, CLASS_FILTER);
    fputs("\nDocuments and stores, opened:\n", out);
    print_containers(out, CLASS_DOCUMENT);
    fputs("\nRead by " READERS_PROGRAM ":\n", out);
    print_heavy(out);
    fputs("\nTold apart, but not read by this build; each such file gets a line that says so:\n", out);
    print_unread(out, CLASS_PICTURE, "pictures");
    print_unread(out, CLASS_VIDEO, "video");
    print_unread(out, CLASS_FILTER, "compressed");
    print_unread(out, CLASS_DISK, "disks");
    print_unread(out, CLASS_DOCUMENT, "documents");
    help_limits(out);
}
