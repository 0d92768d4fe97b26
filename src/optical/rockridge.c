/* rockridge.c: Rock Ridge: the names, kinds, dates and folders that POSIX has, in the records of ISO 9660. */
#include "optical/iso.h"

#include <string.h>

#include "source/bytes.h"

/** Bytes of an area behind a record, and how many areas a record may have. */
#define AREA_MAX  4096u
#define AREAS_MAX 64u
/** A record of the extension CD-ROM XA stands first. */
#define XA_BYTES 14u

/** A record's fields, while they are read. */
struct rock {
    const struct iso_tree *tree;
    struct rock_ridge *out;
    /** The name goes on in the next field. */
    bool name_more;
    /** Where more fields are; 0 bytes: nowhere. */
    uint64_t more_at;
    uint32_t more_size;
    bool is_end;
};

static void read_continuation(struct rock *rock, const uint8_t *p, size_t n)
{
    (void)n;
    uint32_t at = le32(p + 12), size = le32(p + 20);
    rock->more_at = iso_place_of(rock->tree, p + 4, 0, false) + (at <= AREA_MAX ? at : be32(p + 16));
    rock->more_size = size <= AREA_MAX ? size : be32(p + 24);
}

static void read_end(struct rock *rock, const uint8_t *p, size_t n)
{
    (void)p, (void)n;
    rock->is_end = true;
}

static void read_name(struct rock *rock, const uint8_t *p, size_t n)
{
    struct rock_ridge *out = rock->out;
    /* The folder itself, that above, the machine's name. */
    if (p[4] & 0x26)
        return;
    if (!rock->name_more)
        out->name_len = 0;
    n -= 5;
    if (n > sizeof(out->name) - out->name_len) {
        n = sizeof(out->name) - out->name_len;
        out->why = "its name is cut";
    }
    memcpy(out->name + out->name_len, p + 5, n);
    out->name_len += n;
    rock->name_more = p[4] & 1;
}

static void read_mode(struct rock *rock, const uint8_t *p, size_t n)
{
    (void)n;
    rock->out->mode = le32(p + 4);
}

static void read_link(struct rock *rock, const uint8_t *p, size_t n)
{
    (void)p, (void)n;
    rock->out->is_link = true;
}

static void read_device(struct rock *rock, const uint8_t *p, size_t n)
{
    (void)p, (void)n;
    rock->out->is_device = true;
}

static void read_sparse(struct rock *rock, const uint8_t *p, size_t n)
{
    (void)p, (void)n;
    rock->out->is_sparse = true;
}

static void read_child(struct rock *rock, const uint8_t *p, size_t n)
{
    (void)n;
    rock->out->child = iso_place_of(rock->tree, p + 4, 0, true);
}

static void read_relocated(struct rock *rock, const uint8_t *p, size_t n)
{
    (void)p, (void)n;
    rock->out->is_relocated = true;
}

static void read_times(struct rock *rock, const uint8_t *p, size_t n)
{
    static const uint8_t which[] = {ORIGIN_CREATED, ORIGIN_WRITTEN, ORIGIN_ACCESSED, ORIGIN_CHANGED};
    size_t length = p[4] & 0x80 ? 17 : 7, at = 5;
    for (unsigned i = 0; i < sizeof(which); i++) {
        if (!(p[4] >> i & 1))
            continue;
        if (at + length > n)
            return;
        rock->out->times[which[i]] = length == 17 ? iso_time_long(p + at) : iso_time(p + at, true);
        at += length;
    }
}

static void read_packed(struct rock *rock, const uint8_t *p, size_t n)
{
    (void)n;
    struct optical_packed *packed = &rock->out->packed;
    bool is_second = p[4] == 'P' && p[5] == 'Z';
    if (is_second || (p[4] == 'p' && p[5] == 'z'))
        *packed = (struct optical_packed){.size = is_second ? le64(p + 8) : le32(p + 8),
                                          .block_shift = p[7],
                                          .header_size = p[6] < 64 ? (uint8_t)(4 * p[6]) : 0};
}

static const struct {
    char name[2];
    uint8_t length;
    void (*read)(struct rock *rock, const uint8_t *p, size_t n);
} fields[] = {
    {{'C', 'E'}, 28, read_continuation}, {{'S', 'T'}, 4, read_end},     {{'N', 'M'}, 5, read_name},
    {{'P', 'X'}, 12, read_mode},         {{'S', 'L'}, 5, read_link},    {{'P', 'N'}, 20, read_device},
    {{'S', 'F'}, 12, read_sparse},       {{'C', 'L'}, 12, read_child},  {{'R', 'E'}, 4, read_relocated},
    {{'T', 'F'}, 5, read_times},         {{'Z', 'F'}, 16, read_packed},
};

static void area_read(struct rock *rock, const uint8_t *p, size_t n)
{
    for (size_t at = 0; n - at >= 4 && !rock->is_end;) {
        size_t length = p[at + 2];
        if (length < 4 || length > n - at)
            return;
        for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
            if (!memcmp(p + at, fields[i].name, 2) && length >= fields[i].length)
                fields[i].read(rock, p + at, length);
        at += length;
    }
}

/** The areas that fields lead to, in turn; they may lead round. */
static void areas_follow(struct rock *rock)
{
    struct optical *disc = rock->tree->disc;
    uint8_t bytes[AREA_MAX];
    for (unsigned i = 0; rock->more_size && !rock->out->why; i++) {
        uint32_t size = rock->more_size;
        uint64_t at = rock->more_at;
        rock->more_size = 0;
        rock->is_end = false;
        if (i == AREAS_MAX || size > AREA_MAX) {
            rock->out->why = "its fields of Rock Ridge have no end";
        } else if (!optical_read(disc, bytes, size, at)) {
            rock->out->why = "its fields of Rock Ridge cannot be read";
        } else {
            optical_claim(disc, at, size);
            area_read(rock, bytes, size);
        }
    }
}

void rock_ridge_read(const struct iso_tree *tree, const struct iso_record *record, struct rock_ridge *out)
{
    struct rock rock = {.tree = tree, .out = out};
    out->name_len = 0;
    out->mode = 0;
    out->is_link = out->is_sparse = out->is_device = out->is_relocated = false;
    out->child = ORIGIN_UNKNOWN;
    out->packed = (struct optical_packed){0};
    out->why = NULL;
    for (unsigned i = 0; i < ORIGIN_TIMES; i++)
        out->times[i] = ORIGIN_NO_TIME;
    if (record->system_len > tree->system_skip)
        area_read(&rock, record->system + tree->system_skip, record->system_len - tree->system_skip);
    areas_follow(&rock);
}

/** The field that must stand first in the root's record; some programs leave it out. */
static bool probe_at(struct iso_tree *tree, const uint8_t *p, size_t n)
{
    if (n >= 7 && p[0] == 'S' && p[1] == 'P' && p[2] == 7 && p[4] == 0xbe && p[5] == 0xef) {
        tree->system_skip = p[6];
        return true;
    }
    return n >= 5 && p[2] >= 5 && p[2] <= n && p[3] == 1 && (!memcmp(p, "RR", 2) || !memcmp(p, "PX", 2));
}

void rock_ridge_probe(struct iso_tree *tree, const struct iso_record *root)
{
    uint8_t p[256] = {0};
    struct iso_record record;
    optical_read(tree->disc, p, 255, root->place);
    if (!iso_record_read(tree, p, 255, &record) || record.name_len != 1 || record.name[0])
        return;
    tree->has_rock_ridge = probe_at(tree, record.system, record.system_len);
    if (!tree->has_rock_ridge && record.system_len > XA_BYTES &&
        probe_at(tree, record.system + XA_BYTES, record.system_len - XA_BYTES)) {
        tree->has_rock_ridge = true;
        tree->system_skip = XA_BYTES;
    }
}
