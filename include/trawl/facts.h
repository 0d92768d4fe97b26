/* facts.h: what a file says of itself in words: names and values, as text. Comes from children, so it is read with
 * care. */
#ifndef TRAWL_FACTS_H
#define TRAWL_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

/** Bytes of all names and values of one file. */
#define FACTS_MAX 4096

/**
 * Reads lines "name=value": names of lower-case letters, digits and '_'. Values are made printable. Returns the same in
 * valid UTF-8, the caller's to free; NULL where nothing of it makes sense.
 */
char *facts_take(const void *bytes, size_t n);
/** True for what facts_take gives: whole lines, each with a name. */
bool facts_sane(const char *facts);
/** Appends a JSON object. */
void facts_json(const char *facts, struct buf *out);
/** The value of a name, not terminated: its length; NULL where there is none. */
const char *facts_value(const char *facts, const char *name, size_t *n);
/** Calls back for each, in order; both are not terminated. */
void facts_each(const char *facts,
                void (*take)(void *context, const char *name, size_t name_len, const char *value, size_t n),
                void *context);

#endif
