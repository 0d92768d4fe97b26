/* cmd_list.c: `trawl list build`, `trawl list info`, and the way to `trawl list diff`. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "core/buf.h"
#include "core/escape.h"
#include "match/hashset.h"
#include "match/index.h"
#include "match/rows.h"

/** Sums over lists. */
struct counts {
    uint64_t entries[HASH_TYPE_COUNT];
    uint64_t duplicates, bad_rows, weak;
};

static void count(struct counts *counts, const struct list *list)
{
    for (int type = 0; type < HASH_TYPE_COUNT; type++)
        counts->entries[type] += list->info.entries[type];
    counts->duplicates += list->info.duplicates;
    counts->bad_rows += list->info.bad_rows;
    counts->weak += list->weak;
}

static struct counts count_all(const struct hashset *set)
{
    struct counts counts = {0};
    for (size_t i = 0; i < set->n_lists; i++)
        count(&counts, &set->lists[i]);
    return counts;
}

static void counts_json(const struct counts *counts, struct buf *out)
{
    buf_puts(out, "\"entries\":{");
    for (int type = 0; type < HASH_TYPE_COUNT; type++)
        buf_printf(out, "%s\"%s\":%llu", type ? "," : "", hash_type_name((enum hash_type)type),
                   (unsigned long long)counts->entries[type]);
    buf_printf(out, "},\"duplicates\":%llu,\"bad_rows\":%llu,\"weak_pdq\":%llu", (unsigned long long)counts->duplicates,
               (unsigned long long)counts->bad_rows, (unsigned long long)counts->weak);
}

/** What the list says it is, and its codes. */
static void details_json(const struct list_info *info, struct buf *out)
{
    if (info->source) {
        buf_puts(out, ",\"source\":");
        escape_json_str(out, info->source);
    }
    if (info->withdrawn)
        buf_printf(out, ",\"withdrawn\":%llu", (unsigned long long)info->withdrawn);
    if (info->photodna)
        buf_printf(out, ",\"photodna\":%llu", (unsigned long long)info->photodna);
    if (!info->map)
        return;
    buf_puts(out, ",\"map\":");
    escape_json_str(out, info->map);
    for (size_t i = 0; i < info->n_categories; i++) {
        const struct list_category *category = &info->categories[i];
        buf_puts(out, i ? ",{\"code\":" : ",\"categories\":[{\"code\":");
        escape_json_str(out, category->code);
        buf_puts(out, ",\"name\":");
        escape_json_str(out, category->name);
        buf_printf(out, ",\"severity\":%u,\"entries\":%llu%s%s}", category->severity,
                   (unsigned long long)category->entries,
                   category->flags & MATCH_NOT_PERTINENT ? ",\"pertinent\":false" : "",
                   category->unmapped ? ",\"unmapped\":true" : "");
    }
    buf_puts(out, info->n_categories ? "]" : "");
}

static void sha256_json(const uint8_t sha256[32], struct buf *out)
{
    buf_puts(out, ",\"sha256\":\"");
    buf_hex(out, sha256, 32);
    buf_puts(out, "\",");
}

/** The lists that went into an index. */
static void sources_json(const struct hashset *set, struct buf *out)
{
    buf_puts(out, ",\"lists\":[");
    for (size_t i = 0; i < set->n_lists; i++) {
        struct counts counts = {0};
        count(&counts, &set->lists[i]);
        buf_puts(out, i ? ",{\"name\":" : "{\"name\":");
        escape_json_str(out, set->lists[i].info.name);
        sha256_json(set->lists[i].info.sha256, out);
        counts_json(&counts, out);
        details_json(&set->lists[i].info, out);
        buf_byte(out, '}');
    }
    buf_byte(out, ']');
}

/** Digest of a file's bytes; it was just read, so it is there. */
static void file_sha256(const char *path, uint8_t sha256[32])
{
    struct rows rows;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    rows_open(&rows, fd, ROW_MAX, true);
    rows_sha256(&rows, sha256);
    rows_close(&rows);
    if (fd >= 0)
        close(fd);
}

static void info_json(const struct hashset *set, const char *path, struct buf *out)
{
    struct counts counts = count_all(set);
    bool index = !set->n_lists || strcmp(set->lists[0].info.format, "index") == 0;
    uint8_t sha256[32];
    buf_puts(out, "{\"path\":");
    struct buf shown = {0};
    escape_text(&shown, path, strlen(path));
    escape_json(out, (const char *)shown.data, shown.len);
    buf_free(&shown);
    buf_printf(out, ",\"format\":\"%s\"", index ? "index" : set->lists[0].info.format);
    if (index) {
        buf_printf(out, ",\"version\":%d,\"checksums\":\"ok\"", INDEX_VERSION);
        file_sha256(path, sha256);
    } else {
        memcpy(sha256, set->lists[0].info.sha256, sizeof(sha256));
    }
    sha256_json(sha256, out);
    counts_json(&counts, out);
    if (index)
        sources_json(set, out);
    else
        details_json(&set->lists[0].info, out);
    buf_puts(out, "}\n");
}

/** One line on stdout. Returns exit bits. */
static int info_one(const struct cli *cli, const char *path)
{
    struct hashset *set = hashset_new();
    char why[512];
    int status = 0;
    set->check_indexes = true;
    if (hashset_reading(set, NULL, cli->options.maps, cli->options.n_maps, why, sizeof(why)) < 0 ||
        hashset_load(set, path, false, cli->options.bare, stderr, why, sizeof(why)) < 0) {
        status = cli_usage("%s", why);
    } else {
        struct buf line = {0};
        hashset_seal(set);
        info_json(set, path, &line);
        fwrite(line.data, 1, line.len, stdout);
        status = count_all(set).bad_rows ? EXIT_UNEXAMINED : 0;
        buf_free(&line);
    }
    hashset_free(set);
    return status;
}

static int list_info(const struct cli *cli)
{
    int status = 0;
    for (size_t i = 1; i < cli->args.n; i++) {
        int one = info_one(cli, cli->args.items[i]);
        if (one > status)
            status = one;
    }
    if (fflush(stdout) || ferror(stdout))
        return cli_fail(EXIT_OUTPUT, "stdout: %s", strerror(errno));
    return status;
}

/** `-o LIST` must not cost anybody a list: only an index is replaced. */
static bool may_replace(const char *path)
{
    uint8_t head[8];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return errno == ENOENT;
    ssize_t n = read(fd, head, sizeof(head));
    close(fd);
    return n >= 0 && index_recognised(head, (size_t)n);
}

static int write_index(const struct cli *cli, const struct hashset *set)
{
    struct counts counts = count_all(set);
    int failed = hashset_write_index(set, cli->output);
    if (failed == -EFBIG)
        return cli_usage("%s: more hashes or texts than one index holds; build several", cli->output);
    if (failed)
        return cli_fail(EXIT_OUTPUT, "%s: cannot be written: %s", cli->output, strerror(-failed));
    if (!cli->options.quiet)
        fprintf(stderr, "trawl: %s: %llu md5, %llu sha1, %llu sha256, %llu pdq%s out of %zu lists (%llu bad rows)\n",
                cli->output, (unsigned long long)counts.entries[HASH_MD5],
                (unsigned long long)counts.entries[HASH_SHA1], (unsigned long long)counts.entries[HASH_SHA256],
                (unsigned long long)counts.entries[HASH_PDQ], counts.entries[HASH_VPDQ] ? ", videos" : "", set->n_lists,
                (unsigned long long)counts.bad_rows);
    return counts.bad_rows ? EXIT_UNEXAMINED : 0;
}

static int list_build(const struct cli *cli)
{
    if (!cli->output)
        return cli_usage("list build: -o says where the index goes");
    if (!may_replace(cli->output))
        return cli_usage("%s: exists and is no index; it is not replaced", cli->output);
    if (cli->name && cli->args.n > 2)
        return cli_usage("list build: --name is of one list; build each by itself, then all indexes together");
    struct hashset *set = hashset_new();
    char why[512];
    int status = 0;
    set->check_indexes = true;
    if (hashset_reading(set, cli->name, cli->options.maps, cli->options.n_maps, why, sizeof(why)) < 0)
        status = cli_usage("--map: %s", why);
    for (size_t i = 1; i < cli->args.n && !status; i++)
        if (hashset_load(set, cli->args.items[i], false, cli->options.bare, stderr, why, sizeof(why)) < 0)
            status = cli_usage("%s", why);
    if (!status) {
        hashset_seal(set);
        status = write_index(cli, set);
    }
    hashset_free(set);
    return status;
}

int cmd_list(const struct cli *cli)
{
    const char *what = cli->args.n ? cli->args.items[0] : "";
    bool build = strcmp(what, "build") == 0;
    if (strcmp(what, "diff") == 0)
        return list_diff(cli);
    if (!build && strcmp(what, "info") != 0)
        return cli_usage("list: build, info or diff?");
    if (cli->args.n < 2)
        return cli_usage("list %s: no list given", what);
    return build ? list_build(cli) : list_info(cli);
}
