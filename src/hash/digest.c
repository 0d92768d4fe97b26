#include "trawl/digest.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "core/alloc.h"
#include "hash/digest_state.h"
#include "hash/openssl.h"
#include "simd/level.h"
#include "trawl/status.h"

/** OpenSSL's read each piece in turn while it is in the first-level cache. */
enum { ALGORITHMS = 3, PIECE = 16384 };

static const char *const names[ALGORITHMS] = {"MD5", "SHA1", "SHA256"};
/**
 * Fetched once: asking by name for every file costs more than hashing 1 KiB. From a library context of our own: that of
 * the library comes into being unseen, and is used as a NULL pointer where memory was missing for it.
 */
static OSSL_LIB_CTX *library;
static EVP_MD *algorithms[ALGORITHMS];
static pthread_once_t fetched = PTHREAD_ONCE_INIT;
static bool fused_present;
static pthread_once_t asked = PTHREAD_ONCE_INIT;

struct digest_stream {
    enum digest_kind which;
    /** By the kernel for all three, not by OpenSSL. */
    bool fused;
    /** OpenSSL's, by bit of `which`; each NULL until first needed. */
    EVP_MD_CTX *context[ALGORITHMS];
    uint32_t state[STATE_WORDS];
    uint64_t size;
    /** What fills no block yet: size % DIGEST_BLOCK bytes. */
    uint8_t part[DIGEST_BLOCK];
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

static void ask(void)
{
    fused_present = digest_fused_present();
}

const EVP_MD *openssl_sha256(void)
{
    pthread_once(&fetched, fetch);
    return algorithms[2];
}

struct digest_stream *digest_new(void)
{
    struct digest_stream *stream = ALLOC(struct digest_stream);
    digest_start(stream);
    return stream;
}

static void drop_contexts(struct digest_stream *stream)
{
    for (unsigned i = 0; i < ALGORITHMS; i++)
        EVP_MD_CTX_free(stream->context[i]);
}

void digest_free(struct digest_stream *stream)
{
    if (!stream)
        return;
    drop_contexts(stream);
    free(stream);
}

static void openssl_start(struct digest_stream *stream)
{
    pthread_once(&fetched, fetch);
    for (unsigned i = 0; i < ALGORITHMS; i++) {
        if (!(stream->which & 1u << i))
            continue;
        if (!stream->context[i])
            stream->context[i] = EVP_MD_CTX_new();
        require(stream->context[i] && EVP_DigestInit_ex2(stream->context[i], algorithms[i], NULL));
    }
}

static void openssl_update(struct digest_stream *stream, const uint8_t *data, size_t n)
{
    while (n) {
        size_t piece = n < PIECE ? n : PIECE;
        for (unsigned i = 0; i < ALGORITHMS; i++)
            if (stream->which & 1u << i)
                require(EVP_DigestUpdate(stream->context[i], data, piece));
        data += piece;
        n -= piece;
    }
}

static void openssl_finish(struct digest_stream *stream, struct digests *out)
{
    uint8_t *const to[ALGORITHMS] = {out->md5, out->sha1, out->sha256};
    for (unsigned i = 0; i < ALGORITHMS; i++)
        if (stream->which & 1u << i)
            require(EVP_DigestFinal_ex(stream->context[i], to[i], NULL));
}

bool digest_fused_used(enum digest_kind which)
{
    pthread_once(&asked, ask);
    return which == DIGEST_ALL && simd_level() >= SIMD_AVX2 && fused_present;
}

void digest_start_kinds(struct digest_stream *stream, enum digest_kind which)
{
    stream->which = which;
    stream->fused = digest_fused_used(which);
    if (!stream->fused) {
        openssl_start(stream);
        return;
    }
    memcpy(stream->state, digest_initial, sizeof(stream->state));
    stream->size = 0;
}

void digest_start(struct digest_stream *stream)
{
    digest_start_kinds(stream, DIGEST_ALL);
}

static void fused_update(struct digest_stream *stream, const uint8_t *data, size_t n)
{
    size_t have = stream->size % DIGEST_BLOCK;
    stream->size += n;
    if (have) {
        size_t fill = n < DIGEST_BLOCK - have ? n : DIGEST_BLOCK - have;
        memcpy(stream->part + have, data, fill);
        if (have + fill < DIGEST_BLOCK)
            return;
        digest_fused(stream->state, 1, stream->part, 1, false);
        data += fill;
        n -= fill;
    }
    size_t whole = n / DIGEST_BLOCK;
    digest_fused(stream->state, 1, data, whole, false);
    memcpy(stream->part, data + whole * DIGEST_BLOCK, n % DIGEST_BLOCK);
}

void digest_update(struct digest_stream *stream, const void *data, size_t n)
{
    if (!n)
        return;
    if (stream->fused)
        fused_update(stream, data, n);
    else
        openssl_update(stream, data, n);
}

void digest_finish(struct digest_stream *stream, struct digests *out)
{
    if (!stream->fused) {
        openssl_finish(stream, out);
        return;
    }
    uint8_t tail[2 * DIGEST_BLOCK];
    digest_fused(stream->state, 1, tail, digest_pad(tail, stream->part, stream->size), true);
    digest_state_out(stream->state, 1, DIGEST_ALL, out);
}

void digest_buffer(const void *data, size_t n, struct digests *out)
{
    struct digest_stream stream = {.fused = false};
    digest_start(&stream);
    digest_update(&stream, data, n);
    digest_finish(&stream, out);
    drop_contexts(&stream);
}
