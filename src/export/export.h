/*
 * export.h: reports for other tools. Each format is one const struct, a row in report/writing.c and one in
 * report/formats.c.
 *
 * Names are written in their display form (escape_text: valid UTF-8 on one line, hostile bytes and the backslash as
 * \xHH), which no format here forbids, so nothing is lost: XML and JSON escape what is theirs on top of it.
 */
#ifndef EXPORT_EXPORT_H
#define EXPORT_EXPORT_H

#include "report/context.h"

extern const struct report_writer report_vics, report_c4p, report_case, report_cybertip, report_bodyfile, report_dfxml,
    report_hashdeep, report_md5_exact, report_md5_near, report_md5sum_exact, report_md5sum_near;
extern const struct report_store report_sqlite, report_kdb_exact, report_kdb_near;

#endif
