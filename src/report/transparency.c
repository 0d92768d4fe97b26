#include "report/transparency.h"

#include "core/buf.h"
#include "core/escape.h"
#include "report/context.h"
#include "report/order.h"
#include "report/text.h"

static void field(struct buf *out, const char *name, uint64_t v)
{
    buf_printf(out, "\"%s\": %llu", name, (unsigned long long)v);
}

static void tally(struct buf *out, const char *name, const struct tally *t)
{
    buf_printf(out, "\"%s\": {\"files\": %llu, \"bytes\": %llu}", name, (unsigned long long)t->files,
               (unsigned long long)t->bytes);
}

static struct tally sum_of(const struct totals *totals, bool examined)
{
    struct tally sum = {0};
    for (int s = 0; s < TRAWL_STATUS_COUNT; s++) {
        if (status_examined((enum trawl_status)s) != examined)
            continue;
        sum.files += totals->by_status[s].files;
        if (__builtin_add_overflow(sum.bytes, totals->by_status[s].bytes, &sum.bytes))
            sum.bytes = UINT64_MAX;
    }
    return sum;
}

static void write_examined(const struct totals *totals, struct buf *out)
{
    struct tally examined = sum_of(totals, true);
    buf_puts(out, "  \"examined\": {");
    tally(out, "sources", &totals->top);
    buf_puts(out, ", ");
    tally(out, "all", &examined);
    buf_puts(out, ", ");
    tally(out, "pictures", &totals->pictures);
    buf_puts(out, ", ");
    tally(out, "videos", &totals->videos);
    buf_puts(out, "},\n  \"not_examined\": {");
    const char *comma = "";
    for (int s = 0; s < TRAWL_STATUS_COUNT; s++) {
        if (status_examined((enum trawl_status)s))
            continue;
        buf_puts(out, comma);
        tally(out, status_name((enum trawl_status)s), &totals->by_status[s]);
        comma = ", ";
    }
    buf_puts(out, "},\n  \"limits_reached\": {");
    comma = "";
    for (int i = LIMIT_NONE + 1; i < LIMIT_COUNT; i++) {
        if (!totals->by_limit[i])
            continue;
        buf_puts(out, comma);
        field(out, limit_table[i].name, totals->by_limit[i]);
        comma = ", ";
    }
    buf_puts(out, "},\n  ");
    tally(out, "suppressed", &totals->by_status[TRAWL_SUPPRESSED]);
    buf_puts(out, ",\n  ");
    field(out, "quality_too_low_for_near", totals->low_quality);
    buf_puts(out, ",\n");
}

/** A count with what people said of it; the share of false positives among those decided, with its interval. */
static void write_cell(const struct cell *cell, struct buf *out)
{
    uint64_t rejected = cell->verdicts[VERDICT_REJECTED], decided = rejected + cell->verdicts[VERDICT_CONFIRMED];
    buf_puts(out, "{");
    field(out, "findings", cell->findings);
    for (int v = VERDICT_NONE + 1; v < VERDICTS; v++) {
        buf_puts(out, ", ");
        field(out, verdict_name((enum verdict)v), cell->verdicts[v]);
    }
    if (decided) {
        double low, high;
        wilson_interval(rejected, decided, &low, &high);
        buf_printf(out, ", \"false_positive_ratio\": %.6f, \"interval\": [%.6f, %.6f]}",
                   (double)rejected / (double)decided, low, high);
    } else {
        buf_puts(out, ", \"false_positive_ratio\": null, \"interval\": null}");
    }
}

static void write_technologies(const struct cell *cells, const char *indent, struct buf *out)
{
    const char *comma = "";
    buf_puts(out, "{");
    for (int t = 0; t < HASH_TYPE_COUNT; t++) {
        if (!cells[t].findings)
            continue;
        buf_printf(out, "%s\n%s\"%s\": ", comma, indent, hash_type_name((enum hash_type)t));
        write_cell(&cells[t], out);
        comma = ",";
    }
    buf_puts(out, "}");
}

static void write_bands(const struct totals *totals, struct buf *out)
{
    const char *comma = "";
    buf_puts(out, "    \"by_distance\": {");
    for (int band = 0; band < BANDS; band++) {
        buf_printf(out, "%s\n      \"%s\": ", comma, band_name((enum band)band));
        write_cell(&totals->band_cells[band], out);
        comma = ",";
    }
    buf_puts(out, "},\n");
}

/** Of one list: by technology, and by technology and distance where that is not exact alone. */
static void write_list(const struct report *report, size_t i, struct buf *out)
{
    const struct totals *totals = &report->totals;
    const struct case_info *info = report->info;
    const struct cell *cells = &totals->cells[i * LIST_CELLS];
    buf_puts(out, "\n      {\"list\": ");
    text_json(out, i < info->n_lists ? info->lists[i].name : "(other)");
    buf_puts(out, ", \"total\": ");
    write_cell(&totals->list_cells[i], out);
    buf_puts(out, ", \"cells\": [");
    const char *comma = "";
    for (int t = 0; t < HASH_TYPE_COUNT; t++)
        for (int band = 0; band < BANDS; band++) {
            const struct cell *cell = &cells[t * BANDS + band];
            if (!cell->findings)
                continue;
            buf_printf(out, "%s\n        {\"technology\": \"%s\", \"distance\": \"%s\", \"count\": ", comma,
                       hash_type_name((enum hash_type)t), band_name((enum band)band));
            write_cell(cell, out);
            buf_puts(out, "}");
            comma = ",";
        }
    buf_puts(out, "]}");
}

static void write_lists(const struct report *report, struct buf *out)
{
    const struct case_info *info = report->info;
    const char *comma = "";
    buf_puts(out, "    \"by_list\": [");
    for (size_t i = 0; i <= info->n_lists; i++) {
        if (i < info->n_lists ? info->lists[i].known : !report->totals.list_cells[i].findings)
            continue;
        buf_puts(out, comma);
        write_list(report, i, out);
        comma = ",";
    }
    buf_puts(out, "]\n");
}

static void write_findings(const struct report *report, struct buf *out)
{
    const struct totals *totals = &report->totals;
    buf_puts(out, "  \"findings\": {\n    ");
    field(out, "unique_contents", totals->findings);
    buf_puts(out, ", ");
    field(out, "places", totals->locations);
    buf_puts(out, ", ");
    field(out, "demoted", totals->demoted);
    buf_puts(out, ",\n    \"all\": ");
    write_cell(&totals->all_cell, out);
    buf_puts(out, ",\n    \"by_technology\": ");
    write_technologies(totals->type_cells, "      ", out);
    buf_puts(out, ",\n");
    write_bands(totals, out);
    write_lists(report, out);
    buf_puts(out, "  },\n");
}

/** What was searched for. */
static void write_known(const struct case_info *info, struct buf *out)
{
    buf_puts(out, "  \"lists\": [");
    for (size_t i = 0; i < info->n_lists; i++) {
        buf_puts(out, i ? ",\n    {\"name\": " : "\n    {\"name\": ");
        text_json(out, info->lists[i].name);
        buf_puts(out, ", \"sha256\": \"");
        buf_hex(out, info->lists[i].sha256, sizeof(info->lists[i].sha256));
        buf_printf(out, "\", \"known\": %s", info->lists[i].known ? "true" : "false");
        for (int t = 0; t < HASH_TYPE_COUNT; t++) {
            buf_puts(out, ", ");
            field(out, hash_type_name((enum hash_type)t), info->lists[i].entries[t]);
        }
        buf_puts(out, "}");
    }
    buf_puts(out, "],\n");
}

void transparency_write(const struct report *report, struct buf *out)
{
    const struct case_info *info = report->info;
    const struct verdicts *verdicts = &report->verdicts;
    buf_puts(out, "{\n  \"tool\": \"trawl\",\n  \"version\": ");
    text_json(out, info->version);
    buf_printf(out, ",\n  \"complete\": %s,\n  \"max_distance\": %d,\n  \"min_quality\": %d,\n  \"flood\": %u,\n",
               report->end->complete ? "true" : "false", info->max_distance, info->min_quality, info->flood);
    buf_printf(out, "  \"minimised\": %s,\n  \"retention_days\": ", info->minimise ? "true" : "false");
    if (info->retain_days)
        buf_decimal(out, info->retain_days);
    else
        buf_puts(out, "null");
    buf_puts(out, ",\n");
    write_known(info, out);
    write_examined(&report->totals, out);
    write_findings(report, out);
    buf_puts(out, "  \"review\": {");
    field(out, "verdicts", verdicts->total);
    buf_puts(out, ", ");
    field(out, "without_a_finding", verdicts->unmatched);
    buf_puts(out, ", \"interval\": \"Wilson, 95 %, of rejected among confirmed and rejected\"}\n}\n");
}
