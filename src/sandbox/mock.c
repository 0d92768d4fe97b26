#include "sandbox/mock.h"

#ifdef TRAWL_MOCK
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "sandbox/child.h"
#include "sandbox/decoder.h"

static bool says(const uint8_t *data, size_t n, const char *word)
{
    size_t len = strlen(word);
    return n >= 5 + len && memcmp(data + 5, word, len) == 0;
}

bool mock_is(const uint8_t *data, size_t n)
{
    return n >= 5 && memcmp(data, "MOCK:", 5) == 0;
}

/** Eats memory, touched, until there is no more. */
static void eat(void)
{
    const size_t piece = 1u << 20;
    for (;;) {
        char *p = malloc(piece);
        if (!p)
            _exit(CHILD_EXIT_MEMORY);
        memset(p, 1, piece);
        /* Memory that nobody could ever read, clang does not even ask for. */
        __asm__ volatile("" : : "r"(p) : "memory");
    }
}

static void burn(clock_t ticks)
{
    for (clock_t start = clock(); clock() - start < ticks;)
        continue;
}

static void hang(void)
{
    for (volatile unsigned spin = 0;; spin++)
        continue;
}

void mock_unpack(const uint8_t *name, size_t n)
{
    if (mock_is(name, n) && says(name, n, "crash"))
        __builtin_trap();
    if (mock_is(name, n) && says(name, n, "hang"))
        hang();
}

void mock_step(const char *step, unsigned part)
{
    const char *wanted = getenv("TRAWL_MOCK_STEP");
    size_t n = strlen(step);
    if (wanted && strncmp(wanted, step, n) == 0 && wanted[n] == '-' && strtoul(wanted + n + 1, NULL, 10) == part)
        __builtin_trap();
}

void mock_decode(const uint8_t *data, size_t n, struct decode_result *result)
{
    if (says(data, n, "crash"))
        __builtin_trap();
    if (says(data, n, "hang"))
        hang();
    if (says(data, n, "oom"))
        eat();
    if (says(data, n, "syscall"))
        socket(AF_INET, SOCK_STREAM, 0);
    if (says(data, n, "slow"))
        burn(CLOCKS_PER_SEC / 5);
    if (says(data, n, "work"))
        burn(CLOCKS_PER_SEC / 100);
    *result = (struct decode_result){.status = TRAWL_OK, .width = 64, .height = 64, .has_pdq = true, .screen = true};
    memset(result->pdq.hash, 0x0f, PDQ_BYTES);
    if (says(data, n, "garbage"))
        memset(result, 0xa5, sizeof(*result));
}

uint64_t mock_deadline(uint64_t ns)
{
    const char *ms = getenv("TRAWL_MOCK_DEADLINE_MS");
    return ms ? strtoull(ms, NULL, 10) * 1000000u : ns;
}

void mock_main(const uint8_t *data, size_t n)
{
    if (mock_is(data, n) && says(data, n, "main"))
        raise(SIGSEGV);
}
#else
/** An empty translation unit is not C. */
typedef int mock_is_not_built;
#endif
