/* cmd_match.c: `trawl match`: hashes in, hits out. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/check.h"
#include "cli/cli.h"
#include "core/alloc.h"
#include "core/buf.h"
#include "core/escape.h"
#include "match/hit_json.h"
#include "match/query.h"
#include "match/video_signal.h"
#include "match/rows.h"

/** A line of `trawl hash` names its file twice, with each layer around it; 100,000 frames of a video make it 9 MB. */
#define LINE_MAX_BYTES  (16u << 20)
#define BAD_LINES_SHOWN 20

/** Hashes looked up together: exact look-ups of many at once take half the time, near ones up to a fifth less. */
#define ASKS 64

/** One hash to look up. */
struct ask {
    enum hash_type type;
    uint64_t line;
    /** A PDQ, with those of the picture turned and mirrored. */
    bool turned;
    uint8_t value[PDQ_ROTATIONS][PDQ_BYTES];
    struct match_list matches;
};

struct matching {
    const struct cli *cli;
    struct hashset *set;
    /** Of the input, for messages. */
    char *name;
    struct ask asks[ASKS];
    size_t n_asks;
    struct buf line;
    uint64_t hashes, hits, bad, screens, low_quality, nothing, straight;
};

static bool talks(const struct matching *matching)
{
    return !matching->cli->options.quiet;
}

static void bad_line(struct matching *matching, uint64_t line, const char *why)
{
    if (matching->bad++ < BAD_LINES_SHOWN)
        fprintf(stderr, "%s:%llu: %s\n", matching->name, (unsigned long long)line, why);
}

static void put_hit(struct buf *out, const struct match *match, uint64_t line)
{
    buf_printf(out, "{\"line\":%llu,", (unsigned long long)line);
    hit_json(out, match, false);
    buf_puts(out, "}\n");
}

/** Near look-ups of all that are not turned, at once. */
static void match_straight(struct matching *matching)
{
    uint8_t pdq[ASKS][PDQ_BYTES];
    struct ask *asks[ASKS];
    struct match_list lists[ASKS] = {{0}};
    size_t n = 0;
    for (size_t i = 0; i < matching->n_asks; i++)
        if (matching->asks[i].type == HASH_PDQ && !matching->asks[i].turned) {
            asks[n] = &matching->asks[i];
            memcpy(pdq[n++], matching->asks[i].value[PDQ_ORIGINAL], PDQ_BYTES);
        }
    hashset_match_pdq_many(matching->set, (const uint8_t(*)[PDQ_BYTES])pdq, n, matching->cli->options.max_distance,
                           lists);
    for (size_t i = 0; i < n; i++)
        asks[i]->matches = lists[i];
}

/** Look-ups of all digests, at once. */
static void match_digests(struct matching *matching)
{
    struct value_query queries[ASKS];
    size_t n = 0;
    for (size_t i = 0; i < matching->n_asks; i++) {
        struct ask *ask = &matching->asks[i];
        if (ask->type != HASH_PDQ)
            queries[n++] = (struct value_query){ask->type, ask->value[0], &ask->matches};
    }
    hashset_match_values(matching->set, queries, n);
}

/** Looks up what was asked, and writes the hits in the order of the lines. */
static void answer(struct matching *matching)
{
    match_digests(matching);
    match_straight(matching);
    matching->line.len = 0;
    for (size_t i = 0; i < matching->n_asks; i++) {
        struct ask *ask = &matching->asks[i];
        if (ask->turned)
            hashset_match_rotations(matching->set, (const uint8_t(*)[PDQ_BYTES])ask->value,
                                    matching->cli->options.max_distance, &ask->matches);
        for (size_t k = 0; k < ask->matches.n; k++)
            put_hit(&matching->line, &ask->matches.items[k], ask->line);
        matching->hits += ask->matches.n;
        free(ask->matches.items);
        ask->matches = (struct match_list){0};
    }
    matching->n_asks = 0;
    if (matching->line.len)
        fwrite(matching->line.data, 1, matching->line.len, stdout);
}

static void ask(struct matching *matching, const struct query *query, size_t i, uint64_t line)
{
    const struct scan_options *options = &matching->cli->options;
    struct ask *ask = &matching->asks[matching->n_asks];
    bool pdq = query->hashes[i].type == HASH_PDQ;
    matching->hashes++;
    if (pdq && query->quality >= 0 && query->quality < options->min_quality) {
        matching->low_quality++;
        return;
    }
    ask->type = query->hashes[i].type;
    ask->line = line;
    ask->turned = pdq && options->rotations && query->has_rotations;
    matching->straight += pdq && options->rotations && !query->has_rotations;
    memcpy(ask->value[0], query->hashes[i].value, sizeof(ask->value[0]));
    if (ask->turned)
        memcpy(ask->value[1], query->rotations, sizeof(query->rotations));
    if (++matching->n_asks == ASKS)
        answer(matching);
}

/** Editors of another system put a byte order mark in front. */
static void drop_mark(struct row *row)
{
    if (row->line == 1 && row->n >= 3 && memcmp(row->text, "\xef\xbb\xbf", 3) == 0) {
        row->text += 3;
        row->n -= 3;
    }
}

static void add_frame(void *context, const struct video_frame *frame)
{
    struct video_hashes *hashes = context;
    RESERVE(hashes->items, hashes->n, hashes->cap);
    hashes->items[hashes->n++] = *frame;
}

/** One track of a video; what was asked before is answered first, so that hits keep the order of lines. */
static void match_video(struct matching *matching, const uint8_t *text, size_t n, size_t track, uint64_t line)
{
    const struct scan_options *options = &matching->cli->options;
    struct video_hashes frames = {0};
    struct match_list matches = {0};
    answer(matching);
    video_signal_parse(text, n, add_frame, &frames);
    for (size_t i = 0; i < frames.n; i++)
        frames.items[i].track = (uint8_t)track;
    const struct video_query query = {.frames = frames.items,
                                      .n = frames.n,
                                      .min_quality = options->min_quality,
                                      .radius = options->max_distance,
                                      .file_share = (unsigned)options->file_share,
                                      .list_share = (unsigned)options->list_share};
    hashset_match_video(matching->set, &query, &matches);
    matching->line.len = 0;
    for (size_t i = 0; i < matches.n; i++)
        put_hit(&matching->line, &matches.items[i], line);
    fwrite(matching->line.data, 1, matching->line.len, stdout);
    matching->hashes++;
    matching->hits += matches.n;
    free(matches.items);
    free(frames.items);
}

static void match_row(struct matching *matching, const struct row *row)
{
    struct query query;
    const char *why = "longer than 16 MiB";
    enum query_kind kind = QUERY_BAD;
    query.n = 0;
    if (!row->too_long)
        kind = query_parse(row->text, row->n, matching->cli->options.bare, &query, &why);
    if (kind == QUERY_BLANK)
        return;
    if (kind == QUERY_BAD)
        bad_line(matching, row->line, why);
    else
        matching->nothing += query.nothing;
    if (kind == QUERY_HASHES)
        matching->screens += query.screen;
    for (size_t i = 0; i < query.n; i++)
        ask(matching, &query, i, row->line);
    for (size_t i = 0; i < query.n_videos; i++)
        match_video(matching, query.videos[i].text, query.videos[i].len, i, row->line);
}

/** Words for people: what was asked, and what was not looked up. */
static void say(const struct matching *matching)
{
    if (matching->bad > BAD_LINES_SHOWN)
        fprintf(stderr, "%s: ... and %llu more\n", matching->name,
                (unsigned long long)(matching->bad - BAD_LINES_SHOWN));
    if (matching->screens && talks(matching))
        fprintf(stderr,
                "trawl: %llu lines have a pdq_screen, which is not looked up; trawl hash --decode exact gives a pdq\n",
                (unsigned long long)matching->screens);
    if (matching->low_quality && talks(matching))
        fprintf(stderr, "trawl: %llu PDQ of quality under %d were not looked up (--min-quality)\n",
                (unsigned long long)matching->low_quality, matching->cli->options.min_quality);
    if (matching->straight && talks(matching))
        fprintf(stderr,
                "trawl: %llu PDQ were looked up as they are only: --rotations needs the pdq_rotations that trawl hash "
                "--rotations gives\n",
                (unsigned long long)matching->straight);
    if (talks(matching))
        fprintf(stderr, "trawl: %llu hashes looked up, %llu hits, %llu bad lines, %llu lines of files without a hash\n",
                (unsigned long long)matching->hashes, (unsigned long long)matching->hits,
                (unsigned long long)matching->bad, (unsigned long long)matching->nothing);
}

static int match_input(struct matching *matching, int fd)
{
    struct rows rows;
    struct row row;
    rows_open(&rows, fd, LINE_MAX_BYTES, false);
    while (!ferror(stdout) && rows_next(&rows, &row)) {
        drop_mark(&row);
        match_row(matching, &row);
    }
    answer(matching);
    int error = rows.error;
    rows_close(&rows);
    if (fflush(stdout) || ferror(stdout))
        return cli_fail(EXIT_OUTPUT, "stdout: %s", strerror(errno));
    say(matching);
    if (error)
        cli_fail(EXIT_UNEXAMINED, "%s: cannot be read: %s", matching->name, strerror(error));
    return (matching->hits ? EXIT_FINDINGS : 0) | (matching->bad || error ? EXIT_UNEXAMINED : 0);
}

/** Returns 0 or the exit status. */
static int load_lists(const struct cli *cli, struct hashset *set)
{
    char why[512];
    if (hashset_reading(set, NULL, cli->options.maps, cli->options.n_maps, why, sizeof(why)) < 0)
        return cli_usage("--map: %s", why);
    for (size_t i = 0; i < cli->options.n_lists; i++)
        if (hashset_load(set, cli->options.lists[i], false, cli->options.bare, stderr, why, sizeof(why)) < 0)
            return cli_usage("%s", why);
    hashset_seal(set);
    return 0;
}

/** A descriptor, or -1 with the reason said. */
static int open_input(const char *path)
{
    struct stat st;
    if (strcmp(path, "-") == 0)
        return STDIN_FILENO;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        close(fd);
        fd = -1;
        errno = EISDIR;
    }
    if (fd < 0)
        cli_usage("%s: cannot be read: %s", path, strerror(errno));
    return fd;
}

static char *shown_name(const char *path)
{
    struct buf name = {0};
    if (strcmp(path, "-") == 0)
        path = "stdin";
    escape_text(&name, path, strlen(path));
    buf_str(&name);
    return (char *)name.data;
}

static bool is_folder(const char *path)
{
    struct stat st;
    return strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/** A case of its own instead of lines: what scan --since makes with these lists. */
static int match_into_case(const struct cli *cli, const char *path)
{
    struct scan_options options = cli->options;
    struct case_info info = {0};
    if (cli->new_since)
        return cli_usage("match: --new-since and -o exclude each other: a case tells of all its lists");
    int status = scan_ask_back(path, &info, &options);
    status = status ? status : check_scan(&options);
    status = status ? status : scan_run(&options);
    case_info_clear(&info);
    return status;
}

int cmd_match(const struct cli *cli)
{
    const char *path = cli->args.n ? cli->args.items[0] : "-";
    if (!cli->options.n_lists)
        return cli_usage("match: no list given (-l)");
    if (cli->args.n > 1)
        return cli_usage("match: one file of hashes, or one case, not %zu", cli->args.n);
    if (is_folder(path) && cli->options.case_dir)
        return match_into_case(cli, path);
    if (cli->options.n_known || cli->options.case_dir)
        return cli_usage("match: --known and -o need a case, and -o");
    if (is_folder(path))
        return scan_match(&cli->options, path, cli->new_since);
    if (cli->new_since)
        return cli_usage("match: --new-since needs a case");
    int fd = open_input(path);
    if (fd < 0)
        return EXIT_USAGE;
    struct matching matching = {.cli = cli, .set = hashset_new(), .name = shown_name(path)};
    int status = load_lists(cli, matching.set);
    if (!status)
        status = match_input(&matching, fd);
    if (fd != STDIN_FILENO)
        close(fd);
    hashset_free(matching.set);
    buf_free(&matching.line);
    free(matching.name);
    return status;
}
