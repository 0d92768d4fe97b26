/* message.h: one packet with descriptors over a SEQPACKET socket. */
#ifndef SANDBOX_MESSAGE_H
#define SANDBOX_MESSAGE_H

#include <stddef.h>

/** Sends one packet with n_fds descriptors (at most 3). Returns 0 or -errno. */
int message_send(int socket, const void *data, size_t size, const int *fds, unsigned n_fds);
/**
 * Receives one packet of exactly `size` bytes and at most *n_fds descriptors, close-on-exec. Returns 0; 1 at the end of
 * the stream; -errno (-EPROTO: another size). Descriptors come with 0 only.
 */
int message_receive(int socket, void *data, size_t size, int *fds, unsigned *n_fds);

#endif
