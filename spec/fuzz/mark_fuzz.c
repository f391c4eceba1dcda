/* mark_fuzz.c - any bytes through the marking of JSON texts: both passes agree, a marked text needs no
 * further marks, and every place of it leads back into the text it came from. */
#include "jsonmark.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char nonce[] = "0123456789abcdef";
    const char *s = (const char *)data;
    ol_marks look, mark, again;
    ol_buf out;
    enum ol_mark_result r, r2;
    size_t i, from, last = 0;

    ol_buf_init(&out, 0);
    r = ol_mark(s, size, nonce, NULL, &look);
    r2 = ol_mark(s, size, nonce, &out, &mark);
    if (r == OL_MARK_CLEAN ? r2 == OL_MARK_NEEDED : r2 == OL_MARK_CLEAN) {
        abort(); /* a bad text may pass as clean: cjson refuses it then */
    }
    if (r2 == OL_MARK_BAD && (mark.why == NULL || mark.at < 1 || mark.at > size + 1)) {
        abort();
    }
    if (r2 == OL_MARK_NEEDED) {
        if (ol_mark(out.data, out.len, nonce, NULL, &again) != OL_MARK_CLEAN) {
            abort();
        }
        for (i = 1; i <= out.len + 1; i += 1 + out.len / 64) {
            from = ol_mark_source(s, size, nonce, i);
            if (from < last || from > size + 1) {
                abort();
            }
            last = from;
        }
    }
    ol_buf_free(&out);
    return 0;
}
