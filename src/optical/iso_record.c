/* iso_record.c: one directory record of ISO 9660 or High Sierra: place, size, name, date. */
#include "optical/iso.h"

#include <string.h>

#include "source/bytes.h"

/** Bytes of a record before its name. */
#define NAME_AT 33u

uint64_t iso_end(const struct iso_tree *tree)
{
    uint64_t end;
    return __builtin_add_overflow(tree->disc->start, tree->disc->size, &end) ? UINT64_MAX : end;
}

uint64_t iso_place(const struct iso_tree *tree, uint64_t block)
{
    uint64_t at = block * tree->block, place;
    if (at < tree->shift)
        return ISO_NOWHERE + at;
    return __builtin_add_overflow(tree->disc->start, at - tree->shift, &place) ? ISO_NOWHERE : place;
}

bool iso_is_folder(const struct iso_tree *tree, uint64_t place)
{
    uint8_t p[NAME_AT + 1];
    return place < iso_end(tree) && optical_read(tree->disc, p, sizeof(p), place) && p[0] > NAME_AT && p[32] == 1 &&
           !p[NAME_AT] && p[tree->is_high_sierra ? 24 : 25] & ISO_DIRECTORY;
}

static bool leads_somewhere(const struct iso_tree *tree, uint64_t place, bool is_folder)
{
    return is_folder ? iso_is_folder(tree, place) : place < iso_end(tree);
}

static void note_differ(const struct iso_tree *tree)
{
    end_note(tree->disc->end, TRAWL_DAMAGED, "a number differs between its two byte orders, and leads nowhere");
}

uint64_t iso_place_of(const struct iso_tree *tree, const uint8_t field[8], unsigned skip, bool is_folder)
{
    uint32_t low = le32(field), high = be32(field + 4);
    uint64_t place = iso_place(tree, (uint64_t)low + skip), other = iso_place(tree, (uint64_t)high + skip);
    if (low == high || leads_somewhere(tree, place, is_folder))
        return place;
    note_differ(tree);
    return high && leads_somewhere(tree, other, is_folder) ? other : place;
}

static uint64_t size_of(const struct iso_tree *tree, const uint8_t field[8], uint64_t place)
{
    uint32_t low = le32(field), high = be32(field + 4);
    uint64_t end = iso_end(tree), left = place < end ? end - place : 0;
    if (low == high || (low && low <= left) || !high || high > left)
        return low;
    note_differ(tree);
    return high;
}

/** Place and size cost reads where the byte orders differ: the lengths are checked before. */
bool iso_record_read(const struct iso_tree *tree, const uint8_t *p, size_t n, struct iso_record *record)
{
    size_t length = n ? p[0] : 0;
    if (length <= NAME_AT || length > n || !p[32] || NAME_AT + p[32] > length)
        return false;
    uint8_t flags = p[tree->is_high_sierra ? 24 : 25];
    *record = (struct iso_record){.flags = flags,
                                  .unit = p[26],
                                  .gap = p[27],
                                  .number = le16(p + 28) == tree->number ? tree->number : be16(p + 30),
                                  .name = p + NAME_AT,
                                  .name_len = p[32],
                                  .time = iso_time(p + 18, !tree->is_high_sierra)};
    size_t system = NAME_AT + record->name_len + !(record->name_len & 1);
    if (system < length) {
        record->system = p + system;
        record->system_len = length - system;
    }
    /* The first record of a folder is what tells that there is one: looked for, it would be looked for for ever. */
    bool is_first = record->name_len == 1 && !record->name[0];
    record->place = iso_place_of(tree, p + 2, p[1], flags & ISO_DIRECTORY && !is_first);
    record->size = size_of(tree, p + 10, record->place);
    return true;
}

/** Without ";1" and the point before it. */
static size_t plain_length(const uint8_t *name, size_t n)
{
    if (n > 2 && name[n - 2] == ';' && name[n - 1] == '1')
        n -= 2;
    if (n > 1 && name[n - 1] == '.')
        n--;
    return n;
}

size_t iso_name(const struct iso_tree *tree, const uint8_t *name, size_t n, uint8_t to[ISO_NAME_MAX])
{
    if (tree->is_joliet && n > 1)
        n = optical_utf16(name, n / 2, to);
    else
        memcpy(to, name, n);
    return plain_length(to, n);
}

int64_t iso_time(const uint8_t *p, bool has_zone)
{
    return optical_time(1900 + p[0], p[1], p[2], p[3], p[4], p[5], has_zone ? 15 * (int8_t)p[6] : 0);
}

static int digits(const uint8_t *p, unsigned n)
{
    int v = 0;
    for (unsigned i = 0; i < n; i++) {
        if (p[i] < '0' || p[i] > '9')
            return -1;
        v = v * 10 + p[i] - '0';
    }
    return v;
}

int64_t iso_time_long(const uint8_t p[17])
{
    static const uint8_t lengths[] = {4, 2, 2, 2, 2, 2, 2};
    int v[7], at = 0;
    for (unsigned i = 0; i < 7; at += lengths[i++])
        if ((v[i] = digits(p + at, lengths[i])) < 0)
            return ORIGIN_NO_TIME;
    int64_t time = optical_time(v[0], v[1], v[2], v[3], v[4], v[5], 15 * (int8_t)p[16]);
    if (time == ORIGIN_NO_TIME || __builtin_add_overflow(time, v[6] * INT64_C(10000000), &time))
        return ORIGIN_NO_TIME;
    return time;
}
