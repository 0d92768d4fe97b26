/*
 * mail.c: mail and folders of mail, by GMime: every part that is no container of parts, decoded, in whatever depth it
 * stands; and the files that stand uuencoded in a text.
 *
 * A folder (mbox) is read message by message, so that its length does not matter; parts are decoded out of the file
 * while they are delivered.
 */
#include <stdlib.h>
#include <string.h>

#include "document/charsets.h"
#include "document/heavy.h"
#include "document/mail_sink.h"
#include "document/uu.h"

struct mail {
    struct delivery out;
    /** Of a folder: which message; 0 in a single mail. */
    uint64_t message;
};

/** Needs a key that nobody has: what is in an envelope of S/MIME or PGP. */
static bool is_sealed(GMimeObject *part, GMimeObject *parent)
{
    GMimeContentType *type = g_mime_object_get_content_type(part);
    const char *kind = g_mime_content_type_get_parameter(type, "smime-type");
    if (parent && GMIME_IS_MULTIPART_ENCRYPTED(parent))
        return g_mime_content_type_is_type(type, "application", "octet-stream");
    return (g_mime_content_type_is_type(type, "application", "pkcs7-mime") ||
            g_mime_content_type_is_type(type, "application", "x-pkcs7-mime")) &&
           kind && !g_ascii_strcasecmp(kind, "enveloped-data");
}

/** Its file name without folders; else its place among the parts. */
static void name_part(const struct mail *mail, GMimePartIter *iter, GMimePart *part, struct mail_part *to)
{
    const char *name = g_mime_part_get_filename(part), *slash;
    *to->name = '\0';
    if (mail->message)
        name_add(to->name, "%llu/", (unsigned long long)mail->message);
    if (name && (slash = strrchr(name, '/')))
        name = slash + 1;
    if (name && (slash = strrchr(name, '\\')))
        name = slash + 1;
    to->named = name && *name;
    if (to->named) {
        name_add(to->name, "%.255s", name);
        return;
    }
    char *path = g_mime_part_iter_get_path(iter);
    GMimeContentType *type = g_mime_object_get_content_type((GMimeObject *)part);
    name_add(to->name, "part%.64s", path && *path ? path : "1");
    g_free(path);
    to->named = g_mime_content_type_is_type(type, "text", "*");
    if (to->named)
        name_add(to->name, g_mime_content_type_is_type(type, "text", "html") ? ".html" : ".txt");
}

static void read_part(struct mail *mail, GMimePartIter *iter, GMimePart *part)
{
    struct mail_part to = {.out = &mail->out, .kept = g_byte_array_new(), .keep = MAIL_HEAD};
    GMimeDataWrapper *content = g_mime_part_get_content(part);
    GMimeObject *parent = g_mime_part_iter_get_parent(iter);
    char prefix[32] = "";
    bool text = g_mime_content_type_is_type(g_mime_object_get_content_type((GMimeObject *)part), "text", "*");
    if (text)
        to.keep = MAIL_TEXT;
    name_part(mail, iter, part, &to);
    GMimeStream *sink = mail_sink_new(&to);
    bool good = content && g_mime_data_wrapper_write_to_stream(content, sink) >= 0;
    mail_part_begin(&to);
    bool sealed = is_sealed((GMimeObject *)part, parent);
    if (to.begun)
        member_end(&to.member,
                   sealed ? TRAWL_ENCRYPTED
                   : good ? TRAWL_OK
                          : TRAWL_DAMAGED,
                   to.size,
                   sealed ? "the part is encrypted"
                   : good ? NULL
                          : "the part cannot be decoded");
    if (mail->message)
        snprintf(prefix, sizeof(prefix), "%llu/", (unsigned long long)mail->message);
    if (text && to.kept->len)
        uu_deliver(&mail->out, prefix, to.kept->data, to.kept->len);
    g_object_unref(sink);
    g_byte_array_free(to.kept, TRUE);
}

static void read_message(struct mail *mail, GMimeMessage *message)
{
    GMimePartIter *iter = g_mime_part_iter_new((GMimeObject *)message);
    while (g_mime_part_iter_is_valid(iter) && !mail->out.full) {
        GMimeObject *part = g_mime_part_iter_get_current(iter);
        if (part && GMIME_IS_PART(part))
            read_part(mail, iter, (GMimePart *)part);
        if (!g_mime_part_iter_next(iter))
            break;
    }
    g_mime_part_iter_free(iter);
    if (mail->out.sink->alive)
        mail->out.sink->alive(mail->out.sink);
}

static void read_mails(struct mail *mail, GMimeStream *stream)
{
    bool folder = mail->out.input->type == TYPE_MBOX;
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    g_mime_parser_set_format(parser, folder ? GMIME_FORMAT_MBOX : GMIME_FORMAT_MESSAGE);
    do {
        GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
        if (!message) {
            if (!mail->message)
                end_note(mail->out.end, TRAWL_DAMAGED, "it cannot be read as mail");
            break;
        }
        mail->message += folder;
        read_message(mail, message);
        g_object_unref(message);
    } while (folder && !mail->out.full && !g_mime_parser_eos(parser));
    g_object_unref(parser);
}

void mail_run(const struct unpack_input *input, struct unpack_sink *sink, struct unpack_end *end)
{
    struct mail mail = {0};
    deliver_init(&mail.out, input, sink, end);
    GMimeStream *stream = g_mime_stream_fs_new_with_bounds(input->fd, 0, (gint64)input->size);
    g_mime_stream_fs_set_owner((GMimeStreamFs *)stream, FALSE);
    read_mails(&mail, stream);
    g_object_unref(stream);
}

const char *mail_version(void)
{
    static char version[32];
    snprintf(version, sizeof(version), "%u.%u.%u", gmime_major_version, gmime_minor_version, gmime_micro_version);
    return version;
}

void mail_warm_up(void)
{
    charsets_load();
    g_mime_init();
}
