#include "match/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** Whoever may write a list may hide findings. Returns why the file is not taken, or NULL. */
static const char *distrust(const struct stat *st)
{
    if (S_ISDIR(st->st_mode))
        return "is a folder, not a hash list";
    if (!S_ISREG(st->st_mode) && !S_ISFIFO(st->st_mode))
        return "is neither a file nor a pipe";
    if (S_ISREG(st->st_mode) && st->st_size == 0)
        return "is empty";
    if (st->st_mode & 022)
        return "may be written by others, who could hide findings; chmod go-w it first";
    if (st->st_uid != 0 && st->st_uid != geteuid())
        return "belongs to another user, who could hide findings; copy it, or chown it first";
    return NULL;
}

int trust_open(const char *path, const char *shown, char *why, size_t why_size)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0 || fstat(fd, &st) < 0) {
        snprintf(why, why_size, "%s: cannot be read: %s", shown, strerror(errno));
    } else {
        const char *distrusted = distrust(&st);
        if (!distrusted)
            return fd;
        snprintf(why, why_size, "%s: %s", shown, distrusted);
    }
    if (fd >= 0)
        close(fd);
    return -1;
}
