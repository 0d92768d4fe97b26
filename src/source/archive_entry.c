/* archive_entry.c: an entry as libarchive has it, in our words. */
#include "source/archive.h"

#include <archive_entry.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/** The name as raw as libarchive still has it. */
static void entry_name(struct archive_entry *entry, struct unpack_entry *description, char **owned)
{
    const char *name = archive_entry_pathname(entry);
    const wchar_t *wide;
    if (!name)
        name = archive_entry_pathname_utf8(entry);
    if (!name && (wide = archive_entry_pathname_w(entry))) {
        size_t room = wcslen(wide) * MB_LEN_MAX + 1, n;
        *owned = malloc(room);
        n = *owned ? wcstombs(*owned, wide, room) : (size_t)-1;
        name = n == (size_t)-1 ? NULL : *owned;
    }
    description->name = (const uint8_t *)(name ? name : "");
    description->name_len = strlen((const char *)description->name);
}

static enum file_type entry_type(struct archive_entry *entry)
{
    /* A hard link that carries bytes (cpio gives them with the last name) is a file. */
    if (archive_entry_hardlink(entry) && archive_entry_size(entry) == 0)
        return TYPE_HARDLINK;
    switch (archive_entry_filetype(entry)) {
    case AE_IFDIR:
        return TYPE_DIRECTORY;
    case AE_IFLNK:
        return TYPE_SYMLINK;
    case AE_IFIFO:
        return TYPE_FIFO;
    case AE_IFSOCK:
        return TYPE_SOCKET;
    case AE_IFCHR:
    case AE_IFBLK:
        return TYPE_DEVICE;
    default:
        return TYPE_OTHER;
    }
}

struct unpack_entry archive_describe(struct archive_entry *entry, char **owned)
{
    bool sized = archive_entry_size_is_set(entry) && archive_entry_size(entry) >= 0;
    struct unpack_entry description = {
        .offset = UINT64_MAX,
        .size = sized ? (uint64_t)archive_entry_size(entry) : UINT64_MAX,
        .type = entry_type(entry),
    };
    entry_name(entry, &description, owned);
    return description;
}
