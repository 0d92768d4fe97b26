/* hint.c: the word that was meant: nearest by edit distance, a swap of neighbours counting as one edit. */
#include "cli/cli.h"

#include <string.h>

/** Longer words get no hint: no option or command is half as long. */
#define HINT_MAX 32

static int min3(int a, int b, int c)
{
    int least = a < b ? a : b;
    return least < c ? least : c;
}

/** Edit distance (optimal string alignment) of a, n bytes, and b, m bytes; HINT_MAX * 2 where one is too long. */
static int edit_distance(const char *a, size_t n, const char *b, size_t m)
{
    int rows[3][HINT_MAX + 1];
    if (n > HINT_MAX || m > HINT_MAX)
        return 2 * HINT_MAX;
    int *before = rows[0], *last = rows[1], *row = rows[2];
    for (size_t j = 0; j <= m; j++)
        last[j] = (int)j;
    for (size_t i = 1; i <= n; i++) {
        row[0] = (int)i;
        for (size_t j = 1; j <= m; j++) {
            row[j] = min3(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < row[j])
                row[j] = before[j - 2] + 1;
        }
        int *spare = before;
        before = last;
        last = row;
        row = spare;
    }
    return last[m];
}

struct hint {
    const char *name;
    int distance;
};

/** A word that was begun ("max", "verb") is as near as one with one slip. */
static void hint_offer(struct hint *hint, const char *typed, size_t n, const char *name)
{
    size_t m = strlen(name);
    int distance = n >= 3 && n < m && memcmp(typed, name, n) == 0 ? 1 : edit_distance(typed, n, name, m);
    /* A third of the word may be wrong: more, and the hint is a guess that misleads. */
    if (distance <= ((int)n + 2) / 3 && distance < hint->distance)
        *hint = (struct hint){name, distance};
}

const char *word_hint(const char *typed, const char *const *words)
{
    struct hint hint = {NULL, HINT_MAX};
    for (; *words; words++)
        hint_offer(&hint, typed, strlen(typed), *words);
    return hint.name;
}

const char *command_hint(const char *name)
{
    struct hint hint = {NULL, HINT_MAX};
    for (size_t i = 0; i < command_table_size; i++)
        hint_offer(&hint, name, strlen(name), command_table[i].name);
    return hint.name;
}

const char *option_hint(const struct command *command, const char *name, size_t n)
{
    struct hint hint = {NULL, HINT_MAX};
    for (size_t i = 0; i < option_table_size; i++)
        if (option_table[i].commands & command->bit)
            hint_offer(&hint, name, n, option_table[i].name);
    return hint.name;
}
