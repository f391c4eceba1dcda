/* Token and pace shared with other processes: get, lock, put; a store slow, held or gone. */
#include <math.h>

#include "machine.h"

static ol_client *sharing(void)
{
    return client_with(500, 1, 0);
}

static void told(ol_call *call, const char *value, double number)
{
    ol_call_stored(call, now, value, value != NULL ? strlen(value) : 0, number);
}

/* Through GET_PACE (free), GET_TOKEN (none) and LOCK (got), to the token request. */
static void to_token_request(ol_call *call)
{
    int right = wants_store(call, OL_STORE_GET_PACE);
    told(call, NULL, 0);
    right = right && wants_store(call, OL_STORE_GET_TOKEN);
    told(call, NULL, 0);
    right = right && wants_store(call, OL_STORE_LOCK_TOKEN);
    told(call, NULL, 1);
    ok(right && wants_token(call), "pace, token and lock are asked for before a token is fetched");
}

/* A call of a client that has a token: past GET_PACE, with its request out. */
static ol_call *sent(ol_client *c, ol_limits l)
{
    ol_call *call = call_with(c, OL_AUTH_BEARER, OL_SAFE, OL_LANE_V2, l);
    ok(wants_store(call, OL_STORE_GET_PACE), "each call looks at the shared pace");
    told(call, NULL, 0);
    ok(wants_own(call), "and is sent");
    return call;
}

static ol_client *warm_sharing(void)
{
    ol_client *c = sharing();
    ol_token_set(ol_client_token(c), "T1", 2, now.wall, 36000, now.wall, now);
    return c;
}

static void fetched_here(void)
{
    ol_client *c = sharing();
    ol_call *a = get(c), *b = get(c);
    ok(wants_store(a, OL_STORE_GET_PACE), "the pace first");
    ok(want(a) == OL_WAIT && info.until == now.mono + 60,
       "a store that takes its time is waited for");
    told(a, NULL, 0);
    ok(wants_store(a, OL_STORE_GET_TOKEN) && ol_client_in_flight(c),
       "then whether the token is there");
    ok(want(b) == OL_STORE, "another call minds its own pace");
    told(b, NULL, 0);
    ok(want(b) == OL_JOIN, "and joins");
    told(a, NULL, 0);
    ok(wants_store(a, OL_STORE_LOCK_TOKEN) && info.store_seconds == 30,
       "then the lock, for as long as an attempt");
    told(a, NULL, 1);
    ok(wants_token(a), "then it fetches");
    token(a, "T1");
    ok(wants_own(b), "the others go on at once");
    ok(wants_store(a, OL_STORE_PUT_TOKEN), "while the owner shares the token");
    told(a, NULL, 0);
    ok(wants_own(a), "and goes on itself");
    ol_call_free(a), ol_call_free(b);
    ol_client_unref(c);
}

static void fetched_elsewhere(void)
{
    ol_client *c = sharing();
    ol_call *a = get(c);
    want(a), told(a, NULL, 0);
    want(a), told(a, "TX", now.wall + 100);
    ok(wants_own(a) && holds_token(c, "TX") && ol_client_token(c)->expires == now.wall + 100 &&
           !ol_client_in_flight(c),
       "a shared token is used, without a request");
    answer(a, 401);
    ok(wants_store(a, OL_STORE_GET_TOKEN), "refused, the store is asked again");
    told(a, "TX", now.wall + 100);
    ok(wants_store(a, OL_STORE_LOCK_TOKEN), "the refused one is not taken for a new one");
    told(a, NULL, 1);
    ok(wants_token(a), "so it is fetched");
    token(a, "T2");
    want(a), told(a, NULL, 0);
    ok(wants_own(a), "and the call replayed");
    ol_call_free(a);
    ol_client_unref(c);

    c = warm_sharing();
    a = sent(c, usual());
    answer(a, 401);
    want(a);
    told(a, "T2", now.wall + 100);
    ok(wants_own(a) && holds_token(c, "T2"),
       "a 401 that another process has mended already is replayed with its token");
    ol_call_free(a);
    ol_client_unref(c);

    c = sharing();
    a = get(c);
    want(a), told(a, NULL, 0);
    want(a), told(a, "OLD", now.wall - 1);
    ok(wants_store(a, OL_STORE_LOCK_TOKEN), "an expired shared token is not used");
    ol_call_free(a);
    ol_client_unref(c);
}

static void locked_elsewhere(void)
{
    ol_client *c = sharing();
    ol_call *a = get(c), *b;
    double began = now.mono;
    int polls = 0, paced = 1;
    want(a), told(a, NULL, 0);
    want(a), told(a, NULL, 0);
    for (;;) {
        double s;
        enum ol_want w = want(a);
        if (w == OL_DONE) {
            break;
        }
        told(a, NULL, 0); /* the lock is held */
        if ((s = sleeps(a)) < 0) {
            break;
        }
        paced = paced && s > 0.01 && s < 0.5;
        polls++;
        if (want(a) == OL_STORE && info.store == OL_STORE_GET_TOKEN) {
            told(a, NULL, 0);
        }
    }
    ok(paced && polls > 100 && polls < 2000, "a lock held elsewhere is polled, with pauses (%d)",
       polls);
    ok(done(a, OL_RESULT_DEADLINE) && now.mono - began <= 60 && !ol_client_in_flight(c),
       "not beyond the deadline");
    ol_call_free(a);

    a = get(c), b = get(c);
    want(a), told(a, NULL, 0);
    want(a), told(a, NULL, 0);
    want(a), told(a, NULL, 0);
    want(b), told(b, NULL, 0);
    ok(want(b) == OL_JOIN && sleeps(a) > 0, "others of the client leave the polling to the owner");
    want(a), told(a, "TX", now.wall + 100);
    ok(wants_own(a) && wants_own(b), "what the holder of the lock has put serves all");
    ol_call_free(a), ol_call_free(b);
    ol_client_unref(c);
}

static void own_lock(void)
{
    ol_client *c = sharing();
    ol_call *a = get(c), *b = get(c);
    to_token_request(a);
    want(b), told(b, NULL, 0);
    ok(want(b) == OL_JOIN, "a joiner waits");
    ol_call_cancel(a);
    ok(wants_store(b, OL_STORE_GET_TOKEN), "handed on, it looks into the store");
    told(b, NULL, 0);
    ok(wants_token(b), "and needs no second lock: the client holds it");
    ol_call_cancel(b);
    ol_call_free(a), ol_call_free(b);
    a = get(c);
    want(a), told(a, NULL, 0), want(a), told(a, NULL, 0);
    ok(wants_token(a), "nor does a later call while it lasts");
    ol_call_cancel(a);
    ol_call_free(a);
    pass(30);
    a = get(c);
    want(a), told(a, NULL, 0), want(a), told(a, NULL, 0);
    ok(wants_store(a, OL_STORE_LOCK_TOKEN), "when it has run out it is asked for again");
    told(a, NULL, 1);
    ol_call_free(a);
    ol_client_forked(c, 7);
    a = get(c);
    want(a), told(a, NULL, 0), want(a), told(a, NULL, 0);
    ok(wants_store(a, OL_STORE_LOCK_TOKEN), "a child process does not hold its parent's lock");
    ol_call_free(a);
    ol_client_unref(c);
}

static void given_back(void)
{
    ol_client *c = sharing();
    ol_call *a = get(c), *b = get(c);
    unsigned long long mark;

    want(a), told(a, NULL, 0), want(a), told(a, NULL, 0);
    ok(wants_store(a, OL_STORE_LOCK_TOKEN) && info.store_mark != 0, "a lock has a mark");
    mark = info.store_mark;
    told(a, NULL, 1);
    ok(wants_token(a), "it is got");
    want(b), told(b, NULL, 0);
    ok(want(b) == OL_JOIN, "somebody joins");
    token_refused(a, 401);
    ok(wants_store(a, OL_STORE_UNLOCK_TOKEN) && info.store_mark == mark,
       "a failed fetch gives the lock back, by its mark");
    ok(done(b, OL_RESULT_JOINED), "for which the others do not wait");
    ok(want(a) == OL_WAIT && !ol_client_in_flight(c), "the store may take its time");
    told(a, NULL, 0);
    ok(done(a, OL_RESULT_TOKEN), "then the call ends with the refusal");
    ol_call_free(a), ol_call_free(b);

    a = get(c);
    want(a), told(a, NULL, 0), want(a), told(a, NULL, 0);
    ok(wants_store(a, OL_STORE_LOCK_TOKEN) && info.store_mark != mark, "the next flight asks for another one");
    told(a, NULL, 1);
    want(a);
    token_refused(a, 401);
    want(a);
    ol_call_cancel(a);
    ok(done(a, OL_RESULT_TOKEN), "a cancellation does not change the result");
    ol_call_free(a);

    a = get(c);
    to_token_request(a);
    token_refused(a, 401);
    want(a);
    pass(60);
    ok(done(a, OL_RESULT_TOKEN), "nor does a store that hangs");
    ol_call_free(a);

    a = get(c);
    to_token_request(a);
    pass(29);
    token_refused(a, 500);
    ok(sleeps(a) >= 0 && wants_token(a), "while it is repeated the lock stays");
    pass(2);
    token_refused(a, 401);
    ok(done(a, OL_RESULT_TOKEN), "one that has run out may be somebody else's: it is left alone");
    ol_call_free(a);
    ol_client_unref(c);
}

static void forgotten_before_put(void)
{
    ol_client *c = sharing();
    ol_call *a = get(c);
    to_token_request(a);
    token(a, "T1");
    ol_client_forget(c);
    ok(wants_store(a, OL_STORE_GET_TOKEN), "a token that was revoked meanwhile is not shared");
    ol_call_free(a);
    ol_client_unref(c);
}

static void slow_store(void)
{
    ol_client *c = sharing();
    ol_call *a = get(c), *b = get(c);
    want(a), told(a, NULL, 0), want(a);
    want(b), told(b, NULL, 0), want(b);
    ol_call_take(b);
    ok(wants_store(b, OL_STORE_GET_TOKEN),
       "a flight can be taken over while its owner asks the store");
    told(a, NULL, 0);
    ok(want(a) == OL_JOIN, "the former owner joins when the store has answered");
    pass(60);
    ok(done(b, OL_RESULT_DEADLINE) && done(a, OL_RESULT_DEADLINE),
       "a store that never answers hangs nobody");
    told(b, "TX", now.wall + 100);
    ok(done(b, OL_RESULT_DEADLINE) && ol_client_token(c)->value == NULL, "and is too late then");
    ol_call_free(a), ol_call_free(b);

    a = get(c);
    told(a, "TX", now.wall + 100);
    ok(want(a) == OL_STORE && ol_client_token(c)->value == NULL,
       "what it was not asked is ignored");
    ol_call_free(a);

    a = get(c);
    want(a), told(a, NULL, 0), want(a);
    ol_call_stored(a, now, "x", (size_t)1 << 62, now.wall);
    ok(done(a, OL_RESULT_MEMORY) && !ol_client_in_flight(c), "no memory for a shared token");
    ol_call_free(a);
    ol_client_unref(c);
}

static void pace_from_elsewhere(void)
{
    ol_client *c = warm_sharing();
    ol_call *a = get(c);
    want(a), told(a, NULL, 7);
    ok(sleeps(a) == 7 && wants_own(a), "a hold another process has met is waited out");
    ol_call_free(a);
    a = get(c);
    want(a), told(a, NULL, 1e9);
    ok(done(a, OL_RESULT_HELD) && ol_call_outcome(a).retry_after <= OL_PACE_MAX,
       "a wild one is bounded");
    ol_call_free(a);
    ol_client_unref(c);
    c = warm_sharing();
    a = get(c);
    want(a), told(a, NULL, (double)NAN);
    ok(wants_own(a), "nonsense is no hold");
    ol_call_free(a);
    ol_client_unref(c);
}

static void pace_from_here(void)
{
    ol_client *c = warm_sharing();
    ol_call *a = sent(c, usual());
    ol_limits hasty = usual();
    ol_facts f;

    limited(a, 5);
    told(a, NULL, 0);
    ok(wants_store(a, OL_STORE_PUT_PACE) && info.store_seconds == 5,
       "a hold is shared when it is met, not after it");
    ok(want(a) == OL_WAIT, "the store may take its time");
    pass(0.5);
    told(a, NULL, 0);
    ok(sleeps(a) >= 4.5 && wants_own(a), "then it is waited out");
    answer(a, 200);
    ok(done(a, OL_RESULT_ANSWER), "and that is all");
    ol_call_free(a);

    hasty.deadline = 10;
    a = sent(c, hasty);
    limited(a, 50);
    ok(wants_store(a, OL_STORE_PUT_PACE) && info.store_seconds == 50,
       "a hold too long for this call is shared as well");
    told(a, NULL, 0);
    ok(done(a, OL_RESULT_ANSWER) && ol_call_outcome(a).retry_after == 50,
       "before the call ends with the answer");
    ol_call_free(a);
    pass(60);

    a = sent(c, hasty);
    limited(a, 50);
    want(a);
    pass(10);
    ok(done(a, OL_RESULT_ANSWER), "a store that hangs then does not change the result");
    ol_call_free(a);
    pass(60);

    a = sent(c, hasty);
    limited(a, 5);
    want(a);
    pass(10);
    ok(done(a, OL_RESULT_ANSWER), "nor does it for one that would have waited");
    ol_call_free(a);
    pass(60);

    a = sent(c, hasty);
    limited(a, 50);
    want(a);
    ol_call_cancel(a);
    ok(done(a, OL_RESULT_ANSWER), "nor does a cancellation: the answer is there");
    told(a, NULL, 0);
    ok(done(a, OL_RESULT_ANSWER), "for good");
    ol_call_free(a);
    pass(60);

    a = sent(c, hasty);
    limited(a, 5);
    want(a);
    ol_call_cancel(a);
    ok(done(a, OL_RESULT_CANCELLED), "but it ends one that would have gone on");
    ol_call_free(a);
    pass(60);

    a = sent(c, usual());
    f = facts(200, OL_KIND_NONE);
    f.limit = 5000, f.remaining = 0, f.reset = 20;
    ol_call_answered(a, now, &f);
    ok(wants_store(a, OL_STORE_PUT_PACE) && info.store_seconds == 20,
       "the last call spent is shared, too");
    told(a, NULL, 0);
    ok(done(a, OL_RESULT_ANSWER), "after which the call is done");
    ol_call_free(a);
    pass(60);

    a = sent(c, usual());
    limited(a, -1);
    ok(sleeps(a) >= 0 && wants_own(a), "a 429 that says nothing is not shared");
    ol_call_free(a);
    ol_client_unref(c);
}

int main(void)
{
    fetched_here();
    fetched_elsewhere();
    locked_elsewhere();
    own_lock();
    given_back();
    forgotten_before_put();
    slow_store();
    pace_from_elsewhere();
    pace_from_here();
    return tap_done();
}
