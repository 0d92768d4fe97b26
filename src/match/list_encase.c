/* list_encase.c: EnCase hash sets (.hash): a header of 1152 bytes, then records of an MD5 and two bytes. */
#include <string.h>

#include "match/list.h"

#define HEADER     1152
#define RECORD     18
#define COUNT_AT   16
#define NAME_AT    1032
#define NAME_BYTES 0x50

static const uint8_t magic[] = "HASH\r\n\xff\0\x02\0\0\0\x01\0\0";

static bool recognise(const uint8_t *head, size_t n)
{
    return n >= sizeof(magic) && memcmp(head, magic, sizeof(magic)) == 0;
}

/** UTF-16LE of which only ASCII matters: the name is for people. */
static void read_name(struct loader *loader, const uint8_t *header)
{
    buf_puts(&loader->source, "EnCase hash set ");
    for (size_t i = 0; i + 1 < NAME_BYTES; i += 2) {
        uint8_t low = header[NAME_AT + i], high = header[NAME_AT + i + 1];
        if (!low && !high)
            break;
        buf_byte(&loader->source, high || low < 0x20 || low > 0x7e ? '?' : low);
    }
}

static void load_records(struct loader *loader, uint64_t *count)
{
    const uint8_t *record;
    size_t n;
    while (!loader_failed(loader) && (n = rows_peek(&loader->rows, &record)) >= RECORD) {
        for (size_t i = 0; i < n / RECORD && !loader_failed(loader); i++) {
            struct entry entry = {.line = ++*count, .severity = SEVERITY_NONE};
            struct posting posting;
            if (loader_posting(loader, &entry, &posting))
                loader_add(loader, HASH_MD5, record + i * RECORD, &posting);
        }
        rows_skip(&loader->rows, n / RECORD * RECORD);
    }
    if (!loader_failed(loader) && rows_peek(&loader->rows, &record))
        loader_bad(loader, *count + 1, "a record that is cut off");
}

static void load(struct loader *loader)
{
    const uint8_t *header;
    uint64_t said = 0, count = 0;
    if (rows_peek(&loader->rows, &header) < HEADER) {
        loader_fail(loader, "%s: its header is cut off", loader->path);
        return;
    }
    for (int i = 3; i >= 0; i--)
        said = said << 8 | header[COUNT_AT + i];
    read_name(loader, header);
    rows_skip(&loader->rows, HEADER);
    load_records(loader, &count);
    if (said != count)
        loader_note(loader, "its header says %llu records, and there are %llu", (unsigned long long)said,
                    (unsigned long long)count);
}

const struct list_format list_format_encase = {"encase", recognise, load};
