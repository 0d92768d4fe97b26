#include "document/pst_file.h"

#include <stdio.h>
#include <string.h>

static struct pst_bytes *bytes_of(intptr_t *handle)
{
    return (struct pst_bytes *)handle;
}

static int file_free(intptr_t **handle, libbfio_error_t **error)
{
    (void)error;
    *handle = NULL;
    return 1;
}

static int file_clone(intptr_t **to, intptr_t *from, libbfio_error_t **error)
{
    (void)error;
    *to = from;
    return 1;
}

static int file_open(intptr_t *handle, int flags, libbfio_error_t **error)
{
    (void)handle, (void)flags, (void)error;
    return 1;
}

static int file_close(intptr_t *handle, libbfio_error_t **error)
{
    (void)handle, (void)error;
    return 0;
}

static ssize_t file_read(intptr_t *handle, uint8_t *to, size_t n, libbfio_error_t **error)
{
    struct pst_bytes *bytes = bytes_of(handle);
    size_t done = 0, got;
    const uint8_t *p;
    (void)error;
    while (done < n && (p = window_at(&bytes->window, bytes->at, 1, &got))) {
        got = got < n - done ? got : n - done;
        memcpy(to + done, p, got);
        done += got;
        bytes->at += got;
    }
    return (ssize_t)done;
}

static ssize_t file_write(intptr_t *handle, const uint8_t *from, size_t n, libbfio_error_t **error)
{
    (void)handle, (void)from, (void)n, (void)error;
    return -1;
}

static off64_t file_seek(intptr_t *handle, off64_t offset, int whence, libbfio_error_t **error)
{
    struct pst_bytes *bytes = bytes_of(handle);
    off64_t from = whence == SEEK_CUR ? (off64_t)bytes->at : whence == SEEK_END ? (off64_t)bytes->window.size : 0;
    (void)error;
    if (__builtin_add_overflow(from, offset, &from) || from < 0)
        return -1;
    bytes->at = (uint64_t)from;
    return from;
}

static int file_exists(intptr_t *handle, libbfio_error_t **error)
{
    (void)handle, (void)error;
    return 1;
}

static int file_size(intptr_t *handle, size64_t *size, libbfio_error_t **error)
{
    (void)error;
    *size = bytes_of(handle)->window.size;
    return 1;
}

bool pst_handle(struct pst_bytes *bytes, libbfio_handle_t **handle)
{
    return libbfio_handle_initialize(handle, (intptr_t *)bytes, file_free, file_clone, file_open, file_close, file_read,
                                     file_write, file_seek, file_exists, file_exists, file_size, 0, NULL) == 1;
}
