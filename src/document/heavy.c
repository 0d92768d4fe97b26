/* heavy.c: the rows of readers with large libraries. */
#include "document/heavy.h"

static bool handles_ole(enum file_type type)
{
    return type == TYPE_OLE;
}

static bool handles_pdf(enum file_type type)
{
    return type == TYPE_PDF;
}

static bool handles_sqlite(enum file_type type)
{
    return type == TYPE_SQLITE;
}

static bool handles_mail(enum file_type type)
{
    return type == TYPE_EML || type == TYPE_MBOX;
}

static bool handles_pst(enum file_type type)
{
    return type == TYPE_PST;
}

#define ROW(word, by)                                                                                                  \
    const struct unpacker word##_unpacker = {                                                                          \
        .name = #word,                                                                                                 \
        .handles = handles_##word,                                                                                     \
        .run = word##_run,                                                                                             \
        .heavy = true,                                                                                                 \
        .library = by,                                                                                                 \
        .version = word##_version,                                                                                     \
        .warm_up = word##_warm_up,                                                                                     \
    }

ROW(ole, "libgsf");
ROW(pdf, "qpdf");
ROW(sqlite, "SQLite");
ROW(mail, "GMime");
ROW(pst, "libpff");
