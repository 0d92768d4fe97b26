/* change.c: a change of a file of the host, in the journal and in changes.jsonl. */
#include "report/change.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/escape.h"

#define SECOND INT64_C(1000000000)
/** First byte of JOURNAL_SINCE; another one is another trawl's. */
#define SINCE_VERSION 1

static const char *const names[CHANGE_KINDS] = {
    [CHANGE_FOUND_BEFORE] = "found-before", [CHANGE_NEW] = "new",
    [CHANGE_CHANGED] = "changed",           [CHANGE_VANISHED] = "vanished",
    [CHANGE_UNREADABLE] = "unreadable",     [CHANGE_RECHECKED] = "rechecked",
    [CHANGE_SILENT] = "silently-changed",
};

const char *change_name(enum change_kind kind)
{
    return kind < CHANGE_KINDS && names[kind] ? names[kind] : "";
}

static void put_state(const struct change_state *state, struct buf *out)
{
    buf_u8(out, (uint8_t)(state->known | state->has_sha256 << 1));
    if (state->known) {
        buf_u64(out, state->size);
        buf_u64(out, (uint64_t)state->mtime);
        buf_u64(out, (uint64_t)state->ctime);
    }
    if (state->has_sha256)
        buf_put(out, state->sha256, sizeof(state->sha256));
}

void change_encode(const struct change *change, struct buf *out)
{
    buf_u8(out, (uint8_t)change->kind);
    buf_bytes(out, change->path, change->path_len);
    put_state(&change->before, out);
    put_state(&change->now, out);
}

static void get_state(struct reader *in, struct change_state *state)
{
    uint8_t has = read_u8(in);
    *state = (struct change_state){.known = has & 1, .has_sha256 = has & 2};
    in->bad = in->bad || has > 3;
    if (state->known) {
        state->size = read_u64(in);
        state->mtime = (int64_t)read_u64(in);
        state->ctime = (int64_t)read_u64(in);
    }
    const uint8_t *sha256 = state->has_sha256 ? read_raw(in, sizeof(state->sha256)) : NULL;
    if (sha256)
        memcpy(state->sha256, sha256, sizeof(state->sha256));
}

bool change_decode(const uint8_t *bytes, size_t n, struct change *out)
{
    struct reader in = {bytes, n ? bytes + n : bytes, false};
    *out = (struct change){.kind = (enum change_kind)read_u8(&in)};
    out->path = read_bytes(&in, &out->path_len);
    get_state(&in, &out->before);
    get_state(&in, &out->now);
    return !in.bad && in.p == in.end && out->kind >= CHANGE_FOUND_BEFORE && out->kind < CHANGE_KINDS &&
           (out->kind != CHANGE_FOUND_BEFORE || out->path_len == 32);
}

static void put_time(const char *name, int64_t ns, struct buf *out)
{
    int64_t rest = ns % SECOND < 0 ? ns % SECOND + SECOND : ns % SECOND;
    time_t seconds = (time_t)((ns - rest) / SECOND);
    struct tm tm;
    if (!gmtime_r(&seconds, &tm))
        return;
    buf_printf(out, ",\"%s\":\"%04d-%02d-%02dT%02d:%02d:%02d.%09lldZ\"", name, tm.tm_year + 1900, tm.tm_mon + 1,
               tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (long long)rest);
}

static void state_json(const char *name, const struct change_state *state, struct buf *out)
{
    if (!state->known)
        return;
    buf_printf(out, ",\"%s\":{\"size\":", name);
    buf_decimal(out, state->size);
    put_time("mtime", state->mtime, out);
    put_time("ctime", state->ctime, out);
    if (state->has_sha256) {
        buf_puts(out, ",\"sha256\":\"");
        buf_hex(out, state->sha256, sizeof(state->sha256));
        buf_byte(out, '"');
    }
    buf_byte(out, '}');
}

void change_json(const struct change *change, struct buf *out)
{
    struct buf path = {0};
    bool altered = escape_text(&path, change->path, change->path_len);
    buf_printf(out, "{\"change\":\"%s\",\"path\":", change_name(change->kind));
    escape_json(out, (const char *)path.data, path.len);
    if (altered) {
        buf_puts(out, ",\"raw\":\"");
        buf_hex(out, change->path, change->path_len);
        buf_byte(out, '"');
    }
    state_json("before", &change->before, out);
    state_json("now", &change->now, out);
    buf_puts(out, "}\n");
    buf_free(&path);
}

void since_info_encode(const struct since_info *info, struct buf *out)
{
    buf_u8(out, SINCE_VERSION);
    buf_bytes(out, info->path, strlen(info->path));
    buf_put(out, info->chain, sizeof(info->chain));
    buf_u32(out, info->recheck);
    buf_bytes(out, info->refused, strlen(info->refused));
}

bool since_info_decode(const uint8_t *bytes, size_t n, struct since_info *info)
{
    struct reader in = {bytes, n ? bytes + n : bytes, false};
    *info = (struct since_info){0};
    in.bad = read_u8(&in) != SINCE_VERSION;
    info->path = read_text_copy(&in);
    const uint8_t *chain = read_raw(&in, sizeof(info->chain));
    if (chain)
        memcpy(info->chain, chain, sizeof(info->chain));
    info->recheck = read_u32(&in);
    info->refused = read_text_copy(&in);
    if (!in.bad && in.p == in.end && info->recheck <= 100)
        return true;
    since_info_clear(info);
    return false;
}

void since_info_clear(struct since_info *info)
{
    free(info->path);
    free(info->refused);
    *info = (struct since_info){0};
}
