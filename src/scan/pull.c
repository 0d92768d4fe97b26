/*
 * pull.c: the members of an open container, out of a sandboxed unpacker, and what happens when that dies.
 *
 * The child is asked again once from the member at which it died or stalled, alone with four times the budget. If it
 * dies there again, a container that can be entered anywhere (zip) goes on behind that member; any other ends, and a
 * line `$unreached` says that the rest was not seen.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

#include "scan/container.h"
#include "scan/intake.h"

#define RETRY_FACTOR 4
/** Members that may each kill the unpacker twice before a container is given up. */
#define MAX_DEATHS 64

/** Asks for a child that starts at next_index. */
static int start(struct container *c)
{
    c->job.first_index = c->next_index;
    int r = unpacker_open(&c->unpacker, c->run->zygote, &c->job, c->deaths_here ? RETRY_FACTOR : 1, &c->run->stop);
    c->running = !r;
    return r;
}

void container_stop(struct container *c, struct child_exit *how)
{
    struct child_exit ignored = {0};
    if (!how)
        how = &ignored;
    if (c->running)
        unpacker_close(&c->unpacker, how);
    c->running = false;
    atomic_fetch_add(&c->run->times.unpack, how->cpu_ns);
}

static void end_message(struct container *c, const struct channel_message *m, const uint8_t *payload)
{
    if (c->names_only)
        return;
    c->status = (enum trawl_status)m->code;
    c->limit = (enum limit_id)m->limit;
    size_t n = m->payload < sizeof(c->detail) ? m->payload : sizeof(c->detail) - 1;
    for (size_t i = 0; i < n; i++)
        c->detail[i] = payload[i] >= 0x20 && payload[i] < 0x7f ? (char)payload[i] : '?';
    c->detail[n] = '\0';
    if (c->status == TRAWL_OK && m->accounted < c->job.size)
        c->unaccounted = c->job.size - m->accounted;
    if (m->missing != UINT64_MAX)
        c->missing = m->missing;
    else if (!status_examined(c->status) && c->status != TRAWL_UNSUPPORTED && c->status != TRAWL_ENCRYPTED)
        c->missing = UINT64_MAX;
}

/** What a pull came to. */
enum pull { PULL_MEMBER, PULL_NOTHING, PULL_END, PULL_FAILED };

/** Limits on the container as a whole. Returns true if it must end. */
static bool over_limits(struct container *c)
{
    const struct limits *limits = &c->run->options->limits;
    enum limit_id id = LIMIT_NONE;
    if (limit_exceeded(limits, LIMIT_ENTRIES, c->entries))
        id = LIMIT_ENTRIES;
    else if (limit_exceeded(limits, LIMIT_CONTAINER_BYTES, c->out_bytes))
        id = LIMIT_CONTAINER_BYTES;
    else if (limit_ratio_exceeded(limits, c->job.size, c->out_bytes))
        id = LIMIT_RATIO;
    else if (c->out_bytes > c->ledger->allowed || atomic_load_explicit(&c->ledger->cut, memory_order_relaxed))
        id = container_tree_limit(c);
    if (!id)
        return false;
    char why[96];
    snprintf(why, sizeof(why), "limit %s reached", limit_table[id].name);
    container_end_with(c, TRAWL_LIMIT, id, why);
    c->names_only = c->job.type == TYPE_ZIP && id != LIMIT_ENTRIES;
    if (c->names_only)
        unpacker_skip_all(&c->unpacker);
    else
        c->missing = UINT64_MAX;
    return true;
}

static void new_work(struct container *c, const struct channel_message *m, const uint8_t *name, struct work *work)
{
    *work = (struct work){
        .where = where_new(c->item.where, type_name(c->job.type), name, m->payload, m->index, m->offset),
        .special = (enum file_type)m->code,
        .size = m->size,
        .fd = -1,
        .status = TRAWL_OK,
    };
}

/** Folders have no line; what an earlier run recorded is passed over. Returns true if the member is wanted. */
static bool wanted(struct container *c, struct worker *worker, struct work *work, uint64_t index)
{
    if (work->special == TYPE_DIRECTORY)
        return false;
    bool changed;
    const struct done_row *row = recorder_find(&c->run->recorder, work->where, NULL, &changed);
    if (row && row->state == DONE_YES) {
        unpacker_skip(&c->unpacker, index);
        return false;
    }
    if (row && row->state == DONE_SUSPECT)
        work_suspect(worker, work, row);
    return true;
}

/** The member grows to `upto` bytes, holes included: counted before a hole is filled with zeros. Returns false if that
 * is too much. */
static bool may_grow(struct container *c, struct intake *intake, uint64_t upto)
{
    if (upto > intake->got)
        c->out_bytes += upto - intake->got;
    if (!over_limits(c))
        return true;
    intake_fail(intake, TRAWL_LIMIT, c->limit, c->detail);
    return false;
}

/** Reads data messages up to the member's end. Returns 1; or -errno of the channel. */
static int collect(struct container *c, struct intake *intake, enum limit_id *limit)
{
    struct channel_message m;
    const uint8_t *payload;
    for (;;) {
        int r = unpacker_next(&c->unpacker, &m, &payload, limit);
        if (r < 0)
            return r;
        if (m.type == CHANNEL_DATA) {
            if (!intake->given_up && may_grow(c, intake, m.offset + m.payload))
                intake_data(intake, &m, payload);
            if (intake->given_up)
                unpacker_skip(&c->unpacker, intake->index);
            /* Where only bytes lead on to the next name, the container ends here. */
            if (c->status != TRAWL_OK && !c->names_only)
                return 1;
        } else if (m.type == CHANNEL_ENTRY_END) {
            if (intake->given_up || m.size == UINT64_MAX || may_grow(c, intake, m.size))
                intake_end(intake, &m, payload);
            return 1;
        } else {
            return -EPROTO;
        }
    }
}

/** Passes over all up to the member's end. */
static int pass_over(struct container *c, enum limit_id *limit)
{
    struct channel_message m;
    const uint8_t *payload;
    int r;
    do {
        r = unpacker_next(&c->unpacker, &m, &payload, limit);
        if (r == 1 && m.type != CHANNEL_DATA && m.type != CHANNEL_ENTRY_END)
            return -EPROTO;
    } while (r == 1 && m.type == CHANNEL_DATA);
    return r;
}

static const char *failure_words(int error, const struct child_exit *how)
{
    if (error == -EINTR)
        return "interrupted";
    if (error == -ETIMEDOUT)
        return "unpacker used up its processor time, twice";
    if (error == -EPROTO)
        return "unpacker answered nonsense, twice";
    if (WIFSIGNALED(how->status) && WTERMSIG(how->status) == SIGSYS)
        return "unpacker tried a forbidden system call, twice";
    return "unpacker died, twice";
}

/**
 * The child is dead or stuck. `in_member`: while it gave the member of next_index. Returns PULL_NOTHING to try again,
 * PULL_MEMBER where the member's line says it, PULL_END.
 */
static enum pull recover(struct container *c, int error, enum limit_id limit, bool in_member, struct intake *intake)
{
    struct child_exit how = {0};
    container_stop(c, &how);
    if (error != -EINTR && c->deaths_here++ == 0)
        return PULL_NOTHING;
    c->deaths++;
    enum trawl_status status = error == -EINTR ? TRAWL_UNREACHED : error == -ETIMEDOUT ? TRAWL_TIMEOUT : TRAWL_CRASHED;
    if (status != TRAWL_TIMEOUT)
        limit = LIMIT_NONE;
    const char *why = failure_words(error, &how);
    if (in_member) {
        intake_fail(intake, status, limit, why);
        c->next_index++;
        c->deaths_here = 0;
    }
    bool goes_on = in_member && c->job.type == TYPE_ZIP && c->deaths < MAX_DEATHS && error != -EINTR;
    if (!goes_on) {
        container_end_with(c, status, limit, why);
        c->missing = UINT64_MAX;
    }
    return in_member ? PULL_MEMBER : PULL_END;
}

static void drop_work(struct run *run, struct work *work)
{
    if (work->admitted)
        budget_release(&run->budget, work->charged);
    where_unref(work->where);
    *work = (struct work){.fd = -1};
}

/** A member was announced: collects it. */
static enum pull pull_member(struct container *c, struct worker *worker, struct work *work,
                             const struct channel_message *m, const uint8_t *name)
{
    struct intake intake = {0};
    enum limit_id limit = LIMIT_NONE;
    if (m->index < c->next_index)
        return recover(c, -EPROTO, LIMIT_NONE, false, NULL);
    c->next_index = m->index;
    c->entries++;
    new_work(c, m, name, work);
    work_show(worker, work);
    if (!wanted(c, worker, work, m->index)) {
        int r = pass_over(c, &limit);
        drop_work(c->run, work);
        if (r < 0)
            return recover(c, r, limit, false, NULL);
        c->next_index = m->index + 1;
        return PULL_NOTHING;
    }
    if (c->names_only) {
        work->status = TRAWL_UNREACHED;
        work->size = WHERE_UNKNOWN;
        snprintf(work->detail, sizeof(work->detail), "limit %s reached before it", limit_table[c->limit].name);
    }
    bool set_aside = work->status != TRAWL_OK;
    if (!set_aside)
        recorder_begin(&c->run->recorder, work->where, worker->is_alone ? BEGIN_ALONE : BEGIN_BESIDE_OTHERS);
    struct channel_message first = *m;
    if (set_aside) {
        unpacker_skip(&c->unpacker, m->index);
        intake = (struct intake){.worker = worker, .work = work, .index = m->index, .given_up = true};
    } else {
        intake_begin(&intake, worker, work, &first);
    }
    int r = collect(c, &intake, &limit);
    enum pull result = PULL_MEMBER;
    if (r < 0)
        result = recover(c, r, limit, true, &intake);
    else
        c->next_index = first.index + 1;
    intake_free(&intake);
    if (result == PULL_NOTHING)
        drop_work(c->run, work);
    else
        work->entry = ledger_begin(c->ledger, c->list);
    return result;
}

/** True if no more members are wanted; the names of a zip still are. */
static bool has_ended(struct container *c)
{
    if (c->status == TRAWL_OK)
        over_limits(c);
    return c->status != TRAWL_OK && !c->names_only;
}

static enum pull pull_once(struct container *c, struct worker *worker, struct work *work)
{
    struct channel_message m;
    const uint8_t *payload;
    enum limit_id limit = LIMIT_NONE;
    if (has_ended(c))
        return PULL_END;
    if (c->names_only && limit_exceeded(&c->run->options->limits, LIMIT_ENTRIES, c->entries)) {
        c->missing = UINT64_MAX;
        return PULL_END;
    }
    int r = c->running ? 0 : start(c);
    if (r) {
        run_fail(c->run, r);
        container_end_with(c, TRAWL_UNREACHED, LIMIT_NONE, "no process could be started to read it");
        c->missing = UINT64_MAX;
        return PULL_END;
    }
    r = unpacker_next(&c->unpacker, &m, &payload, &limit);
    if (r < 0)
        return recover(c, r, limit, false, NULL);
    if (m.type == CHANNEL_END) {
        end_message(c, &m, payload);
        return PULL_END;
    }
    if (m.type != CHANNEL_ENTRY)
        return recover(c, -EPROTO, LIMIT_NONE, false, NULL);
    return pull_member(c, worker, work, &m, payload);
}

bool container_pull(struct source *source, struct worker *worker, struct work *work)
{
    struct container *c = (struct container *)source;
    for (;;) {
        enum pull got = pull_once(c, worker, work);
        if (got == PULL_MEMBER) {
            work->parent = container_ref(c);
            ledger_weigh(c->ledger, work->entry, ledger_size(work->size, work->status, work->limit));
            return true;
        }
        if (got == PULL_END)
            return false;
    }
}
