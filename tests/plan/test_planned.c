#include <criterion/criterion.h>
#include <errno.h>

#include "../scratch.h"
#include "core/alloc.h"
#include "plan/planned.h"

static struct scratch scratch;
static char source[128];
static struct limits limits;

/** A tree with names around a slash, a link and a pipe. */
static void make_tree(void)
{
    static const char *const names[] = {"a", "d-1", "d/1", "d/e/2", "d/e/3", "d0", "z"};
    scratch = scratch_make();
    snprintf(source, sizeof(source), "%s/ev", scratch.path);
    limits_default(&limits);
    cr_assert_eq(mkdirat(scratch.fd, "ev", 0700), 0);
    cr_assert_eq(mkdirat(scratch.fd, "ev/d", 0700), 0);
    cr_assert_eq(mkdirat(scratch.fd, "ev/d/e", 0700), 0);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        char name[32];
        snprintf(name, sizeof(name), "ev/%s", names[i]);
        scratch_write(scratch.fd, name, "0123456789", i);
    }
    cr_assert_eq(symlinkat("d", scratch.fd, "ev/link"), 0);
    cr_assert_eq(mkfifoat(scratch.fd, "ev/d/pipe", 0600), 0);
}

static void entry_close(struct walk_entry *entry)
{
    if (entry->fd >= 0)
        close(entry->fd);
}

/** Wherever the walk was before, it comes to the same. */
Test(planned, a_walk_goes_straight_to_what_it_would_meet)
{
    struct walk_entry met, sought;
    char *paths[32];
    size_t n = 0;
    make_tree();
    struct walk *walk = walk_open(source, &limits);
    while (walk_next(walk, &met)) {
        entry_close(&met);
        paths[n++] = mem_strdup(met.path);
    }
    walk_close(walk);
    cr_assert_eq(n, 9);
    struct walk *seek = walk_open(source, &limits);
    for (size_t i = 0; i < n * n; i++) {
        size_t at = i % 2 ? i % n : i / n;
        walk = walk_open(paths[at], &limits);
        cr_assert_eq(walk_next(walk, &met), 1);
        walk_seek(seek, paths[at], &sought);
        cr_assert(met.type == sought.type && met.error == sought.error && (met.fd < 0) == (sought.fd < 0) &&
                      met.st.st_ino == sought.st.st_ino && met.st.st_size == sought.st.st_size,
                  "%s", paths[at]);
        cr_assert_str_eq(sought.path, paths[at]);
        entry_close(&met);
        entry_close(&sought);
        walk_close(walk);
    }
    walk_close(seek);
    while (n)
        free(paths[--n]);
    scratch_remove(&scratch);
}

static int seek_error(struct walk *seek, const char *below)
{
    struct walk_entry entry;
    char path[256];
    snprintf(path, sizeof(path), "%s%s", source, below);
    walk_seek(seek, path, &entry);
    cr_assert(!entry.error || entry.fd < 0);
    entry_close(&entry);
    return entry.limit ? -(int)entry.limit : entry.error;
}

Test(planned, a_walk_never_leaves_its_source)
{
    make_tree();
    cr_assert_eq(symlinkat("..", scratch.fd, "ev/up"), 0);
    scratch_write(scratch.fd, "outside", "x", 1);
    limits.value[LIMIT_DIR_DEPTH] = 1;
    struct walk *seek = walk_open(source, &limits);
    for (int twice = 0; twice < 2; twice++) {
        cr_assert_eq(seek_error(seek, "/d/1"), 0);
        cr_assert_eq(seek_error(seek, "/link/1"), ENOTDIR);
        cr_assert_eq(seek_error(seek, "/up/outside"), ENOTDIR);
        cr_assert_eq(seek_error(seek, "/a/b"), ENOTDIR);
        cr_assert_eq(seek_error(seek, "/d/pipe/b"), ENOTDIR);
        cr_assert_eq(seek_error(seek, "/d/none"), ENOENT);
        cr_assert_eq(seek_error(seek, "/none/a"), ENOENT);
        cr_assert_eq(seek_error(seek, "/d/e/2"), -(int)LIMIT_DIR_DEPTH);
        cr_assert_eq(seek_error(seek, "/d"), 0);
        cr_assert_eq(seek_error(seek, ""), 0);
        cr_assert_eq(seek_error(seek, "/z"), 0);
    }
    walk_close(seek);
    scratch_remove(&scratch);
}

/** Writes a plan of the tree as it is. */
static struct plan *make_plan(char path[160])
{
    char why[PLAN_WHY];
    char *sources[] = {source};
    struct plan_head head = {.version = source, .sources = sources, .n_sources = 1};
    struct plan_writer writer;
    struct walk_entry entry;
    snprintf(path, 160, "%s/plan", scratch.path);
    FILE *out = fopen(path, "we");
    struct walk *walk = walk_open(source, &limits);
    plan_write_head(&writer, out, &head);
    while (walk_next(walk, &entry)) {
        struct plan_file file = {.path = entry.path, .source_len = strlen(source), .type = entry.type};
        if (entry.type == TYPE_OTHER) {
            file.size = (uint64_t)entry.st.st_size;
            file.mtime = entry.st.st_mtim.tv_sec * 1000000000 + entry.st.st_mtim.tv_nsec;
        }
        plan_write_file(&writer, &file);
        entry_close(&entry);
    }
    walk_close(walk);
    cr_assert_eq(plan_write_end(&writer), 0);
    fclose(out);
    struct plan *plan = plan_open(path, why);
    cr_assert_not_null(plan, "%s", why);
    return plan;
}

/** Files that are met by all shards, and how many of them are stale. */
static size_t meet(struct plan *plan, uint32_t shards, size_t *stale)
{
    size_t met = 0;
    *stale = 0;
    for (uint32_t shard = 0; shard < shards; shard++) {
        struct planned *planned = planned_open(plan, shard, shards, &limits);
        struct walk_entry entry;
        struct planned_how how;
        int got;
        while ((got = planned_next(planned, &entry, &how)) == 1) {
            met++;
            *stale += how.stale;
            entry_close(&entry);
        }
        cr_assert_eq(got, 0);
        planned_close(planned);
    }
    return met;
}

Test(planned, each_file_is_in_one_shard)
{
    char path[160];
    size_t stale;
    make_tree();
    struct plan *plan = make_plan(path);
    for (uint32_t shards = 1; shards < 12; shards++) {
        cr_assert_eq(meet(plan, shards, &stale), 9);
        cr_assert_eq(stale, 0);
    }
    scratch_write(scratch.fd, "ev/z", "longer than before", 18);
    cr_assert_eq(unlinkat(scratch.fd, "ev/d/e/2", 0), 0);
    cr_assert_eq(unlinkat(scratch.fd, "ev/a", 0), 0);
    cr_assert_eq(mkdirat(scratch.fd, "ev/a", 0700), 0);
    cr_assert_eq(meet(plan, 3, &stale), 9);
    cr_assert_eq(stale, 3);
    plan_free(plan);
    scratch_remove(&scratch);
}
