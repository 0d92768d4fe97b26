/* fuzz_index.c: compiled indexes with any numbers in them. The checksums are made right, so that the numbers are looked
 * at. */
#include "hashes.h"
#include "match/index_file.h"

/** Makes the header fit the file. `leave` keeps one of the numbers as the input has it. */
static void mend_header(uint8_t *file, size_t n, unsigned leave)
{
    struct index_header header;
    memcpy(&header, file, sizeof(header));
    memcpy(header.magic, INDEX_MAGIC, sizeof(header.magic));
    if (leave != 1)
        header.version = 1;
    if (leave != 2)
        header.byte_order = INDEX_BYTE_ORDER;
    if (leave != 3)
        header.permutation = NEAR_PERMUTATION_ID;
    if (leave != 4)
        header.n_sections = SECTION_COUNT;
    if (leave != 5)
        header.file_size = n;
    for (int i = 0; i < SECTION_COUNT; i++) {
        struct index_section *section = &header.sections[i];
        if (leave != 6)
            section->offset -= section->offset % INDEX_ALIGN;
        if (section->offset <= n && section->size <= n - section->offset && leave != 7)
            index_digest(file + section->offset, section->size, section->sha256);
    }
    if (leave != 8)
        index_digest(&header, offsetof(struct index_header, sha256), header.sha256);
    memcpy(file, &header, sizeof(header));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    unsigned how = (unsigned)fuzz_number(&in, 1);
    uint8_t *file = fuzz_copy(in.p, in.n);
    if (in.n >= sizeof(struct index_header))
        mend_header(file, in.n, how & 15);
    struct hashset *set = hashset_new();
    struct buf out = {0};
    int r = load_bytes(set, file, in.n, how & 16, HASH_UNKNOWN);
    if (r == 0 && how & 32)
        load_bytes(set, file, in.n, how & 64, HASH_UNKNOWN);
    hashset_seal(set);
    check_infos(set);
    put_all(set, &out);
    char path[4200];
    snprintf(path, sizeof(path), "%s/index", fuzz_folder());
    /* Numbers that point nowhere are found out at the latest when the index is merged with another. */
    if (set->n_parts && hashset_write_index(set, path) == 0)
        unlink(path);
    buf_free(&out);
    hashset_free(set);
    free(file);
    return 0;
}
