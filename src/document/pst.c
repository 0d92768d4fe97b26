/*
 * pst.c: stores of Outlook (PST, OST), by libpff: attachments and bodies of every message, of those attached to another
 * one, of those that no folder leads to, and of deleted ones that can be recovered.
 *
 * Folders and messages are walked with a stack of our own. What cannot be read of one message is noted, and the next
 * one is looked at.
 */
#include <libbfio.h>
#include <libpff.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "document/heavy.h"
#include "document/pst_file.h"

enum { PST_DEPTH = 64, PST_BODY_MOST = 256 << 20, PST_BLOCK = 64 << 10 };

struct pst_frame {
    libpff_item_t *item;
    bool folder;
    /** Of a folder: its folders, then its messages; of a message: its attachments. */
    int next, folders, others;
    size_t path;
};

struct pst {
    struct delivery out;
    libpff_file_t *file;
    struct pst_frame stack[PST_DEPTH];
    int depth;
    char path[DELIVER_NAME];
    uint64_t broken;
    uint8_t block[PST_BLOCK];
};

static void give(struct pst *pst, const char *name, const uint8_t *p, size_t n)
{
    char path[DELIVER_NAME] = "";
    name_add(path, "%s%s", pst->path, name);
    struct parcel parcel = {.name = path, .name_len = strlen(path), .offset = UINT64_MAX, .bytes = p, .n = n};
    deliver(&pst->out, &parcel);
}

/** A text of an item, or "". */
static void item_text(libpff_item_t *item, uint32_t what, char *to, size_t room)
{
    libpff_record_set_t *set = NULL;
    libpff_record_entry_t *entry = NULL;
    uint8_t *text = NULL;
    size_t n = 0;
    *to = '\0';
    if (libpff_item_get_record_set_by_index(item, 0, &set, NULL) == 1 &&
        libpff_record_set_get_entry_by_type(set, what, 0, &entry, LIBPFF_ENTRY_VALUE_FLAG_MATCH_ANY_VALUE_TYPE, NULL) ==
            1 &&
        libpff_record_entry_get_data_as_utf8_string_size(entry, &n, NULL) == 1 && n && n < 65536 &&
        (text = malloc(n)) && libpff_record_entry_get_data_as_utf8_string(entry, text, n, NULL) == 1)
        snprintf(to, room, "%.*s", (int)(n - 1 < room - 1 ? n - 1 : room - 1), (const char *)text);
    free(text);
    libpff_record_entry_free(&entry, NULL);
    libpff_record_set_free(&set, NULL);
}

static void push(struct pst *pst, libpff_item_t *item, bool folder)
{
    struct pst_frame frame = {.item = item, .folder = folder, .path = strlen(pst->path)};
    if (pst->depth == PST_DEPTH) {
        deliver_too_deep(&pst->out, PST_DEPTH);
        libpff_item_free(&item, NULL);
        return;
    }
    if (folder && libpff_folder_get_number_of_sub_folders(item, &frame.folders, NULL) != 1)
        pst->broken++;
    if (folder ? libpff_folder_get_number_of_sub_messages(item, &frame.others, NULL) != 1
               : libpff_message_get_number_of_attachments(item, &frame.others, NULL) < 0)
        pst->broken += folder;
    pst->stack[pst->depth++] = frame;
}

/** A body of a message, if it has that one. */
static void read_body(struct pst *pst, libpff_item_t *message, const char *name,
                      int (*size_of)(libpff_item_t *, size_t *, libpff_error_t **),
                      int (*text_of)(libpff_item_t *, uint8_t *, size_t, libpff_error_t **))
{
    size_t n = 0;
    if (size_of(message, &n, NULL) != 1 || n < 2 || n > PST_BODY_MOST)
        return;
    uint8_t *text = malloc(n);
    if (text && text_of(message, text, n, NULL) == 1)
        give(pst, name, text, n - (text[n - 1] == 0));
    free(text);
}

static void begin_message(struct pst *pst, libpff_item_t *message, const char *kind, uint64_t number)
{
    name_add(pst->path, "%s%llu/", kind, (unsigned long long)number);
    read_body(pst, message, "body.html", libpff_message_get_html_body_size, libpff_message_get_html_body);
    read_body(pst, message, "body.rtf", libpff_message_get_rtf_body_size, libpff_message_get_rtf_body);
    read_body(pst, message, "body.txt", libpff_message_get_plain_text_body_size, libpff_message_get_plain_text_body);
    push(pst, message, false);
    if (pst->out.sink->alive)
        pst->out.sink->alive(pst->out.sink);
}

static void name_attachment(libpff_item_t *attachment, int number, const uint8_t *p, size_t n, char *name)
{
    char text[256];
    item_text(attachment, LIBPFF_ENTRY_TYPE_ATTACHMENT_FILENAME_LONG, text, sizeof(text));
    if (!*text)
        item_text(attachment, LIBPFF_ENTRY_TYPE_ATTACHMENT_FILENAME_SHORT, text, sizeof(text));
    if (*text) {
        name_add(name, "%s", text);
        return;
    }
    name_add(name, "attachment%d", number + 1);
    name_add_ending(name, p, n);
}

static void read_data(struct pst *pst, libpff_item_t *attachment, int number)
{
    char name[DELIVER_NAME] = "";
    struct member member;
    size64_t size = 0;
    uint64_t done = 0;
    if (libpff_attachment_get_data_size(attachment, &size, NULL) != 1)
        return;
    ssize_t n = size ? libpff_attachment_data_read_buffer(attachment, pst->block, PST_BLOCK, NULL) : 0;
    name_add(name, "%s", pst->path);
    name_attachment(attachment, number, pst->block, n > 0 ? (size_t)n : 0, name);
    struct parcel parcel = {.name = name, .name_len = strlen(name), .offset = UINT64_MAX};
    if (!deliver_begin(&pst->out, &member, &parcel, size))
        return;
    while (n > 0 && done < size) {
        done += (uint64_t)n;
        if (!member_data(&member, pst->block, (size_t)n, done - (uint64_t)n)) {
            done = size;
            break;
        }
        n = libpff_attachment_data_read_buffer(attachment, pst->block, PST_BLOCK, NULL);
    }
    member_end(&member, done == size ? TRAWL_OK : TRAWL_DAMAGED, done, done == size ? NULL : "its end cannot be read");
}

/** An attachment: bytes, or a message that is walked next. */
static void read_attachment(struct pst *pst, libpff_item_t *message, int i)
{
    libpff_item_t *attachment = NULL, *inside = NULL;
    int type = 0;
    if (libpff_message_get_attachment(message, i, &attachment, NULL) != 1 ||
        libpff_attachment_get_type(attachment, &type, NULL) != 1)
        pst->broken++;
    else if (type == LIBPFF_ATTACHMENT_TYPE_DATA)
        read_data(pst, attachment, i);
    else if (type == LIBPFF_ATTACHMENT_TYPE_ITEM && libpff_attachment_get_item(attachment, &inside, NULL) == 1)
        begin_message(pst, inside, "message", (uint64_t)i + 1);
    if (attachment)
        libpff_item_free(&attachment, NULL);
}

static void read_folder_item(struct pst *pst, struct pst_frame *frame, int i)
{
    libpff_item_t *item = NULL;
    bool folder = i < frame->folders;
    int r = folder ? libpff_folder_get_sub_folder(frame->item, i, &item, NULL)
                   : libpff_folder_get_sub_message(frame->item, i - frame->folders, &item, NULL);
    if (r != 1) {
        pst->broken++;
    } else if (folder) {
        char name[128];
        item_text(item, LIBPFF_ENTRY_TYPE_DISPLAY_NAME, name, sizeof(name));
        name_add(pst->path, "%s/", *name ? name : "folder");
        push(pst, item, true);
    } else {
        begin_message(pst, item, "", (uint64_t)(i - frame->folders) + 1);
    }
}

static void walk(struct pst *pst)
{
    while (pst->depth) {
        struct pst_frame *frame = &pst->stack[pst->depth - 1];
        pst->path[frame->path] = '\0';
        int i = frame->next++;
        if (i >= frame->folders + frame->others || pst->out.full) {
            libpff_item_free(&frame->item, NULL);
            pst->depth--;
        } else if (frame->folder) {
            read_folder_item(pst, frame, i);
        } else {
            read_attachment(pst, frame->item, i);
        }
    }
}

typedef int pst_count(libpff_file_t *, int *, libpff_error_t **);
typedef int pst_get(libpff_file_t *, int, libpff_item_t **, libpff_error_t **);

/** Items that stand in no folder. */
static void read_loose(struct pst *pst, const char *kind, pst_count *count, pst_get *get)
{
    int n = 0;
    if (count(pst->file, &n, NULL) != 1)
        return;
    for (int i = 0; i < n && !pst->out.full; i++) {
        libpff_item_t *item = NULL;
        uint8_t type = 0;
        *pst->path = '\0';
        if (get(pst->file, i, &item, NULL) != 1 || libpff_item_get_type(item, &type, NULL) != 1 ||
            type == LIBPFF_ITEM_TYPE_FOLDER || type == LIBPFF_ITEM_TYPE_UNDEFINED) {
            libpff_item_free(&item, NULL);
            continue;
        }
        begin_message(pst, item, kind, (uint64_t)i + 1);
        walk(pst);
    }
}

static void read_store(struct pst *pst)
{
    libpff_item_t *root = NULL;
    if (libpff_file_get_root_folder(pst->file, &root, NULL) == 1) {
        push(pst, root, true);
        walk(pst);
    } else {
        end_note(pst->out.end, TRAWL_DAMAGED, "it has no root folder");
    }
    read_loose(pst, "$orphan", libpff_file_get_number_of_orphan_items, libpff_file_get_orphan_item_by_index);
    if (libpff_file_recover_items(pst->file, 0, NULL) == 1)
        read_loose(pst, "$recovered", libpff_file_get_number_of_recovered_items,
                   libpff_file_get_recovered_item_by_index);
    if (pst->broken)
        end_note(pst->out.end, TRAWL_DAMAGED, "%llu items cannot be read", (unsigned long long)pst->broken);
}

void pst_run(const struct unpack_input *input, struct unpack_sink *sink, struct unpack_end *end)
{
    struct pst *pst = calloc(1, sizeof(*pst));
    struct pst_bytes bytes;
    libbfio_handle_t *handle = NULL;
    struct delivery out;
    deliver_init(&out, input, sink, end);
    if (!pst || !window_init(&bytes.window, input->fd, input->size, 256 << 10)) {
        end_memory(end);
        end->missing = UINT64_MAX;
        free(pst);
        return;
    }
    pst->out = out;
    bytes.at = 0;
    if (pst_handle(&bytes, &handle) && libpff_file_initialize(&pst->file, NULL) == 1 &&
        libpff_file_open_file_io_handle(pst->file, handle, LIBPFF_OPEN_READ, NULL) == 1) {
        read_store(pst);
    } else {
        end_note(end, TRAWL_DAMAGED, "libpff cannot open it");
        end->missing = UINT64_MAX;
        deliver_carved_whole(&pst->out);
    }
    if (bytes.window.holes)
        end_note(end, TRAWL_IO_ERROR, HOLES_DETAIL);
    libpff_file_free(&pst->file, NULL);
    libbfio_handle_free(&handle, NULL);
    window_free(&bytes.window);
    free(pst);
}

const char *pst_version(void)
{
    return libpff_get_version();
}

void pst_warm_up(void)
{
}
