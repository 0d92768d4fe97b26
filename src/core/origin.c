#include "trawl/origin.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

#include "core/buf.h"
#include "core/escape.h"

#define SECOND INT64_C(1000000000)

static const char *const kind_names[ORIGIN_KINDS] = {
    NULL, "fs", "carved", "volume", "medium", "embedded", "thumbnail", "attachment",
};

static const char *const time_names[ORIGIN_TIMES] = {"created", "written", "accessed", "changed"};

struct origin origin_of(enum origin_kind kind)
{
    struct origin origin = {.kind = kind, .volume = ORIGIN_UNKNOWN, .inode = ORIGIN_UNKNOWN};
    for (int i = 0; i < ORIGIN_TIMES; i++)
        origin.times[i] = ORIGIN_NO_TIME;
    return origin;
}

const char *origin_kind_name(uint32_t kind)
{
    return kind < ORIGIN_KINDS ? kind_names[kind] : NULL;
}

static bool word_sane(const char *word, size_t size)
{
    size_t n = strnlen(word, size);
    for (size_t i = 0; i < n; i++)
        if (!((word[i] >= 'a' && word[i] <= 'z') || (word[i] >= '0' && word[i] <= '9') || strchr("-+/", word[i])))
            return false;
    return n < size;
}

bool origin_sane(const struct origin *origin)
{
    return origin->kind < ORIGIN_KINDS && origin->allocated < ORIGIN_STATES && origin->n_runs <= ORIGIN_RUNS &&
           origin->n_runs <= origin->all_runs && word_sane(origin->file_system, sizeof(origin->file_system));
}

static void number_json(struct buf *out, const char *name, uint64_t value)
{
    buf_puts(out, ",\"");
    buf_puts(out, name);
    buf_puts(out, "\":");
    buf_decimal(out, value);
}

/** Seconds and, where there are any, nanoseconds. */
static void time_json(struct buf *out, const char *name, int64_t ns)
{
    if (ns == ORIGIN_NO_TIME)
        return;
    int64_t rest = ns % SECOND < 0 ? ns % SECOND + SECOND : ns % SECOND;
    time_t seconds = (time_t)((ns - rest) / SECOND);
    struct tm tm;
    if (!gmtime_r(&seconds, &tm))
        return;
    buf_printf(out, ",\"%s\":\"%04d-%02d-%02dT%02d:%02d:%02d", name, tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
               tm.tm_hour, tm.tm_min, tm.tm_sec);
    if (rest)
        buf_printf(out, ".%09lld", (long long)rest);
    buf_puts(out, "Z\"");
}

static void runs_json(const struct origin *origin, struct buf *out)
{
    if (!origin->all_runs)
        return;
    buf_puts(out, ",\"runs\":[");
    for (uint32_t i = 0; i < origin->n_runs; i++) {
        buf_puts(out, i ? ",[" : "[");
        if (origin->runs[i].offset == ORIGIN_UNKNOWN)
            buf_puts(out, "null");
        else
            buf_decimal(out, origin->runs[i].offset);
        buf_byte(out, ',');
        buf_decimal(out, origin->runs[i].length);
        buf_byte(out, ']');
    }
    buf_byte(out, ']');
    if (origin->all_runs > origin->n_runs)
        number_json(out, "runs_total", origin->all_runs);
}

void origin_json(const struct origin *origin, struct buf *out)
{
    if (origin->partition)
        number_json(out, "partition", origin->partition);
    if (origin->volume != ORIGIN_UNKNOWN)
        number_json(out, "volume_offset", origin->volume);
    if (origin->file_system[0]) {
        buf_puts(out, ",\"file_system\":");
        escape_json_str(out, origin->file_system);
    }
    if (origin->inode != ORIGIN_UNKNOWN)
        number_json(out, "inode", origin->inode);
    if (origin->attribute_type)
        buf_printf(out, ",\"attribute\":\"%u-%u\"", origin->attribute_type, origin->attribute_id);
    if (origin->allocated != ORIGIN_ALLOCATED_UNKNOWN)
        buf_puts(out, origin->allocated == ORIGIN_ALLOCATED ? ",\"allocated\":true" : ",\"allocated\":false");
    if (origin->allocated == ORIGIN_SLACK)
        buf_puts(out, ",\"slack\":true");
    for (int i = 0; i < ORIGIN_TIMES; i++)
        time_json(out, time_names[i], origin->times[i]);
    runs_json(origin, out);
}

void origin_encode(const struct origin *origin, struct buf *out)
{
    buf_u32(out, origin->kind);
    buf_u32(out, origin->partition);
    buf_u64(out, origin->volume);
    buf_u64(out, origin->inode);
    buf_u32(out, origin->attribute_type);
    buf_u32(out, origin->attribute_id);
    buf_u8(out, (uint8_t)origin->allocated);
    buf_bytes(out, origin->file_system, strnlen(origin->file_system, sizeof(origin->file_system)));
    for (int i = 0; i < ORIGIN_TIMES; i++)
        buf_u64(out, (uint64_t)origin->times[i]);
    buf_u64(out, origin->all_runs);
    buf_u8(out, (uint8_t)origin->n_runs);
    for (uint32_t i = 0; i < origin->n_runs; i++) {
        buf_u64(out, origin->runs[i].offset);
        buf_u64(out, origin->runs[i].length);
    }
}

bool origin_decode(struct reader *in, struct origin *origin)
{
    size_t word_len;
    *origin = (struct origin){.kind = read_u32(in)};
    origin->partition = read_u32(in);
    origin->volume = read_u64(in);
    origin->inode = read_u64(in);
    origin->attribute_type = read_u32(in);
    origin->attribute_id = read_u32(in);
    origin->allocated = read_u8(in);
    const uint8_t *word = read_bytes(in, &word_len);
    if (!word || word_len >= sizeof(origin->file_system))
        return false;
    memcpy(origin->file_system, word, word_len);
    for (int i = 0; i < ORIGIN_TIMES; i++)
        origin->times[i] = (int64_t)read_u64(in);
    origin->all_runs = read_u64(in);
    origin->n_runs = read_u8(in);
    for (uint32_t i = 0; i < origin->n_runs && i < ORIGIN_RUNS; i++) {
        origin->runs[i].offset = read_u64(in);
        origin->runs[i].length = read_u64(in);
    }
    return !in->bad && origin_sane(origin);
}
