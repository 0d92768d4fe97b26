#include "scan/sources.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/** The next line of --from without its end; NULL at the end. Empty lines are passed over. */
static const char *next_line(struct sources *sources)
{
    const struct scan_options *o = sources->options;
    ssize_t n;
    while ((n = getdelim(&sources->line, &sources->line_cap, o->from_nul ? '\0' : '\n', sources->from)) > 0) {
        if (sources->line[n - 1] == (o->from_nul ? '\0' : '\n'))
            sources->line[--n] = '\0';
        if (n > 0 && !o->from_nul && sources->line[n - 1] == '\r')
            sources->line[--n] = '\0';
        if (n > 0)
            return sources->line;
    }
    if (ferror(sources->from)) {
        fprintf(stderr, "trawl: %s: %s\n", o->from, strerror(errno));
        sources->failed = true;
    }
    return NULL;
}

const char *sources_next(struct sources *sources)
{
    const struct scan_options *o = sources->options;
    if (sources->next < o->n_sources)
        return o->sources[sources->next++];
    if (o->from && !sources->from_tried) {
        sources->from_tried = true;
        sources->from = strcmp(o->from, "-") == 0 ? stdin : fopen(o->from, "re");
        if (!sources->from) {
            fprintf(stderr, "trawl: %s: %s\n", o->from, strerror(errno));
            sources->failed = true;
        }
    }
    return sources->from ? next_line(sources) : NULL;
}

void sources_close(struct sources *sources)
{
    if (sources->from && sources->from != stdin)
        fclose(sources->from);
    free(sources->line);
}
