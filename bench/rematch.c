/*
 * rematch.c: makes a case of very many pictures that nobody ever saw, and lists for it; reads its journal and nothing
 * else, which is the least that a rematch can cost.
 *
 *     rematch make FOLDER ITEMS ENTRIES    FOLDER/case, FOLDER/pdq.txt and FOLDER/sha256.txt of so many entries each
 *     rematch read FOLDER                  processor seconds of reading the journal
 *
 * One item in 100,000 is on each list; the PDQ of one in 34 is doubtful, as of found JPEGs.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "draw.h"
#include "scan/recorder.h"
#include "trawl/journal.h"
#include "trawl/report.h"
#include "trawl/scan.h"

enum { LISTED = 100000, DOUBTFUL = 34 };

static _Noreturn void fail(const char *what, int error)
{
    fprintf(stderr, "%s: %s\n", what, strerror(error));
    exit(1);
}

static FILE *open_list(int dirfd, const char *name)
{
    int fd = openat(dirfd, name, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    if (!file)
        fail(name, errno);
    return file;
}

static void put_entry(FILE *list, const char *type, const uint8_t value[32])
{
    struct buf line = {0};
    buf_printf(&line, "%s ", type);
    buf_hex(&line, value, 32);
    buf_byte(&line, '\n');
    fwrite(line.data, 1, line.len, list);
    buf_free(&line);
}

static void start(struct journal *journal)
{
    static char version[] = TRAWL_VERSION, source[] = "nowhere", decode[] = "decode=fast";
    char *sources[] = {source}, *options[] = {decode};
    struct buf payload = {0};
    const struct case_info info = {.version = version,
                                   .sources = sources,
                                   .n_sources = 1,
                                   .options = options,
                                   .n_options = 1,
                                   .max_distance = PDQ_RADIUS,
                                   .min_quality = 50};
    case_info_encode(&info, &payload);
    journal_append(journal, JOURNAL_START, payload.data, payload.len, false);
    buf_free(&payload);
}

/** A picture as a fast scan records it. */
static void record(struct recorder *recorder, uint64_t i, FILE *pdq, FILE *sha256)
{
    char name[64];
    int n = snprintf(name, sizeof(name), "nowhere/archive/%03u/IMG_%08llu.jpg", (unsigned)(i / 1000 % 1000),
                     (unsigned long long)i);
    struct item item = {.size = 100000 + i % 5000000, .type = TYPE_JPEG, .has_digests = true, .has_pdq = true};
    struct identity identity = {.dev = 1, .ino = i, .size = item.size, .mtime = 1700000000000000000 + (int64_t)i};
    item.where = where_new(NULL, "file", name, (size_t)n, WHERE_UNKNOWN, WHERE_UNKNOWN);
    item.width = 4032;
    item.height = 3024;
    item.orientation = 1;
    item.pdq_is_screen = item.pdq_stable = true;
    item.pdq_quality = 100;
    draw(&item.digests, sizeof(item.digests));
    draw(item.pdq, sizeof(item.pdq));
    item.memory = (struct picture_memory){.kept = true, .doubtful = i % DOUBTFUL ? 3 : 40};
    item.memory.first.quality = 100;
    item.memory.first.stable = true;
    recorder_item(recorder, &item, &identity);
    if (i % LISTED == 5)
        put_entry(sha256, "sha256", item.digests.sha256);
    if (i % LISTED == 7) {
        item.pdq[i % 32] ^= 0xff;
        put_entry(pdq, "pdq", item.pdq);
    }
    item_clear(&item);
}

static void make(int dirfd, uint64_t items, uint64_t entries)
{
    struct recorder recorder = {0};
    uint8_t value[32], chain[JOURNAL_CHAIN] = {0}, end[] = {1, 0};
    FILE *pdq = open_list(dirfd, "pdq.txt"), *sha256 = open_list(dirfd, "sha256.txt");
    int r = mkdirat(dirfd, "case", 0700) < 0 || mkdirat(dirfd, "case/journal", 0700) < 0 ? -errno : 0;
    int journal = openat(dirfd, "case/journal", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (r || journal < 0 || (r = journal_open(journal, 1, 0, chain, &recorder.journal)) < 0)
        fail("case", r ? -r : errno);
    start(recorder.journal);
    for (uint64_t i = 0; i < items; i++)
        record(&recorder, i, pdq, sha256);
    journal_append(recorder.journal, JOURNAL_END, end, sizeof(end), false);
    if ((r = journal_close(recorder.journal)) < 0)
        fail("journal", -r);
    for (uint64_t i = items / LISTED; i < entries; i++) {
        draw(value, sizeof(value));
        put_entry(pdq, "pdq", value);
        draw(value, sizeof(value));
        put_entry(sha256, "sha256", value);
    }
    if (fclose(pdq) || fclose(sha256))
        fail("lists", errno);
}

static void read_all(int dirfd)
{
    struct journal_reader *reader;
    struct journal_record item;
    struct timespec t;
    int journal = openat(dirfd, "case/journal", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int r = journal < 0 ? -errno : journal_reader_open(journal, &reader);
    if (r)
        fail("case/journal", -r);
    while (journal_reader_next(reader, &item) == 1)
        continue;
    journal_reader_close(reader);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    printf("%.2f\n", (double)t.tv_sec + (double)t.tv_nsec / 1e9);
}

int main(int argc, char **argv)
{
    int dirfd = argc > 2 ? open(argv[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (dirfd >= 0 && argc == 5 && strcmp(argv[1], "make") == 0) {
        make(dirfd, strtoull(argv[3], NULL, 10), strtoull(argv[4], NULL, 10));
        return 0;
    }
    if (dirfd >= 0 && argc == 3 && strcmp(argv[1], "read") == 0) {
        read_all(dirfd);
        return 0;
    }
    fprintf(stderr, "rematch make FOLDER ITEMS ENTRIES, or rematch read FOLDER; the folder must be there\n");
    return 64;
}
