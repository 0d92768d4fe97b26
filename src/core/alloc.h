/* alloc.h: typed allocation with saturating sizes. In the main process, memory that is missing ends the program (status
 * 70). */
#ifndef CORE_ALLOC_H
#define CORE_ALLOC_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

static inline size_t size_add(size_t a, size_t b)
{
    size_t sum;
    return __builtin_add_overflow(a, b, &sum) ? SIZE_MAX : sum;
}

static inline size_t size_mul(size_t a, size_t b)
{
    size_t product;
    return __builtin_mul_overflow(a, b, &product) ? SIZE_MAX : product;
}

/** malloc, zeroed, realloc: never NULL. A size of SIZE_MAX (an overflow) counts as missing memory. */
void *mem_alloc(size_t size);
void *mem_zalloc(size_t size);
void *mem_realloc(void *old, size_t size);
void *mem_dup(const void *data, size_t n);
/** A NUL-terminated copy of n bytes. */
char *mem_strndup(const char *text, size_t n);
char *mem_strdup(const char *text);

/** Ends the program as a failed allocation does: for what a library could not do without memory. */
_Noreturn void mem_missing(void);

/** One zeroed object, n zeroed objects. */
#define ALLOC(type)          ((type *)mem_zalloc(sizeof(type)))
#define ALLOC_ARRAY(type, n) ((type *)mem_zalloc(size_mul(sizeof(type), (n))))
/** Makes room for one more item in an array that doubles. */
#define RESERVE(items, n, cap)                                                                                         \
    do {                                                                                                               \
        if ((n) == (cap)) {                                                                                            \
            (cap) = (cap) ? size_mul((cap), 2) : 8;                                                                    \
            (items) = mem_realloc((items), size_mul(sizeof(*(items)), (cap)));                                         \
        }                                                                                                              \
    } while (0)

#endif
