/* changes.c: all changes of a case, sorted by path, each file once. */
#include <errno.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/escape.h"
#include "report/change.h"
#include "report/output.h"
#include "report/verdict.h"

/** Under the path: a run that was taken up again may have said it twice. What is told of silent changes stays. */
static int take(void *to, const uint8_t *bytes, size_t n)
{
    struct changes *changes = to;
    struct change change;
    if (!change_decode(bytes, n, &change))
        return 0;
    if (change.kind == CHANGE_FOUND_BEFORE)
        return verdict_add(changes->found, change.path, VERDICT_CONFIRMED);
    return sorter_add(changes->files, change.path, change.path_len, bytes, n);
}

int changes_open(struct changes *changes, const struct since_told *told, int spill_dirfd, size_t memory)
{
    *changes = (struct changes){0};
    changes->files = sorter_new(spill_dirfd, memory);
    changes->found = sorter_new(spill_dirfd, memory);
    int error = told ? told->records(told->context, take, changes) : 0;
    error = error ? error : sorter_finish(changes->files);
    return error ? error : sorter_finish(changes->found);
}

int changes_found(struct changes *changes, struct verdicts *found)
{
    int error = verdicts_open(found, changes->found);
    changes->found = NULL;
    return error;
}

static void keep_silent(struct changes *changes, const struct change *change)
{
    struct buf path = {0};
    uint64_t i = changes->n[CHANGE_SILENT];
    if (i >= sizeof(changes->silent) / sizeof(*changes->silent))
        return;
    escape_text(&path, change->path, change->path_len);
    changes->silent[i] = mem_strdup(buf_str(&path));
    buf_free(&path);
}

static void write_one(struct changes *changes, const struct buf *bytes, struct output *out, bool named)
{
    struct change change;
    if (!change_decode(bytes->data, bytes->len, &change))
        return;
    if (change.kind == CHANGE_SILENT && named)
        keep_silent(changes, &change);
    changes->n[change.kind]++;
    if (named && change.kind != CHANGE_RECHECKED)
        change_json(&change, &out->buf);
    output_drain(out);
}

int changes_write(struct changes *changes, struct output *out, bool named)
{
    const uint8_t *key, *value;
    size_t key_len, value_len;
    struct buf path = {0}, last = {0};
    int got;
    while ((got = sorter_next(changes->files, &key, &key_len, &value, &value_len)) > 0) {
        bool same = last.len && path.len == key_len && memcmp(path.data, key, key_len) == 0;
        if (last.len && !same)
            write_one(changes, &last, out, named);
        /* Of several the last counts, but for one that must not be lost. */
        if (!same || last.data[0] != CHANGE_SILENT) {
            path.len = last.len = 0;
            buf_put(&path, key, key_len);
            buf_put(&last, value, value_len);
        }
    }
    if (!got && last.len)
        write_one(changes, &last, out, named);
    buf_free(&path);
    buf_free(&last);
    return got < 0 ? got : out->error;
}

void changes_free(struct changes *changes)
{
    sorter_free(changes->files);
    sorter_free(changes->found);
    for (size_t i = 0; i < sizeof(changes->silent) / sizeof(*changes->silent); i++)
        free(changes->silent[i]);
    *changes = (struct changes){0};
}
