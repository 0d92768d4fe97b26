/*
 * parts.c: synthetic cases of shards, for measuring trawl merge without scanning anything.
 *
 *   build/release/bench/parts DIR SHARDS LINES [FINDINGS]      (make build/release/bench/parts)
 *
 * makes DIR/part-0 ... DIR/part-(SHARDS - 1), complete shards of one plan with LINES files each, of which every
 * FINDINGS-th (0, which is the default: none) is on a list. They are cases as `trawl scan --plan` leaves them, but for
 * their reports: trawl merge -o CASE DIR/part-* takes all of them, or some (the rest is then told as missing). A line
 * looks like a photo's: a path of four folders, digests, 4000 x 3000 pixels, a screening hash, an identity. Which file
 * is in which shard hangs on its number alone, so parts made with other numbers of shards are of the same evidence.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "scan/recorder.h"
#include "trawl/report.h"
#include "trawl/scan.h"

struct making {
    const char *dir;
    uint64_t shards, lines, findings;
};

/** Bytes that hang on a number: as good as random. */
static void fill(uint64_t seed, void *out, size_t n)
{
    uint8_t *at = out;
    for (size_t i = 0; i < n; i++) {
        seed += 0x9e3779b97f4a7c15u;
        uint64_t z = (seed ^ (seed >> 30)) * 0xbf58476d1ce4e5b9u;
        at[i] = (uint8_t)(z >> 56);
    }
}

static int put_start(const struct making *m, struct journal *journal, uint64_t shard)
{
    static char version[] = TRAWL_VERSION, source[] = "/evidence", list_name[] = "synthetic", path[] = "list.txt";
    char *sources[] = {source};
    struct list_info list = {.name = list_name, .path = path, .format = "lines"};
    struct case_info info = {.version = version, .sources = sources, .n_sources = 1, .max_distance = 31};
    struct buf payload = {0};
    info.min_quality = 50;
    info.lists = &list;
    info.n_lists = m->findings != 0;
    info.shard = (struct shard_info){.shard = (uint32_t)shard, .shards = (uint32_t)m->shards};
    memset(info.shard.plan, 0x5a, sizeof(info.shard.plan));
    case_info_encode(&info, &payload);
    int r = journal_append(journal, JOURNAL_START, payload.data, payload.len, false);
    buf_free(&payload);
    return r;
}

static void put_file(const struct making *m, struct recorder *recorder, uint64_t number)
{
    struct buf path = {0};
    struct match match = {.type = HASH_SHA256, .list = "synthetic", .entry = "1", .category = "1", .severity = 1};
    struct identity identity = {.dev = 2049, .ino = number, .size = 3000000 + number % 1000, .mtime = 1700000000};
    buf_printf(&path, "/evidence/disk-%03llu/DCIM/%03lluCANON/IMG_%08llu.JPG", (unsigned long long)(number / 1000000),
               (unsigned long long)(number / 1000 % 1000), (unsigned long long)number);
    struct item item = {
        .where = where_new(NULL, "file", path.data, path.len, WHERE_UNKNOWN, WHERE_UNKNOWN),
        .size = identity.size,
        .type = TYPE_JPEG,
        .has_digests = true,
        .width = 4000,
        .height = 3000,
        .orientation = 1,
        .has_pdq = true,
        .pdq_is_screen = true,
        .pdq_stable = true,
        .pdq_quality = 100,
    };
    fill(number, &item.digests, sizeof(item.digests));
    fill(~number, item.pdq, sizeof(item.pdq));
    if (m->findings && number % m->findings == 0) {
        match.code = match.series = match.photodna = "";
        memcpy(match.value, item.digests.sha256, sizeof(item.digests.sha256));
        memcpy(match.observed, item.digests.sha256, sizeof(item.digests.sha256));
        item.matches = (struct match_list){.items = mem_dup(&match, sizeof(match)), .n = 1, .cap = 1};
    }
    recorder_item(recorder, &item, &identity);
    item_clear(&item);
    buf_free(&path);
}

static int make_part(const struct making *m, uint64_t shard)
{
    static const uint8_t first[JOURNAL_CHAIN];
    char path[4096];
    struct recorder recorder = {0};
    snprintf(path, sizeof(path), "%s/part-%llu", m->dir, (unsigned long long)shard);
    if (mkdir(path, 0700) < 0)
        return -errno;
    strncat(path, "/journal", sizeof(path) - strlen(path) - 1);
    int dirfd = mkdir(path, 0700) < 0 ? -1 : open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int r = dirfd < 0 ? -errno : journal_open(dirfd, 1, 0, first, &recorder.journal);
    if (r)
        return r;
    r = put_start(m, recorder.journal, shard);
    for (uint64_t i = 0; !r && i < m->lines; i++) {
        put_file(m, &recorder, i * m->shards + shard);
        r = recorder_error(&recorder);
    }
    if (!r)
        r = journal_append(recorder.journal, JOURNAL_END, "\1\0", 2, true);
    int closed = journal_close(recorder.journal);
    close(dirfd);
    return r ? r : closed;
}

int main(int argc, char **argv)
{
    struct making m = {argc > 1 ? argv[1] : NULL, 0, 0, 0};
    if (argc > 3) {
        m.shards = strtoull(argv[2], NULL, 10);
        m.lines = strtoull(argv[3], NULL, 10);
        m.findings = argc > 4 ? strtoull(argv[4], NULL, 10) : 0;
    }
    if (!m.shards) {
        fputs("usage: parts DIR SHARDS LINES [FINDINGS]\n", stderr);
        return 64;
    }
    if (mkdir(m.dir, 0700) < 0 && errno != EEXIST) {
        perror(m.dir);
        return 74;
    }
    for (uint64_t i = 0; i < m.shards; i++) {
        int r = make_part(&m, i);
        if (r) {
            fprintf(stderr, "parts: part %llu: %s\n", (unsigned long long)i, strerror(-r));
            return 74;
        }
    }
    return 0;
}
