/*
 * container.c: an open container: a sandboxed unpacker, the members it gives, and what happens when it dies.
 *
 * The child is asked again once from the member at which it died or stalled, alone with four times the budget. If it dies there
 * again, a container that can be entered anywhere (zip) goes on behind that member; any other ends, and a line `$unreached` says
 * that the rest was not seen.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/alloc.h"
#include "sandbox/unpacker.h"
#include "scan/intake.h"
#include "scan/ledger.h"

#define RETRY_FACTOR 4
/** Members that may each kill the unpacker twice before a container is given up. */
#define MAX_DEATHS 64

struct container {
    struct source source;
    struct run *run;
    /** NULL for a container of the host. Owns a reference. */
    struct container *parent;
    /** Weight of the tree: of the outermost container, which owns it, and shared by all inside. */
    struct ledger *ledger;
    /** Its entry in the parent's list; NULL for the outermost. */
    struct ledger_entry *entry;
    struct ledger_list *list;
    int fd;
    struct unpacker_job job;
    struct unpacker_handle unpacker;
    bool running;
    /** The source, the worker that digests it, and each member in somebody's hands. Changed atomically. */
    unsigned refs;
    /** The container's own record. Its worker writes it until it drops its reference; then only the last reference does. */
    struct item item;
    struct identity identity;
    bool has_identity;
    uint64_t charged;
    /** Below: owned by whoever pulls. Index that the next member must at least have. */
    uint64_t next_index;
    uint64_t entries, out_bytes;
    /** How often the child died since next_index grew; how often at all. */
    unsigned deaths_here, deaths;
    /** What became of it: status ok until something ends it. */
    enum trawl_status status;
    enum limit_id limit;
    char detail[256];
    /** A rest was not seen; UINT64_MAX: nobody knows how many members. 0: none. */
    uint64_t missing;
};

struct item *container_item(struct container *c)
{
    return &c->item;
}

struct container *container_ref(struct container *c)
{
    __atomic_add_fetch(&c->refs, 1, __ATOMIC_RELAXED);
    return c;
}

static void end_with(struct container *c, enum trawl_status status, enum limit_id limit, const char *detail)
{
    c->status = status;
    c->limit = limit;
    snprintf(c->detail, sizeof(c->detail), "%s", detail);
}

/** Joins what was found out about the container as a file (a picture, say) and as a container. The worse status is told. */
static void settle(struct container *c)
{
    struct item *item = &c->item;
    if (c->status == TRAWL_OK || !status_examined(item->status)) {
        if (c->detail[0] && !item->detail)
            item_detail(item, "%s", c->detail);
        return;
    }
    item->status = c->status;
    item->limit = c->limit;
    if (c->detail[0])
        item_detail(item, "%s", c->detail);
}

static const struct container *outermost(const struct container *c)
{
    while (c->parent)
        c = c->parent;
    return c;
}

/** Which limit a tree of containers is over. */
static enum limit_id tree_limit(const struct container *c)
{
    return limit_exceeded(&c->run->options->limits, LIMIT_CONTAINER_BYTES, c->ledger->allowed) ? LIMIT_CONTAINER_BYTES : LIMIT_RATIO;
}

/** An item of the tree is done. If that makes the tree too heavy, it is cut, and the journal says so. */
void container_member_done(struct container *c, struct ledger_entry *entry)
{
    if (c && ledger_end(c->ledger, entry)) {
        const struct container *root = outermost(c);
        recorder_cut(&c->run->recorder, root->item.where, tree_limit(root), c->ledger->allowed);
    }
}

/** The container is done. */
static void close_ledger(struct container *c)
{
    if (c->parent) {
        container_member_done(c->parent, c->entry);
        return;
    }
    ledger_destroy(c->ledger);
    free(c->ledger);
}

void container_unref(struct container *c)
{
    while (c && __atomic_sub_fetch(&c->refs, 1, __ATOMIC_ACQ_REL) == 0) {
        struct container *parent = c->parent;
        /* Some member may have been left out when the run was stopped: the next run takes the container up again. */
        if (atomic_load(&c->run->stop))
            end_with(c, TRAWL_UNREACHED, LIMIT_NONE, "interrupted");
        settle(c);
        work_record(c->run, &c->item, c->has_identity ? &c->identity : NULL);
        close_ledger(c);
        item_clear(&c->item);
        budget_unpark(&c->run->budget, c->charged);
        free(c);
        c = parent;
    }
}

/** The rest of the container as one line. */
static void record_rest(struct container *c)
{
    static const char name[] = "$unreached";
    struct item item = {.status = TRAWL_UNREACHED, .size = WHERE_UNKNOWN, .type = TYPE_OTHER};
    item.where = where_new(c->item.where, "unreached", name, sizeof(name) - 1, c->next_index, WHERE_UNKNOWN);
    if (c->missing == UINT64_MAX)
        item_detail(&item, "all behind member %llu: %s", (unsigned long long)c->next_index, c->detail);
    else
        item_detail(&item, "%llu members: %s", (unsigned long long)c->missing, c->detail);
    work_record(c->run, &item, NULL);
}

/** Asks for a child that starts at next_index. */
static int start(struct container *c)
{
    c->job.first_index = c->next_index;
    int r = unpacker_open(&c->unpacker, c->run->zygote, &c->job, c->deaths_here ? RETRY_FACTOR : 1, &c->run->stop);
    c->running = !r;
    return r;
}

static void stop(struct container *c, struct child_exit *how)
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
    c->status = (enum trawl_status)m->code;
    c->limit = (enum limit_id)m->limit;
    size_t n = m->payload < sizeof(c->detail) ? m->payload : sizeof(c->detail) - 1;
    for (size_t i = 0; i < n; i++)
        c->detail[i] = payload[i] >= 0x20 && payload[i] < 0x7f ? (char)payload[i] : '?';
    c->detail[n] = '\0';
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
    else if (atomic_load_explicit(&c->ledger->cut, memory_order_relaxed))
        id = tree_limit(c);
    if (!id)
        return false;
    char why[96];
    snprintf(why, sizeof(why), "limit %s reached", limit_table[id].name);
    end_with(c, TRAWL_LIMIT, id, why);
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
            c->out_bytes += m.payload;
            if (!intake->given_up)
                intake_data(intake, &m, payload);
            if (!intake->given_up && over_limits(c))
                intake_fail(intake, TRAWL_LIMIT, c->limit, c->detail);
            if (intake->given_up)
                unpacker_skip(&c->unpacker, intake->index);
            if (c->status == TRAWL_LIMIT)
                return 1;
        } else if (m.type == CHANNEL_ENTRY_END) {
            uint64_t before = intake->got;
            intake_end(intake, &m, payload);
            c->out_bytes += intake->got - before;
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
 * The child is dead or stuck. `in_member`: while it gave the member of next_index. Returns PULL_NOTHING to try again, PULL_MEMBER
 * where the member's line says it, PULL_END.
 */
static enum pull recover(struct container *c, int error, enum limit_id limit, bool in_member, struct intake *intake)
{
    struct child_exit how = {0};
    stop(c, &how);
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
        end_with(c, status, limit, why);
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
static enum pull pull_member(struct container *c, struct worker *worker, struct work *work, const struct channel_message *m,
                             const uint8_t *name)
{
    struct intake intake = {0};
    enum limit_id limit = LIMIT_NONE;
    if (m->index < c->next_index)
        return recover(c, -EPROTO, LIMIT_NONE, false, NULL);
    c->next_index = m->index;
    c->entries++;
    new_work(c, m, name, work);
    if (!wanted(c, worker, work, m->index)) {
        int r = pass_over(c, &limit);
        drop_work(c->run, work);
        if (r < 0)
            return recover(c, r, limit, false, NULL);
        c->next_index = m->index + 1;
        return PULL_NOTHING;
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

static enum pull pull_once(struct container *c, struct worker *worker, struct work *work)
{
    struct channel_message m;
    const uint8_t *payload;
    enum limit_id limit = LIMIT_NONE;
    if (c->status != TRAWL_OK || over_limits(c))
        return PULL_END;
    if (!c->running && start(c)) {
        end_with(c, TRAWL_CRASHED, LIMIT_NONE, "no process could be started to read it");
        c->missing = UINT64_MAX;
        return PULL_END;
    }
    int r = unpacker_next(&c->unpacker, &m, &payload, &limit);
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

static bool container_pull(struct source *source, struct worker *worker, struct work *work)
{
    struct container *c = (struct container *)source;
    for (;;) {
        enum pull got = pull_once(c, worker, work);
        if (got == PULL_MEMBER) {
            work->parent = container_ref(c);
            ledger_weigh(c->ledger, work->entry, work->size == WHERE_UNKNOWN ? 0 : work->size);
            return true;
        }
        if (got == PULL_END)
            return false;
    }
}

static void container_close(struct source *source, struct worker *worker)
{
    struct container *c = (struct container *)source;
    (void)worker;
    stop(c, NULL);
    close(c->fd);
    if (c->missing && !atomic_load(&c->run->stop))
        record_rest(c);
    container_unref(c);
}

/** A filter's member is named after its container: after the file, not the folders. */
static void name_after_slash(const struct where *where, struct unpacker_job *job)
{
    size_t start = where->name_len;
    while (start && where->name[start - 1] != '/')
        start--;
    job->name = where->name + start;
    job->name_len = where->name_len - start;
}

/** Weight that a container of the host may give, with all inside it: as much as LIMIT_RATIO and LIMIT_CONTAINER_BYTES let one give. */
static uint64_t allowed_weight(const struct limits *limits, uint64_t size)
{
    uint64_t ratio, most = limits->value[LIMIT_CONTAINER_BYTES];
    if (__builtin_mul_overflow(size ? size : 1, limits->value[LIMIT_RATIO] + 1, &ratio))
        ratio = UINT64_MAX;
    if (ratio < 1ull << 30)
        ratio = 1ull << 30;
    return ratio < most ? ratio : most;
}

static void open_ledger(struct container *c, uint64_t size, struct ledger_entry *entry)
{
    c->entry = entry;
    if (c->parent) {
        c->ledger = c->parent->ledger;
        c->list = &entry->inside;
        return;
    }
    c->ledger = ALLOC(struct ledger);
    ledger_init(c->ledger, allowed_weight(&c->run->options->limits, size));
    c->list = &c->ledger->root;
}

struct container *container_open(struct run *run, struct work *work, struct item *item, const struct identity *identity, int fd,
                                 enum file_type type, uint64_t charged)
{
    struct container *parent = work->parent;
    uint64_t size = work->size;
    struct container *c = ALLOC(struct container);
    c->source = (struct source){.depth = item->where->depth + 1, .pull = container_pull, .close = container_close};
    c->run = run;
    c->parent = parent ? container_ref(parent) : NULL;
    c->fd = fd;
    c->item = *item;
    *item = (struct item){0};
    c->has_identity = identity != NULL;
    if (identity)
        c->identity = *identity;
    c->charged = charged;
    c->job = (struct unpacker_job){
        .fd = fd,
        .size = size,
        .type = type,
        .limits = run->options->limits,
    };
    name_after_slash(c->item.where, &c->job);
    open_ledger(c, size, work->entry);
    work->entry = NULL;
    /* The stack's reference and the caller's. */
    c->refs = 2;
    stack_push(&run->stack, &c->source);
    return c;
}
