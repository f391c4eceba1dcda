/* One call with its token in hand: attempts, delays, quota, pace, patience, deadlines, and being
 * told too late. */
#include <math.h>

#include "machine.h"

static ol_client *c;

static ol_call *out(enum ol_trait trait, ol_limits l)
{
    ol_call *call = call_with(c, OL_AUTH_BEARER, trait, OL_LANE_V2, l);
    if (!wants_own(call)) {
        ok(0, "a call of a warm client is sent");
    }
    return call;
}

static void renew(void)
{
    ol_client_unref(c);
    c = warm();
}

static void limits(void)
{
    ol_limits l = usual();
    ol_call *a = out(OL_SAFE, l);
    ok(info.send.timeout == 30 && info.send.connect_timeout == 5 && !info.send.once &&
           info.until == now.mono + 30,
       "a read: 30 s an attempt, may leave twice");
    ol_call_free(a);
    l.timeout = 120, l.deadline = 130;
    a = out(OL_UNSENT, l);
    ok(info.send.timeout == 120 && info.send.once, "a write: 120 s, must not leave twice");
    ol_call_free(a);
    a = out(OL_NEVER, l);
    ok(info.send.once, "nor may what is never repeated");
    ol_call_free(a);
    l.deadline = 7;
    a = out(OL_SAFE, l);
    ok(info.send.timeout == 7, "no attempt outlasts the deadline");
    ol_call_free(a);
    l.deadline = 0;
    a = call_with(c, OL_AUTH_BEARER, OL_SAFE, OL_LANE_V2, l);
    ok(done(a, OL_RESULT_DEADLINE) && ol_call_outcome(a).sends == 0,
       "no time at all: nothing is sent");
    ol_call_free(a);
}

/* Meets `status` (or a failure when 0) until it gives up; the number of sends. */
static int attempts(enum ol_trait trait, int status, enum ol_failure failure, int sent,
                    int *in_bounds)
{
    ol_call *a = out(trait, usual());
    int n = 1;
    double ceiling = status == 429 ? 1 : 0.25;
    *in_bounds = 1;
    for (;;) {
        double s;
        if (status != 0) {
            answer(a, status);
        } else {
            ol_call_failed(a, now, failure, sent);
        }
        if ((s = sleeps(a)) < 0) {
            break;
        }
        *in_bounds = *in_bounds && s <= ceiling;
        ceiling *= 2;
        if (!wants_own(a)) {
            break;
        }
        n++;
    }
    if (!done(a, status != 0 ? OL_RESULT_ANSWER : OL_RESULT_FAILURE) ||
        ol_call_outcome(a).sends != n) {
        n = -n;
    }
    ol_call_free(a);
    return n;
}

static void repetition(void)
{
    static const struct {
        const char *what;
        int status;
        enum ol_failure failure;
        int sent;
        int sends[3]; /* safe, unsent, never */
        double cost;  /* quota of the safe one */
    } table[] = {
        {"200", 200, OL_FAIL_NETWORK, 0, {1, 1, 1}, 0},
        {"404", 404, OL_FAIL_NETWORK, 0, {1, 1, 1}, 0},
        {"422", 422, OL_FAIL_NETWORK, 0, {1, 1, 1}, 0},
        {"408", 408, OL_FAIL_NETWORK, 0, {4, 1, 1}, 15},
        {"429", 429, OL_FAIL_NETWORK, 0, {4, 4, 1}, 15},
        {"500", 500, OL_FAIL_NETWORK, 0, {4, 1, 1}, 15},
        {"502", 502, OL_FAIL_NETWORK, 0, {4, 1, 1}, 15},
        {"503", 503, OL_FAIL_NETWORK, 0, {4, 1, 1}, 15},
        {"504", 504, OL_FAIL_NETWORK, 0, {4, 1, 1}, 15},
        {"connection lost, sent", 0, OL_FAIL_NETWORK, 1, {4, 1, 1}, 15},
        {"connection refused, unsent", 0, OL_FAIL_NETWORK, 0, {4, 4, 4}, 15},
        {"timeout, sent", 0, OL_FAIL_TIMEOUT, 1, {4, 1, 1}, 30},
        {"timeout, unsent", 0, OL_FAIL_TIMEOUT, 0, {4, 4, 4}, 30},
        {"stopped re-send", 0, OL_FAIL_RESENT, 1, {4, 1, 1}, 15},
        {"permanent, unsent", 0, OL_FAIL_PERMANENT, 0, {1, 1, 1}, 0},
        {"permanent, sent", 0, OL_FAIL_PERMANENT, 1, {1, 1, 1}, 0},
    };
    size_t i;
    int t, in_bounds;
    for (i = 0; i < sizeof table / sizeof *table; i++) {
        for (t = 0; t < 3; t++) {
            int n;
            double left = (renew(), ol_client_quota(c));
            n = attempts((enum ol_trait)t, table[i].status, table[i].failure, table[i].sent,
                         &in_bounds);
            ok(n == table[i].sends[t], "%s, %s: sent %d times", table[i].what,
               t == 0   ? "safe"
               : t == 1 ? "unsent"
                        : "never",
               n);
            ok(in_bounds, "and the pauses keep their bounds");
            if (t == 0) {
                ok(left - ol_client_quota(c) == table[i].cost, "at a cost of %g",
                   left - ol_client_quota(c));
            }
        }
    }
    renew();
}

static void results(void)
{
    ol_call *a = out(OL_SAFE, usual());
    ol_call_failed(a, now, OL_FAIL_CANCELLED, 1);
    ok(done(a, OL_RESULT_CANCELLED), "a transfer cancelled from outside is not repeated");
    ol_call_free(a);

    a = out(OL_SAFE, usual());
    answer(a, 503);
    sleeps(a), want(a);
    ol_call_failed(a, now, OL_FAIL_PERMANENT, 0);
    ok(done(a, OL_RESULT_FAILURE), "the last word counts: a failure after an answer");
    ol_call_free(a);

    a = out(OL_SAFE, usual());
    ol_call_failed(a, now, OL_FAIL_NETWORK, 1);
    sleeps(a), want(a);
    answer(a, 404);
    ok(done(a, OL_RESULT_ANSWER), "an answer after a failure");
    ol_call_free(a);

    a = out(OL_SAFE, usual());
    limited(a, 3);
    sleeps(a), want(a);
    answer(a, 404);
    ok(done(a, OL_RESULT_ANSWER) && ol_call_outcome(a).retry_after < 0,
       "an old Retry-After is not the 404's");
    ol_call_free(a);

    a = out(OL_UNSENT, usual());
    limited(a, 3);
    sleeps(a), want(a);
    ol_call_failed(a, now, OL_FAIL_NETWORK, 1);
    ok(done(a, OL_RESULT_FAILURE) && ol_call_outcome(a).retry_after < 0, "nor a lost connection's");
    ol_call_free(a);

    a = out(OL_UNSENT, usual());
    {
        ol_facts f = facts(503, OL_KIND_SERVER);
        f.retry_after = 40;
        ol_call_answered(a, now, &f);
    }
    ok(done(a, OL_RESULT_ANSWER) && ol_call_outcome(a).retry_after == 40,
       "that of an answer not repeated is told");
    ol_call_free(a);
}

static void quota(void)
{
    ol_client *tight = client_with(12, 0, 0);
    ol_call *a = call_with(tight, OL_AUTH_NONE, OL_SAFE, OL_LANE_V2, usual());
    want(a);
    answer(a, 503);
    ok(ol_client_quota(tight) == 7, "a retry costs 5");
    sleeps(a), want(a);
    answer(a, 200);
    ok(ol_client_quota(tight) == 12, "the success it led to gives them back");
    ol_call_free(a);

    a = call_with(tight, OL_AUTH_NONE, OL_SAFE, OL_LANE_V2, usual());
    want(a);
    ol_call_failed(a, now, OL_FAIL_TIMEOUT, 1);
    ok(ol_client_quota(tight) == 2, "10 after a timeout");
    sleeps(a), want(a);
    answer(a, 503);
    ok(done(a, OL_RESULT_ANSWER) && ol_call_outcome(a).quota_spent && ol_call_outcome(a).sends == 2,
       "too little left: no further retry, and that is told");
    ol_call_free(a);
    a = call_with(tight, OL_AUTH_NONE, OL_SAFE, OL_LANE_V2, usual());
    want(a);
    answer(a, 200);
    ok(ol_client_quota(tight) == 3, "a plain success gives back 1");
    ol_call_free(a);
    ol_client_unref(tight);

    renew();
    {
        ol_limits l = usual();
        l.deadline = 10;
        a = out(OL_SAFE, l);
        limited(a, 20);
        ok(done(a, OL_RESULT_ANSWER) && ol_client_quota(c) == 500,
           "a retry there is no time for costs nothing");
        ol_call_free(a);
    }
    renew();
}

static void servers_word(void)
{
    ol_call *a = out(OL_SAFE, usual()), *b;
    double s;
    limited(a, 7);
    s = sleeps(a);
    ok(s >= 7 && s < 8 && wants_own(a), "Retry-After first, jitter after it");
    ol_call_free(a);

    renew();
    a = out(OL_SAFE, usual());
    {
        ol_facts f = facts(503, OL_KIND_SERVER);
        f.retry_after = 7;
        ol_call_answered(a, now, &f);
    }
    b = get(c);
    ok(wants_own(b), "a 503's word is for its call alone");
    s = sleeps(a);
    ok(s >= 7 && s < 8 && wants_own(a), "but there it counts as well");
    ol_call_free(a), ol_call_free(b);

    a = out(OL_SAFE, usual());
    limited(a, 61);
    ok(done(a, OL_RESULT_ANSWER) && ol_call_outcome(a).retry_after == 61,
       "longer than the deadline: rate limited, now");
    ol_call_free(a);
    renew();
}

static void pace(void)
{
    ol_call *a = out(OL_SAFE, usual()), *b, *v1;
    ol_limits l = usual();
    limited(a, 20);
    b = get(c);
    v1 = call_with(c, OL_AUTH_BEARER, OL_SAFE, OL_LANE_V1, usual());
    ok(fabs(sleeps(b) - 20) < 1e-6 && wants_own(b), "a rate limit holds every call of the lane");
    now.mono -= 20, now.wall -= 20;
    ok(wants_own(v1), "not the other lane's");
    ol_call_free(a), ol_call_free(b), ol_call_free(v1);

    l.deadline = 20;
    a = call_with(c, OL_AUTH_BEARER, OL_SAFE, OL_LANE_V2, l);
    ok(done(a, OL_RESULT_HELD) && ol_call_outcome(a).sends == 0 &&
           ol_call_outcome(a).retry_after == 20,
       "a hold as long as the deadline: not sent, and told how long");
    ol_call_free(a);
    a = call_with(c, OL_AUTH_CLIENT, OL_UNSENT, OL_LANE_V2, l);
    ok(wants_own(a), "the token routes are not counted, so not held");
    ol_call_free(a);
    renew();

    v1 = call_with(c, OL_AUTH_BEARER, OL_SAFE, OL_LANE_V1, usual());
    want(v1);
    {
        ol_facts f = facts(200, OL_KIND_NONE);
        f.limit = 5000, f.remaining = 0, f.reset = 30;
        ol_call_answered(v1, now, &f);
    }
    ok(done(v1, OL_RESULT_ANSWER), "the answer that spends the last call is a success");
    ol_call_free(v1);
    v1 = call_with(c, OL_AUTH_BEARER, OL_SAFE, OL_LANE_V1, usual());
    ok(fabs(sleeps(v1) - 30) < 1e-6 && wants_own(v1), "the next one waits for the reset");
    ol_call_free(v1);

    /* The hold arrives while a call waits for its retry: it is looked at again before the send. */
    a = out(OL_SAFE, usual()), b = out(OL_SAFE, usual());
    answer(a, 503);
    limited(b, 10);
    sleeps(a);
    ok(sleeps(a) > 9 && wants_own(a), "a hold met meanwhile comes before the retry");
    ol_call_free(a), ol_call_free(b);
    renew();
    a = out(OL_SAFE, usual()), b = out(OL_SAFE, usual());
    answer(a, 503);
    limited(b, 100);
    sleeps(a);
    ok(done(a, OL_RESULT_ANSWER) && ol_call_outcome(a).retry_after > 90,
       "too long a one: the answer there is");
    ol_call_free(a), ol_call_free(b);
    renew();
}

static void patience(void)
{
    ol_limits l = usual();
    ol_call *a, *b;
    int n;
    l.patient = 1;
    a = out(OL_SAFE, l);
    limited(a, 1800);
    b = call_with(c, OL_AUTH_BEARER, OL_SAFE, OL_LANE_V2, l);
    ok(fabs(sleeps(b) - 1800) < 1e-6 && wants_own(b) && info.send.timeout == 30,
       "a patient call waits out a hold");
    ok(sleeps(a) >= 0 && wants_own(a), "and its own rate limit");
    answer(a, 200);
    ok(done(a, OL_RESULT_ANSWER) && ol_client_quota(c) == 500, "at no cost");
    pass(29);
    ok(want(b) == OL_WAIT, "with its deadline moved by as much");
    pass(31);
    ok(done(b, OL_RESULT_DEADLINE), "and no more");
    ol_call_free(a), ol_call_free(b);

    renew();
    a = out(OL_SAFE, l);
    for (n = 0; n < 6; n++) {
        limited(a, 2);
        ok(sleeps(a) >= 2 && wants_own(a), "a patient wait is no attempt");
    }
    for (n = 0; n < 3; n++) {
        answer(a, 503);
        ok(sleeps(a) >= 0 && wants_own(a), "so retries are left after it");
    }
    answer(a, 503);
    ok(done(a, OL_RESULT_ANSWER) && ol_call_outcome(a).sends == 10, "as many as ever");
    ol_call_free(a);

    renew();
    a = out(OL_SAFE, l);
    for (n = 1; n < 1000; n++) {
        limited(a, 0);
        if (sleeps(a) < 0 || !wants_own(a)) {
            break;
        }
    }
    ok(n <= 14 && done(a, OL_RESULT_ANSWER),
       "patience ends: a server that always says 429 is asked %d times", n);
    ol_call_free(a);

    renew();
    a = out(OL_SAFE, l);
    limited(a, 86400);
    ok(done(a, OL_RESULT_ANSWER) && ol_call_outcome(a).retry_after == 86400,
       "nor does it last for a day");
    ol_call_free(a);

    renew();
    a = out(OL_NEVER, l);
    limited(a, 2);
    ok(done(a, OL_RESULT_ANSWER), "and `never` stays never");
    ol_call_free(a);
    renew();
}

static void deadlines(void)
{
    ol_call *a = out(OL_SAFE, usual());
    ol_limits l = usual();
    pass(29.9);
    ok(want(a) == OL_WAIT, "an attempt under way is waited for");
    pass(0.1);
    ok(sleeps(a) >= 0 && wants_own(a) && ol_client_quota(c) == 490,
       "a transport that forgets the timeout is not");
    ok(info.send.timeout <= 30, "the rest of the deadline is left for the next");
    now.mono += 30;
    ok(done(a, OL_RESULT_DEADLINE), "sent, at the deadline: time is up");
    answer(a, 200);
    ok(done(a, OL_RESULT_DEADLINE), "an answer after that is too late");
    ol_call_failed(a, now, OL_FAIL_NETWORK, 1);
    ol_call_stored(a, now, "x", 1, 1);
    ol_call_take(a);
    ol_call_cancel(a);
    ok(done(a, OL_RESULT_DEADLINE) && ol_call_outcome(a).sends == 2,
       "done is done, whatever it is told");
    ol_call_free(a);

    renew();
    a = out(OL_SAFE, usual());
    pass(100);
    answer(a, 200);
    ok(done(a, OL_RESULT_ANSWER), "an answer that is there is taken, late as it is");
    ol_call_free(a);
    a = out(OL_SAFE, usual());
    pass(100);
    answer(a, 503);
    ok(done(a, OL_RESULT_ANSWER) && ol_client_quota(c) == 500, "but nothing is repeated then");
    ol_call_free(a);

    a = out(OL_SAFE, usual());
    answer(a, 503);
    pass(100);
    ok(done(a, OL_RESULT_ANSWER), "waiting, past the deadline: the last answer");
    ol_call_free(a);
    a = out(OL_SAFE, usual());
    ol_call_failed(a, now, OL_FAIL_NETWORK, 1);
    pass(100);
    ok(done(a, OL_RESULT_FAILURE), "or the last failure");
    ol_call_free(a);

    l.deadline = 1;
    ol_client_forget(c);
    a = call_with(c, OL_AUTH_BEARER, OL_SAFE, OL_LANE_V2, usual());
    want(a);
    {
        ol_call *b = call_with(c, OL_AUTH_BEARER, OL_SAFE, OL_LANE_V2, l);
        ok(want(b) == OL_JOIN && info.until == now.mono + 1, "a joiner waits to its own deadline");
        pass(1);
        ok(done(b, OL_RESULT_DEADLINE) && ol_client_in_flight(c), "and leaves the flight alone");
        ol_call_free(b);
    }
    pass(59);
    ok(done(a, OL_RESULT_DEADLINE), "fetching, past the deadline");
    ol_call_free(a);
    renew();
}

static void cancelling(void)
{
    ol_call *a = get(c);
    ol_call_cancel(a);
    ok(done(a, OL_RESULT_CANCELLED) && ol_call_outcome(a).sends == 0, "cancelled before it began");
    ol_call_free(a);
    a = out(OL_SAFE, usual());
    ol_call_cancel(a);
    answer(a, 200);
    ok(done(a, OL_RESULT_CANCELLED) && ol_call_sends(a) == 1, "while sent; the answer is ignored");
    ol_call_free(a);
    a = out(OL_SAFE, usual());
    answer(a, 503);
    ol_call_cancel(a);
    pass(10);
    ok(done(a, OL_RESULT_CANCELLED), "while waiting");
    ol_call_free(a);
    a = out(OL_SAFE, usual());
    answer(a, 200);
    ol_call_cancel(a);
    ok(done(a, OL_RESULT_ANSWER), "not after the end");
    ol_call_free(a);
    ol_call_free(NULL);
    ol_client_unref(NULL);
    a = get(c);
    ol_client_ref(c);
    ol_client_unref(c);
    ol_client_unref(c);
    ok(wants_own(a), "a call keeps its client alive");
    ol_call_free(a);
    c = warm();
}

static void early_and_often(void)
{
    ol_call *a = out(OL_SAFE, usual());
    double until;
    int i, good = 1;
    limited(a, 5);
    want(a);
    until = info.until;
    for (i = 0; i < 100; i++) {
        pass(0.01);
        good = good && want(a) == OL_WAIT && info.until == until;
    }
    ok(good, "asking early is harmless");
    limited(a, 50);
    ok(want(a) == OL_WAIT && info.until == until, "an answer while it waits is ignored");
    now.mono = until;
    ok(wants_own(a), "and it goes on at its time");
    ol_call_free(a);
}

static void jitter(void)
{
    /* Two clients with different seeds do not knock in step; a fork gets other numbers. */
    ol_client_config config = {1, 500, 0, 0};
    double pause[3];
    int i;
    for (i = 0; i < 3; i++) {
        ol_client *one;
        ol_call *a;
        config.seed = i == 1 ? 2 : 1;
        if ((one = ol_client_new(&config)) == NULL) {
            abort();
        }
        if (i == 2) {
            ol_client_forked(one, 99);
        }
        a = call_with(one, OL_AUTH_NONE, OL_SAFE, OL_LANE_V2, usual());
        want(a);
        answer(a, 503);
        pause[i] = sleeps(a);
        ol_call_free(a);
        ol_client_unref(one);
    }
    ok(pause[0] != pause[1] && pause[0] != pause[2] && pause[1] != pause[2],
       "jitter follows the seed");
}

int main(void)
{
    c = warm();
    limits();
    repetition();
    results();
    quota();
    servers_word();
    pace();
    patience();
    deadlines();
    cancelling();
    early_and_often();
    jitter();
    ol_client_unref(c);
    return tap_done();
}
