/* What exchanged lists say comes through indexes. */
#include "exchange.h"

#define DNA_TEXT                                                                                                       \
    "AAECAwQFBgcICQoLDA0ODwABAgMEBQYHCAkKCwwNDg8AAQIDBAUGBwgJCgsMDQ4PAAECAwQFBgcICQoLDA0ODwABAgMEBQYHCAkKCwwNDg8AAQID" \
    "BAUGBwgJCgsMDQ4PAAECAwQFBgcICQoLDA0ODwABAgMEBQYHCAkKCwwNDg8AAQIDBAUGBwgJCgsMDQ4P"

/** PhotoDNA comes back as it was, by any hash of its entry, through indexes too; what is none is said. */
Test(exchange_index, photodna_is_carried)
{
    static const char *const names[] = {"x.list", "y.list", "a.index", "b.index", NULL};
    static const char set_text[] =
        "{\"value\":[{\"MediaID\":9,\"MD5\":\"" MD5_B "\",\"PhotoDNA\":\"AAAA\"},"
        "{\"MediaID\":2,\"MD5\":\"" MD5_A "\",\"SHA1\":\"" SHA1_A "\",\"PhotoDNA\":\"" DNA_TEXT "\"}]}";
    char *folder = folder_new(), *path[4], why[512], *said;
    size_t size;
    FILE *log = open_memstream(&said, &size);
    for (size_t i = 0; i < 4; i++)
        path[i] = path_in(folder, names[i]);
    cr_assert_eq(strlen(DNA_TEXT), PHOTODNA_TEXT);
    write_bytes(path[0], set_text, sizeof(set_text) - 1);
    write_bytes(path[1], "md5,photodna,id\n" MD5_A "," DNA_TEXT ",a\n",
                strlen("md5,photodna,id\n" MD5_A "," DNA_TEXT ",a\n"));
    struct hashset *set = hashset_new();
    for (size_t i = 0; i < 2; i++)
        cr_assert_eq(hashset_load(set, path[i], false, HASH_UNKNOWN, log, why, sizeof(why)), 0, "%s", why);
    fclose(log);
    cr_assert(says(said, "1 PhotoDNA values have not 144 bytes"), "%s", said);
    hashset_seal(set);
    for (size_t round = 0; round < 3; round++) {
        struct match_list matches = {0};
        uint8_t value[32] = {0};
        cr_assert_str_eq(match_of(set, HASH_SHA1, SHA1_A).photodna, DNA_TEXT);
        cr_assert_str_eq(match_of(set, HASH_MD5, MD5_B).photodna, "");
        unhex(MD5_A, value);
        hashset_match_value(set, HASH_MD5, value, &matches);
        cr_assert_eq(matches.n, 2);
        cr_assert_str_eq(matches.items[0].photodna, DNA_TEXT);
        cr_assert_str_eq(matches.items[1].photodna, DNA_TEXT);
        free(matches.items);
        if (round == 2)
            break;
        cr_assert_eq(hashset_write_index(set, path[2 + round]), 0);
        hashset_free(set);
        set = hashset_new();
        /* A second part, so that the next index is merged out of two. */
        write_bytes(path[0], "md5 00000000000000000000000000000001\n", 37);
        if (round == 0)
            cr_assert_eq(hashset_load(set, path[0], false, HASH_UNKNOWN, NULL, why, sizeof(why)), 0);
        cr_assert_eq(hashset_load(set, path[2 + round], false, HASH_UNKNOWN, NULL, why, sizeof(why)), 0, "%s", why);
        hashset_seal(set);
    }
    hashset_free(set);
    for (size_t i = 0; i < 4; i++)
        free(path[i]);
    free(said);
    folder_remove(folder, names);
}

/** All that a list says survives the index, and the merging of indexes. */
Test(exchange_index, index_keeps_everything)
{
    static const char *const names[] = {"x.list", "a.index", "b.index", NULL};
    char *folder = folder_new(), *path = path_in(folder, names[0]), *first = path_in(folder, names[1]), why[512];
    char *second = path_in(folder, names[2]);
    struct hashset *set = hashset_new(), *again = hashset_new();
    write_bytes(path, vics, sizeof(vics) - 1);
    cr_assert_eq(hashset_load(set, path, false, HASH_UNKNOWN, NULL, why, sizeof(why)), 0, "%s", why);
    hashset_seal(set);
    cr_assert_eq(hashset_write_index(set, first), 0);
    cr_assert_eq(hashset_load(again, first, false, HASH_UNKNOWN, NULL, why, sizeof(why)), 0, "%s", why);
    cr_assert_eq(hashset_load(again, path, false, HASH_UNKNOWN, NULL, why, sizeof(why)), 0, "%s", why);
    hashset_seal(again);
    cr_assert_eq(hashset_write_index(again, second), 0);
    hashset_free(set);
    set = hashset_new();
    cr_assert_eq(hashset_load(set, second, false, HASH_UNKNOWN, NULL, why, sizeof(why)), 0, "%s", why);
    for (size_t i = 0; i < 2; i++) {
        const struct list_info *list = hashset_list(set, i);
        cr_assert_str_eq(list->source, "VICS 2.0 hash set, region US");
        cr_assert_str_eq(list->map, "vics-us");
        cr_assert(list->n_categories == 7 && list->photodna == 2 && list->entries[HASH_MD5] == 4);
        cr_assert_str_eq(list->categories[0].name, "child abuse material");
    }
    struct match_list matches = {0};
    uint8_t value[32] = {0};
    unhex(MD5_A, value);
    hashset_match_value(set, HASH_MD5, value, &matches);
    cr_assert_eq(matches.n, 2);
    for (size_t i = 0; i < 2; i++) {
        cr_assert_str_eq(matches.items[i].series, "S\xc3\xa9rie");
        cr_assert_str_eq(matches.items[i].category, "1 child abuse material, a,b");
        cr_assert(matches.items[i].flags & MATCH_VIDEO);
    }
    free(matches.items);
    hashset_free(set);
    hashset_free(again);
    free(path);
    free(first);
    free(second);
    folder_remove(folder, names);
}
