/* whole.c: the medium as a whole: how it was acquired, its digests, and whether they are those that it should have. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "disk/disk.h"
#include "trawl/digest.h"
#include "trawl/facts.h"

#define PIECE (1u << 20)
/** Bad ranges that are named. */
#define NAMED_BAD 16

struct text {
    char bytes[FACTS_MAX];
    size_t n;
};

/** One line; left out where it has no room. */
static void fact(struct text *text, const char *name, const char *format, ...)
{
    va_list args;
    size_t room = sizeof(text->bytes) - text->n;
    int head = snprintf(text->bytes + text->n, room, "%s=", name);
    if (head < 0 || (size_t)head >= room)
        return;
    va_start(args, format);
    int n = vsnprintf(text->bytes + text->n + head, room - (size_t)head, format, args);
    va_end(args);
    if (n <= 0 || (size_t)(head + n) + 1 >= room)
        return;
    for (int i = 0; i < n; i++)
        if (text->bytes[text->n + (size_t)(head + i)] == '\n')
            text->bytes[text->n + (size_t)(head + i)] = ' ';
    text->n += (size_t)(head + n);
    text->bytes[text->n++] = '\n';
}

static void fact_hex(struct text *text, const char *name, const uint8_t *bytes, size_t n)
{
    char hex[2 * 32 + 1] = "";
    for (size_t i = 0; i < n && i < 32; i++)
        snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
    fact(text, name, "%s", hex);
}

static void case_facts(struct text *text, const struct medium *medium)
{
    const struct acquisition *a = &medium->acquisition;
    fact(text, "format", "%s", medium->format->name);
    fact(text, "bytes", "%llu", (unsigned long long)medium->size);
    if (medium->n_segments > 1)
        fact(text, "parts", "%zu", medium->n_segments);
    fact(text, "case_number", "%s", a->case_number);
    fact(text, "evidence_number", "%s", a->evidence_number);
    fact(text, "examiner", "%s", a->examiner);
    fact(text, "description", "%s", a->description);
    fact(text, "notes", "%s", a->notes);
    fact(text, "acquired", "%s", a->acquired);
    fact(text, "software", "%s", a->software);
    if (a->has_md5)
        fact_hex(text, "stored_md5", a->md5, sizeof(a->md5));
    if (a->has_sha1)
        fact_hex(text, "stored_sha1", a->sha1, sizeof(a->sha1));
}

static bool digest_all(struct disk *disk, struct digests *digests)
{
    struct medium *medium = &disk->medium;
    uint8_t *piece = malloc(PIECE);
    struct digest_stream *stream = piece ? digest_new() : NULL;
    if (!stream)
        return false;
    digest_start(stream);
    for (uint64_t at = 0; at < medium->size;) {
        size_t n = medium_read(medium, piece, PIECE, at);
        digest_update(stream, piece, n);
        at += n;
        disk_alive(disk);
    }
    digest_finish(stream, digests);
    digest_free(stream);
    free(piece);
    return true;
}

/** Says which digest is not what it should be; counts those that are. */
static void compare(const char *what, const uint8_t *wanted, const uint8_t *got, size_t n, bool there,
                    const char *whose, unsigned *equal, char why[UNPACK_DETAIL])
{
    if (!there)
        return;
    if (memcmp(wanted, got, n) == 0)
        ++*equal;
    else if (!*why)
        detail_format(why, "the %s of the medium is not the one %s", what, whose);
}

static void compare_all(const struct disk *disk, const struct digests *d, unsigned *equal, char why[UNPACK_DETAIL])
{
    static const char stored[] = "stored in the image", expected[] = "that was expected";
    const struct acquisition *a = &disk->medium.acquisition;
    const struct unpack_verify *v = &disk->input->verify;
    compare("MD5", a->md5, d->md5, sizeof(a->md5), a->has_md5, stored, equal, why);
    compare("SHA-1", a->sha1, d->sha1, sizeof(a->sha1), a->has_sha1, stored, equal, why);
    compare("MD5", v->md5, d->md5, sizeof(v->md5), v->has_md5, expected, equal, why);
    compare("SHA-1", v->sha1, d->sha1, sizeof(v->sha1), v->has_sha1, expected, equal, why);
    compare("SHA-256", v->sha256, d->sha256, sizeof(v->sha256), v->has_sha256, expected, equal, why);
}

static void bad_facts(struct text *text, const struct medium *medium)
{
    char list[NAMED_BAD * 44 + 8] = "";
    size_t n = 0, i = 0;
    for (; i < medium->n_bad && i < NAMED_BAD; i++)
        n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%llu-%llu", i ? " " : "",
                              (unsigned long long)medium->bad[i].start / 512,
                              (unsigned long long)(medium->bad[i].end - 1) / 512);
    if (i)
        fact(text, "bad_sectors", "%s%s", list, medium->n_bad > i ? " ..." : "");
}

/** All bytes of the medium are read: what is amiss is known. */
static enum trawl_status verify(struct disk *disk, struct text *text, char why[UNPACK_DETAIL])
{
    struct medium *medium = &disk->medium;
    struct digests digests;
    unsigned equal = 0;
    if (!digest_all(disk, &digests)) {
        detail_format(why, "not enough memory to verify it");
        return TRAWL_LIMIT;
    }
    fact_hex(text, "md5", digests.md5, sizeof(digests.md5));
    fact_hex(text, "sha1", digests.sha1, sizeof(digests.sha1));
    fact_hex(text, "sha256", digests.sha256, sizeof(digests.sha256));
    bad_facts(text, medium);
    compare_all(disk, &digests, &equal, why);
    if (medium->n_bad)
        detail_format(why, "sectors %llu to %llu%s are missing or fail their checksum",
                      (unsigned long long)medium->bad[0].start / 512,
                      (unsigned long long)(medium->bad[0].end - 1) / 512, medium->n_bad > 1 ? " and others" : "");
    fact(text, "verified", "%s", *why ? "no" : equal ? "yes" : "nothing to compare with");
    if (*why)
        return TRAWL_DAMAGED;
    detail_format(why, equal ? "its digests are those that it should have" : "no digest to compare with");
    return TRAWL_OK;
}

void disk_whole(struct disk *disk, uint64_t index)
{
    static struct text text;
    static const char name[] = "$medium";
    char why[UNPACK_DETAIL] = "";
    struct member member;
    struct origin origin = origin_of(ORIGIN_MEDIUM);
    enum trawl_status status = TRAWL_OK;
    struct unpack_entry entry = {.index = index, .offset = 0, .size = UINT64_MAX, .type = TYPE_DISK};
    /* A disk as it stands in one file is that file, whose digests are in its own line. */
    if (!disk->input->verify.wanted && disk->medium.format == &raw_medium && disk->medium.n_segments == 1)
        return;
    if (index < disk->input->first_index)
        return;
    text.n = 0;
    entry.name = (const uint8_t *)name;
    entry.name_len = sizeof(name) - 1;
    entry.origin = &origin;
    disk->entries++;
    member_begin(&member, disk->input, disk->sink, &entry);
    case_facts(&text, &disk->medium);
    if (disk->input->verify.wanted)
        status = verify(disk, &text, why);
    text.bytes[text.n < sizeof(text.bytes) ? text.n : sizeof(text.bytes) - 1] = '\0';
    if (disk->sink->facts)
        disk->sink->facts(disk->sink, text.bytes);
    member_end(&member, status, UINT64_MAX, why);
}
