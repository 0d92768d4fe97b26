/* warm_up.c: what children will need and cannot load any more once their sandbox is closed. */
#include <locale.h>
#include <stdlib.h>
#include <time.h>

#include "sandbox/child.h"
#include "trawl/unpack.h"

void child_warm_up(void)
{
    /* libarchive turns DOS times to local time: the laboratory's zone must not show in a report. */
    setenv("TZ", "UTC0", 1);
    tzset();
    setlocale(LC_CTYPE, "C.UTF-8");
    unpack_warm_up();
}
