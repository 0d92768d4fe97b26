#include "report/digest_key.h"

#include <string.h>

#include "core/alloc.h"
#include "hash/openssl.h"

void digest_key(const void *data, size_t n, uint8_t out[DIGEST_KEY])
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    if (EVP_Digest(data, n, digest, NULL, openssl_sha256(), NULL) != 1)
        mem_missing();
    memcpy(out, digest, DIGEST_KEY);
}
