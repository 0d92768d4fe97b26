/* readers.c: where the second zygote is, when it is started, and whether it is the right one. */
#include "sandbox/readers.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/alloc.h"
#include "sandbox/channel.h"
#include "sandbox/decoder.h"
#include "sandbox/message.h"
#include "sandbox/selftest.h"
#include "trawl/scan.h"

struct readers {
    struct zygote *first;
    bool sandboxed, present;
    pthread_mutex_t lock;
    bool tried;
    struct zygote *zygote;
};

bool readers_path(char *path, size_t size)
{
    ssize_t n = readlink("/proc/self/exe", path, size - 1);
    if (n <= 0)
        return false;
    path[n] = '\0';
    char *name = strrchr(path, '/');
    if (!name || (size_t)(name + 1 - path) + sizeof(READERS_PROGRAM) > size)
        return false;
    memcpy(name + 1, READERS_PROGRAM, sizeof(READERS_PROGRAM));
    return true;
}

void readers_hello_fill(struct readers_hello *hello)
{
    memset(hello, 0, sizeof(*hello));
    snprintf(hello->version, sizeof(hello->version), "%s", TRAWL_VERSION);
    hello->spec = sizeof(struct child_spec);
    hello->ask = sizeof(struct channel_ask);
    hello->decode = sizeof(struct decoder_answer);
    hello->types = TYPE_COUNT;
}

struct readers *readers_new(struct zygote *first, bool sandboxed)
{
    char path[4096];
    struct readers *readers = ALLOC(struct readers);
    *readers = (struct readers){.first = first, .sandboxed = sandboxed};
    pthread_mutex_init(&readers->lock, NULL);
    readers->present = readers_path(path, sizeof(path)) && access(path, X_OK) == 0;
    return readers;
}

bool readers_present(const struct readers *readers)
{
    return readers->present;
}

static struct zygote *start(const struct readers *readers, char *why, size_t why_size)
{
    struct readers_hello hello, wanted;
    struct zygote *zygote = zygote_start_readers(readers->first);
    if (!zygote) {
        snprintf(why, why_size, READERS_PROGRAM " could not be started: %s", strerror(errno));
        return NULL;
    }
    readers_hello_fill(&wanted);
    if (zygote_hello(zygote, &hello, sizeof(hello)) || memcmp(&hello, &wanted, sizeof(hello)) != 0)
        snprintf(why, why_size, READERS_PROGRAM " does not answer, or belongs to another version of trawl");
    else if (!readers->sandboxed || !sandbox_selftest(zygote, why, why_size))
        return zygote;
    zygote_stop(zygote);
    return NULL;
}

struct zygote *readers_zygote(struct readers *readers, char *why, size_t why_size)
{
    *why = '\0';
    pthread_mutex_lock(&readers->lock);
    if (!readers->tried)
        readers->zygote = start(readers, why, why_size);
    readers->tried = true;
    struct zygote *zygote = readers->zygote;
    pthread_mutex_unlock(&readers->lock);
    return zygote;
}

void readers_free(struct readers *readers)
{
    if (!readers)
        return;
    zygote_stop(readers->zygote);
    pthread_mutex_destroy(&readers->lock);
    free(readers);
}
