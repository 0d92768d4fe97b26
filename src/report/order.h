/* order.h: which finding comes first, and which of its matches stands for it. */
#ifndef REPORT_ORDER_H
#define REPORT_ORDER_H

#include <stdbool.h>

#include "trawl/match.h"
#include "trawl/report.h"

struct buf;
struct finding;

/** The order in words, for --help and for the report. */
extern const char report_order_help[];

/** True for a perceptual match; a digest is exact. */
bool match_is_near(const struct match *match);
/** The more telling match is the lesser. Total over matches that differ. */
int match_compare(const struct match *a, const struct match *b, const struct case_info *info);
/** Orders by what makes a list entry one: 0 if both are the same entry. */
int match_identity(const struct match *a, const struct match *b);
/** Appends the key that sorts findings into their rank. No key is the beginning of another one's key and a number of 8
 * bytes. */
void order_key(const struct finding *finding, struct buf *out);
/** Appends the sort keys in words: "severity 1, near, distance 12, quality 80". */
void order_why(const struct finding *finding, struct buf *out);

#endif
