/* URLs: no id, value or base URL may lead to another route, filter or host than it names. */
#include "url.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

#define S(text) text, sizeof text - 1

/* Heap copy of exactly n bytes: a read past the end is seen by valgrind and ASan. */
static char *tight(const char *s, size_t n)
{
    char *p = malloc(n != 0 ? n : 1);
    if (p == NULL) {
        abort();
    }
    memcpy(p, s, n);
    return p;
}

/* Control characters would break the TAP line. */
static const char *show(const char *s, size_t n)
{
    static char out[80];
    size_t i, k = 0;
    for (i = 0; i < n && k + 5 < sizeof out; i++) {
        unsigned char c = (unsigned char)s[i];
        k += (size_t)(c >= 0x20 && c < 0x7f && c != '#' ? snprintf(out + k, 5, "%c", c)
                                                        : snprintf(out + k, 5, "\\x%02x", c));
    }
    out[k] = '\0';
    return out;
}

static const struct {
    const char *s;
    size_t n;
    size_t len; /* accepted with this length; 0 = refused */
    const char *why;
} bases[] = {
    {S("https://acme.onelogin.com"), 25, NULL},
    {S("https://acme.onelogin.com/"), 25, NULL},
    {S("https://acme.onelogin.com///"), 25, NULL},
    {S("HTTPS://ACME.onelogin.com"), 25, NULL},
    {S("https://acme.onelogin.com:443"), 29, NULL},
    {S("https://h:1"), 11, NULL},
    {S("https://h:65535"), 15, NULL},
    {S("https://127.0.0.1:8443"), 22, NULL},
    {S("https://[2001:db8::7]:8443/"), 26, NULL},
    {S("http://localhost"), 16, NULL},
    {S("HTTP://LocalHost:8080/"), 21, NULL},
    {S("http://127.0.0.1:1080"), 21, NULL},
    {S("http://127.255.255.254"), 22, NULL},
    {S("http://[::1]:8080"), 17, NULL},
    /* another scheme, or none */
    {S(""), 0, "must start with"},
    {S("https"), 0, "must start with"},
    {S("https:/"), 0, "must start with"},
    {S("https:acme.onelogin.com"), 0, "must start with"},
    {S("acme.onelogin.com"), 0, "must start with"},
    {S("//acme.onelogin.com"), 0, "must start with"},
    {S("ftp://acme.onelogin.com"), 0, "must start with"},
    {S("file:///etc/passwd"), 0, "must start with"},
    {S("javascript:alert(1)"), 0, "must start with"},
    {S(" https://acme.onelogin.com"), 0, "must start with"},
    {S("\thttps://acme.onelogin.com"), 0, "must start with"},
    {S("https\0://acme"), 0, "must start with"},
    /* no host */
    {S("https://"), 0, "host"},
    {S("https:///"), 0, "host"},
    {S("https:////acme"), 0, "host"},
    {S("https://:443"), 0, "host"},
    {S("https://?x"), 0, "host"},
    {S("https://."), 0, "host"},
    {S("https://.."), 0, "host"},
    {S("https://-"), 0, "host"},
    {S("https://acme..onelogin.com"), 0, "host"},
    {S("https://.acme.com"), 0, "host"},
    /* user info, and what merely looks like a host */
    {S("https://user@acme.onelogin.com"), 0, "user name"},
    {S("https://user:pass@acme.onelogin.com"), 0, "user name"},
    {S("https://acme.onelogin.com@evil.com"), 0, "user name"},
    {S("https://acme.onelogin.com:443@evil.com"), 0, "user name"},
    {S("https://acme.onelogin.com\\@evil.com"), 0, "user name"},
    {S("https://acme.onelogin.com\\.evil.com"), 0, "only a scheme"},
    {S("https:\\\\acme.onelogin.com"), 0, "must start with"},
    {S("https://acme.onelogin.com#@evil.com"), 0, "user name"},
    {S("https://acme.onelogin.com?@evil.com"), 0, "user name"},
    {S("https://acme%2eonelogin.com"), 0, "only a scheme"},
    {S("https://acme.onelogin.com%00.evil.com"), 0, "only a scheme"},
    {S("https://acme.onelogin.com\0.evil.com"), 0, "only a scheme"},
    {S("https://acme.onelogin.com\r\nHost: evil"), 0, "only a scheme"},
    {S("https://acme.onelogin.com "), 0, "only a scheme"},
    {S("https://acme .com"), 0, "only a scheme"},
    {S("https://\xd0\xb0"
       "cme.com"),
     0, "host"},
    {S("https://{subdomain}.onelogin.com"), 0, "host"},
    {S("https://<subdomain>.onelogin.com"), 0, "host"},
    /* paths, queries */
    {S("https://acme.onelogin.com/api/2"), 0, "only a scheme"},
    {S("https://acme.onelogin.com/api/2/"), 0, "only a scheme"},
    {S("https://acme.onelogin.com/.."), 0, "only a scheme"},
    {S("https://acme.onelogin.com?a=b"), 0, "only a scheme"},
    {S("https://acme.onelogin.com/?"), 0, "only a scheme"},
    {S("https://acme.onelogin.com#f"), 0, "only a scheme"},
    /* ports */
    {S("https://h:"), 0, "port"},
    {S("https://h:0"), 0, "port"},
    {S("https://h:65536"), 0, "port"},
    {S("https://h:999999"), 0, "port"},
    {S("https://h:-1"), 0, "port"},
    {S("https://h:+80"), 0, "port"},
    {S("https://h: 80"), 0, "port"},
    {S("https://h:80a"), 0, "only a scheme"},
    {S("https://h:80:80"), 0, "only a scheme"},
    {S("https://h:18446744073709551697"), 0, "port"},
    /* IPv6 */
    {S("https://["), 0, "IPv6"},
    {S("https://[]"), 0, "IPv6"},
    {S("https://[::1"), 0, "IPv6"},
    {S("https://[::1]x"), 0, "only a scheme"},
    {S("https://[::1]@evil.com"), 0, "user name"},
    {S("https://[user@evil.com/]"), 0, "user name"},
    {S("https://[\r\nHost: evil]"), 0, "IPv6"},
    {S("https://[a\0b]"), 0, "IPv6"},
    {S("https://[::1%25eth0]"), 0, "IPv6"},
    {S("https://[evil.com]"), 0, "IPv6"},
    /* plain http beyond this machine */
    {S("http://acme.onelogin.com"), 0, "https"},
    {S("http://api.us.onelogin.com:80"), 0, "https"},
    {S("http://127.0.0.1.evil.com"), 0, "https"},
    {S("http://127.evil.com"), 0, "https"},
    {S("http://localhost.evil.com"), 0, "https"},
    {S("http://evil.localhost.com"), 0, "https"},
    {S("http://localhostx"), 0, "https"},
    {S("http://xlocalhost"), 0, "https"},
    {S("http://[::2]"), 0, "https"},
    {S("http://[::ffff:8.8.8.8]"), 0, "https"},
    {S("http://0.0.0.0"), 0, "https"},
    {S("http://10.0.0.1"), 0, "https"},
    {S("http://128.0.0.1"), 0, "https"},
    {S("http://1270.0.0.1"), 0, "https"},
    /* digits and dots, yet no address: a resolver would look these up as names */
    {S("http://127."), 0, "http"},
    {S("http://127.0.0.1."), 0, "http"},
    {S("http://127.0.0.256"), 0, "https"},
    {S("http://127.0.0.1.1"), 0, "https"},
    {S("http://127..1"), 0, "host"},
    {S("http://127.0.0.1000"), 0, "https"},
    {S("http://127.0.0.1@evil.com"), 0, "user name"},
};

static const struct {
    const char *s;
    size_t n;
    const char *path; /* of "/users/{id}/x"; NULL = refused */
} ids[] = {
    {S("88888888"), "/users/88888888/x"},
    {S("0"), "/users/0/x"},
    {S("a-b_c.d~e"), "/users/a-b_c.d~e/x"},
    {S("..."), "/users/.../x"},
    {S("..a"), "/users/..a/x"},
    {S(" "), "/users/%20/x"},
    {S("%"), "/users/%25/x"},
    {S("%2e%2e"), "/users/%252e%252e/x"},
    {S("%2f"), "/users/%252f/x"},
    {S("%00"), "/users/%2500/x"},
    {S("a#b"), "/users/a%23b/x"},
    {S("a&b=c;d"), "/users/a%26b%3Dc%3Bd/x"},
    {S("a@b:c"), "/users/a%40b%3Ac/x"},
    {S("{id}"), "/users/%7Bid%7D/x"},
    {S("\xc3\xa9"), "/users/%C3%A9/x"},
    {S("\xf0\x9f\x98\x80"), "/users/%F0%9F%98%80/x"},
    {S("\xff\xfe"), "/users/%FF%FE/x"},
    {S("\xc0\xae\xc0\xae"), "/users/%C0%AE%C0%AE/x"}, /* overlong dots */
    {S("\xe2\x88\x95"), "/users/%E2%88%95/x"},        /* a slash that is none */
    {S("\xef\xbc\x8f"), "/users/%EF%BC%8F/x"},
    {S(""), NULL},
    {S("."), NULL},
    {S(".."), NULL},
    {S("/"), NULL},
    {S("../roles"), NULL},
    {S("1/roles"), NULL},
    {S("1/"), NULL},
    {S("/1"), NULL},
    {S("1?x=1"), NULL},
    {S("?"), NULL},
    {S("1\\2"), NULL},
    {S("\\"), NULL},
    {S("1\n"), NULL},
    {S("1\r\nHost: evil"), NULL},
    {S("\0"), NULL},
    {S("1\0/../x"), NULL},
    {S("\x7f"), NULL},
    {S("\x1b[31m"), NULL},
    {S("\t1"), NULL},
};

static const struct {
    const char *s;
    size_t n;
    int good;
} paths[] = {
    {S("/api/2/anything"), 1},
    {S("/"), 1},
    {S("/api/2/users/%20x"), 1},
    {S("/api/.well-known/x"), 1},
    {S("/api/..."), 1},
    {S("/api/a..b"), 1},
    {S("/api//users"), 1},
    {S(""), 0},
    {S("api/2"), 0},
    {S("//evil.com/x"), 0},
    {S("https://evil.com"), 0},
    {S("@evil.com"), 0},
    {S("/a/../b"), 0},
    {S("/a/.."), 0},
    {S("/.."), 0},
    {S("/."), 0},
    {S("/a/./b"), 0},
    {S("/a/%2e%2e/b"), 0},
    {S("/a/%2E./b"), 0},
    {S("/a/.%2e/b"), 0},
    {S("/a%2fb"), 0},
    {S("/a%2Fb"), 0},
    {S("/a%5cb"), 0},
    {S("/a%5Cb"), 0},
    {S("/a\\..\\b"), 0},
    {S("/\\evil.com"), 0},
    {S("/a?b=c"), 0},
    {S("/a#b"), 0},
    {S("/a b"), 0},
    {S("/a\r\nHost: evil"), 0},
    {S("/a\0b"), 0},
    {S("/a%00b"), 0},
    {S("/a%0d%0ab"), 0},
    {S("/a\x7f"), 0},
};

static void base_urls(void)
{
    size_t i;
    for (i = 0; i < sizeof bases / sizeof *bases; i++) {
        char *s = tight(bases[i].s, bases[i].n);
        size_t len = 0;
        const char *why = ol_url_check_base(s, bases[i].n, &len);
        if (bases[i].len > 0) {
            ok(why == NULL && len == bases[i].len, "base %s is accepted (%s)", show(s, bases[i].n),
               why ? why : "ok");
        } else {
            ok(why != NULL && strstr(why, bases[i].why) != NULL, "base %s is refused (%s)",
               show(s, bases[i].n), why ? why : "ACCEPTED");
        }
        free(s);
    }
}

static void path_ids(void)
{
    size_t i;
    char *big = malloc(2000);
    ol_buf b;
    for (i = 0; i < sizeof ids / sizeof *ids; i++) {
        char *s = tight(ids[i].s, ids[i].n);
        const char *why = ol_url_check_id(s, ids[i].n);
        ol_span span;
        span.s = s;
        span.n = ids[i].n;
        ol_buf_init(&b, 0);
        if (ids[i].path == NULL) {
            ok(why != NULL, "id %s is refused (%s)", show(s, ids[i].n), why ? why : "ACCEPTED");
        } else {
            ok(why == NULL && ol_url_path(&b, "/users/{id}/x", &span, 1) &&
                   strcmp(b.data, ids[i].path) == 0,
               "id %s fills one segment", show(s, ids[i].n));
        }
        ol_buf_free(&b);
        free(s);
    }
    if (big == NULL) {
        abort();
    }
    memset(big, 'x', 2000);
    ok(ol_url_check_id(big, 1024) == NULL && ol_url_check_id(big, 1025) != NULL,
       "an id has at most 1024 bytes");
    free(big);
}

static void every_byte(void)
{
    /* Whatever passes the check adds no slash, question mark, hash or raw byte to the path. */
    int c, good = 1, accepted = 0;
    for (c = 0; c < 256; c++) {
        char id[3] = {'a', 0, 'b'};
        ol_span span = {id, 3};
        ol_buf b;
        id[1] = (char)c;
        if (ol_url_check_id(id, 3) != NULL) {
            continue;
        }
        accepted++;
        ol_buf_init(&b, 0);
        good = good && ol_url_path(&b, "/{x}", &span, 1) &&
               strspn(b.data + 1,
                      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~%") ==
                   b.len - 1;
        ol_buf_free(&b);
    }
    ok(good && accepted == 256 - 33 - 3, "every byte is refused or harmless (%d accepted)",
       accepted);
}

static void templates(void)
{
    static const ol_span two[2] = {{"1", 1}, {"b c", 3}};
    ol_buf b;
    ol_span s;
    ok(ol_url_count("/api/2/users") == 0 && ol_url_count("/a/{x}/b/{y}") == 2,
       "placeholders are counted");
    s = ol_url_name("/a/{user_id}/b/{device_id}", 1);
    ok(s.n == 9 && memcmp(s.s, "device_id", 9) == 0, "and named");
    ok(ol_url_name("/a/{x}", 1).s == NULL && ol_url_name("/a", 0).s == NULL &&
           ol_url_name("/a/{x", 0).s == NULL,
       "no such placeholder is NULL");
    ol_buf_init(&b, 0);
    ok(ol_url_path(&b, "/a/{x}/b/{y}", two, 2) && strcmp(b.data, "/a/1/b/b%20c") == 0,
       "a path of two ids");
    ol_buf_clear(&b);
    ok(!ol_url_path(&b, "/a/{x}/b/{y}", two, 1), "too few ids are refused");
    ol_buf_clear(&b);
    ok(ol_url_path(&b, "/a", NULL, 0) && strcmp(b.data, "/a") == 0, "a path of none");
    ol_buf_free(&b);
    ol_buf_init(&b, 5);
    ok(!ol_url_path(&b, "/a/{x}/b/{y}", two, 2), "a full buffer is told");
    ol_buf_free(&b);
}

static void queries(void)
{
    ol_buf b;
    ol_buf_init(&b, 0);
    ok(ol_url_query(&b, 1, S("email"), S("*@acme.com")) &&
           ol_url_query(&b, 0, S("custom_attributes.x"), S("a&b=c")) &&
           strcmp(b.data, "?email=%2A%40acme.com&custom_attributes.x=a%26b%3Dc") == 0,
       "names and values are encoded");
    ol_buf_clear(&b);
    ok(ol_url_query(&b, 1, S("sort"), S("+id")) && strcmp(b.data, "?sort=%2Bid") == 0,
       "a plus is not a blank");
    ol_buf_clear(&b);
    ok(ol_url_query(&b, 1, S("a&b"), S("")) && strcmp(b.data, "?a%26b=") == 0,
       "an empty value is sent");
    ol_buf_clear(&b);
    ok(ol_url_query(&b, 1, S("q"), S("\0\r\n#%\xff ")) &&
           strcmp(b.data, "?q=%00%0D%0A%23%25%FF%20") == 0,
       "no byte of a value gets through raw");
    ol_buf_free(&b);
}

static void escape_hatch(void)
{
    size_t i;
    for (i = 0; i < sizeof paths / sizeof *paths; i++) {
        char *s = tight(paths[i].s, paths[i].n);
        const char *why = ol_url_check_path(s, paths[i].n);
        ok((why == NULL) == paths[i].good, "path %s is %s (%s)", show(s, paths[i].n),
           paths[i].good ? "accepted" : "refused", why ? why : "ok");
        free(s);
    }
}

int main(void)
{
    base_urls();
    path_ids();
    every_byte();
    templates();
    queries();
    escape_hatch();
    return tap_done();
}
