#include <string.h>
#include <strings.h>

#include "trawl/match.h"

static const struct {
    const char *name;
    size_t bytes;
} hash_types[HASH_TYPE_COUNT] = {
    [HASH_MD5] = {"md5", 16}, [HASH_SHA1] = {"sha1", 20}, [HASH_SHA256] = {"sha256", 32},
    [HASH_PDQ] = {"pdq", 32}, [HASH_VPDQ] = {"vpdq", 32},
};

const char *hash_type_name(enum hash_type type)
{
    return type < HASH_TYPE_COUNT ? hash_types[type].name : "unknown";
}

size_t hash_type_bytes(enum hash_type type)
{
    return type < HASH_TYPE_COUNT ? hash_types[type].bytes : 0;
}

const char *match_tier(const struct match *match)
{
    if (match->type == HASH_VPDQ)
        return "video";
    return hash_type_is_near(match->type) ? "near" : "exact";
}

static bool name_is(const char *name, size_t n, const char *want)
{
    return strlen(want) == n && strncasecmp(name, want, n) == 0;
}

enum hash_type hash_type_from_name(const char *name, size_t n)
{
    for (int type = 0; type < HASH_TYPE_COUNT; type++)
        if (name_is(name, n, hash_types[type].name))
            return (enum hash_type)type;
    if (name_is(name, n, "sha-1"))
        return HASH_SHA1;
    return name_is(name, n, "sha-256") ? HASH_SHA256 : HASH_UNKNOWN;
}
