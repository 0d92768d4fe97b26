/* unpack.c: the table of readers, what they share, and what must be loaded before the sandbox closes. */
#include "trawl/unpack.h"
#include "document/deliver.h"
#include "document/heavy.h"
#include "source/member.h"
#include "disk/row.h"
#include "optical/optical.h"
#include "video/row.h"

#include <iconv.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

const struct unpacker *const unpack_table[] = {
#ifdef HAVE_DISK
    &disk_unpacker,
#endif
    &zip_unpacker,
    &optical_unpacker,
    &archive_unpacker,
    &filter_unpacker,
    &thumbcache_unpacker,
    &thumbdata_unpacker,
    &base64_unpacker,
    &plist_unpacker,
    &rtf_unpacker,
#ifdef HAVE_OLE
    &ole_unpacker,
#endif
#ifdef HAVE_PDF
    &pdf_unpacker,
#endif
#ifdef HAVE_SQLITE
    &sqlite_unpacker,
#endif
#ifdef HAVE_MAIL
    &mail_unpacker,
#endif
#ifdef HAVE_PST
    &pst_unpacker,
#endif
#ifdef HAVE_VIDEO
    &video_unpacker,
#endif
    NULL,
};

const struct unpacker *unpack_find(enum file_type type)
{
    for (size_t i = 0; unpack_table[i]; i++)
        if (unpack_table[i]->handles(type))
            return unpack_table[i];
    return NULL;
}

/*
 * iconv_open loads a shared object for each character set; in the sandbox it may not open one (144 of 580 test archives
 * died of it). A descriptor kept open keeps its module loaded.
 */
static const char *const charsets[] = {
    "CP437",       "CP850",  "CP852",  "CP866",  "CP932",    "SJIS",     "EUC-JP",  "CP936",  "GBK",      "GB18030",
    "BIG5",        "CP949",  "EUC-KR", "CP1250", "CP1251",   "CP1252",   "CP1253",  "CP1254", "CP1255",   "ISO-8859-1",
    "ISO-8859-15", "KOI8-R", "KOI8-U", "UTF-16", "UTF-16LE", "UTF-16BE", "UCS-2BE", "UTF-8",  "US-ASCII",
};

static iconv_t open_charsets[2 * sizeof(charsets) / sizeof(*charsets)];

void unpack_warm_up(void)
{
    /* localtime() would look for the zone at every entry, and the dates of a zip would depend on the laboratory's. */
    setenv("TZ", "UTC0", 1);
    tzset();
    setlocale(LC_CTYPE, "C.UTF-8");
    for (const struct unpacker *const *row = unpack_table; *row; row++)
        if ((*row)->warm_up)
            (*row)->warm_up();
    for (size_t i = 0; i < sizeof(charsets) / sizeof(*charsets); i++) {
        if (open_charsets[2 * i])
            continue;
        open_charsets[2 * i] = iconv_open("UTF-8", charsets[i]);
        open_charsets[2 * i + 1] = iconv_open(charsets[i], "UTF-8");
    }
}

static const char *detail_print(char detail[UNPACK_DETAIL], const char *format, va_list args)
{
    vsnprintf(detail, UNPACK_DETAIL, format, args);
    for (char *p = detail; *p; p++)
        if (*p < ' ' || *p > '~')
            *p = '?';
    return detail;
}

const char *detail_format(char detail[UNPACK_DETAIL], const char *format, ...)
{
    va_list args;
    va_start(args, format);
    detail_print(detail, format, args);
    va_end(args);
    return detail;
}

void end_note(struct unpack_end *end, enum trawl_status status, const char *format, ...)
{
    if (end->status != TRAWL_OK || (status == TRAWL_OK && *end->detail))
        return;
    va_list args;
    va_start(args, format);
    detail_print(end->detail, format, args);
    va_end(args);
    end->status = status;
}

void end_memory(struct unpack_end *end)
{
    end_note(end, TRAWL_LIMIT, "not enough memory to unpack it");
    if (end->status == TRAWL_LIMIT && end->limit == LIMIT_NONE)
        end->limit = LIMIT_UNPACK_MEMORY;
}

bool end_at_entry_limit(struct unpack_end *end, const struct unpack_input *input, uint64_t index)
{
    if (!limit_exceeded(&input->limits, LIMIT_ENTRIES, index + 1))
        return false;
    end_note(end, TRAWL_LIMIT, "more than %llu entries", (unsigned long long)input->limits.value[LIMIT_ENTRIES]);
    if (end->status == TRAWL_LIMIT)
        end->limit = LIMIT_ENTRIES;
    return true;
}

void member_begin(struct member *member, const struct unpack_input *input, struct unpack_sink *sink,
                  const struct unpack_entry *entry)
{
    *member = (struct member){.sink = sink, .announced = entry->index >= input->first_index};
    struct unpack_entry cut = *entry;
    if (cut.name_len > UNPACK_NAME_MAX) {
        member->name_cut = cut.name_len;
        cut.name_len = UNPACK_NAME_MAX;
    }
    member->wanted = member->announced && sink->entry(sink, &cut) == 0;
}

bool member_data(struct member *member, const void *data, size_t n, uint64_t offset)
{
    if (!member->wanted)
        return false;
    member->end = offset + n;
    if (n && member->sink->data(member->sink, data, n, offset) != 0)
        member->wanted = false;
    return member->wanted;
}

void member_end(struct member *member, enum trawl_status status, uint64_t size, const char *detail)
{
    char cut[UNPACK_DETAIL];
    if (!member->announced)
        return;
    if (member->name_cut && (!detail || !*detail))
        detail = detail_format(cut, "its name of %zu bytes is cut", member->name_cut);
    member->sink->entry_end(member->sink, status, size, detail ? detail : "");
}
