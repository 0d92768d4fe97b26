/* list_foreign.c: files that people take for lists: refused in words, not read as text. */
#include <string.h>

#include "match/list.h"

/** Files that people take for hash lists, and what to say of them. */
static const struct {
    const char *magic;
    size_t n;
    const char *what;
} foreign[] = {
    {"\xff\xfe", 2, "UTF-16 text; save it as UTF-8"},
    {"\xfe\xff", 2, "UTF-16 text; save it as UTF-8"},
    {"PK\x03\x04", 4, "a zip; unpack it first"},
    {"\x1f\x8b", 2, "compressed (gzip), twice or in a way that nobody knows"},
    {"HASH\r\n\xff", 7, "an EnCase hash set of another version"},
};

static const char *foreign_format(const uint8_t *head, size_t n)
{
    for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
        if (n >= foreign[i].n && memcmp(head, foreign[i].magic, foreign[i].n) == 0)
            return foreign[i].what;
    return NULL;
}

static bool recognise(const uint8_t *head, size_t n)
{
    return foreign_format(head, n) != NULL;
}

static void load(struct loader *loader)
{
    const uint8_t *head;
    size_t n = rows_peek(&loader->rows, &head);
    loader_fail(loader, "%s: is %s", loader->path, foreign_format(head, n));
}

const struct list_format list_format_foreign = {"", recognise, load};
