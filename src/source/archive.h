/* archive.h (private): members of an archive, from a file or out of a filter's stream. */
#ifndef SOURCE_ARCHIVE_H
#define SOURCE_ARCHIVE_H

#include "source/member.h"
#include "source/stream.h"
#include "source/window.h"

struct archive_entry;

/** A stream whose beginning was looked at. */
struct tap {
    struct stream *stream;
    /** The first SNIFF_HEAD bytes, or all there are; given out first. */
    uint8_t *head;
    size_t head_len;
    /** What the stream gave beyond the head. */
    const uint8_t *rest;
    size_t rest_len;
    bool head_given;
    /** Bytes given out; behind the last of them that is not zero. */
    uint64_t given, nonzero;
    /** How the stream ended. */
    enum trawl_status status;
    bool ended;
};

/** Reads the head. False where memory is missing. */
bool tap_open(struct tap *tap, struct stream *stream);
/** The next bytes; *n = 0 at the end, tap->status then says how it ended. */
void tap_next(struct tap *tap, const uint8_t **data, size_t *n);
void tap_close(struct tap *tap);

/** Where an archive's bytes come from: a container's window, or a tap. */
struct archive_source {
    struct window *window;
    uint64_t at;
    struct tap *tap;
    /** Of the container's window, tap or not. */
    const uint64_t *holes;
};

/** Delivers every member of an archive of that type (not WARC), by libarchive. Sets all of `end` but, out of a tap,
 * `accounted`. */
void archive_members(const struct unpack_input *input, enum file_type type, struct archive_source *source,
                     struct unpack_sink *sink, struct unpack_end *end);
/** The same for WARC. */
void warc_members(const struct unpack_input *input, struct archive_source *source, struct unpack_sink *sink,
                  struct unpack_end *end);
/** An entry but for its place. Its name is borrowed from libarchive, or in *owned, to be freed. */
struct unpack_entry archive_describe(struct archive_entry *entry, char **owned);
/** True if the archive's first header says that it is one volume of several: libarchive passes over its pieces
 * silently. */
bool archive_is_volume(enum file_type type, struct window *window);
/** Bytes of the file that the archive explains, of which the reader used so many; `whole`: it came to the end. */
uint64_t archive_accounted(enum file_type type, struct window *window, uint64_t used, bool whole);
struct ranges;
/** Carves what is no part of the archive. */
void archive_carve(const struct unpack_input *input, struct unpack_sink *sink, struct ranges *gaps,
                   struct unpack_end *end);

/** 1 if a block of 512 zeros stands there, as at the end of a tar; 0 if not; -1 if it cannot be read. */
int tar_zeros_at(int fd, uint64_t at);
/** True if all blocks from `at` to `to` are zeros or cannot be read: there is no record among them. */
bool tar_empty_until(int fd, uint64_t at, uint64_t to);

#endif
