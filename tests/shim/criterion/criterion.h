/*
 * criterion.h of the shim: Criterion aborts under ThreadSanitizer, so there the same tests are compiled against this.
 * As much of Criterion as the tests use: Test() with .timeout, the classic cr_assert_* macros, cr_skip.
 */
#ifndef SHIM_CRITERION_H
#define SHIM_CRITERION_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct shim_options {
    bool unused, disabled;
    const char *description;
    /** Seconds. */
    double timeout;
    void (*init)(void), (*fini)(void);
};

struct shim_test {
    const char *suite, *name;
    void (*run)(void);
    struct shim_options options;
    struct shim_test *next;
};

/** Called before main by each Test(). */
void shim_register(struct shim_test *test);
/** Prints where and what, and ends the test's process as failed. */
_Noreturn void shim_fail(const char *file, int line, const char *what, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
_Noreturn void shim_skip(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define Test(suite_, name_, ...)                                                                                       \
    static void suite_##_##name_##_run(void);                                                                          \
    static struct shim_test suite_##_##name_##_test = {                                                                \
        .suite = #suite_, .name = #name_, .run = suite_##_##name_##_run, .options = {.unused = false, __VA_ARGS__}};   \
    __attribute__((constructor)) static void suite_##_##name_##_register(void)                                         \
    {                                                                                                                  \
        shim_register(&suite_##_##name_##_test);                                                                       \
    }                                                                                                                  \
    static void suite_##_##name_##_run(void)

/* The message is optional, so a space stands before it: an empty format is a warning. */
#define SHIM_CHECK(condition, what, ...)                                                                               \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            shim_fail(__FILE__, __LINE__, what, " " __VA_ARGS__);                                                      \
    } while (0)

#define cr_assert(c, ...)               SHIM_CHECK(c, #c, __VA_ARGS__)
#define cr_assert_not(c, ...)           SHIM_CHECK(!(c), "not " #c, __VA_ARGS__)
#define cr_assert_eq(a, b, ...)         SHIM_CHECK((a) == (b), #a " == " #b, __VA_ARGS__)
#define cr_assert_neq(a, b, ...)        SHIM_CHECK((a) != (b), #a " != " #b, __VA_ARGS__)
#define cr_assert_lt(a, b, ...)         SHIM_CHECK((a) < (b), #a " < " #b, __VA_ARGS__)
#define cr_assert_leq(a, b, ...)        SHIM_CHECK((a) <= (b), #a " <= " #b, __VA_ARGS__)
#define cr_assert_gt(a, b, ...)         SHIM_CHECK((a) > (b), #a " > " #b, __VA_ARGS__)
#define cr_assert_geq(a, b, ...)        SHIM_CHECK((a) >= (b), #a " >= " #b, __VA_ARGS__)
#define cr_assert_null(p, ...)          SHIM_CHECK((p) == NULL, #p " is NULL", __VA_ARGS__)
#define cr_assert_not_null(p, ...)      SHIM_CHECK((p) != NULL, #p " is not NULL", __VA_ARGS__)
#define cr_assert_zero(v, ...)          SHIM_CHECK((v) == 0, #v " is zero", __VA_ARGS__)
#define cr_assert_not_zero(v, ...)      SHIM_CHECK((v) != 0, #v " is not zero", __VA_ARGS__)
#define cr_assert_str_eq(a, b, ...)     SHIM_CHECK(strcmp(a, b) == 0, #a " is the text " #b, __VA_ARGS__)
#define cr_assert_str_neq(a, b, ...)    SHIM_CHECK(strcmp(a, b) != 0, #a " is not the text " #b, __VA_ARGS__)
#define cr_assert_str_empty(a, ...)     SHIM_CHECK(*(a) == '\0', #a " is empty", __VA_ARGS__)
#define cr_assert_str_not_empty(a, ...) SHIM_CHECK(*(a) != '\0', #a " is not empty", __VA_ARGS__)
#define cr_assert_arr_eq(a, b, n, ...)  SHIM_CHECK(memcmp(a, b, n) == 0, #a " has the bytes of " #b, __VA_ARGS__)
#define cr_assert_arr_neq(a, b, n, ...) SHIM_CHECK(memcmp(a, b, n) != 0, #a " has other bytes than " #b, __VA_ARGS__)
#define cr_assert_float_eq(a, b, e, ...)                                                                               \
    SHIM_CHECK(fabs((double)(a) - (double)(b)) <= (e), #a " is about " #b, __VA_ARGS__)
#define cr_assert_fail(...) shim_fail(__FILE__, __LINE__, "fails", " " __VA_ARGS__)
#define cr_fail(...)        cr_assert_fail(__VA_ARGS__)
#define cr_skip(...)        shim_skip(" " __VA_ARGS__)
#define cr_skip_test(...)   shim_skip(" " __VA_ARGS__)
#define cr_log_info(...)    ((void)(fprintf(stderr, __VA_ARGS__), fputc('\n', stderr)))
#define cr_log_warn(...)    cr_log_info(__VA_ARGS__)
#define cr_log_error(...)   cr_log_info(__VA_ARGS__)

#endif
