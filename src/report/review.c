#include "report/review.h"

#include <errno.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/escape.h"

const char *review_hint_name(enum review_hint hint)
{
    static const char *const names[REVIEW_HINTS] = {
        [REVIEW_SAME_TIME] = "same camera as a finding beside it, within a day",
        [REVIEW_SAME_CAMERA] = "same camera as a finding beside it",
        [REVIEW_CAMERA] = "names a camera",
        [REVIEW_BESIDE] = "beside findings",
    };
    return names[hint];
}

void review_folder_finding(struct review_folder *folder, const struct item *item, uint8_t severity)
{
    if (!folder->any || severity < folder->severity)
        folder->severity = severity;
    folder->any = true;
    if (!item->camera.serial[0] || folder->n == REVIEW_CAMERAS)
        return;
    RESERVE(folder->cameras, folder->n, folder->cap);
    folder->cameras[folder->n++] = item->camera;
}

void review_folder_free(struct review_folder *folder)
{
    free(folder->cameras);
    *folder = (struct review_folder){0};
}

static enum review_hint hint_of(const struct review_folder *folder, const struct camera *camera)
{
    enum review_hint hint = camera_named(camera) ? REVIEW_CAMERA : REVIEW_BESIDE;
    for (size_t i = 0; i < folder->n; i++) {
        const struct camera *other = &folder->cameras[i];
        if (!camera_same(camera, other))
            continue;
        int64_t apart = camera->time - other->time;
        if (camera->time && other->time && apart <= REVIEW_SECONDS && -apart <= REVIEW_SECONDS)
            return REVIEW_SAME_TIME;
        hint = REVIEW_SAME_CAMERA;
    }
    return hint;
}

static void key_number(struct buf *key, uint64_t v)
{
    for (int shift = 56; shift >= 0; shift -= 8)
        buf_byte(key, (uint8_t)(v >> shift));
}

int review_picture(struct review *review, const struct review_folder *folder, uint64_t findings,
                   const struct item *item)
{
    struct buf key = {0}, value = {0};
    enum review_hint hint = hint_of(folder, &item->camera);
    review->total++;
    review->by_hint[hint]++;
    buf_u8(&key, (uint8_t)hint);
    buf_u8(&key, folder->severity);
    key_number(&key, ~findings);
    where_key(item->where, &key);
    buf_u8(&value, (uint8_t)hint);
    buf_u8(&value, folder->severity);
    buf_u64(&value, findings);
    item_encode(item, &value);
    int error = sorter_add(review->sorter, key.data, key.len, value.data, value.len);
    buf_free(&key);
    buf_free(&value);
    return error;
}

void review_open(struct review *review, int spill_dirfd, size_t memory)
{
    *review = (struct review){.sorter = sorter_new(spill_dirfd, memory)};
}

/** One line: why, then the item's own line. */
static void write_row(const struct review_row *row, uint64_t rank, const struct item *item, struct buf *out)
{
    buf_printf(out, "{\"rank\":%llu,\"hint\":", (unsigned long long)rank);
    escape_json_str(out, review_hint_name(row->hint));
    buf_printf(out, ",\"findings_beside\":%llu,\"severity_beside\":%u,\"file\":", (unsigned long long)row->findings,
               row->severity);
    item_json(item, out);
    out->len--; /* its newline */
    buf_puts(out, "}\n");
}

static void keep_row(struct review *review, struct review_row *row, const struct item *item)
{
    struct buf path = {0};
    where_path(item->where, &path);
    row->path = mem_strdup(buf_str(&path));
    row->camera = item->camera;
    review->shown[review->n_shown++] = *row;
    buf_free(&path);
}

int review_write(struct review *review, struct output *out)
{
    const uint8_t *key, *value;
    size_t key_len, value_len;
    int error = sorter_finish(review->sorter), got = 0;
    for (uint64_t rank = 1; rank <= REVIEW_ROWS && !error; rank++) {
        got = sorter_next(review->sorter, &key, &key_len, &value, &value_len);
        if (got <= 0)
            break;
        struct reader in = {value, value + value_len, false};
        struct item item;
        struct review_row row = {.hint = (enum review_hint)(read_u8(&in) % REVIEW_HINTS), .severity = read_u8(&in)};
        row.findings = read_u64(&in);
        if (in.bad || !item_decode(in.p, (size_t)(in.end - in.p), &item))
            return -EILSEQ;
        write_row(&row, rank, &item, &out->buf);
        output_drain(out);
        if (review->n_shown < REVIEW_SHOWN)
            keep_row(review, &row, &item);
        item_clear(&item);
        error = out->error;
    }
    return error ? error : got < 0 ? got : 0;
}

void review_free(struct review *review)
{
    for (size_t i = 0; i < review->n_shown; i++)
        free(review->shown[i].path);
    sorter_free(review->sorter);
    *review = (struct review){0};
}
