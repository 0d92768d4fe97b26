/* test_lookup.c: what a set of several lists answers, and in which order. */
#include <pthread.h>

#include "match/hashset.h"
#include "match_test.h"

static const char *const names[] = {"a", "b", "c", "x.index", NULL};

/** Three lists in a folder. */
struct lists {
    char *folder;
    char *paths[4];
};

static struct lists lists_new(const char *const texts[3])
{
    struct lists lists = {.folder = folder_new()};
    for (int i = 0; i < 4; i++) {
        lists.paths[i] = path_in(lists.folder, names[i]);
        if (i < 3)
            write_bytes(lists.paths[i], texts[i], strlen(texts[i]));
    }
    return lists;
}

static void lists_free(struct lists *lists)
{
    for (int i = 0; i < 4; i++)
        free(lists->paths[i]);
    folder_remove(lists->folder, names);
}

static void add(struct hashset *set, const char *path, bool known)
{
    char why[512];
    cr_assert_eq(hashset_load(set, path, known, HASH_UNKNOWN, NULL, why, sizeof(why)), 0, "%s", why);
}

/** "list/entry/category/distance" of each match. */
static const char *shown(const struct match_list *matches)
{
    static char text[8192];
    size_t n = 0;
    text[0] = '\0';
    for (size_t i = 0; i < matches->n && n < sizeof(text); i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s/%s/%s/%u", i ? " " : "", matches->items[i].list,
                              matches->items[i].entry, matches->items[i].category, matches->items[i].distance);
    return text;
}

static const char *value(const struct hashset *set, enum hash_type type, const char *hex)
{
    uint8_t digest[32] = {0};
    struct match_list matches = {0};
    unhex(hex, digest);
    hashset_match_value(set, type, digest, &matches);
    for (size_t i = 0; i < matches.n; i++) {
        cr_assert_eq(matches.items[i].type, type);
        cr_assert_arr_eq(matches.items[i].value, digest, hash_type_bytes(type));
        cr_assert_arr_eq(matches.items[i].observed, digest, hash_type_bytes(type));
    }
    const char *text = shown(&matches);
    free(matches.items);
    return text;
}

static const char *const three[] = {
    MD5_A " one\n" MD5_A " two\n" MD5_A " one\n" MD5_B "\n",
    "md5,id,label\n" MD5_A ",X,first\n" MD5_B ",Y,\n" MD5_A ",Z,first\n" MD5_A ",Z,first\n",
    "sha1 " SHA1_A " s\n" MD5_A " three\n" MD5_A " three\n",
};

Test(match_lookup, duplicates_are_all_told_in_order)
{
    struct lists lists = lists_new(three);
    struct hashset *set = hashset_new();
    for (int i = 0; i < 3; i++)
        add(set, lists.paths[i], false);
    hashset_seal(set);
    cr_assert_str_eq(value(set, HASH_MD5, MD5_A), "a/1/one/0 a/2/two/0 b/X/first/0 b/Z/first/0 c/2/three/0");
    cr_assert_str_eq(value(set, HASH_MD5, MD5_B), "a/4//0 b/Y//0");
    const struct list_info *a = hashset_list(set, 0), *b = hashset_list(set, 1), *c = hashset_list(set, 2);
    cr_assert(a->entries[HASH_MD5] == 2 && a->duplicates == 2, "%llu", (unsigned long long)a->duplicates);
    cr_assert(b->entries[HASH_MD5] == 2 && b->duplicates == 2);
    cr_assert(c->entries[HASH_MD5] == 1 && c->entries[HASH_SHA1] == 1 && c->duplicates == 1);
    hashset_free(set);
    lists_free(&lists);
}

Test(match_lookup, digests_of_a_file_by_list_then_entry)
{
    static const char *const texts[] = {"sha256 " SHA256_A " c\nmd5 " MD5_A " d\n", "sha1 " SHA1_A " e\n",
                                        "md5,sha1,sha256\n" MD5_A "," SHA1_A "," SHA256_A "\n"};
    struct lists lists = lists_new(texts);
    struct hashset *set = hashset_new();
    struct digests digests;
    struct match_list matches = {0};
    for (int i = 0; i < 3; i++)
        add(set, lists.paths[i], false);
    hashset_seal(set);
    unhex(MD5_A, digests.md5);
    unhex(SHA1_A, digests.sha1);
    unhex(SHA256_A, digests.sha256);
    hashset_match_digests(set, &digests, &matches);
    cr_assert_str_eq(shown(&matches), "a/1/c/0 a/2/d/0 b/1/e/0 c/2//0 c/2//0 c/2//0");
    cr_assert(matches.items[3].type == HASH_MD5 && matches.items[4].type == HASH_SHA1 &&
              matches.items[5].type == HASH_SHA256);
    cr_assert_arr_eq(matches.items[2].observed, digests.sha1, 20);
    digests.md5[15] ^= 1;
    digests.sha1[19] ^= 1;
    digests.sha256[0] ^= 1;
    size_t before = matches.n;
    hashset_match_digests(set, &digests, &matches);
    cr_assert_eq(matches.n, before);
    free(matches.items);
    hashset_free(set);
    lists_free(&lists);
}

Test(match_lookup, known_lists_are_apart)
{
    static const char *const texts[] = {"md5 " MD5_A " bad\n", "md5 " MD5_B "\nsha1 " SHA1_A "\npdq " PDQ_A "\n",
                                        "md5 " MD5_A "\n"};
    struct lists lists = lists_new(texts);
    struct hashset *set = hashset_new();
    struct digests digests = {0};
    struct match_list matches = {0};
    uint8_t pdq[32];
    add(set, lists.paths[0], false);
    add(set, lists.paths[1], true);
    hashset_seal(set);
    cr_assert(hashset_list(set, 1)->known && !hashset_list(set, 0)->known);
    cr_assert_not(hashset_has_pdq(set));
    unhex(PDQ_A, pdq);
    hashset_match_pdq(set, pdq, 256, &matches);
    unhex(MD5_B, digests.md5);
    hashset_match_digests(set, &digests, &matches);
    cr_assert_eq(matches.n, 0u);
    cr_assert(hashset_known(set, &digests));
    unhex(MD5_A, digests.md5);
    cr_assert_not(hashset_known(set, &digests));
    unhex(SHA1_A, digests.sha1);
    cr_assert(hashset_known(set, &digests));
    hashset_match_digests(set, &digests, &matches);
    cr_assert_str_eq(shown(&matches), "a/1/bad/0");
    free(matches.items);
    hashset_free(set);
    lists_free(&lists);
}

/** An empty set answers, too. */
Test(match_lookup, no_lists)
{
    struct hashset *set = hashset_new();
    struct digests digests = {0};
    struct match_list matches = {0};
    hashset_seal(set);
    hashset_match_digests(set, &digests, &matches);
    hashset_match_pdq(set, digests.sha256, 256, &matches);
    cr_assert(!matches.n && !hashset_known(set, &digests) && !hashset_has_pdq(set) && !hashset_lists(set));
    free(matches.items);
    hashset_free(set);
    hashset_free(NULL);
}

/** Every digest of large random lists, and as many that are not there, against a plain search. */
Test(match_lookup, large_lists, .timeout = 60)
{
    enum { N = 20000 };
    uint64_t state = 7;
    uint8_t(*digests)[20] = mem_alloc(N * 20);
    struct buf text = {0};
    for (size_t i = 0; i < N; i++) {
        random_bytes(&state, digests[i], 20);
        /* Crowded: a third shares its first three bytes, so that slots of the top table overflow. */
        if (i % 3 == 0)
            memcpy(digests[i], "\x12\x34\x56", 3);
        buf_hex(&text, digests[i], 20);
        buf_byte(&text, '\n');
    }
    struct loaded loaded = load_bytes(text.data, text.len, HASH_UNKNOWN);
    cr_assert_eq(loaded.result, 0);
    cr_assert_eq(hashset_list(loaded.set, 0)->entries[HASH_SHA1], (uint64_t)N);
    struct match_list matches = {0};
    for (size_t i = 0; i < N; i++) {
        matches.n = 0;
        hashset_match_value(loaded.set, HASH_SHA1, digests[i], &matches);
        cr_assert(matches.n == 1 && strtoul(matches.items[0].entry, NULL, 10) == i + 1, "digest %zu", i);
        digests[i][i % 2 ? 19 : 0] ^= 1;
        hashset_match_value(loaded.set, HASH_SHA1, digests[i], &matches);
        cr_assert_eq(matches.n, 1u);
    }
    free(matches.items);
    free(digests);
    buf_free(&text);
    loaded_free(&loaded);
}

/** One flat picture a thousand times on a list: one entry each label, not a thousand. */
Test(match_lookup, a_hash_repeated)
{
    struct buf text = {0};
    for (int i = 0; i < 3000; i++)
        buf_printf(&text, "pdq " PDQ_A "%s\n", i % 1000 == 7 ? " flat" : "");
    struct loaded loaded = load_bytes(text.data, text.len, HASH_UNKNOWN);
    struct match_list matches = {0};
    uint8_t pdq[32];
    unhex(PDQ_A, pdq);
    pdq[31] ^= 3;
    hashset_match_pdq(loaded.set, pdq, 31, &matches);
    cr_assert_str_eq(shown(&matches), "x.list/1//2 x.list/8/flat/2");
    cr_assert_eq(hashset_list(loaded.set, 0)->entries[HASH_PDQ], 1u);
    cr_assert_eq(hashset_list(loaded.set, 0)->duplicates, 2999u);
    free(matches.items);
    buf_free(&text);
    loaded_free(&loaded);
}

/** A list of PDQ around some centres, 12 bits off each. */
static struct loaded load_around(uint64_t *state, const uint8_t (*centres)[PDQ_BYTES], size_t n, size_t each)
{
    struct buf text = {0};
    for (size_t i = 0; i < n * each; i++) {
        uint8_t pdq[PDQ_BYTES];
        memcpy(pdq, centres[i % n], PDQ_BYTES);
        flip_bits(state, pdq, 12);
        buf_puts(&text, "pdq ");
        buf_hex(&text, pdq, PDQ_BYTES);
        buf_puts(&text, i % 7 ? "\n" : " label\n");
    }
    struct loaded loaded = load_bytes(text.data, text.len, HASH_UNKNOWN);
    buf_free(&text);
    return loaded;
}

/** Many at once give what each gives alone; more than fit into one batch. */
Test(match_lookup, many_at_once)
{
    enum { N = 50 };
    uint64_t state = 21;
    uint8_t queries[N][PDQ_BYTES];
    struct match_list out[N] = {{0}}, alone = {0};
    random_bytes(&state, &queries[0][0], sizeof(queries));
    for (size_t each = 1; each <= 400; each *= 20) {
        struct loaded loaded = load_around(&state, (const uint8_t(*)[PDQ_BYTES])queries, N, each);
        for (size_t n = 0; n <= N; n += n < 20 ? 1 : 15) {
            hashset_match_pdq_many(loaded.set, (const uint8_t(*)[PDQ_BYTES])queries, n, 31, out);
            for (size_t i = 0; i < N; i++) {
                alone.n = 0;
                if (i < n)
                    hashset_match_pdq(loaded.set, queries[i], 31, &alone);
                cr_assert(i >= n || alone.n >= each);
                assert_same_matches(&out[i], &alone);
            }
        }
        loaded_free(&loaded);
    }
    for (size_t i = 0; i < N; i++)
        free(out[i].items);
    free(alone.items);
}

/** Digests of all types, in a list and strangers, at once and alone. */
Test(match_lookup, many_values)
{
    enum { N = 70 };
    uint64_t state = 23;
    uint8_t values[N][32];
    struct value_query queries[N];
    struct match_list out[N] = {{0}}, alone = {0};
    struct buf text = {0};
    random_bytes(&state, &values[0][0], sizeof(values));
    for (size_t i = 0; i < N; i++) {
        enum hash_type type = (enum hash_type)(i % HASH_TYPE_COUNT);
        queries[i] = (struct value_query){type, values[i], &out[i]};
        buf_printf(&text, "%s ", hash_type_name(i % 3 ? type : HASH_MD5));
        buf_hex(&text, values[i], hash_type_bytes(i % 3 ? type : HASH_MD5));
        buf_byte(&text, '\n');
    }
    struct loaded loaded = load_bytes(text.data, text.len, HASH_UNKNOWN);
    for (size_t n = 0; n <= N; n++) {
        hashset_match_values(loaded.set, queries, n);
        for (size_t i = 0; i < N; i++) {
            alone.n = 0;
            if (i < n)
                hashset_match_value(loaded.set, queries[i].type, values[i], &alone);
            cr_assert_eq(alone.n, i < n && (i % 3 || queries[i].type == HASH_MD5));
            assert_same_matches(&out[i], &alone);
        }
    }
    for (size_t i = 0; i < N; i++)
        free(out[i].items);
    free(alone.items);
    buf_free(&text);
    loaded_free(&loaded);
}

/** Each entry once, at the nearest of the eight hashes, with the hash that was near. */
Test(match_lookup, rotations)
{
    uint64_t state = 22;
    uint8_t pdq[PDQ_ROTATIONS][PDQ_BYTES];
    random_bytes(&state, &pdq[0][0], sizeof(pdq));
    memcpy(pdq[PDQ_FLIPX], pdq[PDQ_ORIGINAL], PDQ_BYTES); /* a symmetric picture */
    memcpy(pdq[PDQ_ROTATE180], pdq[PDQ_ROTATE90], PDQ_BYTES);
    pdq[PDQ_ROTATE180][0] ^= 0xf0;
    struct loaded loaded = load_around(&state, (const uint8_t(*)[PDQ_BYTES])pdq, PDQ_ROTATIONS, 40);
    struct match_list matches = {0}, alone = {0};
    bool used[PDQ_ROTATIONS] = {false};
    hashset_match_rotations(loaded.set, (const uint8_t(*)[PDQ_BYTES])pdq, 31, &matches);
    cr_assert_eq(matches.n, 40u * PDQ_ROTATIONS);
    for (size_t i = 0; i < matches.n; i++) {
        const struct match *match = &matches.items[i];
        cr_assert(i == 0 || match[-1].distance <= match->distance);
        cr_assert_eq(pdq_distance(match->value, match->observed), match->distance);
        cr_assert_arr_eq(match->observed, pdq[match->rotation], PDQ_BYTES);
        for (int r = 0; r < PDQ_ROTATIONS; r++) {
            int distance = pdq_distance(match->value, pdq[r]);
            cr_assert(distance > match->distance || (distance == match->distance && r >= match->rotation));
        }
        used[match->rotation] = true;
    }
    for (int r = 0; r < PDQ_ROTATIONS; r++)
        cr_assert_eq(used[r], r != PDQ_FLIPX);
    hashset_match_pdq(loaded.set, pdq[PDQ_FLIPY], 31, &alone);
    cr_assert_eq(alone.n, 40u);
    cr_assert_eq(alone.items[0].rotation, PDQ_ORIGINAL);
    free(matches.items);
    free(alone.items);
    loaded_free(&loaded);
}

/** What one thread asks. */
struct asker {
    const struct hashset *set;
    uint64_t state;
    size_t hits;
};

static void *ask(void *argument)
{
    struct asker *asker = argument;
    struct match_list matches = {0};
    uint8_t pdq[32];
    for (int i = 0; i < 2000; i++) {
        unhex(PDQ_A, pdq);
        flip_bits(&asker->state, pdq, 20);
        hashset_match_pdq(asker->set, pdq, 31, &matches);
        for (size_t k = 0; k < matches.n; k++)
            asker->hits += strtoul(matches.items[k].entry, NULL, 10);
        matches.n = 0;
    }
    free(matches.items);
    return NULL;
}

/** Threads share one sealed set; texts of line numbers are made while others read theirs. */
Test(match_lookup, threads)
{
    uint64_t state = 9;
    struct buf text = {0};
    for (int i = 0; i < 300; i++) {
        uint8_t pdq[32];
        unhex(PDQ_A, pdq);
        flip_bits(&state, pdq, 16);
        buf_puts(&text, "pdq ");
        buf_hex(&text, pdq, 32);
        buf_byte(&text, '\n');
    }
    struct loaded loaded = load_bytes(text.data, text.len, HASH_UNKNOWN);
    struct asker askers[4];
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) {
        askers[i] = (struct asker){.set = loaded.set, .state = 1};
        cr_assert_eq(pthread_create(&threads[i], NULL, ask, &askers[i]), 0);
    }
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < 4; i++)
        cr_assert(askers[i].hits && askers[i].hits == askers[0].hits);
    buf_free(&text);
    loaded_free(&loaded);
}

static size_t read_hashes(const char *path, uint8_t (**hashes)[32])
{
    struct buf text = {0};
    read_bytes_of(path, &text);
    buf_str(&text);
    size_t n = 0, cap = 0;
    for (char *line = strtok((char *)text.data, "\n"); line; line = strtok(NULL, "\n")) {
        RESERVE(*hashes, n, cap);
        unhex(line, (*hashes)[n++]);
    }
    buf_free(&text);
    return n;
}

/** Every pair of the shared needles and haystack within 32 bits, found by others by brute force. */
Test(match_lookup, shared_needles_and_haystack)
{
    static const char expected_path[] = "../shared/data/pdq/expected/needles-x-haystack-le32.csv";
    if (access(expected_path, R_OK) != 0) {
        fprintf(stderr, "skipped: %s is absent\n", expected_path);
        return;
    }
    struct loaded loaded = load_path("../shared/data/pdq/lists/haystack.txt", HASH_PDQ);
    cr_assert_eq(loaded.result, 0, "%s", loaded.why);
    uint8_t(*needles)[32] = NULL;
    size_t n = read_hashes("../shared/data/pdq/lists/needles.txt", &needles);
    struct buf got = {0}, expected = {0};
    struct match_list matches = {0};
    buf_puts(&got, "needle_line,haystack_line,distance\n");
    unsigned want_needle = 0;
    for (size_t i = 0; i < n; i++) {
        matches.n = 0;
        hashset_match_pdq(loaded.set, needles[i], 32, &matches);
        for (unsigned line = 1; line <= 1350; line++)
            for (size_t k = 0; k < matches.n; k++)
                if (strtoul(matches.items[k].entry, NULL, 10) == line)
                    buf_printf(&got, "%zu,%u,%u\n", i + 1, line, matches.items[k].distance);
        want_needle += matches.n > 0;
    }
    read_bytes_of(expected_path, &expected);
    cr_assert_gt(want_needle, 50u);
    cr_assert_str_eq(buf_str(&got), buf_str(&expected));
    buf_free(&got);
    buf_free(&expected);
    free(matches.items);
    free(needles);
    loaded_free(&loaded);
}
