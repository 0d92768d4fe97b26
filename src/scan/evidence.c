#include "scan/evidence.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/buf.h"

#define SECTOR 512u
/** More ranges than this are counted, not listed. */
#define LISTED 256u

void evidence_init(struct evidence *evidence, int fd, uint64_t size)
{
    *evidence = (struct evidence){.fd = fd, .size = size};
}

void evidence_clear(struct evidence *evidence)
{
    free(evidence->bad);
    *evidence = (struct evidence){.fd = -1};
}

static uint64_t end_of(const struct bad_range *range)
{
    return range->offset + range->length;
}

/** Keeps the ranges sorted and apart: the end of a file is looked at before its middle, and all of it twice. */
static void note_bad(struct evidence *e, uint64_t offset, uint64_t length)
{
    size_t at = e->n_bad;
    while (at && e->bad[at - 1].offset > offset)
        at--;
    if (at && end_of(&e->bad[at - 1]) >= offset) {
        struct bad_range *before = &e->bad[--at];
        if (end_of(before) < offset + length)
            before->length = offset + length - before->offset;
    } else {
        RESERVE(e->bad, e->n_bad, e->cap_bad);
        memmove(&e->bad[at + 1], &e->bad[at], (e->n_bad++ - at) * sizeof(*e->bad));
        e->bad[at] = (struct bad_range){offset, length};
    }
    struct bad_range *range = &e->bad[at], *next = range + 1;
    while (at + 1 < e->n_bad && end_of(range) >= next->offset) {
        if (end_of(next) > end_of(range))
            range->length = end_of(next) - range->offset;
        memmove(next, next + 1, (--e->n_bad - at - 1) * sizeof(*e->bad));
    }
}

/** One pread, repeated for EINTR and short reads. Returns bytes read, or -errno if not one could be. */
static ssize_t read_once(int fd, uint8_t *data, size_t n, uint64_t offset)
{
    size_t done = 0;
    while (done < n) {
        ssize_t r = pread(fd, data + done, n - done, (off_t)(offset + done));
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return done ? (ssize_t)done : -errno;
        if (r == 0)
            break;
        done += (size_t)r;
    }
    return (ssize_t)done;
}

/** Where the piece that failed is cut: in half, at a sector's border. */
static size_t half(size_t n, uint64_t offset)
{
    uint64_t middle = (offset + n / 2) / SECTOR * SECTOR;
    return middle > offset ? (size_t)(middle - offset) : SECTOR - (size_t)(offset % SECTOR);
}

size_t evidence_read(struct evidence *e, void *data, size_t n, uint64_t offset)
{
    uint8_t *p = data;
    size_t done = 0, piece = n;
    while (done < n) {
        if (piece > n - done)
            piece = n - done;
        ssize_t r = read_once(e->fd, p + done, piece, offset + done);
        if (r == 0) {
            if (offset + done < e->size && !e->is_short) {
                e->is_short = 1;
                e->short_at = offset + done;
            }
            break;
        }
        if (r > 0) {
            done += (size_t)r;
            piece *= 2;
            continue;
        }
        /* It fails: nearer and nearer to the bad sector, which is tried a second time before it is given up. */
        size_t smaller = half(piece, offset + done);
        if (smaller < piece) {
            piece = smaller;
            continue;
        }
        if (read_once(e->fd, p + done, piece, offset + done) != (ssize_t)piece) {
            memset(p + done, 0, piece);
            note_bad(e, offset + done, piece);
        }
        done += piece;
        /* Its neighbour is bad too, most likely: a failing read takes a disk seconds, so no large piece is tried at
         * once. */
        piece = SECTOR;
    }
    return done;
}

void evidence_describe(const struct evidence *e, struct buf *out)
{
    for (size_t i = 0; i < e->n_bad && i < LISTED; i++)
        buf_printf(out, "%s%llu+%llu", i ? ", " : "unreadable bytes: ", (unsigned long long)e->bad[i].offset,
                   (unsigned long long)e->bad[i].length);
    if (e->n_bad > LISTED)
        buf_printf(out, " and %zu more ranges", e->n_bad - LISTED);
    if (e->is_short)
        buf_printf(out, "%sthe file ended at byte %llu while it was read", e->n_bad ? "; " : "",
                   (unsigned long long)e->short_at);
}
