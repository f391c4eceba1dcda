#include "page.h"

#include <stdio.h>
#include <string.h>

#include "buf.h"

static unsigned long long fnv(const char *s, size_t n)
{
    unsigned long long h = 14695981039346656037ULL;
    size_t i;
    for (i = 0; i < n; i++) {
        h = (h ^ (unsigned char)s[i]) * 1099511628211ULL;
    }
    return h != 0 ? h : 1;
}

void ol_pages_init(ol_pages *p, enum ol_page_style style)
{
    memset(p, 0, sizeof *p);
    p->style = style;
    p->page = -1;
    p->total = -1;
    p->lap = 1;
}

void ol_pages_free(ol_pages *p)
{
    ol_strfree(p->cursor);
    p->cursor = NULL;
    p->cursor_len = 0;
    p->ended = 1;
}

static int set_cursor(ol_pages *p, const char *cursor, size_t len)
{
    ol_strfree(p->cursor);
    p->cursor = cursor != NULL ? ol_strdup(cursor, len) : NULL;
    p->cursor_len = p->cursor != NULL ? len : 0;
    p->page = -1;
    return p->cursor != NULL;
}

/* N of "page=N", else 0. */
static long page_number(const char *s, size_t n)
{
    long v = 0;
    size_t i;
    if (n < 6 || n > 15 || memcmp(s, "page=", 5) != 0) {
        return 0;
    }
    for (i = 5; i < n; i++) {
        if (s[i] < '0' || s[i] > '9') {
            return 0;
        }
        v = v * 10 + (s[i] - '0');
    }
    return v;
}

int ol_pages_resume(ol_pages *p, const char *place, size_t len)
{
    long n = p->style == OL_PAGES_V2 ? page_number(place, len) : 0;
    if (n > 0 || len == 0) {
        set_cursor(p, NULL, 0);
        p->page = n > 0 ? (double)n : -1;
        return 1;
    }
    return set_cursor(p, place, len);
}

void ol_pages_start_at(ol_pages *p, double page)
{
    p->page = page;
}

enum ol_page_ask ol_pages_next(const ol_pages *p, double *page)
{
    if (p->ended) {
        return OL_ASK_END;
    }
    if (p->cursor != NULL) {
        return OL_ASK_CURSOR;
    }
    if (p->page >= 0) {
        *page = p->page;
        return OL_ASK_PAGE;
    }
    return p->started ? OL_ASK_END : OL_ASK_FIRST;
}

/* Remembers one earlier cursor and moves on to a newer one at growing distances: any cycle is found after a
 * bounded number of laps, with one hash of memory. */
static int circles(ol_pages *p, unsigned long long hash)
{
    if (p->mark == hash) {
        return 1;
    }
    if (++p->steps == p->lap) {
        p->mark = hash;
        p->lap *= 2;
        p->steps = 0;
    }
    return 0;
}

static enum ol_page_verdict stop(ol_pages *p, enum ol_page_verdict verdict)
{
    p->ended = 1;
    return verdict;
}

enum ol_page_verdict ol_pages_got(ol_pages *p, const ol_page_info *info)
{
    double now_at = info->page >= 0 ? info->page : p->page;
    double total_pages = info->total_pages;
    int more_by_number;

    if (p->page >= 0 && now_at < p->page) {
        now_at = p->page; /* a number that stands still must not make the walk do so */
    }
    if (now_at < 0 && !p->started && p->cursor == NULL) {
        now_at = 1;
    }
    more_by_number = p->style == OL_PAGES_V2 && now_at >= 0 && total_pages > now_at;

    p->started = 1;
    if (info->total >= 0) {
        p->total = info->total;
    }
    if (info->rows > 0) {
        p->seen += info->rows;
    }
    if (p->style == OL_PAGES_NONE) {
        return stop(p, OL_PAGE_GOOD);
    }
    if (info->cursor == NULL || info->cursor_len == 0) {
        set_cursor(p, NULL, 0);
        if (!more_by_number) {
            return stop(p, OL_PAGE_GOOD);
        }
        /* No cursor, yet pages are missing: some services only count pages. */
        p->page = now_at + 1;
    } else {
        int same = p->cursor != NULL && p->cursor_len == info->cursor_len &&
                   memcmp(p->cursor, info->cursor, info->cursor_len) == 0;
        if (info->rows == 0 && (p->style == OL_PAGES_V1 || !more_by_number)) {
            return stop(p, OL_PAGE_GOOD); /* a cursor with nothing behind it */
        }
        if (same || circles(p, fnv(info->cursor, info->cursor_len))) {
            return stop(p, OL_PAGE_REPEATED);
        }
        if (!set_cursor(p, info->cursor, info->cursor_len)) {
            return stop(p, OL_PAGE_NO_PROGRESS);
        }
    }
    if (info->rows == 0 || info->fresh == 0) {
        return stop(p, OL_PAGE_NO_PROGRESS);
    }
    return OL_PAGE_GOOD;
}

size_t ol_pages_place(const ol_pages *p, char *out, size_t n)
{
    if (p->ended || (p->cursor == NULL && p->page < 0)) {
        if (n > 0) {
            out[0] = '\0';
        }
        return 0;
    }
    if (p->cursor != NULL) {
        if (n > 0) {
            size_t k = p->cursor_len < n - 1 ? p->cursor_len : n - 1;
            memcpy(out, p->cursor, k);
            out[k] = '\0';
        }
        return p->cursor_len;
    }
    return (size_t)snprintf(out, n, "page=%.0f", p->page);
}
