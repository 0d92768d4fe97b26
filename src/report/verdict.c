#include "report/verdict.h"

#include <math.h>
#include <string.h>
#include <strings.h>

const char *verdict_name(enum verdict verdict)
{
    static const char *const names[VERDICTS] = {"", "confirmed", "rejected", "unsure"};
    return names[verdict];
}

enum verdict verdict_from_word(const char *word, size_t n)
{
    static const struct {
        const char *word;
        enum verdict verdict;
    } words[] = {
        {"confirmed", VERDICT_CONFIRMED}, {"confirm", VERDICT_CONFIRMED},
        {"true", VERDICT_CONFIRMED},      {"true positive", VERDICT_CONFIRMED},
        {"tp", VERDICT_CONFIRMED},        {"yes", VERDICT_CONFIRMED},
        {"match", VERDICT_CONFIRMED},     {"1", VERDICT_CONFIRMED},
        {"rejected", VERDICT_REJECTED},   {"reject", VERDICT_REJECTED},
        {"false", VERDICT_REJECTED},      {"false positive", VERDICT_REJECTED},
        {"fp", VERDICT_REJECTED},         {"no", VERDICT_REJECTED},
        {"no match", VERDICT_REJECTED},   {"0", VERDICT_REJECTED},
        {"unsure", VERDICT_UNSURE},       {"unknown", VERDICT_UNSURE},
        {"undecided", VERDICT_UNSURE},    {"?", VERDICT_UNSURE},
    };
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (strlen(words[i].word) == n && strncasecmp(words[i].word, word, n) == 0)
            return words[i].verdict;
    return VERDICT_NONE;
}

int verdict_add(struct sorter *sorter, const uint8_t sha256[32], enum verdict verdict)
{
    uint8_t key[33] = {1}, value = (uint8_t)verdict;
    memcpy(key + 1, sha256, 32);
    return sorter_add(sorter, key, sizeof(key), &value, 1);
}

/** Reads the next one; of several on one content the last. */
static int advance(struct verdicts *verdicts)
{
    const uint8_t *key, *value;
    size_t key_len, value_len;
    int got = sorter_next(verdicts->sorter, &key, &key_len, &value, &value_len);
    verdicts->any = got > 0;
    if (got <= 0)
        return got;
    verdicts->repeated =
        verdicts->total && key_len == sizeof(verdicts->key) && memcmp(verdicts->key, key, key_len) == 0;
    verdicts->next = value_len == 1 && *value < VERDICTS ? (enum verdict) * value : VERDICT_NONE;
    memcpy(verdicts->key, key, key_len < sizeof(verdicts->key) ? key_len : sizeof(verdicts->key));
    verdicts->total += !verdicts->repeated;
    return 0;
}

int verdicts_open(struct verdicts *verdicts, struct sorter *sorter)
{
    *verdicts = (struct verdicts){.sorter = sorter};
    return advance(verdicts);
}

int verdicts_of(struct verdicts *verdicts, const void *content, size_t n)
{
    enum verdict found = VERDICT_NONE;
    while (verdicts->any) {
        size_t both = n < sizeof(verdicts->key) ? n : sizeof(verdicts->key);
        int order = memcmp(verdicts->key, content, both);
        if (order > 0 || (!order && n < sizeof(verdicts->key)))
            break;
        bool same = !order && n == sizeof(verdicts->key);
        if (same)
            found = verdicts->next;
        else
            verdicts->unmatched += !verdicts->repeated;
        int error = advance(verdicts);
        if (error)
            return error;
    }
    return (int)found;
}

int verdicts_end(struct verdicts *verdicts)
{
    int error = 0;
    while (verdicts->any && !error) {
        verdicts->unmatched += !verdicts->repeated;
        error = advance(verdicts);
    }
    return error;
}

void verdicts_free(struct verdicts *verdicts)
{
    sorter_free(verdicts->sorter);
    *verdicts = (struct verdicts){0};
}

void wilson_interval(uint64_t hits, uint64_t n, double *low, double *high)
{
    const double z = 1.959963984540054, m = (double)n, p = (double)hits / m;
    double centre = (p + z * z / (2 * m)) / (1 + z * z / m);
    double half = z * sqrt(p * (1 - p) / m + z * z / (4 * m * m)) / (1 + z * z / m);
    *low = hits == 0 ? 0 : centre - half;
    *high = hits == n ? 1 : centre + half;
}
