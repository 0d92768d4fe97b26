/* ask.c: what a run was asked, as the journal keeps it: all that shapes the result, and nothing else. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "plan/plan.h"
#include "scan/scan_parts.h"

static void add_option(struct case_info *info, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add_option(struct case_info *info, const char *format, ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    info->options = mem_realloc(info->options, size_mul(info->n_options + 1, sizeof(*info->options)));
    info->options[info->n_options++] = mem_strdup(text);
}

static void add_expected(struct case_info *info, const char *name, bool has, const uint8_t *digest, size_t n)
{
    struct buf hex = {0};
    buf_hex(&hex, digest, n);
    if (has)
        add_option(info, "%s=%s", name, buf_str(&hex));
    buf_free(&hex);
}

static void fill_sources(const struct scan_options *o, struct case_info *info)
{
    info->sources = ALLOC_ARRAY(char *, o->n_sources + 1);
    for (size_t i = 0; i < o->n_sources; i++)
        info->sources[info->n_sources++] = mem_strdup(o->sources[i]);
    if (!o->from)
        return;
    struct buf text = {0};
    buf_printf(&text, "from:%s", o->from);
    info->sources[info->n_sources++] = mem_strdup(buf_str(&text));
    buf_free(&text);
}

static void fill_lists(const struct hashset *set, struct case_info *info)
{
    info->n_lists = hashset_lists(set);
    info->lists = ALLOC_ARRAY(struct list_info, info->n_lists + 1);
    for (size_t i = 0; i < info->n_lists; i++)
        info->lists[i] = list_info_copy(hashset_list(set, i));
}

void case_info_of(const struct run *run, struct case_info *info)
{
    const struct scan_options *o = run->options;
    *info = (struct case_info){
        .version = mem_strdup(TRAWL_VERSION),
        .max_distance = o->max_distance,
        .min_quality = o->min_quality,
        .no_sandbox = o->no_sandbox,
        .no_inventory = o->no_inventory || o->minimise,
        .minimise = o->minimise,
        .flood = o->flood,
        .retain_days = o->retain_days,
        .thumbnails = o->thumbnails,
    };
    if (o->plan) {
        info->shard = (struct shard_info){.shard = o->shard, .shards = o->shards};
        memcpy(info->shard.plan, o->plan->sha256, sizeof(info->shard.plan));
    }
    add_option(info, "decode=%s", o->decode_exact ? "exact" : "fast");
    add_option(info, "max-distance=%d", o->max_distance);
    add_option(info, "min-quality=%d", o->min_quality);
    add_option(info, "flood=%u", o->flood);
    /* Named only where asked for: cases begun by a version without it go on. */
    if (o->rotations)
        add_option(info, "rotations=yes");
    if (o->file_share != 80 || o->list_share)
        add_option(info, "file-share=%d list-share=%d", o->file_share, o->list_share);
    if (o->frames != VIDEO_ONE_SECOND)
        add_option(info, "frames=%s", video_frames_name(o->frames));
    if (o->no_decode_hits)
        add_option(info, "no-decode-hits=yes");
    if (o->thumbnails)
        add_option(info, "thumbnails=yes");
    if (o->carve != CARVE_MEDIA_BLOBS)
        add_option(info, "carve=%s", o->carve == CARVE_ALL ? "all" : "none");
    if (o->minimise)
        add_option(info, "minimise=yes");
    if (o->retain_days)
        add_option(info, "retain=%u", o->retain_days);
    if (o->verify.wanted)
        add_option(info, "verify-evidence=yes");
    add_expected(info, "expect-md5", o->verify.has_md5, o->verify.md5, sizeof(o->verify.md5));
    add_expected(info, "expect-sha1", o->verify.has_sha1, o->verify.sha1, sizeof(o->verify.sha1));
    add_expected(info, "expect-sha256", o->verify.has_sha256, o->verify.sha256, sizeof(o->verify.sha256));
    add_option(info, "no-inventory=%s", o->no_inventory ? "yes" : "no");
    for (int i = 1; i < LIMIT_COUNT; i++)
        add_option(info, "limit %s=%llu", limit_table[i].name, (unsigned long long)o->limits.value[i]);
    fill_sources(o, info);
    fill_lists(run->rules.lists, info);
}
