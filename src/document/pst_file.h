/* pst_file.h (private): the container's bytes as a file of libpff. */
#ifndef DOCUMENT_PST_FILE_H
#define DOCUMENT_PST_FILE_H

#include <libbfio.h>

#include "document/deliver.h"

struct pst_bytes {
    struct window window;
    uint64_t at;
};

/** A handle that reads them; they stay the caller's. False where memory is missing. */
bool pst_handle(struct pst_bytes *bytes, libbfio_handle_t **handle);

#endif
