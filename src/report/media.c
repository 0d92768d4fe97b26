#include "report/media.h"

#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/escape.h"
#include "report/text.h"
#include "trawl/facts.h"
#include "trawl/origin.h"

void media_item(struct media *media, const struct item *item)
{
    const struct where *where = item->where;
    if (!item->facts || !where->origin || where->origin->kind != ORIGIN_MEDIUM || !where->parent)
        return;
    if (media->n == MEDIA_MAX) {
        media->left_out++;
        return;
    }
    struct buf path = {0};
    where_path(where->parent, &path);
    RESERVE(media->items, media->n, media->cap);
    media->items[media->n++] = (struct medium_row){
        .path = mem_strdup(buf_str(&path)),
        .detail = mem_strdup(item->detail ? item->detail : ""),
        .facts = mem_strdup(item->facts),
        .status = item->status,
    };
    buf_free(&path);
}

void media_free(struct media *media)
{
    for (size_t i = 0; i < media->n; i++) {
        free(media->items[i].path);
        free(media->items[i].detail);
        free(media->items[i].facts);
    }
    free(media->items);
    *media = (struct media){0};
}

void media_json(const struct media *media, struct buf *out)
{
    buf_puts(out, "  \"media\": [");
    for (size_t i = 0; i < media->n; i++) {
        const struct medium_row *row = &media->items[i];
        buf_puts(out, i ? ",\n    {\"path\": " : "\n    {\"path\": ");
        text_json(out, row->path);
        buf_printf(out, ", \"sound\": %s, \"detail\": ", status_examined(row->status) ? "true" : "false");
        text_json(out, row->detail);
        buf_puts(out, ", \"facts\": ");
        facts_json(row->facts, out);
        buf_byte(out, '}');
    }
    buf_puts(out, media->n ? "\n  ],\n" : "],\n");
}

static void fact_html(void *context, const char *name, size_t name_len, const char *value, size_t n)
{
    struct buf *out = context;
    buf_puts(out, "<tr><th scope=\"row\">");
    for (size_t i = 0; i < name_len; i++)
        buf_byte(out, name[i] == '_' ? ' ' : (uint8_t)name[i]);
    buf_puts(out, "</th><td>");
    escape_html(out, value, n);
    buf_puts(out, "</td></tr>\n");
}

void media_html(const struct media *media, struct buf *out)
{
    for (size_t i = 0; i < media->n; i++) {
        const struct medium_row *row = &media->items[i];
        buf_puts(out, "<details class=\"medium\"><summary>Disk image ");
        text_html(out, row->path);
        buf_puts(out, status_examined(row->status) ? "" : ": not sound");
        if (*row->detail) {
            buf_puts(out, ": ");
            text_html(out, row->detail);
        }
        buf_puts(out, "</summary>\n<table>\n");
        facts_each(row->facts, fact_html, out);
        buf_puts(out, "</table></details>\n");
    }
    if (media->left_out)
        buf_printf(out, "<p>%zu more disk images are in the inventory.</p>\n", media->left_out);
}
