#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trawl/digest.h"

static void check_hex(const uint8_t *bytes, size_t n, const char *hex)
{
    char got[65];
    for (size_t i = 0; i < n; i++)
        snprintf(got + 2 * i, 3, "%02x", bytes[i]);
    cr_assert_str_eq(got, hex);
}

static void check(const struct digests *got, const char *md5, const char *sha1, const char *sha256)
{
    check_hex(got->md5, sizeof(got->md5), md5);
    check_hex(got->sha1, sizeof(got->sha1), sha1);
    check_hex(got->sha256, sizeof(got->sha256), sha256);
}

/* RFC 1321, FIPS 180-4. */

Test(digest, empty)
{
    struct digests got;
    digest_buffer(NULL, 0, &got);
    check(&got, "d41d8cd98f00b204e9800998ecf8427e", "da39a3ee5e6b4b0d3255bfef95601890afd80709",
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

Test(digest, abc)
{
    struct digests got;
    digest_buffer("abc", 3, &got);
    check(&got, "900150983cd24fb0d6963f7d28e17f72", "a9993e364706816aba3e25717850c26c9cd0d89d",
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

Test(digest, a_million_times_a)
{
    char *data = malloc(1000000);
    struct digests got;
    cr_assert_not_null(data);
    memset(data, 'a', 1000000);
    digest_buffer(data, 1000000, &got);
    check(&got, "7707d6ae4e027c70eea2a935c2296f21", "34aa973cd4c4daa4f61eeb2bdbad27316534016f",
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    free(data);
}

/** However it is cut, and however often the stream is used again, with unfinished files between. */
Test(digest, pieces_and_reuse)
{
    enum { N = 70000 };
    static uint8_t data[N];
    static const size_t pieces[] = {1, 63, 64, 65, 1000, 16383, 16384, 16385, 32768, 50000, N};
    struct digests want, got;
    struct digest_stream *stream = digest_new();
    for (size_t i = 0; i < N; i++)
        data[i] = (uint8_t)(i * 2654435761u >> 13);
    digest_buffer(data, N, &want);
    for (unsigned i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
        digest_start(stream);
        digest_update(stream, data, i * 100);
        digest_start(stream);
        for (size_t at = 0; at < N; at += pieces[i])
            digest_update(stream, data + at, N - at < pieces[i] ? N - at : pieces[i]);
        digest_update(stream, data, 0);
        digest_finish(stream, &got);
        cr_assert(memcmp(&got, &want, sizeof(got)) == 0, "pieces of %zu", pieces[i]);
    }
    digest_free(stream);
    digest_free(NULL);
}
