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

static const uint8_t *part_bytes(const struct decoder_part *part, const uint8_t *map)
{
    if (part->size > SLOT_MAX || part->offset > SLOT_MAX - part->size)
        _exit(CHILD_EXIT_PROTOCOL);
    return map + part->offset;
}

static void decode(const struct decoder_ask *ask, const uint8_t *map, unsigned i, struct decode_result *result)
{
    const struct decoder_part *part = &ask->parts[i];
    struct decode_request request = ask->request;
    request.type = part->type;
    const uint8_t *data = part_bytes(part, map);
    memset(result, 0, sizeof(*result));
    if (mock_is(data, (size_t)part->size))
        mock_decode(data, (size_t)part->size, result);
    else
        decode_picture(&request, data, (size_t)part->size, result);
}

static int answer_pictures(const struct decoder_ask *ask, const uint8_t *map)
{
    static struct decoder_answer answer;
    answer.sequence = ask->sequence;
    for (unsigned i = 0; i < ask->n; i++)
        decode(ask, map, i, &answer.results[i]);
    return message_send(CHILD_FD_SOCKET, &answer, decoder_answer_size(ask->n), NULL, 0);
}

static int answer_extras(const struct decoder_ask *ask, const uint8_t *map)
{
    static struct decoder_extras_answer answer;
    struct decode_request request = ask->request;
    request.type = ask->parts[0].type;
    answer.sequence = ask->sequence;
    if (ask->n != 1 || request.count > DECODE_EXTRAS)
        _exit(CHILD_EXIT_PROTOCOL);
    decode_extras(&request, part_bytes(&ask->parts[0], map), (size_t)ask->parts[0].size, &answer.extras);
    return message_send(CHILD_FD_SOCKET, &answer, decoder_extras_size(request.count), NULL, 0);
}

void decoder_child(void)
{
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
        if ((ask.request.extras ? answer_extras(&ask, map) : answer_pictures(&ask, map)) != 0)
            _exit(CHILD_EXIT_DONE);
    }
}
