/* test_index.c: compiled indexes: the same answers as the lists, and no harm from a damaged one. */
#include <sys/mman.h>

#include "match/hashset.h"
#include "match/index.h"
#include "match/index_file.h"
#include "match_test.h"

static const char *const names[] = {"one.txt", "two.csv", "three.txt", "x.index", "y.index", NULL};

struct folder {
    char *path;
    char *files[5];
};

static struct folder folder_open(void)
{
    struct folder folder = {.path = folder_new()};
    for (int i = 0; i < 5; i++)
        folder.files[i] = path_in(folder.path, names[i]);
    return folder;
}

static void folder_close(struct folder *folder)
{
    for (int i = 0; i < 5; i++)
        free(folder->files[i]);
    folder_remove(folder->path, names);
}

/** Lists with all types, labels, IDs, severities and duplicates; `pdq` PDQ entries. */
static void write_lists(const struct folder *folder, size_t pdq)
{
    uint64_t state = 11;
    struct buf text = {0};
    uint8_t hash[32];
    for (size_t i = 0; i < pdq; i++) {
        if (i % 5 == 0)
            random_bytes(&state, hash, 32);
        else
            flip_bits(&state, hash, 12);
        buf_puts(&text, "pdq ");
        buf_hex(&text, hash, 32);
        buf_printf(&text, " picture %zu\n", i % 7);
    }
    buf_puts(&text, "this row is bad\nmd5 " MD5_A " m\nmd5 " MD5_A " m\nmd5 " MD5_A " n\nsha256 " SHA256_A "\n");
    write_bytes(folder->files[0], text.data, text.len);
    text.len = 0;
    buf_puts(&text, "md5,sha1,pdq,id,category,severity\n");
    for (int i = 0; i < 300; i++) {
        random_bytes(&state, hash, 32);
        buf_hex(&text, hash, 16);
        buf_byte(&text, ',');
        buf_hex(&text, hash, 20);
        buf_byte(&text, ',');
        buf_hex(&text, hash, 32);
        buf_printf(&text, ",ID-%d,A%d,%d\n", i, i % 3, 1 + i % 9);
    }
    buf_puts(&text, MD5_A "," SHA1_A ",,ID-X,A,1\n" MD5_A ",,,ID-Y,A,1\n");
    write_bytes(folder->files[1], text.data, text.len);
    write_bytes(folder->files[2], "sha1 " SHA1_A " late\n", 51);
    buf_free(&text);
}

static struct hashset *load(const char *const *paths, size_t n)
{
    struct hashset *set = hashset_new();
    char why[512];
    for (size_t i = 0; i < n; i++)
        cr_assert_eq(hashset_load(set, paths[i], false, HASH_UNKNOWN, NULL, why, sizeof(why)), 0, "%s", why);
    hashset_seal(set);
    return set;
}

static void assert_same_infos(const struct hashset *a, const struct hashset *b)
{
    cr_assert_eq(hashset_lists(a), hashset_lists(b));
    for (size_t i = 0; i < hashset_lists(a); i++) {
        const struct list_info *x = hashset_list(a, i), *y = hashset_list(b, i);
        cr_assert_str_eq(x->name, y->name);
        cr_assert_arr_eq(x->sha256, y->sha256, 32);
        cr_assert_arr_eq(x->entries, y->entries, sizeof(x->entries));
        cr_assert_eq(x->duplicates, y->duplicates, "list %zu: %llu and %llu", i, (unsigned long long)x->duplicates,
                     (unsigned long long)y->duplicates);
        cr_assert_eq(x->bad_rows, y->bad_rows);
        cr_assert_eq(a->lists[i].weak, b->lists[i].weak);
    }
}

/** Asks both sets the same: hashes that are there, near ones, and strangers. */
static void assert_same_answers(const struct hashset *a, const struct hashset *b)
{
    struct match_list x = {0}, y = {0};
    uint64_t state = 11;
    uint8_t hash[32];
    size_t hits = 0;
    for (int i = 0; i < 600; i++) {
        if (i % 5 == 0)
            random_bytes(&state, hash, 32);
        else
            flip_bits(&state, hash, 12);
        for (int type = 0; type < HASH_TYPE_COUNT; type++) {
            hashset_match_value(a, (enum hash_type)type, hash, &x);
            hashset_match_value(b, (enum hash_type)type, hash, &y);
            hits += x.n;
            assert_same_matches(&x, &y);
        }
        hashset_match_pdq(a, hash, 31, &x);
        hashset_match_pdq(b, hash, 31, &y);
        hits += x.n;
        assert_same_matches(&x, &y);
    }
    static const char *const digests[] = {MD5_A, MD5_B, SHA1_A, SHA256_A};
    static const enum hash_type types[] = {HASH_MD5, HASH_MD5, HASH_SHA1, HASH_SHA256};
    for (int i = 0; i < 4; i++) {
        unhex(digests[i], hash);
        hashset_match_value(a, types[i], hash, &x);
        hashset_match_value(b, types[i], hash, &y);
        hits += x.n;
        assert_same_matches(&x, &y);
    }
    cr_assert_gt(hits, 600u);
    free(x.items);
    free(y.items);
}

/** Lists, their index, and an index of an index and a list: all answer the same. */
static void round_trip(size_t pdq)
{
    struct folder folder = folder_open();
    write_lists(&folder, pdq);
    const char *texts[] = {folder.files[0], folder.files[1], folder.files[2]};
    struct hashset *set = load(texts, 3), *two = load(texts, 2);
    cr_assert_eq(hashset_write_index(set, folder.files[3]), 0);
    struct hashset *index = load((const char *const[]){folder.files[3]}, 1);
    cr_assert_str_eq(hashset_list(index, 0)->format, "index");
    cr_assert_str_eq(hashset_list(index, 0)->path, folder.files[3]);
    assert_same_infos(set, index);
    assert_same_answers(set, index);
    hashset_free(index);

    cr_assert_eq(hashset_write_index(two, folder.files[3]), 0);
    struct hashset *joined = load((const char *const[]){folder.files[3], folder.files[2]}, 2);
    assert_same_infos(set, joined);
    assert_same_answers(set, joined);
    cr_assert_eq(hashset_write_index(joined, folder.files[4]), 0);
    struct hashset *again = load((const char *const[]){folder.files[4]}, 1);
    assert_same_infos(set, again);
    assert_same_answers(set, again);
    hashset_free(again);
    hashset_free(joined);
    hashset_free(two);
    hashset_free(set);
    folder_close(&folder);
}

Test(match_index, answers_as_its_lists)
{
    round_trip(500);
}

Test(match_index, answers_as_its_lists_with_a_near_index, .timeout = 60)
{
    round_trip(NEAR_INDEX_MIN + 1000);
}

Test(match_index, is_the_same_each_time)
{
    struct folder folder = folder_open();
    write_lists(&folder, 100);
    const char *texts[] = {folder.files[0], folder.files[1]};
    struct buf bytes[2] = {{0}, {0}};
    for (int i = 0; i < 2; i++) {
        struct hashset *set = load(texts, 2);
        cr_assert_eq(hashset_write_index(set, folder.files[3 + i]), 0);
        hashset_free(set);
        read_bytes_of(folder.files[3 + i], &bytes[i]);
    }
    cr_assert_eq(bytes[0].len, bytes[1].len);
    cr_assert_arr_eq(bytes[0].data, bytes[1].data, bytes[0].len);
    struct stat st;
    cr_assert(stat(folder.files[3], &st) == 0 && (st.st_mode & 0777) == 0600);
    buf_free(&bytes[0]);
    buf_free(&bytes[1]);
    folder_close(&folder);
}

/** A set is a known list and an ordinary one: the index holds both, and the flag is given where it is used. */
Test(match_index, of_known_lists)
{
    struct folder folder = folder_open();
    char why[512];
    write_lists(&folder, 10);
    struct hashset *set = hashset_new(), *known = hashset_new();
    struct digests digests = {0};
    cr_assert_eq(hashset_load(set, folder.files[0], true, HASH_UNKNOWN, NULL, why, sizeof(why)), 0);
    cr_assert_eq(hashset_load(set, folder.files[2], false, HASH_UNKNOWN, NULL, why, sizeof(why)), 0);
    hashset_seal(set);
    cr_assert_eq(hashset_write_index(set, folder.files[3]), 0);
    cr_assert_eq(hashset_load(known, folder.files[3], true, HASH_UNKNOWN, NULL, why, sizeof(why)), 0);
    hashset_seal(known);
    unhex(SHA1_A, digests.sha1);
    cr_assert(hashset_known(known, &digests) && !hashset_known(set, &digests));
    cr_assert(hashset_lists(known) == 2 && hashset_list(known, 1)->known);
    hashset_free(set);
    hashset_free(known);
    folder_close(&folder);
}

/** By the index, whatever it costs. */
static void probe(const struct near *near, const uint8_t *query, int radius, struct near_hits *hits)
{
    bool done;
    near_probe(near, &query, 1, radius, INT64_MAX, hits, &done);
}

/** Uses everything that a mapped part holds. */
static void use(struct part *part)
{
    struct near_hits hits = {0};
    uint8_t hash[32];
    uint64_t state = 11;
    for (int type = 0; type < HASH_TYPE_COUNT; type++) {
        const struct table *table = &part->tables[type];
        for (size_t key = 0; key < table->n; key++) {
            size_t found_key;
            table_find(table, table->keys + key * table->width, &found_key);
            struct span span = table_postings(table, key);
            for (size_t i = span.begin; i < span.end; i++) {
                cr_assert(strlen(part_string(part, part_label(part, table->postings[i].label)->category)) <
                          part->strings_size + 10);
                cr_assert(strlen(part_string(part, table->postings[i].entry)) < part->strings_size + 10);
            }
        }
    }
    for (int i = 0; i < 20; i++) {
        random_bytes(&state, hash, 32);
        probe(&part->near, hash, 31 + i, &hits);
    }
    free(hits.items);
}

/** Maps bytes as a file and uses them, checksums or not. */
static void try_bytes(const uint8_t *bytes, size_t n, bool must_fail)
{
    struct part part;
    int fd = memfd_create("index", MFD_CLOEXEC);
    cr_assert(fd >= 0 && write(fd, bytes, n) == (ssize_t)n);
    const char *why = index_open(fd, &part, false);
    cr_assert(!must_fail || why);
    if (!why)
        part_free(&part);
    close(fd);
}

Test(match_index, a_flipped_byte_is_found)
{
    struct folder folder = folder_open();
    struct buf bytes = {0};
    write_lists(&folder, 5);
    struct hashset *set = load((const char *const[]){folder.files[0], folder.files[2]}, 2);
    cr_assert_eq(hashset_write_index(set, folder.files[3]), 0);
    hashset_free(set);
    read_bytes_of(folder.files[3], &bytes);
    const struct index_header *header = (const struct index_header *)bytes.data;
    for (size_t i = 0; i < bytes.len; i++) {
        /* Gaps between sections are no data. */
        bool covered = i < sizeof(*header);
        for (int s = 0; s < SECTION_COUNT; s++)
            covered |= i >= header->sections[s].offset && i - header->sections[s].offset < header->sections[s].size;
        bytes.data[i] ^= 0x41;
        try_bytes(bytes.data, bytes.len, covered);
        bytes.data[i] ^= 0x41;
    }
    for (size_t n = 0; n < bytes.len; n += n < 1200 ? 1 : 37)
        try_bytes(bytes.data, n, true);
    try_bytes(bytes.data, bytes.len, false);
    buf_free(&bytes);
    folder_close(&folder);
}

/** As if no checksum had been looked at: the sections of a part in memory, each byte changed in turn. */
Test(match_index, a_damaged_part_does_no_harm, .timeout = 120)
{
    struct folder folder = folder_open();
    write_lists(&folder, 40);
    struct hashset *set = load((const char *const[]){folder.files[0], folder.files[1], folder.files[2]}, 3);
    struct part *part = &set->parts[0];
    part->trusted = false;
    for (int s = 0; s < SECTION_COUNT; s++) {
        uint8_t *data = part->sections[s].data;
        for (size_t i = 0; i<part->sections[s].size; i += part->sections[s].size> 2000 ? 61 : 1) {
            static const uint8_t flips[] = {0x01, 0x80, 0xff};
            for (size_t f = 0; f < sizeof(flips); f++) {
                data[i] ^= flips[f];
                if (s == SECTION_STRINGS && i + 1 == part->sections[s].size) {
                    const char *why;
                    cr_assert_not(part_bind(part, &why));
                } else {
                    use(part);
                }
                data[i] ^= flips[f];
            }
        }
    }
    hashset_free(set);
    folder_close(&folder);
}

/** The same for the near index of a set that has one. */
Test(match_index, a_damaged_near_index_does_no_harm, .timeout = 120)
{
    uint64_t state = 5;
    struct folder folder = folder_open();
    write_lists(&folder, NEAR_INDEX_MIN + 10);
    struct hashset *set = load((const char *const[]){folder.files[0]}, 1);
    struct part *part = &set->parts[0];
    struct near_hits hits = {0};
    cr_assert(part->near.offsets);
    for (int s = SECTION_NEAR_OFFSETS; s <= SECTION_NEAR_IDS; s++)
        for (int round = 0; round < 3; round++) {
            random_bytes(&state, part->sections[s].data, part->sections[s].size);
            for (int i = 0; i < 50; i++) {
                probe(&part->near, part->near.keys + 32 * (random64(&state) % part->near.n), 31, &hits);
                near_search(&part->near, part->near.keys + 32 * (random64(&state) % part->near.n), 31, &hits);
            }
        }
    free(hits.items);
    hashset_free(set);
    folder_close(&folder);
}

/** Sizes of sections that do not fit are seen before anything is used. */
Test(match_index, sections_of_impossible_size)
{
    struct folder folder = folder_open();
    write_lists(&folder, NEAR_INDEX_MIN + 10);
    struct hashset *set = load((const char *const[]){folder.files[0]}, 1);
    struct part *part = &set->parts[0];
    const char *why;
    for (int s = 0; s < SECTION_COUNT; s++) {
        size_t size = part->sections[s].size;
        for (int change = -1; change <= 1; change += 2) {
            if (!size && change < 0)
                continue;
            part->sections[s].size = size + (size_t)change;
            /* One string more or less is possible: it ends with a NUL or not. */
            if (s != SECTION_STRINGS)
                cr_assert_not(part_bind(part, &why), "section %d", s);
            part->sections[s].size = size;
        }
    }
    cr_assert(part_bind(part, &why));
    hashset_free(set);
    folder_close(&folder);
}

Test(match_index, other_versions_and_machines)
{
    struct folder folder = folder_open();
    struct buf bytes = {0};
    write_lists(&folder, 5);
    struct hashset *set = load((const char *const[]){folder.files[0]}, 1);
    cr_assert_eq(hashset_write_index(set, folder.files[3]), 0);
    hashset_free(set);
    read_bytes_of(folder.files[3], &bytes);
    struct index_header *header = (struct index_header *)bytes.data;
    header->version++;
    write_bytes(folder.files[3], bytes.data, bytes.len);
    struct loaded loaded = load_path(folder.files[3], HASH_UNKNOWN);
    cr_assert(loaded.result == -1 && strstr(loaded.why, "another version"), "%s", loaded.why);
    loaded_free(&loaded);
    header->version--;
    header->byte_order = __builtin_bswap32(header->byte_order);
    write_bytes(folder.files[3], bytes.data, bytes.len);
    loaded = load_path(folder.files[3], HASH_UNKNOWN);
    cr_assert(loaded.result == -1 && strstr(loaded.why, "byte order"), "%s", loaded.why);
    loaded_free(&loaded);
    header->byte_order = __builtin_bswap32(header->byte_order);
    write_bytes(folder.files[3], bytes.data, bytes.len);
    cr_assert_eq(chmod(folder.files[3], 0666), 0);
    loaded = load_path(folder.files[3], HASH_UNKNOWN);
    cr_assert(loaded.result == -1 && strstr(loaded.why, "chmod go-w"), "%s", loaded.why);
    loaded_free(&loaded);
    buf_free(&bytes);
    folder_close(&folder);
}

Test(match_index, that_cannot_be_written)
{
    struct folder folder = folder_open();
    char *absent = path_in(folder.path, "absent/x.index");
    write_lists(&folder, 5);
    struct hashset *set = load((const char *const[]){folder.files[0]}, 1);
    cr_assert_lt(hashset_write_index(set, absent), 0);
    hashset_free(set);
    free(absent);
    folder_close(&folder);
}
