#include <criterion/criterion.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../scratch.h"
#include "sandbox/message.h"

static void make_pair(int pair[2])
{
    cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
}

Test(message, bytes_and_descriptors)
{
    int pair[2], pipes[3][2], fds[3], got[3];
    char in[300], out[300];
    make_pair(pair);
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(pipe(pipes[i]), 0);
        fds[i] = pipes[i][1];
    }
    for (size_t i = 0; i < sizeof(in); i++)
        in[i] = (char)(i * 7);
    for (unsigned n = 0; n <= 3; n++) {
        unsigned room = 3;
        cr_assert_eq(message_send(pair[0], in, sizeof(in), fds, n), 0);
        cr_assert_eq(message_receive(pair[1], out, sizeof(out), got, &room), 0);
        cr_assert_eq(room, n);
        cr_assert_eq(memcmp(in, out, sizeof(in)), 0);
        for (unsigned i = 0; i < n; i++) {
            cr_assert(fcntl(got[i], F_GETFD) & FD_CLOEXEC);
            char word = (char)('a' + i), read_back = 0;
            cr_assert_eq(write(got[i], &word, 1), 1);
            cr_assert_eq(read(pipes[i][0], &read_back, 1), 1);
            cr_assert_eq(read_back, word, "the descriptors are in order");
            close(got[i]);
        }
    }
}

Test(message, too_many_descriptors_are_not_sent)
{
    int pair[2], fds[4] = {0, 0, 0, 0};
    make_pair(pair);
    cr_assert_eq(message_send(pair[0], "x", 1, fds, 4), -EINVAL);
    cr_assert_eq(message_send(pair[0], "x", 1, (int[]){-1}, 1), -EBADF);
}

/** Whatever comes: descriptors that are not handed to the caller are closed. */
Test(message, nothing_leaks)
{
    int pair[2], fds[3] = {0, 1, 2}, got[3];
    char bytes[8];
    make_pair(pair);
    unsigned before = scratch_open_files(), room = 1;
    cr_assert_eq(message_send(pair[0], "12345678", 8, fds, 3), 0);
    cr_assert_eq(message_receive(pair[1], bytes, 8, got, &room), 0);
    cr_assert_eq(room, 1u);
    close(got[0]);
    cr_assert_eq(scratch_open_files(), before, "more came than there was room for");
    cr_assert_eq(message_send(pair[0], "12345678", 8, fds, 3), 0);
    cr_assert_eq(message_receive(pair[1], bytes, 8, NULL, NULL), 0);
    cr_assert_eq(scratch_open_files(), before, "none were expected");
    for (size_t size = 0; size < 16; size++) {
        if (size == 8)
            continue;
        room = 3;
        cr_assert_eq(message_send(pair[0], "0123456789abcdef", size, fds, 3), 0);
        cr_assert_eq(message_receive(pair[1], bytes, 8, got, &room), size ? -EPROTO : 1, "%zu bytes", size);
        cr_assert_eq(room, 0u);
        cr_assert_eq(scratch_open_files(), before, "%zu bytes", size);
    }
}

/** Packets keep their borders. */
Test(message, another_size)
{
    int pair[2];
    char bytes[8] = "";
    make_pair(pair);
    cr_assert_eq(message_send(pair[0], "1234567", 7, NULL, 0), 0);
    cr_assert_eq(message_send(pair[0], "123456789", 9, NULL, 0), 0);
    cr_assert_eq(message_send(pair[0], "abcdefgh", 8, NULL, 0), 0);
    cr_assert_eq(message_receive(pair[1], bytes, 8, NULL, NULL), -EPROTO);
    cr_assert_eq(message_receive(pair[1], bytes, 8, NULL, NULL), -EPROTO);
    cr_assert_eq(message_receive(pair[1], bytes, 8, NULL, NULL), 0);
    cr_assert_eq(memcmp(bytes, "abcdefgh", 8), 0);
}

Test(message, the_other_side_is_gone)
{
    int pair[2];
    char byte;
    make_pair(pair);
    cr_assert_eq(message_send(pair[1], "x", 1, NULL, 0), 0);
    close(pair[1]);
    cr_assert_eq(message_receive(pair[0], &byte, 1, NULL, NULL), 0, "what was sent before is there");
    cr_assert_eq(message_receive(pair[0], &byte, 1, NULL, NULL), 1);
    cr_assert_eq(message_send(pair[0], "x", 1, NULL, 0), -EPIPE, "and no signal");
    cr_assert_eq(message_receive(-1, &byte, 1, NULL, NULL), -EBADF);
}
