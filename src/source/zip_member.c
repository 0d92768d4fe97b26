/* zip_member.c: one entry of a zip: its local header, its data, what is wrong with it. */
#include "source/zip.h"

#include <string.h>
#include <sys/stat.h>
#define ZLIB_CONST
#include <zlib.h>

/** Target of a symbolic link: PATH_MAX. A longer "link" is data that hides. */
#define LINK_MAX_BYTES 4096

void zip_extra64(struct zip_entry *entry, const uint8_t *extra, size_t n)
{
    uint64_t *const wide[] = {&entry->usize, &entry->csize, &entry->header};
    while (n >= 4) {
        size_t size = le16(extra + 2);
        if (size > n - 4)
            return;
        if (le16(extra) == 1) {
            const uint8_t *p = extra + 4;
            for (size_t i = 0; i < 3; i++)
                if (*wide[i] == UINT32_MAX && size >= 8) {
                    *wide[i] = le64(p);
                    p += 8;
                    size -= 8;
                }
            return;
        }
        extra += 4 + size;
        n -= 4 + size;
    }
}

bool zip_local(struct zip *zip, struct zip_entry *entry)
{
    size_t n;
    const uint8_t *p = window_at(&zip->data, entry->header, ZIP_LOCAL_SIZE, &n);
    if (!p || n < ZIP_LOCAL_SIZE || le32(p) != ZIP_LOCAL)
        return false;
    entry->data = entry->header + ZIP_LOCAL_SIZE + le16(p + 26) + le16(p + 28);
    return true;
}

static bool method_known(unsigned method)
{
    return method <= 20 || (method >= 93 && method <= 99);
}

bool zip_entry_from_local(struct zip *zip, uint64_t at, uint64_t to, struct zip_entry *entry, uint8_t name[65536])
{
    size_t n, need = ZIP_LOCAL_SIZE + 2 * 65535;
    const uint8_t *p = window_at(&zip->data, at, need, &n);
    if (!p || n < ZIP_LOCAL_SIZE || le32(p) != ZIP_LOCAL || p[4] >= 100 || !method_known(le16(p + 8)))
        return false;
    *entry = (struct zip_entry){
        .header = at,
        .flags = le16(p + 6),
        .method = le16(p + 8),
        .crc = le32(p + 14),
        .csize = le32(p + 18),
        .usize = le32(p + 22),
        .name = name,
        .name_len = le16(p + 26),
    };
    size_t extra = le16(p + 28);
    entry->data = at + ZIP_LOCAL_SIZE + entry->name_len + extra;
    if (entry->data > to || n < entry->data - at)
        return false;
    memcpy(name, p + ZIP_LOCAL_SIZE, entry->name_len);
    zip_extra64(entry, p + ZIP_LOCAL_SIZE + entry->name_len, extra);
    entry->header = at;
    /* A size that runs into what is known to be something else is no better than none. */
    entry->open_ended =
        (entry->flags & ZIP_FLAG_DESCRIPTOR && !entry->csize && !entry->crc) || entry->csize > to - entry->data;
    return true;
}

size_t zip_descriptor(struct zip *zip, uint64_t at, const struct zip_entry *entry)
{
    size_t n;
    const uint8_t *p = window_at(&zip->data, at, 24, &n);
    size_t sign = p && n >= 4 && le32(p) == ZIP_DESCRIPTOR ? 4 : 0;
    if (n < sign + 12 || (!sign && le32(p) != entry->crc))
        return 0;
    if (n >= sign + 20 && le64(p + sign + 4) == entry->csize && le64(p + sign + 12) == entry->usize)
        return sign + 20;
    return sign || le32(p + 4) == (uint32_t)entry->csize ? sign + 12 : 0;
}

static enum file_type entry_type(const struct zip_entry *entry)
{
    bool unix_mode = entry->host == 3 || entry->host == 19;
    unsigned kind = unix_mode ? entry->attributes >> 16 & S_IFMT : 0;
    if (kind == S_IFLNK && entry->usize <= LINK_MAX_BYTES)
        return TYPE_SYMLINK;
    /* Nothing, deflated, is two bytes; encryption puts twelve in front. */
    bool hides = entry->csize > (entry->method == ZIP_DEFLATED ? 2 : 0) && !(entry->flags & ZIP_FLAG_ENCRYPTED);
    if (entry->usize || hides || entry->open_ended)
        return TYPE_OTHER; /* whatever it calls itself: its bytes are looked at */
    if (kind == S_IFDIR || (entry->name_len && entry->name[entry->name_len - 1] == '/') ||
        (!unix_mode && entry->attributes & 0x10))
        return TYPE_DIRECTORY;
    return kind == S_IFIFO                      ? TYPE_FIFO
           : kind == S_IFSOCK                   ? TYPE_SOCKET
           : kind == S_IFCHR || kind == S_IFBLK ? TYPE_DEVICE
                                                : TYPE_OTHER;
}

struct unpack_entry zip_describe(const struct zip_entry *entry)
{
    return (struct unpack_entry){
        .index = entry->index,
        .offset = entry->header,
        .size = entry->open_ended ? UINT64_MAX : entry->usize,
        .type = entry_type(entry),
        .name = entry->name,
        .name_len = entry->name_len,
    };
}

void zip_refuse(struct zip *zip, const struct zip_entry *entry, enum trawl_status status, const char *detail)
{
    struct member member;
    struct unpack_entry description = zip_describe(entry);
    member_begin(&member, zip->input, zip->sink, &description);
    member_end(&member, status, 0, detail);
}

/** One entry's data on its way. */
struct flow {
    struct zip *zip;
    const struct zip_entry *entry;
    struct member member;
    /** Bytes taken of the data, bytes given. */
    uint64_t in, out;
    uint32_t crc;
    enum trawl_status status;
    char detail[UNPACK_DETAIL];
};

static void flow_fail(struct flow *flow, enum trawl_status status, const char *why)
{
    flow->status = status;
    detail_format(flow->detail, "%s", why);
}

/** The next bytes of at most `limit`; NULL, and failed, where the container ends. */
static const uint8_t *flow_in(struct flow *flow, uint64_t limit, size_t *n)
{
    struct window *window = &flow->zip->data;
    const uint8_t *p = flow->in < limit ? window_at(window, flow->entry->data + flow->in, 1, n) : NULL;
    if (p && *n > limit - flow->in)
        *n = (size_t)(limit - flow->in);
    if (p)
        return p;
    *n = 0;
    if (window->error) {
        flow->status = TRAWL_IO_ERROR;
        detail_format(flow->detail, "cannot read at offset %llu: %s", (unsigned long long)window->error_at,
                      strerror(window->error));
        window->error = 0;
    } else {
        flow_fail(flow, TRAWL_DAMAGED, "its data ends too early");
    }
    return NULL;
}

/** Gives n bytes on. False if that is all. */
static bool flow_out(struct flow *flow, const uint8_t *data, size_t n)
{
    flow->crc = zip_crc(flow->crc, data, n);
    member_data(&flow->member, data, n, flow->out);
    flow->out += n;
    return flow->member.wanted || flow->entry->open_ended;
}

static void flow_stored(struct flow *flow, uint64_t limit)
{
    uint64_t usize = flow->entry->open_ended ? limit : flow->entry->usize, total = usize < limit ? usize : limit;
    while (flow->in < total) {
        size_t n;
        const uint8_t *p = flow_in(flow, total, &n);
        if (!p)
            return;
        flow->in += n;
        if (!flow_out(flow, p, n))
            return;
    }
    if (flow->entry->csize > usize && !flow->entry->open_ended)
        flow_fail(flow, TRAWL_DAMAGED, "more data than declared");
    flow->in = limit;
}

/** One call of inflate. Returns Z_OK to go on. */
static int flow_inflate_step(struct flow *flow, uint64_t limit)
{
    z_stream *z = flow->zip->inflater;
    uint64_t room = flow->entry->open_ended ? UINT64_MAX : flow->entry->usize - flow->out;
    size_t n = 0;
    uint8_t more;
    /* Where the output was filled, inflate may hold back some that needs no input. */
    if (!z->avail_in && z->avail_out) {
        z->next_in = flow_in(flow, limit, &n);
        z->avail_in = (unsigned)n;
        if (!n)
            return Z_BUF_ERROR;
    }
    unsigned before = z->avail_in;
    /* At the declared size one byte of room is left, to see whether there is more. */
    z->next_out = room ? flow->zip->out : &more;
    z->avail_out = room >= ZIP_WINDOW ? ZIP_WINDOW : room ? (unsigned)room : 1;
    unsigned space = z->avail_out;
    int r = inflate(z, Z_NO_FLUSH);
    flow->in += before - z->avail_in;
    unsigned got = space - z->avail_out;
    if (!room && got) {
        flow_fail(flow, TRAWL_DAMAGED, "more data than declared");
        return Z_BUF_ERROR;
    }
    if (got && !flow_out(flow, flow->zip->out, got))
        return Z_BUF_ERROR;
    return r == Z_BUF_ERROR && !z->avail_in ? Z_OK : r;
}

static void flow_deflated(struct flow *flow, uint64_t limit)
{
    z_stream *z = flow->zip->inflater;
    inflateReset(z);
    z->avail_in = 0;
    z->avail_out = 1;
    int r;
    do
        r = flow_inflate_step(flow, limit);
    while (r == Z_OK);
    if (r == Z_DATA_ERROR || r == Z_NEED_DICT)
        flow_fail(flow, TRAWL_DAMAGED, "the deflate data is broken");
    else if (r == Z_MEM_ERROR)
        flow_fail(flow, TRAWL_DAMAGED, "not enough memory for it");
}

/** The entry in one go. False where it is too large for that, or anything is wrong with it. */
static bool flow_whole(struct flow *flow, uint64_t limit)
{
    const struct zip_entry *entry = flow->entry;
    const uint8_t *data = flow->member.wanted && entry->csize <= limit ? zip_whole(flow->zip, entry, &flow->in) : NULL;
    if (!data)
        return false;
    flow->out = entry->usize;
    flow->crc = entry->crc;
    member_data(&flow->member, data, (size_t)entry->usize, 0);
    return true;
}

/** What the sizes and the checksum say, once all data was read. */
static void flow_verify(struct flow *flow)
{
    const struct zip_entry *entry = flow->entry;
    if (flow->status != TRAWL_OK || !flow->member.wanted || entry->open_ended)
        return;
    if (flow->out != entry->usize) {
        flow->status = TRAWL_DAMAGED;
        detail_format(flow->detail, "%llu bytes of %llu", (unsigned long long)flow->out,
                      (unsigned long long)entry->usize);
    } else if (flow->crc != entry->crc) {
        flow_fail(flow, TRAWL_DAMAGED, "CRC mismatch");
    }
}

/** Where a stored entry of unknown length ends: at its descriptor, else at the next header. */
static uint64_t open_ended_limit(struct zip *zip, const struct zip_entry *entry, uint64_t to)
{
    for (uint64_t at = entry->data; at < to;) {
        size_t n;
        const uint8_t *p = window_at(&zip->data, at, 20, &n), *hit;
        if (!p || n < 20)
            return to - entry->data;
        hit = memmem(p, n - 16, "PK", 2);
        if (!hit || hit > p + n - 20) {
            at += n - 19;
            continue;
        }
        if (at + (uint64_t)(hit - p) >= to)
            return to - entry->data;
        uint64_t length = at + (uint64_t)(hit - p) - entry->data;
        uint32_t sign = le32(hit);
        if ((sign == ZIP_DESCRIPTOR && le32(hit + 8) == (uint32_t)length) || sign == ZIP_LOCAL || sign == ZIP_CENTRAL)
            return length;
        at += (uint64_t)(hit - p) + 2;
    }
    return to - entry->data;
}

/** An entry of unknown size ends with its descriptor, which has the checksum. */
static void open_ended_verify(struct flow *flow, uint64_t taken)
{
    struct zip_entry found = *flow->entry;
    size_t n;
    const uint8_t *p = window_at(&flow->zip->data, found.data + taken, 16, &n);
    bool described = p && n >= 16 && le32(p) == ZIP_DESCRIPTOR && le32(p + 8) == (uint32_t)taken;
    if (flow->status != TRAWL_OK)
        return;
    if (!described)
        flow_fail(flow, TRAWL_DAMAGED, "its size is not known");
    else if (le32(p + 4) != flow->crc)
        flow_fail(flow, TRAWL_DAMAGED, "CRC mismatch");
}

static uint64_t member_stream(struct flow *flow, uint64_t limit)
{
    const struct zip_entry *entry = flow->entry;
    if (entry->method == ZIP_STORED && entry->open_ended)
        limit = open_ended_limit(flow->zip, entry, entry->data + limit);
    if (entry->method == ZIP_STORED)
        flow_stored(flow, limit);
    else if (!flow_whole(flow, limit))
        flow_deflated(flow, limit);
    flow_verify(flow);
    if (entry->open_ended)
        open_ended_verify(flow, flow->in);
    else if (flow->status == TRAWL_OK && flow->member.wanted && flow->in < limit)
        flow->zip->slack += limit - flow->in;
    return entry->open_ended ? flow->in : limit;
}

/** Methods that zlib does not know. */
static uint64_t member_other(struct flow *flow, uint64_t limit)
{
    struct zip_entry sized = *flow->entry;
    if (sized.open_ended) {
        limit = open_ended_limit(flow->zip, &sized, sized.data + limit);
        flow_fail(flow, TRAWL_UNSUPPORTED, "its size is not known");
        return limit;
    }
    if (flow->member.wanted)
        flow->status = zip_other(flow->zip, &sized, &flow->member, flow->detail);
    flow->out = flow->member.end;
    return limit;
}

uint64_t zip_member(struct zip *zip, const struct zip_entry *entry, uint64_t to)
{
    struct flow flow = {.zip = zip, .entry = entry};
    struct unpack_entry description = zip_describe(entry);
    uint64_t room = to > entry->data ? to - entry->data : 0;
    uint64_t taken = entry->open_ended || entry->csize > room ? room : entry->csize;
    member_begin(&flow.member, zip->input, zip->sink, &description);
    bool wanted = flow.member.wanted;
    uint64_t holes = zip->data.holes;
    if (entry->flags & ZIP_FLAG_ENCRYPTED || entry->method == ZIP_AES) {
        flow_fail(&flow, TRAWL_ENCRYPTED, "encrypted");
        taken = entry->open_ended ? open_ended_limit(zip, entry, to) : taken;
    } else if (entry->method != ZIP_STORED && entry->method != ZIP_DEFLATED) {
        taken = member_other(&flow, taken);
    } else if (wanted || entry->open_ended) {
        taken = member_stream(&flow, taken);
    }
    if (flow.status == TRAWL_OK && !flow.member.wanted && !entry->open_ended)
        flow.out = entry->usize;
    if (zip->data.holes != holes && wanted)
        flow_fail(&flow, TRAWL_IO_ERROR, HOLES_DETAIL);
    member_end(&flow.member, flow.status, flow.out, flow.detail);
    return taken;
}
