/*
 * plan_make.c: trawl plan. The walk gives files in the order of the file system, which no two machines share; they are
 * sorted by their paths, in bounded memory, and cut into units in that order.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/sorter.h"
#include "plan/make.h"
#include "plan/plan_split.h"
#include "scan/sources.h"
#include "trawl/status.h"
#include "trawl/walk.h"

#define SORT_MEMORY (32u << 20)

static void add_option(struct plan_head *head, const char *name, uint64_t value)
{
    struct buf text = {0};
    buf_printf(&text, "%s=%llu", name, (unsigned long long)value);
    head->options = mem_realloc(head->options, size_mul(head->n_options + 1, sizeof(*head->options)));
    head->options[head->n_options++] = mem_strdup(buf_str(&text));
    buf_free(&text);
}

void plan_head_of(const struct scan_options *o, struct plan_head *head)
{
    struct buf from = {0};
    *head = (struct plan_head){.version = mem_strdup(TRAWL_VERSION), .target_bytes = o->target_bytes};
    for (int i = 1; i < LIMIT_COUNT; i++)
        add_option(head, limit_table[i].name, o->limits.value[i]);
    if (o->verify.wanted)
        add_option(head, "verify-evidence", 1);
    head->sources = ALLOC_ARRAY(char *, o->n_sources + 1);
    for (size_t i = 0; i < o->n_sources; i++)
        head->sources[head->n_sources++] = mem_strdup(o->sources[i]);
    if (o->from) {
        buf_printf(&from, "from:%s", o->from);
        head->sources[head->n_sources++] = mem_strdup(buf_str(&from));
        buf_free(&from);
    }
}

bool plan_suits(const struct plan *plan, const struct scan_options *o, char why[PLAN_WHY])
{
    struct plan_head asked;
    plan_head_of(o, &asked);
    const struct plan_head *made = &plan->head;
    bool version = strcmp(made->version, asked.version) == 0;
    size_t same = 0;
    while (same < made->n_options && same < asked.n_options && strcmp(made->options[same], asked.options[same]) == 0)
        same++;
    bool options = same == made->n_options && same == asked.n_options;
    if (!version)
        snprintf(why, PLAN_WHY, "%s: was made by version %.40s; this is %s", plan->path, made->version, TRAWL_VERSION);
    else if (!options)
        snprintf(why, PLAN_WHY,
                 "%s: was made with %.80s; the scan was asked %.80s: give plan and scan the same limits and "
                 "--verify-evidence",
                 plan->path, same < made->n_options ? made->options[same] : "no more",
                 same < asked.n_options ? asked.options[same] : "no more");
    plan_head_clear(&asked);
    return version && options;
}

/** What the sorter keeps of an entry; its key is the path. */
struct met {
    uint64_t source_len, size;
    int64_t mtime;
    uint32_t type;
    uint32_t unknown;
};

static int add_entry(struct sorter *sorter, size_t source_len, struct walk_entry *entry)
{
    struct met met = {.source_len = source_len, .type = (uint32_t)entry->type, .unknown = !entry->st.st_mode};
    if (entry->type == TYPE_OTHER && !met.unknown) {
        met.size = (uint64_t)entry->st.st_size;
        met.mtime = (int64_t)((uint64_t)entry->st.st_mtim.tv_sec * 1000000000u + (uint64_t)entry->st.st_mtim.tv_nsec);
    }
    if (entry->fd >= 0)
        close(entry->fd);
    return sorter_add(sorter, entry->path, strlen(entry->path), &met, sizeof(met));
}

/** All entries of all sources. Returns 0 or -errno. */
static int collect(const struct scan_options *o, struct sorter *sorter, bool *incomplete)
{
    struct sources sources = {.options = o};
    const char *name;
    int r = 0;
    while (!r && (name = sources_next(&sources))) {
        struct walk *walk = walk_open(name, &o->limits);
        struct walk_entry entry;
        while (!r && walk_next(walk, &entry))
            r = add_entry(sorter, strlen(name), &entry);
        walk_close(walk);
    }
    *incomplete = sources.failed;
    sources_close(&sources);
    return r ? r : sorter_finish(sorter);
}

static void write_entry(struct plan_splitter *splitter, struct plan_writer *writer, struct buf *path,
                        const struct met *met)
{
    struct plan_file file = {
        .path = buf_str(path),
        .source_len = (size_t)met->source_len,
        .type = (enum file_type)met->type,
        .unknown = met->unknown,
        .size = met->size,
        .mtime = met->mtime,
    };
    if (!plan_splitter_write(splitter, writer, &file))
        plan_write_file(writer, &file);
}

/** In the order of paths; one that several sources name counts once, as in a scan. Returns 0 or -errno. */
static int write_units(struct sorter *sorter, struct plan_splitter *splitter, struct plan_writer *writer)
{
    struct buf path = {0};
    const uint8_t *key, *value;
    size_t key_len, value_len;
    struct met met;
    int r;
    while ((r = sorter_next(sorter, &key, &key_len, &value, &value_len)) == 1 && !writer->error) {
        if (path.len == key_len && memcmp(path.data, key, key_len) == 0)
            continue;
        path.len = 0;
        buf_put(&path, key, key_len);
        memcpy(&met, value, sizeof(met));
        write_entry(splitter, writer, &path, &met);
    }
    buf_free(&path);
    return r < 0 ? r : 0;
}

static int fail(const char *what, int error)
{
    fprintf(stderr, "trawl: %s: %s\n", what, strerror(-error));
    return EXIT_OUTPUT;
}

static int write_plan(const struct scan_options *o, struct sorter *sorter)
{
    struct plan_head head;
    struct plan_writer writer;
    plan_head_of(o, &head);
    plan_write_head(&writer, stdout, &head);
    plan_head_clear(&head);
    struct plan_splitter *splitter = plan_splitter_new(o);
    int r = write_units(sorter, splitter, &writer), status = plan_splitter_free(splitter);
    if (r || status) {
        buf_free(&writer.unit);
        return r ? fail("temporary file", r) : status;
    }
    r = plan_write_end(&writer);
    if (r)
        return fail("output", r);
    if (!o->quiet)
        fprintf(stderr, "trawl: %llu units of %llu files, %llu bytes\n", (unsigned long long)writer.units,
                (unsigned long long)writer.all_files, (unsigned long long)writer.all_bytes);
    return 0;
}

int plan_make(const struct scan_options *o)
{
    const char *tmp = getenv("TMPDIR");
    int dirfd = open(tmp && *tmp ? tmp : "/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct sorter *sorter = sorter_new(dirfd, SORT_MEMORY);
    bool incomplete = false;
    int r = collect(o, sorter, &incomplete);
    int status = r ? fail("temporary file", r) : incomplete ? EXIT_USAGE : write_plan(o, sorter);
    sorter_free(sorter);
    if (dirfd >= 0)
        close(dirfd);
    return status;
}
