/* iso.c: ISO 9660. */
#include "optical/optical.h"

bool iso_list(struct optical *disc, uint64_t from, struct optical_path session)
{
    (void)disc;
    (void)from;
    (void)session;
    return false;
}
