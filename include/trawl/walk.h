/* walk.h: the files of one source on the host: a single file, or a folder with all below it. */
#ifndef TRAWL_WALK_H
#define TRAWL_WALK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "trawl/limits.h"
#include "trawl/type.h"

/** One thing met on the way. */
struct walk_entry {
    /** Source as given, "/", path below it; raw bytes, terminated; valid until the next walk_next. */
    const char *path;
    /** TYPE_OTHER: a regular file. TYPE_DIRECTORY: a folder that could not be entered. Else what it is. */
    enum file_type type;
    /** Open for reading where it is a regular file, the caller closes it; else -1. */
    int fd;
    struct stat st;
    /** 0, or the errno with which it could not be opened or listed. ELOOP: a folder inside itself. */
    int error;
    /** LIMIT_DIR_DEPTH where a folder was not entered because of it. */
    enum limit_id limit;
    /** walk_lazily: a regular file that was not opened yet. */
    bool closed;
};

struct walk;

/** `limits` must outlive the walk. */
struct walk *walk_open(const char *source, const struct limits *limits);
/** The next entry: 1; 0 at the end. Symbolic links are never followed; only regular files and folders are ever opened.
 */
int walk_next(struct walk *walk, struct walk_entry *entry);
/**
 * Goes straight to one thing that walk_next would come by, on the same way: `path` as walk_next gave it, from a source
 * of the same name. Folders on the way stay open, so paths in their order cost little. Where it is not there any more,
 * the entry says why. A folder that can be entered has no error; nothing of what is in it is given.
 */
void walk_seek(struct walk *walk, const char *path, struct walk_entry *entry);
/** From now on regular files are only asked what they are: whoever wants the bytes calls walk_take. */
void walk_lazily(struct walk *walk);
/** Opens the file that walk_next gave last, where it is `closed`, and fills the entry in anew: it may be another one by
 * now. Returns false where there is nothing to report any more: it has become a folder, which is entered. */
bool walk_take(struct walk *walk, struct walk_entry *entry);
/** Asks the file system of what walk_next gave last. Returns 0, or -1 where that is not known. */
int walk_statfs(const struct walk *walk, const struct walk_entry *entry, struct statfs *out);
/** True from the moment that the source turned out to be a folder. */
int walk_is_directory(const struct walk *walk);
void walk_close(struct walk *walk);

#endif
