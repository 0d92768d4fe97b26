/* vmdk_text.c: the descriptor of a VMware disk. It names files; none is opened but those that stood beside it. */
#include <stdlib.h>
#include <string.h>

#include "disk/vmdk.h"

/** The value behind `key` and '=' at the start of a line, without quotes; false where there is none. */
static bool value_of(const char *text, const char *key, char *value, size_t size)
{
    size_t n = strlen(key);
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncasecmp(line, key, n) != 0)
            continue;
        const char *p = line + n + strspn(line + n, " \t");
        if (*p != '=')
            continue;
        p += 1 + strspn(p + 1, " \t\"");
        size_t len = strcspn(p, "\"\r\n");
        len = len < size ? len : size - 1;
        memcpy(value, p, len);
        value[len] = '\0';
        return true;
    }
    return false;
}

bool vmdk_needs_parent(struct medium *medium, const char *text)
{
    char cid[16], name[96] = "?";
    if (!value_of(text, "parentCID", cid, sizeof(cid)) || strcasecmp(cid, "ffffffff") == 0)
        return false;
    value_of(text, "parentFileNameHint", name, sizeof(name));
    medium_fail(medium, TRAWL_UNSUPPORTED, "needs its parent %s", name);
    return true;
}

/** The segment of that name, folders left out; UINT32_MAX where there is none. */
static uint32_t segment_named(const struct medium *medium, const char *name, size_t n)
{
    for (size_t i = 0; i < medium->n_segments; i++)
        if (medium->segments[i].name && strlen(medium->segments[i].name) == n &&
            strncasecmp(medium->segments[i].name, name, n) == 0)
            return (uint32_t)i;
    return UINT32_MAX;
}

/** `RW 4192256 SPARSE "disk-s001.vmdk" 0`. */
static bool parse_extent(const struct medium *medium, const char *line, struct vmdk_extent *extent)
{
    static const char *const access[] = {"RW ", "RDONLY ", "NOACCESS "};
    size_t i = 0;
    while (i < 3 && strncmp(line, access[i], strlen(access[i])) != 0)
        i++;
    if (i == 3)
        return false;
    char *p;
    uint64_t sectors = strtoull(line + strlen(access[i]), &p, 10);
    p += strspn(p, " ");
    *extent = (struct vmdk_extent){.kind = VMDK_ABSENT, .length = sectors};
    if (strncmp(p, "ZERO", 4) == 0)
        extent->kind = VMDK_ZEROS;
    bool flat = strncmp(p, "FLAT", 4) == 0 || strncmp(p, "VMFS ", 5) == 0;
    bool sparse = strncmp(p, "SPARSE", 6) == 0 || strncmp(p, "VMFSSPARSE", 10) == 0;
    const char *quote = memchr(p, '"', strcspn(p, "\r\n"));
    const char *end = quote ? memchr(quote + 1, '"', strcspn(quote + 1, "\r\n")) : NULL;
    if ((flat || sparse) && end) {
        extent->segment = segment_named(medium, quote + 1, (size_t)(end - quote - 1));
        if (extent->segment != UINT32_MAX)
            extent->kind = flat ? VMDK_FLAT : VMDK_SPARSE;
        extent->at = flat ? strtoull(end + 1, NULL, 10) : 0;
    }
    return sectors <= INT64_MAX / 512 && extent->at <= INT64_MAX / 512;
}

static bool add_extent(struct medium *medium, struct vmdk_extent *extent, const char *line)
{
    struct vmdk *vmdk = medium->state;
    extent->length *= 512;
    extent->at *= 512;
    extent->start = medium->size;
    if (vmdk->n == VMDK_MOST_EXTENTS || __builtin_add_overflow(medium->size, extent->length, &medium->size))
        return medium_fail(medium, TRAWL_DAMAGED, "more extents than any disk has");
    if (extent->kind == VMDK_ABSENT)
        medium_note(medium, "a part is not here: %.*s", (int)(strcspn(line, "\r\n") & 127), line);
    if (extent->kind == VMDK_SPARSE) {
        struct vmdk_extent place = *extent;
        if (!vmdk_sparse(medium, place.segment, extent))
            return false;
        extent->start = place.start;
        extent->length = place.length;
    }
    vmdk->extents[vmdk->n++] = *extent;
    return true;
}

bool vmdk_descriptor(struct medium *medium, const char *text)
{
    struct vmdk *vmdk = medium->state;
    struct vmdk_extent extent;
    size_t there = 0;
    if (vmdk_needs_parent(medium, text))
        return false;
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (!parse_extent(medium, line, &extent))
            continue;
        if (!add_extent(medium, &extent, line))
            return false;
        there += extent.kind != VMDK_ABSENT;
    }
    if (!vmdk->n)
        return medium_fail(medium, TRAWL_DAMAGED, "its descriptor lists no extent");
    return there || medium_fail(medium, TRAWL_UNSUPPORTED, "none of the files that hold its bytes is beside it");
}
