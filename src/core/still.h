/*
 * still.h: the parts of a file system of SQLite that must do nothing here: no lock, no chance, no clock, no other file.
 * What a database holds, and what is read of one, is then the same in every run.
 */
#ifndef CORE_STILL_H
#define CORE_STILL_H

#include <sqlite3.h>

int still_sync(sqlite3_file *file, int flags);
int still_lock(sqlite3_file *file, int level);
/** Nobody else has a lock. */
int still_reserved(sqlite3_file *file, int *reserved);
int still_control(sqlite3_file *file, int what, void *argument);
/** Nothing stands beside the database: no journal, no log. */
int still_access(sqlite3_vfs *vfs, const char *name, int flags, int *there);
/** A name is its own full path. */
int still_path(sqlite3_vfs *vfs, const char *name, int size, char *path);
/** Zeros. */
int still_random(sqlite3_vfs *vfs, int n, char *bytes);
int still_sleep(sqlite3_vfs *vfs, int microseconds);
int still_error(sqlite3_vfs *vfs, int n, char *text);

#endif
