#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/check.h"

/** A fresh folder to work in, with `ev/sub`, `ev/a`, `list` and `full/x`. */
static void enter(char *root)
{
    strcpy(root, P_tmpdir "/check-test-XXXXXX");
    cr_assert_not_null(mkdtemp(root));
    cr_assert_eq(chdir(root), 0);
    cr_assert_eq(system("mkdir -p ev/sub full empty case/journal; : >ev/a; : >list; : >full/x; ln -s ev link"), 0);
}

static void leave(const char *root)
{
    char command[96];
    snprintf(command, sizeof(command), "rm -rf '%s'", root);
    cr_assert_eq(system(command), 0);
}

static size_t count_lines(FILE *file)
{
    size_t n = 0;
    rewind(file);
    for (int c; (c = fgetc(file)) != EOF;)
        n += c == '\n';
    return n;
}

/** A refusal must say why in one line. */
static int check(const char *source, const char *case_dir, const char *list, const char *from)
{
    struct scan_options options = {.is_scan = true,
                                   .sources = &source,
                                   .n_sources = source != NULL,
                                   .case_dir = case_dir,
                                   .lists = &list,
                                   .n_lists = list != NULL,
                                   .from = from};
    FILE *file = tmpfile();
    int keep = dup(STDERR_FILENO);
    cr_assert_not_null(file);
    fflush(stderr);
    dup2(fileno(file), STDERR_FILENO);
    int status = check_scan(&options);
    fflush(stderr);
    dup2(keep, STDERR_FILENO);
    close(keep);
    cr_assert_eq(count_lines(file), status != 0, "%zu lines", count_lines(file));
    fclose(file);
    return status;
}

Test(check, sources_and_lists)
{
    char root[64];
    enter(root);
    cr_assert_eq(check("ev", "new", NULL, NULL), 0);
    cr_assert_eq(check("ev/a", "new", "list", NULL), 0);
    cr_assert_eq(check(NULL, "new", NULL, NULL), EXIT_USAGE);
    cr_assert_eq(check("", "new", NULL, NULL), EXIT_USAGE);
    cr_assert_eq(check("none", "new", NULL, NULL), EXIT_USAGE);
    cr_assert_eq(check("ev/a/b", "new", NULL, NULL), EXIT_USAGE);
    cr_assert_eq(check("ev", "new", "none", NULL), EXIT_USAGE);
    cr_assert_eq(check("ev", "new", "ev", NULL), EXIT_USAGE);
    leave(root);
}

/** However the way to it is written. */
Test(check, output_inside_the_evidence)
{
    static const char *const inside[] = {"ev/new", "ev/sub/new", "./ev/sub/../new", "link/new", "link/sub/new"};
    char root[64];
    enter(root);
    for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++)
        cr_assert_eq(check("ev", inside[i], NULL, NULL), EXIT_USAGE, "%s", inside[i]);
    cr_assert_eq(check(".", NULL, NULL, NULL), EXIT_USAGE);
    cr_assert_eq(check(".", "new", NULL, NULL), EXIT_USAGE);
    cr_assert_eq(check("ev", NULL, NULL, NULL), 0);
    cr_assert_eq(check("ev/a", "ev/new", NULL, NULL), 0, "beside a single file is not inside it");
    cr_assert_eq(check("ev/sub", "ev/new", NULL, NULL), 0);
    cr_assert_eq(check("case", "case", NULL, NULL), EXIT_USAGE);
    leave(root);
}

Test(check, case_folder_that_is_there)
{
    char root[64];
    enter(root);
    cr_assert_eq(check("ev", "case", NULL, NULL), 0);
    cr_assert_eq(check("ev", "case/", NULL, NULL), 0);
    cr_assert_eq(check("ev", "empty", NULL, NULL), 0);
    cr_assert_eq(check("ev", "full", NULL, NULL), EXIT_USAGE);
    cr_assert_eq(check("ev", "list", NULL, NULL), EXIT_USAGE);
    cr_assert_eq(check("ev", "none/new", NULL, NULL), EXIT_USAGE);
    leave(root);
}

Test(check, from_file)
{
    char root[64];
    enter(root);
    cr_assert_eq(system("printf 'ev\\n\\nev/a' >good; printf 'ev\\nnone\\n' >bad; printf '.\\n' >inside"), 0);
    cr_assert_eq(check(NULL, "new", NULL, "good"), 0);
    cr_assert_eq(check(NULL, "new", NULL, "-"), 0);
    cr_assert_eq(check(NULL, "new", NULL, "bad"), EXIT_USAGE);
    cr_assert_eq(check(NULL, "new", NULL, "inside"), EXIT_USAGE);
    cr_assert_eq(check(NULL, "new", NULL, "none"), EXIT_USAGE);
    cr_assert_eq(check(NULL, "new", NULL, "ev"), EXIT_USAGE);
    leave(root);
}

/** Opening a FIFO would wait for a writer for ever; a socket cannot be opened at all. Both are evidence. */
Test(check, special_files_are_not_opened, .timeout = 20)
{
    char root[64];
    enter(root);
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "ev/socket"};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    cr_assert_eq(mkfifo("ev/fifo", 0600), 0);
    cr_assert_eq(check("ev/fifo", "new", NULL, NULL), 0);
    cr_assert_eq(check("ev/socket", "new", NULL, NULL), 0);
    cr_assert_eq(check("ev", "new", "list", NULL), 0);
    close(fd);
    leave(root);
}
