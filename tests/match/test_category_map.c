/* Category maps, and lists read by what the operator says of them. */
#include "exchange.h"

/** A map in the subset of TOML, and what is outside of it. */
Test(category_map, category_map_files)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"# a map\nname = \"lab \\\"7\\\"\"\ndefault = 8\n\n[category.1] # one\r\nname = \"first\"\nseverity = 1\n"
         "[category.\"A 1\"]\nseverity = 9\npertinent = false\n",
         ""},
        {"", "line 1: there is no [category.CODE] in it"},
        {"[category.1]\nname = \"x\"\n", "[category.1] has no severity"},
        {"[category.1]\nseverity = 0\n", "line 2: a severity is a number"},
        {"[category.1]\nseverity = 10\n", "line 2: more behind a value than a comment"},
        {"[category.1]\nseverity = 1\n[category.1]\nseverity = 2\n", "line 3: this code is there twice"},
        {"[categories.1]\n", "line 1: a table is called [category.CODE]"},
        {"name = 'x'\n", "line 1: no text in quotes"},
        {"name = \"x\ny\"\n", "line 1: no text in quotes"},
        {"title = \"x\"\n", "line 1: a map has name and default"},
        {"[category.1]\nrank = 1\n", "line 2: a code has name, severity and pertinent"},
        {"[category.1]\nseverity 1\n", "line 2: = is missing"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char why[160];
        struct category_map *map = category_map_parse(rows[i].text, strlen(rows[i].text), "f", why, sizeof(why));
        cr_assert(*rows[i].why ? !map && says(why, rows[i].why) : map != NULL, "%s: %s", rows[i].text, why);
        if (map) {
            cr_assert_str_eq(map->name, "lab \"7\"");
            cr_assert(map->n == 2 && map->otherwise == 8);
            cr_assert_str_eq(category_map_code(map, "1", 1)->name, "first");
            cr_assert_eq(category_map_code(map, "a 1", 3)->flags, MATCH_NOT_PERTINENT);
        }
        category_map_free(map);
    }
    for (const struct category_map *map = category_maps; map->name; map++)
        for (size_t i = 0; i < map->n; i++)
            cr_assert(map->codes[i].severity >= 1 &&
                      category_map_code(map, map->codes[i].code, strlen(map->codes[i].code)) == &map->codes[i]);
}

/** Lists and maps as the operator says. */
static struct loaded load_mapped(const char *text, const char *const *maps, size_t n)
{
    static const char *const names[] = {"x.list", NULL};
    char *folder = folder_new(), *path = path_in(folder, names[0]);
    struct loaded loaded = {.set = hashset_new()};
    size_t size;
    FILE *log = open_memstream(&loaded.log, &size);
    write_bytes(path, text, strlen(text));
    loaded.result = hashset_reading(loaded.set, "the name", maps, n, loaded.why, sizeof(loaded.why));
    if (!loaded.result)
        loaded.result = hashset_load(loaded.set, path, false, HASH_UNKNOWN, log, loaded.why, sizeof(loaded.why));
    fclose(log);
    hashset_seal(loaded.set);
    free(path);
    folder_remove(folder, names);
    return loaded;
}

Test(category_map, columns_by_number)
{
    static const char *const maps[] = {"md5=2,category=4,id=1,victim=3", "iwf"};
    struct loaded loaded = load_mapped("ref|h|v|c\nr1|" MD5_A "|yes|A\nr2|" MD5_B "|no|c\nr3|short|no|c\n", maps, 2);
    check_counts(&loaded, 2, 0, 0, 1);
    cr_assert_str_eq(info(&loaded)->name, "the name");
    cr_assert_str_eq(info(&loaded)->map, "iwf");
    cr_assert_str_eq(found(loaded.set, HASH_MD5, MD5_A), "r1:A category A:1");
    cr_assert_str_eq(found(loaded.set, HASH_MD5, MD5_B), "r2:C category C:3");
    loaded_free(&loaded);
    loaded = load_mapped("r1\t" MD5_A "\tyes\tA\n", maps, 1);
    cr_assert_str_eq(found(loaded.set, HASH_MD5, MD5_A), "r1:A:9", "without a map a code is a label");
    loaded_free(&loaded);
    static const char *const wrong[] = {"md5=0", "md5=257", "md5=1,sha1=1", "category=1", "mdx=1", "md5=1x", "md5="};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        loaded = load_mapped(MD5_A "\n", &wrong[i], 1);
        cr_assert(loaded.result < 0 && loaded.why[0], "%s", wrong[i]);
        loaded_free(&loaded);
    }
}

/** The map of the operator is in force for lists that have one of their own. */
Test(category_map, map_is_replaced)
{
    static const char *const maps[] = {"vics-old"};
    struct loaded loaded = load_mapped(
        "{\"value\":[{\"MD5\":\"" MD5_A "\",\"Category\":5},{\"MD5\":\"" MD5_B "\",\"Category\":0}]}", maps, 1);
    cr_assert_eq(match_of(loaded.set, HASH_MD5, MD5_A).flags, MATCH_NOT_PERTINENT);
    cr_assert_eq(match_of(loaded.set, HASH_MD5, MD5_B).flags, 0);
    cr_assert_str_eq(info(&loaded)->map, "vics-old");
    loaded_free(&loaded);
}
