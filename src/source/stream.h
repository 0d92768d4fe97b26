/* stream.h (private): the bytes inside one compression filter, in order. */
#ifndef SOURCE_STREAM_H
#define SOURCE_STREAM_H

#include "source/member.h"
#include "source/window.h"

struct archive;

struct stream {
    /**
     * The next bytes, valid until the next call; *n = 0 at the end. All that could be unpacked comes before a status
     * other than TRAWL_OK, which ends the stream; `why` then says what is wrong.
     */
    enum trawl_status (*next)(struct stream *stream, const uint8_t **data, size_t *n);
    /** Bytes of the container that were used so far. */
    uint64_t (*used)(struct stream *stream);
    void (*close)(struct stream *stream);
    char why[UNPACK_DETAIL];
};

/** Opens the stream in a container of the given filter type. NULL where memory is missing. */
struct stream *stream_open(enum file_type type, struct window *window);

/** stream_gzip.c, stream_compress.c, stream_libarchive.c */
struct stream *stream_gzip(struct window *window);
struct stream *stream_compress(struct window *window);
struct stream *stream_libarchive(enum file_type type, struct window *window);

/** The name in the header of a gzip file; its length, 0 if there is none. */
size_t gzip_header_name(struct window *window, uint8_t *name, size_t cap);

/** "cannot read at offset N: ..." of a window that failed; TRAWL_IO_ERROR. */
enum trawl_status window_failure(const struct window *window, char why[UNPACK_DETAIL]);
/** What a libarchive handle's last error means, and its words. */
enum trawl_status archive_failure(struct archive *archive, char why[UNPACK_DETAIL]);

#endif
