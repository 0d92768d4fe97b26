/* zisofs.c: files that zisofs packed. */
#include "optical/optical.h"

enum trawl_status optical_unpack(struct optical *disc, const struct optical_file *file, struct member *member,
                                 char why[UNPACK_DETAIL])
{
    (void)disc;
    (void)file;
    (void)member;
    detail_format(why, "this build does not unpack zisofs");
    return TRAWL_UNSUPPORTED;
}
