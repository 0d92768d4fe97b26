/* decoder_child.c: the loop inside a sandboxed decoder: a picture's size comes in, its hash goes out. */
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sandbox/child.h"
#include "sandbox/decoder.h"
#include "sandbox/message.h"
#include "sandbox/mock.h"

/** Maps the slot's memory read-only, over what was mapped before. */
static const uint8_t *show(const uint8_t *old, int fd)
{
    if (old)
        munmap((void *)(uintptr_t)old, SLOT_MAX);
    void *map = mmap(NULL, SLOT_MAX, PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    if (map == MAP_FAILED)
        _exit(CHILD_EXIT_MEMORY);
    return map;
}

/** Answers that wait for those behind them. */
struct answers {
    struct decoder_answer items[DECODER_PARTS];
    unsigned n;
};

static bool send_all(struct answers *answers)
{
    for (unsigned i = 0; i < answers->n; i++)
        if (message_send(CHILD_FD_SOCKET, &answers->items[i], sizeof(answers->items[i]), NULL, 0) != 0)
            return false;
    answers->n = 0;
    return true;
}

void decoder_child(void)
{
    static struct answers answers;
    const uint8_t *map = NULL;
    for (;;) {
        struct decoder_ask ask;
        int fd = -1;
        unsigned n = 1;
        if (message_receive(CHILD_FD_SOCKET, &ask, sizeof(ask), &fd, &n) != 0)
            _exit(CHILD_EXIT_DONE);
        if (n == 1)
            map = show(map, fd);
        if (!map || ask.size > SLOT_MAX || ask.offset > SLOT_MAX - ask.size)
            _exit(CHILD_EXIT_PROTOCOL);
        const uint8_t *data = map + ask.offset;
        struct decoder_answer *answer = &answers.items[answers.n++];
        memset(answer, 0, sizeof(*answer));
        answer->sequence = ask.sequence;
        if (mock_is(data, (size_t)ask.size))
            mock_decode(data, (size_t)ask.size, answer);
        else
            decode_picture(&ask.request, data, (size_t)ask.size, &answer->result);
        if ((!ask.more || answers.n == DECODER_PARTS) && !send_all(&answers))
            _exit(CHILD_EXIT_DONE);
    }
}
