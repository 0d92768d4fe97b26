#include "scan/sources.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"

/** How soon a stop is seen. */
#define WAIT_MS 200

/** A descriptor whose reader gives up where the run is to stop. */
struct patient {
    int fd;
    const atomic_bool *stop;
};

static ssize_t patient_read(void *cookie, char *bytes, size_t n)
{
    const struct patient *patient = cookie;
    struct pollfd poll_fd = {.fd = patient->fd, .events = POLLIN};
    for (;;) {
        if (patient->stop && atomic_load(patient->stop))
            return 0;
        int r = poll(&poll_fd, 1, WAIT_MS);
        ssize_t got = r > 0 ? read(patient->fd, bytes, n) : -1;
        if (got >= 0)
            return got;
        if ((r < 0 || (r > 0 && errno != EAGAIN)) && errno != EINTR)
            return -1;
    }
}

static int patient_close(void *cookie)
{
    struct patient *patient = cookie;
    int r = patient->fd == STDIN_FILENO ? 0 : close(patient->fd);
    free(patient);
    return r;
}

/** Opening a FIFO waits for who writes, unless it is told not to; reading it waits all the same. */
static FILE *open_from(const struct sources *sources)
{
    const char *path = sources->options->from;
    int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return NULL;
    struct patient *patient = ALLOC(struct patient);
    *patient = (struct patient){fd, sources->stop};
    return fopencookie(patient, "r", (cookie_io_functions_t){.read = patient_read, .close = patient_close});
}

/** The next line of --from without its end; NULL at the end. Empty lines are passed over. */
static const char *next_line(struct sources *sources)
{
    const struct scan_options *o = sources->options;
    ssize_t n;
    while ((n = getdelim(&sources->line, &sources->line_cap, o->from_nul ? '\0' : '\n', sources->from)) > 0) {
        if (sources->line[n - 1] == (o->from_nul ? '\0' : '\n'))
            sources->line[--n] = '\0';
        if (n > 0 && !o->from_nul && sources->line[n - 1] == '\r')
            sources->line[--n] = '\0';
        if (n > 0)
            return sources->line;
    }
    if (ferror(sources->from)) {
        fprintf(stderr, "trawl: %s: %s\n", o->from, strerror(errno));
        sources->failed = true;
    }
    return NULL;
}

const char *sources_next(struct sources *sources)
{
    const struct scan_options *o = sources->options;
    if (sources->next < o->n_sources)
        return o->sources[sources->next++];
    if (o->from && !sources->from_tried) {
        sources->from_tried = true;
        sources->from = open_from(sources);
        if (!sources->from) {
            fprintf(stderr, "trawl: %s: %s\n", o->from, strerror(errno));
            sources->failed = true;
        }
    }
    return sources->from ? next_line(sources) : NULL;
}

void sources_close(struct sources *sources)
{
    if (sources->from)
        fclose(sources->from);
    free(sources->line);
}
