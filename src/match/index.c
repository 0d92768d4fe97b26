#include "match/index.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "hash/openssl.h"
#include "match/index_file.h"

void index_digest(const void *data, size_t n, uint8_t out[32])
{
    if (!EVP_Digest(data ? data : "", n, out, NULL, openssl_sha256(), NULL))
        mem_missing();
}

bool index_recognised(const uint8_t *head, size_t n)
{
    return n >= 8 && memcmp(head, INDEX_MAGIC, 8) == 0;
}

/** What the header alone tells. */
static const char *check_header(const struct index_header *header, uint64_t size)
{
    uint8_t sha256[32];
    if (size < sizeof(header->magic) + 2 * sizeof(uint32_t) ||
        memcmp(header->magic, INDEX_MAGIC, sizeof(header->magic)) != 0)
        return "it is no index";
    if (header->byte_order == __builtin_bswap32(INDEX_BYTE_ORDER))
        return "it was made on a machine of the other byte order; build it again from its lists";
    if (header->version != INDEX_VERSION)
        return "it was made by another version of trawl; build it again from its lists";
    if (size < sizeof(*header))
        return "it is cut off";
    index_digest(header, offsetof(struct index_header, sha256), sha256);
    if (memcmp(sha256, header->sha256, sizeof(sha256)) != 0)
        return "it is damaged (the checksum of its header is wrong)";
    if (header->permutation != NEAR_PERMUTATION_ID || header->n_sections != SECTION_COUNT)
        return "it was made by another version of trawl; build it again from its lists";
    return header->file_size == size ? NULL : "it is cut off";
}

/** Points the sections into the mapping. */
static const char *map_sections(struct part *part)
{
    const struct index_header *header = part->map;
    for (int i = 0; i < SECTION_COUNT; i++) {
        const struct index_section *section = &header->sections[i];
        if (section->offset % INDEX_ALIGN || section->offset > part->map_size ||
            section->size > part->map_size - section->offset)
            return "it is damaged (a section lies outside)";
        part->sections[i] = (struct section){.data = (uint8_t *)part->map + section->offset, .size = section->size};
    }
    return NULL;
}

static const char *bind(struct part *part, bool check)
{
    const char *why = check_header(part->map, part->map_size);
    if (!why)
        why = map_sections(part);
    if (!why && (check || part->map_size <= INDEX_CHECK_MAX))
        why = index_check(part);
    if (!why && part_bind(part, &why))
        why = NULL;
    return why;
}

const char *index_open(int fd, struct part *part, bool check)
{
    struct stat st;
    *part = (struct part){0};
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return "an index must be a regular file";
    if (st.st_size < (off_t)sizeof(struct index_header))
        return "it is cut off";
    part->map_size = (size_t)st.st_size;
    part->map = mmap(NULL, part->map_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (part->map == MAP_FAILED) {
        *part = (struct part){0};
        return "it cannot be mapped into memory";
    }
    const char *why = bind(part, check);
    if (why)
        part_free(part);
    return why;
}

const char *index_check(const struct part *part)
{
    const struct index_header *header = part->map;
    for (int i = 0; i < SECTION_COUNT; i++) {
        uint8_t sha256[32];
        index_digest(part->sections[i].data, part->sections[i].size, sha256);
        if (memcmp(sha256, header->sections[i].sha256, sizeof(sha256)) != 0)
            return "it is damaged (a checksum is wrong); build it again from its lists";
    }
    return NULL;
}
