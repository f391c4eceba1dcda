#include "url.h"

#include <string.h>

static int unreserved(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

static int host_char(unsigned char c)
{
    return unreserved(c) && c != '_' && c != '~';
}

/* A plain dotted quad.  Less, or more, would be looked up as a name and could lead anywhere. */
static int dotted_quad(const char *s, size_t n)
{
    size_t i = 0;
    int part;
    for (part = 0; part < 4; part++) {
        int v = 0, digits = 0;
        if (part > 0 && (i == n || s[i++] != '.')) {
            return 0;
        }
        for (; i < n && digits < 3 && s[i] >= '0' && s[i] <= '9'; digits++) {
            v = v * 10 + (s[i++] - '0');
        }
        if (digits == 0 || v > 255) {
            return 0;
        }
    }
    return i == n;
}

/* Letters, digits and hyphens between single dots; no label starts with a hyphen. */
static int name_ok(const char *s, size_t n)
{
    size_t i;
    for (i = 0; i < n; i++) {
        if (i == 0 || s[i - 1] == '.') {
            if (s[i] == '.' || s[i] == '-') {
                return 0;
            }
        }
    }
    return n > 0;
}

static int lower_is(const char *s, size_t n, const char *want)
{
    size_t i;
    if (n != strlen(want)) {
        return 0;
    }
    for (i = 0; i < n; i++) {
        char c = s[i] >= 'A' && s[i] <= 'Z' ? (char)(s[i] + 32) : s[i];
        if (c != want[i]) {
            return 0;
        }
    }
    return 1;
}

static int loopback(const char *host, size_t n)
{
    return lower_is(host, n, "localhost") || lower_is(host, n, "[::1]") ||
           (n > 4 && memcmp(host, "127.", 4) == 0 && dotted_quad(host, n));
}

const char *ol_url_check_base(const char *s, size_t n, size_t *len)
{
    const char *host, *end, *p;
    size_t host_n;
    int tls;

    if (n >= 8 && lower_is(s, 8, "https://")) {
        tls = 1;
        host = s + 8;
    } else if (n >= 7 && lower_is(s, 7, "http://")) {
        tls = 0;
        host = s + 7;
    } else {
        return "must start with https:// (or http:// for a loopback host)";
    }
    if (memchr(host, '@', n - (size_t)(host - s)) != NULL) {
        return "must not carry a user name or password";
    }
    end = s + n;
    while (end > host && end[-1] == '/') {
        end--;
    }
    p = host;
    if (p < end && *p == '[') {
        p++;
        while (p < end && (*p == ':' || *p == '.' || (*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'f') ||
                           (*p >= 'A' && *p <= 'F'))) {
            p++;
        }
        if (p == end || *p != ']' || p - host < 3) {
            return "has a malformed IPv6 host";
        }
        p++;
    } else {
        while (p < end && host_char((unsigned char)*p)) {
            p++;
        }
    }
    host_n = (size_t)(p - host);
    if (host_n == 0) {
        return "has no host";
    }
    if (*host != '[' && !name_ok(host, host_n)) {
        return "has a malformed host";
    }
    if (p < end && *p == ':') {
        long port = 0;
        const char *digits = ++p;
        while (p < end && *p >= '0' && *p <= '9' && p - digits < 6) {
            port = port * 10 + (*p++ - '0');
        }
        if (p == digits || port < 1 || port > 65535) {
            return "has a malformed port";
        }
    }
    if (p != end) {
        return "must be only a scheme and a host, such as https://acme.onelogin.com";
    }
    if (!tls && !loopback(host, host_n)) {
        return "must use https://: plain http is accepted for a loopback host only, because requests carry secrets";
    }
    *len = (size_t)(end - s);
    return NULL;
}

const char *ol_url_check_id(const char *id, size_t n)
{
    size_t i;
    if (n == 0) {
        return "is empty";
    }
    if ((n == 1 && id[0] == '.') || (n == 2 && id[0] == '.' && id[1] == '.')) {
        return "is a dot segment, which would name another route";
    }
    if (n > 1024) {
        return "is longer than 1024 bytes";
    }
    for (i = 0; i < n; i++) {
        unsigned char c = (unsigned char)id[i];
        if (c == '/') {
            return "contains a slash";
        }
        if (c == '\\') {
            return "contains a backslash";
        }
        if (c == '?') {
            return "contains a question mark";
        }
        if (c < 0x20 || c == 0x7f) {
            return "contains a control character";
        }
    }
    return NULL;
}

const char *ol_url_check_path(const char *s, size_t n)
{
    size_t i;
    if (n == 0 || s[0] != '/') {
        return "must start with a slash, such as /api/2/users";
    }
    if (n > 1 && s[1] == '/') {
        return "must not start with two slashes";
    }
    for (i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c <= 0x20 || c == 0x7f) {
            return "contains a blank or control character";
        }
        if (c == '?' || c == '#') {
            return "must not contain a query or fragment: pass { query = {...} }";
        }
        if (c == '\\' || c == '{' || c == '}') {
            return "contains a backslash or brace";
        }
        if (c >= 0x80) {
            return "contains a byte outside ASCII: percent-encode it";
        }
        if (c == '/' && i + 1 < n && s[i + 1] == '.') {
            size_t k = i + 1;
            while (k < n && s[k] == '.') {
                k++;
            }
            if (k - i <= 3 && (k == n || s[k] == '/')) {
                return "contains a dot segment";
            }
        }
        /* Some servers resolve these before they route. */
        if (c == '%' && i + 2 < n) {
            static const char *const traps[] = {"%2e", "%2f", "%5c", "%00", "%0a", "%0d"};
            size_t k;
            for (k = 0; k < sizeof traps / sizeof *traps; k++) {
                if (lower_is(s + i, 3, traps[k])) {
                    return "contains an encoded dot, slash, backslash or line end";
                }
            }
        }
    }
    return NULL;
}

int ol_url_encode(ol_buf *out, const char *s, size_t n)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t i, from = 0;
    for (i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        if (!unreserved(c)) {
            char e[3];
            e[0] = '%';
            e[1] = hex[c >> 4];
            e[2] = hex[c & 15];
            if (!ol_buf_add(out, s + from, i - from) || !ol_buf_add(out, e, 3)) {
                return 0;
            }
            from = i + 1;
        }
    }
    return ol_buf_add(out, s + from, n - from);
}

int ol_url_count(const char *path)
{
    int n = 0;
    for (; *path != '\0'; path++) {
        n += *path == '{';
    }
    return n;
}

ol_span ol_url_name(const char *path, int i)
{
    ol_span r = {NULL, 0};
    const char *open = strchr(path, '{'), *close;
    while (open != NULL && i-- > 0) {
        open = strchr(open + 1, '{');
    }
    if (open != NULL && (close = strchr(open, '}')) != NULL) {
        r.s = open + 1;
        r.n = (size_t)(close - open - 1);
    }
    return r;
}

int ol_url_path(ol_buf *out, const char *path, const ol_span *ids, int n_ids)
{
    int i = 0;
    const char *open, *close;
    while ((open = strchr(path, '{')) != NULL && (close = strchr(open, '}')) != NULL) {
        if (i >= n_ids || !ol_buf_add(out, path, (size_t)(open - path)) || !ol_url_encode(out, ids[i].s, ids[i].n)) {
            return 0;
        }
        i++;
        path = close + 1;
    }
    return ol_buf_adds(out, path);
}

int ol_url_query(ol_buf *out, int first, const char *name, size_t name_n, const char *value, size_t value_n)
{
    return ol_buf_addc(out, first ? '?' : '&') && ol_url_encode(out, name, name_n) && ol_buf_addc(out, '=') &&
           ol_url_encode(out, value, value_n);
}
