/* index_write.c: writes a part as an index file. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "hash/openssl.h"
#include "match/index.h"
#include "match/index_file.h"

/** A multiple of any page. */
#define PIECE ((size_t)16 << 20)

static int write_all(int fd, const void *data, size_t n, off_t at)
{
    const uint8_t *p = data;
    while (n) {
        ssize_t done = pwrite(fd, p, n, at);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return done < 0 ? -errno : -EIO;
        p += done;
        n -= (size_t)done;
        at += done;
    }
    return 0;
}

/** Digest and bytes, piece by piece: what was mapped from a file shall not stay in memory. */
static int write_section(int fd, const struct section *section, off_t at, uint8_t sha256[32])
{
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    int failed = 0;
    if (!digest || !EVP_DigestInit_ex(digest, openssl_sha256(), NULL))
        mem_missing();
    for (size_t done = 0; done < section->size && !failed; done += PIECE) {
        size_t n = section->size - done < PIECE ? section->size - done : PIECE;
        uint8_t *p = (uint8_t *)section->data + done;
        EVP_DigestUpdate(digest, p, n);
        failed = write_all(fd, p, n, at + (off_t)done);
        if (section->mapped)
            madvise(p, n, MADV_DONTNEED);
    }
    EVP_DigestFinal_ex(digest, sha256, NULL);
    EVP_MD_CTX_free(digest);
    return failed;
}

static int write_sections(int fd, const struct part *part, struct index_header *header)
{
    uint64_t at = sizeof(*header);
    for (int i = 0; i < SECTION_COUNT; i++) {
        const struct section *section = &part->sections[i];
        at = (at + INDEX_ALIGN - 1) / INDEX_ALIGN * INDEX_ALIGN;
        header->sections[i] = (struct index_section){.offset = at, .size = section->size};
        int failed = write_section(fd, section, (off_t)at, header->sections[i].sha256);
        if (failed)
            return failed;
        at += section->size;
    }
    /* The last section may be empty: the file still ends where the header says. */
    header->file_size = at;
    return ftruncate(fd, (off_t)at) < 0 ? -errno : 0;
}

static int write_file(int fd, const struct part *part)
{
    struct index_header header = {.version = INDEX_VERSION,
                                  .byte_order = INDEX_BYTE_ORDER,
                                  .permutation = NEAR_PERMUTATION_ID,
                                  .n_sections = SECTION_COUNT};
    memcpy(header.magic, INDEX_MAGIC, sizeof(header.magic));
    int failed = write_sections(fd, part, &header);
    if (failed)
        return failed;
    index_digest(&header, offsetof(struct index_header, sha256), header.sha256);
    failed = write_all(fd, &header, sizeof(header), 0);
    if (failed)
        return failed;
    return fsync(fd) < 0 ? -errno : 0;
}

/** So that the new name survives a power loss. */
static void sync_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? mem_strndup(path, (size_t)(slash - path) + 1) : mem_strdup(".");
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    free(folder);
}

int index_write(const struct part *part, const char *path)
{
    struct buf name = {0};
    buf_printf(&name, "%s.XXXXXX", path);
    buf_str(&name);
    char *temporary = (char *)name.data;
    int fd = mkostemp(temporary, O_CLOEXEC);
    int failed = fd < 0 ? -errno : write_file(fd, part);
    if (fd >= 0 && close(fd) < 0 && !failed)
        failed = -errno;
    if (!failed && rename(temporary, path) < 0)
        failed = -errno;
    if (failed && fd >= 0)
        unlink(temporary);
    if (!failed)
        sync_folder(path);
    buf_free(&name);
    return failed;
}
