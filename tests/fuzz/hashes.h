/* hashes.h: what must hold of every set of lists, however it came to be. */
#ifndef TESTS_FUZZ_HASHES_H
#define TESTS_FUZZ_HASHES_H

#include "core/buf.h"
#include "fuzz.h"
#include "match/hashset.h"

/** Look-ups cost what the set holds; these are enough to meet every branch. */
#define HASHES_KEYS 48

static inline void check_words(const char *text)
{
    CHECK(text && fuzz_text_clean(text, strlen(text)));
}

static inline void check_matches(const struct match_list *matches, enum hash_type type, int radius)
{
    for (size_t i = 0; i < matches->n; i++) {
        const struct match *match = &matches->items[i];
        size_t n = hash_type_bytes(match->type);
        check_words(match->list);
        check_words(match->entry);
        check_words(match->category);
        CHECK(match->type == type && match->severity >= 1 && match->severity <= SEVERITY_NONE);
        CHECK(match->distance <= radius && (!i || match->distance >= matches->items[i - 1].distance));
        if (type == HASH_PDQ)
            CHECK(match->distance == pdq_distance(match->value, match->observed));
        else
            CHECK(memcmp(match->value, match->observed, n) == 0);
    }
}

/** Matches of a value as lines of text. */
static inline void put_matches(const struct hashset *set, enum hash_type type, const uint8_t *value, int radius,
                               struct buf *out)
{
    struct match_list matches = {0};
    if (radius < 0)
        hashset_match_value(set, type, value, &matches);
    else
        hashset_match_pdq(set, value, radius, &matches);
    check_matches(&matches, type, radius < 0 ? 0 : radius);
    for (size_t i = 0; i < matches.n; i++) {
        const struct match *m = &matches.items[i];
        buf_printf(out, "%d %u %u %s %s %s ", (int)m->type, m->distance, m->severity, m->list, m->entry, m->category);
        buf_hex(out, m->value, hash_type_bytes(m->type));
        buf_byte(out, '\n');
    }
    free(matches.items);
}

static inline bool is_known(const struct hashset *set, enum hash_type type, const uint8_t *value)
{
    struct digests digests;
    memset(&digests, 0xa5, sizeof(digests));
    memcpy(type == HASH_MD5    ? digests.md5
           : type == HASH_SHA1 ? digests.sha1
                               : digests.sha256,
           value, hash_type_bytes(type));
    return hashset_known(set, &digests);
}

/** Looks up what is there, and neighbours of it. All that came out, as text. */
static inline void put_all(const struct hashset *set, struct buf *out)
{
    for (size_t p = 0; p < set->n_parts; p++)
        for (int type = 0; type < HASH_TYPE_COUNT; type++) {
            const struct table *table = &set->parts[p].tables[type];
            for (size_t i = 0; i < table->n && i < HASHES_KEYS; i++) {
                uint8_t value[32];
                memcpy(value, table->keys + i * table->width, table->width);
                put_matches(set, (enum hash_type)type, value, -1, out);
                if (type != HASH_PDQ)
                    buf_puts(out, is_known(set, (enum hash_type)type, value) ? "known\n" : "");
                else
                    put_matches(set, HASH_PDQ, value, i % 4 ? 31 : 256, out);
                value[i % table->width] ^= 0x10;
                put_matches(set, (enum hash_type)type, value, type == HASH_PDQ ? 1 : -1, out);
            }
        }
}

static inline void check_infos(const struct hashset *set)
{
    for (size_t i = 0; i < hashset_lists(set); i++) {
        const struct list_info *info = hashset_list(set, i);
        check_words(info->path);
        check_words(info->name);
        check_words(info->format);
        check_words(info->source ? info->source : "");
        check_words(info->map ? info->map : "");
        for (size_t k = 0; k < info->n_categories; k++) {
            check_words(info->categories[k].code);
            check_words(info->categories[k].name);
            CHECK(info->categories[k].severity >= 1 && info->categories[k].severity <= SEVERITY_NONE);
        }
    }
}

/** Loads a list of these bytes. Returns hashset_load's result; says nothing that a terminal could take for a command.
 */
static inline int load_bytes(struct hashset *set, const void *bytes, size_t n, bool known, enum hash_type bare)
{
    char path[32], why[512] = "", *said = NULL;
    size_t said_len = 0;
    FILE *log = open_memstream(&said, &said_len);
    int fd = fuzz_memfd(bytes, n);
    CHECK(log);
    int r = hashset_load(set, fuzz_fd_path(fd, path), known, bare, log, why, sizeof(why));
    close(fd);
    CHECK(fclose(log) == 0);
    CHECK((r == 0 || r == -1) && (r == 0) == !*why);
    CHECK(fuzz_text_clean(why, strlen(why)) || strlen(why) == sizeof(why) - 1);
    for (char *line = said, *end; (end = memchr(line, '\n', said_len - (size_t)(line - said))) != NULL; line = end + 1)
        CHECK(fuzz_text_clean(line, (size_t)(end - line)));
    free(said);
    return r;
}

/** A set that was written as an index and read again gives the same matches. */
static inline void check_index(const struct hashset *set, bool same_lists)
{
    char path[4200];
    struct buf before = {0}, after = {0};
    struct hashset *again = hashset_new();
    char why[512] = "";
    snprintf(path, sizeof(path), "%s/index", fuzz_folder());
    CHECK(hashset_write_index(set, path) == 0);
    CHECK(hashset_load(again, path, false, HASH_UNKNOWN, NULL, why, sizeof(why)) == 0);
    unlink(path);
    hashset_seal(again);
    check_infos(again);
    put_all(set, &before);
    put_all(again, &after);
    if (same_lists)
        CHECK(before.len == after.len && (!before.len || memcmp(before.data, after.data, before.len) == 0));
    buf_free(&before);
    buf_free(&after);
    hashset_free(again);
}

#endif
