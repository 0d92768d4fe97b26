/* libarchive.c: tar 7z rar rar5 cab cpio lha xar ar by libarchive, one format enabled at a time. */
#include "source/archive.h"
#include "source/ranges.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/** Times that libarchive may say "again" without moving on. */
#define STALL_MAX 100

struct archive_format {
    enum file_type type;
    int (*enable)(struct archive *);
    /** archive_read_header_position means the entry's offset. */
    bool has_offsets;
    /** Members stand in it as they are: what cannot be read is in one member only, not in all that are decoded after
     * it. */
    bool plain;
    /** libarchive cannot pass over a member's data: see read_rest. */
    bool read_all;
};

static const struct archive_format format_table[] = {
    {TYPE_TAR, archive_read_support_format_tar, true, true, false},
    {TYPE_7Z, archive_read_support_format_7zip, false, false, true},
    {TYPE_RAR, archive_read_support_format_rar, true, false, false},
    {TYPE_RAR5, archive_read_support_format_rar5, true, false, true},
    {TYPE_CAB, archive_read_support_format_cab, false, false, true},
    {TYPE_CPIO, archive_read_support_format_cpio, true, true, false},
    {TYPE_LHA, archive_read_support_format_lha, true, false, false},
    {TYPE_XAR, archive_read_support_format_xar, false, false, false},
    {TYPE_AR, archive_read_support_format_ar, true, true, false},
};

static const struct archive_format *format_find(enum file_type type)
{
    for (size_t i = 0; i < sizeof(format_table) / sizeof(*format_table); i++)
        if (format_table[i].type == type)
            return &format_table[i];
    return NULL;
}

/** One archive being read. */
struct reading {
    const struct unpack_input *input;
    const struct archive_format *format;
    struct archive_source *source;
    struct unpack_sink *sink;
    struct unpack_end *end;
    struct archive *archive;
    /** Bytes that are no entry, passed over to find the next header; how many of them in front of its end mark. */
    uint64_t garbage, lost;
    struct ranges gaps;
    /** libarchive would give bytes of the last member as the next one's. */
    bool stale;
    /** Where it says that the last entry's header is. */
    la_int64_t header;
    /** Behind the zero blocks that end a tar. */
    bool past_end;
    uint64_t index;
    unsigned stalls;
    /** The source's holes at the end of the member before; some were not in a member. */
    uint64_t holes_before;
    bool holes_outside;
};

static la_ssize_t source_read(struct archive *archive, void *data, const void **bytes)
{
    struct archive_source *source = data;
    char why[UNPACK_DETAIL];
    const uint8_t *p = NULL;
    size_t n;
    if (source->tap) {
        tap_next(source->tap, &p, &n);
        if (!n && source->tap->status != TRAWL_OK)
            archive_set_error(archive, EINVAL, "%s", source->tap->stream->why);
        *bytes = p;
        return n || source->tap->status == TRAWL_OK ? (la_ssize_t)n : ARCHIVE_FATAL;
    }
    *bytes = window_at(source->window, source->at, 1, &n);
    if (!*bytes && source->window->error) {
        window_failure(source->window, why);
        archive_set_error(archive, EIO, "%s", why);
        return ARCHIVE_FATAL;
    }
    source->at += n;
    return (la_ssize_t)n;
}

static la_int64_t source_skip(struct archive *archive, void *data, la_int64_t request)
{
    struct archive_source *source = data;
    (void)archive;
    uint64_t left = source->window->size > source->at ? source->window->size - source->at : 0;
    uint64_t n = request < 0 ? 0 : (uint64_t)request < left ? (uint64_t)request : left;
    source->at += n;
    return (la_int64_t)n;
}

static la_int64_t source_seek(struct archive *archive, void *data, la_int64_t offset, int whence)
{
    struct archive_source *source = data;
    la_int64_t from = whence == SEEK_SET   ? 0
                      : whence == SEEK_CUR ? (la_int64_t)source->at
                                           : (la_int64_t)source->window->size,
               to;
    if (__builtin_add_overflow(from, offset, &to) || to < 0) {
        archive_set_error(archive, EINVAL, "an offset before the beginning");
        return ARCHIVE_FATAL;
    }
    source->at = (uint64_t)to;
    return to;
}

/** What went wrong: with the bytes below libarchive, else with what it made of them. */
static enum trawl_status reading_failure(struct reading *reading, char why[UNPACK_DETAIL])
{
    struct tap *tap = reading->source->tap;
    if (tap && tap->status != TRAWL_OK) {
        detail_format(why, "%s", tap->stream->why);
        return tap->status;
    }
    if (!tap && reading->source->window->error)
        return window_failure(reading->source->window, why);
    return archive_failure(reading->archive, why);
}

/**
 * Reads the rest of a member; gives it on where it is wanted. Returns what libarchive said last.
 *
 * Some formats' members cannot be passed over: in a CAB libarchive crashes if an error stands before it, in a solid 7z
 * it loses its place in the stream and with it all members that follow, and in a RAR 5 an error in it ends the archive
 * or moves the next header.
 */
static int read_rest(struct reading *reading, struct member *member)
{
    const void *data;
    size_t n;
    la_int64_t at;
    int r = ARCHIVE_OK;
    for (unsigned empty = 0; r >= ARCHIVE_WARN && r != ARCHIVE_EOF && empty < STALL_MAX; empty = n ? 0 : empty + 1) {
        n = 0;
        r = archive_read_data_block(reading->archive, &data, &n, &at);
        if (n && r >= ARCHIVE_WARN && r != ARCHIVE_EOF && at >= 0 && (uint64_t)at >= member->end)
            member_data(member, data, n, (uint64_t)at);
    }
    return r;
}

/**
 * Reads what libarchive still holds of a RAR 5 member in which an error was met: a wrong checksum is told before the
 * last blocks are given, which would then be the first of the next member.
 */
static void read_held(struct reading *reading, struct member *member)
{
    if (reading->format->type != TYPE_RAR5 || read_rest(reading, member) == ARCHIVE_EOF)
        return;
    /* The one error that libarchive tells before it gives what it holds, every time. */
    const char *words = archive_error_string(reading->archive);
    reading->stale = words && strstr(words, "too many bytes");
}

/** Gives the data blocks on. Returns how the member ended; *size is how far it came. */
static enum trawl_status deliver_data(struct reading *reading, struct member *member, uint64_t *size,
                                      char why[UNPACK_DETAIL])
{
    const void *data;
    la_int64_t at = 0;
    uint64_t declared = *size;
    enum trawl_status status = TRAWL_OK;
    for (unsigned empty = 0; empty < STALL_MAX;) {
        size_t n = 0;
        int r = archive_read_data_block(reading->archive, &data, &n, &at);
        if (r == ARCHIVE_EOF) {
            /* Where a sparse file ends with a hole, only this offset tells. */
            *size = at > 0 && (uint64_t)at == declared ? declared : member->end;
            return TRAWL_OK;
        }
        if (r != ARCHIVE_OK && r != ARCHIVE_WARN && r != ARCHIVE_RETRY) {
            status = reading_failure(reading, why);
            break;
        }
        empty = n ? 0 : empty + 1;
        if (at < 0 || (uint64_t)at < member->end)
            break;
        if (n && !member_data(member, data, n, (uint64_t)at))
            return TRAWL_OK;
    }
    read_held(reading, member);
    *size = member->end;
    if (status == TRAWL_OK) {
        status = TRAWL_DAMAGED;
        detail_format(why, "its blocks are out of order");
    }
    return status;
}

static uint64_t bytes_used(const struct reading *reading)
{
    la_int64_t used = archive_filter_bytes(reading->archive, -1);
    return used > 0 ? (uint64_t)used : 0;
}

/** True if bytes of the member could not be read, or bytes before it that its decoder needed. */
static bool has_holes(const struct reading *reading)
{
    bool plain = reading->format->plain && !reading->source->tap;
    return *reading->source->holes > (plain ? reading->holes_before : 0);
}

/** Between members: what could not be read there may have been others. A tar's next member is whole all the same where
 * its own header and its bytes can be read. */
static void check_outside(struct reading *reading, uint64_t before)
{
    uint64_t used = bytes_used(reading);
    if (*reading->source->holes == reading->holes_before)
        return;
    reading->holes_outside = true;
    if (reading->format->type == TYPE_TAR && !reading->source->tap &&
        reading->source->window->hole_last + 512 <= used && tar_empty_until(reading->input->fd, before, used - 512))
        reading->holes_before = *reading->source->holes;
}

static void deliver_regular(struct reading *reading, struct archive_entry *entry, struct member *member,
                            uint64_t declared)
{
    char why[UNPACK_DETAIL] = "";
    uint64_t size = declared == UINT64_MAX ? 0 : declared;
    enum trawl_status status = TRAWL_OK;
    if (archive_entry_is_encrypted(entry)) {
        member_end(member, TRAWL_ENCRYPTED, 0, "encrypted");
        return;
    }
    bool cab = reading->format->type == TYPE_CAB;
    if (member->wanted)
        status = deliver_data(reading, member, &size, why);
    if (status == TRAWL_OK && !member->wanted && reading->format->read_all &&
        read_rest(reading, member) != ARCHIVE_EOF) {
        if (cab)
            status = reading_failure(reading, why);
        read_held(reading, member);
    }
    if (status != TRAWL_OK && cab)
        end_note(reading->end, status, "ends at entry %llu: %s", (unsigned long long)reading->index - 1, why);
    if (status == TRAWL_LIMIT)
        status = TRAWL_DAMAGED;
    if (member->wanted && status == TRAWL_OK && declared != UINT64_MAX && size != declared) {
        status = TRAWL_DAMAGED;
        detail_format(why, "%llu bytes of %llu", (unsigned long long)size, (unsigned long long)declared);
    }
    if (member->wanted && has_holes(reading)) {
        status = TRAWL_IO_ERROR;
        detail_format(why, HOLES_DETAIL);
    }
    member_end(member, status, size > member->end ? size : member->end, why);
}

/** An entry whose header was read, with `r`. */
static void deliver_entry(struct reading *reading, struct archive_entry *entry, int r, uint64_t before)
{
    struct member member;
    char *owned = NULL, why[UNPACK_DETAIL];
    struct unpack_entry description = archive_describe(entry, &owned);
    description.index = reading->index++;
    reading->header = archive_read_header_position(reading->archive);
    if (reading->format->has_offsets && !reading->source->tap)
        description.offset = (uint64_t)reading->header;
    check_outside(reading, before);
    reading->end->entries = reading->index;
    member_begin(&member, reading->input, reading->sink, &description);
    if (r == ARCHIVE_FAILED) {
        enum trawl_status status = reading_failure(reading, why);
        member_end(&member, status == TRAWL_LIMIT ? TRAWL_DAMAGED : status, 0, why);
    } else if (description.type != TYPE_OTHER) {
        member_end(&member, TRAWL_OK, 0, NULL);
    } else {
        deliver_regular(reading, entry, &member, description.size);
    }
    reading->holes_before = *reading->source->holes;
    free(owned);
}

static void note_failure(struct reading *reading)
{
    char why[UNPACK_DETAIL];
    enum trawl_status status = reading_failure(reading, why);
    if (status == TRAWL_LIMIT)
        end_memory(reading->end);
    else
        end_note(reading->end, status, "%s", why);
}

/** True if zero blocks, the end mark of a tar, begin there. Not through the window: libarchive is still using that. */
static bool end_mark_at(struct reading *reading, uint64_t at)
{
    return reading->format->type == TYPE_TAR && !reading->source->tap && tar_zeros_at(reading->input->fd, at) == 1;
}

/** A block that is no header was passed over: harmless only behind the end mark. */
static void note_garbage(struct reading *reading, uint64_t before)
{
    uint64_t n = bytes_used(reading) - before;
    if (end_mark_at(reading, before))
        reading->past_end = true;
    if (reading->past_end && n > 512)
        n = 512; /* the rest was zero blocks */
    reading->garbage += n;
    ranges_add(&reading->gaps, before, bytes_used(reading));
    if (!reading->past_end)
        reading->lost += n;
}

static int reading_open(struct reading *reading)
{
    struct archive *archive = reading->archive;
    bool seekable = !reading->source->tap;
    if (reading->format->enable(archive) != ARCHIVE_OK)
        return ARCHIVE_FATAL;
    /* Two zero blocks end a tar, but another may follow. */
    if (reading->format->type == TYPE_TAR)
        archive_read_set_format_option(archive, "tar", "read_concatenated_archives", "1");
    archive_read_set_read_callback(archive, source_read);
    if (seekable) {
        archive_read_set_skip_callback(archive, source_skip);
        archive_read_set_seek_callback(archive, source_seek);
    }
    archive_read_set_callback_data(archive, reading->source);
    return archive_read_open1(archive);
}

/**
 * Where a name cannot be converted, libarchive ends the process if errno is ENOMEM, whoever set it and when: a large
 * allocation that was refused long ago is enough.
 */
static int next_header(struct reading *reading, struct archive_entry **entry)
{
    errno = 0;
    return archive_read_next_header(reading->archive, entry);
}

/**
 * Begins again, from where the next header is: members before it are passed over without their data. False where
 * libarchive does not come that far.
 */
static bool reading_restart(struct reading *reading)
{
    struct archive_entry *entry;
    archive_read_free(reading->archive);
    reading->archive = archive_read_new();
    reading->source->at = 0;
    reading->stale = false;
    int r = reading->archive ? reading_open(reading) : ARCHIVE_FATAL;
    for (uint64_t passed = 0; passed < reading->index && r >= ARCHIVE_FAILED && r != ARCHIVE_EOF;) {
        r = next_header(reading, &entry);
        passed += r != ARCHIVE_RETRY;
    }
    return r >= ARCHIVE_FAILED && r != ARCHIVE_EOF && archive_read_header_position(reading->archive) == reading->header;
}

/** Takes what libarchive says to a request for the next header. False at the end. */
static bool take_header(struct reading *reading, struct archive_entry *entry, int r, uint64_t before)
{
    if (r == ARCHIVE_EOF)
        return false;
    if (r == ARCHIVE_FATAL) {
        /* A piece of a block behind the end mark. */
        if ((reading->source->window && reading->source->window->error) ||
            !(reading->past_end || end_mark_at(reading, before)))
            note_failure(reading);
        return false;
    }
    if (r == ARCHIVE_RETRY) {
        note_garbage(reading, before);
    } else {
        if (end_at_entry_limit(reading->end, reading->input, reading->index))
            return false;
        deliver_entry(reading, entry, r, before);
        reading->past_end = false;
        if (reading->stale && !reading_restart(reading)) {
            end_note(reading->end, TRAWL_DAMAGED, "nothing behind entry %llu can be read",
                     (unsigned long long)reading->index - 1);
            return false;
        }
        if (reading->format->type == TYPE_CAB && reading->end->status != TRAWL_OK)
            return false;
    }
    if (r >= ARCHIVE_WARN || bytes_used(reading) > before) {
        reading->stalls = 0;
        return true;
    }
    if (r != ARCHIVE_FAILED && ++reading->stalls < STALL_MAX)
        return true;
    end_note(reading->end, TRAWL_DAMAGED, "no way past a broken header at offset %llu", (unsigned long long)before);
    return false;
}

static void read_entries(struct reading *reading)
{
    struct archive_entry *entry;
    uint64_t before;
    int r;
    do {
        before = bytes_used(reading);
        r = next_header(reading, &entry);
    } while (take_header(reading, entry, r, before));
    if (reading->lost)
        end_note(reading->end, TRAWL_DAMAGED, "%llu bytes are no part of the %s", (unsigned long long)reading->lost,
                 type_name(reading->format->type));
    else if (reading->garbage)
        end_note(reading->end, TRAWL_OK, "%llu bytes behind its end mark", (unsigned long long)reading->garbage);
}

static uint64_t file_accounted(struct reading *reading)
{
    bool whole = reading->end->status == TRAWL_OK;
    uint64_t used = archive_accounted(reading->format->type, reading->source->window, bytes_used(reading), whole);
    return used > reading->garbage ? used - reading->garbage : 0;
}

/** Reads what is left of a stream: what lies behind the archive in it cannot be accounted for otherwise. */
static void tap_drain(struct reading *reading, struct tap *tap)
{
    la_int64_t used = archive_filter_bytes(reading->archive, 0);
    const uint8_t *p;
    size_t n;
    do
        tap_next(tap, &p, &n);
    while (n);
    if (tap->status != TRAWL_OK)
        end_note(reading->end, tap->status, "%s", tap->stream->why);
    else if (used >= 0 && tap->nonzero > (uint64_t)used)
        end_note(reading->end, TRAWL_DAMAGED, "%llu bytes behind the end of the %s inside",
                 (unsigned long long)(tap->given - (uint64_t)used), type_name(reading->format->type));
}

void archive_members(const struct unpack_input *input, enum file_type type, struct archive_source *source,
                     struct unpack_sink *sink, struct unpack_end *end)
{
    struct reading reading = {.input = input,
                              .format = format_find(type),
                              .source = source,
                              .sink = sink,
                              .end = end,
                              .archive = archive_read_new()};
    if (!reading.archive) {
        end_memory(end);
    } else if (reading_open(&reading) != ARCHIVE_OK) {
        note_failure(&reading);
    } else {
        read_entries(&reading);
        if (!source->tap && archive_is_volume(type, source->window))
            end_note(end, TRAWL_UNSUPPORTED, "one volume of a split %s", type_name(type));
    }
    if (reading.archive && source->tap && end->status == TRAWL_OK)
        tap_drain(&reading, source->tap);
    if (reading.archive && !source->tap)
        end->accounted = file_accounted(&reading);
    check_outside(&reading, bytes_used(&reading));
    bool all_met = end->status == TRAWL_OK && !reading.holes_outside;
    if (*source->holes)
        end_note(end, TRAWL_IO_ERROR, HOLES_DETAIL);
    end->missing = all_met ? 0 : UINT64_MAX;
    ranges_add(&reading.gaps, end->accounted + reading.garbage, input->size);
    archive_read_free(reading.archive);
    if (!source->tap)
        archive_carve(input, sink, &reading.gaps, end);
    ranges_free(&reading.gaps);
}

static void archive_run(const struct unpack_input *input, struct unpack_sink *sink, struct unpack_end *end)
{
    struct window window;
    struct archive_source source = {.window = &window, .holes = &window.holes};
    *end = (struct unpack_end){0};
    if (window_init(&window, input->fd, input->size, 256u << 10)) {
        if (input->type == TYPE_WARC)
            warc_members(input, &source, sink, end);
        else
            archive_members(input, input->type, &source, sink, end);
    } else {
        end_memory(end);
        end->missing = UINT64_MAX;
    }
    window_free(&window);
}

static bool archive_handles(enum file_type type)
{
    return type == TYPE_WARC || format_find(type);
}

const struct unpacker archive_unpacker = {.name = "libarchive", .handles = archive_handles, .run = archive_run};
