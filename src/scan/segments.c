#include "scan/segments.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "journal/identity.h"

/** More parts than any image has: 14971 names of EnCase's rule. */
#define MOST_SEGMENTS 15000
/** A descriptor of VMware is a text. */
#define DESCRIPTOR_MOST (64u << 10)

/** A file's folder and its name in there. */
struct split_path {
    char *folder;
    char name[UNPACK_SEGMENT_NAME];
    size_t len;
};

/** False for names that no rule is about. The folder is the caller's to free. */
static bool split(const struct where *where, struct split_path *path)
{
    if (where->depth || !where->name_len || memchr(where->name, 0, where->name_len))
        return false;
    const char *slash = memrchr(where->name, '/', where->name_len);
    size_t before = slash ? (size_t)(slash + 1 - (const char *)where->name) : 0;
    path->len = where->name_len - before;
    if (path->len >= sizeof(path->name))
        return false;
    memcpy(path->name, where->name + before, path->len);
    path->name[path->len] = '\0';
    path->folder = before ? mem_strndup((const char *)where->name, before) : mem_strdup("./");
    return true;
}

/** Opens a regular file, whatever it may turn out to be meanwhile; -1. */
static int open_regular(int folder, const char *name, struct stat *st)
{
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd >= 0 && fstat(fd, st) == 0 && S_ISREG(st->st_mode))
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static bool add(struct segments *segments, size_t *cap, int folder, const char *name)
{
    struct stat st;
    int fd = segments->n < MOST_SEGMENTS ? open_regular(folder, name, &st) : -1;
    if (fd < 0)
        return false;
    RESERVE(segments->items, segments->n, *cap);
    struct unpack_segment *item = &segments->items[segments->n++];
    *item = (struct unpack_segment){.fd = fd, .size = (uint64_t)st.st_size};
    snprintf(item->name, sizeof(item->name), "%s", name);
    segments->bytes += item->size;
    return true;
}

/** Steps the last three characters: .001 .002 ... .999, .E01 ... .E99 .EAA ... .EZZ .FAA, .Ex99 .ExAA ... .ExZZ .EyAA.
 * False at the end. */
static bool next_suffix(char *suffix)
{
    bool digits = isdigit((unsigned char)suffix[0]);
    /* Letters are as large as the first one of the suffix, which is not always the first one that steps. */
    bool small = islower((unsigned char)suffix[suffix[-1] == '.' ? 0 : -1]);
    char last = small ? 'z' : 'Z', first = small ? 'a' : 'A';
    bool numbered = isdigit((unsigned char)suffix[1]) && isdigit((unsigned char)suffix[2]);
    if (digits || (numbered && strcmp(suffix + 1, "99") != 0)) {
        int i = 2;
        while (i > !digits && suffix[i] == '9')
            suffix[i--] = '0';
        return suffix[i]++ != '9';
    }
    if (numbered) {
        suffix[1] = suffix[2] = first;
        return true;
    }
    for (int i = 2; i > 0; i--) {
        if (suffix[i] != last)
            return suffix[i]++ != 0;
        suffix[i] = first;
    }
    return toupper((unsigned char)suffix[0]) != 'Z' && suffix[0]++ != 0;
}

/** Where the three characters behind the last point begin, or those behind the E of .Ex01; 0 where there are none. */
static size_t suffix_at(const char *name, size_t len)
{
    if (len > 5 && name[len - 5] == '.' && strchr("EeLl", name[len - 4]) && strchr("XxYyZz", name[len - 3]))
        return len - 3;
    return len > 4 && name[len - 4] == '.' ? len - 3 : 0;
}

static bool is_first_suffix(const char *suffix, enum file_type type)
{
    if (type == TYPE_EWF)
        return strchr("EeSsLlXx", suffix[0]) && suffix[1] == '0' && suffix[2] == '1';
    return strncmp(suffix, "001", 3) == 0 || strncmp(suffix, "000", 3) == 0;
}

static void open_numbered(struct segments *segments, size_t *cap, int folder, const struct split_path *path)
{
    char name[UNPACK_SEGMENT_NAME];
    size_t at = suffix_at(path->name, path->len);
    snprintf(name, sizeof(name), "%.*s", (int)path->len, path->name);
    while (next_suffix(name + at) && add(segments, cap, folder, name))
        continue;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct unpack_segment *)a)->name, ((const struct unpack_segment *)b)->name);
}

static bool ends_in_vmdk(const char *name, size_t len)
{
    return len > 5 && strncasecmp(name + len - 5, ".vmdk", 5) == 0;
}

/** The length of what comes before -flat.vmdk, -s001.vmdk or -f001.vmdk; 0 where none of them ends the name. */
static size_t before_extent(const char *name, size_t len)
{
    if (!ends_in_vmdk(name, len))
        return 0;
    const char *dash = memrchr(name, '-', len);
    size_t at = dash ? (size_t)(dash - name) : 0, n = len - 5 - at;
    if (!at)
        return 0;
    bool numbered = n >= 5 && strchr("sSfF", dash[1]) && strspn(dash + 2, "0123456789") == n - 2;
    return numbered || (n == 5 && strncasecmp(dash, "-flat", 5) == 0) ? at : 0;
}

/** Every file of the folder that the rule of names gives to this descriptor. */
static void open_extents(struct segments *segments, size_t *cap, const struct split_path *path)
{
    DIR *folder = opendir(path->folder);
    size_t stem = path->len - 5;
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        size_t len = strlen(entry->d_name);
        if (before_extent(entry->d_name, len) == stem && strncmp(entry->d_name, path->name, stem) == 0 &&
            len < UNPACK_SEGMENT_NAME)
            add(segments, cap, dirfd(folder), entry->d_name);
    }
    if (folder)
        closedir(folder);
    if (segments->n)
        qsort(segments->items, segments->n, sizeof(*segments->items), by_name);
}

/** A thousand parts are a thousand descriptors. */
static void allow_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

void segments_open(struct segments *segments, const struct where *where, enum file_type type)
{
    struct split_path path = {0};
    size_t cap = 0;
    *segments = (struct segments){0};
    bool named = split(where, &path);
    size_t at = named ? suffix_at(path.name, path.len) : 0;
    if (named && type == TYPE_VMDK && ends_in_vmdk(path.name, path.len)) {
        open_extents(segments, &cap, &path);
    } else if (at && type_class(type) == CLASS_DISK && is_first_suffix(path.name + at, type)) {
        int folder = open(path.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        allow_descriptors();
        if (folder >= 0) {
            open_numbered(segments, &cap, folder, &path);
            close(folder);
        }
    }
    free(path.folder);
}

void segments_close(struct segments *segments)
{
    for (size_t i = 0; i < segments->n; i++)
        close(segments->items[i].fd);
    free(segments->items);
    *segments = (struct segments){0};
}

uint64_t segments_identity(const struct segments *segments)
{
    uint64_t sum = segments->n;
    for (size_t i = 0; i < segments->n; i++) {
        struct stat st = {0};
        struct identity identity;
        /* One that cannot be asked is none of before. */
        fstat(segments->items[i].fd, &st);
        identity_of(&st, &identity);
        sum = identity_hash(&identity, sum);
    }
    return sum;
}

/** What a file of the folder is, by its beginning. */
static enum file_type type_of(int folder, const char *name)
{
    static _Thread_local uint8_t head[SNIFF_HEAD];
    struct stat st;
    int fd = open_regular(folder, name, &st);
    ssize_t n = fd < 0 ? 0 : pread(fd, head, sizeof(head), 0);
    if (fd >= 0)
        close(fd);
    return n > 0 ? sniff(head, (size_t)n, (uint64_t)st.st_size) : TYPE_OTHER;
}

/** The names that the first part of a numbered one may have. */
static bool has_first(int folder, const struct split_path *path, size_t at, char *first)
{
    static const char *const wanted[] = {"001", "000", "01"};
    char letter = (char)toupper((unsigned char)path->name[at]);
    bool digits = strspn(path->name + at, "0123456789") >= 3;
    for (size_t i = digits ? 0 : 2; i < (digits ? 2u : 3u); i++) {
        snprintf(first, UNPACK_SEGMENT_NAME, "%.*s", (int)path->len, path->name);
        memcpy(first + at + (digits ? 0 : 1), wanted[i], digits ? 3 : 2);
        /* From EAA on the letter itself steps. */
        if (!digits && first[at - 1] != '.')
            first[at] = islower((unsigned char)path->name[at]) ? 'x' : 'X';
        else if (!digits && letter >= 'E' && letter <= 'K')
            first[at] = islower((unsigned char)path->name[at]) ? 'e' : 'E';
        if (strncmp(first + at, path->name + at, 3) == 0)
            return false;
        enum file_type type = type_of(folder, first);
        if (digits ? type_class(type) == CLASS_DISK && type != TYPE_EWF : type == TYPE_EWF)
            return true;
    }
    return false;
}

static bool has_descriptor(int folder, const struct split_path *path, size_t stem, char *first)
{
    struct stat st;
    snprintf(first, UNPACK_SEGMENT_NAME, "%.*s.vmdk", (int)stem, path->name);
    if (type_of(folder, first) != TYPE_VMDK)
        return false;
    return fstatat(folder, first, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_size <= DESCRIPTOR_MOST;
}

bool segments_may_be_part(const struct where *where)
{
    struct split_path path = {0};
    bool named = split(where, &path);
    size_t at = named ? suffix_at(path.name, path.len) : 0;
    free(path.folder);
    return at && (strspn(path.name + at, "0123456789") >= 3 || before_extent(path.name, path.len));
}

bool segments_is_part(const struct where *where, enum file_type type, char first[UNPACK_SEGMENT_NAME])
{
    struct split_path path = {0};
    bool is_part = false, named = split(where, &path);
    size_t at = named ? suffix_at(path.name, path.len) : 0, stem = named ? before_extent(path.name, path.len) : 0;
    bool numbered = at && (type == TYPE_EWF || strspn(path.name + at, "0123456789") >= 3);
    if (numbered || stem) {
        int folder = open(path.folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (folder >= 0) {
            is_part = stem ? has_descriptor(folder, &path, stem, first) : has_first(folder, &path, at, first);
            close(folder);
        }
    }
    free(path.folder);
    return is_part;
}
