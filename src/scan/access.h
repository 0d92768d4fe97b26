/*
 * access.h: who ran what on a case: journal/access.log, one JSON line for each command. Each line names the digest of
 * the line before it, so that none can be changed or taken out unseen. It is no part of the journal's chain, and is
 * what `trawl purge` leaves.
 */
#ifndef SCAN_ACCESS_H
#define SCAN_ACCESS_H

#include <stdint.h>

#define ACCESS_LOG "access.log"

/**
 * Appends a line: time, user, host, process, `what`, and the command line. Returns 0 or -errno; a case on a medium that
 * cannot be written can still be read.
 */
int access_log(int journal_dirfd, const char *what);
/** Checks the links. Returns the number of the first line that does not fit, 0 where all do; *lines: how many there
 * are. */
uint64_t access_check(int journal_dirfd, uint64_t *lines);

#endif
