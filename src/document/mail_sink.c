#include "document/mail_sink.h"

#include <string.h>

typedef struct {
    GMimeStream parent;
    struct mail_part *part;
} MailSink;

typedef struct {
    GMimeStreamClass parent;
} MailSinkClass;

GType mail_sink_get_type(void);
G_DEFINE_TYPE(MailSink, mail_sink, GMIME_TYPE_STREAM)

void mail_part_begin(struct mail_part *part)
{
    if (part->begun || part->refused)
        return;
    if (!part->named)
        name_add_ending(part->name, part->kept->data, part->kept->len);
    struct parcel parcel = {.name = part->name, .name_len = strlen(part->name), .offset = UINT64_MAX};
    part->begun = deliver_begin(part->out, &part->member, &parcel, UINT64_MAX);
    part->refused = !part->begun;
    if (part->begun)
        member_data(&part->member, part->kept->data, part->kept->len, 0);
    part->size = part->kept->len;
}

static ssize_t sink_write(GMimeStream *stream, const char *bytes, size_t n)
{
    struct mail_part *part = ((MailSink *)stream)->part;
    size_t room = part->kept->len < part->keep ? part->keep - part->kept->len : 0;
    size_t keep = n < room ? n : room;
    if (!part->begun && keep)
        g_byte_array_append(part->kept, (const guint8 *)bytes, (guint)keep);
    if (!part->begun && keep == n)
        return (ssize_t)n;
    keep = part->begun ? 0 : keep;
    mail_part_begin(part);
    if (part->begun)
        member_data(&part->member, bytes + keep, n - keep, part->size);
    part->size += n - keep;
    return (ssize_t)n;
}

static int sink_done(GMimeStream *stream)
{
    (void)stream;
    return 0;
}

static gboolean sink_eos(GMimeStream *stream)
{
    (void)stream;
    return TRUE;
}

static gint64 sink_length(GMimeStream *stream)
{
    (void)stream;
    return -1;
}

static void mail_sink_class_init(MailSinkClass *class)
{
    class->parent.write = sink_write;
    class->parent.flush = sink_done;
    class->parent.close = sink_done;
    class->parent.eos = sink_eos;
    class->parent.length = sink_length;
}

static void mail_sink_init(MailSink *sink)
{
    (void)sink;
}

GMimeStream *mail_sink_new(struct mail_part *part)
{
    MailSink *sink = g_object_new(mail_sink_get_type(), NULL);
    sink->part = part;
    g_mime_stream_construct((GMimeStream *)sink, 0, -1);
    return (GMimeStream *)sink;
}
