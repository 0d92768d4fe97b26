/* fuzz_list.c: hash lists as text: any bytes, one or two files, known or not, with and without --type. */
#include "hashes.h"
#include "trawl/digest.h"

/** Each list says what it is, and of which bytes. */
static void check_list(const struct hashset *set, size_t i, const uint8_t *bytes, size_t n)
{
    struct digests digests;
    const struct list_info *info = hashset_list(set, i);
    digest_buffer(bytes, n, &digests);
    CHECK(memcmp(info->sha256, digests.sha256, sizeof(info->sha256)) == 0);
    uint64_t good = info->duplicates;
    for (int type = 0; type < HASH_TYPE_COUNT; type++)
        good += info->entries[type];
    bool may_be_empty = strcmp(info->format, "ncmec") == 0 || strcmp(info->format, "stopncii") == 0;
    CHECK(good > 0 || may_be_empty);
    if (strcmp(info->format, "lines") == 0 && memchr("\x1f\x28\xfd"
                                                     "B",
                                                     n ? bytes[0] : 'x', 4) == NULL)
        CHECK(good <= n / 32);
}

/** What is loaded is found. */
static void check_found(const struct hashset *set)
{
    for (size_t p = 0; p < set->n_parts; p++)
        for (int type = 0; type < HASH_TYPE_COUNT; type++) {
            const struct table *table = &set->parts[p].tables[type];
            for (size_t i = 0; i < table->n && i < HASHES_KEYS; i++) {
                const uint8_t *key = table->keys + i * table->width;
                struct buf found = {0};
                put_matches(set, (enum hash_type)type, key, type == HASH_PDQ ? 0 : -1, &found);
                CHECK(set->parts[p].known || found.len);
                CHECK(!set->parts[p].known || type == HASH_PDQ || is_known(set, (enum hash_type)type, key));
                buf_free(&found);
            }
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    unsigned how = (unsigned)fuzz_number(&in, 1);
    enum hash_type bare = (enum hash_type)((how & 7) < HASH_TYPE_COUNT ? how & 7 : HASH_UNKNOWN);
    struct hashset *set = hashset_new();
    const uint8_t *bytes[2];
    size_t n[2], loaded[2], n_loaded = 0;
    n[0] = how & 0x40 ? fuzz_number(&in, 2) : in.n;
    bytes[0] = fuzz_bytes(&in, &n[0]);
    n[1] = in.n;
    bytes[1] = in.p;
    for (size_t i = 0; i < (how & 0x40 ? 2u : 1u); i++) {
        size_t before = hashset_lists(set);
        int r = load_bytes(set, bytes[i], n[i], how >> (4 + i) & 1, bare);
        CHECK(hashset_lists(set) == before + (r == 0) || (n[i] >= 8 && memcmp(bytes[i], "TRAWLIDX", 8) == 0));
        if (r == 0)
            loaded[n_loaded++] = i;
    }
    hashset_seal(set);
    check_infos(set);
    for (size_t i = 0; i < n_loaded && hashset_lists(set) == n_loaded; i++)
        check_list(set, i, bytes[loaded[i]], n[loaded[i]]);
    check_found(set);
    if (n_loaded)
        check_index(set, !(how & 0x30));
    hashset_free(set);
    return 0;
}
