#include "match/hex.h"

#include <string.h>
#include <strings.h>

/** Value of a digit plus one; 0 for what is no digit. A table, since a list of 15 million lines has half a billion
 * digits. */
static const uint8_t digit_plus_one[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
    ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

size_t hex_span(const uint8_t *text, size_t n)
{
    size_t i = 0;
    while (i < n && digit_plus_one[text[i]])
        i++;
    return i;
}

bool hex_decode(const uint8_t *text, uint8_t *out, size_t n_bytes)
{
    for (size_t i = 0; i < n_bytes; i++) {
        unsigned high = digit_plus_one[text[2 * i]], low = digit_plus_one[text[2 * i + 1]];
        if (!high || !low)
            return false;
        out[i] = (uint8_t)((high - 1) << 4 | (low - 1));
    }
    return true;
}

int text_truth(const uint8_t *text, size_t n)
{
    static const struct {
        const char *word;
        int truth;
    } words[] = {{"true", 1}, {"1", 1}, {"yes", 1}, {"y", 1}, {"false", 0}, {"0", 0}, {"no", 0}, {"n", 0}};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strlen(words[i].word) == n && strncasecmp(words[i].word, (const char *)text, n) == 0)
            return words[i].truth;
    return -1;
}
