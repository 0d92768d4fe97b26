#include "match/category_map.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/escape.h"
#include "match/trust.h"
#include "trawl/match.h"

#define MAP_FILE_MAX (1u << 20)

/** Codes 0 and 5 changed places between generations of tools: 5 is "not graded" now, and 0 "of no interest". */
static const struct map_code vics_us[] = {
    {"1", "child abuse material", 1, 0},
    {"2", "child exploitation or age-difficult", 2, 0},
    {"3", "computer-generated or animated", 4, 0},
    {"4", "comparison images", 6, 0},
    {"5", "uncategorised", 9, 0},
    {"0", "non-pertinent", 9, MATCH_NOT_PERTINENT},
};
static const struct map_code vics_uk[] = {
    {"1", "category A", 1, 0}, {"2", "category B", 2, 0},    {"3", "category C", 3, 0},
    {"4", "indicative", 5, 0}, {"5", "uncategorised", 9, 0}, {"0", "non-pertinent", 9, MATCH_NOT_PERTINENT},
};
static const struct map_code vics_old[] = {
    {"1", "child abuse material", 1, 0},
    {"2", "child exploitation or age-difficult", 2, 0},
    {"3", "computer-generated or animated", 4, 0},
    {"4", "comparison images", 6, 0},
    {"0", "uncategorised", 9, 0},
    {"5", "non-pertinent", 9, MATCH_NOT_PERTINENT},
};
static const struct map_code ncmec[] = {
    {"A1", "prepubescent, sex act", 1, 0},
    {"A2", "prepubescent, lascivious exhibition", 2, 0},
    {"B1", "pubescent, sex act", 3, 0},
    {"B2", "pubescent, lascivious exhibition", 4, 0},
};
static const struct map_code iwf[] = {{"A", "category A", 1, 0}, {"B", "category B", 2, 0}, {"C", "category C", 3, 0}};
static const struct map_code icse[] = {{"baseline", "illegal everywhere", 1, 0}, {"other", "not baseline", 2, 0}};
static const struct map_code tx[] = {
    {"POSITIVE_CLASS", "", 2, 0},
    {"TRUE_POSITIVE", "", 2, 0},
    {"INVESTIGATION_SEED", "", 5, 0},
    {"WORTH_INVESTIGATING", "", 5, 0},
    {"DISPUTED", "", 7, MATCH_DISPUTED},
    {"NEGATIVE_CLASS", "", 9, MATCH_NOT_PERTINENT},
    {"FALSE_POSITIVE", "", 9, MATCH_NOT_PERTINENT},
};

#define MAP(name, codes)                                                                                               \
    {                                                                                                                  \
        name, codes, sizeof(codes) / sizeof((codes)[0]), SEVERITY_NONE                                                 \
    }
const struct category_map category_maps[] = {
    MAP("vics-us", vics_us),
    MAP("vics-uk", vics_uk),
    MAP("vics-old", vics_old),
    MAP("ncmec", ncmec),
    MAP("iwf", iwf),
    MAP("icse", icse),
    MAP("tx", tx),
    {0},
};

const struct category_map *category_map_find(const char *name)
{
    for (const struct category_map *map = category_maps; map->name; map++)
        if (strcmp(map->name, name) == 0)
            return map;
    return NULL;
}

const struct map_code *category_map_code(const struct category_map *map, const void *code, size_t n)
{
    for (size_t i = 0; i < map->n; i++)
        if (strlen(map->codes[i].code) == n && strncasecmp(map->codes[i].code, code, n) == 0)
            return &map->codes[i];
    return NULL;
}

/** A map while it is read. */
struct parse {
    const uint8_t *p, *end;
    unsigned line;
    char *name;
    struct map_code *codes;
    size_t n, cap;
    uint8_t otherwise;
    /** The code whose table is open. */
    struct map_code *open;
    char *why;
    size_t why_size;
};

static bool refuse(struct parse *in, const char *what)
{
    if (!in->why[0])
        snprintf(in->why, in->why_size, "line %u: %s", in->line, what);
    return false;
}

static void skip_blanks(struct parse *in)
{
    while (in->p < in->end && (*in->p == ' ' || *in->p == '\t'))
        in->p++;
}

static bool take(struct parse *in, uint8_t c)
{
    skip_blanks(in);
    if (in->p == in->end || *in->p != c)
        return false;
    in->p++;
    return true;
}

/** Behind a value: nothing, or a comment. */
static bool end_line(struct parse *in)
{
    skip_blanks(in);
    if (in->p < in->end && *in->p == '#')
        while (in->p < in->end && *in->p != '\n')
            in->p++;
    if (in->p < in->end && *in->p == '\r')
        in->p++;
    if (in->p == in->end)
        return true;
    if (*in->p != '\n')
        return refuse(in, "more behind a value than a comment");
    in->p++;
    in->line++;
    return true;
}

/** A basic string; of escapes only quote and backslash. The caller frees it. */
static char *take_string(struct parse *in)
{
    struct buf raw = {0}, shown = {0};
    bool good = take(in, '"');
    while (good && in->p < in->end && *in->p != '"' && *in->p != '\n') {
        if (*in->p == '\\' && in->p + 1 < in->end && (in->p[1] == '"' || in->p[1] == '\\'))
            in->p++;
        else if (*in->p == '\\' || *in->p < 0x20)
            good = false;
        buf_byte(&raw, *in->p++);
    }
    good = good && take(in, '"');
    if (good)
        escape_text(&shown, raw.data, raw.len);
    char *text = good ? mem_strdup(buf_str(&shown)) : NULL;
    buf_free(&raw);
    buf_free(&shown);
    if (!good)
        refuse(in, "no text in quotes (of escapes only \\\" and \\\\)");
    return text;
}

static bool is_bare(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/** Bare, or in quotes. The caller frees it. */
static char *take_key(struct parse *in)
{
    skip_blanks(in);
    if (in->p < in->end && *in->p == '"')
        return take_string(in);
    const uint8_t *begin = in->p;
    while (in->p < in->end && is_bare(*in->p))
        in->p++;
    if (in->p != begin)
        return mem_strndup((const char *)begin, (size_t)(in->p - begin));
    refuse(in, "neither a comment, nor KEY = VALUE, nor [category.CODE]");
    return NULL;
}

static bool take_severity(struct parse *in, uint8_t *severity)
{
    skip_blanks(in);
    if (in->p == in->end || *in->p < '1' || *in->p > '9')
        return refuse(in, "a severity is a number from 1, the most severe, to 9");
    *severity = (uint8_t)(*in->p++ - '0');
    return true;
}

static bool take_pertinent(struct parse *in, struct map_code *code)
{
    skip_blanks(in);
    size_t left = (size_t)(in->end - in->p);
    bool yes = left >= 4 && memcmp(in->p, "true", 4) == 0, no = left >= 5 && memcmp(in->p, "false", 5) == 0;
    if (!yes && !no)
        return refuse(in, "pertinent is true or false");
    in->p += yes ? 4 : 5;
    code->flags = no ? MATCH_NOT_PERTINENT : 0;
    return true;
}

/** [category.CODE] */
static bool take_table(struct parse *in)
{
    char *word = take_key(in);
    bool good = word && strcmp(word, "category") == 0 && take(in, '.');
    free(word);
    char *code = good ? take_key(in) : NULL;
    if (!code || !take(in, ']')) {
        free(code);
        return refuse(in, "a table is called [category.CODE]");
    }
    struct category_map so_far = {.codes = in->codes, .n = in->n};
    bool again = category_map_code(&so_far, code, strlen(code)) != NULL;
    if (again || in->n == MAP_CODES_MAX) {
        free(code);
        return refuse(in, again ? "this code is there twice" : "more than 256 codes");
    }
    RESERVE(in->codes, in->n, in->cap);
    in->open = &in->codes[in->n++];
    *in->open = (struct map_code){.code = code, .name = mem_strdup(""), .severity = 0};
    return end_line(in);
}

static bool set_text(struct parse *in, char **text)
{
    char *given = take_string(in);
    if (!given)
        return false;
    free(*text);
    *text = given;
    return true;
}

static bool take_value(struct parse *in, const char *key)
{
    bool name = strcmp(key, "name") == 0;
    if (!take(in, '='))
        return refuse(in, "= is missing");
    if (!in->open && name)
        return set_text(in, &in->name);
    if (!in->open && strcmp(key, "default") == 0)
        return take_severity(in, &in->otherwise);
    if (in->open && name)
        return set_text(in, (char **)&in->open->name);
    if (in->open && strcmp(key, "severity") == 0)
        return take_severity(in, &in->open->severity);
    if (in->open && strcmp(key, "pertinent") == 0)
        return take_pertinent(in, in->open);
    return refuse(in, in->open ? "a code has name, severity and pertinent" : "a map has name and default");
}

static bool take_line(struct parse *in)
{
    skip_blanks(in);
    if (in->p < in->end && (*in->p == '\n' || *in->p == '\r' || *in->p == '#'))
        return end_line(in);
    if (take(in, '['))
        return take_table(in);
    char *key = take_key(in);
    bool good = key && take_value(in, key) && end_line(in);
    free(key);
    return good;
}

static bool take_map(struct parse *in)
{
    while (in->p < in->end)
        if (!take_line(in))
            return false;
    for (size_t i = 0; i < in->n; i++)
        if (!in->codes[i].severity) {
            snprintf(in->why, in->why_size, "[category.%.40s] has no severity", in->codes[i].code);
            return false;
        }
    return in->n || refuse(in, "there is no [category.CODE] in it");
}

struct category_map *category_map_parse(const char *text, size_t n, const char *file, char *why, size_t why_size)
{
    struct parse in = {.p = (const uint8_t *)text, .line = 1, .otherwise = SEVERITY_NONE};
    in.end = in.p + n;
    in.why = why;
    in.why_size = why_size;
    why[0] = '\0';
    bool good = take_map(&in);
    struct category_map *map = ALLOC(struct category_map);
    *map = (struct category_map){in.name ? in.name : mem_strdup(file), in.codes, in.n, in.otherwise};
    if (good)
        return map;
    category_map_free(map);
    return NULL;
}

struct category_map *category_map_read(const char *path, char *why, size_t why_size)
{
    struct buf text = {0}, shown = {0};
    struct category_map *map = NULL;
    char detail[160] = "";
    const char *slash = strrchr(path, '/');
    int fd = trust_open(path, path, why, why_size);
    if (fd < 0)
        return NULL;
    ssize_t n = 0;
    while (text.len <= MAP_FILE_MAX && (n = read(fd, buf_reserve(&text, 4096), 4096)) > 0)
        text.len += (size_t)n;
    close(fd);
    escape_text(&shown, slash ? slash + 1 : path, strlen(slash ? slash + 1 : path));
    if (n < 0)
        snprintf(detail, sizeof(detail), "cannot be read");
    else if (text.len > MAP_FILE_MAX)
        snprintf(detail, sizeof(detail), "longer than 1 MiB: no category map");
    else
        map = category_map_parse(buf_str(&text), text.len, buf_str(&shown), detail, sizeof(detail));
    if (!map)
        snprintf(why, why_size, "%s: %s", path, detail);
    buf_free(&text);
    buf_free(&shown);
    return map;
}

void category_map_free(struct category_map *map)
{
    if (!map)
        return;
    for (size_t i = 0; i < map->n; i++) {
        free((char *)map->codes[i].code);
        free((char *)map->codes[i].name);
    }
    free((struct map_code *)map->codes);
    free((char *)map->name);
    free(map);
}
