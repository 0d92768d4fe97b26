/* fuzz_sniff.c: what the bytes of a file are, told from its beginning and its end. */
#include "fuzz.h"
#include "trawl/type.h"

static void check_type(enum file_type type)
{
    CHECK((unsigned)type < TYPE_COUNT && type_class(type) != CLASS_SPECIAL);
    CHECK(type_from_name(type_name(type)) == type);
}

/** Bytes beyond SNIFF_HEAD, the memory that they lie in and a second look make no difference. */
static enum file_type sniff_twice(const uint8_t *data, size_t n, uint64_t size)
{
    uint8_t *copy = fuzz_copy(data, n);
    enum file_type type = sniff(copy, n, size);
    check_type(type);
    free(copy);
    copy = malloc(n + SNIFF_HEAD);
    CHECK(copy);
    memset(copy, 0xee, n + SNIFF_HEAD);
    if (n)
        memcpy(copy, data, n);
    CHECK(sniff(copy, n, size) == type);
    if (n >= SNIFF_HEAD)
        CHECK(sniff(copy, n + SNIFF_HEAD, size) == type);
    free(copy);
    return type;
}

static void check_tail(const uint8_t *data, size_t n, uint64_t size)
{
    size_t len = n < SNIFF_TAIL ? n : SNIFF_TAIL;
    uint8_t *copy = fuzz_copy(data + n - len, len);
    bool zip = sniff_zip_tail(copy, len, size);
    if (zip)
        CHECK(len >= 22 && memmem(copy, len, "PK\5\6", 4));
    CHECK(!sniff_zip_tail(copy, len, len - (len > 0)) || !len);
    check_type(sniff_tail(TYPE_OTHER, copy, len, size));
    CHECK(sniff_tail(TYPE_JPEG, copy, len, size) == TYPE_JPEG);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    unsigned how = (unsigned)fuzz_number(&in, 1);
    uint64_t more = fuzz_number(&in, 4);
    /* A long head out of a short input: what is at byte 32768 and beyond comes from its end. */
    size_t far = how & 1 ? (how & 2 ? 32768u : 65536u) : 0, n = far + in.n;
    uint8_t *head = calloc(1, n ? n : 1);
    CHECK(head);
    if (in.n) {
        memcpy(head, in.p, far && in.n > far ? far : in.n);
        memcpy(head + far, in.p, in.n);
    }
    sniff_twice(head, n, n);
    sniff_twice(head, n, UINT64_MAX);
    sniff_twice(head, n, n + more);
    if (n >= 512)
        sniff_tar_header(head);
    check_tail(head, n, n);
    check_tail(head, n, n + more);
    free(head);
    return 0;
}
