#include "match/photodna.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/alloc.h"
#include "match/hex.h"
#include "match/part.h"

/** Written at once. */
#define PENDING_MAX (1u << 20)

void photodna_free(struct photodnas *values)
{
    if (values->fd > 0)
        close(values->fd);
    buf_free(&values->pending);
    free(values->refs);
    *values = (struct photodnas){0};
}

bool photodna_decode(const uint8_t *text, size_t n, uint8_t value[PHOTODNA_BYTES])
{
    uint8_t decoded[PHOTODNA_TEXT];
    if (n == 2 * (size_t)PHOTODNA_BYTES)
        return hex_decode(text, value, PHOTODNA_BYTES);
    if (n != PHOTODNA_TEXT || memchr(text, '=', n) || EVP_DecodeBlock(decoded, text, (int)n) != PHOTODNA_BYTES)
        return false;
    memcpy(value, decoded, PHOTODNA_BYTES);
    return true;
}

/** A file without a name, in the folder for temporary files. */
static int nameless_file(void)
{
    FILE *file = tmpfile();
    int fd = file ? fcntl(fileno(file), F_DUPFD_CLOEXEC, 3) : -1;
    if (file)
        fclose(file);
    return fd;
}

static void flush(struct photodnas *values)
{
    const uint8_t *p = values->pending.data;
    size_t left = values->pending.len;
    if (!left)
        return;
    if (!values->fd)
        values->fd = nameless_file();
    while (left && values->fd > 0 && !values->failed) {
        ssize_t n = write(values->fd, p, left);
        if (n <= 0) {
            values->failed = true;
            break;
        }
        p += n;
        left -= (size_t)n;
    }
    values->failed = values->failed || values->fd < 0;
    values->pending.len = 0;
}

void photodna_add(struct photodnas *values, uint32_t list, uint32_t entry, const uint8_t value[PHOTODNA_BYTES])
{
    if (values->failed || values->n == UINT32_MAX)
        return;
    RESERVE(values->refs, values->n, values->cap);
    values->refs[values->n] = (struct photodna_ref){list, entry, (uint32_t)values->n};
    values->n++;
    buf_put(&values->pending, value, PHOTODNA_BYTES);
    if (values->pending.len >= PENDING_MAX)
        flush(values);
}

static int ref_order(const void *a, const void *b)
{
    const struct photodna_ref *x = a, *y = b;
    if (x->list != y->list)
        return x->list < y->list ? -1 : 1;
    if (x->entry != y->entry)
        return x->entry < y->entry ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

void photodna_seal(struct photodnas *values, struct part *part)
{
    size_t size = size_mul(values->n, PHOTODNA_BYTES);
    flush(values);
    void *map = values->n && !values->failed ? mmap(NULL, size, PROT_READ, MAP_SHARED, values->fd, 0) : MAP_FAILED;
    if (map != MAP_FAILED) {
        qsort(values->refs, values->n, sizeof(*values->refs), ref_order);
        part->sections[SECTION_PHOTODNA_REFS] =
            (struct section){.data = values->refs, .size = values->n * sizeof(*values->refs)};
        part->sections[SECTION_PHOTODNA] = (struct section){.data = map, .size = size, .mapped = true};
        values->refs = NULL;
    }
    photodna_free(values);
}

/** The first one of the entry. */
const uint8_t *photodna_find(const struct part *part, uint32_t list, uint32_t entry)
{
    const struct photodna_ref *refs = part->sections[SECTION_PHOTODNA_REFS].data;
    size_t lo = 0, hi = part->sections[SECTION_PHOTODNA_REFS].size / sizeof(*refs);
    size_t n = hi, values = part->sections[SECTION_PHOTODNA].size / PHOTODNA_BYTES;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (refs[mid].list < list || (refs[mid].list == list && refs[mid].entry < entry))
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == n || refs[lo].list != list || refs[lo].entry != entry || refs[lo].number >= values)
        return NULL;
    return (const uint8_t *)part->sections[SECTION_PHOTODNA].data + (size_t)refs[lo].number * PHOTODNA_BYTES;
}

void photodna_text(const uint8_t value[PHOTODNA_BYTES], char text[PHOTODNA_TEXT + 1])
{
    EVP_EncodeBlock((uint8_t *)text, value, PHOTODNA_BYTES);
}
