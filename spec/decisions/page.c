/* Pages: both styles walk to the end, and no answer of a server makes a walk circle. */
#include "page.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

#define S(text) text, sizeof text - 1

static ol_page_info info(const char *cursor, double rows)
{
    ol_page_info i;
    i.cursor = cursor;
    i.cursor_len = cursor != NULL ? strlen(cursor) : 0;
    i.page = i.total_pages = i.total = -1;
    i.rows = i.fresh = rows;
    return i;
}

static ol_page_info numbered(double page, double pages, double rows)
{
    ol_page_info i = info(NULL, rows);
    i.page = page;
    i.total_pages = pages;
    return i;
}

static enum ol_page_verdict got(ol_pages *p, ol_page_info i)
{
    return ol_pages_got(p, &i);
}

static enum ol_page_ask next(const ol_pages *p)
{
    double n;
    return ol_pages_next(p, &n);
}

static int number(const ol_pages *p)
{
    double n = -1;
    return ol_pages_next(p, &n) == OL_ASK_PAGE ? (int)n : -1;
}

static const char *place(const ol_pages *p)
{
    static char text[64];
    ol_pages_place(p, text, sizeof text);
    return text;
}

static void unpaged(void)
{
    ol_pages p;
    ol_pages_init(&p, OL_PAGES_NONE);
    ok(next(&p) == OL_ASK_FIRST && strcmp(place(&p), "") == 0,
       "a walk starts with the caller's own parameters");
    ok(got(&p, info("c", 3)) == OL_PAGE_GOOD && next(&p) == OL_ASK_END && p.seen == 3,
       "unpaged: one answer");
    ol_pages_free(&p);
    ok(next(&p) == OL_ASK_END, "a freed walk has ended");
    ol_pages_free(&p);
}

static void by_cursor(enum ol_page_style style, const char *name)
{
    ol_pages p;
    char cursor[16];
    int i, good = 1;

    ol_pages_init(&p, style);
    for (i = 1; i <= 2000; i++) {
        snprintf(cursor, sizeof cursor, "c%d", i);
        good = good && got(&p, info(cursor, 50)) == OL_PAGE_GOOD && next(&p) == OL_ASK_CURSOR &&
               strcmp(p.cursor, cursor) == 0;
    }
    ok(good, "%s: 2,000 different cursors are followed", name);
    ok(got(&p, info(NULL, 7)) == OL_PAGE_GOOD && next(&p) == OL_ASK_END && p.seen == 100007,
       "%s: no cursor is the end", name);
    ol_pages_free(&p);

    ol_pages_init(&p, style);
    got(&p, info("a", 50));
    ok(got(&p, info("", 50)) == OL_PAGE_GOOD && next(&p) == OL_ASK_END, "%s: so is an empty one",
       name);
    ol_pages_free(&p);

    ol_pages_init(&p, style);
    ok(got(&p, info(NULL, 0)) == OL_PAGE_GOOD && next(&p) == OL_ASK_END,
       "%s: an empty list ends at once", name);
    ol_pages_free(&p);

    ol_pages_init(&p, style);
    got(&p, info("a", 50));
    ok(got(&p, info("b", 0)) == OL_PAGE_GOOD && next(&p) == OL_ASK_END,
       "%s: a cursor with nothing behind it is the end", name);
    ol_pages_free(&p);

    ol_pages_init(&p, style);
    got(&p, info("a", 50));
    ok(got(&p, info("a", 50)) == OL_PAGE_REPEATED && next(&p) == OL_ASK_END,
       "%s: its own cursor again is an error", name);
    ol_pages_free(&p);

    ol_pages_init(&p, style);
    got(&p, info("a", 50));
    {
        ol_page_info stale = info("b", 50);
        stale.fresh = 0;
        ok(got(&p, stale) == OL_PAGE_NO_PROGRESS && next(&p) == OL_ASK_END,
           "%s: the same rows again are an error", name);
    }
    ol_pages_free(&p);

    ol_pages_init(&p, style);
    got(&p, info("a", 50));
    {
        ol_page_info stale = info(NULL, 50);
        stale.fresh = 0;
        ok(got(&p, stale) == OL_PAGE_GOOD, "%s: but not on the last page", name);
    }
    ol_pages_free(&p);
}

/* Pages until the walk stops; after `lead` cursors it goes round `cycle` of them. */
static int laps(enum ol_page_style style, int lead, int cycle, int most,
                enum ol_page_verdict *verdict)
{
    ol_pages p;
    char cursor[16];
    int i;
    ol_pages_init(&p, style);
    *verdict = OL_PAGE_GOOD;
    for (i = 0; i < most && *verdict == OL_PAGE_GOOD; i++) {
        snprintf(cursor, sizeof cursor, "c%d", i < lead ? i : lead + (i - lead) % cycle);
        *verdict = got(&p, info(cursor, 50));
    }
    ol_pages_free(&p);
    return i;
}

static void cycles(void)
{
    static const int leads[] = {0, 1, 2, 3, 5, 100};
    static const int lengths[] = {1, 2, 3, 7, 64, 100};
    size_t l, c;
    for (l = 0; l < sizeof leads / sizeof *leads; l++) {
        for (c = 0; c < sizeof lengths / sizeof *lengths; c++) {
            enum ol_page_verdict v, w;
            int bound = 4 * (leads[l] + lengths[c]) + 4;
            int n = laps(OL_PAGES_V1, leads[l], lengths[c], bound, &v);
            laps(OL_PAGES_V2, leads[l], lengths[c], bound, &w);
            ok(v == OL_PAGE_REPEATED && w == OL_PAGE_REPEATED,
               "a circle of %d after %d is found (page %d)", lengths[c], leads[l], n);
        }
    }
}

static void by_number(void)
{
    ol_pages p;
    int i, good = 1;

    ol_pages_init(&p, OL_PAGES_V2);
    for (i = 1; i < 50; i++) {
        good = good && got(&p, numbered(i, 50, 20)) == OL_PAGE_GOOD && number(&p) == i + 1;
    }
    ok(good && got(&p, numbered(50, 50, 3)) == OL_PAGE_GOOD && next(&p) == OL_ASK_END,
       "no cursor but pages left: goes on by number");
    ol_pages_free(&p);

    ol_pages_init(&p, OL_PAGES_V2);
    ol_pages_start_at(&p, 3);
    ok(number(&p) == 3, "begins where the caller says");
    ok(got(&p, numbered(-1, 4, 20)) == OL_PAGE_GOOD && number(&p) == 4,
       "counts itself when the answer does not");
    ok(got(&p, numbered(-1, 4, 20)) == OL_PAGE_GOOD && next(&p) == OL_ASK_END, "to the last page");
    ol_pages_free(&p);

    ol_pages_init(&p, OL_PAGES_V2);
    ok(got(&p, numbered(-1, 3, 20)) == OL_PAGE_GOOD && number(&p) == 2,
       "an answer that names only the number of pages was the first");
    ol_pages_free(&p);

    ol_pages_init(&p, OL_PAGES_V2);
    for (i = 0; i < 10 && next(&p) != OL_ASK_END; i++) {
        got(&p, numbered(1, 5, 20));
    }
    ok(i == 5, "a page number that stands still does not stop the walk (%d)", i);
    ol_pages_free(&p);

    ol_pages_init(&p, OL_PAGES_V2);
    got(&p, numbered(1, 3, 20));
    ok(got(&p, numbered(2, 3, 0)) == OL_PAGE_NO_PROGRESS,
       "an empty page in the middle is an error, not the end");
    ol_pages_free(&p);

    ol_pages_init(&p, OL_PAGES_V1);
    ok(got(&p, numbered(1, 3, 20)) == OL_PAGE_GOOD && next(&p) == OL_ASK_END,
       "v1 knows no page numbers");
    ol_pages_free(&p);

    ol_pages_init(&p, OL_PAGES_V2);
    got(&p, info("a", 20));
    {
        ol_page_info last = numbered(2, 3, 20);
        ok(got(&p, last) == OL_PAGE_GOOD && number(&p) == 3,
           "a cursor that stops early: the rest by number");
        last = numbered(3, 4, 20);
        last.cursor = "b";
        last.cursor_len = 1;
        ok(got(&p, last) == OL_PAGE_GOOD && next(&p) == OL_ASK_CURSOR,
           "and back to cursors when they return");
    }
    ol_pages_free(&p);
}

static void totals(void)
{
    ol_pages p;
    ol_page_info i = info("a", 50);
    ol_pages_init(&p, OL_PAGES_V2);
    ok(p.total < 0, "no total at first");
    i.total = 120;
    got(&p, i);
    got(&p, info("b", 50));
    ok(p.total == 120 && p.seen == 100, "the newest total told is kept");
    ol_pages_free(&p);
}

static void resume(void)
{
    ol_pages p, q;
    char text[64], *tight;
    double n = 0;

    ol_pages_init(&p, OL_PAGES_V1);
    got(&p, info("YWNjb3VudDo6Og==", 50));
    ok(ol_pages_place(&p, text, sizeof text) == 16 && strcmp(text, "YWNjb3VudDo6Og==") == 0,
       "the place is the cursor");
    ol_pages_init(&q, OL_PAGES_V1);
    ok(ol_pages_resume(&q, text, strlen(text)) && next(&q) == OL_ASK_CURSOR &&
           strcmp(q.cursor, text) == 0,
       "and resumes there");
    ok(got(&q, info(text, 50)) == OL_PAGE_REPEATED, "a resumed walk knows its own cursor");
    ol_pages_free(&q);
    ol_pages_free(&p);

    ol_pages_init(&p, OL_PAGES_V2);
    got(&p, numbered(6, 9, 20));
    ok(strcmp(place(&p), "page=7") == 0, "by number the place is page=N");
    ol_pages_init(&q, OL_PAGES_V2);
    ok(ol_pages_resume(&q, S("page=7")) && ol_pages_next(&q, &n) == OL_ASK_PAGE && n == 7,
       "and resumes there");
    ok(got(&q, numbered(-1, 9, 20)) == OL_PAGE_GOOD && number(&q) == 8, "and goes on");
    ol_pages_free(&q);
    ol_pages_free(&p);

    ol_pages_init(&p, OL_PAGES_V2);
    ok(ol_pages_resume(&p, S("")) && next(&p) == OL_ASK_FIRST, "an empty place is the start");
    ol_pages_free(&p);

    /* Not NUL-terminated, and more digits behind. */
    tight = malloc(6);
    if (tight == NULL) {
        abort();
    }
    memcpy(tight, "page=1", 6);
    ol_pages_init(&p, OL_PAGES_V2);
    ok(ol_pages_resume(&p, tight, 6) && number(&p) == 1, "a place is read by its length");
    free(tight);
    ol_pages_free(&p);

    ol_pages_init(&p, OL_PAGES_V1);
    ok(ol_pages_resume(&p, S("page=7")) && next(&p) == OL_ASK_CURSOR,
       "in v1 page=7 is a cursor like any other");
    ol_pages_free(&p);
    ol_pages_init(&p, OL_PAGES_V2);
    ok(ol_pages_resume(&p, S("page=-7")) && next(&p) == OL_ASK_CURSOR &&
           ol_pages_resume(&p, S("page= 7")) && next(&p) == OL_ASK_CURSOR &&
           ol_pages_resume(&p, S("page=0")) && next(&p) == OL_ASK_CURSOR,
       "nor is anything else but a number a page");
    ok(ol_pages_resume(&p, S("page=7")) && number(&p) == 7,
       "a later place replaces an earlier one");
    ol_pages_free(&p);

    /* A server's cursor is a cursor, whatever it looks like. */
    ol_pages_init(&p, OL_PAGES_V2);
    got(&p, info("a", 20));
    ok(got(&p, info("page=3", 20)) == OL_PAGE_GOOD && next(&p) == OL_ASK_CURSOR &&
           strcmp(p.cursor, "page=3") == 0,
       "a server's cursor that looks like a page number is sent as it is");
    ol_pages_free(&p);

    ol_pages_init(&p, OL_PAGES_V2);
    got(&p, info("0123456789", 20));
    ok(ol_pages_place(&p, text, 5) == 10 && strcmp(text, "0123") == 0,
       "a short buffer is filled, the length told");
    ok(ol_pages_place(&p, text, 0) == 10, "no buffer at all: only the length");
    got(&p, info(NULL, 20));
    ok(ol_pages_place(&p, text, sizeof text) == 0 && strcmp(text, "") == 0,
       "at the end there is no place");
    ol_pages_free(&p);

    ol_pages_init(&p, OL_PAGES_V2);
    ok(!ol_pages_resume(&p, "x", (size_t)1 << 62), "out of memory is told");
    ol_pages_free(&p);
}

int main(void)
{
    unpaged();
    by_cursor(OL_PAGES_V1, "v1");
    by_cursor(OL_PAGES_V2, "v2");
    cycles();
    by_number();
    totals();
    resume();
    return tap_done();
}
