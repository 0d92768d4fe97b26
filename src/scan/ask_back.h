/* ask_back.h: the options that a case was scanned with, out of its journal. */
#ifndef SCAN_ASK_BACK_H
#define SCAN_ASK_BACK_H

#include <stddef.h>

#include "trawl/report.h"
#include "trawl/scan.h"

/** Sets what shapes results; the rest of *options stays. False with a sentence where it is not known what one means. */
bool ask_back(const struct case_info *info, struct scan_options *options, char *why, size_t why_size);

#endif
