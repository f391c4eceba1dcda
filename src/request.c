#include "request.h"

#include <string.h>
#include <strings.h>

static int is_alnum(unsigned char c)
{
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

const char *ol_check_method(const char *method, size_t len)
{
    size_t i;
    if (len == 0 || len > 16) {
        return "must be an HTTP method such as \"GET\"";
    }
    for (i = 0; i < len; i++) {
        if (method[i] < 'A' || method[i] > 'Z') {
            return "must be an HTTP method in capital letters, such as \"GET\"";
        }
    }
    if (strcmp(method, "CONNECT") == 0 || strcmp(method, "TRACE") == 0) {
        return "CONNECT and TRACE are not supported";
    }
    return NULL;
}

/* 127.0.0.0/8 as four plain decimal numbers, ::1 in brackets, or localhost: what libcurl takes
 * there too, with no room for another reading. */
static int is_loopback(const char *host, size_t len)
{
    size_t i = 0;
    int part;
    if (len == 9 && strncasecmp(host, "localhost", 9) == 0) {
        return 1;
    }
    if (len == 5 && memcmp(host, "[::1]", 5) == 0) {
        return 1;
    }
    for (part = 0; part < 4; part++) {
        size_t start = i;
        int n = 0;
        while (i < len && host[i] >= '0' && host[i] <= '9' && i - start < 3) {
            n = n * 10 + (host[i++] - '0');
        }
        if (i == start || n > 255 || (host[start] == '0' && i - start > 1)
            || (part == 0 && n != 127)) {
            return 0;
        }
        if (part < 3 && (i >= len || host[i++] != '.')) {
            return 0;
        }
    }
    return i == len;
}

const char *ol_check_url(const char *url, size_t len)
{
    size_t i, start, end, host_end;
    int plain;

    if (strncasecmp(url, "https://", 8) == 0) {
        plain = 0;
        start = 8;
    } else if (strncasecmp(url, "http://", 7) == 0) {
        plain = 1;
        start = 7;
    } else {
        return "must be an absolute https URL";
    }
    for (i = 0; i < len; i++) {
        unsigned char c = (unsigned char)url[i];
        if (c <= 0x20 || c >= 0x7f) {
            return "holds a blank, control or non-ASCII character; percent-encode it";
        }
    }
    end = start + strcspn(url + start, "/?#");
    for (i = start; i < end; i++) {
        if (url[i] == '@') {
            return "must not hold a user name or password; send them in a header";
        }
        if (!is_alnum((unsigned char)url[i]) && strchr(".-_:[]", url[i]) == NULL) {
            return "has a host name with characters that do not belong there";
        }
    }
    host_end = end;
    while (host_end > start && url[host_end - 1] >= '0' && url[host_end - 1] <= '9') {
        host_end--;
    }
    if (host_end > start && url[host_end - 1] == ':') {
        host_end--;
    } else {
        host_end = end;
    }
    if (host_end == start) {
        return "has no host name";
    }
    if (plain && !is_loopback(url + start, host_end - start)) {
        return "must be https; plain http is only for loopback hosts (127.0.0.1, ::1, localhost)";
    }
    return NULL;
}

const char *ol_check_header(const char *name, size_t name_len, const char *value, size_t value_len)
{
    size_t i;
    if (name_len == 0) {
        return "has an empty name";
    }
    for (i = 0; i < name_len; i++) {
        unsigned char c = (unsigned char)name[i];
        if (!is_alnum(c) && (c == '\0' || strchr("!#$%&'*+-.^_`|~", c) == NULL)) {
            return "has a character in its name that does not belong there";
        }
    }
    if (strcasecmp(name, "Content-Length") == 0 || strcasecmp(name, "Transfer-Encoding") == 0) {
        return "is written by the engine; leave it out";
    }
    for (i = 0; i < value_len; i++) {
        unsigned char c = (unsigned char)value[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f) {
            return "has a control character (such as a line break) in its value";
        }
    }
    return NULL;
}

const char *ol_check_proxy(const char *proxy, size_t len)
{
    static const char *const schemes[] = {"http://", "https://", "socks5://", "socks5h://"};
    size_t i;
    for (i = 0; i < len; i++) {
        unsigned char c = (unsigned char)proxy[i];
        if (c <= 0x20 || c >= 0x7f) {
            return "holds a blank, control or non-ASCII character";
        }
    }
    for (i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        size_t n = strlen(schemes[i]);
        if (len > n && strncasecmp(proxy, schemes[i], n) == 0) {
            return NULL;
        }
    }
    return "must be a URL such as \"http://proxy:3128\" (http, https, socks5 or socks5h)";
}
