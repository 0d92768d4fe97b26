/* openssl.h (private): OpenSSL's algorithms, fetched once. */
#ifndef HASH_OPENSSL_H
#define HASH_OPENSSL_H

#include <openssl/evp.h>

/** SHA-256; never NULL. EVP_sha256() would look it up by its name in each use, and crashes where memory is short. */
const EVP_MD *openssl_sha256(void);

#endif
