#include "match/columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *name;
    enum column column;
} column_names[] = {
    {"md5", (enum column)HASH_MD5},
    {"sha1", (enum column)HASH_SHA1},
    {"sha256", (enum column)HASH_SHA256},
    {"pdq", (enum column)HASH_PDQ},
    {"vpdq", (enum column)HASH_VPDQ},
    {"hash", COLUMN_HASH},
    {"value", COLUMN_HASH},
    {"signal", COLUMN_HASH},
    {"signalstr", COLUMN_HASH},
    {"indicator", COLUMN_HASH},
    {"digest", COLUMN_HASH},
    {"type", COLUMN_TYPE},
    {"signaltype", COLUMN_TYPE},
    {"hashtype", COLUMN_TYPE},
    {"algorithm", COLUMN_TYPE},
    {"id", COLUMN_ID},
    {"entry", COLUMN_ID},
    {"imageid", COLUMN_ID},
    {"mediaid", COLUMN_ID},
    {"fileid", COLUMN_ID},
    {"descriptorid", COLUMN_ID},
    {"category", COLUMN_CODE},
    {"categories", COLUMN_LABEL},
    {"code", COLUMN_CODE},
    {"classification", COLUMN_CODE},
    {"label", COLUMN_LABEL},
    {"labels", COLUMN_LABEL},
    {"tag", COLUMN_LABEL},
    {"tags", COLUMN_LABEL},
    {"collab", COLUMN_LABEL},
    {"severity", COLUMN_SEVERITY},
    {"series", COLUMN_SERIES},
    {"seriesname", COLUMN_SERIES},
    {"photodna", COLUMN_PHOTODNA},
    {"victimidentified", COLUMN_VICTIM},
    {"victim", COLUMN_VICTIM},
    {"offenderidentified", COLUMN_OFFENDER},
    {"offender", COLUMN_OFFENDER},
    {"isdistributed", COLUMN_DISTRIBUTED},
    {"distributed", COLUMN_DISTRIBUTED},
    {"baseline", COLUMN_BASELINE},
    {"mediatype", COLUMN_MEDIA},
    {"mimetype", COLUMN_MEDIA},
};

static enum column column_from_name(const char *name)
{
    for (size_t i = 0; i < sizeof(column_names) / sizeof(column_names[0]); i++)
        if (strcasecmp(name, column_names[i].name) == 0)
            return column_names[i].column;
    return COLUMN_OTHER;
}

enum column column_of(const void *text, size_t text_len)
{
    const char *p = text;
    char name[32];
    size_t n = 0;
    for (size_t i = 0; i < text_len; i++) {
        if (p[i] == ' ' || p[i] == '-' || p[i] == '_' || p[i] == '\t')
            continue;
        if (n == sizeof(name) - 1 || !p[i])
            return COLUMN_OTHER;
        name[n++] = p[i];
    }
    name[n] = '\0';
    enum column column = column_from_name(name);
    if (column == COLUMN_OTHER && n > 4 && strcasecmp(name + n - 4, "hash") == 0) {
        name[n - 4] = '\0';
        column = column_from_name(name);
    } else if (column == COLUMN_OTHER && strncasecmp(name, "hash", 4) == 0) {
        column = column_from_name(name + 4);
    } else {
        return column;
    }
    return column < COLUMN_HASH ? column : COLUMN_OTHER;
}

/** One `name=number`. */
static bool parse_one(const char *text, size_t n, struct columns *columns, char *why, size_t why_size)
{
    const char *equals = memchr(text, '=', n);
    enum column column = equals ? column_of(text, (size_t)(equals - text)) : COLUMN_OTHER;
    char *end = NULL;
    unsigned long number = equals && equals[1] >= '0' && equals[1] <= '9' ? strtoul(equals + 1, &end, 10) : 0;
    if (column == COLUMN_OTHER) {
        snprintf(why, why_size,
                 "'%.*s' is no NAME=COLUMN (md5, sha1, sha256, pdq, hash, type, id, category, label, "
                 "severity, series, photodna, victim, offender, distributed, baseline, media type)",
                 (int)(n < 60 ? n : 60), text);
        return false;
    }
    if (!number || end != text + n || number > CSV_FIELDS_MAX) {
        snprintf(why, why_size, "'%.*s': columns count from 1 to %d", (int)(n < 60 ? n : 60), text, CSV_FIELDS_MAX);
        return false;
    }
    if (columns->kinds[number - 1] != COLUMN_OTHER) {
        snprintf(why, why_size, "column %lu is named twice", number);
        return false;
    }
    columns->kinds[number - 1] = column;
    columns->n = columns->n < number ? number : columns->n;
    return true;
}

bool columns_parse(const char *text, struct columns *columns, char *why, size_t why_size)
{
    bool hash = false;
    columns->n = 0;
    for (size_t i = 0; i < CSV_FIELDS_MAX; i++)
        columns->kinds[i] = COLUMN_OTHER;
    for (const char *at = text;; at++) {
        size_t n = strcspn(at, ",");
        if (!parse_one(at, n, columns, why, why_size))
            return false;
        at += n;
        if (!*at)
            break;
    }
    for (size_t i = 0; i < columns->n; i++)
        hash = hash || columns->kinds[i] <= COLUMN_HASH;
    if (!hash)
        snprintf(why, why_size, "no column of a hash is named");
    return hash;
}
