#include "trawl/digest.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "hash/openssl.h"
#include "trawl/status.h"

/** The three read each piece in turn while it is in the first-level cache. */
enum { ALGORITHMS = 3, PIECE = 16384 };

static const char *const names[ALGORITHMS] = {"MD5", "SHA1", "SHA256"};
/**
 * Fetched once: asking by name for every file costs more than hashing 1 KiB. From a library context of our own: that of
 * the library comes into being unseen, and is used as a NULL pointer where memory was missing for it.
 */
static OSSL_LIB_CTX *library;
static EVP_MD *algorithms[ALGORITHMS];
static pthread_once_t fetched = PTHREAD_ONCE_INIT;

struct digest_stream {
    EVP_MD_CTX *context[ALGORITHMS];
};

/** A digest that cannot be computed must not be reported as one. */
static void require(int ok)
{
    static const char text[] = "trawl: OpenSSL cannot compute MD5, SHA-1 and SHA-256; the case can be resumed\n";
    if (ok)
        return;
    ssize_t ignored = write(STDERR_FILENO, text, sizeof(text) - 1);
    (void)ignored;
    _exit(EXIT_INTERNAL);
}

static void fetch(void)
{
    library = OSSL_LIB_CTX_new();
    require(library != NULL);
    for (unsigned i = 0; i < ALGORITHMS; i++) {
        algorithms[i] = EVP_MD_fetch(library, names[i], NULL);
        require(algorithms[i] != NULL);
    }
}

const EVP_MD *openssl_sha256(void)
{
    pthread_once(&fetched, fetch);
    return algorithms[2];
}

struct digest_stream *digest_new(void)
{
    pthread_once(&fetched, fetch);
    struct digest_stream *stream = ALLOC(struct digest_stream);
    for (unsigned i = 0; i < ALGORITHMS; i++) {
        stream->context[i] = EVP_MD_CTX_new();
        require(stream->context[i] != NULL);
    }
    digest_start(stream);
    return stream;
}

void digest_free(struct digest_stream *stream)
{
    if (!stream)
        return;
    for (unsigned i = 0; i < ALGORITHMS; i++)
        EVP_MD_CTX_free(stream->context[i]);
    free(stream);
}

void digest_start(struct digest_stream *stream)
{
    for (unsigned i = 0; i < ALGORITHMS; i++)
        require(EVP_DigestInit_ex2(stream->context[i], algorithms[i], NULL));
}

void digest_update(struct digest_stream *stream, const void *data, size_t n)
{
    for (const uint8_t *p = data; n;) {
        size_t piece = n < PIECE ? n : PIECE;
        for (unsigned i = 0; i < ALGORITHMS; i++)
            require(EVP_DigestUpdate(stream->context[i], p, piece));
        p += piece;
        n -= piece;
    }
}

void digest_finish(struct digest_stream *stream, struct digests *out)
{
    require(EVP_DigestFinal_ex(stream->context[0], out->md5, NULL));
    require(EVP_DigestFinal_ex(stream->context[1], out->sha1, NULL));
    require(EVP_DigestFinal_ex(stream->context[2], out->sha256, NULL));
}

void digest_buffer(const void *data, size_t n, struct digests *out)
{
    struct digest_stream *stream = digest_new();
    digest_update(stream, data, n);
    digest_finish(stream, out);
    digest_free(stream);
}
