#include "buf.h"

#include <stdlib.h>
#include <string.h>

void ol_wipe(void *p, size_t n)
{
    if (n > 0) {
        memset(p, 0, n);
        __asm__ __volatile__("" : : "r"(p) : "memory"); /* the compiler may not drop it as dead */
    }
}

void ol_buf_init(ol_buf *b, size_t max)
{
    memset(b, 0, sizeof *b);
    b->max = max;
}

int ol_buf_reserve(ol_buf *b, size_t n)
{
    size_t need, cap;
    char *p;

    if (b->failed) {
        return 0;
    }
    if (n > (size_t)-1 - b->len - 1 || (b->max != 0 && (b->len > b->max || n > b->max - b->len))) {
        b->failed = 1;
        return 0;
    }
    need = b->len + n + 1;
    if (need <= b->cap) {
        return 1;
    }
    cap = b->cap != 0 ? b->cap : 256;
    while (cap < need) {
        cap = cap > (size_t)-1 / 2 ? need : cap * 2;
    }
    /* Not realloc: it could leave a secret behind in the old block. */
    p = malloc(cap);
    if (p == NULL) {
        b->failed = 2;
        return 0;
    }
    if (b->data != NULL) {
        memcpy(p, b->data, b->len + 1);
        ol_wipe(b->data, b->len);
        free(b->data);
    } else {
        p[0] = '\0';
    }
    b->data = p;
    b->cap = cap;
    return 1;
}

int ol_buf_add(ol_buf *b, const void *p, size_t n)
{
    if (!ol_buf_reserve(b, n)) {
        return 0;
    }
    if (n > 0) {
        memcpy(b->data + b->len, p, n);
        b->len += n;
    }
    b->data[b->len] = '\0';
    return 1;
}

int ol_buf_adds(ol_buf *b, const char *s)
{
    return ol_buf_add(b, s, strlen(s));
}

int ol_buf_addc(ol_buf *b, char c)
{
    return ol_buf_add(b, &c, 1);
}

void ol_buf_clear(ol_buf *b)
{
    b->len = 0;
    b->failed = 0;
    if (b->data != NULL) {
        b->data[0] = '\0';
    }
}

void ol_buf_free(ol_buf *b)
{
    if (b->data != NULL) {
        ol_wipe(b->data, b->cap);
        free(b->data);
    }
    ol_buf_init(b, b->max);
}

char *ol_strdup(const char *s, size_t n)
{
    char *p = malloc(n + 1);
    if (p != NULL) {
        memcpy(p, s, n);
        p[n] = '\0';
    }
    return p;
}

void ol_strfree(char *s)
{
    if (s != NULL) {
        ol_wipe(s, strlen(s));
        free(s);
    }
}
