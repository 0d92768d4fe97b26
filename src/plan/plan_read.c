/* plan_read.c: a plan read back, and refused as a whole where a line of it is not as the writer writes it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/alloc.h"
#include "plan/plan.h"
#include "plan/plan_line.h"

struct plan_reader {
    struct plan *plan;
    const bool *wanted;
    struct plan_lines lines;
    /** The line in hand, and its number, from 1. */
    struct plan_line line;
    uint64_t number;
    /** Units met; of the last one: files to come, bytes that they should have and had. */
    uint64_t units, files_left, unit_bytes, bytes_met;
    uint64_t all_files, all_bytes;
    struct plan_ranges ranges;
    /** The container of which further ranges must follow, if end of them is not the last. */
    struct buf split;
    /** The file in hand. */
    struct buf path;
    struct plan_file file;
    bool ended;
};

void plan_head_clear(struct plan_head *head)
{
    for (size_t i = 0; i < head->n_sources; i++)
        free(head->sources[i]);
    for (size_t i = 0; i < head->n_options; i++)
        free(head->options[i]);
    free(head->sources);
    free(head->options);
    free(head->version);
    *head = (struct plan_head){0};
}

static bool splitting(const struct plan_reader *r)
{
    return r->ranges.of && r->ranges.end < r->ranges.of;
}

/** All that came before is whole: another unit may begin, or the plan end. */
static bool unit_whole(const struct plan_reader *r)
{
    return !r->files_left && (r->ranges.of || r->unit_bytes == r->bytes_met);
}

static bool take_unit(struct plan_reader *r)
{
    const struct plan_line *line = &r->line;
    struct plan_ranges before = r->ranges, now = {0};
    uint64_t first = line->numbers[KEY_FIRST], end = line->numbers[KEY_END_RANGE], of = line->numbers[KEY_OF];
    bool is_split = plan_line_has(line, KEY_OF), goes_on = splitting(r);
    if (!unit_whole(r) || line->numbers[KEY_UNIT] != r->units || is_split < goes_on)
        return false;
    if (is_split) {
        if (of < 2 || of > UNPACK_RANGES + 1 || first >= end || end > of || first != (goes_on ? before.end : 0) ||
            (goes_on && of != before.of) || line->numbers[KEY_FILES] != 1)
            return false;
        now = (struct plan_ranges){(uint32_t)first, (uint32_t)end, (uint32_t)of};
        if (!goes_on)
            r->split.len = 0;
    }
    r->ranges = now;
    r->units++;
    r->files_left = line->numbers[KEY_FILES];
    r->unit_bytes = line->numbers[KEY_BYTES];
    r->bytes_met = 0;
    return r->files_left && r->files_left <= PLAN_UNIT_FILES;
}

/** Below a source there are names only: what leads elsewhere is none. */
static bool path_sane(const char *path, size_t n, size_t source_len)
{
    if (!n || source_len > n || !source_len)
        return false;
    const char *at = path + source_len;
    if (!*at)
        return true;
    if (path[source_len - 1] != '/' && *at++ != '/')
        return false;
    for (;;) {
        size_t len = strcspn(at, "/");
        if (!len || (len == 1 && at[0] == '.') || (len == 2 && at[0] == '.' && at[1] == '.'))
            return false;
        at += len;
        if (!*at++)
            return true;
    }
}

/** All units of a split container name the same file. */
static bool same_container(struct plan_reader *r, const uint8_t *line, size_t n)
{
    if (!r->ranges.of)
        return true;
    if (r->split.len)
        return r->split.len == n && memcmp(r->split.data, line, n) == 0;
    buf_put(&r->split, line, n);
    return r->file.type == TYPE_OTHER && !r->file.unknown;
}

static bool take_type(const struct plan_line *line, struct plan_file *file)
{
    char name[32];
    const struct plan_text *text = &line->texts[KEY_TYPE];
    if (!plan_line_has(line, KEY_TYPE))
        return true;
    if (text->n >= sizeof(name))
        return false;
    memcpy(name, text->text, text->n);
    name[text->n] = '\0';
    file->type = type_from_name(name);
    return type_class(file->type) == CLASS_SPECIAL && file->type != TYPE_HARDLINK;
}

static bool take_file(struct plan_reader *r, const uint8_t *text, size_t n)
{
    const struct plan_line *line = &r->line;
    r->path.len = 0;
    if (!r->files_left || !plan_line_bytes(line, KEY_PATH, KEY_RAW, &r->path))
        return false;
    r->files_left--;
    r->file = (struct plan_file){
        .path = buf_str(&r->path),
        .source_len = (size_t)line->numbers[KEY_SOURCE_BYTES],
        .unknown = plan_line_has(line, KEY_UNKNOWN),
        .size = line->numbers[KEY_SIZE],
        .mtime = line->mtime,
    };
    if (__builtin_add_overflow(r->bytes_met, r->file.size, &r->bytes_met))
        r->bytes_met = UINT64_MAX;
    r->all_files++;
    return take_type(line, &r->file) && path_sane(r->file.path, r->path.len, r->file.source_len) &&
           same_container(r, text, n);
}

/** Of a unit that came to its end. */
static bool close_unit(struct plan_reader *r)
{
    if (__builtin_add_overflow(r->all_bytes, r->unit_bytes, &r->all_bytes))
        r->all_bytes = UINT64_MAX;
    return unit_whole(r);
}

static bool take_end(struct plan_reader *r)
{
    const struct plan_line *line = &r->line;
    r->ended = true;
    return unit_whole(r) && !splitting(r) && line->numbers[KEY_UNITS] == r->units &&
           line->numbers[KEY_FILES] == r->all_files && line->numbers[KEY_BYTES] == r->all_bytes;
}

static bool take_line(struct plan_reader *r, const uint8_t *text, size_t n)
{
    if (r->ended || !plan_line_parse(text, n, &r->line) || (r->number == 1) != (r->line.kind == PLAN_LINE_HEAD))
        return false;
    switch (r->line.kind) {
    case PLAN_LINE_HEAD:
        return r->line.numbers[KEY_TRAWL_PLAN] == PLAN_FORMAT;
    case PLAN_LINE_UNIT:
        return take_unit(r);
    case PLAN_LINE_FILE:
        return take_file(r, text, n) && (r->files_left || close_unit(r));
    case PLAN_LINE_END:
        return take_end(r);
    default:
        return !r->units;
    }
}

/** The next line: 1; 0 behind the plan's end; -1 where it is none. */
static int next(struct plan_reader *r)
{
    const uint8_t *text;
    size_t n;
    int got = plan_lines_next(&r->lines, &text, &n);
    r->number++;
    if (got <= 0)
        return got < 0 || !r->ended ? -1 : 0;
    return take_line(r, text, n) ? 1 : -1;
}

static bool keep_text(const struct plan_line *line, enum plan_key key, enum plan_key raw, char ***texts, size_t *n)
{
    struct buf bytes = {0};
    bool good = plan_line_bytes(line, key, raw, &bytes);
    if (good) {
        *texts = mem_realloc(*texts, size_mul(*n + 1, sizeof(**texts)));
        (*texts)[(*n)++] = mem_strndup((const char *)bytes.data, bytes.len);
    }
    buf_free(&bytes);
    return good;
}

/** What the first reading keeps of a line. */
static bool keep(struct plan *plan, const struct plan_reader *r)
{
    const struct plan_line *line = &r->line;
    struct plan_head *head = &plan->head;
    switch (line->kind) {
    case PLAN_LINE_HEAD:
        head->version = mem_strndup((const char *)line->texts[KEY_VERSION].text, line->texts[KEY_VERSION].n);
        head->target_bytes = line->numbers[KEY_TARGET_BYTES];
        return true;
    case PLAN_LINE_OPTION:
        return keep_text(line, KEY_OPTION, KEY_OPTION_RAW, &head->options, &head->n_options);
    case PLAN_LINE_SOURCE:
        return keep_text(line, KEY_SOURCE, KEY_SOURCE_RAW, &head->sources, &head->n_sources);
    case PLAN_LINE_UNIT:
        RESERVE(plan->weights, plan->n_units, plan->cap_units);
        plan->weights[plan->n_units++] = line->numbers[KEY_WEIGHT];
        plan->splits = plan->splits || r->ranges.of;
        return true;
    default:
        return true;
    }
}

static void reader_open(struct plan_reader *r, struct plan *plan)
{
    *r = (struct plan_reader){.plan = plan};
    plan_lines_open(&r->lines, plan->file);
}

static void reader_close(struct plan_reader *r)
{
    plan_lines_close(&r->lines);
    buf_free(&r->split);
    buf_free(&r->path);
}

static bool read_all(struct plan *plan, char why[PLAN_WHY])
{
    struct plan_reader r;
    int got;
    reader_open(&r, plan);
    while ((got = next(&r)) == 1 && keep(plan, &r))
        continue;
    plan_lines_digest(&r.lines, plan->sha256);
    plan->files = r.all_files;
    plan->bytes = r.all_bytes;
    if (got && r.number == 1)
        snprintf(why, PLAN_WHY, "%s: is no plan of this version (trawl plan writes one)", plan->path);
    else if (got)
        snprintf(why, PLAN_WHY, "%s: line %llu is %s", plan->path, (unsigned long long)r.number,
                 plan_lines_cut(&r.lines) ? "missing: the plan is cut" : "not as trawl plan writes it");
    reader_close(&r);
    return !got;
}

struct plan *plan_open(const char *path, char why[PLAN_WHY])
{
    struct stat st;
    struct plan *plan = ALLOC(struct plan);
    plan->path = mem_strdup(path);
    plan->file = fopen(path, "re");
    bool good = plan->file && fstat(fileno(plan->file), &st) == 0;
    if (!good)
        snprintf(why, PLAN_WHY, "%s: %s", path, strerror(errno));
    else if (!(good = S_ISREG(st.st_mode)))
        snprintf(why, PLAN_WHY, "%s: a plan is read twice, so it must be a file", path);
    if (good && read_all(plan, why))
        return plan;
    plan_free(plan);
    return NULL;
}

void plan_free(struct plan *plan)
{
    if (!plan)
        return;
    if (plan->file)
        fclose(plan->file);
    plan_head_clear(&plan->head);
    free(plan->weights);
    free(plan->path);
    free(plan);
}

struct plan_reader *plan_reader_new(struct plan *plan, const bool *wanted)
{
    struct plan_reader *r = ALLOC(struct plan_reader);
    reader_open(r, plan);
    r->wanted = wanted;
    return r;
}

/** Behind the end: nobody changed the file meanwhile. */
static int end(struct plan_reader *r)
{
    uint8_t sha256[32];
    plan_lines_digest(&r->lines, sha256);
    return memcmp(sha256, r->plan->sha256, sizeof(sha256)) == 0 ? 0 : -1;
}

/** Marks the parts of the unit in hand. True where the container's last unit has come, and some of them are wanted. */
static bool gather(struct plan_reader *r, struct unpack_share *share)
{
    const struct plan_ranges *ranges = &r->ranges;
    if (!ranges->first)
        *share = (struct unpack_share){.of = ranges->of};
    for (uint32_t i = ranges->first; i < ranges->end && r->wanted[r->units - 1]; i++)
        share_add(share, i);
    return ranges->end == ranges->of && (share->bits[0] || share->bits[1]);
}

int plan_reader_next(struct plan_reader *r, struct plan_file *file, struct unpack_share *share)
{
    int got;
    *share = (struct unpack_share){0};
    while ((got = next(r)) == 1) {
        if (r->units > r->plan->n_units)
            return -1;
        if (r->line.kind != PLAN_LINE_FILE || (r->ranges.of ? !gather(r, share) : !r->wanted[r->units - 1]))
            continue;
        if (!r->ranges.of)
            *share = (struct unpack_share){0};
        *file = r->file;
        return 1;
    }
    return got ? got : end(r);
}

void plan_reader_free(struct plan_reader *r)
{
    if (!r)
        return;
    reader_close(r);
    free(r);
}
