#include "scan/probe.h"

#include <string.h>

bool probe_wanted(enum carve_mode carve, enum file_type type, bool read)
{
    if (carve == CARVE_NONE || type_class(type) == CLASS_SPECIAL)
        return false;
    return carve == CARVE_ALL || (!read && type_class(type) != CLASS_VIDEO);
}

/** Joins the end of the last piece to the beginning of this one, and keeps the end of this one. */
static void look_at_seam(struct probe *probe, const uint8_t *bytes, size_t n)
{
    size_t head = n < CARVE_HEAD ? n : CARVE_HEAD;
    memcpy(probe->seam + probe->n_seam, bytes, head);
    if (probe->n_seam)
        probe->found |= carve_probe(probe->seam, probe->n_seam + head);
    if (n >= CARVE_HEAD) {
        memcpy(probe->seam, bytes + n - CARVE_HEAD, CARVE_HEAD);
        probe->n_seam = CARVE_HEAD;
        return;
    }
    size_t all = probe->n_seam + head, keep = all < CARVE_HEAD ? all : CARVE_HEAD;
    memmove(probe->seam, probe->seam + all - keep, keep);
    probe->n_seam = keep;
}

void probe_add(struct probe *probe, const uint8_t *bytes, size_t n)
{
    if (!probe->wanted || probe->found || !n)
        return;
    if (!probe->seen) {
        bytes++;
        n--;
        probe->seen = 1;
    }
    probe->seen += n;
    if (n)
        look_at_seam(probe, bytes, n);
    if (!probe->found)
        probe->found = carve_probe(bytes, n);
}
