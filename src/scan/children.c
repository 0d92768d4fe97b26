/* children.c: which zygote forks the child that a type needs; the second one is started at the first such file. */
#include "scan/children.h"

#include <errno.h>
#include <stdio.h>

bool run_reads(const struct run *run, bool heavy)
{
    return !heavy || readers_present(run->readers);
}

struct zygote *run_zygote(struct run *run, bool heavy)
{
    char why[256];
    if (!heavy)
        return run->zygote;
    struct zygote *zygote = readers_zygote(run->readers, why, sizeof(why));
    if (*why)
        fprintf(stderr, "trawl: %s\n", why);
    return zygote;
}

struct decoder_handle *worker_decoder(struct worker *worker, enum file_type type)
{
    const struct decoder *row = decode_find(type);
    if (!row || !row->heavy)
        return &worker->decoder;
    struct decoder_handle *decoder = &worker->heavy_decoder;
    if (!decoder->zygote) {
        struct zygote *zygote = run_zygote(worker->run, true);
        if (!zygote) {
            run_fail(worker->run, -ENOEXEC);
            return NULL;
        }
        decoder_open(decoder, zygote, &worker->run->stop);
    }
    return decoder;
}
