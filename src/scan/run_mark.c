/* run_mark.c: another build may read more, or otherwise; another map may read other values out of the same list. */
#include "scan/run_mark.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <archive.h>

#include "core/buf.h"
#include "sandbox/readers.h"
#include "trawl/decode.h"
#include "trawl/digest.h"
#include "trawl/scan.h"

static void put_decoders(struct buf *out)
{
    for (const struct decoder *const *row = decode_table; *row; row++)
        buf_printf(out, "%s %s %s\n", (*row)->name, (*row)->library,
                   !(*row)->heavy && (*row)->version ? (*row)->version() : "");
}

/** archive_version_details() would say it all, and leaks. */
static void put_archive(struct buf *out)
{
    const char *const versions[] = {
        TRAWL_VERSION,           archive_version_string(), archive_zlib_version(),   archive_liblzma_version(),
        archive_bzlib_version(), archive_liblz4_version(), archive_libzstd_version()};
    for (size_t i = 0; i < sizeof(versions) / sizeof(*versions); i++)
        buf_printf(out, "%s\n", versions[i] ? versions[i] : "");
}

/** The second program is not started to be asked: it is told by its size and time. */
static void put_readers(struct buf *out)
{
    char path[4096];
    struct stat st;
    for (int i = 0; i < TYPE_COUNT; i++)
        if (unpack_find((enum file_type)i))
            buf_printf(out, "%s\n", type_name((enum file_type)i));
    if (readers_path(path, sizeof(path)) && stat(path, &st) == 0)
        buf_printf(out, "%lld %lld.%09ld\n", (long long)st.st_size, (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

static void build_id(uint8_t out[32])
{
    struct buf text = {0};
    struct digests digests;
    put_archive(&text);
    put_decoders(&text);
    put_readers(&text);
    digest_buffer(text.data, text.len, &digests);
    memcpy(out, digests.sha256, 32);
    buf_free(&text);
}

static uint64_t reading_id(const struct scan_options *o)
{
    struct buf text = {0};
    struct digests digests;
    uint64_t id;
    buf_u32(&text, (uint32_t)o->bare);
    for (size_t i = 0; i < o->n_maps; i++)
        buf_bytes(&text, o->maps[i], strlen(o->maps[i]));
    digest_buffer(text.data, text.len, &digests);
    memcpy(&id, digests.sha256, sizeof(id));
    buf_free(&text);
    return id;
}

void run_mark_of(const struct scan_options *options, struct run_mark *mark)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    mark->clock = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    mark->reading = reading_id(options);
    build_id(mark->build);
}

void run_mark_encode(const struct run_mark *mark, struct buf *out)
{
    buf_u64(out, (uint64_t)mark->clock);
    buf_put(out, mark->build, sizeof(mark->build));
    buf_u64(out, mark->reading);
}

bool run_mark_decode(const uint8_t *bytes, size_t n, struct run_mark *mark)
{
    struct reader in = {bytes, n ? bytes + n : bytes, false};
    mark->clock = (int64_t)read_u64(&in);
    const uint8_t *build = read_raw(&in, sizeof(mark->build));
    mark->reading = read_u64(&in);
    if (build)
        memcpy(mark->build, build, sizeof(mark->build));
    return !in.bad && in.p == in.end;
}
