/* row.c: the image of an optical disc, as a file: its trees, what no tree leads to, and what is left. */
#include <stdlib.h>

#include "carve/file_source.h"
#include "optical/optical.h"

/** What a range costs at least, in bytes, and a file beside its bytes: as for zips (source/zip_plan.c). Who reads a
 * range lists all files again: 3 us each, a tenth of the time that its own bytes should take. */
#define RANGE_COST (32ull << 20)
#define FILE_COST  4096u
#define LIST_COST  (32ull << 10)

static uint64_t cost_of(const struct optical_file *file)
{
    uint64_t size = file->n_runs ? file->packed.size ? file->packed.size : file->size : 0;
    return size > UINT64_MAX / 2 ? UINT64_MAX / 2 : size + FILE_COST;
}

/** Cuts the listed files behind each n-th of the cost; of all that the trees name, and of nothing else. */
static bool plan(struct optical *disc, struct unpack_range *first)
{
    struct unpack_range ranges[UNPACK_RANGES];
    const struct unpack_input *input = disc->input;
    uint64_t total = 0, done = 0;
    if (!disc->sink->plan || !input->split_bytes || input->first_index || input->is_retry || input->range.end)
        return false;
    for (size_t i = 0; i < disc->n_listed; i++)
        if (__builtin_add_overflow(total, cost_of(&disc->files[i]), &total))
            return false;
    uint64_t n = total / (RANGE_COST + LIST_COST * disc->n_listed);
    n = n < UNPACK_RANGES ? n : UNPACK_RANGES;
    if (n < 2 || total > input->split_bytes)
        return false;
    size_t made = 0;
    ranges[0] = (struct unpack_range){0, 0, 0};
    for (size_t i = 0; i < disc->n_listed; i++) {
        done += cost_of(&disc->files[i]);
        if (made + 1 < n && i + 1 < disc->n_listed && done >= total / n * (made + 1)) {
            ranges[made].end = i + 1;
            ranges[++made] = (struct unpack_range){i + 1, 0, 0};
        }
    }
    ranges[made].end = disc->n_listed;
    if (made < 1)
        return false;
    *first = ranges[0];
    disc->sink->plan(disc->sink, ranges, made + 1);
    return true;
}

/** How many of the image's bytes its volume explains. */
static uint64_t accounted(const struct optical *disc, struct window *window)
{
    uint64_t end = disc->declared;
    if (disc->claimed.n && disc->claimed.items[disc->claimed.n - 1].end > end)
        end = disc->claimed.items[disc->claimed.n - 1].end;
    return end >= disc->size || window_zeros(window, end, disc->size) ? disc->size : end;
}

/** What nothing claims is searched for files. */
static void carve(struct optical *disc)
{
    size_t n;
    struct carve_range *ranges = optical_unclaimed(disc, &n);
    /* What begins with the image is the image itself. */
    if (ranges && n && ranges[0].start == 0)
        ranges[0].start = 1;
    if (ranges && n && disc->end->status != TRAWL_LIMIT)
        carve_rest(disc->input, disc->sink, ranges, n, disc->n_files, disc->end);
    free(ranges);
}

/** The files of a range: what there is to say of the image is said by who reads behind the last one. */
static void read_range(struct optical *disc, const struct optical_out *out, const struct unpack_range *range)
{
    uint64_t end = range->end < disc->n_listed ? range->end : disc->n_listed;
    *disc->end = (struct unpack_end){.status = TRAWL_OK};
    if (range->first < end)
        optical_deliver(disc, out, (size_t)range->first, (size_t)end);
    disc->end->missing = range->end - end;
}

static void read_all(struct optical *disc, struct window *window)
{
    const struct optical_out out = {.prefix = "", .stride = 1, .origin = origin_of(ORIGIN_CONTAINER)};
    struct unpack_range range = disc->input->range;
    bool listed = optical_list(disc);
    if (range.end || (listed && plan(disc, &range))) {
        read_range(disc, &out, &range);
        return;
    }
    optical_list_rest(disc);
    optical_deliver(disc, &out, 0, disc->n_files);
    disc->end->entries = disc->n_files;
    disc->end->missing = disc->is_cut ? UINT64_MAX : 0;
    disc->end->accounted = listed ? accounted(disc, window) : 0;
    carve(disc);
}

static void optical_run(const struct unpack_input *input, struct unpack_sink *sink, struct unpack_end *end)
{
    struct file_source file;
    struct optical disc = {.source = &file.source, .size = input->size, .input = input, .sink = sink, .end = end};
    *end = (struct unpack_end){.status = TRAWL_OK};
    if (!file_source_open(&file, input->fd, input->size)) {
        end_memory(end);
        end->missing = UINT64_MAX;
        return;
    }
    read_all(&disc, &file.window);
    if (file.window.holes)
        end_note(end, TRAWL_IO_ERROR, HOLES_DETAIL);
    optical_free(&disc);
    file_source_close(&file);
}

static bool optical_handles(enum file_type type)
{
    return type == TYPE_ISO9660;
}

const struct unpacker optical_unpacker = {.name = "optical", .handles = optical_handles, .run = optical_run};
