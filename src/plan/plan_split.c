/*
 * plan_split.c: a zip or a disk image that weighs more than a unit becomes several units. Its reader, in the sandbox,
 * says which ranges it would be read in by one machine; a plan only counts them. A shard asks the reader again, so
 * nothing in a plan tells a reader where to read, and what a range is hangs on the container alone.
 */
#include "plan/plan_split.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "scan/children.h"
#include "scan/container.h"
#include "scan/scan_parts.h"
#include "sandbox/child.h"

struct plan_splitter {
    struct run run;
    bool opened;
    int status;
    uint8_t *head;
};

struct plan_splitter *plan_splitter_new(const struct scan_options *options)
{
    struct plan_splitter *s = ALLOC(struct plan_splitter);
    s->run.options = options;
    s->head = mem_alloc(SNIFF_HEAD);
    return s;
}

int plan_splitter_free(struct plan_splitter *s)
{
    int status = s->status;
    readers_free(s->run.readers);
    zygote_stop(s->run.zygote);
    free(s->head);
    free(s);
    return status;
}

/** The reader that reads the file in ranges, if one may; TYPE_OTHER. */
static enum file_type type_of(struct plan_splitter *s, int fd, const struct where *where, uint64_t size)
{
    char first[UNPACK_SEGMENT_NAME];
    ssize_t n = pread(fd, s->head, SNIFF_HEAD, 0);
    enum file_type type = n > 0 ? sniff(s->head, (size_t)n, size) : TYPE_OTHER;
    bool may = type == TYPE_ZIP || type_class(type) == CLASS_DISK;
    return may && unpack_find(type) && !segments_is_part(where, type, first) ? type : TYPE_OTHER;
}

/** Asks the reader for its plan. Returns the number of ranges; 0: it has none. */
static size_t ask(struct plan_splitter *s, const struct unpacker_job *job)
{
    struct unpacker_handle unpacker;
    struct channel_message message;
    const uint8_t *payload;
    enum limit_id limit;
    struct child_exit how;
    size_t n = 0;
    if (!s->opened) {
        s->opened = true;
        s->status = scan_sandbox(&s->run);
    }
    bool heavy = unpack_find(job->type)->heavy;
    struct zygote *zygote = !s->status && run_reads(&s->run, heavy) ? run_zygote(&s->run, heavy) : NULL;
    if (!zygote || unpacker_open(&unpacker, zygote, job, 1, &s->run.stop))
        return 0;
    if (unpacker_next(&unpacker, &message, &payload, &limit) == 1 && message.type == CHANNEL_PLAN)
        n = message.payload / sizeof(struct unpack_range);
    unpacker_close(&unpacker, &how);
    return n >= 2 && n <= UNPACK_RANGES ? n : 0;
}

/** The ranges of the file, and its bytes with all segments. */
static size_t ranges_of(struct plan_splitter *s, const struct plan_file *file, uint64_t *size)
{
    const struct scan_options *o = s->run.options;
    struct stat st;
    struct segments segments = {0};
    size_t n = 0;
    int fd = open(file->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    struct where *where = where_new(NULL, "file", file->path, strlen(file->path), WHERE_UNKNOWN, WHERE_UNKNOWN);
    bool same = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_size == file->size;
    enum file_type type = same ? type_of(s, fd, where, file->size) : TYPE_OTHER;
    if (type != TYPE_OTHER) {
        segments_open(&segments, where, type);
        *size = file->size + segments.bytes;
        struct unpacker_job job = {.fd = fd,
                                   .size = file->size,
                                   .type = type,
                                   .segments = segments.items,
                                   .n_segments = segments.n,
                                   .carve = o->carve,
                                   .verify = o->verify,
                                   .limits = o->limits,
                                   .split_bytes = container_split_bytes(&o->limits, *size)};
        n = *size >= o->target_bytes ? ask(s, &job) : 0;
        segments_close(&segments);
    }
    where_unref(where);
    close(fd);
    return n;
}

/**
 * Neighbouring ranges together, until they weigh as much as a unit. All weigh the same, for that is how readers cut;
 * who has the first one digests the container as well, which takes a quarter of what reading its members does. What is
 * behind them goes with the last.
 */
static size_t pieces_of(uint64_t size, size_t ranges, uint64_t target, struct plan_piece *pieces)
{
    size_t n = 0;
    for (size_t i = 0; i < ranges; i++) {
        uint64_t bytes = size / ranges + (i ? 0 : size % ranges), weight = bytes + (i ? 0 : size / 4);
        struct plan_piece *last = n ? &pieces[n - 1] : NULL;
        if (!last || last->weight + weight > target) {
            last = &pieces[n++];
            *last = (struct plan_piece){.ranges = {(uint32_t)i, 0, (uint32_t)ranges + 1}, .weight = PLAN_FILE_WEIGHT};
        }
        last->ranges.end = (uint32_t)i + 1;
        last->bytes += bytes;
        last->weight += weight;
    }
    pieces[n - 1].ranges.end++;
    return n;
}

/** Names of first parts end in three characters, a digit the last, as .E01 and .001; and .vmdk. */
static bool may_go_on(const char *path)
{
    size_t n = strlen(path);
    return n > 4 && ((path[n - 4] == '.' && (path[n - 1] == '1' || path[n - 1] == '0')) || path[n - 5] == '.');
}

bool plan_splitter_write(struct plan_splitter *s, struct plan_writer *writer, const struct plan_file *file)
{
    struct plan_piece pieces[UNPACK_RANGES];
    uint64_t size = 0;
    bool may = file->type == TYPE_OTHER && !file->unknown && file->size && !s->status;
    /* The first part of a split image may be small: the others are beside it. */
    size_t ranges = may && (file->size >= writer->target || may_go_on(file->path)) ? ranges_of(s, file, &size) : 0;
    size_t n = ranges ? pieces_of(size, ranges, writer->target, pieces) : 0;
    if (n < 2)
        return false;
    plan_write_split(writer, file, pieces, n);
    return true;
}
