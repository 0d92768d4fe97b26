/* fixture.h: made-up cases for the tests of the reports. */
#ifndef TESTS_REPORT_FIXTURE_H
#define TESTS_REPORT_FIXTURE_H

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "report/context.h"
#include "report/html.h"

static const char *const case_files[] = {"inventory.jsonl", "report.jsonl",      "report.csv",       "report.html",
                                         "summary.json",    "review_next.jsonl", "transparency.json"};
#define CASE_FILES 7

/** A folder of its own, open. */
struct folder {
    char name[64];
    int fd;
};

static inline struct folder folder_make(void)
{
    struct folder folder = {.name = P_tmpdir "/trawl-report-XXXXXX"};
    cr_assert_not_null(mkdtemp(folder.name));
    folder.fd = open(folder.name, O_RDONLY | O_DIRECTORY);
    cr_assert_geq(folder.fd, 0);
    return folder;
}

/** Removes it, and fails if anything else is in it. */
static inline void folder_remove(struct folder *folder)
{
    for (int i = 0; i < CASE_FILES; i++)
        unlinkat(folder->fd, case_files[i], 0);
    close(folder->fd);
    cr_assert_eq(rmdir(folder->name), 0, "something was left behind in %s", folder->name);
}

/** A file's bytes; empty where there is none. */
static inline struct buf folder_read(const struct folder *folder, const char *name)
{
    struct buf out = {0};
    int fd = openat(folder->fd, name, O_RDONLY);
    ssize_t got = 1;
    while (fd >= 0 && got > 0) {
        got = read(fd, buf_reserve(&out, 65536), 65536);
        out.len += got > 0 ? (size_t)got : 0;
    }
    if (fd >= 0)
        close(fd);
    buf_str(&out);
    return out;
}

/** Items made on the fly: the i-th to be given is make(order ? order[i] : i). */
struct maker {
    struct item_source source;
    void (*make)(unsigned number, struct item *item);
    const unsigned *order;
    unsigned n, next;
};

static inline int maker_next(struct item_source *source, struct item *item)
{
    struct maker *maker = (struct maker *)source;
    if (maker->next == maker->n)
        return 0;
    *item = (struct item){0};
    maker->make(maker->order ? maker->order[maker->next] : maker->next, item);
    maker->next++;
    return 1;
}

static inline struct maker maker_of(void (*make)(unsigned, struct item *), unsigned n)
{
    return (struct maker){.source = {.next = maker_next}, .make = make, .n = n};
}

static inline struct where *host_file(const char *name)
{
    return where_new(NULL, "file", name, strlen(name), WHERE_UNKNOWN, WHERE_UNKNOWN);
}

static inline struct where *member(struct where *parent, const char *kind, const void *name, size_t n, uint64_t index)
{
    struct where *where = where_new(parent, kind, name, n, index, WHERE_UNKNOWN);
    where_unref(parent);
    return where;
}

/** Digests that tell contents apart; equal numbers are equal contents. */
static inline void set_digests(struct item *item, unsigned content)
{
    uint32_t mixed = content * 2654435761u + 1;
    item->has_digests = true;
    for (int i = 0; i < 32; i++) {
        mixed = mixed * 1664525u + 1013904223u;
        item->digests.sha256[i] = (uint8_t)(mixed >> 24);
    }
    memcpy(item->digests.sha256, &content, sizeof(content));
    memcpy(item->digests.md5, item->digests.sha256, 16);
    memcpy(item->digests.sha1, item->digests.sha256, 20);
}

static inline struct match *add_match(struct item *item, enum hash_type type, unsigned distance, unsigned severity,
                                      const char *list, const char *entry, const char *category)
{
    RESERVE(item->matches.items, item->matches.n, item->matches.cap);
    struct match *match = &item->matches.items[item->matches.n++];
    *match = (struct match){.type = type, .distance = (uint16_t)distance, .severity = (uint8_t)severity};
    match->list = list;
    match->entry = entry;
    match->category = category;
    memcpy(match->value, item->digests.sha256, hash_type_bytes(type));
    memcpy(match->observed, type == HASH_PDQ ? item->pdq : item->digests.sha256, hash_type_bytes(type));
    return match;
}

static inline void set_pdq(struct item *item, int quality, bool stable)
{
    item->has_pdq = true;
    item->pdq_quality = quality;
    item->pdq_stable = stable;
    memset(item->pdq, 0x5a, PDQ_BYTES);
    item->width = 640;
    item->height = 480;
}

/** Many places, statuses, types; contents in several places; matches exact and near, on one list and on two. */
static inline void make_varied(unsigned i, struct item *item)
{
    char name[64];
    snprintf(name, sizeof(name), i % 3 ? "ev/%u.zip" : "ev/deep/%u.zip", i / 20);
    item->where = host_file(i % 11 == 10 ? "other.zip" : name);
    if (i % 20 || i % 11 == 10)
        item->where = member(item->where, "zip", name, (size_t)snprintf(name, sizeof(name), "img/%u.jpg", i), i);
    item->size = i % 17 == 16 ? WHERE_UNKNOWN : i * 10;
    item->type = (enum file_type)(i % TYPE_COUNT);
    item->status = (enum trawl_status)(i % TRAWL_STATUS_COUNT);
    item->limit = item->status == TRAWL_LIMIT ? LIMIT_RATIO : LIMIT_NONE;
    if (!status_examined(item->status))
        item_detail(item, "reason %u", i);
    if (i % 7)
        set_digests(item, i % 500);
    if (i % 5 == 0) {
        set_pdq(item, (int)(i % 101), i % 2);
        item->low_quality = item->pdq_quality < 50;
    }
    if (i % 500 < 40 && item->has_digests)
        add_match(item, (enum hash_type)(i % 500 % 3), 0, 1 + i % 500 % 9, i % 500 % 2 ? "zeta.txt" : "alpha.csv", "17",
                  "label");
    if (i % 50 == 0)
        add_match(item, HASH_PDQ, i % 32, 1 + i % 3, "alpha.csv", i % 100 ? "3" : "12", "");
}

/** Two lists to match and one to ignore. */
static inline struct case_info info_make(const char *const *sources, size_t n_sources)
{
    struct case_info info = {
        .version = mem_strdup("9.9"), .max_distance = 31, .min_quality = 50, .flood = FLOOD_CONTENTS};
    info.sources = ALLOC_ARRAY(char *, n_sources);
    info.n_sources = n_sources;
    for (size_t i = 0; i < n_sources; i++)
        info.sources[i] = mem_strdup(sources[i]);
    info.options = ALLOC_ARRAY(char *, 1);
    info.options[info.n_options++] = mem_strdup("max-distance=31");
    info.lists = ALLOC_ARRAY(struct list_info, 3);
    info.n_lists = 3;
    static const char *const names[] = {"zeta.txt", "alpha.csv", "known.txt"};
    for (size_t i = 0; i < 3; i++) {
        info.lists[i].name = mem_strdup(names[i]);
        info.lists[i].path = mem_strdup(names[i]);
        info.lists[i].format = "lines";
        info.lists[i].known = i == 2;
        memset(info.lists[i].sha256, (int)i + 1, 32);
        info.lists[i].entries[HASH_SHA256] = 10 * (i + 1);
        info.lists[i].entries[HASH_PDQ] = i;
        info.lists[i].bad_rows = i;
    }
    return info;
}

static const struct case_end whole = {.complete = true};

#endif
