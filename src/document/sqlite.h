/* sqlite.h (private): a database, between sqlite_vfs.c (its bytes) and sqlite.c (its values). */
#ifndef DOCUMENT_SQLITE_H
#define DOCUMENT_SQLITE_H

#include <sqlite3.h>

#include "document/deliver.h"

/** Once in a process. */
int vfs_register(void);
/** Opens what the window shows, read-only; one at a time. */
int vfs_open_database(struct window *window, sqlite3 **db);

#endif
