#include "report/writing.h"

#include "export/export.h"

static const struct report_writer *const writers[] = {
    &report_jsonl,        &report_csv,         &report_html,     &report_vics,      &report_c4p,
    &report_case,         &report_cybertip,    &report_bodyfile, &report_md5_exact, &report_md5_near,
    &report_md5sum_exact, &report_md5sum_near, &report_dfxml,    &report_hashdeep,
};
#define WRITERS (sizeof(writers) / sizeof(*writers))

static const struct report_store *const stores[] = {&report_kdb_exact, &report_kdb_near, &report_sqlite, NULL};

static struct sink *add_sink(struct writing *writing, struct outputs *outputs, const char *file)
{
    struct sink *sink = &writing->sinks[writing->n++];
    sink->out = outputs_add(outputs, writing->report->casefd, file);
    return sink;
}

static void begin(const struct writing *writing, struct sink *sink)
{
    if (sink->writer->begin)
        sink->writer->begin(writing->report, &sink->out->buf);
}

int writing_open(struct writing *writing, const struct report *report, unsigned formats, struct outputs *outputs)
{
    int error = 0;
    writing->report = report;
    for (size_t i = 0; i < WRITERS; i++)
        if (formats & writers[i]->format) {
            struct sink *sink = add_sink(writing, outputs, writers[i]->file);
            sink->writer = writers[i];
            if (sink->writer->item)
                begin(writing, sink);
        }
    for (size_t i = 0; stores[i] && !error; i++)
        if (formats & stores[i]->format) {
            struct sink *sink = add_sink(writing, outputs, stores[i]->file);
            sink->store = stores[i];
            error = sink->out->error ? sink->out->error : sink->store->open(report, sink->out, &sink->state);
        }
    return error;
}

/** Writes out what a writer has gathered. */
static int drain(struct sink *sink)
{
    output_drain(sink->out);
    return sink->out->error;
}

int writing_item(struct writing *writing, const struct item *item)
{
    int error = 0;
    for (size_t i = 0; i < writing->n && !error; i++) {
        struct sink *sink = &writing->sinks[i];
        if (sink->writer && sink->writer->item) {
            sink->writer->item(writing->report, item, &sink->out->buf);
            error = drain(sink);
        } else if (sink->store && sink->store->item) {
            error = sink->store->item(sink->state, item);
        }
    }
    return error;
}

int writing_begin_findings(struct writing *writing)
{
    int error = 0;
    for (size_t i = 0; i < writing->n && !error; i++)
        if (writing->sinks[i].writer && !writing->sinks[i].writer->item) {
            begin(writing, &writing->sinks[i]);
            error = drain(&writing->sinks[i]);
        }
    return error;
}

int writing_finding(struct writing *writing, const struct finding *finding)
{
    int error = 0;
    for (size_t i = 0; i < writing->n && !error; i++) {
        struct sink *sink = &writing->sinks[i];
        if (sink->writer && sink->writer->finding) {
            sink->writer->finding(writing->report, finding, &sink->out->buf);
            error = drain(sink);
        } else if (sink->store && sink->store->finding) {
            error = sink->store->finding(sink->state, finding);
        }
    }
    return error;
}

static void write_place(struct sink *sink, const struct finding *finding, uint64_t number, const struct where *where)
{
    if (sink->writer->place)
        sink->writer->place(finding, number, where, &sink->out->buf);
    if (number == finding->n_places && sink->writer->finding_end)
        sink->writer->finding_end(finding, &sink->out->buf);
}

int writing_place(struct writing *writing, const struct finding *finding, uint64_t number, const struct where *where)
{
    int error = 0;
    for (size_t i = 0; i < writing->n && !error; i++) {
        struct sink *sink = &writing->sinks[i];
        if (sink->writer) {
            write_place(sink, finding, number, where);
            error = drain(sink);
        } else if (sink->store->place) {
            error = sink->store->place(sink->state, finding, number, where);
        }
    }
    return error;
}

int writing_end(struct writing *writing)
{
    int error = 0;
    for (size_t i = 0; i < writing->n && !error; i++) {
        struct sink *sink = &writing->sinks[i];
        if (sink->writer && sink->writer->end) {
            sink->writer->end(writing->report, &sink->out->buf);
            error = drain(sink);
        } else if (sink->store && sink->store->end) {
            error = sink->store->end(sink->state, writing->report);
        }
    }
    return error;
}

void writing_close(struct writing *writing)
{
    for (size_t i = 0; i < writing->n; i++)
        if (writing->sinks[i].store)
            writing->sinks[i].store->close(writing->sinks[i].state);
    writing->n = 0;
}
