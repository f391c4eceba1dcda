#include "headers.h"

#include "compat.h"
#include "json.h"
#include "when.h"

#include <stdio.h>

#define WAIT_MAX 86400.0

static const char *const header_names[OL_H_COUNT] = {
    "date", "retry-after", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset",
    "x-request-id", "after-cursor", "before-cursor", "total-count", "total-pages", "current-page",
    "page-items",
};

static int same_name(const char *name, size_t n, const char *lower)
{
    size_t i;
    for (i = 0; i < n && lower[i] != '\0'; i++) {
        int c = (unsigned char)name[i];
        if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != lower[i]) {
            return 0;
        }
    }
    return i == n && lower[i] == '\0';
}

static void take_text(ol_headers *hs, int h, const char *s, size_t n)
{
    while (n > 0 && (*s == ' ' || *s == '\t')) {
        s++;
        n--;
    }
    while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\t' || s[n - 1] == '\r')) {
        n--;
    }
    hs->value[h] = n > 0 ? s : NULL;
    hs->len[h] = n;
}

/* Takes the value on top (left there) as header h. */
static void take_header(lua_State *L, ol_headers *hs, int h)
{
    size_t n;
    const char *s;
    if (lua_type(L, -1) == LUA_TNUMBER) {
        snprintf(hs->num[h], sizeof hs->num[h], "%.14g", lua_tonumber(L, -1));
        hs->value[h] = hs->num[h];
        hs->len[h] = strlen(hs->num[h]);
    } else if (lua_type(L, -1) == LUA_TSTRING) {
        s = lua_tolstring(L, -1, &n);
        take_text(hs, h, s, n);
    }
}

void ol_headers_scan(const char *head, size_t n, ol_headers *hs)
{
    const char *end = head + n;
    int h;

    memset(hs, 0, sizeof *hs);
    while (head < end) {
        const char *stop = memchr(head, '\n', (size_t)(end - head));
        const char *colon;
        if (stop == NULL) {
            stop = end;
        }
        colon = memchr(head, ':', (size_t)(stop - head));
        if (colon != NULL) {
            size_t name = (size_t)(colon - head);
            for (h = 0; h < OL_H_COUNT; h++) {
                if (hs->value[h] == NULL && (*head | 32) == header_names[h][0] &&
                    same_name(head, name, header_names[h])) {
                    take_text(hs, h, colon + 1, (size_t)(stop - colon - 1));
                    break;
                }
            }
        }
        head = stop + 1;
    }
}

/* Reads the headers we know.  Names may be in any case: the contract says lower, users forget. */
void ol_headers_read(lua_State *L, int answer, ol_headers *hs)
{
    int top = lua_gettop(L), h;
    size_t n;
    const char *name;

    memset(hs, 0, sizeof *hs);
    if (ol_json_field(L, answer, "headers") == LUA_TTABLE) {
        lua_pushnil(L);
        while (lua_next(L, -2)) {
            if (lua_type(L, -2) == LUA_TSTRING) {
                name = lua_tolstring(L, -2, &n);
                for (h = 0; h < OL_H_COUNT; h++) {
                    if (same_name(name, n, header_names[h])) {
                        take_header(L, hs, h);
                        break;
                    }
                }
            }
            lua_pop(L, 1);
        }
    }
    lua_settop(L, top);
}

int ol_number_at(const char *s, size_t n, double *out)
{
    size_t i = 0;
    double v = 0, scale = 1;
    int minus = n > 0 && s[0] == '-', any = 0;
    for (i = (size_t)minus; i < n && s[i] >= '0' && s[i] <= '9' && v < 1e17; i++, any = 1) {
        v = v * 10 + (s[i] - '0');
    }
    while (i < n && s[i] >= '0' && s[i] <= '9') {
        i++;
    }
    if (any && i < n && s[i] == '.') {
        for (i++; i < n && s[i] >= '0' && s[i] <= '9'; i++) {
            scale /= 10;
            v += (s[i] - '0') * scale;
        }
    }
    if (!any || (i < n && s[i] != ',' && s[i] != ' ' && s[i] != ';')) {
        return 0;
    }
    *out = minus ? -v : v;
    return 1;
}

double ol_header_number(const ol_headers *hs, int h)
{
    double v;
    if (hs->value[h] == NULL || !ol_number_at(hs->value[h], hs->len[h], &v) || v < 0) {
        return -1;
    }
    return v;
}

static double clamp_wait(double v)
{
    return v < 0 ? 0 : v > WAIT_MAX ? WAIT_MAX : v;
}

void ol_headers_facts(const ol_headers *hs, int status, ol_facts *f)
{
    double v;

    memset(f, 0, sizeof *f);
    f->status = status;
    f->date = f->retry_after = -1;
    if (hs->value[OL_H_DATE] != NULL &&
        ol_when_http(hs->value[OL_H_DATE], hs->len[OL_H_DATE], &v)) {
        f->date = v;
    }
    if (hs->value[OL_H_RETRY_AFTER] != NULL) {
        if (ol_number_at(hs->value[OL_H_RETRY_AFTER], hs->len[OL_H_RETRY_AFTER], &v)) {
            f->retry_after = clamp_wait(v);
        } else if (f->date >= 0 &&
                   ol_when_http(hs->value[OL_H_RETRY_AFTER], hs->len[OL_H_RETRY_AFTER], &v)) {
            f->retry_after = clamp_wait(v - f->date); /* without a Date, "now" is unknown here */
        }
    }
    f->limit = ol_header_number(hs, OL_H_LIMIT);
    f->remaining = ol_header_number(hs, OL_H_REMAINING);
    f->reset = -1;
    if (hs->value[OL_H_RESET] != NULL &&
        ol_number_at(hs->value[OL_H_RESET], hs->len[OL_H_RESET], &v)) {
        if (v <= 1e9) {
            f->reset = clamp_wait(v);
        } else if (f->date >= 0) { /* a time: not what is documented, but unmistakable */
            f->reset = clamp_wait(v - f->date);
        }
    }
}
