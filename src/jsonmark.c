#include "jsonmark.h"

#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { BAD = 0, SKIP, QUOTE, OPEN, NUMBER, WORD };

/* What a byte outside strings starts. */
static const unsigned char starts[256] = {
    ['\t'] = SKIP, ['\n'] = SKIP, ['\r'] = SKIP, [' '] = SKIP,  ['{'] = SKIP,   ['}'] = SKIP,
    [']'] = SKIP,  [':'] = SKIP,  [','] = SKIP,  ['"'] = QUOTE, ['['] = OPEN,   ['-'] = NUMBER,
    ['0'] = NUMBER, ['1'] = NUMBER, ['2'] = NUMBER, ['3'] = NUMBER, ['4'] = NUMBER, ['5'] = NUMBER,
    ['6'] = NUMBER, ['7'] = NUMBER, ['8'] = NUMBER, ['9'] = NUMBER, ['t'] = WORD, ['f'] = WORD,
    ['n'] = WORD,
};

typedef struct scan {
    const char *s;
    size_t n;
    const char *nonce;
    ol_buf *out;   /* NULL while only looking */
    int counting;  /* no buffer, but go on: ol_mark_source */
    size_t copied; /* source bytes accounted for */
    size_t made;   /* bytes of marked text so far (counting) */
    size_t want;   /* looked-for offset in the marked text (counting) */
    size_t found;  /* its source offset */
    ol_marks *m;
} scan;

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static enum ol_mark_result bad(scan *sc, const char *why, size_t at)
{
    sc->m->why = why;
    sc->m->at = at + 1;
    return OL_MARK_BAD;
}

/* Copies what lies before `to` and then a mark made of up to three parts in place of [to, end). */
static enum ol_mark_result put(scan *sc, size_t to, size_t end, const char *head, size_t headlen,
                               const char *body, size_t bodylen, const char *tail, size_t taillen)
{
    size_t plain = to - sc->copied;
    size_t len = headlen + bodylen + taillen;

    if (sc->counting) {
        if (sc->want >= sc->made && sc->want < sc->made + plain) {
            sc->found = sc->copied + (sc->want - sc->made);
        } else if (sc->want >= sc->made + plain) {
            sc->found = to;
        }
        sc->made += plain + len;
    } else if (sc->out == NULL) {
        return OL_MARK_NEEDED;
    } else if (!ol_buf_add(sc->out, sc->s + sc->copied, plain) ||
               !ol_buf_add(sc->out, head, headlen) || !ol_buf_add(sc->out, body, bodylen) ||
               !ol_buf_add(sc->out, tail, taillen)) {
        return OL_MARK_MEMORY;
    }
    sc->copied = end;
    return OL_MARK_CLEAN;
}

/* A value mark in place of [to, end): ["NONCE"] or ["NONCE12345678901234567"]. */
static enum ol_mark_result put_value(scan *sc, size_t to, size_t end, const char *body, size_t len)
{
    char head[2 + OL_NONCE_LEN];
    head[0] = '[';
    head[1] = '"';
    memcpy(head + 2, sc->nonce, OL_NONCE_LEN);
    return put(sc, to, end, head, sizeof head, body, len, "\"]", 2);
}

/* The first '"', '\\' or NUL at or after i; n when there is none. */
static size_t string_stop(const char *s, size_t i, size_t n)
{
#ifdef __SSE2__
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i slash = _mm_set1_epi8('\\');
    const __m128i zero = _mm_setzero_si128();
    for (; n - i >= 16; i += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(s + i));
        __m128i hit = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, quote), _mm_cmpeq_epi8(v, slash)),
                                   _mm_cmpeq_epi8(v, zero));
        unsigned bits = (unsigned)_mm_movemask_epi8(hit);
        if (bits != 0) {
            return i + (size_t)__builtin_ctz(bits);
        }
    }
#endif
    while (i < n && s[i] != '"' && s[i] != '\\' && s[i] != '\0') {
        i++;
    }
    return i;
}

/* The value of four hex digits at s[i..], or -1. */
static int hex4(const char *s, size_t i, size_t n)
{
    int v = 0;
    size_t end = i + 4;
    if (n < 4 || i > n - 4) {
        return -1;
    }
    for (; i < end; i++) {
        int c = (unsigned char)s[i] | 0x20;
        if (is_digit(s[i])) {
            v = v * 16 + (s[i] - '0');
        } else if (c >= 'a' && c <= 'f') {
            v = v * 16 + (c - 'a' + 10);
        } else {
            return -1;
        }
    }
    return v;
}

/* At the backslash s[*i]: steps over the escape and marks a lone surrogate. */
static enum ol_mark_result escape(scan *sc, size_t *i)
{
    const char *s = sc->s;
    size_t at = *i;
    int v;

    if (at + 1 >= sc->n) {
        return bad(sc, "a string is not closed", sc->n);
    }
    *i = at + 2;
    if (s[at + 1] != 'u' || (v = hex4(s, at + 2, sc->n)) < 0xD800 || v > 0xDFFF) {
        return OL_MARK_CLEAN; /* a bad escape is cjson's to refuse */
    }
    *i = at + 6;
    if (v <= 0xDBFF && sc->n - *i >= 6 && s[*i] == '\\' && s[*i + 1] == 'u') {
        int low = hex4(s, *i + 2, sc->n);
        if (low >= 0xDC00 && low <= 0xDFFF) {
            *i += 6;
            return OL_MARK_CLEAN;
        }
    }
    return put(sc, at, at + 6, "\\ufffd", 6, NULL, 0, NULL, 0);
}

/* From behind the opening quote to behind the closing one. */
static enum ol_mark_result string(scan *sc, size_t *i)
{
    enum ol_mark_result r;
    for (;;) {
        size_t at = string_stop(sc->s, *i, sc->n);
        if (at >= sc->n) {
            return bad(sc, "a string is not closed", sc->n);
        }
        if (sc->s[at] == '"') {
            *i = at + 1;
            return OL_MARK_CLEAN;
        }
        *i = at;
        if (sc->s[at] == '\\') {
            r = escape(sc, i);
        } else {
            r = put(sc, at, at + 1, "\\u0000", 6, NULL, 0, NULL, 0);
            *i = at + 1;
        }
        if (r != OL_MARK_CLEAN) {
            return r;
        }
    }
}

/* A number literal, by the grammar of RFC 8259. */
static enum ol_mark_result number(scan *sc, size_t *start)
{
    const char *s = sc->s;
    size_t n = sc->n, i = *start, first, whole, exp;
    int integer = 1;

    if (s[i] == '-') {
        i++;
    }
    first = i;
    while (i < n && is_digit(s[i])) {
        i++;
    }
    whole = i - first;
    if (whole == 0 || (s[first] == '0' && whole > 1)) {
        return bad(sc, "not a number", *start);
    }
    if (i < n && s[i] == '.') {
        integer = 0;
        if (++i == n || !is_digit(s[i])) {
            return bad(sc, "not a number", *start);
        }
        while (i < n && is_digit(s[i])) {
            i++;
        }
    }
    if (i < n && (s[i] == 'e' || s[i] == 'E')) {
        integer = 0;
        i++;
        if (i < n && (s[i] == '+' || s[i] == '-')) {
            i++;
        }
        exp = i;
        while (i < n && is_digit(s[i])) {
            i++;
        }
        if (i == exp) {
            return bad(sc, "not a number", *start);
        }
        if (i - exp > 2) {
            sc->m->huge = 1;
        }
    }
    if (i < n && s[i] != ',' && s[i] != '}' && s[i] != ']' && !is_space(s[i])) {
        return bad(sc, "not a number", *start);
    }
    first = *start;
    *start = i;
    if (integer && whole > 15) {
        return put_value(sc, first, i, s + first, i - first);
    }
    if (whole > 200) {
        sc->m->huge = 1;
    }
    return OL_MARK_CLEAN;
}

/* true, false or null; cjson would also take "nan" and "inf" in other cases. */
static enum ol_mark_result word(scan *sc, size_t *i)
{
    static const struct {
        const char *text;
        size_t len;
    } words[] = {{"true", 4}, {"false", 5}, {"null", 4}};
    size_t k;
    for (k = 0; k < 3; k++) {
        if (sc->n - *i >= words[k].len && memcmp(sc->s + *i, words[k].text, words[k].len) == 0) {
            *i += words[k].len;
            return OL_MARK_CLEAN;
        }
    }
    return bad(sc, "not a JSON value", *i);
}

static enum ol_mark_result run(scan *sc)
{
    const char *s = sc->s;
    size_t n = sc->n, i = 0, at;
    enum ol_mark_result r = OL_MARK_CLEAN;

    if (n >= 3 && memcmp(s, "\xEF\xBB\xBF", 3) == 0) {
        r = put(sc, 0, 3, NULL, 0, NULL, 0, NULL, 0);
        i = 3;
    }
    while (r == OL_MARK_CLEAN && i < n) {
        switch (starts[(unsigned char)s[i]]) {
        case SKIP:
            i++;
            break;
        case QUOTE:
            i++;
            r = string(sc, &i);
            break;
        case OPEN:
            at = i++;
            while (i < n && is_space(s[i])) {
                i++;
            }
            if (i < n && s[i] == ']') {
                i++;
                r = put_value(sc, at, i, NULL, 0);
            }
            break;
        case NUMBER:
            r = number(sc, &i);
            break;
        case WORD:
            r = word(sc, &i);
            break;
        default:
            return bad(sc, "not a JSON value", i);
        }
    }
    return r;
}

/* ---- the quick look -------------------------------------------------------------------------- */

#ifdef __SSE2__

/* False when the byte at s[j] may begin something that cjson would lose or wrongly take. */
static int harmless(const char *s, size_t j, size_t n)
{
    size_t k = j + 1;
    switch (s[j]) {
    case '[':
        while (k < n && is_space(s[k])) {
            k++;
        }
        return k == n || s[k] != ']';
    case '.': /* `1.` and `-.5`; also in strings, but there it only costs the longer way */
        return j > 0 && is_digit(s[j - 1]) ? k < n && is_digit(s[k]) : j == 0 || s[j - 1] != '-';
    case '\\':
        return n - j < 3 || s[k] != 'u' || (s[k + 1] | 0x20) != 'd';
    default:
        return 0; /* NUL */
    }
}

/* True when there is certainly nothing to mark and cjson refuses whatever else is wrong.  Looks at bytes
 * without telling strings from the rest, so that most texts need no more. */
static int nothing_to_mark(const char *s, size_t n)
{
    const __m128i zero = _mm_setzero_si128(), nine = _mm_set1_epi8(9), nil = _mm_set1_epi8('0');
    const __m128i open = _mm_set1_epi8('['), dot = _mm_set1_epi8('.'), slash = _mm_set1_epi8('\\');
    unsigned digits, stops, row = 0;
    size_t i;

    if (n >= 3 && memcmp(s, "\xEF\xBB\xBF", 3) == 0) {
        return 0;
    }
    for (i = 0; n - i >= 16; i += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(s + i));
        __m128i d = _mm_sub_epi8(v, nil);
        __m128i a = _mm_or_si128(_mm_cmpeq_epi8(v, open), _mm_cmpeq_epi8(v, dot));
        __m128i b = _mm_or_si128(_mm_cmpeq_epi8(v, slash), _mm_cmpeq_epi8(v, zero));
        stops = (unsigned)_mm_movemask_epi8(_mm_or_si128(a, b));
        digits = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(d, nine), d));
        if (digits == 0) {
            row = 0;
        } else if (row + (unsigned)__builtin_ctz(~digits) > 15) {
            return 0; /* 16 digits in a row */
        } else {
            row = (unsigned)__builtin_clz(~(digits << 16));
        }
        for (; stops != 0; stops &= stops - 1) {
            if (!harmless(s, i + (size_t)__builtin_ctz(stops), n)) {
                return 0;
            }
        }
    }
    for (; i < n; i++) {
        row = is_digit(s[i]) ? row + 1 : 0;
        if (row > 15 || ((s[i] == '[' || s[i] == '.' || s[i] == '\\' || s[i] == '\0') &&
                          !harmless(s, i, n))) {
            return 0;
        }
    }
    return 1;
}

#else

static int nothing_to_mark(const char *s, size_t n)
{
    (void)s;
    (void)n;
    return 0;
}

#endif

enum ol_mark_result ol_mark(const char *s, size_t n, const char *nonce, ol_buf *out, ol_marks *m)
{
    scan sc = {0};
    enum ol_mark_result r;

    memset(m, 0, sizeof *m);
    if (out == NULL && nothing_to_mark(s, n)) {
        m->huge = 1; /* not looked for */
        return OL_MARK_CLEAN;
    }
    sc.s = s;
    sc.n = n;
    sc.nonce = nonce;
    sc.out = out;
    sc.m = m;
    r = run(&sc);
    if (r == OL_MARK_CLEAN && sc.copied > 0) {
        r = ol_buf_add(out, s + sc.copied, n - sc.copied) ? OL_MARK_NEEDED : OL_MARK_MEMORY;
    }
    return r;
}

size_t ol_mark_source(const char *s, size_t n, const char *nonce, size_t at)
{
    scan sc = {0};
    ol_marks ignored;

    memset(&ignored, 0, sizeof ignored);
    sc.s = s;
    sc.n = n;
    sc.nonce = nonce;
    sc.m = &ignored;
    sc.counting = 1;
    sc.want = at > 0 ? at - 1 : 0;
    (void)run(&sc);
    if (sc.want >= sc.made) {
        sc.found = sc.copied + (sc.want - sc.made);
    }
    return (sc.found < n ? sc.found : n) + 1;
}

/* ---- null members ---------------------------------------------------------------------------- */

#ifdef __SSE2__

typedef struct drop {
    const char *s;
    size_t n;
    ol_buf *out;
    size_t copied; /* source bytes accounted for */
    int some;
    int failed;
} drop;

/* A colon outside strings at s[q], and 'n' behind it: leaves the member out when it is one that can go. */
static void member(drop *d, size_t q)
{
    const char *s = d->s;
    size_t k = q, end = q + 5, keep;
    char before;

    if (d->n - q < 7 || memcmp(s + q, ":null", 5) != 0 || q < d->copied + 2 || s[q - 1] != '"') {
        return;
    }
    for (k = q - 2; k > d->copied && s[k] != '"'; k--) {
    }
    if (s[k] != '"' || k == 0) {
        return;
    }
    before = k > d->copied ? s[k - 1] : d->out->len > 0 ? d->out->data[d->out->len - 1] : '\0';
    if (before != '{' && before != ',') {
        return;
    }
    keep = k;
    if (s[end] == ',' && s[end + 1] == '"') {
        end++;
    } else if (s[end] != '}') {
        return;
    } else if (before == ',') {
        /* The last member takes the comma before it along. */
        if (k > d->copied) {
            keep--;
        } else {
            d->out->data[--d->out->len] = '\0';
        }
    }
    if (!ol_buf_add(d->out, s + d->copied, keep - d->copied)) {
        d->failed = 1;
    }
    d->copied = end;
    d->some = 1;
}

int ol_mark_drop_nulls(const char *s, size_t n, ol_buf *out)
{
    const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\');
    const __m128i colon = _mm_set1_epi8(':'), letter = _mm_set1_epi8('n');
    drop d = {0};
    unsigned inside = 0;
    size_t i;

    d.s = s;
    d.n = n;
    d.out = out;
    /* What is shorter than a block at the end cannot hold much; the walk takes it. */
    for (i = 0; n - i >= 17 && !d.failed; i += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(s + i));
        __m128i next = _mm_loadu_si128((const __m128i *)(const void *)(s + i + 1));
        unsigned quotes = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, quote));
        unsigned hits = (unsigned)_mm_movemask_epi8(
            _mm_and_si128(_mm_cmpeq_epi8(v, colon), _mm_cmpeq_epi8(next, letter)));
        if (_mm_movemask_epi8(_mm_cmpeq_epi8(v, slash)) != 0) {
            return 0; /* an escaped quote is no quote */
        }
        for (; hits != 0; hits &= hits - 1) {
            unsigned at = (unsigned)__builtin_ctz(hits);
            if (((inside + (unsigned)__builtin_popcount(quotes & ((1u << at) - 1))) & 1) == 0) {
                member(&d, i + at);
            }
        }
        inside += (unsigned)__builtin_popcount(quotes);
    }
    if (!d.some || d.failed) {
        return d.failed ? -1 : 0;
    }
    for (; i < n; i++) {
        if (s[i] == '\\') {
            return 0;
        }
    }
    return ol_buf_add(out, s + d.copied, n - d.copied) ? 1 : -1;
}

#else

int ol_mark_drop_nulls(const char *s, size_t n, ol_buf *out)
{
    (void)s;
    (void)n;
    (void)out;
    return 0;
}

#endif
