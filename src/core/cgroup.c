/*
 * cgroup.c: reads cpu.max and memory.max (version 2), cpu.cfs_* and memory.limit_in_bytes (version 1).
 *
 * A limit of any group above binds too, and a container often sees only its own group as the root of the mount: so walk
 * from the group that /proc/self/cgroup names up to the mount point. Whatever cannot be read is no limit.
 */
#include "core/cgroup.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"

/** A line of mountinfo: where a hierarchy is mounted. Pointers into the line. */
struct mount {
    /** The group that is mounted there ("/" unless a container hides what is above). */
    char *root;
    char *point;
    char *type;
    /** Controllers of version 1, among other words, separated by commas. */
    char *options;
};

/** mountinfo writes space, tab, newline and backslash as \ooo. */
static void unescape(char *text)
{
    char *to = text;
    for (const char *from = text; *from;) {
        if (from[0] == '\\' && from[1] && from[2] && from[3]) {
            *to++ = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
            from += 4;
        } else {
            *to++ = *from++;
        }
    }
    *to = '\0';
}

/** Fields: id parent major:minor root point options [optional...] - type source super-options. */
static bool mount_parse(char *line, struct mount *mount)
{
    char *save = NULL, *word[6], *tail = strstr(line, " - ");
    if (!tail)
        return false;
    *tail = '\0';
    for (int i = 0; i < 6; i++)
        if (!(word[i] = strtok_r(i ? NULL : line, " ", &save)))
            return false;
    mount->root = word[3];
    mount->point = word[4];
    mount->type = strtok_r(tail + 3, " ", &save);
    strtok_r(NULL, " ", &save);
    mount->options = strtok_r(NULL, " \n", &save);
    if (!mount->type || !mount->options)
        return false;
    unescape(mount->root);
    unescape(mount->point);
    return true;
}

/** True if `word` is one of the comma-separated words. */
static bool has_word(const char *words, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = words; *at; at += strspn(at, ",")) {
        size_t m = strcspn(at, ",");
        if (m == n && memcmp(at, word, n) == 0)
            return true;
        at += m;
    }
    return false;
}

/** Numbers in dir/name; returns how many (0..2). "max" counts as UINT64_MAX, so does -1. */
static int read_numbers(const char *dir, const char *name, uint64_t value[2])
{
    char *path, text[128], word[2][64];
    if (asprintf(&path, "%s/%s", dir, name) < 0)
        return 0;
    FILE *file = fopen(path, "re");
    free(path);
    if (!file)
        return 0;
    int n = fgets(text, sizeof(text), file) ? sscanf(text, "%63s %63s", word[0], word[1]) : 0;
    fclose(file);
    for (int i = 0; i < n; i++)
        value[i] = word[i][0] >= '0' && word[i][0] <= '9' ? strtoull(word[i], NULL, 10) : UINT64_MAX;
    return n < 0 ? 0 : n;
}

static void least(uint64_t *value, uint64_t other)
{
    if (other < *value)
        *value = other;
}

static void apply_quota(struct cgroup_limits *limits, uint64_t quota, uint64_t period)
{
    if (quota != UINT64_MAX && quota && period && period != UINT64_MAX && quota < UINT64_MAX / 1000)
        least(&limits->millicpus, quota * 1000 / period);
}

/** The limits of one group's folder: files that are not there say nothing. */
static void read_group(const char *dir, struct cgroup_limits *limits)
{
    uint64_t a[2], b[2];
    if (read_numbers(dir, "memory.max", a) || read_numbers(dir, "memory.limit_in_bytes", a))
        least(&limits->memory, a[0]);
    if (read_numbers(dir, "cpu.max", a) == 2)
        apply_quota(limits, a[0], a[1]);
    else if (read_numbers(dir, "cpu.cfs_quota_us", a) && read_numbers(dir, "cpu.cfs_period_us", b))
        apply_quota(limits, a[0], b[0]);
}

/** From the group up to the mount point. */
static void walk_up(const char *root, const struct mount *mount, const char *group, struct cgroup_limits *limits)
{
    char *dir;
    size_t n = strcmp(mount->root, "/") == 0 ? 0 : strlen(mount->root);
    /* A group outside of what is mounted here: all that can be seen is the mount's own. */
    if (strncmp(group, mount->root, n) != 0 || (n && group[n] && group[n] != '/') || strstr(group, "/.."))
        group = "", n = 0;
    if (asprintf(&dir, "%s%s%s", root, mount->point, group + n) < 0)
        return;
    size_t top = strlen(root) + strlen(mount->point);
    for (;;) {
        read_group(dir, limits);
        char *slash = strrchr(dir, '/');
        if (!slash || (size_t)(slash - dir) < top)
            break;
        *slash = '\0';
    }
    free(dir);
}

/** One line of /proc/self/cgroup, "ID:CONTROLLERS:GROUP", against one mount. */
static void apply_line(const char *root, const struct mount *mount, const char *line, struct cgroup_limits *limits)
{
    const char *controllers = strchr(line, ':'), *group = controllers ? strchr(controllers + 1, ':') : NULL;
    if (!group)
        return;
    char *names = mem_strndup(controllers + 1, (size_t)(group - controllers - 1));
    bool here = !*names ? strcmp(mount->type, "cgroup2") == 0
                        : strcmp(mount->type, "cgroup") == 0 &&
                              ((has_word(names, "cpu") && has_word(mount->options, "cpu")) ||
                               (has_word(names, "memory") && has_word(mount->options, "memory")));
    free(names);
    if (here)
        walk_up(root, mount, group + 1, limits);
}

static FILE *open_proc(const char *root, const char *name)
{
    char *path;
    if (asprintf(&path, "%s/proc/self/%s", root, name) < 0)
        return NULL;
    FILE *file = fopen(path, "re");
    free(path);
    return file;
}

static void apply_mount(const char *root, const struct mount *mount, struct cgroup_limits *limits)
{
    char *line = NULL;
    size_t cap = 0;
    FILE *file = open_proc(root, "cgroup");
    while (file && getline(&line, &cap, file) > 0) {
        line[strcspn(line, "\n")] = '\0';
        apply_line(root, mount, line, limits);
    }
    free(line);
    if (file)
        fclose(file);
}

void cgroup_read(const char *root, struct cgroup_limits *limits)
{
    char *line = NULL;
    size_t cap = 0;
    struct mount mount;
    *limits = (struct cgroup_limits){UINT64_MAX, UINT64_MAX};
    FILE *file = open_proc(root, "mountinfo");
    while (file && getline(&line, &cap, file) > 0)
        if (mount_parse(line, &mount) && strncmp(mount.type, "cgroup", 6) == 0)
            apply_mount(root, &mount, limits);
    free(line);
    if (file)
        fclose(file);
}
