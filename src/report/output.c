#include "report/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "core/io.h"

#define DRAIN_BYTES (256u << 10)

struct tmp_name {
    char text[64];
};

static struct tmp_name tmp_name(const struct output *output)
{
    struct tmp_name name;
    snprintf(name.text, sizeof(name.text), "%s.tmp", output->name);
    return name;
}

void output_open(struct output *output, int dirfd, const char *name)
{
    *output = (struct output){.dirfd = dirfd, .name = name};
    output->fd = openat(dirfd, tmp_name(output).text, O_CREAT | O_RDWR | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    output->error = output->fd < 0 ? -errno : 0;
}

static void write_buffered(struct output *output)
{
    if (!output->error)
        output->error = io_write_all(output->fd, output->buf.data, output->buf.len);
    output->buf.len = 0;
}

void output_drain(struct output *output)
{
    if (output->buf.len >= DRAIN_BYTES)
        write_buffered(output);
}

int output_finish(struct output *output)
{
    write_buffered(output);
    if (!output->error && fsync(output->fd) < 0)
        output->error = -errno;
    if (output->fd >= 0 && close(output->fd) < 0 && !output->error)
        output->error = -errno;
    output->fd = -1;
    buf_free(&output->buf);
    return output->error;
}

int output_publish(struct output *output)
{
    if (!output->error && renameat(output->dirfd, tmp_name(output).text, output->dirfd, output->name) < 0)
        output->error = -errno;
    return output->error;
}

void output_discard(struct output *output)
{
    if (output->fd >= 0)
        close(output->fd);
    output->fd = -1;
    buf_free(&output->buf);
    unlinkat(output->dirfd, tmp_name(output).text, 0);
}

int output_end(struct output *output)
{
    int r = output_finish(output);
    if (!r)
        r = output_publish(output);
    if (r)
        output_discard(output);
    return r;
}

struct output *outputs_add(struct outputs *outputs, int dirfd, const char *name)
{
    struct output *output = &outputs->items[outputs->n++];
    output_open(output, dirfd, name);
    return output;
}

int outputs_publish(struct outputs *outputs, int dirfd, int error)
{
    for (size_t i = 0; i < outputs->n && !error; i++)
        error = output_finish(&outputs->items[i]);
    size_t published = 0;
    while (!error && published < outputs->n)
        error = output_publish(&outputs->items[published++]);
    for (size_t i = error ? 0 : outputs->n; i < outputs->n; i++)
        output_discard(&outputs->items[i]);
    if (!error && fsync(dirfd) < 0)
        error = -errno;
    return error;
}
