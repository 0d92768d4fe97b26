/* hit_json.h: one hit as `trawl match` writes it. */
#ifndef MATCH_HIT_JSON_H
#define MATCH_HIT_JSON_H

#include <stdbool.h>

#include "core/buf.h"
#include "trawl/match.h"

/** Appends the members of the object, from "type" on, without its braces. `screened`: the distance is of a screening
 * hash, which says nothing certain. */
void hit_json(struct buf *out, const struct match *match, bool screened);

#endif
