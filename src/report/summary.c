#include "core/buf.h"
#include "core/escape.h"
#include "report/context.h"
#include "report/text.h"

static const char *boolean(bool v)
{
    return v ? "true" : "false";
}

/** One string a line. */
static void strings(struct buf *out, const char *name, char *const *items, size_t n)
{
    buf_printf(out, "  \"%s\": [", name);
    for (size_t i = 0; i < n; i++) {
        buf_puts(out, i ? ",\n    " : "\n    ");
        text_json(out, items[i]);
    }
    buf_puts(out, n ? "\n  ],\n" : "],\n");
}

/** The category map that was in force. */
static void write_map(struct buf *out, const struct list_info *list)
{
    buf_puts(out, ", \"map\": ");
    text_json(out, list->map);
    buf_puts(out, ", \"categories\": [");
    for (size_t i = 0; i < list->n_categories; i++) {
        const struct list_category *category = &list->categories[i];
        buf_puts(out, i ? ",\n      {\"code\": " : "\n      {\"code\": ");
        text_json(out, category->code);
        buf_puts(out, ", \"name\": ");
        text_json(out, category->name);
        buf_printf(out, ", \"severity\": %u, \"entries\": %llu%s%s}", category->severity,
                   (unsigned long long)category->entries,
                   category->flags & MATCH_NOT_PERTINENT ? ", \"pertinent\": false" : "",
                   category->unmapped ? ", \"unmapped\": true" : "");
    }
    buf_byte(out, ']');
}

/** What only some lists say of themselves. */
static void write_details(struct buf *out, const struct list_info *list)
{
    if (list->source) {
        buf_puts(out, ", \"source\": ");
        text_json(out, list->source);
    }
    if (list->withdrawn)
        buf_printf(out, ", \"withdrawn\": %llu", (unsigned long long)list->withdrawn);
    if (list->photodna)
        buf_printf(out, ", \"photodna\": %llu", (unsigned long long)list->photodna);
    if (list->map)
        write_map(out, list);
}

static void write_list(struct buf *out, const struct list_info *list)
{
    buf_puts(out, "    {\"name\": ");
    text_json(out, list->name);
    buf_puts(out, ", \"path\": ");
    text_json(out, list->path);
    buf_puts(out, ", \"sha256\": \"");
    buf_hex(out, list->sha256, sizeof(list->sha256));
    buf_printf(out, "\", \"known\": %s, \"format\": ", boolean(list->known));
    text_json(out, list->format);
    buf_puts(out, ", \"entries\": {");
    for (int t = 0; t < HASH_TYPE_COUNT; t++)
        buf_printf(out, "%s\"%s\": %llu", t ? ", " : "", hash_type_name((enum hash_type)t),
                   (unsigned long long)list->entries[t]);
    buf_printf(out, "}, \"duplicates\": %llu, \"bad_rows\": %llu", (unsigned long long)list->duplicates,
               (unsigned long long)list->bad_rows);
    write_details(out, list);
    buf_byte(out, '}');
}

static void write_lists(struct buf *out, const struct case_info *info)
{
    buf_puts(out, "  \"lists\": [");
    for (size_t i = 0; i < info->n_lists; i++) {
        buf_puts(out, i ? ",\n" : "\n");
        write_list(out, &info->lists[i]);
    }
    buf_puts(out, info->n_lists ? "\n  ],\n" : "],\n");
}

static void write_tally(struct buf *out, const struct tally *tally)
{
    buf_printf(out, "{\"files\": %llu, \"bytes\": %llu}", (unsigned long long)tally->files,
               (unsigned long long)tally->bytes);
}

/** Every status, since a missing one would leave open whether it was counted. */
static void write_statuses(struct buf *out, const struct totals *totals)
{
    buf_puts(out, "  \"by_status\": {");
    for (int s = 0; s < TRAWL_STATUS_COUNT; s++) {
        buf_printf(out, "%s\n    \"%s\": ", s ? "," : "", status_name((enum trawl_status)s));
        write_tally(out, &totals->by_status[s]);
    }
    buf_puts(out, "\n  },\n");
}

static void write_types(struct buf *out, const struct totals *totals)
{
    const char *comma = "";
    buf_puts(out, "  \"by_type\": {");
    for (int t = 0; t < TYPE_COUNT; t++) {
        if (!totals->by_type[t].files)
            continue;
        buf_printf(out, "%s\n    \"%s\": ", comma, type_name((enum file_type)t));
        write_tally(out, &totals->by_type[t]);
        comma = ",";
    }
    buf_puts(out, *comma ? "\n  },\n" : "},\n");
}

/** In the order given; a list, since the same source may have been given twice. */
static void write_sources(struct buf *out, const struct report *report)
{
    const struct totals *totals = &report->totals;
    size_t n = report->info->n_sources;
    const char *comma = "";
    buf_puts(out, "  \"by_source\": [");
    for (size_t i = 0; i <= n; i++) {
        if (i == n && !totals->by_source[n].files) /* none is outside of all sources */
            continue;
        buf_printf(out, "%s\n    {\"source\": ", comma);
        if (i < n)
            text_json(out, report->info->sources[i]);
        else
            buf_puts(out, "null");
        buf_printf(out, ", \"files\": %llu, \"bytes\": %llu}", (unsigned long long)totals->by_source[i].files,
                   (unsigned long long)totals->by_source[i].bytes);
        comma = ",";
    }
    buf_puts(out, *comma ? "\n  ],\n" : "],\n");
}

static void write_limits(struct buf *out, const struct totals *totals)
{
    const char *comma = "";
    buf_puts(out, "  \"limits_reached\": {");
    for (int i = LIMIT_NONE + 1; i < LIMIT_COUNT; i++) {
        if (!totals->by_limit[i])
            continue;
        buf_printf(out, "%s\"%s\": %llu", comma, limit_table[i].name, (unsigned long long)totals->by_limit[i]);
        comma = ", ";
    }
    buf_puts(out, "},\n");
}

/** By tier and by severity of the best match. */
static void write_findings(struct buf *out, const struct totals *totals)
{
    const char *comma = "";
    buf_printf(out, "  \"findings_by_tier\": {\"exact\": %llu, \"near\": %llu},\n  \"findings_by_severity\": {",
               (unsigned long long)totals->exact, (unsigned long long)(totals->findings - totals->exact));
    for (int s = 0; s < SEVERITIES; s++) {
        if (!totals->by_severity[s])
            continue;
        buf_printf(out, "%s\"%d\": %llu", comma, s, (unsigned long long)totals->by_severity[s]);
        comma = ", ";
    }
    buf_puts(out, "},\n");
}

/** One spot a line. */
static void write_spots(struct buf *out, const struct spots *spots)
{
    buf_puts(out, "  \"look_first\": {");
    for (int kind = 0; kind < SPOT_KINDS; kind++) {
        buf_printf(out, "%s\n    \"%s\": [", kind ? "," : "", spot_kind_name((enum spot_kind)kind));
        for (size_t i = 0; i < spots->n[kind]; i++) {
            const struct spot *spot = &spots->items[kind][i];
            buf_puts(out, i ? ",\n      {\"path\": " : "\n      {\"path\": ");
            escape_json_str(out, spot->path);
            buf_puts(out, ", \"type\": ");
            escape_json_str(out, spot->type);
            buf_printf(out, ", \"findings\": %llu, \"places\": %llu, \"severity\": %u}",
                       (unsigned long long)spot->findings, (unsigned long long)spot->places, spot_severity(spot));
        }
        buf_puts(out, spots->n[kind] ? "\n    ]" : "]");
    }
    buf_puts(out, "\n  },\n");
}

static void field(struct buf *out, const char *name, uint64_t v)
{
    buf_printf(out, "  \"%s\": %llu,\n", name, (unsigned long long)v);
}

/** What became of the files of an older case. */
void summary_since(const struct report *report, struct since_totals *out)
{
    const struct since_told *since = report->end->since;
    const uint64_t *n = report->changes.n;
    uint64_t moved = n[CHANGE_NEW] + n[CHANGE_CHANGED], files = report->totals.top.files;
    *out = (struct since_totals){.is_since = since != NULL};
    if (since)
        *out = (struct since_totals){
            .is_since = true,
            .unchanged = files > moved ? files - moved : 0,
            .added = n[CHANGE_NEW],
            .changed = n[CHANGE_CHANGED],
            .vanished = n[CHANGE_VANISHED],
            .unreadable = n[CHANGE_UNREADABLE],
            .reused = since->reused,
            .rechecked = n[CHANGE_RECHECKED] + n[CHANGE_SILENT],
            .new_findings = report->totals.new_findings,
        };
}

static void write_since(const struct report *report, struct buf *out)
{
    const struct since_told *since = report->end->since;
    struct since_totals n;
    if (!since)
        return;
    summary_since(report, &n);
    buf_puts(out, "  \"since\": {\n    \"case\": ");
    text_json(out, since->info.path);
    buf_puts(out, ",\n    \"last_link\": \"");
    buf_hex(out, since->info.chain, sizeof(since->info.chain));
    buf_printf(out, "\",\n    \"recheck_percent\": %u,\n", since->info.recheck);
    if (*since->info.refused) {
        buf_puts(out, "    \"nothing_reused\": ");
        text_json(out, since->info.refused);
        buf_puts(out, ",\n");
    }
    buf_printf(out,
               "    \"unchanged\": %llu,\n    \"reused\": %llu,\n    \"new\": %llu,\n    \"changed\": %llu,\n"
               "    \"vanished\": %llu,\n    \"unreadable\": %llu,\n    \"rechecked\": %llu,\n"
               "    \"silently_changed\": %llu,\n    \"new_findings\": %llu\n  },\n",
               (unsigned long long)n.unchanged, (unsigned long long)n.reused, (unsigned long long)n.added,
               (unsigned long long)n.changed, (unsigned long long)n.vanished, (unsigned long long)n.unreadable,
               (unsigned long long)n.rechecked, (unsigned long long)report->changes.n[CHANGE_SILENT],
               (unsigned long long)n.new_findings);
}

static void write_notes(struct buf *out, const struct case_end *end)
{
    buf_puts(out, "  \"notes\": [");
    for (size_t i = 0; i < end->n_notes; i++) {
        buf_puts(out, i ? ",\n    " : "\n    ");
        text_json(out, end->notes[i]);
    }
    buf_puts(out, end->n_notes ? "\n  ]\n" : "]\n");
}

void summary_write(const struct report *report, struct buf *out)
{
    const struct case_info *info = report->info;
    const struct totals *totals = &report->totals;
    buf_puts(out, "{\n  \"tool\": \"trawl\",\n  \"version\": ");
    text_json(out, info->version);
    buf_printf(out, ",\n  \"complete\": %s,\n  \"interrupted\": %s,\n  \"no_sandbox\": %s,\n",
               boolean(report->end->complete), boolean(report->end->interrupted), boolean(info->no_sandbox));
    strings(out, "sources", info->sources, info->n_sources);
    strings(out, "options", info->options, info->n_options);
    field(out, "max_distance", (uint64_t)info->max_distance);
    field(out, "min_quality", (uint64_t)info->min_quality);
    write_lists(out, info);
    media_json(&report->media, out);
    field(out, "files", totals->all.files);
    field(out, "bytes", totals->all.bytes);
    field(out, "source_files", totals->top.files);
    field(out, "source_bytes", totals->top.bytes);
    field(out, "size_unknown", totals->size_unknown);
    write_statuses(out, totals);
    write_types(out, totals);
    write_sources(out, report);
    field(out, "unexamined", totals->unexamined);
    field(out, "findings", totals->findings);
    field(out, "locations", totals->locations);
    write_findings(out, totals);
    field(out, "demoted", totals->demoted);
    field(out, "review_next", report->review.total);
    write_spots(out, &report->spots);
    field(out, "low_quality", totals->low_quality);
    write_limits(out, totals);
    write_since(report, out);
    write_notes(out, report->end);
    buf_puts(out, "}\n");
}
