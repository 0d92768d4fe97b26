/* check.h: what a scan refuses before anything of the evidence is read. */
#ifndef CLI_CHECK_H
#define CLI_CHECK_H

#include <stdbool.h>

#include "trawl/scan.h"

/** Sources and lists can be opened, the output is not inside the evidence. Returns 0, or EXIT_USAGE after one line. */
int check_scan(const struct scan_options *options);
/** True if there is a journal in that folder. */
bool is_case_folder(const char *path);

#endif
