#include "scan/case_totals.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/buf.h"
#include "match/json.h"

/** Maps of lists are in it: some hundred categories each. */
#define SUMMARY_MAX (64u << 20)

static bool read_file(int dirfd, const char *name, struct buf *out)
{
    int fd = openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    ssize_t n = fd < 0 ? -1 : 1;
    while (n > 0 && out->len < SUMMARY_MAX) {
        n = read(fd, buf_reserve(out, 65536), 65536);
        out->len += n > 0 ? (size_t)n : 0;
    }
    if (fd >= 0)
        close(fd);
    return n == 0;
}

static bool number(const struct json_member *member, const char *name, uint64_t *out)
{
    if (member->key_len != strlen(name) || memcmp(member->key, name, member->key_len) != 0 ||
        member->kind != JSON_NUMBER || member->value_len > 18)
        return false;
    *out = 0;
    for (size_t i = 0; i < member->value_len; i++)
        *out = *out * 10 + (uint64_t)(member->value[i] - '0');
    return true;
}

bool case_totals_read(const struct case_folder *folder, struct report_totals *totals)
{
    struct buf text = {0};
    struct json json;
    struct json_member member;
    unsigned found = 0;
    int got = -1;
    *totals = (struct report_totals){0};
    if (read_file(folder->dirfd, "summary.json", &text) && json_open(&json, text.data, text.len))
        while ((got = json_next(&json, &member)) == 1)
            found +=
                number(&member, "findings", &totals->findings) + number(&member, "unexamined", &totals->unexamined);
    buf_free(&text);
    return !got && found == 2;
}
