#include <criterion/criterion.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../scratch.h"
#include "core/escape.h"
#include "core/progress.h"

/** Stderr goes to a file meanwhile. */
struct capture {
    int file, before;
};

static struct capture capture_begin(void)
{
    struct capture c = {memfd_create("stderr", MFD_CLOEXEC), dup(STDERR_FILENO)};
    fflush(stderr);
    dup2(c.file, STDERR_FILENO);
    return c;
}

static struct buf capture_end(struct capture *c)
{
    struct buf out = {0};
    fflush(stderr);
    dup2(c->before, STDERR_FILENO);
    off_t size = lseek(c->file, 0, SEEK_END);
    cr_assert_eq(pread(c->file, buf_reserve(&out, (size_t)size + 1), (size_t)size, 0), size);
    out.len = (size_t)size;
    close(c->file);
    close(c->before);
    return out;
}

/** Asks for a line as SIGUSR1 does, and waits for it. */
static struct buf ask(struct progress *p)
{
    struct capture c = capture_begin();
    progress_start(p);
    atomic_store(&p->asked, true);
    while (atomic_load(&p->asked))
        usleep(1000);
    progress_stop(p);
    progress_stop(p);
    return capture_end(&c);
}

Test(progress, a_line_when_asked, .timeout = 30)
{
    struct progress p;
    progress_init(&p, 3, false);
    atomic_store(&p.files, 1234);
    atomic_store(&p.bytes, 5600000);
    atomic_store(&p.findings, 7);
    atomic_store(&p.unexamined, 8);
    progress_item(&p, 1, "evidence/a.zip!/1.jpg");
    struct buf line = ask(&p);
    const char *text = buf_str(&line);
    cr_assert_eq(strncmp(text, "trawl: 1234 files, 5.6 MB, ", 27), 0, "%s", text);
    cr_assert_not_null(strstr(text, "7 findings, 8 unexamined"));
    cr_assert_not_null(strstr(text, "evidence/a.zip!/1.jpg\n"));
    cr_assert_eq(strchr(text, '\n') - text, (long)line.len - 1, "one line");
    cr_assert_null(strchr(text, '\r'), "and plain");
    buf_free(&line);
    progress_destroy(&p);
}

Test(progress, idle_workers_are_not_shown, .timeout = 30)
{
    struct progress p;
    progress_init(&p, 2, false);
    progress_item(&p, 0, "x");
    progress_item(&p, 0, NULL);
    struct buf line = ask(&p);
    cr_assert_null(strchr(buf_str(&line), '|'));
    buf_free(&line);
    progress_destroy(&p);
}

/** A name of any length is cut between two characters. */
Test(progress, long_names, .timeout = 30)
{
    struct progress p;
    char name[400];
    progress_init(&p, 1, false);
    for (size_t lead = 0; lead < 4; lead++)
        for (size_t n = 0; n < 100; n++) {
            size_t len = lead;
            memset(name, 'a', lead);
            for (size_t i = 0; i < n; i++) {
                memcpy(name + len, i % 3 ? "\xe2\x82\xac" : "\xf0\x9f\x98\x80", 4);
                len += i % 3 ? 3 : 4;
            }
            name[len] = '\0';
            progress_item(&p, 0, name);
            size_t shown = strlen(p.slots[0].what);
            cr_assert(utf8_valid(p.slots[0].what, shown), "%zu", len);
            cr_assert_eq(memcmp(name, p.slots[0].what, shown), 0);
            cr_assert(shown == len || (len >= sizeof(p.slots[0].what) && shown + 4 >= sizeof(p.slots[0].what)));
        }
    struct buf line = ask(&p);
    cr_assert(utf8_valid(line.data, line.len));
    buf_free(&line);
    progress_destroy(&p);
}

static void *busy(void *arg)
{
    for (unsigned i = 0; i < 20000; i++) {
        progress_item(arg, i % 2, i % 3 ? "a name" : NULL);
        atomic_fetch_add(&((struct progress *)arg)->files, 1);
    }
    return NULL;
}

/** Drawn while workers change what is drawn; wiped at the end. */
Test(progress, drawing, .timeout = 30)
{
    struct progress p;
    pthread_t thread;
    progress_init(&p, 2, true);
    struct capture c = capture_begin();
    progress_start(&p);
    cr_assert_eq(pthread_create(&thread, NULL, busy, &p), 0);
    pthread_join(thread, NULL);
    while (lseek(c.file, 0, SEEK_END) == 0)
        usleep(1000);
    progress_stop(&p);
    struct buf out = capture_end(&c);
    const char *text = buf_str(&out);
    cr_assert_eq(strncmp(text, "\r\033[K", 4), 0);
    cr_assert_str_eq(text + out.len - 4, "\r\033[K", "nothing is left on the screen");
    cr_assert_null(strchr(text, '\n'));
    buf_free(&out);
    progress_destroy(&p);
}
