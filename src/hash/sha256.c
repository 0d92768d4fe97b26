/* sha256.c: OpenSSL's own function without its objects: those cost 300 ns for each digest, the 250 bytes of a record of
 * the journal 150. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "hash/sha256.h"

#include <openssl/sha.h>

void sha256_parts(const struct sha256_part *parts, size_t n, uint8_t out[32])
{
    SHA256_CTX ctx;
    SHA256_Init(&ctx);
    for (size_t i = 0; i < n; i++)
        SHA256_Update(&ctx, parts[i].data, parts[i].n);
    SHA256_Final(out, &ctx);
}
