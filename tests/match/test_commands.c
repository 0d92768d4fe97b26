/* test_commands.c: `trawl list` and `trawl match` as a whole, but for the parsing of their command lines. */
#include "cli/cli.h"
#include "match_test.h"
#include "trawl/status.h"

static const char *const names[] = {"a.txt", "b.txt", "in.txt", "out", "err", "x.index", NULL};
enum { A, B, IN, OUT, ERR, INDEX, FILES };

/** A folder with files, and what the last command wrote. */
struct world {
    char *folder;
    char *files[FILES];
    struct buf out, err;
    int status;
};

static struct world world_new(void)
{
    struct world world = {.folder = folder_new()};
    for (int i = 0; i < FILES; i++)
        world.files[i] = path_in(world.folder, names[i]);
    return world;
}

static void world_free(struct world *world)
{
    for (int i = 0; i < FILES; i++)
        free(world->files[i]);
    buf_free(&world->out);
    buf_free(&world->err);
    folder_remove(world->folder, names);
}

static void put(struct world *world, int file, const char *text)
{
    write_bytes(world->files[file], text, strlen(text));
}

static const char *text(struct buf *buf)
{
    return buf_str(buf);
}

static int redirect(int fd, const char *path)
{
    int saved = dup(fd), file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    cr_assert(saved >= 0 && file >= 0);
    dup2(file, fd);
    close(file);
    return saved;
}

static void restore(int fd, int saved, const char *path, struct buf *out)
{
    dup2(saved, fd);
    close(saved);
    out->len = 0;
    read_bytes_of(path, out);
    buf_str(out);
}

/** Runs a command with its stdout and stderr in files. */
static void run(struct world *world, int (*command)(const struct cli *), struct cli *cli)
{
    fflush(stdout);
    fflush(stderr);
    int out = redirect(1, world->files[OUT]), err = redirect(2, world->files[ERR]);
    cli->options.lists = cli->lists.items;
    cli->options.n_lists = cli->lists.n;
    world->status = command(cli);
    fflush(stdout);
    fflush(stderr);
    restore(1, out, world->files[OUT], &world->out);
    restore(2, err, world->files[ERR], &world->err);
}

/** `trawl match -l a.txt in.txt` */
static void match(struct world *world, enum hash_type bare, int max_distance)
{
    const char *list = world->files[A], *input = world->files[IN];
    struct cli cli = {.lists = {&list, 1, 1}, .args = {&input, 1, 1}};
    cli.options.bare = bare;
    cli.options.max_distance = max_distance;
    cli.options.min_quality = 50;
    run(world, cmd_match, &cli);
}

Test(match_commands, match)
{
    struct world world = world_new();
    put(&world, A, "md5,id,category,severity\n" MD5_A ",ID-1,\"a \"\"quoted\"\" <x>\",2\n");
    put(&world, IN, "# hashes\nmd5 " MD5_B "\nMD5 " MD5_A "\n");
    match(&world, HASH_UNKNOWN, 31);
    cr_assert_eq(world.status, EXIT_FINDINGS);
    cr_assert_str_eq(text(&world.out), "{\"line\":3,\"type\":\"md5\",\"value\":\"" MD5_A "\",\"observed\":\"" MD5_A
                                       "\",\"list\":\"a.txt\",\"entry\":\"ID-1\",\"tier\":\"exact\",\"distance\":0,"
                                       "\"category\":\"a \\\"quoted\\\" \\u003cx>\",\"severity\":2}\n");
    put(&world, IN, "\xef\xbb\xbf" MD5_B "\r\n");
    match(&world, HASH_UNKNOWN, 31);
    cr_assert_eq(world.status, 0, "%s", text(&world.err));
    cr_assert_eq(world.out.len, 0u);
    world_free(&world);
}

Test(match_commands, match_near)
{
    struct world world = world_new();
    put(&world, A, "pdq " PDQ_A " one\n");
    put(&world, IN, "pdq f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9bdd\n");
    match(&world, HASH_UNKNOWN, 31);
    cr_assert_eq(world.status, EXIT_FINDINGS);
    cr_assert(strstr(text(&world.out), "\"value\":\"" PDQ_A "\"") &&
              strstr(text(&world.out), "\"tier\":\"near\",\"distance\":8,"));
    match(&world, HASH_UNKNOWN, 8);
    cr_assert_eq(world.status, EXIT_FINDINGS);
    match(&world, HASH_UNKNOWN, 7);
    cr_assert_eq(world.status, 0);
    world_free(&world);
}

Test(match_commands, match_bad_lines_and_json)
{
    struct world world = world_new();
    put(&world, A, "md5 " MD5_A "\nsha1 " SHA1_A "\npdq " PDQ_A "\n");
    put(&world, IN,
        PDQ_A "\nwhat\n{\"path\":\"x\",\"md5\":\"" MD5_A "\",\"sha1\":\"" SHA1_A "\",\"pdq\":\"" PDQ_A
              "\",\"pdq_quality\":49}\n{\"md5\":\n{\"status\":\"not-media\",\"path\":\"link\"}");
    match(&world, HASH_UNKNOWN, 31);
    cr_assert_eq(world.status, EXIT_FINDINGS | EXIT_UNEXAMINED);
    cr_assert(strstr(text(&world.out), "\"line\":3,\"type\":\"md5\"") &&
              strstr(text(&world.out), "\"line\":3,\"type\":\"sha1\""));
    cr_assert_not(strstr(text(&world.out), "\"pdq\""));
    const char *err = text(&world.err);
    cr_assert(strstr(err, "in.txt:1: 64 digits") && strstr(err, "in.txt:2: no hash") &&
                  strstr(err, "in.txt:4: no JSON"),
              "%s", err);
    cr_assert(strstr(err, "1 PDQ of quality under 50") && strstr(err, "1 lines of files without a hash"), "%s", err);
    match(&world, HASH_PDQ, 31);
    cr_assert(strstr(text(&world.out), "\"line\":1,\"type\":\"pdq\""));
    world_free(&world);
}

Test(match_commands, match_usage)
{
    struct world world = world_new();
    const char *list = world.files[B], *inputs[] = {world.files[IN], world.files[IN]};
    put(&world, IN, "md5 " MD5_A "\n");
    struct cli cli = {.args = {inputs, 1, 1}};
    cli.options.bare = HASH_UNKNOWN;
    run(&world, cmd_match, &cli);
    cr_assert_eq(world.status, EXIT_USAGE);
    cli.lists = (struct strings){&list, 1, 1};
    run(&world, cmd_match, &cli);
    cr_assert(world.status == EXIT_USAGE && strstr(text(&world.err), "b.txt: cannot be read"), "%s", text(&world.err));
    put(&world, B, "md5 " MD5_A "\n");
    cli.args.n = 2;
    run(&world, cmd_match, &cli);
    cr_assert_eq(world.status, EXIT_USAGE);
    inputs[0] = world.files[A];
    cli.args.n = 1;
    run(&world, cmd_match, &cli);
    cr_assert(world.status == EXIT_USAGE && strstr(text(&world.err), "a.txt: cannot be read"), "%s", text(&world.err));
    world_free(&world);
}

/** `trawl list WHAT FILE...` */
static void list(struct world *world, const char *const *args, size_t n, const char *output)
{
    struct cli cli = {.output = output, .args = {(const char **)args, n, n}};
    cli.options.bare = HASH_UNKNOWN;
    run(world, cmd_list, &cli);
}

Test(match_commands, list_build_and_info)
{
    struct world world = world_new();
    put(&world, A, "md5 " MD5_A " x\nmd5 " MD5_A " y\nbad\n");
    put(&world, B, "pdq " PDQ_A "\nsha1 " SHA1_A "\n");
    list(&world, (const char *[]){"build", world.files[A], world.files[B]}, 3, world.files[INDEX]);
    cr_assert(world.status == EXIT_UNEXAMINED && !world.out.len, "%s", text(&world.err));
    list(&world, (const char *[]){"info", world.files[B], world.files[INDEX]}, 3, NULL);
    cr_assert_eq(world.status, EXIT_UNEXAMINED);
    const char *out = text(&world.out);
    cr_assert(strstr(out, "\"format\":\"lines\",\"sha256\":\""), "%s", out);
    cr_assert(strstr(out, "\"entries\":{\"md5\":0,\"sha1\":1,\"sha256\":0,\"pdq\":1,\"vpdq\":0},\"duplicates\":0,\"bad_rows\":0,"
                          "\"weak_pdq\":0}\n"),
              "%s", out);
    cr_assert(strstr(out, "\"format\":\"index\",\"version\":4,\"checksums\":\"ok\",\"sha256\":\""), "%s", out);
    cr_assert(
        strstr(
            out,
            "\"entries\":{\"md5\":1,\"sha1\":1,\"sha256\":0,\"pdq\":1,\"vpdq\":0},\"duplicates\":1,\"bad_rows\":1,\"weak_pdq\":0,"
            "\"lists\":[{\"name\":\"a.txt\",\"sha256\":\""),
        "%s", out);
    cr_assert(strstr(out, "},{\"name\":\"b.txt\",\"sha256\":\""), "%s", out);
    world_free(&world);
}

Test(match_commands, list_usage)
{
    struct world world = world_new();
    put(&world, A, "md5 " MD5_A "\n");
    list(&world, NULL, 0, NULL);
    cr_assert_eq(world.status, EXIT_USAGE);
    list(&world, (const char *[]){"info"}, 1, NULL);
    cr_assert_eq(world.status, EXIT_USAGE);
    list(&world, (const char *[]){"burn", world.files[A]}, 2, NULL);
    cr_assert_eq(world.status, EXIT_USAGE);
    list(&world, (const char *[]){"build", world.files[A]}, 2, NULL);
    cr_assert_eq(world.status, EXIT_USAGE);
    list(&world, (const char *[]){"build", world.files[B]}, 2, world.files[INDEX]);
    cr_assert_eq(world.status, EXIT_USAGE);
    cr_assert_neq(access(world.files[INDEX], F_OK), 0);
    /* A list is not an index: it is not overwritten. */
    list(&world, (const char *[]){"build", world.files[A]}, 2, world.files[A]);
    cr_assert(world.status == EXIT_USAGE && strstr(text(&world.err), "not replaced"));
    list(&world, (const char *[]){"build", world.files[A]}, 2, world.files[INDEX]);
    cr_assert_eq(world.status, 0, "%s", text(&world.err));
    list(&world, (const char *[]){"build", world.files[A]}, 2, world.files[INDEX]);
    cr_assert_eq(world.status, 0);
    world_free(&world);
}
