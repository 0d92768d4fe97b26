/* fuzz_map.c: --map: category maps out of files, and the columns of tables. What is taken is whole; the rest is told.
 */
#include "fuzz.h"
#include "match/category_map.h"
#include "match/columns.h"

static void check_map(const char *text, size_t n)
{
    char why[160] = "";
    struct category_map *map = category_map_parse(text, n, "file", why, sizeof(why));
    CHECK((map != NULL) == !*why);
    CHECK(fuzz_text_clean(why, strlen(why)));
    for (size_t i = 0; map && i < map->n; i++) {
        const struct map_code *code = &map->codes[i];
        CHECK(code->severity >= 1 && code->severity <= SEVERITY_NONE && (code->flags & ~MATCH_NOT_PERTINENT) == 0);
        CHECK(fuzz_text_clean(code->code, strlen(code->code)) && fuzz_text_clean(code->name, strlen(code->name)));
        CHECK(category_map_code(map, code->code, strlen(code->code)) == code);
    }
    CHECK(!map || (map->n && map->n <= MAP_CODES_MAX && map->otherwise >= 1 && *map->codes[0].code + 1));
    category_map_free(map);
}

static void check_columns(const char *text)
{
    struct columns columns;
    char why[400] = "";
    bool good = columns_parse(text, &columns, why, sizeof(why)), hash = false;
    CHECK(good == !*why);
    for (size_t i = 0; good && i < CSV_FIELDS_MAX; i++) {
        CHECK(columns.kinds[i] <= COLUMN_OTHER && (i < columns.n || columns.kinds[i] == COLUMN_OTHER));
        hash = hash || columns.kinds[i] <= COLUMN_HASH;
    }
    CHECK(!good || hash);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    CHECK(text);
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    check_map(text, size);
    check_columns(text);
    free(text);
    return 0;
}
