#include "sandbox/message.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MESSAGE_FDS 3

int message_send(int socket, const void *data, size_t size, const int *fds, unsigned n_fds)
{
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(MESSAGE_FDS * sizeof(int))];
    } control = {0};
    struct iovec part = {(void *)(uintptr_t)data, size};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (n_fds > MESSAGE_FDS)
        return -EINVAL;
    if (n_fds) {
        message.msg_control = control.space;
        message.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(n_fds * sizeof(int));
        memcpy(CMSG_DATA(c), fds, n_fds * sizeof(int));
    }
    ssize_t n;
    do
        n = sendmsg(socket, &message, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : (size_t)n == size ? 0 : -EPROTO;
}

/** Takes the descriptors out of a control message; too many are closed. */
static unsigned take_fds(struct msghdr *message, int *fds, unsigned room)
{
    unsigned n = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
            if (n < room)
                fds[n++] = fd;
            else
                close(fd);
        }
    }
    return n;
}

int message_receive(int socket, void *data, size_t size, int *fds, unsigned *n_fds)
{
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(MESSAGE_FDS * sizeof(int))];
    } control;
    struct iovec part = {data, size};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof(control.space)};
    unsigned room = n_fds ? *n_fds : 0;
    ssize_t n;
    do
        n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return -errno;
    unsigned got = take_fds(&message, fds, room);
    int r = n == 0 ? 1 : (size_t)n == size && !(message.msg_flags & MSG_TRUNC) ? 0 : -EPROTO;
    while (r && got)
        close(fds[--got]);
    if (n_fds)
        *n_fds = got;
    return r;
}
