/* The byte buffer: ceiling, growth, sticky failure, wiping. */
#include "buf.h"

#include <string.h>

#include "tap.h"

int main(void)
{
    ol_buf b;
    char *s;
    char block[8] = "secret!";
    int i, good = 1;

    ol_buf_init(&b, 0);
    ok(b.data == NULL && b.len == 0, "a new buffer holds no memory");
    ok(ol_buf_add(&b, NULL, 0) && b.data != NULL && b.data[0] == '\0',
       "adding nothing gives an empty string");
    ok(ol_buf_adds(&b, "ab") && ol_buf_addc(&b, 'c') && strcmp(b.data, "abc") == 0, "appends");
    ok(ol_buf_add(&b, "\0d", 2) && b.len == 5 && memcmp(b.data, "abc\0d", 6) == 0,
       "NUL bytes are bytes");
    for (i = 0; i < 100000; i++) {
        good = good && ol_buf_addc(&b, (char)(i & 0x7f));
    }
    for (i = 0; i < 100000; i++) {
        good = good && b.data[5 + i] == (char)(i & 0x7f);
    }
    ok(good && b.len == 100005 && b.data[b.len] == '\0', "grows and keeps its content");
    ok(!ol_buf_reserve(&b, (size_t)-1) && b.failed == 1, "a size that would overflow is refused");
    ok(!ol_buf_addc(&b, 'x') && b.len == 100005, "a failure is sticky");
    ol_buf_clear(&b);
    ok(!b.failed && b.len == 0 && b.data[0] == '\0' && b.cap > 100000,
       "clear forgets the failure, keeps memory");
    ok(!ol_buf_reserve(&b, (size_t)1 << 61) && b.failed == 2, "no memory is told apart");
    ol_buf_free(&b);
    ok(b.data == NULL && b.cap == 0 && ol_buf_adds(&b, "again"), "usable again after free");
    ol_buf_free(&b);
    ol_buf_free(&b);

    ol_buf_init(&b, 10);
    ok(ol_buf_adds(&b, "0123456789") && b.len == 10, "exactly the ceiling fits");
    ok(!ol_buf_addc(&b, '!') && b.failed == 1 && b.len == 10, "one more does not");
    ok(ol_buf_reserve(&b, 0) == 0, "nor does anything after");
    ol_buf_clear(&b);
    ok(!ol_buf_adds(&b, "01234567890") && b.len == 0, "what does not fit is not added in part");
    ol_buf_free(&b);
    ok(b.max == 10, "free keeps the ceiling");

    s = ol_strdup("a\0b", 3);
    ok(s != NULL && memcmp(s, "a\0b", 4) == 0, "strdup copies by length and ends with NUL");
    ol_strfree(s);
    ol_strfree(NULL);
    ol_wipe(block, sizeof block);
    ok(memcmp(block, "\0\0\0\0\0\0\0", 8) == 0, "wipe leaves zeros");
    ol_wipe(NULL, 0);
    return tap_done();
}
