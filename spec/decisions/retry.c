/* Repetition by trait and fate, delays, quota. */
#include "retry.h"

#include "tap.h"

int main(void)
{
    static const char *const trait_name[] = {"safe", "unsent", "never"};
    static const char *const fate_name[] = {"unsent", "unanswered", "refused", "broken", "final"};
    static const int want[3][5] = {{1, 1, 1, 1, 0}, {1, 0, 1, 0, 0}, {1, 0, 0, 0, 0}};
    static const int broken[] = {408, 500, 502, 503, 504};
    static const int final[] = {0,   100, 200, 201, 204, 301, 400, 401,
                                403, 404, 409, 422, 429, 501, 505};
    static const ol_backoff b = {4, 0.25, 1, 20};
    ol_quota q;
    int t, f, i, good;
    double d;

    for (t = 0; t < 3; t++) {
        for (f = 0; f < 5; f++) {
            ok(ol_retry_allowed((enum ol_trait)t, (enum ol_fate)f) == want[t][f], "%s, %s: %s",
               trait_name[t], fate_name[f], want[t][f] ? "repeated" : "not repeated");
        }
    }
    for (i = 0; i < 5; i++) {
        ok(ol_retry_status_fate(broken[i], 0) == OL_FATE_BROKEN, "%d is broken", broken[i]);
        ok(ol_retry_status_fate(broken[i], 1) == OL_FATE_REFUSED,
           "%d that says rate limited is refused", broken[i]);
    }
    for (i = 0; i < (int)(sizeof final / sizeof *final); i++) {
        ok(ol_retry_status_fate(final[i], 0) == OL_FATE_FINAL, "%d is final", final[i]);
    }
    ok(ol_retry_status_fate(400, 1) == OL_FATE_REFUSED &&
           ol_retry_status_fate(429, 1) == OL_FATE_REFUSED,
       "rate limited counts, whatever the status (v1: 400)");

    ok(ol_retry_delay(&b, 1, 0, -1, 0) == 0, "full jitter starts at nothing");
    ok(ol_retry_delay(&b, 1, 0, -1, 0.5) == 0.125 && ol_retry_delay(&b, 2, 0, -1, 0.5) == 0.25 &&
           ol_retry_delay(&b, 3, 0, -1, 0.5) == 0.5,
       "the ceiling doubles from 0.25 s");
    ok(ol_retry_delay(&b, 1, 1, -1, 0.5) == 0.5 && ol_retry_delay(&b, 3, 1, -1, 0.5) == 2,
       "from 1 s after a 429");
    for (good = 1, i = 1; i < 5000; i++) {
        d = ol_retry_delay(&b, i, i & 1, -1, 0.999);
        good = good && d >= 0 && d < 20;
    }
    ok(good, "never beyond the cap");
    ok(ol_retry_delay(&b, 2147483647, 0, -1, 0.5) == 10, "whatever the number");
    d = ol_retry_delay(&b, 3, 1, 7, 0.5);
    ok(d == 7.5, "the server's word first, jitter after it");
    ok(ol_retry_delay(&b, 1, 1, 0, 0) == 0, "also when it says now");
    d = ol_retry_delay(&b, 1, 0, 300, 0.999);
    ok(d >= 300 && d < 300.25, "its word is not capped here: the deadline decides");

    ol_quota_init(&q, 12);
    ok(ol_quota_take(&q, OL_QUOTA_RETRY) && q.left == 7, "a retry costs 5");
    ok(!ol_quota_take(&q, OL_QUOTA_TIMEOUT) && q.left == 7, "too little: nothing is taken");
    ok(ol_quota_take(&q, 7) && q.left == 0 && !ol_quota_take(&q, 1), "down to nothing, not below");
    ol_quota_refund(&q, 5);
    ok(q.left == 5, "a success gives back");
    ol_quota_refund(&q, 100);
    ok(q.left == 12, "never above the capacity");
    return tap_done();
}
