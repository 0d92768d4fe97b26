/*
 * database.h: an SQLite database written into an output of the reports.
 *
 * SQLite opens nothing by name: it reads and writes the output's descriptor, and its temporary files have no name, in
 * the case folder. There is no journal and no lock: the file gets its name when it is whole. Errors stick.
 */
#ifndef EXPORT_DATABASE_H
#define EXPORT_DATABASE_H

#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include "report/output.h"

struct database;

/** An empty database in a transaction. Never NULL; whether it worked, database_error tells. */
struct database *database_open(struct output *out);
/** Statements without results. */
void database_run(struct database *database, const char *sql);
/** To be finalised by database_finalise; NULL after an error. */
sqlite3_stmt *database_prepare(struct database *database, const char *sql);
void database_finalise(sqlite3_stmt *statement);
/** Runs a statement whose parameters are bound to its end, and clears them. */
void database_step(struct database *database, sqlite3_stmt *statement);
/** The first -errno, or 0. */
int database_error(const struct database *database);
/** Ends the transaction and writes all out. Returns 0 or -errno. */
int database_finish(struct database *database);
/** May be NULL. Statements must be finalised. */
void database_close(struct database *database);

/** Parameters from 1; what is bound is copied. A word that is NULL is NULL, text of no bytes is ''. */
void bind_number(sqlite3_stmt *statement, int parameter, uint64_t v);
void bind_text(sqlite3_stmt *statement, int parameter, const char *text, size_t n);
void bind_word(sqlite3_stmt *statement, int parameter, const char *word);
void bind_hex(sqlite3_stmt *statement, int parameter, const void *bytes, size_t n);

#endif
