#include "scan/intake.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "trawl/decode.h"

/** What a member is at least admitted with, and the least by which it grows: its head fits in, so that all know what it
 * is. */
#define FIRST_BYTES (1ull << 20)

/** Files that nobody downstream looks into are hashed as they come beyond this. */
#define KEEP_OTHER (16ull << 20)

void intake_begin(struct intake *m, struct worker *worker, struct work *work, const struct channel_message *message)
{
    *m = (struct intake){.worker = worker, .work = work, .index = message->index, .declared = message->size};
    uint64_t n = message->size == UINT64_MAX || message->size < FIRST_BYTES ? FIRST_BYTES : message->size;
    n = n < KEEP_OTHER ? n : KEEP_OTHER;
    work->content = CONTENT_SLOT;
    work->charged = n;
    work->admitted = true;
    budget_admit(&worker->run->budget, n);
    slot_reset(&worker->slot, n);
    if (message->size != UINT64_MAX && limit_exceeded(&worker->run->options->limits, LIMIT_MEMBER_BYTES, message->size))
        intake_fail(m, TRAWL_LIMIT, LIMIT_MEMBER_BYTES, "member is larger than the limit");
}

void intake_free(struct intake *m)
{
    free(m->tail);
    m->tail = NULL;
}

void intake_fail(struct intake *m, enum trawl_status status, enum limit_id limit, const char *why)
{
    struct work *work = m->work;
    work->content = CONTENT_NONE;
    work->size = WHERE_UNKNOWN;
    work->status = status;
    work->limit = limit;
    snprintf(work->detail, sizeof(work->detail), "%s", why);
    m->given_up = true;
}

/** Bytes of such a file that are worth keeping in memory. */
static uint64_t keep_limit(enum file_type type)
{
    if (decode_find(type))
        return SLOT_MAX;
    return unpack_find(type) ? INTAKE_KEEP_CONTAINER : KEEP_OTHER;
}

/** Remembers the last SNIFF_TAIL bytes. */
static void tail_add(struct intake *m, const uint8_t *data, size_t n)
{
    if (!m->tail)
        m->tail = mem_alloc(2 * SNIFF_TAIL);
    if (n > SNIFF_TAIL) {
        data += n - SNIFF_TAIL;
        n = SNIFF_TAIL;
    }
    if (m->tail_len + n > 2 * SNIFF_TAIL) {
        memmove(m->tail, m->tail + m->tail_len - SNIFF_TAIL, SNIFF_TAIL);
        m->tail_len = SNIFF_TAIL;
    }
    memcpy(m->tail + m->tail_len, data, n);
    m->tail_len += n;
}

/** From now on bytes are hashed as they come. What was kept is hashed first. Returns 0 or -errno of the file it was
 * kept in. */
static int start_streaming(struct intake *m)
{
    struct slot *slot = &m->worker->slot;
    m->streaming = true;
    m->probe.wanted = m->worker->run->options->carve != CARVE_NONE;
    m->work->content = CONTENT_STREAMED;
    digest_start(m->worker->digest);
    for (uint64_t at = 0; at < slot->len;) {
        size_t n = slot->len - at < BLOCK_SIZE ? (size_t)(slot->len - at) : BLOCK_SIZE;
        const uint8_t *p = m->worker->block;
        if (slot_in_memory(slot))
            p = slot->map + at;
        else if (pread(slot->spill_fd, m->worker->block, n, (off_t)at) != (ssize_t)n)
            return -EIO;
        digest_update(m->worker->digest, p, n);
        probe_add(&m->probe, p, n);
        tail_add(m, p, n);
        at += n;
    }
    return 0;
}

/**
 * Makes room for n more bytes in memory if the budget has it; else the file goes to disk. Whether bytes pass by is a
 * matter of the file alone, never of the budget: what is inside a file that passed by is not looked at, and that must
 * be the same in every run.
 */
static void make_room(struct intake *m, size_t n)
{
    struct slot *slot = &m->worker->slot;
    uint64_t need = slot->len + n;
    if (!slot_in_memory(slot))
        return;
    if (m->keep && need > m->keep) {
        slot->memory_limit = slot->len;
        return;
    }
    if (need <= slot->memory_limit)
        return;
    uint64_t more = need - slot->memory_limit;
    if (more < slot->memory_limit)
        more = slot->memory_limit;
    if (more < FIRST_BYTES)
        more = FIRST_BYTES;
    if (slot->memory_limit + more <= SLOT_MAX && budget_grow(&m->worker->run->budget, more)) {
        m->work->charged += more;
        slot->memory_limit += more;
    }
}

static int keep(struct intake *m, const uint8_t *data, size_t n)
{
    struct slot *slot = &m->worker->slot;
    if (!m->keep && slot->len >= SNIFF_HEAD)
        m->keep = keep_limit(sniff(slot->map, SNIFF_HEAD, UINT64_MAX));
    int r = !m->streaming && m->keep == KEEP_OTHER && slot->len + n > KEEP_OTHER ? start_streaming(m) : 0;
    if (r)
        return r;
    if (!m->streaming) {
        make_room(m, n);
        return slot_append(slot, data, n);
    }
    digest_update(m->worker->digest, data, n);
    probe_add(&m->probe, data, n);
    tail_add(m, data, n);
    return 0;
}

static void add(struct intake *m, const uint8_t *data, size_t n)
{
    m->got += n;
    if (limit_exceeded(&m->worker->run->options->limits, LIMIT_MEMBER_BYTES, m->got)) {
        intake_fail(m, TRAWL_LIMIT, LIMIT_MEMBER_BYTES, "member is larger than the limit");
        return;
    }
    int r = keep(m, data, n);
    if (r) {
        /* The spill file cannot be written: nothing more can be, so the run ends; the case can be resumed. */
        __atomic_store_n(&m->worker->run->recorder.error, r, __ATOMIC_RELAXED);
        atomic_store(&m->worker->run->stop, true);
        intake_fail(m, TRAWL_UNREACHED, LIMIT_NONE, "out of disk space while the member was kept");
    }
}

/** A hole in a sparse member reads as zeros. */
static void add_zeros(struct intake *m, uint64_t upto)
{
    static const uint8_t zeros[65536];
    if (limit_exceeded(&m->worker->run->options->limits, LIMIT_MEMBER_BYTES, upto)) {
        intake_fail(m, TRAWL_LIMIT, LIMIT_MEMBER_BYTES, "member is larger than the limit");
        return;
    }
    while (m->got < upto && !m->given_up && !atomic_load_explicit(&m->worker->run->stop, memory_order_relaxed)) {
        uint64_t left = upto - m->got;
        add(m, zeros, left < sizeof(zeros) ? (size_t)left : sizeof(zeros));
    }
}

void intake_data(struct intake *m, const struct channel_message *message, const uint8_t *payload)
{
    if (message->offset > m->got)
        add_zeros(m, message->offset);
    if (!m->given_up)
        add(m, payload, message->payload);
}

/** The child's words, made printable. */
static void take_words(struct work *work, const uint8_t *text, size_t n)
{
    if (n >= sizeof(work->detail))
        n = sizeof(work->detail) - 1;
    for (size_t i = 0; i < n; i++)
        work->detail[i] = text[i] >= 0x20 && text[i] < 0x7f ? (char)text[i] : '?';
    work->detail[n] = '\0';
}

void intake_end(struct intake *m, const struct channel_message *message, const uint8_t *payload)
{
    struct work *work = m->work;
    if (!m->given_up && work->special == TYPE_OTHER && message->size > m->got && message->size != UINT64_MAX)
        add_zeros(m, message->size);
    if (m->given_up)
        return;
    work->not_whole = message->code != TRAWL_OK && m->got != m->declared;
    work->size = m->got;
    work->status = (enum trawl_status)message->code;
    take_words(work, payload, message->payload);
    if (m->streaming) {
        work->type = sniff(m->worker->slot.map, SNIFF_HEAD, m->got);
        digest_finish(m->worker->digest, &work->digests);
        work->holds_files =
            m->probe.found && probe_wanted(m->worker->run->options->carve, work->type, decode_find(work->type) != NULL);
        size_t tail = m->tail_len < SNIFF_TAIL ? m->tail_len : SNIFF_TAIL;
        work->zip_tail = sniff_zip_tail(m->tail + m->tail_len - tail, tail, m->got);
        work->type = sniff_tail(work->type, m->tail + m->tail_len - tail, tail, m->got);
    }
    if (!status_examined(work->status) && work->status != TRAWL_DAMAGED)
        work->content = CONTENT_NONE;
    if (!m->streaming && work->charged > m->got) {
        budget_shrink(&m->worker->run->budget, work->charged - m->got);
        work->charged = m->got;
    }
}
