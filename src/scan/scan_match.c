/*
 * scan_match.c: trawl match CASE: other lists for all that a case holds. What its journal cannot tell is read again
 * where it still lies there, through the same line as in a scan; what lies there no more is marked as unconfirmed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/io.h"
#include "core/item_glance.h"
#include "core/spill.h"
#include "scan/access.h"
#include "scan/ask_back.h"
#include "scan/case.h"
#include "scan/match_pass.h"
#include "scan/scan_parts.h"

/** Bytes that are sorted in memory of what is read again. */
#define REREAD_MEMORY (32u << 20)

struct matching {
    struct run run;
    struct scan_options options;
    struct case_folder folder;
    struct hashset *lists, *older;
    struct found found;
    struct found_rules how;
    struct match_pass pass;
    struct found_totals totals;
    /** Paths to read again, each ended by NUL; a file without a name. */
    int again;
    uint64_t reread;
};

static int cannot_read(const struct matching *m, int error)
{
    fprintf(stderr, "trawl: %s: the journal cannot be read: %s\n", m->folder.path, strerror(-error));
    return EXIT_USAGE;
}

/** The first record says what was asked; the last one whether all was done. */
static int read_ends(struct matching *m)
{
    struct journal_reader *reader = NULL;
    struct journal_record record;
    bool started = false;
    int r = journal_reader_open(m->folder.journal_dirfd, &reader);
    while (!r && !started && (r = journal_reader_next(reader, &record)) == 1) {
        r = 0;
        if (record.type == JOURNAL_START)
            started = case_info_decode(record.payload, record.n, &m->folder.info);
    }
    journal_reader_close(reader);
    return r ? r : started ? 0 : -EBADMSG;
}

/** Opens the case, and asks what its scan was asked. Returns 0 or an exit status. */
static int open_case(struct matching *m, const char *case_dir)
{
    char why[CASE_WHY];
    int status = case_open_existing(&m->folder, case_dir, why), error;
    if (!status && (error = read_ends(m)))
        return cannot_read(m, error);
    if (!status && m->folder.info.minimise) {
        snprintf(why, sizeof(why),
                 "%s: scanned with --minimise: it holds nothing of files that were on no list then; scan the evidence "
                 "again",
                 case_dir);
        status = EXIT_USAGE;
    }
    if (!status && !ask_back(&m->folder.info, &m->options, why, sizeof(why)))
        status = EXIT_USAGE;
    if (status)
        fprintf(stderr, "trawl: %s\n", why);
    return status;
}

/** Strings of *info are lent to *options. Returns 0 or an exit status. */
int scan_ask_back(const char *case_dir, struct case_info *info, struct scan_options *options)
{
    struct matching *m = ALLOC(struct matching);
    m->options = *options;
    int status = open_case(m, case_dir);
    if (!status) {
        *options = m->options;
        *info = m->folder.info;
        m->folder.info = (struct case_info){0};
        options->no_sandbox = options->no_sandbox || info->no_sandbox;
        options->sources = (const char *const *)info->sources;
        options->n_sources = info->n_sources;
        options->since = case_dir;
        options->is_scan = true;
    }
    for (size_t i = 0; !status && i < info->n_sources; i++)
        if (strncmp(info->sources[i], "from:", 5) == 0) {
            fprintf(stderr, "trawl: %s: its sources came from a file: scan --since with --from does the same\n",
                    case_dir);
            status = EXIT_USAGE;
        }
    case_close(&m->folder);
    free(m);
    return status;
}

/** A list whose entries do not count. Returns 0 or an exit status. */
static int load_older(struct matching *m, const char *path)
{
    const struct scan_options *o = &m->options;
    char why[512];
    if (!path)
        return 0;
    m->older = hashset_new();
    if (hashset_reading(m->older, NULL, o->maps, o->n_maps, why, sizeof(why)) ||
        hashset_load(m->older, path, false, o->bare, o->quiet ? NULL : stderr, why, sizeof(why))) {
        fprintf(stderr, "trawl: --new-since: %s\n", why);
        return EXIT_USAGE;
    }
    hashset_seal(m->older);
    m->how.older = m->older;
    return 0;
}

/** True if a file is still there as far as its size and time tell; its digest decides later. */
static bool is_there(const char *path, const struct identity *identity)
{
    struct stat st;
    struct identity now;
    if (lstat(path, &st) < 0 || !S_ISREG(st.st_mode))
        return false;
    identity_of(&st, &now);
    return now.size == identity->size && now.mtime == identity->mtime;
}

/** Takes a file of the host that something pending is, or is in. Returns 0 or -errno. */
static int take_root(struct matching *m, const struct journal_record *record)
{
    struct identity identity;
    bool has_identity;
    const uint8_t *bytes;
    size_t n;
    struct item_glance glance;
    struct done_key key;
    if (!recorder_read_item(record, &identity, &has_identity, &bytes, &n) || !has_identity ||
        !item_glance(bytes, n, &glance))
        return 0;
    struct where *where = where_decode(glance.where, glance.where_len);
    if (!where)
        return 0;
    done_key_of(where, &key);
    int error = 0;
    if (done_set_find(&m->found.roots, &key) && done_set_row(&m->found.roots, &key)->state == DONE_NOT) {
        char *path = mem_strndup((const char *)where->name, where->name_len);
        done_set_row(&m->found.roots, &key)->state = DONE_YES;
        if (is_there(path, &identity)) {
            error = io_write_all(m->again, path, where->name_len + 1);
            m->reread++;
        }
        free(path);
    }
    where_unref(where);
    return error;
}

/** Which files of the host are to be read again. Returns 0 or -errno. */
static int find_roots(struct matching *m)
{
    struct journal_reader *reader = NULL;
    struct journal_record record;
    int r = journal_reader_open(m->folder.journal_dirfd, &reader);
    while (!r && (r = journal_reader_next(reader, &record)) == 1)
        r = record.type == JOURNAL_ITEM ? take_root(m, &record) : 0;
    journal_reader_close(reader);
    return r;
}

/** All that the line found in them. Returns 0 or -errno. */
static int take_read(struct matching *m)
{
    const uint8_t *key, *value;
    size_t key_len, value_len;
    int r = sorter_finish(m->run.recorder.sorter);
    while (!r && (r = sorter_next(m->run.recorder.sorter, &key, &key_len, &value, &value_len)) == 1) {
        struct item item;
        r = 0;
        if (!item_decode(value, value_len, &item))
            continue;
        found_filter(&m->how, &item.matches);
        found_add(&m->found, FOUND_READ, &item);
        item_clear(&item);
    }
    return r;
}

/** Reads through the line what only that can tell. Returns 0 or an exit status. */
static int read_again(struct matching *m)
{
    char name[64];
    int error = m->again < 0 ? -EIO : find_roots(m);
    if (!error && !m->reread)
        return 0;
    snprintf(name, sizeof(name), "/proc/self/fd/%d", m->again);
    m->options.from = name;
    m->options.from_nul = true;
    m->run.recorder.sorter = sorter_new(m->run.spill_dir, REREAD_MEMORY);
    int r = error ? 0 : scan_line(&m->run);
    error = error ? error : recorder_error(&m->run.recorder);
    int status = 0;
    if (r || (!error && atomic_load(&m->run.failed)))
        status = scan_failed(&m->run, r);
    else if (error || (error = take_read(m))) {
        fprintf(stderr, "trawl: temporary file: %s\n", strerror(-error));
        status = EXIT_OUTPUT;
    }
    sorter_free(m->run.recorder.sorter);
    m->run.recorder.sorter = NULL;
    m->options.from = NULL;
    return status;
}

static void tell(const struct matching *m)
{
    if (m->options.quiet)
        return;
    fprintf(stderr, "trawl: %llu items, %llu of them with hashes; %llu hits in %llu files, %llu files read again",
            (unsigned long long)m->pass.items, (unsigned long long)m->pass.hashes, (unsigned long long)m->totals.hits,
            (unsigned long long)m->totals.files, (unsigned long long)m->reread);
    if (m->totals.unconfirmed)
        fprintf(stderr, "; %llu unconfirmed: not there, or not as they were",
                (unsigned long long)m->totals.unconfirmed);
    if (m->totals.undecided)
        fprintf(stderr, "; %llu whose hash says too little, and which could not be read again",
                (unsigned long long)m->totals.undecided);
    fputc('\n', stderr);
    if (m->pass.undecided)
        fprintf(stderr,
                "trawl: %llu pictures were hashed by a version that did not say how far a screening hash can be "
                "trusted\n",
                (unsigned long long)m->pass.undecided);
}

static int match(struct matching *m)
{
    m->pass = (struct match_pass){
        .how = &m->how, .journal_dirfd = m->folder.journal_dirfd, .jobs = m->options.jobs, .found = &m->found};
    int error = match_pass(&m->pass);
    if (error)
        return cannot_read(m, error);
    int status = m->found.pending ? read_again(m) : 0;
    if (status)
        return status;
    if ((error = found_write(&m->found, &m->how, &m->totals))) {
        fprintf(stderr, "trawl: output: %s\n", strerror(-error));
        return EXIT_OUTPUT;
    }
    tell(m);
    bool open = m->pass.unexamined || m->pass.undecided || m->totals.unconfirmed || m->totals.undecided ||
                atomic_load(&m->run.stop);
    return (m->totals.hits ? EXIT_FINDINGS : 0) | (open ? EXIT_UNEXAMINED : 0);
}

static int open_spill(void)
{
    const char *dir = getenv("TMPDIR");
    return open(dir && *dir ? dir : "/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int scan_match(const struct scan_options *options, const char *case_dir, const char *new_since)
{
    struct matching *m = ALLOC(struct matching);
    m->options = *options;
    m->again = -1;
    int status = open_case(m, case_dir);
    if (!status) {
        m->options.is_scan = true;
        m->options.thumbnails = false;
        scan_begin(&m->run, &m->options);
        m->run.spill_dir = open_spill();
        m->again = spill_open(m->run.spill_dir);
        m->lists = hashset_new();
        m->how.rules = &m->run.rules;
        found_init(&m->found, m->run.spill_dir);
        access_log(m->folder.journal_dirfd, "match");
        status = scan_sandbox(&m->run);
        status = status ? status : scan_lists(&m->run, m->lists);
        status = status ? status : load_older(m, new_since);
        status = status ? status : match(m);
        found_free(&m->found);
        hashset_free(m->lists);
        if (m->older)
            hashset_free(m->older);
        if (m->again >= 0)
            close(m->again);
        if (m->run.spill_dir >= 0)
            close(m->run.spill_dir);
        scan_close(&m->run);
    }
    case_close(&m->folder);
    free(m);
    return status;
}
