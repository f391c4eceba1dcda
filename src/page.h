/* page.h - which page comes next, and when a walk must stop.
 *
 * Lists come in two styles: v1 carries a cursor in the body, v2 a cursor and page numbers in headers, and both
 * have been seen to repeat cursors or to offer one with nothing behind it.  A walk therefore ends, or fails,
 * but never circles.  No I/O, no Lua.  One thread at a time. */
#ifndef OL_PAGE_H
#define OL_PAGE_H

#include <stddef.h>

enum ol_page_style { OL_PAGES_NONE, OL_PAGES_V1, OL_PAGES_V2 };

enum ol_page_ask {
    OL_ASK_FIRST,  /* the caller's own parameters, as they are */
    OL_ASK_CURSOR, /* with the cursor; without limit, page and sort where the style is v2 */
    OL_ASK_PAGE,   /* with page = number (and limit, sort) */
    OL_ASK_END     /* there is no further page */
};

enum ol_page_verdict {
    OL_PAGE_GOOD,
    OL_PAGE_REPEATED,   /* the server offers a cursor it has offered before */
    OL_PAGE_NO_PROGRESS /* rows came, none of them new, and more pages are offered; or none came though more are due */
};

typedef struct ol_page_info { /* of one answer; < 0 = not told */
    const char *cursor;       /* of the next page; NULL = none */
    size_t cursor_len;
    double page, total_pages, total;
    double rows;              /* in this answer */
    double fresh;             /* of these, not seen on the page before */
} ol_page_info;

typedef struct ol_pages {
    enum ol_page_style style;
    char *cursor;   /* owned; of the next page */
    size_t cursor_len;
    double page;    /* number of the next page when going by number, else < 0 */
    int started, ended;
    double seen;    /* rows so far */
    double total;   /* newest total told, < 0 = never */
    unsigned long long mark;         /* hash of a cursor met earlier (Brent): finds cycles in constant memory */
    unsigned long steps, lap;
} ol_pages;

void ol_pages_init(ol_pages *p, enum ol_page_style style);
void ol_pages_free(ol_pages *p);

/* Begins at a saved place: a cursor the server gave, or "page=N" which ol_pages_place writes.  1, or 0 = no memory. */
int ol_pages_resume(ol_pages *p, const char *place, size_t len);

/* Begins by page number (the caller asked for `page`). */
void ol_pages_start_at(ol_pages *p, double page);

/* What to ask next; *page is set for OL_ASK_PAGE, p->cursor holds for OL_ASK_CURSOR. */
enum ol_page_ask ol_pages_next(const ol_pages *p, double *page);

/* Takes in an answer.  Anything but GOOD also ends the walk. */
enum ol_page_verdict ol_pages_got(ol_pages *p, const ol_page_info *info);

/* Writes the place of the next page as text that ol_pages_resume reads ("" = at the start or the end);
 * at most n bytes with the NUL; returns the full length. */
size_t ol_pages_place(const ol_pages *p, char *out, size_t n);

#endif
