#include <criterion/criterion.h>
#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../scratch.h"
#include "core/alloc.h"
#include "scan/case.h"
#include "scan/recorder.h"
#include "trawl/status.h"

/** A case folder and the run that writes its journal. */
struct fixture {
    struct scratch scratch;
    char path[128];
    struct case_folder folder;
    struct recorder recorder;
    char why[CASE_WHY];
};

/** Opens the case and begins a segment; the first run begins the case. */
static void begin_run(struct fixture *f)
{
    struct buf info = {0};
    snprintf(f->path, sizeof(f->path), "%s/case", f->scratch.path);
    cr_assert_eq(case_open(&f->folder, f->path, f->why), 0, "%s", f->why);
    cr_assert_eq(case_read(&f->folder), 0);
    const struct journal_state *s = &f->folder.state;
    f->recorder = (struct recorder){0};
    cr_assert_eq(journal_open(f->folder.journal_dirfd, s->segments + 1, s->sequence, s->chain, &f->recorder.journal),
                 0);
    static char version[] = "1.2.3", source[] = "evidence";
    char *sources[] = {source};
    struct case_info told = {.version = version, .sources = sources, .n_sources = 1, .max_distance = 31};
    case_info_encode(&told, &info);
    if (f->folder.resumed)
        cr_assert_eq(journal_append(f->recorder.journal, JOURNAL_RESUME, "0123456789abcdef", 16, false), 0);
    else
        cr_assert_eq(journal_append(f->recorder.journal, JOURNAL_START, info.data, info.len, false), 0);
    buf_free(&info);
}

static void end_run(struct fixture *f)
{
    cr_assert_eq(journal_close(f->recorder.journal), 0);
    case_close(&f->folder);
}

/** Reads the case as the next run would. */
static void reopen(struct fixture *f)
{
    cr_assert_eq(case_open_existing(&f->folder, f->path, f->why), 0, "%s", f->why);
    cr_assert_eq(case_read(&f->folder), 0);
}

static struct where *host(const char *name)
{
    return where_new(NULL, "file", name, strlen(name), WHERE_UNKNOWN, WHERE_UNKNOWN);
}

static struct where *member(const char *name, const char *kind, uint64_t index)
{
    struct where *outer = host(name), *where = where_new(outer, kind, "m", 1, index, WHERE_UNKNOWN);
    where_unref(outer);
    return where;
}

static void put(struct fixture *f, struct where *where, enum trawl_status status, uint64_t inode)
{
    struct item item = {.where = where, .size = 5, .status = status};
    struct identity identity = {.dev = 1, .ino = inode, .size = 5, .mtime = 7};
    recorder_item(&f->recorder, &item, inode ? &identity : NULL);
    item_clear(&item);
}

static void take_up(struct fixture *f, struct where *where)
{
    recorder_begin(&f->recorder, where, BEGIN_BESIDE_OTHERS);
    where_unref(where);
}

static const struct done_row *row(const struct fixture *f, struct where *where)
{
    struct done_key key;
    done_key_of(where, &key);
    where_unref(where);
    return done_set_find(&f->folder.done, &key);
}

static enum done_state state(const struct fixture *f, struct where *where)
{
    const struct done_row *r = row(f, where);
    return r ? (enum done_state)r->state : DONE_NOT;
}

static bool has_note(const struct fixture *f, const char *part)
{
    for (size_t i = 0; i < f->folder.end.n_notes; i++)
        if (strstr(f->folder.end.notes[i], part))
            return true;
    return false;
}

Test(case, what_a_run_leaves, .timeout = 60)
{
    static struct fixture f = {0};
    f.scratch = scratch_make();
    begin_run(&f);
    cr_assert_not(f.folder.resumed);
    for (int status = 0; status < TRAWL_STATUS_COUNT; status++) {
        take_up(&f, member("a.zip", "zip", (uint64_t)status));
        put(&f, member("a.zip", "zip", (uint64_t)status), (enum trawl_status)status, 0);
    }
    take_up(&f, host("host.jpg"));
    put(&f, host("host.jpg"), TRAWL_OK, 9);
    put(&f, member("a.zip", "unreached", 5), TRAWL_UNREACHED, 0);
    take_up(&f, member("b.zip", "zip", 3));
    take_up(&f, member("b.zip", "zip", 4));
    recorder_note(&f.recorder, "a sentence");
    recorder_note(&f.recorder, "a sentence");
    recorder_note(&f.recorder, "another");
    cr_assert_eq(recorder_error(&f.recorder), 0);
    end_run(&f);
    reopen(&f);
    cr_assert(f.folder.resumed);
    cr_assert_not(f.folder.finished);
    cr_assert_str_eq(f.folder.info.version, "1.2.3");
    for (int status = 0; status < TRAWL_STATUS_COUNT; status++)
        cr_assert_eq(state(&f, member("a.zip", "zip", (uint64_t)status)),
                     status == TRAWL_UNREACHED ? DONE_NOT : DONE_YES, "what was interrupted is done again, status %d",
                     status);
    cr_assert_eq(state(&f, member("a.zip", "unreached", 5)), DONE_YES, "what nobody can reach is not");
    cr_assert_eq(state(&f, host("host.jpg")), DONE_YES);
    cr_assert_neq(row(&f, host("host.jpg"))->identity, 0u);
    cr_assert_eq(state(&f, member("b.zip", "zip", 3)), DONE_SUSPECT);
    cr_assert_eq(f.folder.suspects, 2u);
    cr_assert_eq(f.folder.n_suspect_paths, 1u);
    cr_assert_str_eq(f.folder.suspect_paths[0], "b.zip");
    cr_assert_eq(f.folder.end.n_notes, 2u, "a sentence is said once");
    case_close(&f.folder);
    scratch_remove(&f.scratch);
}

/** Identities: a file of the host that changed since is known by them. */
Test(case, changed_evidence, .timeout = 60)
{
    static struct fixture f = {0};
    f.scratch = scratch_make();
    begin_run(&f);
    put(&f, host("x"), TRAWL_OK, 9);
    struct identity same = {.dev = 1, .ino = 9, .size = 5, .mtime = 7, .sample = {1, 2, 3, 4, 5, 6, 7, 8}},
                    other = same;
    struct where *x = host("x"), *y = host("y"), *z = host("z");
    recorder_open(&f.recorder, y, &same);
    end_run(&f);
    reopen(&f);
    struct recorder r = {.done = &f.folder.done};
    bool changed = true;
    cr_assert_not_null(recorder_find(&r, x, &same, &changed));
    cr_assert_not(changed);
    cr_assert_not_null(recorder_find(&r, x, NULL, &changed));
    cr_assert_not(changed);
    for (int i = 0; i < 4; i++) {
        other = same;
        other.dev += i == 0;
        other.ino += i == 1;
        other.size += i == 2;
        other.mtime += i == 3;
        cr_assert_not_null(recorder_find(&r, x, &other, &changed));
        cr_assert(changed, "%d", i);
    }
    const struct done_row *open = recorder_find(&r, y, &same, &changed);
    cr_assert_not_null(open);
    cr_assert_eq(open->state, DONE_NOT);
    cr_assert_eq(memcmp(&open->sample, same.sample, 8), 0);
    cr_assert_null(recorder_find(&r, z, &same, &changed));
    cr_assert_not(changed);
    where_unref(x);
    where_unref(y);
    where_unref(z);
    case_close(&f.folder);
    scratch_remove(&f.scratch);
}

/** Run after run: what one left is what the next one goes on with. */
Test(case, several_runs, .timeout = 60)
{
    static struct fixture f = {0};
    static const uint8_t complete[] = {1, 0}, interrupted[] = {0, 1};
    f.scratch = scratch_make();
    begin_run(&f);
    take_up(&f, host("x"));
    end_run(&f);
    begin_run(&f);
    cr_assert(f.folder.resumed);
    cr_assert_eq(f.folder.suspects, 1u);
    take_up(&f, host("x"));
    put(&f, host("x"), TRAWL_OK, 1);
    take_up(&f, host("y"));
    put(&f, host("y"), TRAWL_UNREACHED, 1);
    cr_assert_eq(journal_append(f.recorder.journal, JOURNAL_END, interrupted, 2, false), 0);
    end_run(&f);
    begin_run(&f);
    cr_assert(f.folder.end.interrupted && !f.folder.finished);
    cr_assert_eq(f.folder.suspects, 0u);
    cr_assert_eq(state(&f, host("x")), DONE_YES);
    cr_assert_eq(state(&f, host("y")), DONE_NOT);
    put(&f, host("y"), TRAWL_OK, 1);
    cr_assert_eq(journal_append(f.recorder.journal, JOURNAL_END, complete, 2, false), 0);
    end_run(&f);
    reopen(&f);
    cr_assert(f.folder.finished && f.folder.end.complete && !f.folder.end.interrupted);
    cr_assert_eq(state(&f, host("y")), DONE_YES);
    cr_assert_eq(f.folder.state.segments, 3u);
    cr_assert_eq(f.folder.state.damaged, 0u);
    case_close(&f.folder);
    scratch_remove(&f.scratch);
}

/** A journal that is damaged is said to be, and what is lost is not taken for done. */
Test(case, damaged_journal, .timeout = 60)
{
    static struct fixture f = {0};
    f.scratch = scratch_make();
    begin_run(&f);
    put(&f, host("x"), TRAWL_OK, 1);
    put(&f, host("y"), TRAWL_OK, 1);
    end_run(&f);
    cr_assert_eq(case_open_existing(&f.folder, f.path, f.why), 0);
    int journal = dup(f.folder.journal_dirfd);
    case_close(&f.folder);
    struct buf bytes = scratch_read(journal, "j-000001.log");
    for (size_t i = 0; i < bytes.len; i++) {
        bytes.data[i] ^= 1;
        scratch_write(journal, "j-000001.log", bytes.data, bytes.len);
        bytes.data[i] ^= 1;
        cr_assert_eq(case_open_existing(&f.folder, f.path, f.why), 0);
        int r = case_read(&f.folder);
        cr_assert(r == 0 || r == -EBADMSG, "%d", r);
        cr_assert(r || f.folder.state.torn_bytes || has_note(&f, "damaged"), "byte %zu", i);
        cr_assert(r || (state(&f, host("x")) == DONE_YES) + (state(&f, host("y")) == DONE_YES) >= 1);
        case_close(&f.folder);
    }
    /* Without its beginning nobody knows what was asked. */
    scratch_write(journal, "j-000001.log", bytes.data + 40, bytes.len - 40);
    cr_assert_eq(case_open_existing(&f.folder, f.path, f.why), 0);
    cr_assert_eq(case_read(&f.folder), -EBADMSG);
    case_close(&f.folder);
    buf_free(&bytes);
    close(journal);
    scratch_remove(&f.scratch);
}

/** Records of the right kind that say nothing of sense. */
Test(case, broken_payloads, .timeout = 60)
{
    static struct fixture f = {0};
    uint64_t seed = 5;
    uint8_t bytes[64];
    f.scratch = scratch_make();
    begin_run(&f);
    for (int i = 0; i < 2000; i++) {
        uint64_t r = scratch_random(&seed);
        for (size_t b = 0; b < sizeof(bytes); b += 8) {
            uint64_t v = scratch_random(&seed) & scratch_random(&seed) & scratch_random(&seed);
            memcpy(bytes + b, &v, 8);
        }
        enum journal_type type = (enum journal_type)(1 + r % (JOURNAL_TYPES - 1));
        if (type != JOURNAL_NOTE)
            cr_assert_eq(journal_append(f.recorder.journal, type, bytes, r / 16 % 65, false), 0);
    }
    end_run(&f);
    reopen(&f);
    cr_assert(f.folder.resumed);
    cr_assert_str_eq(f.folder.info.version, "1.2.3", "the first START counts");
    case_close(&f.folder);
    scratch_remove(&f.scratch);
}

Test(case, folders, .timeout = 60)
{
    static struct fixture f = {0}, second = {0};
    struct stat st;
    f.scratch = scratch_make();
    begin_run(&f);
    cr_assert_eq(fstat(f.folder.dirfd, &st), 0);
    cr_assert_eq(st.st_mode & 07777, 0700u);
    cr_assert_eq(fstat(f.folder.journal_dirfd, &st), 0);
    cr_assert_eq(st.st_mode & 07777, 0700u);
    cr_assert_eq(case_open(&second.folder, f.path, second.why), EXIT_USAGE);
    cr_assert_not_null(strstr(second.why, "another run"), "%s", second.why);
    case_close(&second.folder);
    end_run(&f);
    cr_assert_eq(case_open(&second.folder, f.path, second.why), 0, "the lock goes with the run");
    case_close(&second.folder);
    char path[200];
    snprintf(path, sizeof(path), "%s/missing/case", f.scratch.path);
    cr_assert_eq(case_open(&second.folder, path, second.why), EXIT_USAGE);
    cr_assert_str_not_empty(second.why);
    case_close(&second.folder);
    cr_assert_eq(case_open_existing(&second.folder, path, second.why), EXIT_USAGE);
    case_close(&second.folder);
    /* A folder of somebody else's is left alone. */
    cr_assert_eq(mkdirat(f.scratch.fd, "photos", 0700), 0);
    int photos = openat(f.scratch.fd, "photos", O_RDONLY | O_DIRECTORY);
    scratch_write(photos, "a.jpg", "x", 1);
    snprintf(path, sizeof(path), "%s/photos", f.scratch.path);
    cr_assert_eq(case_open(&second.folder, path, second.why), EXIT_USAGE);
    cr_assert_not_null(strstr(second.why, "not a case folder"), "%s", second.why);
    case_close(&second.folder);
    cr_assert_neq(faccessat(photos, "journal", F_OK, 0), 0);
    close(photos);
    /* An empty one may be used; a link to one may not. */
    cr_assert_eq(mkdirat(f.scratch.fd, "empty", 0700), 0);
    cr_assert_eq(symlinkat("empty", f.scratch.fd, "link"), 0);
    snprintf(path, sizeof(path), "%s/link", f.scratch.path);
    cr_assert_eq(case_open(&second.folder, path, second.why), EXIT_USAGE);
    case_close(&second.folder);
    snprintf(path, sizeof(path), "%s/empty", f.scratch.path);
    cr_assert_eq(case_open(&second.folder, path, second.why), 0);
    cr_assert_eq(case_read(&second.folder), 0, "a case that has no journal yet");
    cr_assert_not(second.folder.resumed);
    case_close(&second.folder);
    scratch_remove(&f.scratch);
}

/** Reports out of the journal alone: an item in two records is in them once, as it was last; a cut is in them too. */
Test(case, report, .timeout = 60)
{
    static struct fixture f = {0};
    struct report_totals totals;
    f.scratch = scratch_make();
    begin_run(&f);
    put(&f, host("x"), TRAWL_UNREACHED, 1);
    put(&f, host("x"), TRAWL_OK, 1);
    put(&f, host("y"), TRAWL_NOT_MEDIA, 1);
    for (uint64_t i = 0; i < 3; i++)
        put(&f, member("a.tar", "tar", i), TRAWL_OK, 0);
    struct where *tar = host("a.tar");
    recorder_cut(&f.recorder, tar, LIMIT_RATIO, 1500);
    where_unref(tar);
    put(&f, host("a.tar"), TRAWL_OK, 3);
    end_run(&f);
    reopen(&f);
    cr_assert_eq(case_report(&f.folder, f.folder.dirfd, REPORT_DEFAULT, &totals), 0);
    struct buf first = scratch_read(f.folder.dirfd, "inventory.jsonl");
    const char *text = buf_str(&first);
    cr_assert_eq(totals.files, 5u, "x, y, the tar, its first member, and a line for the rest: %s", text);
    cr_assert_eq(totals.unexamined, 2u);
    cr_assert_not_null(strstr(text, "$unreached"));
    cr_assert_not_null(strstr(text, "\"limit\":\"ratio\""));
    cr_assert_eq(case_report(&f.folder, f.folder.dirfd, REPORT_DEFAULT, &totals), 0);
    struct buf second = scratch_read(f.folder.dirfd, "inventory.jsonl");
    cr_assert(first.len == second.len && memcmp(first.data, second.data, first.len) == 0);
    cr_assert_eq(faccessat(f.folder.dirfd, "summary.json", F_OK, 0), 0);
    buf_free(&first);
    buf_free(&second);
    case_close(&f.folder);
    scratch_remove(&f.scratch);
}
