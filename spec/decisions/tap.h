/* tap.h - as much of TAP as the C specs need: ok(...) for each check, tap_done() at the end. */
#ifndef OL_TAP_H
#define OL_TAP_H

#include <stdarg.h>
#include <stdio.h>

static int tap_count, tap_failed;

__attribute__((format(printf, 4, 5))) static int tap_ok(int good, const char *file, int line,
                                                        const char *what, ...)
{
    va_list args;
    printf("%sok %d - ", good ? "" : "not ", ++tap_count);
    va_start(args, what);
    vprintf(what, args);
    va_end(args);
    printf(good ? "\n" : "\n# %s:%d\n", file, line);
    tap_failed += !good;
    return good;
}

#define ok(condition, ...) tap_ok((condition) != 0, __FILE__, __LINE__, __VA_ARGS__)

static int tap_done(void)
{
    printf("1..%d\n", tap_count);
    return tap_failed != 0;
}

/* Some specs ask for more memory than there is: a sanitised build has to answer NULL as well. */
__attribute__((visibility("default"))) const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

#endif
