/* verdict.h: what people say of findings, joined with them by content. */
#ifndef REPORT_VERDICT_H
#define REPORT_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/sorter.h"

/** Order is the journal's encoding: append only. */
enum verdict { VERDICT_NONE, VERDICT_CONFIRMED, VERDICT_REJECTED, VERDICT_UNSURE, VERDICTS };

/** "confirmed", "rejected", "unsure"; "" for none. */
const char *verdict_name(enum verdict verdict);
/** Any of the words that people and tools use for it, in either case; VERDICT_NONE for what is none. */
enum verdict verdict_from_word(const char *word, size_t n);

/** Verdicts in the order of contents, each content once: the last one counts. */
struct verdicts {
    struct sorter *sorter;
    uint8_t key[33];
    enum verdict next;
    /** There is a next one; it is on the same content as the one before. */
    bool any, repeated;
    /** Contents with a verdict, and those that fit no finding. */
    uint64_t total, unmatched;
};

/** The sorter's key of a verdict: that of its content (finding_content_key). */
int verdict_add(struct sorter *sorter, const uint8_t sha256[32], enum verdict verdict);
/** Takes the sorter, which must be finished. Returns 0 or -errno. */
int verdicts_open(struct verdicts *verdicts, struct sorter *sorter);
/** The verdict on a content; contents must come in order. Returns enum verdict or -errno. */
int verdicts_of(struct verdicts *verdicts, const void *content, size_t n);
/** Counts those behind the last content. Returns 0 or -errno. */
int verdicts_end(struct verdicts *verdicts);
void verdicts_free(struct verdicts *verdicts);

/** The bounds of Wilson's interval, 95 %, of `hits` among `n` (not 0). */
void wilson_interval(uint64_t hits, uint64_t n, double *low, double *high);

#endif
