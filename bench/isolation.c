/*
 * isolation.c: what it costs that pictures are decoded in a sandboxed child: the same files decoded in this process and
 * in a child, in turns, all processor time counted.
 *
 *     isolation FILE...
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "sandbox/decoder.h"

enum { ROUNDS = 7 };

struct file {
    uint8_t *data;
    size_t size;
    enum file_type type;
};

/** Processor time of this process, in seconds. */
static double cpu_self(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static struct file load(const char *path)
{
    struct file file = {0};
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0) {
        perror(path);
        exit(1);
    }
    file.size = (size_t)st.st_size;
    file.data = mem_alloc(file.size + 1);
    if (read(fd, file.data, file.size) != (ssize_t)file.size)
        exit(1);
    close(fd);
    file.type = sniff(file.data, file.size < SNIFF_HEAD ? file.size : SNIFF_HEAD, file.size);
    return file;
}

static struct decode_request request_for(const struct file *file)
{
    struct decode_request request;
    memset(&request, 0, sizeof(request));
    request.type = file->type;
    limits_default(&request.limits);
    return request;
}

static double in_process(const struct file *files, int n)
{
    double start = cpu_self();
    for (int i = 0; i < n; i++) {
        struct decode_request request = request_for(&files[i]);
        struct decode_result result;
        memset(&result, 0, sizeof(result));
        decode_picture(&request, files[i].data, files[i].size, &result);
    }
    return cpu_self() - start;
}

/** As scan/ahead.c does: `parts` files in a round trip. */
static double in_child(const struct file *files, int n, int parts, struct decoder_handle *decoder, struct slot *slot)
{
    uint64_t child = child_cpu_ns(decoder->pid);
    double start = cpu_self();
    for (int i = 0; i < n; i += parts) {
        struct decode_request request = request_for(&files[i]);
        struct decoder_part part[DECODER_PARTS];
        struct decode_result results[DECODER_PARTS];
        int k = 0;
        slot_reset(slot, SLOT_MAX);
        for (; k < parts && i + k < n; k++) {
            part[k] = (struct decoder_part){slot->len, files[i + k].size, files[i + k].type};
            if (slot_append(slot, files[i + k].data, files[i + k].size))
                exit(1);
        }
        if (parts == 1)
            decoder_run(decoder, slot, &request, results);
        else
            decoder_run_parts(decoder, slot, &request, part, (unsigned)k, results);
    }
    return cpu_self() - start + (double)(child_cpu_ns(decoder->pid) - child) / 1e9;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    int n = argc - 1;
    atomic_bool stop = false;
    struct slot slot;
    struct decoder_handle decoder;
    struct zygote *zygote = zygote_start(true);
    struct file *files = ALLOC_ARRAY(struct file, (size_t)n + 1);
    double here[ROUNDS], one[ROUNDS], eight[ROUNDS], bytes = 0;
    if (n < 1 || !zygote || slot_open(&slot, AT_FDCWD)) {
        fprintf(stderr, "isolation FILE...\n");
        return 1;
    }
    for (int i = 0; i < n; i++) {
        files[i] = load(argv[i + 1]);
        bytes += (double)files[i].size;
    }
    decoder_open(&decoder, zygote, &stop);
    in_child(files, 1, 1, &decoder, &slot);
    for (int round = 0; round < ROUNDS; round++) {
        here[round] = in_process(files, n);
        one[round] = in_child(files, n, 1, &decoder, &slot);
        eight[round] = in_child(files, n, DECODER_PARTS, &decoder, &slot);
    }
    qsort(here, ROUNDS, sizeof(*here), by_size);
    qsort(one, ROUNDS, sizeof(*one), by_size);
    qsort(eight, ROUNDS, sizeof(*eight), by_size);
    double base = here[ROUNDS / 2] / n * 1e6, alone = one[ROUNDS / 2] / n * 1e6, shared = eight[ROUNDS / 2] / n * 1e6;
    printf("%d files of %.0f bytes, us each: in process %.1f, in a sandboxed child one by one %.1f (%+.1f %%), %d at a "
           "time "
           "%.1f (%+.1f %%)\n",
           n, bytes / n, base, alone, 100 * (alone / base - 1), DECODER_PARTS, shared, 100 * (shared / base - 1));
    decoder_close(&decoder);
    slot_close(&slot);
    zygote_stop(zygote);
    return 0;
}
