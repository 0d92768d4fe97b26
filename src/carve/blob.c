/* blob.c: the carver as a reader of containers: files of no known kind, and what other readers cannot explain. */
#include <string.h>
#include <unistd.h>

#include "carve/carve.h"
#include "carve/file_source.h"
#include "source/member.h"

static size_t file_read(struct carve_source *source, void *to, size_t n, uint64_t offset)
{
    struct file_source *file = (struct file_source *)source;
    n = offset >= file->window.size ? 0 : n < file->window.size - offset ? n : (size_t)(file->window.size - offset);
    uint8_t *out = to;
    size_t here;
    ssize_t read = pread(file->window.fd, to, n, (off_t)offset);
    size_t got = read > 0 ? (size_t)read : 0;
    while (got < n) {
        const uint8_t *p = window_at(&file->window, offset + got, 1, &here);
        if (!p)
            break;
        here = here < n - got ? here : n - got;
        memcpy(out + got, p, here);
        got += here;
    }
    source->holes = file->window.holes;
    return got;
}

bool file_source_open(struct file_source *file, int fd, uint64_t size)
{
    *file = (struct file_source){.source = {.read = file_read}};
    return window_init(&file->window, fd, size, STREAM_NEAR);
}

void file_source_close(struct file_source *file)
{
    window_free(&file->window);
}

uint64_t carve_rest(const struct unpack_input *input, struct unpack_sink *sink, const struct carve_range *ranges,
                    size_t n, uint64_t index, struct unpack_end *end)
{
    struct file_source file;
    if (input->carve == CARVE_NONE)
        return index;
    if (!file_source_open(&file, input->fd, input->size)) {
        end_memory(end);
        return index;
    }
    struct carve_job job = {
        .source = &file.source,
        .ranges = ranges,
        .n_ranges = n,
        .index = index,
        .announce_from = input->first_index,
        .sink = sink,
        .limits = &input->limits,
    };
    index = carve_run(&job, end);
    if (file.window.error)
        end_note(end, TRAWL_IO_ERROR, "cannot read at offset %llu", (unsigned long long)file.window.error_at);
    file_source_close(&file);
    return index;
}

void carve_behind(const struct unpack_input *input, struct unpack_sink *sink, uint64_t from, struct unpack_end *end)
{
    const struct carve_range rest = {from ? from : 1, input->size};
    if (from < input->size && end->status != TRAWL_LIMIT)
        carve_rest(input, sink, &rest, 1, end->entries, end);
}

/** What begins with the file is the file itself, whatever it is called: found again in each of its copies, it would be
 * carved for ever. */
static void carver_run(const struct unpack_input *input, struct unpack_sink *sink, struct unpack_end *end)
{
    const struct carve_range inside = {1, input->size};
    *end = (struct unpack_end){.accounted = input->size};
    carve_rest(input, sink, &inside, 1, 0, end);
}

static bool carver_handles(enum file_type type)
{
    (void)type;
    return false;
}

const struct unpacker carver_unpacker = {.name = "carver", .handles = carver_handles, .run = carver_run};
