/*
 * merge.c: trawl merge: the journal of a new case out of those of shards, and its reports.
 *
 * The journal is written under another name and gets its own when it is whole: a merge that is interrupted leaves
 * nothing that could be taken for a case, and is done again from the beginning. Its reports come after that; if those
 * are what is missing, the journal stays. Parts are read twice, one at a time: what they hold, then their records, so
 * memory does not grow with their number or size.
 */
#include "plan/merge.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "plan/merge_parts.h"
#include "plan/merge_ranges.h"
#include "report/output.h"
#include "report/text.h"
#include "scan/access.h"
#include "scan/run_json.h"
#include "scan/scan_parts.h"

#define UNFINISHED "journal.merging"

struct merge {
    const struct scan_options *options;
    struct merge_parts parts;
    struct run_clock clock;
    struct case_folder folder;
    struct journal *journal;
    struct merge_ranges ranges;
    /** The first of two readings: only containers that several shards read are looked at. */
    bool looks;
};

static int output_failed(const struct merge *m, int error)
{
    fprintf(stderr, "trawl: %s: %s; run the same command again to go on\n", m->folder.path, strerror(-error));
    return EXIT_OUTPUT;
}

/** What of a part's journal is evidence, or said by people. The rest is of its runs. */
static bool is_kept(enum journal_type type)
{
    return type == JOURNAL_ITEM || type == JOURNAL_CUT || type == JOURNAL_NOTE || type == JOURNAL_VERDICT ||
           type == JOURNAL_STALE || type == JOURNAL_RANGES;
}

static int put_state(struct merge *m, const struct shard_state *state)
{
    struct buf payload = {0};
    shard_state_encode(state, &payload);
    int r = journal_append(m->journal, JOURNAL_SHARD, payload.data, payload.len, false);
    buf_free(&payload);
    return r;
}

/** Where a copy stands. */
struct copying {
    const struct merge_part *part;
    /** The shard whose records are copied; NULL: these are not taken. */
    const struct shard_state *state;
    /** Items of it that are to come; more are of a scan that goes on meanwhile. */
    uint64_t items_left;
};

/** From here on the records are of another shard. Returns 0 or -errno. */
static int turn_to(struct merge *m, struct copying *c, const struct shard_state *state)
{
    c->state = state && merge_parts_gives(&m->parts, c->part, state->shard) ? state : NULL;
    c->items_left = c->state ? c->state->items : 0;
    return c->state && !m->looks ? put_state(m, c->state) : 0;
}

static const struct shard_state *state_in(const struct merge_part *part, const struct journal_record *record)
{
    struct shard_state told;
    if (!shard_state_decode(record->payload, record->n, &told))
        return NULL;
    for (size_t i = 0; i < part->n_states; i++)
        if (part->states[i].shard == told.shard)
            return &part->states[i];
    return NULL;
}

/** False for an item that is of a scan that goes on meanwhile, or whose line is made of what all shards say. */
static bool take_item(struct merge *m, struct copying *c, const struct journal_record *record)
{
    /* A merged case is whole, and has such lines behind its shards. */
    if (!c->part->is_merged && !c->items_left)
        return false;
    c->items_left -= c->items_left > 0;
    return merge_ranges_pass(&m->ranges, record);
}

static int copy_record(struct merge *m, struct copying *c, const struct journal_record *record)
{
    if (record->type == JOURNAL_SHARD)
        return turn_to(m, c, state_in(c->part, record));
    if (!c->state || !is_kept(record->type))
        return 0;
    if (m->looks) {
        if (record->type == JOURNAL_RANGES)
            merge_ranges_take(&m->ranges, record);
        return 0;
    }
    if (record->type == JOURNAL_ITEM && !take_item(m, c, record))
        return 0;
    return journal_append(m->journal, record->type, record->payload, record->n, false);
}

static bool gives_any(const struct merge *m, const struct merge_part *part)
{
    for (size_t i = 0; i < part->n_states; i++)
        if (merge_parts_gives(&m->parts, part, part->states[i].shard))
            return true;
    return false;
}

/** Returns 0, or an exit status after one line on stderr. */
static int copy_part(struct merge *m, const struct merge_part *part)
{
    char why[CASE_WHY];
    struct case_folder folder;
    struct journal_reader *reader = NULL;
    struct journal_record record;
    struct copying c = {.part = part};
    int status = case_open_existing(&folder, part->path, why), r, error = 0;
    if (status) {
        fprintf(stderr, "trawl: %s\n", why);
        case_close(&folder);
        return status;
    }
    r = journal_reader_open(folder.journal_dirfd, &reader);
    if (!r && !part->is_merged)
        error = turn_to(m, &c, &part->states[0]);
    while (!r && !error && (r = journal_reader_next(reader, &record)) == 1) {
        error = copy_record(m, &c, &record);
        r = 0;
    }
    /* What was complete has lost something since. */
    if (!r && !error && !part->is_merged && c.items_left && !m->looks && !c.state->damaged)
        error = -ESTALE;
    journal_reader_close(reader);
    case_close(&folder);
    if (r < 0 || error == -ESTALE) {
        fprintf(stderr, "trawl: %s: %s\n", part->path, r < 0 ? strerror(-r) : "it was changed while it was merged");
        return EXIT_OUTPUT;
    }
    return error ? output_failed(m, error) : 0;
}

/** As a scan begins its journal: twice, so that one damaged record does not cost the case. */
static int put_start(struct merge *m)
{
    struct buf payload = {0};
    int r = 0;
    case_info_encode(&m->parts.info, &payload);
    for (int i = 0; i < 2 && !r; i++)
        r = journal_append(m->journal, JOURNAL_START, payload.data, payload.len, false);
    buf_free(&payload);
    return r;
}

/** Reads the parts that give something. */
static int read_parts(struct merge *m, bool looks)
{
    int status = 0;
    m->looks = looks;
    for (size_t i = 0; i < m->parts.n && !status; i++)
        if (gives_any(m, &m->parts.items[i]) && (!looks || m->parts.items[i].has_ranges))
            status = copy_part(m, &m->parts.items[i]);
    return status;
}

static int write_records(struct merge *m)
{
    int r = put_start(m), status = r ? output_failed(m, r) : read_parts(m, true);
    status = status ? status : read_parts(m, false);
    if (!status && (r = merge_ranges_write(&m->ranges, m->journal)))
        status = output_failed(m, r);
    if (!status && (r = journal_append(m->journal, JOURNAL_END, "\1\0", 2, true)))
        status = output_failed(m, r);
    return status;
}

/** Opens the folder of the unfinished journal, and takes out what an earlier merge left there. Returns it or -errno. */
static int open_unfinished(int dirfd)
{
    if (mkdirat(dirfd, UNFINISHED, 0700) < 0 && errno != EEXIST)
        return -errno;
    int fd = openat(dirfd, UNFINISHED, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    int list = fd < 0 ? -1 : openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = list < 0 ? NULL : fdopendir(list);
    if (!dir)
        return -errno;
    int error = 0;
    for (const struct dirent *d; !error && (d = readdir(dir));)
        if (strncmp(d->d_name, "j-", 2) == 0 && unlinkat(fd, d->d_name, 0) < 0)
            error = -errno;
    closedir(dir);
    if (error)
        close(fd);
    return error ? error : fd;
}

/** Writes the journal and gives it its name. */
static int write_journal(struct merge *m)
{
    static const uint8_t first[JOURNAL_CHAIN];
    int dirfd = m->folder.dirfd, fd = open_unfinished(dirfd);
    int r = fd < 0 ? fd : journal_open(fd, 1, 0, first, &m->journal);
    if (r)
        return output_failed(m, r);
    int status = write_records(m);
    r = journal_close(m->journal);
    if (!status && !r && renameat(dirfd, UNFINISHED, dirfd, "journal") < 0)
        r = -errno;
    if (!status && !r && fsync(dirfd) < 0)
        r = -errno;
    m->folder.journal_dirfd = fd;
    return status ? status : r ? output_failed(m, r) : 0;
}

static void put_parts(const struct merge *m, struct buf *out)
{
    buf_puts(out, "  \"parts\": [");
    for (size_t i = 0; i < m->parts.n; i++) {
        const struct merge_part *part = &m->parts.items[i];
        size_t taken = 0;
        for (size_t s = 0; s < part->n_states; s++)
            taken += merge_parts_gives(&m->parts, part, part->states[s].shard);
        buf_puts(out, i ? ",\n    {\"path\": " : "\n    {\"path\": ");
        text_json(out, part->path);
        buf_printf(out, ", \"shards\": %zu, \"taken\": %zu}", part->n_states, taken);
    }
    buf_puts(out, "\n  ]\n}\n");
}

static int write_run_json(const struct merge *m)
{
    struct output file;
    output_open(&file, m->folder.dirfd, "run.json");
    run_json_begin(&m->clock, &file.buf);
    put_parts(m, &file.buf);
    return output_end(&file);
}

static int write_reports(struct merge *m)
{
    struct report_totals totals;
    struct case_folder *folder = &m->folder;
    int r = access_log(folder->journal_dirfd, "merge");
    folder->only_reports = true;
    r = r ? r : case_read(folder);
    if (!r && !folder->finished)
        r = -EBADMSG;
    case_settle(folder);
    if (!r)
        r = case_report(folder, folder->dirfd, scan_formats(folder, m->options->formats, m->options->quiet), &totals);
    if (!r)
        r = write_run_json(m);
    if (r)
        return output_failed(m, r);
    for (size_t i = 0; i < folder->end.n_notes && !m->options->quiet; i++)
        fprintf(stderr, "trawl: %s\n", folder->end.notes[i]);
    scan_tell(m->options, folder, &totals);
    return scan_status(&totals, &folder->end);
}

static int refuse_folder(const struct merge *m, const char *why)
{
    fprintf(stderr, "trawl: %s: %s\n", m->folder.path, why);
    return EXIT_USAGE;
}

static bool is_there(int dirfd, const char *name)
{
    return faccessat(dirfd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/** Makes the case folder, or takes up what an interrupted merge left. *has_journal: only reports are missing. */
static int open_folder(struct merge *m, bool *has_journal)
{
    struct case_folder *folder = &m->folder;
    int status = case_make(folder, m->options->case_dir);
    if (status)
        return status;
    *has_journal = is_there(folder->dirfd, "journal");
    if (*has_journal && is_there(folder->dirfd, "run.json"))
        return refuse_folder(m, "there is a case already; a merge needs a new folder");
    if (!*has_journal && !is_there(folder->dirfd, UNFINISHED) && !case_is_empty(folder->dirfd))
        return refuse_folder(m, "is not empty; a merge needs a new folder");
    if (*has_journal)
        folder->journal_dirfd = openat(folder->dirfd, "journal", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    return 0;
}

/** The journal that is there: of a merge of the same shards, or nobody's business. */
static int check_journal(struct merge *m)
{
    struct case_folder old;
    char why[CASE_WHY];
    int status = case_open_existing(&old, m->folder.path, why);
    old.only_reports = true;
    bool same = !status && !case_read(&old) && old.finished && old.cover.shards == m->parts.shards;
    for (uint32_t i = 0; same && i < old.cover.shards; i++)
        same = !old.cover.states[i].shards == !m->parts.taken[i] &&
               (!m->parts.taken[i] || memcmp(old.cover.states[i].plan, m->parts.plan, sizeof(m->parts.plan)) == 0);
    case_close(&old);
    return same ? 0 : refuse_folder(m, "there is another case already; a merge needs a new folder");
}

int merge_run(const struct scan_options *options, const char *const *paths, size_t n)
{
    struct merge m = {.options = options, .folder = {.dirfd = -1, .journal_dirfd = -1}};
    bool has_journal = false;
    run_clock_start(&m.clock);
    int status = merge_parts_read(&m.parts, paths, n);
    status = status ? status : open_folder(&m, &has_journal);
    if (!status)
        status = has_journal ? check_journal(&m) : write_journal(&m);
    status = status ? status : write_reports(&m);
    case_close(&m.folder);
    merge_ranges_free(&m.ranges);
    merge_parts_free(&m.parts);
    return status;
}
