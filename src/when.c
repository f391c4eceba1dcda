#include "when.h"

#include <string.h>

double ol_when_utc(long year, int month, int day, int hour, int minute, double second)
{
    /* Days from civil date, counted from March so that the leap day comes last. */
    long y = month <= 2 ? year - 1 : year;
    long era = (y >= 0 ? y : y - 399) / 400;
    long yoe = y - era * 400;
    long doy = (153L * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    long doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    double days = (double)era * 146097.0 + (double)doe - 719468.0;
    return days * 86400.0 + hour * 3600.0 + minute * 60.0 + second;
}

/* Reads exactly `width` digits at *s; 0 when they are not there. */
static int digits(const char **s, const char *end, int width, int *out)
{
    int v = 0;
    if (end - *s < width) {
        return 0;
    }
    while (width-- > 0) {
        char c = *(*s)++;
        if (c < '0' || c > '9') {
            return 0;
        }
        v = v * 10 + (c - '0');
    }
    *out = v;
    return 1;
}

static int clock_ok(int mo, int d, int h, int mi, int se)
{
    return mo >= 1 && mo <= 12 && d >= 1 && d <= 31 && h <= 24 && mi <= 59 && se <= 60;
}

/* "hh:mm:ss" at *s. */
static int hms(const char **s, const char *end, int *h, int *m, int *sec)
{
    if (!digits(s, end, 2, h) || *s == end || *(*s)++ != ':' || !digits(s, end, 2, m)) {
        return 0;
    }
    *sec = 0;
    if (*s < end && **s == ':') {
        (*s)++;
        return digits(s, end, 2, sec);
    }
    return 1;
}

int ol_when_iso(const char *s, size_t n, double *out)
{
    const char *end = s + n;
    int y, mo, d, h = 0, mi = 0, se = 0, oh, om = 0, sign;
    double frac = 0, scale = 0.1, offset = 0;
    char sep;

    if (!digits(&s, end, 4, &y) || s == end || ((sep = *s) != '-' && sep != '/')) {
        return 0;
    }
    s++;
    if (!digits(&s, end, 2, &mo) || s == end || *s++ != sep || !digits(&s, end, 2, &d)) {
        return 0;
    }
    if (s < end) {
        if (*s != 'T' && *s != 't' && *s != ' ') {
            return 0;
        }
        s++;
        if (!hms(&s, end, &h, &mi, &se)) {
            return 0;
        }
        if (s < end && (*s == '.' || *s == ',')) {
            for (s++; s < end && *s >= '0' && *s <= '9'; s++, scale /= 10) {
                frac += (*s - '0') * scale;
            }
        }
        while (s < end && *s == ' ') {
            s++;
        }
        if (s < end && (*s == '+' || *s == '-')) {
            sign = *s++ == '-' ? -1 : 1;
            if (!digits(&s, end, 2, &oh)) {
                return 0;
            }
            if (s < end && *s == ':') {
                s++;
            }
            if (s < end && !digits(&s, end, 2, &om)) {
                return 0;
            }
            offset = sign * (oh * 3600.0 + om * 60.0);
        } else if (s < end && (*s == 'Z' || *s == 'z')) {
            s++;
        } else if (end - s == 3 && (memcmp(s, "UTC", 3) == 0 || memcmp(s, "GMT", 3) == 0)) {
            s += 3;
        }
        if (s != end) {
            return 0;
        }
    }
    if (!clock_ok(mo, d, h, mi, se)) {
        return 0;
    }
    *out = ol_when_utc(y, mo, d, h, mi, se + frac) - offset;
    return 1;
}

int ol_when_http(const char *s, size_t n, double *out)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const char *end = s + n;
    const char *comma = memchr(s, ',', n);
    int d, mo, y, h, mi, se;

    if (comma == NULL || end - comma < 2 || comma[1] != ' ') {
        return 0;
    }
    s = comma + 2;
    if (!digits(&s, end, 2, &d) || end - s < 5 || *s++ != ' ') {
        return 0;
    }
    for (mo = 0; mo < 12 && memcmp(s, months + (size_t)mo * 3, 3) != 0; mo++) {
    }
    s += 3;
    if (mo == 12 || *s++ != ' ' || !digits(&s, end, 4, &y) || s == end || *s++ != ' ' ||
        !hms(&s, end, &h, &mi, &se)) {
        return 0;
    }
    if (end - s != 4 || memcmp(s, " GMT", 4) != 0 || !clock_ok(mo + 1, d, h, mi, se)) {
        return 0;
    }
    *out = ol_when_utc(y, mo + 1, d, h, mi, se);
    return 1;
}
