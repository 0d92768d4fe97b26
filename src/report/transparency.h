/* transparency.h: transparency.json: what whoever scans must be able to publish: numbers, and no name of a file or a
 * person. */
#ifndef REPORT_TRANSPARENCY_H
#define REPORT_TRANSPARENCY_H

struct buf;
struct report;

void transparency_write(const struct report *report, struct buf *out);

#endif
