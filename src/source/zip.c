/*
 * zip.c: reads zip archives by their central directory.
 *
 * A reader of our own, because libarchive's loses entries that share a local header, alters names, cannot start at an
 * entry, and takes thirty times as long for a small stored one. What the directory does not list is looked for in the
 * gaps (zip_gap.c); that is also how an archive without a directory is read.
 */
#include "source/zip.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/** How much one pread brings where entries up to this size are passed over. */
#define PASS_SMALL 4096u
#define PASS_FILL  (32u << 10)

static bool central_at(struct zip *zip, uint64_t at)
{
    size_t n;
    const uint8_t *p = window_at(&zip->directory, at, 4, &n);
    return p && n >= 4 && le32(p) == ZIP_CENTRAL;
}

/** True if the record's directory is there: where it abuts, else where it is declared. */
static bool place_holds(struct zip *zip, struct zip_end *place)
{
    if (place->encrypted || (!place->entries && place->directory == place->directory_end))
        return true;
    if (!central_at(zip, place->directory)) {
        if (!central_at(zip, place->declared))
            return false;
        place->directory = place->declared;
    }
    return true;
}

/** Finds the directory: the last end record that tells the truth, best one that ends with the file. */
static void find_directory(struct zip *zip)
{
    size_t n, want = zip->input->size < ZIP_TAIL ? (size_t)zip->input->size : ZIP_TAIL;
    uint64_t first = zip->input->size - want;
    const uint8_t *p = window_at(&zip->data, first, want, &n);
    if (!p || n < want)
        return;
    struct zip_tail tail = {p, n, zip->input->size};
    zip->directory.fill = 4096; /* only looked into */
    for (int exact = 1; exact >= 0 && !zip->has_directory; exact--)
        for (size_t at = n; !zip->has_directory && zip_end_previous(&tail, &at, &zip->place);)
            zip->has_directory = zip->place.exact == exact && place_holds(zip, &zip->place);
    zip->directory.fill = zip->directory.cap;
}

/* A record that cannot be read whole ends the directory, though zeros in its name would pass: what it and those behind
 * it list is found by the local headers. */
bool zip_central(struct zip *zip, uint64_t *at, struct zip_entry *entry)
{
    size_t n, need = ZIP_CENTRAL_SIZE;
    uint64_t holes = zip->directory.holes;
    const uint8_t *p = window_at(&zip->directory, *at, need, &n);
    if (!p || n < need || le32(p) != ZIP_CENTRAL)
        return false;
    size_t name = le16(p + 28), extra = le16(p + 30);
    need += name + extra + le16(p + 32);
    p = window_at(&zip->directory, *at, need, &n);
    if (!p || n < need || zip->directory.holes != holes || *at + need > zip->place.directory_end)
        return false;
    *entry = (struct zip_entry){
        .index = zip->index,
        .host = p[5],
        .flags = le16(p + 8),
        .method = le16(p + 10),
        .crc = le32(p + 16),
        .csize = le32(p + 20),
        .usize = le32(p + 24),
        .disk = le16(p + 34),
        .attributes = le32(p + 38),
        .header = le32(p + 42),
        .name = p + ZIP_CENTRAL_SIZE,
        .name_len = name,
    };
    zip_extra64(entry, entry->name + name, extra);
    *at += need;
    return true;
}

/** Declared offsets count from the archive's beginning or, in some self-extractors, from the file's. The first entry
 * tells. */
static void choose_base(struct zip *zip)
{
    uint64_t at = zip->place.directory;
    struct zip_entry entry;
    zip->base = zip->place.directory - zip->place.declared;
    if (!zip->base || !zip_central(zip, &at, &entry))
        return;
    struct zip_entry shifted = entry;
    shifted.header += zip->base;
    if (!zip_local(zip, &shifted) && zip_local(zip, &entry))
        zip->base = 0;
}

/** An entry whose local header cannot be read. */
static void lost_entry(struct zip *zip, const struct zip_entry *entry)
{
    char detail[UNPACK_DETAIL];
    if (zip->place.disk && entry->disk != zip->place.disk) {
        detail_format(detail, "on volume %u of a split zip", entry->disk + 1);
        zip_refuse(zip, entry, TRAWL_UNSUPPORTED, detail);
        return;
    }
    detail_format(detail, "no local header at offset %llu", (unsigned long long)entry->header);
    zip_refuse(zip, entry, zip->data.error ? TRAWL_IO_ERROR : TRAWL_DAMAGED, detail);
    zip->broken++;
    zip->data.error = 0;
}

static void listed_entry(struct zip *zip, struct zip_entry *entry)
{
    bool overflow = __builtin_add_overflow(entry->header, zip->base, &entry->header);
    if (overflow || (zip->place.disk && entry->disk != zip->place.disk) || !zip_local(zip, entry)) {
        lost_entry(zip, entry);
        return;
    }
    uint64_t size = zip->input->size, end;
    zip_member(zip, entry, size);
    if (__builtin_add_overflow(entry->data, entry->csize, &end) || end > size)
        end = size;
    if (entry->flags & ZIP_FLAG_DESCRIPTOR)
        end += zip_descriptor(zip, end, entry);
    ranges_add(&zip->ranges, entry->header, end);
}

/** The entries of the directory from `at` on, in its order, up to number `last`. Returns where reading ended. */
static uint64_t read_directory(struct zip *zip, uint64_t at, uint64_t last)
{
    struct zip_entry entry;
    while (at < zip->place.directory_end && zip->index < last && zip_central(zip, &at, &entry)) {
        if (end_at_entry_limit(zip->end, zip->input, zip->index))
            break;
        /* Of entries that are passed over only headers are needed: of small ones, many at once. */
        if (zip->index < zip->input->first_index)
            zip->data.fill = entry.csize < PASS_SMALL ? PASS_FILL : ZIP_LOCAL_SIZE;
        else
            zip->data.fill = ZIP_WINDOW;
        zip->index++;
        zip->listed++;
        zip->end->entries = zip->index;
        listed_entry(zip, &entry);
    }
    zip->data.fill = ZIP_WINDOW;
    return at;
}

/** A range of the directory: what there is to say of the archive is said by who reads behind the last range. */
static void read_range(struct zip *zip, const struct unpack_range *range)
{
    zip->index = range->first;
    if (range->at >= zip->place.directory)
        read_directory(zip, range->at, range->end);
    if (zip->directory.error)
        end_note(zip->end, TRAWL_IO_ERROR, "cannot read the central directory at offset %llu",
                 (unsigned long long)zip->directory.error_at);
    zip->end->missing = range->end - zip->index;
    zip->end->accounted = zip->input->size;
}

/** Entries that the end record declares. Without zip64 it counts modulo 65536. */
static uint64_t declared_entries(const struct zip *zip)
{
    uint64_t n = zip->place.entries;
    if (!zip->place.zip64 && n < zip->listed && (zip->listed - n) % 65536 == 0)
        return zip->listed;
    return n;
}

static void note_directory(struct zip *zip, uint64_t stopped)
{
    uint64_t declared = declared_entries(zip);
    if (zip->directory.error)
        end_note(zip->end, TRAWL_IO_ERROR, "cannot read the central directory at offset %llu",
                 (unsigned long long)zip->directory.error_at);
    else if (zip->broken)
        end_note(zip->end, TRAWL_DAMAGED, "%llu of %llu entries have no local header", (unsigned long long)zip->broken,
                 (unsigned long long)zip->listed);
    else if (declared != zip->listed)
        end_note(zip->end, TRAWL_DAMAGED, "the central directory lists %llu entries of %llu",
                 (unsigned long long)zip->listed, (unsigned long long)declared);
    ranges_add(&zip->ranges, zip->place.directory, stopped);
    ranges_add(&zip->ranges, zip->place.directory_end, zip->place.end);
}

static void note_hidden(struct zip *zip)
{
    uint64_t found = zip->listed + zip->hidden, declared = declared_entries(zip);
    if (!zip->has_directory)
        end_note(zip->end, TRAWL_DAMAGED, "no central directory; %llu entries found by their local headers",
                 (unsigned long long)zip->hidden);
    else if (zip->hidden)
        end_note(zip->end, TRAWL_OK, "%llu entries not in the central directory", (unsigned long long)zip->hidden);
    zip->end->missing = !zip->has_directory ? UINT64_MAX : declared > found ? declared - found : 0;
}

/** The archive, or what of it is behind the ranges. */
static void read_all(struct zip *zip)
{
    if (zip->has_directory)
        note_directory(zip, read_directory(zip, zip->place.directory, UINT64_MAX));
    if (zip->end->status != TRAWL_LIMIT)
        zip_scan_gaps(zip);
    else
        ranges_join(&zip->ranges);
    note_hidden(zip);
    if (zip->end->status != TRAWL_LIMIT)
        zip_carve_gaps(zip);
    uint64_t total = ranges_total(&zip->ranges);
    zip->end->accounted = total > zip->slack ? total - zip->slack : 0;
}

static void zip_read(struct zip *zip)
{
    struct unpack_range range = zip->input->range;
    find_directory(zip);
    if (zip->data.error)
        end_note(zip->end, TRAWL_IO_ERROR, "cannot read at offset %llu", (unsigned long long)zip->data.error_at);
    zip->data.error = 0;
    if (zip->has_directory && zip->place.encrypted) {
        end_note(zip->end, TRAWL_ENCRYPTED, "the central directory is encrypted");
        zip->end->missing = zip->place.entries;
        zip->end->accounted = zip->input->size;
        return;
    }
    if (zip->has_directory)
        choose_base(zip);
    if (range.end || zip_plan(zip, &range))
        read_range(zip, &range);
    else
        read_all(zip);
    if (zip->data.holes || zip->directory.holes)
        end_note(zip->end, TRAWL_IO_ERROR, HOLES_DETAIL);
}

/** The window on the data: room for an entry that is inflated in one go, if there is memory. */
static bool open_data(struct zip *zip)
{
    const struct unpack_input *input = zip->input;
    size_t cap = input->size < ZIP_WHOLE ? (size_t)input->size : ZIP_WHOLE;
    if (cap <= ZIP_WINDOW || !window_init(&zip->data, input->fd, input->size, cap))
        return window_init(&zip->data, input->fd, input->size, ZIP_WINDOW);
    zip->data.fill = ZIP_WINDOW;
    return true;
}

static void zip_run(const struct unpack_input *input, struct unpack_sink *sink, struct unpack_end *end)
{
    z_stream inflater = {0};
    struct zip zip = {.input = input, .sink = sink, .end = end, .inflater = &inflater};
    *end = (struct unpack_end){0};
    bool ready = window_init(&zip.directory, input->fd, input->size, ZIP_WINDOW) && open_data(&zip);
    zip.out = malloc(ZIP_WINDOW);
    if (ready && zip.out && inflateInit2(&inflater, -MAX_WBITS) == Z_OK) {
        zip_read(&zip);
        inflateEnd(&inflater);
    } else {
        end_memory(end);
        end->missing = UINT64_MAX;
    }
    free(zip.out);
    zip_whole_free(&zip);
    ranges_free(&zip.ranges);
    window_free(&zip.data);
    window_free(&zip.directory);
}

static bool zip_handles(enum file_type type)
{
    return type == TYPE_ZIP;
}

const struct unpacker zip_unpacker = {.name = "zip", .handles = zip_handles, .run = zip_run};
