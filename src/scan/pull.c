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
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "scan/children.h"
#include "sandbox/child.h"
#include "scan/container.h"
#include "scan/content.h"
#include "scan/intake.h"
#include "trawl/facts.h"
#include "trawl/origin.h"

#define RETRY_FACTOR 4
/** Members that may each kill the unpacker twice before a container is given up. */
#define MAX_DEATHS 64

/** True where a reader can begin at any member, without the bytes before it. */
static bool can_enter(const struct container *c)
{
    return c->job.type == TYPE_ZIP || type_class(c->job.type) == CLASS_DISK;
}

/** Its frames are wanted now. */
static bool is_video(const struct part *p)
{
    return p->container->is_video && type_class(p->container->job.type) == CLASS_VIDEO;
}

/** Asks for a child that starts at next_index. */
static int start(struct part *p)
{
    struct run *run = p->container->run;
    p->job = p->container->job;
    p->job.first_index = p->next_index;
    p->job.is_retry = p->deaths_here > 0;
    p->job.range = p->range;
    if (p->next_index || p->range.end || p->names_only)
        p->job.split_bytes = 0;
    struct zygote *zygote = run_zygote(run, !p->job.carves && unpack_find(p->job.type)->heavy);
    int r = !zygote ? -ENOEXEC
                    : unpacker_open(&p->unpacker, zygote, &p->job, p->deaths_here ? RETRY_FACTOR : 1, &run->stop);
    p->running = !r;
    if (is_video(p))
        video_restart(&p->container->video);
    if (!r && p->names_only)
        unpacker_skip_all(&p->unpacker);
    return r;
}

void part_stop(struct part *p, struct child_exit *how)
{
    struct child_exit ignored = {0};
    if (!how)
        how = &ignored;
    if (p->running)
        unpacker_close(&p->unpacker, how);
    p->running = false;
    atomic_fetch_add(&p->container->run->times.unpack, how->cpu_ns);
}

/** Members that the end of a range leaves out are not lost without a word, whatever the reader says; a disk is numbered
 * with gaps. */
static void end_range(struct part *p)
{
    if (p->next_index >= p->range.end || type_class(p->container->job.type) == CLASS_DISK)
        return;
    p->missing = UINT64_MAX;
    if (p->status == TRAWL_OK)
        part_end_with(p, TRAWL_DAMAGED, LIMIT_NONE, "the central directory ends early");
}

static void end_message(struct part *p, const struct channel_message *m, const uint8_t *payload)
{
    if (p->names_only)
        return;
    p->status = (enum trawl_status)m->code;
    p->limit = (enum limit_id)m->limit;
    size_t n = m->payload < sizeof(p->detail) ? m->payload : sizeof(p->detail) - 1;
    for (size_t i = 0; i < n; i++)
        p->detail[i] = payload[i] >= 0x20 && payload[i] < 0x7f ? (char)payload[i] : '?';
    p->detail[n] = '\0';
    if (p->range.end) {
        end_range(p);
        return;
    }
    if (p->status == TRAWL_OK && m->accounted < p->container->job.size)
        p->unaccounted = p->container->job.size - m->accounted;
    if (m->missing != UINT64_MAX)
        p->missing = m->missing;
    else if (!status_examined(p->status) && p->status != TRAWL_UNSUPPORTED && p->status != TRAWL_ENCRYPTED)
        p->missing = UINT64_MAX;
}

/** What a pull came to. */
enum pull { PULL_MEMBER, PULL_NOTHING, PULL_END, PULL_FAILED };

/** What a disk that is read in ranges gives is known only when it is read, and ranges end in no order: only the ledger
 * adds up the same in every run. */
static bool sums_by_ledger(const struct container *c)
{
    return c->n_more && type_class(c->job.type) == CLASS_DISK;
}

/** Limits on the container as a whole. Returns true if it must end. */
static bool over_limits(struct part *p)
{
    struct container *c = p->container;
    const struct limits *limits = &c->run->options->limits;
    uint64_t out = atomic_load_explicit(&c->out_bytes, memory_order_relaxed);
    enum limit_id id = LIMIT_NONE;
    if (limit_exceeded(limits, LIMIT_ENTRIES, atomic_load_explicit(&c->entries, memory_order_relaxed)))
        id = LIMIT_ENTRIES;
    else if (!sums_by_ledger(c) && limit_exceeded(limits, LIMIT_CONTAINER_BYTES, out))
        id = LIMIT_CONTAINER_BYTES;
    else if (!sums_by_ledger(c) && limit_ratio_exceeded(limits, c->job.size + c->segments.bytes, out))
        id = LIMIT_RATIO;
    else if ((!sums_by_ledger(c) && out > c->ledger->allowed) ||
             atomic_load_explicit(&c->ledger->cut, memory_order_relaxed))
        id = container_tree_limit(c);
    if (!id)
        return false;
    char why[96];
    snprintf(why, sizeof(why), "limit %s reached", limit_table[id].name);
    part_end_with(p, TRAWL_LIMIT, id, why);
    p->names_only = c->job.type == TYPE_ZIP && id != LIMIT_ENTRIES;
    if (p->names_only)
        unpacker_skip_all(&p->unpacker);
    else
        p->missing = UINT64_MAX;
    return true;
}

static void new_work(const struct part *p, const struct channel_message *m, const uint8_t *payload, struct work *work)
{
    const struct container *c = p->container;
    struct origin origin;
    size_t before = m->type == CHANNEL_ENTRY_ORIGIN ? sizeof(origin) : 0;
    if (before)
        memcpy(&origin, payload, before);
    /* What is not sane is left out: the member is there all the same. */
    const struct origin *known = before && origin_sane(&origin) ? &origin : NULL;
    *work = (struct work){
        .where = where_new_origin(c->item.where, type_name(c->job.type), payload + before, m->payload - before,
                                  m->index, m->offset, known),
        .special = (enum file_type)m->code,
        .size = m->size,
        .fd = -1,
        .status = TRAWL_OK,
    };
}

/** Folders have no line; what an earlier run recorded is passed over. Returns true if the member is wanted. */
static bool wanted(struct part *p, struct worker *worker, struct work *work, uint64_t index)
{
    if (work->special == TYPE_DIRECTORY)
        return false;
    bool changed;
    const struct done_row *row = recorder_find(&p->container->run->recorder, work->where, NULL, &changed);
    if (row && row->state == DONE_YES) {
        /* What is to be said of a stream shows only where it is read to its end, as in a run that nobody stopped. */
        if (can_enter(p->container))
            unpacker_skip(&p->unpacker, index);
        return false;
    }
    if (row && row->state == DONE_SUSPECT)
        work_suspect(worker, work, row);
    return true;
}

/** The member grows to `upto` bytes, holes included: counted before a hole is filled with zeros. Returns false if that
 * is too much. */
static bool may_grow(struct part *p, struct intake *intake, uint64_t upto)
{
    if (upto > intake->got)
        atomic_fetch_add_explicit(&p->container->out_bytes, upto - intake->got, memory_order_relaxed);
    if (!over_limits(p))
        return true;
    intake_fail(intake, TRAWL_LIMIT, p->limit, p->detail);
    return false;
}

/** Reads data messages up to the member's end. Returns 1; or -errno of the channel. */
static int collect(struct part *p, struct intake *intake, enum limit_id *limit)
{
    struct channel_message m;
    const uint8_t *payload;
    for (;;) {
        int r = unpacker_next(&p->unpacker, &m, &payload, limit);
        if (r < 0)
            return r;
        if (m.type == CHANNEL_DATA) {
            if (!intake->given_up && may_grow(p, intake, m.offset + m.payload))
                intake_data(intake, &m, payload);
            if (intake->given_up)
                unpacker_skip(&p->unpacker, intake->index);
            /* Where only bytes lead on to the next name, the container ends here. */
            if (p->status != TRAWL_OK && !p->names_only)
                return 1;
        } else if (m.type == CHANNEL_FACTS && !intake->work->facts) {
            intake->work->facts = facts_take(payload, m.payload);
        } else if (m.type == CHANNEL_ENTRY_END) {
            if (intake->given_up || m.size == UINT64_MAX || may_grow(p, intake, m.size))
                intake_end(intake, &m, payload);
            return 1;
        } else {
            return -EPROTO;
        }
    }
}

/** Passes over all up to the member's end. */
static int pass_over(struct part *p, enum limit_id *limit)
{
    struct channel_message m;
    const uint8_t *payload;
    int r;
    do {
        r = unpacker_next(&p->unpacker, &m, &payload, limit);
        if (r == 1 && m.type != CHANNEL_DATA && m.type != CHANNEL_FACTS && m.type != CHANNEL_ENTRY_END)
            return -EPROTO;
    } while (r == 1 && m.type != CHANNEL_ENTRY_END);
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

/** Members came since the last death: this one is another. Not for ever: each costs two starts. */
static void forget_death(struct part *p)
{
    if (p->deaths_here && p->died_at != p->next_index && can_enter(p->container) && p->forgotten < MAX_DEATHS) {
        p->deaths_here = 0;
        p->forgotten++;
    }
    p->died_at = p->next_index;
}

/**
 * The child is dead or stuck. `in_member`: while it gave the member of next_index, which `intake` takes in; NULL where
 * an earlier run has recorded that member. Returns PULL_NOTHING to go on or to try again, PULL_MEMBER where the
 * member's line says it, PULL_END.
 */
static enum pull recover(struct part *p, int error, enum limit_id limit, bool in_member, struct intake *intake)
{
    struct child_exit how = {0};
    part_stop(p, &how);
    forget_death(p);
    if (error != -EINTR && p->deaths_here++ == 0)
        return PULL_NOTHING;
    p->deaths++;
    enum trawl_status status = error == -EINTR ? TRAWL_UNREACHED : error == -ETIMEDOUT ? TRAWL_TIMEOUT : TRAWL_CRASHED;
    if (status != TRAWL_TIMEOUT)
        limit = LIMIT_NONE;
    const char *why = failure_words(error, &how);
    if (status == TRAWL_CRASHED && WIFEXITED(how.status) && WEXITSTATUS(how.status) == CHILD_EXIT_MEMORY) {
        status = TRAWL_LIMIT;
        limit = LIMIT_UNPACK_MEMORY;
        why = "unpacker ran out of memory, twice";
    }
    if (in_member) {
        p->next_index++;
        p->deaths_here = 0;
    }
    bool goes_on = can_enter(p->container) && p->deaths < MAX_DEATHS && error != -EINTR;
    /* On the way to a member of a disk: what its unit still holds cannot be had, but the others can. */
    if (goes_on && !in_member) {
        goes_on = type_class(p->container->job.type) == CLASS_DISK && part_next_unit(p, why);
        p->deaths_here = 0;
    }
    if (!goes_on) {
        part_end_with(p, status, limit, why);
        /* The members of a video come before its frames. */
        p->missing = is_video(p) && p->container->video.frames.n ? 0 : UINT64_MAX;
    }
    if (!intake)
        return goes_on ? PULL_NOTHING : PULL_END;
    intake_fail(intake, status, limit, why);
    return PULL_MEMBER;
}

static void drop_work(struct run *run, struct work *work)
{
    if (work->admitted)
        budget_release(&run->budget, work->charged);
    where_unref(work->where);
    free(work->facts);
    *work = (struct work){.fd = -1};
}

/** Passes over a member that nobody wants: a folder, or one that an earlier run has recorded, dead unpackers included.
 */
static enum pull pull_nothing(struct part *p, struct work *work, uint64_t index)
{
    enum limit_id limit = LIMIT_NONE;
    bool recorded = work->special != TYPE_DIRECTORY;
    int r = pass_over(p, &limit);
    drop_work(p->container->run, work);
    if (r < 0)
        return recover(p, r, limit, recorded, NULL);
    p->next_index = index + 1;
    return PULL_NOTHING;
}

/** Takes a member in, or passes over the bytes of one that is only named. */
static void begin_member(struct part *p, struct worker *worker, struct work *work, const struct channel_message *m,
                         struct intake *intake)
{
    if (p->names_only) {
        work->status = TRAWL_UNREACHED;
        work->size = WHERE_UNKNOWN;
        snprintf(work->detail, sizeof(work->detail), "limit %s reached before it", limit_table[p->limit].name);
    }
    if (work->status != TRAWL_OK) {
        unpacker_skip(&p->unpacker, m->index);
        *intake = (struct intake){.worker = worker, .work = work, .index = m->index, .given_up = true};
        return;
    }
    recorder_begin(&p->container->run->recorder, work->where, worker->is_alone ? BEGIN_ALONE : BEGIN_BESIDE_OTHERS);
    intake_begin(intake, worker, work, m);
    if (p->keeps && p->keep_index == m->index)
        intake->keep = INTAKE_KEEP_CONTAINER;
}

/**
 * The member passed by, and its last bytes are those of a zip or a disk image, or files begin in it: it is asked for
 * once more, and kept this time. Only a zip or a disk can be entered at the member; any other container would have to
 * be read again up to there, for each such member.
 */
static bool ask_again(struct part *p, const struct intake *intake)
{
    struct container *c = p->container;
    const struct work *work = intake->work;
    bool wanted = work->holds_files || work->type == TYPE_DMG || (work->zip_tail && content_may_hide_zip(work->type));
    if (!intake->streaming || intake->given_up || work->status != TRAWL_OK || !wanted || !can_enter(c))
        return false;
    part_stop(p, NULL);
    p->next_index = p->keep_index = intake->index;
    p->keeps = true;
    atomic_fetch_sub_explicit(&c->entries, 1, memory_order_relaxed);
    atomic_fetch_sub_explicit(&c->out_bytes, intake->got, memory_order_relaxed);
    return true;
}

/** A member was announced: collects it. */
static enum pull pull_member(struct part *p, struct worker *worker, struct work *work, const struct channel_message *m,
                             const uint8_t *name)
{
    struct container *c = p->container;
    struct intake intake = {0};
    enum limit_id limit = LIMIT_NONE;
    uint64_t index = m->index;
    if (index < p->next_index || (p->range.end && index >= p->range.end))
        return recover(p, -EPROTO, LIMIT_NONE, false, NULL);
    p->next_index = index;
    atomic_fetch_add_explicit(&c->entries, 1, memory_order_relaxed);
    new_work(p, m, name, work);
    work_show(worker, work);
    if (!wanted(p, worker, work, index))
        return pull_nothing(p, work, index);
    begin_member(p, worker, work, m, &intake);
    int r = collect(p, &intake, &limit);
    enum pull result = PULL_MEMBER;
    if (r < 0)
        result = recover(p, r, limit, true, &intake);
    else if (ask_again(p, &intake))
        result = PULL_NOTHING;
    else
        p->next_index = index + 1;
    intake_free(&intake);
    if (result == PULL_NOTHING)
        drop_work(c->run, work);
    else
        work->entry = ledger_begin(c->ledger, p->list);
    return result;
}

/** True if no more members are wanted; the names of a zip still are. */
static bool has_ended(struct part *p)
{
    if (p->skipped)
        return true;
    if (p->status == TRAWL_OK)
        over_limits(p);
    return p->status != TRAWL_OK && !p->names_only;
}

/** No process can be had: the run ends. */
static enum pull fail_start(struct part *p, int error)
{
    run_fail(p->container->run, error);
    part_end_with(p, TRAWL_UNREACHED, LIMIT_NONE, "no process could be started to read it");
    p->missing = UINT64_MAX;
    return PULL_END;
}

static bool is_of_video(const struct part *p, const struct channel_message *m)
{
    return (m->type == CHANNEL_VIDEO || m->type == CHANNEL_FRAMES) && is_video(p);
}

/** The video is read, well or badly: true if something else in the file is still to be read, from its first member on.
 */
static bool turn_to_rest(struct part *p)
{
    struct container *c = p->container;
    if (!is_video(p) || c->behind == TYPE_OTHER || atomic_load(&c->run->stop))
        return false;
    part_stop(p, NULL);
    if (!c->video.is_copy || p->status != TRAWL_OK) {
        c->video.status = p->status;
        c->video.limit = p->limit;
        memcpy(c->video.detail, p->detail, sizeof(c->video.detail));
    }
    part_end_with(p, TRAWL_OK, LIMIT_NONE, "");
    c->job.split_bytes = 0;
    p->next_index = p->missing = p->unaccounted = 0;
    p->deaths_here = 0;
    c->job.type = c->behind;
    return true;
}

static enum pull pull_once(struct part *p, struct worker *worker, struct work *work)
{
    struct container *c = p->container;
    struct channel_message m;
    const uint8_t *payload;
    enum limit_id limit = LIMIT_NONE;
    if (has_ended(p))
        return PULL_END;
    if (p->names_only && limit_exceeded(&c->run->options->limits, LIMIT_ENTRIES, atomic_load(&c->entries))) {
        p->missing = UINT64_MAX;
        return PULL_END;
    }
    int r = p->running ? 0 : start(p);
    if (r)
        return fail_start(p, r);
    r = unpacker_next(&p->unpacker, &m, &payload, &limit);
    if (r < 0)
        return recover(p, r, limit, false, NULL);
    if (m.type != CHANNEL_PLAN && !part_is_ours(p))
        return PULL_END;
    switch (m.type) {
    case CHANNEL_ENTRY:
    case CHANNEL_ENTRY_ORIGIN:
        return pull_member(p, worker, work, &m, payload);
    case CHANNEL_END:
        end_message(p, &m, payload);
        return PULL_END;
    default:
        if (m.type == CHANNEL_PLAN && part_split(p, &m, payload))
            return PULL_NOTHING;
        if (is_of_video(p, &m) && video_take(&c->video, &c->job.limits, &m, payload))
            return PULL_NOTHING;
        return recover(p, -EPROTO, LIMIT_NONE, false, NULL);
    }
}

bool part_pull(struct source *source, struct worker *worker, struct work *work)
{
    struct part *p = (struct part *)source;
    struct container *c = p->container;
    for (;;) {
        enum pull got = pull_once(p, worker, work);
        if (got == PULL_MEMBER) {
            work->parent = container_ref(c);
            ledger_weigh(c->ledger, work->entry, ledger_size(work->size, work->status, work->limit));
            return true;
        }
        if (got == PULL_END && !turn_to_rest(p))
            return false;
    }
}
