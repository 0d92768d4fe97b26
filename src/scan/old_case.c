#include "scan/old_case.h"

#include <errno.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "hash/sha256.h"
#include "scan/recorder.h"
#include "scan/segments.h"
#include "trawl/type.h"

/** Times of files come from a clock that ticks 100 to 1000 times a second. */
#define TICK INT64_C(20000000)
/** FAT, and some network file systems, keep no more than every other second. */
#define COARSE_TICK INT64_C(2000000000)
#define SECOND      INT64_C(1000000000)

void old_key_of(const void *path, size_t n, struct done_key *out)
{
    uint8_t digest[32];
    sha256_parts(&(struct sha256_part){path, n}, 1, digest);
    memcpy(out->bytes, digest, sizeof(out->bytes));
}

static size_t slot_of(const struct old_case *old, const struct done_key *key)
{
    uint64_t start;
    memcpy(&start, key->bytes, sizeof(start));
    size_t i = (size_t)start & (old->index_cap - 1);
    while (old->index[i] && memcmp(&old->rows[old->index[i] - 1].key, key, sizeof(*key)) != 0)
        i = (i + 1) & (old->index_cap - 1);
    return i;
}

struct old_row *old_case_find(const struct old_case *old, const struct done_key *key)
{
    uint32_t at = old->n ? old->index[slot_of(old, key)] : 0;
    return at ? &old->rows[at - 1] : NULL;
}

struct old_row *old_case_next(const struct old_case *old, const struct done_key *key, size_t *hint)
{
    bool follows = *hint < old->n && memcmp(&old->rows[*hint].key, key, sizeof(*key)) == 0;
    struct old_row *row = follows ? &old->rows[*hint] : old_case_find(old, key);
    if (row)
        *hint = (size_t)(row - old->rows) + 1;
    return row;
}

static void grow_index(struct old_case *old)
{
    free(old->index);
    old->index_cap = old->index_cap ? size_mul(old->index_cap, 2) : 4096;
    old->index = ALLOC_ARRAY(uint32_t, old->index_cap);
    for (size_t i = 0; i < old->n; i++)
        old->index[slot_of(old, &old->rows[i].key)] = (uint32_t)i + 1;
}

static struct old_row *add_row(struct old_case *old, const struct done_key *key)
{
    if (old->n * 3 >= old->index_cap * 2)
        grow_index(old);
    size_t slot = slot_of(old, key);
    if (old->index[slot])
        return &old->rows[old->index[slot] - 1];
    RESERVE(old->rows, old->n, old->cap);
    old->rows[old->n] = (struct old_row){.key = *key};
    old->index[slot] = (uint32_t)++old->n;
    return &old->rows[old->n - 1];
}

/** The path of the file of the host that the item is or is in, as a key. */
static bool root_key(const struct item_glance *glance, struct done_key *key)
{
    if (glance->is_root) {
        old_key_of(glance->name, glance->name_len, key);
        return true;
    }
    struct where *where = where_decode(glance->where, glance->where_len);
    if (!where)
        return false;
    const struct where *root = where;
    while (root->parent)
        root = root->parent;
    old_key_of(root->name, root->name_len, key);
    where_unref(where);
    return true;
}

struct old_row *old_case_row_of(const struct old_case *old, const struct journal_record *record,
                                const struct item_glance *glance, size_t *hint)
{
    struct done_key key;
    if (glance->is_root && *hint < old->n && old->rows[*hint].sequence == record->sequence)
        return &old->rows[(*hint)++];
    return root_key(glance, &key) ? old_case_next(old, &key, hint) : NULL;
}

uint64_t old_part_of(const void *detail, size_t n)
{
    struct done_key key;
    uint64_t sum;
    static const char begin[] = SEGMENTS_PART_WORDS;
    if (n < sizeof(begin) - 1 || memcmp(detail, begin, sizeof(begin) - 1) != 0)
        return 0;
    old_key_of(detail, n, &key);
    memcpy(&sum, key.bytes, sizeof(sum));
    return sum ? sum : 1;
}

/** Where the result hung on the moment, the next one may be another. */
static bool is_settled(const struct item_glance *glance)
{
    static const char rest[] = "unreached";
    struct reader in = {glance->where + 4, glance->where + glance->where_len, false};
    size_t n;
    switch (glance->status) {
    case TRAWL_TIMEOUT:
    case TRAWL_CRASHED:
    case TRAWL_IO_ERROR:
        return false;
    case TRAWL_UNREACHED: {
        /* The rest of an archive that is damaged is as unreached every time; all else was cut short. */
        const uint8_t *kind = glance->where_len > 4 ? read_bytes(&in, &n) : NULL;
        return kind && n == sizeof(rest) - 1 && memcmp(kind, rest, n) == 0;
    }
    default:
        return true;
    }
}

/** It was changed so shortly before the run began, or later, that another change would not show. */
static bool is_racy(const struct old_case *old, const struct identity *identity)
{
    bool coarse = identity->ctime % SECOND == 0 && identity->mtime % SECOND == 0;
    int64_t since = old->run.clock - (coarse ? COARSE_TICK : TICK);
    /* Anybody may set mtime to a time to come; it tells something only where ctime is no better. */
    return !old->has_run || identity->ctime >= since || (coarse && identity->mtime >= since);
}

/** The same files on the same night, others on the next. */
static bool is_sampled(const struct old_case *old, const struct old_row *row, unsigned percent)
{
    uint64_t h;
    memcpy(&h, row->key.bytes + 8, sizeof(h));
    h = (h ^ (uint64_t)old->run.clock) * 0xff51afd7ed558ccdu;
    h = (h ^ h >> 32) * 0xc4ceb9fe1a85ec53u;
    return percent && (h >> 32) % 100 < percent;
}

static struct old_extra *extra_of(struct old_case *old, struct old_row *row)
{
    if (!row->extra) {
        RESERVE(old->extras, old->n_extras, old->cap_extras);
        old->extras[old->n_extras++] = (struct old_extra){0};
        row->extra = (uint32_t)old->n_extras;
    }
    return &old->extras[row->extra - 1];
}

static enum file_type type_of(const struct item_glance *glance)
{
    char name[32];
    if (glance->type_len >= sizeof(name))
        return TYPE_OTHER;
    memcpy(name, glance->type, glance->type_len);
    name[glance->type_len] = '\0';
    return type_from_name(name);
}

/** The file's own line; of several the last counts, as in the reports. */
static void take_line(struct old_case *old, struct old_row *row, const struct journal_record *record,
                      const struct identity *identity, const struct item_glance *glance, const struct old_visit *visit)
{
    uint64_t part = old_part_of(glance->detail, glance->detail_len);
    row->marks = (uint16_t)((row->marks & ~(OLD_RACY | OLD_SAMPLED)) | OLD_HAS_LINE);
    row->dev = identity->dev;
    row->ino = identity->ino;
    row->size = identity->size;
    row->mtime = identity->mtime;
    row->ctime = identity->ctime;
    row->sequence = record->sequence;
    row->type = (uint16_t)type_of(glance);
    if (is_racy(old, identity))
        row->marks |= OLD_RACY;
    if (identity->segments || part || row->extra) {
        struct old_extra *extra = extra_of(old, row);
        extra->segments = identity->segments;
        extra->part_of = part;
    }
    if (is_sampled(old, row, visit->sample)) {
        struct old_extra *extra = extra_of(old, row);
        row->marks |= OLD_SAMPLED;
        extra->has_sha256 = glance->sha256 != NULL;
        if (glance->sha256)
            memcpy(extra->sha256, glance->sha256, sizeof(extra->sha256));
    }
}

static void take_item(struct old_case *old, const struct journal_record *record, const struct old_visit *visit)
{
    struct identity identity = {0};
    bool has_identity;
    const uint8_t *bytes;
    size_t n;
    struct item_glance glance;
    struct done_key key;
    if (!recorder_read_item(record, &identity, &has_identity, &bytes, &n) || !item_glance(bytes, n, &glance) ||
        !root_key(&glance, &key))
        return;
    struct old_row *row = add_row(old, &key);
    if (glance.is_root && has_identity)
        take_line(old, row, record, &identity, &glance, visit);
    /* A file that was read to its end in a later run than the one that was cut short. */
    if (!is_settled(&glance) && !(glance.is_root && glance.status == TRAWL_UNREACHED))
        row->marks |= OLD_UNSETTLED;
    if (glance.is_root && glance.status == TRAWL_UNREACHED)
        row->marks &= (uint16_t)~OLD_HAS_LINE;
    if (visit->listed && glance.listed && glance.sha256)
        visit->listed(visit->context, glance.sha256);
    if (visit->item)
        visit->item(visit->context, row, bytes, n);
}

static void take_record(struct old_case *old, const struct journal_record *record, const struct old_visit *visit)
{
    switch (record->type) {
    case JOURNAL_START:
        if (!old->folder.resumed)
            old->folder.resumed = case_info_decode(record->payload, record->n, &old->folder.info);
        break;
    case JOURNAL_RUN:
        old->has_run = run_mark_decode(record->payload, record->n, &old->run) || old->has_run;
        break;
    case JOURNAL_ITEM:
        take_item(old, record, visit);
        break;
    case JOURNAL_RESUME:
        old->ended = false;
        break;
    case JOURNAL_END:
        old->ended = record->n && record->payload[0] == 1;
        break;
    default:
        break;
    }
}

int old_case_read(struct old_case *old, const struct old_visit *visit)
{
    struct journal_reader *reader;
    struct journal_record record;
    int r = journal_reader_open(old->folder.journal_dirfd, &reader);
    if (r)
        return r;
    while ((r = journal_reader_next(reader, &record)) == 1)
        take_record(old, &record, visit);
    journal_reader_state(reader, &old->folder.state);
    journal_reader_close(reader);
    return r < 0 ? r : old->folder.resumed ? 0 : -EBADMSG;
}

void old_case_free(struct old_case *old)
{
    case_close(&old->folder);
    free(old->rows);
    free(old->index);
    free(old->extras);
    *old = (struct old_case){.folder = {.dirfd = -1, .journal_dirfd = -1}};
}
