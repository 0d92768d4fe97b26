/*
 * examine.c: an item whose bytes can be looked at: what it is, its digests, its matches, its picture, and what it
 * contains.
 */
#include "scan/examine.h"

#include <fcntl.h>
#include <string.h>

#include "core/alloc.h"
#include "scan/children.h"
#include "scan/content.h"
#include "scan/segments.h"
#include "scan/embedded.h"
#include "trawl/decode.h"

/** An item on the table. */
struct exam {
    struct worker *worker;
    struct run *run;
    struct work *work;
    /** The caller's item, or the container's once that has taken it over. */
    struct item *item;
    struct identity *identity;
    struct content_view view;
    bool is_picture;
    /** Reader of what it contains; TYPE_OTHER: nothing. */
    enum file_type inside;
    /** What stands behind a video in the same file: a zip, or TYPE_OTHER. */
    enum file_type behind;
    /** Bytes of it were missing before anybody looked: its container says so. */
    bool damaged;
    /** The image that it is a part of; empty: of none. */
    char part_of[UNPACK_SEGMENT_NAME];
    struct container *container;
};

/** True if the carver is to take the item: nobody else opens it, and files begin in it. */
static bool holds_files(const struct exam *e)
{
    return e->view.magics.found && !e->inside && !e->container;
}

void status_of_type(struct item *item)
{
    switch (type_class(item->type)) {
    case CLASS_PICTURE:
    case CLASS_VIDEO:
    case CLASS_ARCHIVE:
    case CLASS_FILTER:
    case CLASS_DISK:
    case CLASS_DOCUMENT:
        if (type_class(item->type) == CLASS_DOCUMENT && unpack_find(item->type)) {
            item->status = TRAWL_NOT_MEDIA;
            break;
        }
        item->status = TRAWL_UNSUPPORTED;
        if (unpack_find(item->type) || decode_find(item->type))
            item_detail(item, READERS_PROGRAM ", which reads %s, is not beside this program", type_name(item->type));
        else
            item_detail(item, "this build does not read %s", type_name(item->type));
        break;
    default:
        item->status = TRAWL_NOT_MEDIA;
    }
}

/** Bytes that the medium did not give, a file that changed: said, and no digest claimed. */
static void check_evidence(const struct content_view *view, const struct work *work, struct item *item)
{
    struct stat now;
    struct buf words = {0};
    evidence_describe(&view->evidence, &words);
    if (!words.len && work->content == CONTENT_FILE && fstat(work->fd, &now) == 0 &&
        (now.st_size != work->st.st_size || now.st_mtim.tv_sec != work->st.st_mtim.tv_sec ||
         now.st_mtim.tv_nsec != work->st.st_mtim.tv_nsec))
        buf_puts(&words, "the file changed while it was read");
    if (words.len) {
        item->has_digests = false;
        work_status(item, TRAWL_IO_ERROR, LIMIT_NONE, buf_str(&words));
    }
    buf_free(&words);
}

/** The type of reader that the item needs as a container; TYPE_OTHER where it is none that this build opens. */
static enum file_type container_type(const struct run *run, enum file_type type, bool zip_tail)
{
    const struct unpacker *unpacker = unpack_find(type);
    enum file_type own = unpacker && run_reads(run, unpacker->heavy) ? type : TYPE_OTHER;
    /* Their last bytes may be those of a document inside, to which their own readers lead; behind them is theirs too.
     */
    bool keeps =
        own == TYPE_OLE || own == TYPE_PDF || own == TYPE_SQLITE || own == TYPE_PST || type_class(own) == CLASS_DISK;
    return zip_tail && !keeps ? TYPE_ZIP : own;
}

bool is_decoded(const struct run *run, enum file_type type)
{
    const struct decoder *decoder = decode_find(type);
    return decoder && run_reads(run, decoder->heavy);
}

/** True if the item may be opened as a container; else its status says why not. */
static bool may_open(const struct run *run, struct item *item)
{
    if (!limit_exceeded(&run->options->limits, LIMIT_DEPTH, item->where->depth + 1))
        return true;
    work_status(item, TRAWL_LIMIT, LIMIT_DEPTH, "container not opened: too many containers around it");
    return false;
}

/** Hands the bytes over to a container of its own. Returns it, or NULL with the item unchanged but for its status. */
static struct container *open_container(struct worker *worker, struct work *work, struct item *item,
                                        const struct identity *identity, enum file_type type, enum file_type behind,
                                        bool carves)
{
    struct run *run = worker->run;
    uint64_t charged = 0;
    int fd;
    if (work->content == CONTENT_FILE) {
        fd = fcntl(work->fd, F_DUPFD_CLOEXEC, 0);
    } else {
        fd = slot_detach(&worker->slot);
        charged = work->charged;
        if (work->admitted)
            budget_park(&run->budget);
        work->admitted = false;
        work->charged = 0;
    }
    if (fd < 0) {
        budget_unpark(&run->budget, charged);
        work_status(item, TRAWL_IO_ERROR, LIMIT_NONE, "container could not be handed to its reader");
        return NULL;
    }
    if (!carves && (item->status == TRAWL_NOT_MEDIA || item->status == TRAWL_UNSUPPORTED))
        item->status = TRAWL_OK;
    return container_open(run, work, item, identity, fd, type, behind, carves, charged);
}

/** Which file a container of the host is: noted before it is read, compared when a case is resumed. Returns false if it
 * changed. */
static bool note_container(struct run *run, const struct work *work, struct item *item, struct identity *identity)
{
    bool changed;
    if (work->content != CONTENT_FILE || !run->recorder.journal)
        return true;
    identity_sample(work->fd, identity);
    struct identity told;
    uint64_t sample;
    recorder_identity(&run->recorder, identity, &told);
    memcpy(&sample, told.sample, sizeof(sample));
    const struct done_row *row = recorder_find(&run->recorder, item->where, identity, &changed);
    if (row && row->sample && row->sample != sample) {
        work_status(item, TRAWL_IO_ERROR, LIMIT_NONE, "refused: the file changed since this case was begun");
        return false;
    }
    recorder_open(&run->recorder, item->where, identity);
    return true;
}

/** Files in base64 were seen in a text: once, in a hand's item here, in any other while it is digested. */
static void open_text(struct exam *e)
{
    if (e->view.probe.found && !e->inside)
        e->inside = TYPE_BASE64;
    e->view.probe = (struct text_probe){0};
}

/** A part of a split image is read with the first one, whatever its own bytes look like. */
static void look_at_name(struct exam *e)
{
    struct item *item = e->item;
    if (e->work->parent || !segments_is_part(item->where, item->type, e->part_of)) {
        e->part_of[0] = '\0';
        return;
    }
    if (type_class(item->type) != CLASS_DISK)
        item->type = TYPE_DISK;
    e->inside = TYPE_OTHER;
    e->is_picture = false;
}

/** Evidence that is the image of a disc is verified by the reader of disks, which reads discs, too. */
static void verify_disc(struct exam *e)
{
    if (e->inside == TYPE_ISO9660 && !e->work->parent && e->run->options->verify.wanted &&
        container_type(e->run, TYPE_DISK, false))
        e->inside = TYPE_DISK;
}

/** What it is. A picture is brought where a decoder can see it, a small container where it can be handed over. */
static void look(struct exam *e)
{
    bool zip_tail;
    content_open(&e->view, e->worker, e->work);
    e->item->type = content_sniff(&e->view, &zip_tail);
    e->inside = container_type(e->run, e->item->type, zip_tail);
    if (zip_tail && type_class(e->item->type) == CLASS_VIDEO &&
        container_type(e->run, e->item->type, false) != TYPE_OTHER) {
        e->behind = e->inside;
        e->inside = e->item->type;
    }
    verify_disc(e);
    e->is_picture = is_decoded(e->run, e->item->type);
    e->damaged = e->item->status == TRAWL_DAMAGED;
    look_at_name(e);
    if (e->view.map && text_is_plain(e->inside, e->view.map, (size_t)e->view.size))
        e->inside = TYPE_OTHER;
    if (e->work->is_digested && e->view.map) {
        text_probe_add(&e->view.probe, e->view.map, (size_t)e->view.size);
        open_text(e);
    }
    e->view.magics.wanted =
        !e->inside && !e->part_of[0] && probe_wanted(e->run->options->carve, e->item->type, e->is_picture);
    if (e->work->bytes && (e->is_picture || (e->inside && e->work->content == CONTENT_SLOT)))
        content_show(&e->view);
    if (e->work->bytes || !e->is_picture || e->work->content != CONTENT_FILE || e->work->size > SLOT_MAX ||
        limit_exceeded(&e->run->options->limits, LIMIT_DECODE_BYTES, e->work->size))
        return;
    budget_admit(&e->run->budget, e->work->size);
    e->work->admitted = true;
    e->work->charged = e->work->size;
    content_load(&e->view);
}

static void open_inside(struct exam *e)
{
    enum file_type inside = e->inside;
    e->inside = TYPE_OTHER;
    if (!may_open(e->run, e->item) || !note_container(e->run, e->work, e->item, e->identity))
        return;
    e->container = open_container(e->worker, e->work, e->item, e->identity, inside, e->behind, false);
    if (e->container)
        e->item = container_item(e->container);
}

/** Lets the carver take the item's bytes. What the item is said to be does not change by that. */
static void carve_inside(struct exam *e)
{
    if (!may_open(e->run, e->item) || !note_container(e->run, e->work, e->item, e->identity))
        return;
    if (e->work->bytes && e->work->content == CONTENT_SLOT && !e->is_picture)
        content_show(&e->view);
    e->container = open_container(e->worker, e->work, e->item, e->identity, e->item->type, TYPE_OTHER, true);
    if (e->container)
        e->item = container_item(e->container);
}

/** The picture's own status, unless bytes of it were missing: that stands above what could be decoded all the same. */
static void decode_picture_of(struct exam *e)
{
    struct item *item = e->item;
    enum trawl_status before = item->status;
    char *words = item->detail;
    item->detail = NULL;
    bool more = examine_picture(e->worker, item);
    if (more && !examine_embedded(&e->view, e->work, item))
        before = TRAWL_OK;
    if (before == TRAWL_OK) {
        /* What its reader said of it stays: that it was rendered, say. */
        if (item->detail)
            free(words);
        else
            item->detail = words;
        return;
    }
    free(item->detail);
    item->detail = words;
    item->status = before;
    item->limit = LIMIT_NONE;
}

static void digest_and_match(struct exam *e)
{
    bool whole = e->work->is_digested;
    if (whole)
        e->item->digests = e->work->digests;
    else
        whole = content_digest(&e->view, &e->item->digests);
    if (e->work->is_digested)
        content_probe(&e->view);
    e->item->has_digests = whole && !e->work->not_whole;
    check_evidence(&e->view, e->work, e->item);
    rules_digests(&e->run->rules, e->item);
    open_text(e);
}

/** A container whose line, with its digests, is another shard's, but which has parts that are this one's. Only whether
 * it is on a list of known files must be known here, too. */
static void examine_parts(struct exam *e)
{
    bool known = e->run->rules.known;
    if (known)
        digest_and_match(e);
    if (atomic_load(&e->run->stop)) {
        work_status(e->item, TRAWL_UNREACHED, LIMIT_NONE, "interrupted");
        return;
    }
    item_detail(e->item, "another shard has the digests and the other parts of this container");
    if (known && rules_suppress(&e->run->rules, e->item))
        e->item->status = TRAWL_SUPPRESSED;
    else if (e->inside && !e->is_picture && type_class(e->inside) != CLASS_VIDEO && !e->damaged)
        open_inside(e);
}

struct container *examine_bytes(struct worker *worker, struct work *work, struct item *item, struct identity *identity)
{
    struct exam e = {.worker = worker, .run = worker->run, .work = work, .item = item, .identity = identity};
    look(&e);
    if (work->share.of && !share_has(&work->share, 0)) {
        examine_parts(&e);
        content_close(&e.view);
        return e.container;
    }
    /* A container of the host is opened first, so that others can pull from it while this worker hashes it. */
    bool handed_over = e.inside && !e.is_picture && type_class(e.inside) != CLASS_VIDEO &&
                       work->content == CONTENT_FILE && !e.run->rules.known && !e.damaged;
    if (handed_over)
        open_inside(&e);
    digest_and_match(&e);
    bool io_error = e.item->status == TRAWL_IO_ERROR;
    if (atomic_load(&e.run->stop) && !io_error) {
        e.item->has_digests = false;
        work_status(e.item, TRAWL_UNREACHED, LIMIT_NONE, "interrupted");
        e.inside = TYPE_OTHER;
        e.view.magics.found = false;
    } else if (rules_suppress(&e.run->rules, e.item)) {
        e.item->status = TRAWL_SUPPRESSED;
        e.inside = TYPE_OTHER;
        e.view.magics.found = false;
    } else if (e.is_picture && rules_skip(&e.run->rules, e.item)) {
        if (!e.damaged && !io_error)
            item_detail(e.item, "not decoded: its digest is on a list");
    } else if (e.is_picture) {
        decode_picture_of(&e);
    } else if (e.part_of[0] && !io_error) {
        item->status = TRAWL_NOT_MEDIA;
        item_detail(item, SEGMENTS_PART_WORDS "%s", e.part_of);
    } else if (!handed_over && !e.inside && !e.damaged && !io_error) {
        status_of_type(e.item);
    }
    if (e.inside)
        open_inside(&e);
    else if (holds_files(&e))
        carve_inside(&e);
    content_close(&e.view);
    return e.container;
}

void examine_streamed(struct worker *worker, struct work *work, struct item *item)
{
    item->type = work->type;
    item->digests = work->digests;
    item->has_digests = !work->not_whole;
    rules_digests(&worker->run->rules, item);
    if (item->status != TRAWL_OK)
        return;
    status_of_type(item);
    if (rules_suppress(&worker->run->rules, item)) {
        item->status = TRAWL_SUPPRESSED;
    } else if (work->zip_tail && content_may_hide_zip(item->type)) {
        item->status = TRAWL_UNSUPPORTED;
        item_detail(
            item,
            "a zip archive stands at its end, and the file is too large to keep: extract it and scan it by itself");
    } else if (work->holds_files) {
        item->status = TRAWL_UNSUPPORTED;
        item_detail(item,
                    "files seem to be inside, and it is too large to keep: extract it and scan it by itself to carve");
    }
}
