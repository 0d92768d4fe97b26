#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../scratch.h"
#include "core/alloc.h"
#include "report/change.h"
#include "scan/case.h"
#include "scan/run.h"
#include "scan/run_mark.h"
#include "scan/since.h"
#include "trawl/status.h"

/** An older case beside its evidence, and the run that goes on from it. */
struct night {
    struct scratch scratch;
    char evidence[128], old_path[128], new_path[128];
    struct scan_options options;
    struct run run;
    struct case_folder folder;
    struct run_mark mark;
    struct since *since;
    /** Names that the walk left to the line, one letter each, in order. */
    char left[16];
    /** What the new journal says of changes: the kind's number and the last letter of the path. */
    char told[64];
    unsigned copies;
};

static char version[] = "1", option[] = "decode=fast";
static char *options[] = {option};

static struct case_info question(void)
{
    return (struct case_info){.version = version, .options = options, .n_options = 1, .max_distance = 31};
}

static void open_journal(struct case_folder *folder, const char *path, const struct case_info *info,
                         const struct run_mark *mark, struct recorder *recorder)
{
    char why[CASE_WHY];
    struct buf payload = {0};
    cr_assert_eq(case_open(folder, path, why), 0, "%s", why);
    cr_assert_eq(case_read(folder), 0);
    *recorder = (struct recorder){0};
    cr_assert_eq(journal_open(folder->journal_dirfd, 1, 0, folder->state.chain, &recorder->journal), 0);
    case_info_encode(info, &payload);
    cr_assert_eq(journal_append(recorder->journal, JOURNAL_START, payload.data, payload.len, false), 0);
    payload.len = 0;
    run_mark_encode(mark, &payload);
    cr_assert_eq(journal_append(recorder->journal, JOURNAL_RUN, payload.data, payload.len, false), 0);
    buf_free(&payload);
}

/** A file of one letter, its line in the older case, and what is inside of it. */
static void put_file(struct night *n, struct recorder *old, char name, enum trawl_status status, bool inside)
{
    char path[160], file[2] = {name, 0};
    struct stat st;
    struct identity identity;
    int dir = open(n->evidence, O_RDONLY | O_DIRECTORY);
    scratch_write(dir, file, &name, 1);
    snprintf(path, sizeof(path), "%s/%c", n->evidence, name);
    cr_assert_eq(fstatat(dir, file, &st, 0), 0);
    close(dir);
    identity_of(&st, &identity);
    struct where *where = where_new(NULL, "file", path, strlen(path), WHERE_UNKNOWN, WHERE_UNKNOWN);
    if (inside) {
        struct item member = {.where = where_new(where, "zip", "m", 1, 0, WHERE_UNKNOWN), .status = status};
        recorder_item(old, &member, NULL);
        item_clear(&member);
        status = TRAWL_OK;
    }
    struct item item = {.where = where, .size = 1, .status = status, .has_digests = true};
    memset(item.digests.sha256, name, sizeof(item.digests.sha256));
    recorder_item(old, &item, &identity);
    item_clear(&item);
}

static void begin(struct night *n)
{
    *n = (struct night){.scratch = scratch_make()};
    snprintf(n->evidence, sizeof(n->evidence), "%s/evidence", n->scratch.path);
    snprintf(n->old_path, sizeof(n->old_path), "%s/old", n->scratch.path);
    snprintf(n->new_path, sizeof(n->new_path), "%s/new", n->scratch.path);
    cr_assert_eq(mkdir(n->evidence, 0700), 0);
    n->options = (struct scan_options){.is_scan = true, .since = n->old_path, .quiet = true};
    run_mark_of(&n->options, &n->mark);
    /* Files that are made now are old when the scan begins. */
    n->mark.clock += 3600 * INT64_C(1000000000);
}

static void end_old(struct case_folder *folder, struct recorder *old)
{
    cr_assert_eq(journal_append(old->journal, JOURNAL_END, "\1\0", 2, false), 0);
    cr_assert_eq(journal_close(old->journal), 0);
    case_close(folder);
}

static int open_new(struct night *n, const struct case_info *info)
{
    open_journal(&n->folder, n->new_path, info, &n->mark, &n->run.recorder);
    n->folder.info = *info;
    n->run.options = &n->options;
    return since_open(&n->run, &n->folder, false, &n->mark, &n->since);
}

static int by_letter(const void *a, const void *b)
{
    return *(const char *)a - *(const char *)b;
}

static void walk(struct night *n)
{
    struct limits limits;
    struct walk_entry entry;
    limits_default(&limits);
    struct walk *walk = walk_open(n->evidence, &limits);
    walk_lazily(walk);
    since_source(n->since, n->evidence);
    while (walk_next(walk, &entry) == 1) {
        char name = entry.path[strlen(entry.path) - 1];
        cr_assert(entry.closed);
        if (since_met(n->since, walk, &entry))
            continue;
        cr_assert(walk_take(walk, &entry));
        cr_assert(!entry.closed && entry.fd >= 0);
        close(entry.fd);
        n->left[strlen(n->left)] = name;
    }
    walk_close(walk);
    since_walked(n->since, true);
    qsort(n->left, strlen(n->left), 1, by_letter);
}

static void read_new(struct night *n)
{
    struct journal_reader *reader;
    struct journal_record record;
    struct change change;
    cr_assert_eq(journal_reader_open(n->folder.journal_dirfd, &reader), 0);
    while (journal_reader_next(reader, &record) == 1) {
        n->copies += recorder_is_reused(&record);
        if (record.type != JOURNAL_CHANGE)
            continue;
        cr_assert(change_decode(record.payload, record.n, &change));
        snprintf(n->told + strlen(n->told), 4, "%d%c ", (int)change.kind, change.path[change.path_len - 1]);
    }
    journal_reader_close(reader);
}

static void finish(struct night *n)
{
    cr_assert_eq(since_copy(n->since, &n->folder), 0);
    since_close(n->since);
    cr_assert_eq(journal_close(n->run.recorder.journal), 0);
    read_new(n);
}

static void end(struct night *n)
{
    n->folder.info = (struct case_info){0};
    case_close(&n->folder);
    scratch_remove(&n->scratch);
}

Test(since, what_is_settled_is_kept)
{
    struct night n;
    struct case_folder folder;
    struct recorder old;
    struct case_info info = question();
    begin(&n);
    open_journal(&folder, n.old_path, &info, &n.mark, &old);
    for (int status = 0; status < TRAWL_STATUS_COUNT; status++) {
        put_file(&n, &old, (char)('a' + status), (enum trawl_status)status, false);
        put_file(&n, &old, (char)('A' + status), (enum trawl_status)status, true);
    }
    end_old(&folder, &old);
    cr_assert_eq(open_new(&n, &info), 0);
    walk(&n);
    finish(&n);
    /* timeout, crashed, io-error, unreached: of the file, or of something inside; a file that was not read is new. */
    cr_assert_str_eq(n.left, "IJKLijkl");
    cr_assert_eq(n.copies, 8 + 2 * 8);
    cr_assert_str_eq(n.told, "2l ");
    cr_assert_str_empty(n.folder.since->info.refused);
    end(&n);
}

Test(since, bytes_that_changed_behind_their_times)
{
    struct night n;
    struct case_folder folder;
    struct recorder old;
    struct case_info info = question();
    begin(&n);
    n.options.recheck = 100;
    open_journal(&folder, n.old_path, &info, &n.mark, &old);
    for (char name = 'a'; name <= 'c'; name++)
        put_file(&n, &old, name, TRAWL_OK, false);
    end_old(&folder, &old);
    cr_assert_eq(open_new(&n, &info), 0);
    walk(&n);
    cr_assert_str_eq(n.left, "abc");
    for (char name = 'a'; name <= 'c'; name++) {
        char path[160];
        struct stat st;
        struct identity identity;
        snprintf(path, sizeof(path), "%s/%c", n.evidence, name);
        cr_assert_eq(stat(path, &st), 0);
        identity_of(&st, &identity);
        struct item item = {.where = where_new(NULL, "file", path, strlen(path), WHERE_UNKNOWN, WHERE_UNKNOWN)};
        item.has_digests = name != 'c';
        memset(item.digests.sha256, name == 'b' ? 'x' : name, sizeof(item.digests.sha256));
        since_item(n.since, &item, &identity);
        /* It changed again before it was read: that is no silent change. */
        identity.mtime++;
        since_item(n.since, &item, &identity);
        item_clear(&item);
    }
    finish(&n);
    cr_assert_str_eq(n.told, "6a 7b ");
    cr_assert_eq(n.copies, 0);
    end(&n);
}

/** One file `a`, by a run with the mark, then a new run that asks `info`. Returns the reason; empty: it was kept. */
static void why_not(const struct run_mark *mark, const struct case_info *then, const struct case_info *info,
                    const char *wanted)
{
    struct night n;
    struct case_folder folder;
    struct recorder old;
    begin(&n);
    struct run_mark old_mark = mark ? *mark : n.mark;
    open_journal(&folder, n.old_path, then, &old_mark, &old);
    put_file(&n, &old, 'a', TRAWL_OK, false);
    end_old(&folder, &old);
    cr_assert_eq(open_new(&n, info), 0);
    cr_assert_str_eq(n.folder.since->info.refused, wanted);
    walk(&n);
    finish(&n);
    cr_assert_str_empty(n.told);
    end(&n);
}

Test(since, what_does_not_fit_is_read)
{
    struct case_info info = question(), other = question();
    char later[] = "2", exact[] = "decode=exact", *others[] = {exact};
    struct scan_options none = {0};
    struct run_mark mark;
    run_mark_of(&none, &mark);
    mark.build[5] ^= 1;
    why_not(&mark, &info, &info, "it was made by another version, or with other libraries");
    other.version = later;
    why_not(NULL, &info, &other, "it was made by another version, or with other libraries");
    other = question();
    other.options = others;
    why_not(NULL, &info, &other, "it was made with other options");
    other = question();
    other.no_sandbox = true;
    why_not(NULL, &info, &other, "it was made with other options");
    other = question();
    other.n_options = 0;
    why_not(NULL, &info, &other, "it was made with other options");
}

Test(since, what_was_new_is_read_again)
{
    struct night n;
    struct case_folder folder;
    struct recorder old;
    struct case_info info = question();
    begin(&n);
    struct run_mark early = n.mark;
    early.clock -= 2 * 3600 * INT64_C(1000000000);
    open_journal(&folder, n.old_path, &info, &early, &old);
    put_file(&n, &old, 'a', TRAWL_OK, false);
    end_old(&folder, &old);
    cr_assert_eq(open_new(&n, &info), 0);
    walk(&n);
    finish(&n);
    cr_assert_str_eq(n.left, "a");
    cr_assert_str_empty(n.told);
    end(&n);
}

Test(since, the_case_itself_is_refused)
{
    struct night n;
    struct case_info info = question();
    begin(&n);
    n.options.since = n.new_path;
    cr_assert_eq(open_new(&n, &info), EXIT_USAGE);
    cr_assert_null(n.since);
    cr_assert_eq(journal_close(n.run.recorder.journal), 0);
    end(&n);
}
