#include "scan/ask_back.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "match/hex.h"

/** What stands behind "name="; NULL where the text is another option. */
static const char *value_of(const char *text, const char *name)
{
    size_t n = strlen(name);
    return strncmp(text, name, n) == 0 && text[n] == '=' ? text + n + 1 : NULL;
}

static bool is_yes(const char *text, const char *name)
{
    const char *value = value_of(text, name);
    return value && strcmp(value, "yes") == 0;
}

static bool take_number(const char *text, const char *name, int *out)
{
    const char *value = value_of(text, name);
    if (value)
        *out = atoi(value);
    return value;
}

static bool take_frames(const char *value, struct scan_options *options)
{
    for (int i = 0; i < VIDEO_NONE; i++)
        if (strcmp(value, video_frames_name((enum video_frames)i)) == 0) {
            options->frames = (enum video_frames)i;
            return true;
        }
    return false;
}

static bool take_flag(const char *text, struct scan_options *options)
{
    struct {
        const char *name;
        bool *flag;
    } flags[] = {{"rotations", &options->rotations},           {"no-decode-hits", &options->no_decode_hits},
                 {"thumbnails", &options->thumbnails},         {"no-inventory", &options->no_inventory},
                 {"verify-evidence", &options->verify.wanted}, {"minimise", &options->minimise}};
    for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++)
        if (value_of(text, flags[i].name)) {
            *flags[i].flag = is_yes(text, flags[i].name);
            return true;
        }
    return false;
}

static bool take_expected(const char *text, struct unpack_verify *verify)
{
    struct {
        const char *name;
        uint8_t *out;
        size_t n;
        bool *has;
    } digests[] = {{"expect-md5", verify->md5, sizeof(verify->md5), &verify->has_md5},
                   {"expect-sha1", verify->sha1, sizeof(verify->sha1), &verify->has_sha1},
                   {"expect-sha256", verify->sha256, sizeof(verify->sha256), &verify->has_sha256}};
    for (size_t i = 0; i < sizeof(digests) / sizeof(*digests); i++) {
        const char *value = value_of(text, digests[i].name);
        if (value)
            return *digests[i].has = strlen(value) == 2 * digests[i].n &&
                                     hex_decode((const uint8_t *)value, digests[i].out, digests[i].n);
    }
    return false;
}

static bool take(const char *text, struct scan_options *options)
{
    char why[128];
    const char *value;
    if ((value = value_of(text, "decode"))) {
        options->decode_exact = strcmp(value, "exact") == 0;
        return true;
    }
    if ((value = value_of(text, "carve"))) {
        options->carve = strcmp(value, "all") == 0 ? CARVE_ALL : CARVE_NONE;
        return true;
    }
    if ((value = value_of(text, "frames")))
        return take_frames(value, options);
    if (strncmp(text, "limit ", 6) == 0)
        return limits_parse(&options->limits, text + 6, why, sizeof(why)) == 0;
    if (sscanf(text, "file-share=%d list-share=%d", &options->file_share, &options->list_share) == 2)
        return true;
    if ((value = value_of(text, "flood")) || (value = value_of(text, "retain"))) {
        *(*text == 'f' ? &options->flood : &options->retain_days) = (unsigned)strtoul(value, NULL, 10);
        return true;
    }
    return take_number(text, "max-distance", &options->max_distance) ||
           take_number(text, "min-quality", &options->min_quality) || take_flag(text, options) ||
           take_expected(text, &options->verify);
}

bool ask_back(const struct case_info *info, struct scan_options *options, char *why, size_t why_size)
{
    struct scan_options defaults;
    scan_options_default(&defaults, true);
    options->carve = defaults.carve;
    options->frames = defaults.frames;
    options->limits = defaults.limits;
    options->decode_exact = options->rotations = options->no_decode_hits = false;
    for (size_t i = 0; i < info->n_options; i++)
        if (!take(info->options[i], options)) {
            snprintf(why, why_size, "it was scanned with an option that this version does not know: %.100s",
                     info->options[i]);
            return false;
        }
    return true;
}
