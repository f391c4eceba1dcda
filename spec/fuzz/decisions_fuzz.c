/* decisions_fuzz.c - dates, URLs and pages fed with noise: what comes from servers and callers must
 * never crash, and what passes a check must be as harmless as the check promises. */
#include "page.h"
#include "url.h"
#include "when.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int truth)
{
    if (!truth) {
        abort();
    }
}

/* An id that passed fills one segment: no slash, no query, no dots that climb. */
static void ids(const char *s, size_t n)
{
    static const char path[] = "/api/2/users/{id}/apps";
    ol_span id = {s, n};
    ol_buf out;
    size_t i, slashes = 0;
    if (ol_url_check_id(s, n) != NULL) {
        return;
    }
    ol_buf_init(&out, 0);
    if (ol_url_path(&out, path, &id, 1)) {
        for (i = 0; i < out.len; i++) {
            unsigned char c = (unsigned char)out.data[i];
            must(c > ' ' && c < 0x7f && c != '?' && c != '#' && c != '\\');
            slashes += c == '/';
        }
        must(slashes == 5);
    }
    ol_buf_free(&out);
}

static void query(const char *s, size_t n)
{
    ol_buf out;
    size_t i, marks = 0;
    ol_buf_init(&out, 0);
    if (ol_url_query(&out, 1, s, n / 2, s + n / 2, n - n / 2)) {
        for (i = 0; i < out.len; i++) {
            char c = out.data[i];
            must(c != '&' && c != '#' && c != ' ' && c != '\n');
            marks += c == '=' || c == '?';
        }
        must(marks == 2);
    }
    ol_buf_free(&out);
}

/* A server that answers anything at all: each walk ends. */
static void walk(const uint8_t *data, size_t size)
{
    ol_pages pages;
    size_t i = 1, steps = 0;
    char place[64];
    if (size == 0) {
        return;
    }
    ol_pages_init(&pages, (enum ol_page_style)(data[0] % 3));
    if (data[0] & 64) {
        (void)ol_pages_resume(&pages, (const char *)data, size < 20 ? size : 20);
    }
    for (;;) {
        double number = -1;
        ol_page_info info = {NULL, 0, -1, -1, -1, 0, 0};
        if (ol_pages_next(&pages, &number) == OL_ASK_END || i + 4 > size) {
            break;
        }
        info.cursor = (data[i] & 1) ? (const char *)data + i : NULL;
        info.cursor_len = info.cursor != NULL ? 1 + (data[i] & 2) : 0;
        info.page = (data[i] & 4) ? data[i + 1] : -1;
        info.total_pages = (data[i] & 8) ? data[i + 2] : -1;
        info.total = (data[i] & 16) ? data[i + 3] * 3 : -1;
        info.rows = data[i + 1] % 4;
        info.fresh = (data[i] & 32) ? info.rows : 0;
        if (ol_pages_got(&pages, &info) != OL_PAGE_GOOD) {
            must(ol_pages_next(&pages, &number) == OL_ASK_END);
        }
        (void)ol_pages_place(&pages, place, sizeof place);
        i += 4;
        must(++steps <= size);
    }
    ol_pages_free(&pages);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* a copy without a NUL behind it, so that reading on is seen */
    char *s = malloc(size ? size : 1);
    size_t len = 0;
    double t;
    must(s != NULL);
    memcpy(s, data, size);
    (void)ol_when_iso(s, size, &t);
    (void)ol_when_http(s, size, &t);
    (void)ol_url_check_base(s, size, &len);
    (void)ol_url_check_path(s, size);
    ids(s, size);
    query(s, size);
    walk(data, size);
    free(s);
    return 0;
}
