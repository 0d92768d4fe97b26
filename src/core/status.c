#include "trawl/status.h"

const char *status_name(enum trawl_status status)
{
    static const char *const names[TRAWL_STATUS_COUNT] = {
        [TRAWL_OK] = "ok",
        [TRAWL_PARTIAL] = "partial",
        [TRAWL_NOT_MEDIA] = "not-media",
        [TRAWL_SUPPRESSED] = "suppressed",
        [TRAWL_UNSUPPORTED] = "unsupported",
        [TRAWL_ENCRYPTED] = "encrypted",
        [TRAWL_DAMAGED] = "damaged",
        [TRAWL_LIMIT] = "limit",
        [TRAWL_TIMEOUT] = "timeout",
        [TRAWL_CRASHED] = "crashed",
        [TRAWL_IO_ERROR] = "io-error",
        [TRAWL_UNREACHED] = "unreached",
    };
    return (unsigned)status < TRAWL_STATUS_COUNT ? names[status] : "invalid";
}

bool status_examined(enum trawl_status status)
{
    return status <= TRAWL_SUPPRESSED;
}
