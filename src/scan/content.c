#include "scan/content.h"

#include <string.h>

#include "sandbox/mock.h"

void content_open(struct content_view *view, struct worker *worker, const struct work *work)
{
    *view = (struct content_view){.worker = worker, .size = work->size, .map = work->bytes};
    if (work->content == CONTENT_FILE)
        evidence_init(&view->evidence, work->fd, work->size);
    else if (work->bytes)
        return;
    else if (slot_in_memory(&worker->slot))
        view->map = worker->slot.map;
    else
        evidence_init(&view->evidence, worker->slot.spill_fd, work->size);
}

void content_close(struct content_view *view)
{
    evidence_clear(&view->evidence);
}

const uint8_t *content_at(struct content_view *view, uint64_t offset, size_t n, size_t *got)
{
    if (offset >= view->size)
        n = 0;
    else if (n > view->size - offset)
        n = (size_t)(view->size - offset);
    if (view->map) {
        *got = n;
        return view->map + offset;
    }
    *got = evidence_read(&view->evidence, view->worker->block, n, offset);
    return view->worker->block;
}

bool content_may_hide_zip(enum file_type type)
{
    enum type_class class = type_class(type);
    return class != CLASS_ARCHIVE && class != CLASS_FILTER && class != CLASS_DISK;
}

enum file_type content_sniff(struct content_view *view, bool *zip_tail)
{
    size_t got;
    const uint8_t *head = content_at(view, 0, SNIFF_HEAD, &got);
    mock_main(head, got);
    enum file_type type = mock_is(head, got) ? TYPE_JPEG : sniff(head, got, view->size);
    text_probe_init(&view->probe, type, head, got);
    uint64_t from = view->size > SNIFF_TAIL ? view->size - SNIFF_TAIL : 0;
    const uint8_t *tail = content_at(view, from, SNIFF_TAIL, &got);
    type = sniff_tail(type, tail, got, view->size);
    *zip_tail = content_may_hide_zip(type) && sniff_zip_tail(tail, got, view->size);
    return type;
}

bool content_digest(struct content_view *view, struct digests *out)
{
    struct run *run = view->worker->run;
    uint64_t start = thread_cpu_ns();
    digest_start(view->worker->digest);
    for (uint64_t offset = 0; offset < view->size;) {
        size_t got;
        const uint8_t *p = content_at(view, offset, BLOCK_SIZE, &got);
        if (!got || atomic_load_explicit(&run->stop, memory_order_relaxed))
            break;
        digest_update(view->worker->digest, p, got);
        text_probe_add(&view->probe, p, got);
        probe_add(&view->magics, p, got);
        offset += got;
    }
    digest_finish(view->worker->digest, out);
    atomic_fetch_add(&run->times.digest, thread_cpu_ns() - start);
    return !atomic_load_explicit(&run->stop, memory_order_relaxed);
}

void content_probe(struct content_view *view)
{
    for (uint64_t at = 0; view->map && at < view->size; at += BLOCK_SIZE) {
        uint64_t left = view->size - at;
        probe_add(&view->magics, view->map + at, left < BLOCK_SIZE ? (size_t)left : BLOCK_SIZE);
    }
}

void content_show(struct content_view *view)
{
    struct slot *slot = &view->worker->slot;
    slot_reset(slot, view->size);
    /* Never fails: it fits. */
    slot_append(slot, view->map, (size_t)view->size);
    view->map = slot->map;
}

int content_load(struct content_view *view)
{
    struct slot *slot = &view->worker->slot;
    slot_reset(slot, view->size);
    while (slot->len < view->size) {
        size_t want = view->size - slot->len < BLOCK_SIZE ? (size_t)(view->size - slot->len) : BLOCK_SIZE;
        size_t got = evidence_read(&view->evidence, slot->map + slot->len, want, slot->len);
        slot->len += got;
        if (got < want)
            break;
    }
    if (slot->len > slot->touched)
        slot->touched = slot->len;
    view->map = slot->map;
    view->size = slot->len;
    return 0;
}
