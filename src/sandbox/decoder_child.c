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

static void decode(const struct decoder_ask *ask, const uint8_t *map, unsigned i, struct decode_result *result)
{
    const struct decoder_part *part = &ask->parts[i];
    struct decode_request request = ask->request;
    request.type = part->type;
    if (part->size > SLOT_MAX || part->offset > SLOT_MAX - part->size)
        _exit(CHILD_EXIT_PROTOCOL);
    const uint8_t *data = map + part->offset;
    memset(result, 0, sizeof(*result));
    if (mock_is(data, (size_t)part->size))
        mock_decode(data, (size_t)part->size, result);
    else
        decode_picture(&request, data, (size_t)part->size, result);
}

void decoder_child(void)
{
    static struct decoder_answer answer;
    const uint8_t *map = NULL;
    for (;;) {
        struct decoder_ask ask;
        int fd = -1;
        unsigned n = 1;
        if (message_receive(CHILD_FD_SOCKET, &ask, sizeof(ask), &fd, &n) != 0)
            _exit(CHILD_EXIT_DONE);
        if (n == 1)
            map = show(map, fd);
        if (!map || ask.n > DECODER_PARTS)
            _exit(CHILD_EXIT_PROTOCOL);
        answer.sequence = ask.sequence;
        for (unsigned i = 0; i < ask.n; i++)
            decode(&ask, map, i, &answer.results[i]);
        if (message_send(CHILD_FD_SOCKET, &answer, decoder_answer_size(ask.n), NULL, 0) != 0)
            _exit(CHILD_EXIT_DONE);
    }
}
