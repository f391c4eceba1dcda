/* when.h - reads the dates that servers send, without the process's time zone.
 *
 * Token expiry and Retry-After depend on two forms: HTTP dates and ISO 8601.  No Lua, no clock.
 * Safe in any thread. */
#ifndef OL_WHEN_H
#define OL_WHEN_H

#include <stddef.h>

/* Seconds since 1970 of a proleptic Gregorian UTC date; fields are not range-checked. */
double ol_when_utc(long year, int month, int day, int hour, int minute, double second);

/* "2015-11-11T03:36:18.714Z", "2020-04-15 22:51:24 UTC", "2016/01/07 05:56:21 +0000",
 * "2026-06-02 10:40:17+0530", "2026-06-02".  1 and *out, or 0 when it is no such date. */
int ol_when_iso(const char *s, size_t n, double *out);

/* "Sun, 06 Nov 1994 08:49:37 GMT" (the only form today's servers send); 1 and *out, or 0. */
int ol_when_http(const char *s, size_t n, double *out);

#endif
