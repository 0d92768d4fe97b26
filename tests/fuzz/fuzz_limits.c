/* fuzz_limits.c: --limit NAME=VALUE. What is taken is what was meant; what is refused changes nothing. */
#include "fuzz.h"
#include "trawl/limits.h"

/** The value that a text means, computed with room to spare; false where it means none. */
static bool meant(const char *text, char unit, uint64_t *value)
{
    unsigned __int128 v = 0;
    size_t digits = 0;
    for (; *text >= '0' && *text <= '9'; text++, digits++) {
        v = v * 10 + (unsigned)(*text - '0');
        if (v > UINT64_MAX)
            return false;
    }
    if (unit == 'b' && *text) {
        static const char units[] = "kKmMgGtT";
        const char *at = strchr(units, *text++);
        if (!at)
            return false;
        v <<= 10 * ((at - units) / 2 + 1);
    }
    *value = (uint64_t)v;
    return digits && !*text && v <= UINT64_MAX;
}

static void check_value(const char *text, char unit)
{
    uint64_t value = 7, expected = 7;
    bool good = limit_value_parse(text, unit, &value);
    CHECK(good == meant(text, unit, &expected));
    CHECK(value == (good ? expected : 7));
}

static void check_set(const char *text)
{
    struct limits limits, before;
    char why[128] = "";
    limits_default(&before);
    limits = before;
    int r = limits_parse(&limits, text, why, sizeof(why)), changed = 0;
    CHECK((r == 0 && !*why) || (r == -1 && *why && strlen(why) < sizeof(why)));
    for (int i = 0; i < LIMIT_COUNT; i++) {
        if (limits.value[i] == before.value[i])
            continue;
        size_t n = strlen(limit_table[i].name);
        uint64_t expected;
        CHECK(i > LIMIT_NONE && strncmp(text, limit_table[i].name, n) == 0 && text[n] == '=');
        CHECK(meant(text + n + 1, limit_table[i].unit, &expected) && limits.value[i] == expected);
        changed++;
    }
    CHECK(changed <= (r == 0));
}

static void check_compare(uint64_t limit, uint64_t in, uint64_t out)
{
    struct limits limits = {.value = {[LIMIT_RATIO] = limit, [LIMIT_PIXELS] = limit}};
    CHECK(limit_exceeded(&limits, LIMIT_PIXELS, in) == (in > limit));
    CHECK(!limit_ratio_exceeded(&limits, in, out) || out > 1ull << 30);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    struct fuzz_input in = {data, size};
    CHECK(text);
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    check_set(text);
    const char *equals = strchr(text, '=');
    check_value(equals ? equals + 1 : text, 'n');
    check_value(equals ? equals + 1 : text, 'b');
    uint64_t limit = fuzz_number(&in, 8), from = fuzz_number(&in, 8);
    check_compare(limit, from, fuzz_number(&in, 8));
    free(text);
    return 0;
}
