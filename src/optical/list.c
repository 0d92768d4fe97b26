/*
 * list.c: the trees of a disc, put together.
 *
 * A disc may show one system a file that it hides from another: a list of one tree, whichever, is not all that is on
 * it. Files are told apart by the places of their bytes, never by their names, which one tree cuts to eight letters and
 * another does not.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "optical/optical.h"

/** Bytes that the search for lost entries reads at once. */
#define PIECE (256u << 10)
/** Sessions that are read: a CD holds 99. */
#define MOST_SESSIONS 128

static const char *const tree_names[OPTICAL_TREES] = {"iso9660", "udf", "joliet", "iso9660", "iso9660"};

const char *optical_tree_name(unsigned tree)
{
    return tree < OPTICAL_TREES ? tree_names[tree] : "";
}

static const struct origin_run *runs_of(const struct optical *disc, const struct optical_file *file)
{
    return file->n_runs ? disc->runs + file->first_run : NULL;
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
    return (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15) ^ hash >> 29;
}

/** Of the places of its bytes; where it has none, of its path. */
static uint64_t key_of(const struct optical *disc, const struct optical_file *file)
{
    uint64_t hash = file->n_runs ? mix(file->size, file->type) : 0;
    const struct origin_run *runs = runs_of(disc, file);
    for (size_t i = 0; i < file->n_runs; i++)
        hash = mix(mix(hash, runs[i].offset), runs[i].length);
    for (size_t i = 0; !file->n_runs && i < file->path.n; i++)
        hash = mix(hash, (uint8_t)disc->text[file->path.at + i]);
    return hash;
}

/** Nothing but a name: a tree that has no links has them as empty files. */
static bool is_bare(const struct optical_file *file)
{
    return file->type == TYPE_OTHER && !file->size && file->status == TRAWL_OK;
}

static bool same_file(const struct optical *disc, const struct optical_file *a, const struct optical_file *b)
{
    bool bare = !a->n_runs && is_bare(b) && a->tree != b->tree;
    if (!bare && (a->size != b->size || a->type != b->type || a->n_runs != b->n_runs || a->status != b->status))
        return false;
    if (a->n_runs)
        return !memcmp(runs_of(disc, a), runs_of(disc, b), a->n_runs * sizeof(*disc->runs));
    return a->path.n == b->path.n &&
           (!a->path.n || !memcmp(disc->text + a->path.at, disc->text + b->path.at, a->path.n));
}

/** The files that were met, by their keys: numbers of files, plus 1. */
struct met {
    size_t *slots;
    size_t mask;
};

/** The first file that is the same, or this one, which is put there. */
static size_t meet(const struct optical *disc, struct met *met, size_t number)
{
    const struct optical_file *file = &disc->files[number];
    size_t at = (size_t)(key_of(disc, file) >> 16) & met->mask;
    for (; met->slots[at]; at = (at + 1) & met->mask)
        if (same_file(disc, &disc->files[met->slots[at] - 1], file))
            return met->slots[at] - 1;
    met->slots[at] = number + 1;
    return number;
}

/** What several names lead to is one file. False: this one is told elsewhere, in another tree or, for those before
 * `from`, in another session. */
static bool settle_file(struct optical *disc, struct met *met, size_t number, size_t from)
{
    struct optical_file *file = &disc->files[number];
    size_t met_as = meet(disc, met, number);
    if (met_as == number)
        return true;
    if (met_as < from || disc->files[met_as].tree != file->tree)
        return false;
    if (!file->n_runs)
        return true;
    file->type = TYPE_HARDLINK;
    file->status = TRAWL_OK;
    file->why = "one more name of a file";
    return true;
}

/** Files of the best tree first, in the order in which they were listed; what is deleted last. */
static bool sort_files(struct optical *disc, size_t from)
{
    size_t n = disc->n_files - from, at = 0;
    struct optical_file *sorted = malloc((n + 1) * sizeof(*sorted));
    if (!sorted)
        return false;
    for (unsigned deleted = 0; deleted < 2; deleted++)
        for (unsigned tree = 0; tree < OPTICAL_TREES; tree++)
            for (size_t i = from; i < disc->n_files; i++)
                if (disc->files[i].tree == tree && (disc->files[i].allocated == ORIGIN_DELETED) == deleted)
                    sorted[at++] = disc->files[i];
    if (n)
        memcpy(disc->files + from, sorted, n * sizeof(*sorted));
    free(sorted);
    return true;
}

static void claim_file(struct optical *disc, const struct optical_file *file)
{
    const struct origin_run *runs = runs_of(disc, file);
    uint64_t block = disc->input->carve == CARVE_ALL ? 1 : disc->block;
    for (size_t i = 0; i < file->n_runs; i++) {
        uint64_t over = (runs[i].offset + runs[i].length - disc->start) % block;
        if (runs[i].offset != ORIGIN_UNKNOWN)
            optical_claim(disc, runs[i].offset, runs[i].length + (over ? block - over : 0));
    }
}

/** Claimed bytes before each of the claimed ranges; NULL where memory is missing. */
static uint64_t *claimed_before(const struct optical *disc)
{
    uint64_t *before = reallocarray(NULL, disc->claimed.n + 1, sizeof(*before)), total = 0;
    for (size_t i = 0; before && i < disc->claimed.n; i++) {
        before[i] = total;
        total += disc->claimed.items[i].end - disc->claimed.items[i].start;
    }
    return before;
}

/** Claimed bytes before `offset`. */
static uint64_t claimed_until(const struct optical *disc, const uint64_t *before, uint64_t offset)
{
    size_t low = 0, high = disc->claimed.n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (disc->claimed.items[middle].start < offset)
            low = middle + 1;
        else
            high = middle;
    }
    if (!low)
        return 0;
    const struct range *range = &disc->claimed.items[low - 1];
    return before[low - 1] + (offset < range->end ? offset : range->end) - range->start;
}

/** How many of its bytes another file has. */
static uint64_t taken_of(const struct optical *disc, const uint64_t *before, const struct optical_file *file)
{
    const struct origin_run *runs = runs_of(disc, file);
    uint64_t taken = 0;
    for (size_t i = 0; i < file->n_runs; i++)
        if (runs[i].offset != ORIGIN_UNKNOWN)
            taken += claimed_until(disc, before, runs[i].offset + runs[i].length) -
                     claimed_until(disc, before, runs[i].offset);
    return taken;
}

/** What of a deleted file another has now. */
static void settle_deleted(struct optical *disc, const uint64_t *before, struct optical_file *file)
{
    if (file->allocated != ORIGIN_DELETED || !file->n_runs || file->type != TYPE_OTHER)
        return;
    uint64_t taken = taken_of(disc, before, file);
    if (!taken)
        return;
    file->status = TRAWL_PARTIAL;
    file->why = "deleted: some of its bytes belong to other files now";
    if (taken < file->size)
        return;
    file->why = "deleted: all its bytes belong to other files now";
    file->n_runs = 0;
}

/** Of all files from `from` on: each once, and whose bytes are whose. */
static void merge(struct optical *disc, size_t from)
{
    struct met met = {.mask = 1023};
    while (met.mask < 2 * disc->n_files)
        met.mask = met.mask * 2 + 1;
    met.slots = calloc(met.mask + 1, sizeof(*met.slots));
    if (!met.slots || !sort_files(disc, from)) {
        free(met.slots);
        end_memory(disc->end);
        return;
    }
    for (size_t i = 0; i < from; i++)
        meet(disc, &met, i);
    size_t kept = from;
    for (size_t i = from; i < disc->n_files; i++) {
        disc->files[kept] = disc->files[i];
        if (settle_file(disc, &met, kept, from))
            kept++;
    }
    free(met.slots);
    disc->n_files = kept;
    for (size_t i = from; i < kept; i++)
        if (disc->files[i].allocated != ORIGIN_DELETED)
            claim_file(disc, &disc->files[i]);
    optical_claims_join(disc);
    uint64_t *before = claimed_before(disc);
    for (size_t i = from; before && i < kept; i++)
        settle_deleted(disc, before, &disc->files[i]);
    if (!before)
        end_memory(disc->end);
    free(before);
}

bool optical_list(struct optical *disc)
{
    disc->block = OPTICAL_SECTOR;
    bool iso = iso_list(disc, disc->start + 16 * OPTICAL_SECTOR, (struct optical_path){0, 0}), udf = udf_list(disc);
    merge(disc, 0);
    disc->n_listed = disc->n_files;
    return iso || udf;
}

static bool found_add(struct optical_found *found, uint64_t at)
{
    if (found->n == found->cap) {
        size_t cap = found->cap ? found->cap * 2 : 64;
        uint64_t *more = reallocarray(found->at, cap, sizeof(*more));
        if (!more)
            return false;
        found->at = more;
        found->cap = cap;
    }
    found->at[found->n++] = at;
    return true;
}

/** Looks through n bytes that stand at `at`. */
static void look(const struct optical *disc, const uint8_t *piece, size_t n, uint64_t at,
                 const struct optical_sought *sought, struct optical_found *found)
{
    uint64_t over = (at - disc->start) % sought->step;
    for (size_t to = over ? (size_t)(sought->step - over) : 0; to < n; to += sought->step)
        if (sought->is_it(piece + to, n - to < sought->step ? n - to : sought->step) && !found_add(found, at + to))
            return;
}

/** What of each kind begins in a block that nothing claims; all in one pass, for it may be most of the disc. */
static void search(struct optical *disc, const struct optical_sought *sought, size_t kinds, struct optical_found *found)
{
    size_t n_ranges;
    struct carve_range *ranges = optical_unclaimed(disc, &n_ranges);
    uint8_t *piece = malloc(PIECE);
    for (size_t i = 0; ranges && piece && i < n_ranges; i++) {
        uint64_t next;
        for (uint64_t at = ranges[i].start; at < ranges[i].end; at = next) {
            /* Pieces end where blocks of all kinds do. */
            next = disc->start + ((at - disc->start) / PIECE + 1) * PIECE;
            next = next < ranges[i].end ? next : ranges[i].end;
            optical_read(disc, piece, (size_t)(next - at), at);
            if (disc->sink->alive)
                disc->sink->alive(disc->sink);
            for (size_t kind = 0; kind < kinds; kind++)
                look(disc, piece, (size_t)(next - at), at, &sought[kind], &found[kind]);
        }
    }
    free(ranges);
    free(piece);
}

/** Forgets what was claimed since. */
static void drop_claimed(struct optical *disc, struct optical_found *found)
{
    size_t kept = 0;
    optical_claims_join(disc);
    for (size_t i = 0; i < found->n; i++)
        if (!optical_is_claimed(disc, found->at[i]))
            found->at[kept++] = found->at[i];
    found->n = kept;
}

static bool is_descriptor(const uint8_t *block, size_t n)
{
    return n == OPTICAL_SECTOR && block[0] == 1 && !memcmp(block + 1, "CD001\1", 6);
}

/** A disc that was written in several sessions has one set of descriptors for each; the first may be all that its own
 * place leads to, and the last may not name what it deleted. */
static void list_sessions(struct optical *disc, const struct optical_found *found)
{
    for (size_t i = 0, read = 0; i < found->n && !disc->is_cut; i++) {
        char name[48];
        struct optical_path folder;
        size_t first = disc->n_files;
        optical_claims_join(disc);
        if (optical_is_claimed(disc, found->at[i]))
            continue;
        if (++read > MOST_SESSIONS) {
            end_note(disc->end, TRAWL_LIMIT, "more sessions than are read");
            break;
        }
        int len = snprintf(name, sizeof(name), "$session-%llu",
                           (unsigned long long)((found->at[i] - disc->start) / OPTICAL_SECTOR));
        if (!optical_path_add(disc, (struct optical_path){0, 0}, name, (size_t)len, &folder) ||
            !iso_list(disc, found->at[i], folder))
            break;
        merge(disc, first);
    }
}

void optical_list_rest(struct optical *disc)
{
    uint32_t block = disc->udf ? udf_block(disc->udf) : 0;
    const struct optical_sought sought[] = {
        {OPTICAL_SECTOR, is_descriptor}, {block, udf_is_anchor}, {block, udf_is_entry}};
    struct optical_found found[3] = {{0}};
    search(disc, sought, disc->udf ? 3 : 1, found);
    list_sessions(disc, &found[0]);
    if (disc->udf) {
        size_t first = disc->n_files;
        drop_claimed(disc, &found[1]);
        udf_list_sessions(disc, &found[1]);
        merge(disc, first);
        first = disc->n_files;
        drop_claimed(disc, &found[2]);
        udf_list_orphans(disc, &found[2]);
        merge(disc, first);
    }
    for (size_t i = 0; i < 3; i++)
        free(found[i].at);
}
