/*
 * match_pass.c: most items are on no list, and an item is taken apart only if it may be on one: its digests are looked
 * up as they stand in the journal, and its screening hash waits for a million others (near_join.h).
 */
#include "scan/match_pass.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/item_glance.h"
#include "match/newer.h"
#include "scan/recorder.h"
#include "scan/rematch.h"
#include "trawl/journal.h"

/** The record of an item, to be read again. */
struct place {
    uint64_t offset;
    uint32_t segment, n;
};

/** Hashes that are looked up together. */
struct batch {
    uint8_t (*hashes)[PDQ_BYTES];
    /** Of which place each hash is. */
    uint32_t *owners;
    struct place *places;
    size_t n, n_places;
    bool is_full;
};

struct pass {
    struct match_pass *told;
    const struct rules *rules;
    struct near_list keys;
    int radius;
    struct batch *batches;
    unsigned n_batches;
    struct batch *filling;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool ended;
    int error;
};

static void keep_error(struct pass *pass, int error)
{
    if (!error)
        return;
    pthread_mutex_lock(&pass->lock);
    pass->error = pass->error ? pass->error : error;
    pthread_mutex_unlock(&pass->lock);
}

/** True if reading the file again may tell of an entry that counts. */
static bool is_worth_reading(const struct found_rules *how, const struct item *item)
{
    struct match_list near = {0};
    const struct picture_memory *memory = &item->memory;
    if (!how->older || item->matches.n || !item->has_pdq || !item->pdq_is_screen || !memory->kept ||
        rules_screen_early(how->rules, &memory->first, memory->doubtful) == SCREEN_CANDIDATE)
        return true;
    found_screen(how, item, &near);
    free(near.items);
    return near.n > 0;
}

/** An item that may be on a list. */
static void settle(struct pass *pass, const uint8_t *bytes, size_t n)
{
    const struct found_rules *how = pass->told->how;
    struct item item;
    if (!item_decode(bytes, n, &item))
        return;
    enum rematched rematched = rematch_item(pass->rules, &item);
    found_filter(how, &item.matches);
    if (rematched == REMATCH_DONE && item.matches.n)
        found_add(pass->told->found, FOUND_STORED, &item);
    else if (rematched == REMATCH_REREAD && is_worth_reading(how, &item))
        found_add(pass->told->found, FOUND_PENDING, &item);
    item_clear(&item);
}

static void settle_place(struct pass *pass, const struct place *place, struct buf *payload)
{
    struct identity identity;
    bool has_identity;
    const uint8_t *bytes;
    size_t n;
    payload->len = 0;
    int error = journal_read_again(pass->told->journal_dirfd, place->segment, place->offset,
                                   buf_reserve(payload, place->n), place->n);
    const struct journal_record record = {.type = JOURNAL_ITEM, .payload = payload->data, .n = place->n};
    if (!error && recorder_read_item(&record, &identity, &has_identity, &bytes, &n))
        settle(pass, bytes, n);
    keep_error(pass, error);
}

static void join(struct pass *pass, struct batch *batch)
{
    bool *near = ALLOC_ARRAY(bool, batch->n + 1);
    struct buf payload = {0};
    size_t last = SIZE_MAX;
    for (size_t i = 0; i < pass->keys.n; i++)
        near_join(&pass->keys.items[i], (const uint8_t(*)[PDQ_BYTES])batch->hashes, batch->n, pass->radius, near);
    for (size_t i = 0; i < batch->n; i++) {
        if (!near[i] || batch->owners[i] == last)
            continue;
        last = batch->owners[i];
        settle_place(pass, &batch->places[last], &payload);
    }
    buf_free(&payload);
    free(near);
}

/** One that nobody has in hand. */
static struct batch *find_batch(struct pass *pass, bool is_full)
{
    for (unsigned i = 0; i < pass->n_batches; i++) {
        struct batch *batch = &pass->batches[i];
        if (batch->hashes && batch->is_full == is_full && batch != pass->filling)
            return batch;
    }
    return NULL;
}

static void *joiner(void *context)
{
    struct pass *pass = context;
    pthread_mutex_lock(&pass->lock);
    for (;;) {
        struct batch *batch = find_batch(pass, true);
        if (!batch && pass->ended)
            break;
        if (!batch) {
            pthread_cond_wait(&pass->changed, &pass->lock);
            continue;
        }
        struct batch mine = *batch;
        /* Nobody sees it while it is worked on. */
        *batch = (struct batch){0};
        pthread_mutex_unlock(&pass->lock);
        join(pass, &mine);
        pthread_mutex_lock(&pass->lock);
        mine.n = mine.n_places = 0;
        mine.is_full = false;
        *batch = mine;
        pthread_cond_broadcast(&pass->changed);
    }
    pthread_mutex_unlock(&pass->lock);
    return NULL;
}

/** Hands the batch over and waits for another one. */
static void push(struct pass *pass)
{
    pthread_mutex_lock(&pass->lock);
    pass->filling->is_full = true;
    pass->filling = NULL;
    pthread_cond_broadcast(&pass->changed);
    while (!(pass->filling = find_batch(pass, false)))
        pthread_cond_wait(&pass->changed, &pass->lock);
    pthread_mutex_unlock(&pass->lock);
}

static void ask(struct pass *pass, const struct journal_record *record, const struct item_glance *glance)
{
    struct batch *batch = pass->filling;
    size_t turned = glance->turned ? PDQ_ROTATIONS - 1 : 0;
    memcpy(batch->hashes[batch->n], glance->pdq, PDQ_BYTES);
    if (turned)
        memcpy(batch->hashes[batch->n + 1], glance->turned, turned * PDQ_BYTES);
    for (size_t i = 0; i <= turned; i++)
        batch->owners[batch->n++] = (uint32_t)batch->n_places;
    batch->places[batch->n_places++] = (struct place){record->offset, record->segment, (uint32_t)record->n};
    if (batch->n + PDQ_ROTATIONS > NEAR_JOIN_MAX)
        push(pass);
}

static bool is_listed(const struct pass *pass, const struct item_glance *glance)
{
    struct digests digests;
    if (!glance->digests)
        return false;
    memcpy(digests.md5, glance->digests, sizeof(digests.md5));
    memcpy(digests.sha1, glance->digests + 16, sizeof(digests.sha1));
    memcpy(digests.sha256, glance->digests + 36, sizeof(digests.sha256));
    return hashset_lists_digests(pass->rules->lists, &digests);
}

/** What is to be done with the picture's hash. */
static enum screening screen(const struct pass *pass, const struct item_glance *glance)
{
    struct picture_hash hash = {.quality = glance->has_memory ? glance->first_quality : glance->pdq_quality};
    if (glance->pdq_is_screen)
        return rules_screen_early(pass->rules, &hash, glance->doubtful);
    return hash.quality < pass->rules->min_quality ? SCREEN_LOW : SCREEN_FAR;
}

static void take_item(struct pass *pass, const struct journal_record *record, const uint8_t *bytes, size_t n)
{
    struct match_pass *told = pass->told;
    struct item_glance glance;
    if (!item_glance(bytes, n, &glance))
        return;
    told->items++;
    told->hashes += glance.digests || glance.pdq || glance.is_more;
    told->unexamined += !status_examined(glance.status) && glance.status != TRAWL_UNREACHED;
    bool near = pass->rules->near && glance.pdq;
    told->undecided += near && glance.pdq_is_screen && !glance.has_memory && !glance.is_more;
    if (glance.is_more || is_listed(pass, &glance) || (pass->rules->near && glance.exact_failed)) {
        settle(pass, bytes, n);
        return;
    }
    enum screening screening = near ? screen(pass, &glance) : SCREEN_LOW;
    if (screening == SCREEN_CANDIDATE)
        settle(pass, bytes, n);
    else if (screening == SCREEN_FAR)
        ask(pass, record, &glance);
}

static int read_all(struct pass *pass)
{
    struct journal_reader *reader = NULL;
    struct journal_record record;
    int r = journal_reader_open(pass->told->journal_dirfd, &reader);
    while (!r && (r = journal_reader_next(reader, &record)) == 1) {
        struct identity identity;
        bool has_identity;
        const uint8_t *bytes;
        size_t n;
        r = 0;
        if (record.type == JOURNAL_ITEM && recorder_read_item(&record, &identity, &has_identity, &bytes, &n))
            take_item(pass, &record, bytes, n);
    }
    journal_reader_close(reader);
    return r;
}

static void open_batches(struct pass *pass, unsigned n)
{
    pass->batches = ALLOC_ARRAY(struct batch, n);
    pass->n_batches = n;
    for (unsigned i = 0; i < n; i++) {
        struct batch *batch = &pass->batches[i];
        batch->hashes = mem_alloc(size_mul(NEAR_JOIN_MAX, sizeof(*batch->hashes)));
        batch->owners = mem_alloc(size_mul(NEAR_JOIN_MAX, sizeof(*batch->owners)));
        batch->places = mem_alloc(size_mul(NEAR_JOIN_MAX, sizeof(*batch->places)));
    }
    pass->filling = &pass->batches[0];
}

static void close_batches(struct pass *pass)
{
    for (unsigned i = 0; i < pass->n_batches; i++) {
        free(pass->batches[i].hashes);
        free(pass->batches[i].owners);
        free(pass->batches[i].places);
    }
    free(pass->batches);
}

int match_pass(struct match_pass *told)
{
    struct pass pass = {.told = told, .rules = told->how->rules};
    pthread_t *threads = ALLOC_ARRAY(pthread_t, told->jobs);
    unsigned started = 0;
    pass.keys = near_list_new(pass.rules->lists, told->how->older);
    /* An exact hash of the line needs no margin: rematch_item sees to that. */
    pass.radius = rules_screen_radius(pass.rules);
    pthread_mutex_init(&pass.lock, NULL);
    pthread_cond_init(&pass.changed, NULL);
    open_batches(&pass, told->jobs + 1);
    while (started < told->jobs && pthread_create(&threads[started], NULL, joiner, &pass) == 0)
        started++;
    int r = started ? read_all(&pass) : -EAGAIN;
    pthread_mutex_lock(&pass.lock);
    pass.filling->is_full = true;
    pass.filling = NULL;
    pass.ended = true;
    pthread_cond_broadcast(&pass.changed);
    pthread_mutex_unlock(&pass.lock);
    for (unsigned i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    close_batches(&pass);
    near_list_free(&pass.keys);
    pthread_mutex_destroy(&pass.lock);
    pthread_cond_destroy(&pass.changed);
    free(threads);
    return r ? r : pass.error;
}
