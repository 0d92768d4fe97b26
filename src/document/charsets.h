/* charsets.h (private): character sets for libraries that ask for whatever the evidence names. */
#ifndef DOCUMENT_CHARSETS_H
#define DOCUMENT_CHARSETS_H

#include <stdbool.h>

void charsets_load(void);

#endif
