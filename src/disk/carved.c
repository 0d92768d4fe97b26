/* carved.c: ranges of the medium, handed to the carver; what it finds leaves with its volume and a name below that. */
#include <string.h>

#include "disk/disk.h"
#include "disk/file.h"

static size_t source_read(struct carve_source *source, void *to, size_t n, uint64_t offset)
{
    struct medium *medium = ((struct disk_source *)source)->medium;
    uint64_t before = medium->bad_reads;
    size_t got = medium_read(medium, to, n, offset);
    source->holes += medium->bad_reads - before;
    return got;
}

void disk_source_set(struct disk_source *source, struct medium *medium)
{
    *source = (struct disk_source){.source = {.read = source_read}, .medium = medium};
}

/** Stands between the carver and the real sink: gives each file its name. */
struct carve_sink {
    struct unpack_sink sink;
    struct disk *disk;
    const struct carve_area *what;
    bool passing;
};

static int sink_entry(struct unpack_sink *sink, const struct unpack_entry *entry)
{
    struct carve_sink *to = (struct carve_sink *)sink;
    const struct carve_area *what = to->what;
    static char name[NAME_ROOM + 64];
    struct unpack_entry named = *entry;
    to->passing = entry->offset != UINT64_MAX && entry->offset >= what->end;
    if (to->passing)
        return 1;
    size_t less = what->less < entry->name_len ? what->less : entry->name_len, n = entry->name_len - less;
    size_t head = what->head_len < sizeof(name) ? what->head_len : sizeof(name);
    n = n < sizeof(name) - head ? n : sizeof(name) - head;
    memcpy(name, what->head, head);
    memcpy(name + head, entry->name + less, n);
    named.name = (const uint8_t *)name;
    named.name_len = head + n;
    to->disk->entries++;
    return to->disk->sink->entry(to->disk->sink, &named);
}

static int sink_data(struct unpack_sink *sink, const void *data, size_t n, uint64_t offset)
{
    struct carve_sink *to = (struct carve_sink *)sink;
    return to->passing ? 1 : to->disk->sink->data(to->disk->sink, data, n, offset);
}

static void sink_entry_end(struct unpack_sink *sink, enum trawl_status status, uint64_t size, const char *detail)
{
    struct carve_sink *to = (struct carve_sink *)sink;
    if (!to->passing)
        to->disk->sink->entry_end(to->disk->sink, status, size, detail);
}

static void sink_alive(struct unpack_sink *sink)
{
    disk_alive(((struct carve_sink *)sink)->disk);
}

struct origin carved_origin(const struct volume *volume, const struct filesystem *filesystem)
{
    struct origin origin = volume_origin(ORIGIN_CARVED, volume, filesystem);
    origin.allocated = ORIGIN_DELETED;
    return origin;
}

uint64_t disk_carve(struct disk *disk, const struct carve_area *what)
{
    struct disk_source source;
    struct carve_sink sink = {
        .sink = {.entry = sink_entry, .data = sink_data, .entry_end = sink_entry_end, .alive = sink_alive},
        .disk = disk,
        .what = what,
    };
    struct limits limits = disk->input->limits;
    const struct carve_job job = {
        .source = &source.source,
        .ranges = what->ranges,
        .n_ranges = what->n,
        .joined = what->joined,
        .index = what->index,
        .announce_from = disk->input->first_index,
        .origin = what->origin,
        .credit = what->credit,
        .sink = &sink.sink,
        .limits = &limits,
    };
    struct unpack_end said = {.status = TRAWL_OK};
    disk_source_set(&source, &disk->medium);
    if (disk->input->carve == CARVE_NONE || !what->n)
        return what->index;
    if (what->most && limits.value[LIMIT_ENTRIES] > what->most)
        limits.value[LIMIT_ENTRIES] = what->most;
    uint64_t index = carve_run(&job, &said);
    if (said.status != TRAWL_OK)
        end_note(disk->end, said.status, "%s", said.detail);
    if (said.limit && !disk->end->limit)
        disk->end->limit = said.limit;
    return index;
}

void disk_carve_range(struct disk *disk, const struct volume *volume, const char *prefix,
                      const struct carve_range *range, uint64_t index)
{
    const struct origin origin = carved_origin(volume, NULL);
    const struct carve_area what = {.origin = &origin,
                                    .head = prefix,
                                    .head_len = strlen(prefix),
                                    .ranges = range,
                                    .n = 1,
                                    .index = index,
                                    .end = UINT64_MAX};
    disk_carve(disk, &what);
}
