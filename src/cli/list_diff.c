/* list_diff.c: `trawl list diff OLD NEW`: what came, what went, what is graded otherwise. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "core/buf.h"
#include "core/escape.h"
#include "match/diff.h"

struct output {
    struct buf line;
    uint64_t counts[LIST_CHANGES];
};

static const char *const change_names[LIST_CHANGES] = {
    [LIST_ADDED] = "added", [LIST_REMOVED] = "removed", [LIST_CHANGED] = "changed"};

static void side_json(struct buf *out, const char *name, const struct list_side *side)
{
    buf_printf(out, ",\"%s\":{\"category\":", name);
    escape_json_str(out, side->category);
    buf_printf(out, ",\"severity\":%u", side->severity);
    if (*side->series) {
        buf_puts(out, ",\"series\":");
        escape_json_str(out, side->series);
    }
    const char *comma = ",\"flags\":[\"";
    for (unsigned flag = 1; flag < MATCH_FLAGS_ALL; flag <<= 1)
        if (side->flags & flag) {
            buf_printf(out, "%s%s\"", comma, match_flag_name(flag));
            comma = ",\"";
        }
    buf_puts(out, side->flags ? "]}" : "}");
}

static void write_change(void *context, const struct list_change *change)
{
    struct output *output = context;
    struct buf *out = &output->line;
    output->counts[change->kind]++;
    buf_printf(out, "{\"change\":\"%s\",\"type\":\"%s\",\"value\":\"", change_names[change->kind],
               hash_type_name(change->type));
    buf_hex(out, change->value, hash_type_bytes(change->type));
    buf_byte(out, '"');
    if (change->kind != LIST_ADDED)
        side_json(out, "old", &change->before);
    if (change->kind != LIST_REMOVED)
        side_json(out, "new", &change->after);
    buf_puts(out, "}\n");
    if (out->len > 1u << 16) {
        fwrite(out->data, 1, out->len, stdout);
        out->len = 0;
    }
}

static struct hashset *open_one(const struct cli *cli, const char *path)
{
    struct hashset *set = hashset_new();
    char why[512];
    if (hashset_reading(set, NULL, cli->options.maps, cli->options.n_maps, why, sizeof(why)) < 0 ||
        hashset_load(set, path, false, cli->options.bare, cli->options.quiet ? NULL : stderr, why, sizeof(why)) < 0) {
        cli_usage("%s", why);
        hashset_free(set);
        return NULL;
    }
    hashset_seal(set);
    return set;
}

int list_diff(const struct cli *cli)
{
    struct output output = {0};
    if (cli->args.n != 3)
        return cli_usage("list diff: two lists, OLD and NEW");
    struct hashset *before = open_one(cli, cli->args.items[1]);
    struct hashset *after = before ? open_one(cli, cli->args.items[2]) : NULL;
    if (after) {
        hashset_diff(before, after, write_change, &output);
        if (output.line.len)
            fwrite(output.line.data, 1, output.line.len, stdout);
    }
    buf_free(&output.line);
    hashset_free(before);
    hashset_free(after);
    if (!after)
        return EXIT_USAGE;
    if (fflush(stdout) || ferror(stdout))
        return cli_fail(EXIT_OUTPUT, "stdout: %s", strerror(errno));
    uint64_t added = output.counts[LIST_ADDED], removed = output.counts[LIST_REMOVED],
             changed = output.counts[LIST_CHANGED];
    if (!cli->options.quiet)
        fprintf(stderr, "trawl: %llu added, %llu removed, %llu changed\n", (unsigned long long)added,
                (unsigned long long)removed, (unsigned long long)changed);
    return added || removed || changed ? EXIT_FINDINGS : 0;
}
