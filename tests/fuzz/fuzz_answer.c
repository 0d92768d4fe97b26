/* fuzz_answer.c: what main takes from a decoder: a message of any length with any descriptors, then any bytes as a
 * result. */
#include <sys/socket.h>

#include "fuzz.h"
#include "sandbox/decoder.h"
#include "sandbox/message.h"

static uint8_t byte_of(const bool *flag)
{
    uint8_t byte;
    memcpy(&byte, flag, 1);
    return byte;
}

/** All that main relies on, said again. */
static void check_sane(const struct decode_result *r)
{
    static const uint8_t no_hash[PDQ_BYTES];
    bool hashed = r->status == TRAWL_OK || r->status == TRAWL_PARTIAL;
    CHECK(hashed || r->status == TRAWL_UNSUPPORTED || r->status == TRAWL_DAMAGED || r->status == TRAWL_LIMIT);
    CHECK((unsigned)r->limit < LIMIT_COUNT && (r->status == TRAWL_LIMIT) == (r->limit != LIMIT_NONE));
    CHECK(memchr(r->detail, 0, sizeof(r->detail)) && fuzz_printable(r->detail));
    CHECK(r->orientation <= 8 && byte_of(&r->has_pdq) <= 1 && byte_of(&r->screen) <= 1 && byte_of(&r->pdq.stable) <= 1);
    CHECK(!r->has_pdq || (hashed && r->width >= PDQ_MIN_SIDE && r->height >= PDQ_MIN_SIDE));
    CHECK(r->pdq.quality >= 0 && r->pdq.quality <= 100);
    CHECK(byte_of(&r->has_rotations) <= 1 && byte_of(&r->rotations_stable) <= 1 && (!r->has_rotations || r->has_pdq));
    CHECK(!r->has_rotations || memcmp(r->rotations[PDQ_ORIGINAL], r->pdq.hash, PDQ_BYTES) == 0);
    CHECK(r->has_pdq || (!r->screen && memcmp(r->pdq.hash, no_hash, PDQ_BYTES) == 0));
}

static int lowest_free_fd(void)
{
    int fd = dup(STDERR_FILENO);
    CHECK(fd >= 0);
    close(fd);
    return fd;
}

static void send_raw(int socket, const void *bytes, size_t n, unsigned n_fds)
{
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(16 * sizeof(int))];
    } control = {0};
    struct iovec part = {(void *)(uintptr_t)bytes, n};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (n_fds) {
        message.msg_control = control.space;
        message.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(n_fds * sizeof(int));
        for (unsigned i = 0; i < n_fds; i++)
            ((int *)(void *)CMSG_DATA(c))[i] = STDERR_FILENO;
    }
    CHECK(sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)n);
}

/** Whatever comes is either a whole answer or refused, and no descriptor stays. */
static bool receive(const uint8_t *bytes, size_t n, unsigned n_fds, struct decoder_answer *answer)
{
    int pair[2], before = lowest_free_fd();
    CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
    send_raw(pair[1], bytes, n, n_fds);
    close(pair[1]);
    int r = message_receive(pair[0], answer, decoder_answer_size(1), NULL, NULL);
    close(pair[0]);
    CHECK(lowest_free_fd() == before);
    CHECK((r == 0) == (n == decoder_answer_size(1)) && (r == 1) == !n);
    return r == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    struct decoder_answer answer;
    unsigned n_fds = (unsigned)fuzz_number(&in, 1) % 17;
    uint8_t *exact = fuzz_copy(in.p, in.n);
    if (!receive(exact, in.n, n_fds, &answer)) {
        memset(&answer, 0, sizeof(answer));
        memcpy(&answer, exact, in.n < sizeof(answer) ? in.n : sizeof(answer));
    }
    if (decode_result_sane(&answer.results[0]))
        check_sane(&answer.results[0]);
    free(exact);
    return 0;
}
