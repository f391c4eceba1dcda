/* The token flight: who fetches, who waits, who takes over, and what a 401 does. */
#include "machine.h"

#define N 35

static void cold_start(void)
{
    ol_client *c = client();
    ol_call *call = get(c);
    ok(!ol_client_in_flight(c), "no flight before anyone asks");
    ok(wants_token(call) && !info.send.once && !info.send.fresh_secret && info.send.timeout == 30 &&
           info.send.connect_timeout == 5,
       "a cold start asks for a token first");
    ok(ol_client_in_flight(c), "the flight is the client's");
    ok(want(call) == OL_WAIT && info.until == now.mono + 30, "asked again it waits for the answer");
    answer(call, 200);
    ok(want(call) == OL_WAIT, "an answer to a request it has not sent is ignored");
    token(call, "T1");
    ok(!ol_client_in_flight(c) && holds_token(c, "T1"), "the token lands with the client");
    ok(wants_own(call) && !info.send.once, "then it sends its own request");
    token(call, "T9");
    ok(holds_token(c, "T1") && want(call) == OL_WAIT, "a token nobody asked for is ignored");
    answer(call, 200);
    ok(done(call, OL_RESULT_ANSWER), "and is done with the answer");
    ok(ol_call_outcome(call).sends == 1 && ol_call_outcome(call).token_sends == 1,
       "one request of each");
    ol_call_free(call);
    ol_client_unref(c);
}

static void other_credentials(void)
{
    ol_client *c = client();
    ol_call *pair = call_with(c, OL_AUTH_CLIENT, OL_UNSENT, OL_LANE_V2, usual());
    ol_call *none = call_with(c, OL_AUTH_NONE, OL_SAFE, OL_LANE_V1, usual());
    ok(wants_own(pair) && info.send.once && wants_own(none),
       "calls without a bearer fetch no token");
    answer(pair, 401);
    ok(done(pair, OL_RESULT_ANSWER), "and their 401 is not the token's");
    ol_call_free(pair);
    ol_call_free(none);
    ol_client_unref(c);
}

static void cold_crowd(void)
{
    ol_client *c = client();
    ol_call *call[N];
    int i, sends = 0, joined = 0, own = 0;
    for (i = 0; i < N; i++) {
        call[i] = get(c);
    }
    for (i = 0; i < N; i++) {
        enum ol_want w = want(call[i]);
        sends += w == OL_SEND;
        joined += w == OL_JOIN && info.until == now.mono + 60;
    }
    ok(sends == 1 && joined == N - 1, "%d concurrent cold starts: 1 token request", N);
    for (i = 1; i < N; i++) {
        joined -= want(call[i]) == OL_JOIN;
    }
    ok(joined == 0, "asking again changes nothing");
    token(call[0], "T1");
    for (i = N - 1; i >= 0; i--) {
        own += wants_own(call[i]);
    }
    ok(own == N, "landed: all go on at once, in any order");
    for (i = 0; i < N; i++) {
        answer(call[i], 200);
        own -= done(call[i], OL_RESULT_ANSWER) && ol_call_outcome(call[i]).token_sends == (i == 0);
        ol_call_free(call[i]);
    }
    ok(own == 0, "and one token request was made in all");
    ol_client_unref(c);
}

static void shared_failure(void)
{
    ol_client *c = client();
    ol_call *call[N], *late;
    int i, joined = 0;
    for (i = 0; i < N; i++) {
        call[i] = get(c);
        want(call[i]);
    }
    token_refused(call[0], 401);
    ok(done(call[0], OL_RESULT_TOKEN), "a refused token call is the owner's result");
    for (i = 1; i < N; i++) {
        joined += done(call[i], OL_RESULT_JOINED) && ol_call_outcome(call[i]).token_sends == 0;
    }
    ok(joined == N - 1 && !ol_client_in_flight(c), "and its joiners', without another request");
    late = get(c);
    ok(wants_token(late), "a later call tries anew");
    token(late, "T1");
    ok(wants_own(late), "and may succeed");
    for (i = 0; i < N; i++) {
        ol_call_free(call[i]);
    }
    ol_call_free(late);
    ol_client_unref(c);
}

static void token_retries(void)
{
    ol_client *c = client();
    ol_call *a = get(c), *b = get(c);
    want(a), want(b);
    token_refused(a, 503);
    ok(sleeps(a) >= 0 && want(b) == OL_JOIN,
       "a token call that meets 503 is repeated, others wait");
    ok(wants_token(a), "after a pause");
    ol_call_failed(a, now, OL_FAIL_NETWORK, 1);
    ok(sleeps(a) >= 0 && wants_token(a),
       "also when the answer got lost: the token is the same one");
    token_refused(a, 429);
    ok(sleeps(a) >= 0 && wants_token(a), "also when the edge says 429");
    token_refused(a, 500);
    ok(done(a, OL_RESULT_TOKEN) && ol_call_outcome(a).token_sends == 4 && done(b, OL_RESULT_JOINED),
       "four attempts in all, then it is shared");
    ok(ol_client_quota(c) == 485, "three retries cost 15");
    ol_call_free(a);
    ol_call_free(b);

    a = get(c);
    want(a);
    ol_call_failed(a, now, OL_FAIL_PERMANENT, 0);
    ok(done(a, OL_RESULT_TOKEN) && ol_call_outcome(a).token_sends == 1,
       "what cannot be mended is not repeated");
    ol_call_free(a);
    ol_client_unref(c);
}

static void handed_on(void)
{
    ol_client *c = client();
    ol_call *a = get(c), *b = get(c), *d = get(c);
    want(a), want(b), want(d);
    ol_call_cancel(a);
    ok(!ol_client_in_flight(c) && done(a, OL_RESULT_CANCELLED), "a cancelled owner lets go");
    ok(wants_token(b), "the next to ask fetches, at once");
    ok(want(d) == OL_JOIN, "the others join that flight");
    token(a, "T0");
    ok(!holds_token(c, "T0"), "the cancelled one hears nothing any more");
    ol_call_free(b);
    ok(wants_token(d), "a freed owner hands on as well");
    ol_call_failed(d, now, OL_FAIL_CANCELLED, 1);
    ok(done(d, OL_RESULT_CANCELLED) && !ol_client_in_flight(c),
       "so does one whose transfer was cancelled");
    ol_call_free(a);
    ol_call_free(d);
    ol_client_unref(c);
}

static void owner_out_of_time(void)
{
    ol_client *c = client();
    ol_limits l = usual();
    ol_call *a, *b;
    l.deadline = 2;
    a = call_with(c, OL_AUTH_BEARER, OL_SAFE, OL_LANE_V2, l);
    b = get(c);
    ok(wants_token(a) && info.send.timeout == 2, "an attempt never lasts beyond the deadline");
    ok(want(b) == OL_JOIN && info.until == now.mono + 2,
       "a joiner asks again when the owner's time is up");
    pass(2);
    ok(wants_token(b), "and takes over, though nobody asked the owner");
    ok(done(a, OL_RESULT_DEADLINE), "the owner is over");
    token(a, "T0");
    ok(!holds_token(c, "T0"), "and deaf");
    token(b, "T1");
    ok(wants_own(b), "the joiner goes on");
    ol_call_free(a);
    ol_call_free(b);

    c = (ol_client_unref(c), client());
    a = call_with(c, OL_AUTH_BEARER, OL_SAFE, OL_LANE_V2, l);
    b = get(c);
    want(a), want(b);
    pass(2);
    ok(done(a, OL_RESULT_DEADLINE) && wants_token(b), "likewise when the owner is asked first");
    ol_call_free(a);
    ol_call_free(b);
    ol_client_unref(c);
}

static void take_over(void)
{
    ol_client *c = client();
    ol_call *a = get(c), *b = get(c), *d = get(c);
    want(a), want(b), want(d);
    ol_call_take(a);
    ok(want(a) == OL_WAIT, "an owner takes nothing");
    ol_call_take(b);
    ok(wants_token(b) && want(d) == OL_JOIN, "a joiner that cannot wait takes the flight over");
    ok(want(a) == OL_JOIN, "the former owner joins when it is asked");
    token(b, "T1");
    ok(wants_own(a) && wants_own(b) && wants_own(d), "and all go on");
    ol_call_take(d);
    ok(want(d) == OL_WAIT, "there is nothing to take without a flight");
    ol_call_free(a), ol_call_free(b), ol_call_free(d);
    ol_client_unref(c);

    c = client();
    a = get(c), b = get(c), d = get(c);
    want(a), want(b), want(d);
    ol_call_take(b);
    want(b), want(d);
    token(a, "T1");
    ok(holds_token(c, "T1") && wants_own(a),
       "an answer to the former owner is a good token all the same");
    ok(wants_own(d), "which joiners need not go on waiting for");
    token(b, "T1");
    ok(wants_own(b) && !ol_client_in_flight(c), "the taker ends its flight");
    ol_call_free(a), ol_call_free(b), ol_call_free(d);
    ol_client_unref(c);

    c = client();
    a = get(c), b = get(c);
    want(a), want(b);
    ol_call_take(b);
    want(b);
    token_refused(a, 401);
    ok(want(a) == OL_JOIN && ol_client_in_flight(c), "a former owner's failure decides nothing");
    ol_call_failed(a, now, OL_FAIL_NETWORK, 1);
    ok(want(a) == OL_JOIN, "whatever it is");
    ol_call_cancel(a);
    ok(ol_client_in_flight(c), "nor does its end");
    ol_call_free(a), ol_call_free(b);
    ol_client_unref(c);

    c = client();
    a = get(c), b = get(c);
    want(a), want(b);
    ol_call_take(b);
    ol_call_failed(a, now, OL_FAIL_PERMANENT, 1);
    ok(wants_token(b) && want(a) == OL_JOIN, "not even a lasting failure, told before anyone asks");
    ol_call_free(a), ol_call_free(b);
    ol_client_unref(c);
}

static void unauthorised(void)
{
    ol_client *c = warm();
    ol_call *a = get(c), *b = get(c);
    unsigned long g;
    ok(wants_own(a) && wants_own(b), "two calls with T1");
    answer(a, 401);
    ok(wants_token(a), "a 401 fetches a token");
    token(a, "T2");
    ok(wants_own(a), "and replays with another one");
    g = ol_client_token(c)->generation;
    answer(b, 401);
    ok(ol_client_token(c)->generation == g && !ol_client_token(c)->dropped,
       "a late 401 of T1 does not drop T2");
    ok(wants_own(b), "it replays with it, without fetching");
    answer(a, 401);
    ok(done(a, OL_RESULT_ANSWER) && !ol_call_outcome(a).unchanged_token &&
           ol_call_outcome(a).sends == 2,
       "a second 401 is final");
    ok(ol_client_token(c)->dropped, "though it drops the token it was sent with");
    answer(b, 200);
    ok(done(b, OL_RESULT_ANSWER) && ol_call_outcome(b).sends == 2 &&
           ol_call_outcome(b).token_sends == 0,
       "the other one is served");
    ok(ol_client_quota(c) == 500, "a replay costs no quota");
    ol_call_free(a), ol_call_free(b);
    ol_client_unref(c);

    c = warm();
    a = get(c), b = get(c);
    want(a), want(b);
    answer(a, 401), answer(b, 401);
    ok(wants_token(a) && want(b) == OL_JOIN, "two 401 at once: one fetch");
    token(a, "T1");
    ok(done(a, OL_RESULT_ANSWER) && ol_call_outcome(a).unchanged_token &&
           ol_call_outcome(a).sends == 1,
       "the same token again: the 401 is returned, and says so");
    ok(done(b, OL_RESULT_ANSWER) && ol_call_outcome(b).unchanged_token &&
           ol_call_outcome(b).sends == 1,
       "to the joiner as well");
    ol_call_free(a), ol_call_free(b);
    a = get(c);
    ok(wants_own(a), "the re-issued token is used again");
    ol_call_free(a);
    ol_client_unref(c);

    c = warm();
    a = post(c, OL_UNSENT), b = post(c, OL_NEVER);
    want(a), want(b);
    answer(a, 401);
    ok(wants_token(a), "an `unsent` call was refused, so it may be replayed");
    token(a, "T2");
    ok(wants_own(a) && info.send.once, "once");
    answer(b, 401);
    ok(done(b, OL_RESULT_ANSWER) && ol_call_outcome(b).sends == 1,
       "a `never` call is not, even with a new token there");
    ol_call_free(b);
    b = post(c, OL_NEVER);
    want(b);
    answer(b, 401);
    ok(done(b, OL_RESULT_ANSWER) && ol_client_token(c)->dropped,
       "but its 401 makes the next call fetch");
    ol_call_free(a), ol_call_free(b);
    ol_client_unref(c);

    c = warm();
    a = get(c);
    want(a);
    {
        ol_facts f = facts(401, OL_KIND_PERMISSION);
        ol_call_answered(a, now, &f);
    }
    ok(done(a, OL_RESULT_ANSWER) && !ol_client_token(c)->dropped,
       "a 401 for want of scope is not the token's");
    ol_call_free(a);
    ol_client_unref(c);

    c = warm();
    a = get(c);
    want(a);
    answer(a, 503);
    sleeps(a), want(a);
    answer(a, 401);
    want(a);
    token(a, "T2");
    ok(wants_own(a), "a 401 in the middle of retries");
    answer(a, 503);
    sleeps(a), want(a);
    answer(a, 503);
    sleeps(a), want(a);
    answer(a, 503);
    ok(done(a, OL_RESULT_ANSWER) && ol_call_outcome(a).sends == 5,
       "is no retry: four attempts and one replay");
    ol_call_free(a);
    ol_client_unref(c);

    c = warm();
    a = get(c);
    want(a);
    ol_call_failed(a, now, OL_FAIL_NETWORK, 1);
    sleeps(a), want(a);
    answer(a, 401);
    want(a);
    token(a, "T1");
    ok(done(a, OL_RESULT_ANSWER), "the 401 that stands is the result, not the failure before it");
    ol_call_free(a);
    ol_client_unref(c);

    c = warm();
    a = get(c);
    want(a);
    answer(a, 401);
    want(a);
    token_refused(a, 401);
    ok(done(a, OL_RESULT_TOKEN) && ol_call_outcome(a).sends == 1,
       "no token to be had after a 401: the token's failure");
    ol_call_free(a);
    ol_client_unref(c);
}

static void expiry(void)
{
    ol_client *c = warm();
    ol_call *a;
    int fetches = 0, i;
    pass(35999);
    a = get(c);
    ok(wants_own(a), "a token is used to its last second");
    ol_call_free(a);
    pass(1);
    a = get(c);
    ok(wants_token(a), "and fetched anew when it has expired");
    {
        /* The server gives the same one, long since expired by our clock, though not by its own. */
        ol_facts f = facts(200, OL_KIND_NONE);
        ol_token_facts t = {"T1", 2, -1, 36000};
        t.created_at = now.wall - 40000;
        ol_call_token_answered(a, now, &f, &t);
    }
    ok(wants_own(a), "re-issued it is used");
    ol_call_free(a);
    for (i = 0; i < 99; i++) {
        pass(0.1);
        a = get(c);
        fetches += wants_token(a);
        ol_call_free(a);
    }
    ok(fetches == 0, "and not asked for again within 10 s");
    pass(0.2);
    a = get(c);
    ok(wants_token(a), "but after");
    ol_call_free(a);
    ol_client_unref(c);

    c = client();
    a = get(c);
    want(a);
    {
        ol_facts f = facts(200, OL_KIND_NONE);
        ol_token_facts t = {"T1", 2, -1, 36000};
        f.date = now.wall + 7200; /* the server's clock is two hours ahead of ours */
        t.created_at = f.date - 2100;
        ol_call_token_answered(a, now, &f, &t);
    }
    ok(ol_client_token(c)->expires == now.wall - 2100 + 36000,
       "expiry is corrected by the server's Date");
    ol_call_free(a);
    ol_client_unref(c);
}

static void secret(void)
{
    ol_client *c = client_with(500, 0, 1);
    ol_call *a = get(c);
    ok(wants_token(a) && !info.send.fresh_secret, "the secret that is known first");
    token_refused(a, 401);
    ok(wants_token(a) && info.send.fresh_secret, "refused: it is read again, at once");
    token_refused(a, 503);
    ok(sleeps(a) >= 0 && wants_token(a) && !info.send.fresh_secret,
       "once: a retry uses what was read");
    token_refused(a, 401);
    ok(done(a, OL_RESULT_TOKEN) && ol_call_outcome(a).token_sends == 3,
       "a second refusal is final");
    ol_call_free(a);
    a = get(c);
    want(a);
    token_refused(a, 401);
    want(a);
    token(a, "T1");
    ok(wants_own(a), "the new secret may be right");
    ol_call_free(a);
    ol_client_forget(c);
    a = get(c);
    want(a);
    token_refused(a, 401);
    while (wants_token(a)) {
        token_refused(a, 503);
        sleeps(a);
    }
    ok(done(a, OL_RESULT_TOKEN) && ol_call_outcome(a).token_sends == 5,
       "reading it again is not one of the attempts");
    ol_call_free(a);
    ol_client_unref(c);
}

static void forgotten(void)
{
    ol_client *c = warm();
    ol_call *a = get(c), *b = get(c);
    want(a);
    ol_client_forget(c);
    ok(wants_token(b), "a forgotten token is fetched");
    token(b, "T2");
    answer(a, 401);
    ok(!ol_client_token(c)->dropped, "a 401 from before does not drop what came after");
    ol_call_free(a), ol_call_free(b);
    ol_client_unref(c);

    c = client();
    a = get(c);
    want(a);
    ol_client_forked(c, 7);
    b = get(c);
    ok(!ol_client_in_flight(c) && wants_token(b),
       "a child process does not wait for its parent's flight");
    ol_call_free(a), ol_call_free(b);
    ol_client_unref(c);
}

static void held_owner(void)
{
    /* A lane on hold must not hold up the token of the other lane. */
    ol_client *c = client();
    ol_call *v1 = call_with(c, OL_AUTH_BEARER, OL_SAFE, OL_LANE_V1, usual()), *v2 = get(c);
    ol_call *free_call = call_with(c, OL_AUTH_NONE, OL_SAFE, OL_LANE_V1, usual());
    want(free_call), want(v1), want(v2);
    token_refused(v1, 503);
    limited(free_call, 50);
    ok(sleeps(v1) < 1 && wants_token(v1), "an owner goes on fetching though its lane is held");
    token(v1, "T1");
    ok(wants_own(v2), "the other lane's call gets its token");
    ok(want(v1) == OL_WAIT && info.until > now.mono + 40, "then it minds the hold");
    ol_call_free(v1), ol_call_free(v2), ol_call_free(free_call);
    ol_client_unref(c);
}

static void no_memory(void)
{
    ol_client *c = client();
    ol_call *a = get(c), *b = get(c);
    ol_facts f = facts(200, OL_KIND_NONE);
    ol_token_facts t = {"T1", (unsigned long)1 << 62, -1, -1};
    want(a), want(b);
    ol_call_token_answered(a, now, &f, &t);
    ok(done(a, OL_RESULT_MEMORY) && wants_token(b),
       "a token there is no memory for ends the call and hands on");
    ol_call_free(a), ol_call_free(b);
    ol_client_unref(c);
}

int main(void)
{
    cold_start();
    other_credentials();
    cold_crowd();
    shared_failure();
    token_retries();
    handed_on();
    owner_out_of_time();
    take_over();
    unauthorised();
    expiry();
    secret();
    forgotten();
    held_owner();
    no_memory();
    return tap_done();
}
