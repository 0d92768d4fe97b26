/* scan_hash.c: trawl hash: the line without lists and case; its items are sorted and printed. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "scan/scan_parts.h"

/** Bytes that the sorter holds before it spills. */
#define HASH_SORT_MEMORY (32u << 20)

/** The items in order, to stdout; of one place only once. */
static int print_items(struct run *run)
{
    const uint8_t *key, *value;
    size_t key_len, value_len;
    struct buf line = {0}, last = {0};
    bool unexamined = atomic_load(&run->stop) || atomic_load(&run->incomplete);
    bool any_medium = false, stopped = unexamined;
    int r = sorter_finish(run->recorder.sorter);
    while (!r && (r = sorter_next(run->recorder.sorter, &key, &key_len, &value, &value_len)) == 1) {
        struct item item;
        r = 0;
        bool again = last.len == key_len && memcmp(last.data, key, key_len) == 0;
        last.len = 0;
        buf_put(&last, key, key_len);
        if (again || !item_decode(value, value_len, &item))
            continue;
        unexamined = unexamined || !status_examined(item.status);
        const struct origin *origin = item.where->origin;
        any_medium = any_medium || (origin && origin->kind == ORIGIN_MEDIUM);
        line.len = 0;
        item_json(&item, &line);
        item_clear(&item);
        if (fwrite(line.data, 1, line.len, stdout) != line.len)
            r = -errno;
    }
    if (!r && fflush(stdout))
        r = -errno;
    buf_free(&line);
    buf_free(&last);
    if (r < 0) {
        fprintf(stderr, "trawl: output: %s\n", strerror(-r));
        return EXIT_OUTPUT;
    }
    int unverified = stopped ? 0 : scan_unverified(run->options, any_medium);
    return unexamined ? EXIT_UNEXAMINED : unverified;
}

int scan_hash(struct run *run)
{
    const char *dir = getenv("TMPDIR");
    run->spill_dir = open(dir && *dir ? dir : "/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    run->recorder.sorter = sorter_new(run->spill_dir, HASH_SORT_MEMORY);
    int r = scan_line(run);
    int error = recorder_error(&run->recorder);
    int status = EXIT_OUTPUT;
    if (r || (!error && atomic_load(&run->failed)))
        status = scan_failed(run, r);
    else if (error)
        fprintf(stderr, "trawl: temporary file: %s\n", strerror(-error));
    else
        status = print_items(run);
    sorter_free(run->recorder.sorter);
    if (run->spill_dir >= 0)
        close(run->spill_dir);
    return status;
}
