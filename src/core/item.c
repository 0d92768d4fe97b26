#include "trawl/item.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/alloc.h"
#include "core/buf.h"
#include "core/escape.h"

void item_clear(struct item *item)
{
    where_unref(item->where);
    free(item->detail);
    free(item->facts);
    free(item->thumbnail);
    free(item->memory.first.turned);
    free(item->memory.exact.turned);
    free(item->matches.items);
    free(item->frames.items);
    free(item->strings);
    *item = (struct item){0};
}

void item_detail(struct item *item, const char *format, ...)
{
    va_list args;
    char *text = NULL;
    va_start(args, format);
    int n = vasprintf(&text, format, args);
    va_end(args);
    if (n < 0) /* no memory, or a conversion that cannot be: say what is left to say */
        text = mem_strdup(format);
    struct buf out = {0};
    escape_text(&out, text, strlen(text));
    free(text);
    free(item->detail);
    item->detail = mem_strdup(buf_str(&out));
    buf_free(&out);
}
