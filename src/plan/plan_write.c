/* plan_write.c: a plan, line by line. Units are filled in the order of paths, so that what lies together is read
 * together. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/alloc.h"
#include "core/escape.h"
#include "plan/plan.h"

/** A text, and its bytes beside it where the text is not just them: a reader then needs no rule of escaping. */
static void put_bytes(struct buf *out, const char *name, const char *raw_name, const char *bytes, size_t n)
{
    struct buf text = {0};
    bool changed = escape_text(&text, bytes, n) || memchr(bytes, '"', n) || memchr(bytes, '<', n);
    buf_printf(out, "\"%s\":", name);
    escape_json(out, (const char *)text.data, text.len);
    if (changed) {
        buf_printf(out, ",\"%s\":\"", raw_name);
        buf_hex(out, bytes, n);
        buf_byte(out, '"');
    }
    buf_free(&text);
}

static void write_out(struct plan_writer *w, struct buf *lines)
{
    if (!w->error && lines->len && fwrite(lines->data, 1, lines->len, w->out) != lines->len)
        w->error = errno ? -errno : -EIO;
    lines->len = 0;
}

static void put_texts(struct buf *out, const char *name, const char *raw_name, char *const *texts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        buf_byte(out, '{');
        put_bytes(out, name, raw_name, texts[i], strlen(texts[i]));
        buf_puts(out, "}\n");
    }
}

void plan_write_head(struct plan_writer *w, FILE *out, const struct plan_head *head)
{
    struct buf lines = {0};
    *w = (struct plan_writer){.out = out, .target = head->target_bytes};
    buf_printf(&lines, "{\"trawl_plan\":%u,\"version\":", PLAN_FORMAT);
    escape_json_str(&lines, head->version);
    buf_printf(&lines, ",\"target_bytes\":%llu}\n", (unsigned long long)head->target_bytes);
    put_texts(&lines, "option", "option_raw", head->options, head->n_options);
    put_texts(&lines, "source", "source_raw", head->sources, head->n_sources);
    write_out(w, &lines);
    buf_free(&lines);
}

static void put_file(struct buf *out, const struct plan_file *file)
{
    buf_byte(out, '{');
    put_bytes(out, "path", "raw", file->path, strlen(file->path));
    buf_printf(out, ",\"source_bytes\":%zu", file->source_len);
    if (file->unknown)
        buf_puts(out, ",\"unknown\":true");
    else if (file->type != TYPE_OTHER)
        buf_printf(out, ",\"type\":\"%s\"", type_name(file->type));
    else
        buf_printf(out, ",\"size\":%llu,\"mtime\":%lld", (unsigned long long)file->size, (long long)file->mtime);
    buf_puts(out, "}\n");
}

static uint64_t add(uint64_t a, uint64_t b)
{
    return a + b < a ? UINT64_MAX : a + b;
}

/** Says how much the unit is, then its files. */
static void end_unit(struct plan_writer *w, const struct plan_ranges *ranges)
{
    struct buf head = {0};
    if (!w->files)
        return;
    buf_printf(&head, "{\"unit\":%llu,\"files\":%llu,\"bytes\":%llu,\"weight\":%llu", (unsigned long long)w->units++,
               (unsigned long long)w->files, (unsigned long long)w->bytes, (unsigned long long)w->weight);
    if (ranges)
        buf_printf(&head, ",\"first\":%u,\"end\":%u,\"of\":%u", ranges->first, ranges->end, ranges->of);
    buf_puts(&head, "}\n");
    write_out(w, &head);
    write_out(w, &w->unit);
    w->all_files += w->files;
    w->all_bytes = add(w->all_bytes, w->bytes);
    w->files = w->bytes = w->weight = 0;
    buf_free(&head);
}

void plan_write_file(struct plan_writer *w, const struct plan_file *file)
{
    uint64_t weight = add(file->size, PLAN_FILE_WEIGHT);
    /* A file that is a unit for itself does not take along what happens to stand before it. */
    if (w->files && (add(w->weight, weight) > w->target || w->files == PLAN_UNIT_FILES))
        end_unit(w, NULL);
    put_file(&w->unit, file);
    w->files++;
    w->bytes = add(w->bytes, file->size);
    w->weight = add(w->weight, weight);
}

void plan_write_split(struct plan_writer *w, const struct plan_file *file, const struct plan_piece *pieces, size_t n)
{
    end_unit(w, NULL);
    for (size_t i = 0; i < n; i++) {
        put_file(&w->unit, file);
        w->files = 1;
        w->bytes = pieces[i].bytes;
        w->weight = pieces[i].weight;
        end_unit(w, &pieces[i].ranges);
    }
}

int plan_write_end(struct plan_writer *w)
{
    struct buf end = {0};
    end_unit(w, NULL);
    buf_printf(&end, "{\"end\":true,\"units\":%llu,\"files\":%llu,\"bytes\":%llu}\n", (unsigned long long)w->units,
               (unsigned long long)w->all_files, (unsigned long long)w->all_bytes);
    write_out(w, &end);
    buf_free(&end);
    buf_free(&w->unit);
    if (!w->error && fflush(w->out))
        w->error = -errno;
    return w->error;
}
