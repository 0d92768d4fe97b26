#include "scan/ask_back.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    if (is_yes(text, "rotations"))
        return options->rotations = true;
    if (is_yes(text, "no-decode-hits"))
        return options->no_decode_hits = true;
    /* What they are about is not read again. */
    return is_yes(text, "thumbnails") || value_of(text, "flood") || value_of(text, "retain") ||
           value_of(text, "no-inventory") || value_of(text, "verify-evidence") || value_of(text, "minimise") ||
           strncmp(text, "expect-", 7) == 0;
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
    return take_number(text, "max-distance", &options->max_distance) ||
           take_number(text, "min-quality", &options->min_quality) || take_flag(text, options);
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
