/*
 * mock.h: a decoder that misbehaves on demand, for tests of what must survive it. Only in builds with -DTRAWL_MOCK
 * (make MOCK=1): there a file that begins with "MOCK:" counts as a picture, and the word behind it says what its
 * decoder does.
 */
#ifndef SANDBOX_MOCK_H
#define SANDBOX_MOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct decode_result;

#ifdef TRAWL_MOCK
/** True if the bytes are a mock file. */
bool mock_is(const uint8_t *data, size_t n);
/** Does what the file says: ok, work (10 ms), slow (200 ms), garbage fill in the result; crash, hang, oom, syscall do
 * not come back. */
void mock_decode(const uint8_t *data, size_t n, struct decode_result *result);
/** A decoder's deadline, or that of TRAWL_MOCK_DEADLINE_MS: what hundreds of hangs cost is then what the line makes of
 * them. */
uint64_t mock_deadline(uint64_t ns);
/** An unpacker at a member whose name begins with MOCK:crash or MOCK:hang. */
void mock_unpack(const uint8_t *name, size_t n);
/** A reader of disks at a step of its own ("table", "names-1", "free-2" ...), counted from 1: it crashes where
 * TRAWL_MOCK_STEP names it. */
void mock_step(const char *step, unsigned part);
/** `MOCK:main`: the main process itself crashes. */
void mock_main(const uint8_t *data, size_t n);
#else
static inline bool mock_is(const uint8_t *data, size_t n)
{
    (void)data;
    (void)n;
    return false;
}
static inline void mock_decode(const uint8_t *data, size_t n, struct decode_result *result)
{
    (void)data;
    (void)n;
    (void)result;
}
static inline uint64_t mock_deadline(uint64_t ns)
{
    return ns;
}
static inline void mock_unpack(const uint8_t *name, size_t n)
{
    (void)name;
    (void)n;
}
static inline void mock_step(const char *step, unsigned part)
{
    (void)step;
    (void)part;
}
static inline void mock_main(const uint8_t *data, size_t n)
{
    (void)data;
    (void)n;
}
#endif

#endif
