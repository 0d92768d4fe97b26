/* warm_up.c: what children will need and cannot load any more once their sandbox is closed. */
#include <locale.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "sandbox/child.h"
#include "trawl/decode.h"
#include "trawl/unpack.h"

static int by_value(const void *a, const void *b)
{
    return *(const unsigned char *)a - *(const unsigned char *)b;
}

/** glibc's qsort asks for the size of the memory (sysinfo) at its first sort of more than a kilobyte, and keeps it. */
static void warm_up_sorting(void)
{
    unsigned char bytes[4096] = {0};
    qsort(bytes, sizeof(bytes), 1, by_value);
}

/** std::set_new_handler, where a library brought the C++ run time along. */
extern void *cxx_set_new_handler(void (*handler)(void)) __asm__("_ZSt15set_new_handlerPFvvE") __attribute__((weak));

static void out_of_memory(void)
{
    _exit(CHILD_EXIT_MEMORY);
}

/** Libraries in C++ throw where memory is short, and some call the picture damaged then. */
static void warm_up_cxx(void)
{
    if (cxx_set_new_handler)
        cxx_set_new_handler(out_of_memory);
}

void child_warm_up(void)
{
    /* libarchive turns DOS times to local time: the laboratory's zone must not show in a report. */
    setenv("TZ", "UTC0", 1);
    tzset();
    setlocale(LC_CTYPE, "C.UTF-8");
    warm_up_sorting();
    warm_up_cxx();
    unpack_warm_up();
    decode_warm_up();
}
