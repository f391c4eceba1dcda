#include "call.h"

#include <stdlib.h>

#include "buf.h"

/* A patient call waits out at most this many rate limits, each at most OL_PACE_MAX long. */
#define MAX_PATIENCE 10

/* While another process holds the token lock. */
#define LOCK_POLL 0.1

enum flight_end { FLIGHT_LIVE, FLIGHT_LANDED, FLIGHT_FAILED, FLIGHT_ABANDONED };

struct ol_client {
    int refs;
    ol_token token;
    ol_quota quota;
    ol_pace pace;
    unsigned long long rng;
    int shared_store;
    int secret_rereadable;
    double locked_until;    /* mono: this process holds the store's token lock, whichever call took it */
    unsigned long long lock_mark; /* and what it wrote there */
    ol_call *owner;         /* of the live flight, or NULL */
    unsigned long flight;   /* number of the newest flight */
    enum flight_end ending; /* of that flight */
};

enum state {
    S_READY,      /* look at what is needed next */
    S_WAIT,       /* until wait_until */
    S_JOIN,       /* flight `joined` */
    S_STORE,      /* want is out, or its answer awaited */
    S_SENT,       /* own request is under way */
    S_TOKEN_SENT, /* token request is under way */
    S_DONE
};

struct ol_call {
    ol_client *client;
    enum ol_auth auth;
    enum ol_trait trait;
    enum ol_lane lane;
    ol_limits limits;
    enum state state;
    double deadline;          /* mono */
    double wait_until;        /* mono */
    double sent_until;        /* mono: end of the attempt under way */
    unsigned long joined;     /* flight number */
    unsigned long generation; /* of the token the own request was sent with */
    int unauthorised;         /* a 401 was met with `generation`; 2 = and the replay is spent */
    int sends, token_sends;
    int tries, token_tries;   /* sends that count against the attempts */
    int patience;
    double last_cost;         /* quota taken for the retry under way */
    int reread;               /* 1 = the secret function is to be asked again, 2 = it was */
    int have_failure;         /* the last own attempt failed without an answer */
    enum ol_store_op store;
    int store_told;           /* 1 = the want was handed out */
    enum state after;         /* S_STORE: where it goes on; S_DONE = the result is settled already */
    double lock_ttl;          /* when the lock that was asked for would run out (mono) */
    unsigned long long mark;  /* of the lock that is asked for or given back */
    int pace_got, token_got;
    double pace_put;          /* seconds to share */
    ol_outcome out;
};

/* splitmix64: only jitter and marks, never secrets. */
static unsigned long long random64(ol_client *c)
{
    unsigned long long z = (c->rng += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

static double random01(ol_client *c)
{
    return (double)(random64(c) >> 11) / 9007199254740992.0;
}

ol_client *ol_client_new(const ol_client_config *config)
{
    ol_client *c = calloc(1, sizeof *c);
    if (c == NULL) {
        return NULL;
    }
    c->refs = 1;
    ol_token_init(&c->token);
    ol_quota_init(&c->quota, config->quota);
    ol_pace_init(&c->pace);
    c->rng = config->seed;
    c->shared_store = config->shared_store;
    c->secret_rereadable = config->secret_rereadable;
    c->ending = FLIGHT_ABANDONED;
    return c;
}

void ol_client_ref(ol_client *client)
{
    client->refs++;
}

void ol_client_unref(ol_client *client)
{
    if (client != NULL && --client->refs == 0) {
        ol_token_free(&client->token);
        free(client);
    }
}

ol_token *ol_client_token(ol_client *client)
{
    return &client->token;
}

const ol_pace *ol_client_pace(const ol_client *client)
{
    return &client->pace;
}

double ol_client_quota(const ol_client *client)
{
    return client->quota.left;
}

void ol_client_forked(ol_client *client, unsigned long long seed)
{
    client->rng = seed;
    client->locked_until = 0;
    if (client->owner != NULL) {
        client->owner = NULL;
        client->ending = FLIGHT_ABANDONED;
    }
}

void ol_client_forget(ol_client *client)
{
    /* Dropped, not erased: should it come back, from the store or as a re-issue, it is known. */
    ol_token_drop(&client->token, client->token.generation);
}

int ol_client_in_flight(const ol_client *client)
{
    return client->owner != NULL;
}

static void end_flight(ol_call *call, enum flight_end ending)
{
    ol_client *c = call->client;
    if (c->owner == call) {
        c->owner = NULL;
        c->ending = ending;
    }
}

static void finish(ol_call *call, enum ol_result result)
{
    end_flight(call, FLIGHT_ABANDONED);
    call->state = S_DONE;
    call->out.result = result;
    call->out.sends = call->sends;
    call->out.token_sends = call->token_sends;
}

ol_call *ol_call_new(ol_client *client, enum ol_auth auth, enum ol_trait trait, enum ol_lane lane,
                     const ol_limits *limits, ol_time now)
{
    ol_call *call = calloc(1, sizeof *call);
    if (call == NULL) {
        return NULL;
    }
    ol_client_ref(client);
    call->client = client;
    call->auth = auth;
    call->trait = trait;
    call->lane = lane;
    call->limits = *limits;
    call->state = S_READY;
    call->deadline = now.mono + limits->deadline;
    call->out.retry_after = -1;
    return call;
}

void ol_call_free(ol_call *call)
{
    if (call != NULL) {
        end_flight(call, FLIGHT_ABANDONED);
        ol_client_unref(call->client);
        free(call);
    }
}

void ol_call_cancel(ol_call *call)
{
    if (call->state == S_STORE && call->after == S_DONE) {
        call->state = S_DONE; /* its result stands, only others were to be told of a hold */
    } else if (call->state != S_DONE) {
        finish(call, OL_RESULT_CANCELLED);
    }
}

ol_outcome ol_call_outcome(const ol_call *call)
{
    return call->out;
}

int ol_call_done(const ol_call *call)
{
    return call->state == S_DONE;
}

int ol_call_sends(const ol_call *call)
{
    return call->sends;
}

/* What a call that may not go on ends with: the best it knows. */
static void finish_with_last(ol_call *call, int token)
{
    finish(call, token ? OL_RESULT_TOKEN : call->have_failure ? OL_RESULT_FAILURE : OL_RESULT_ANSWER);
}

/* Is this a rate limit that the call waits out, at no cost but time? */
static int patient(const ol_call *call, double seconds, int limited)
{
    return limited && call->limits.patient && seconds <= OL_PACE_MAX + call->limits.backoff.base_limited &&
           call->patience < MAX_PATIENCE;
}

/* Waits `seconds`, or tells that the deadline does not allow it.  A patient call moves its deadline for a
 * rate limit's sake. */
static int schedule(ol_call *call, ol_time now, double seconds, int limited)
{
    double until = now.mono + seconds;
    if (patient(call, seconds, limited)) {
        call->patience++;
        call->deadline += seconds;
    } else if (until >= call->deadline) {
        return 0;
    }
    call->wait_until = until;
    call->state = S_WAIT;
    return 1;
}

/* After an attempt that may be repeated as far as the trait goes: attempts, quota, deadline.  1 when scheduled. */
static int retry(ol_call *call, ol_time now, int token, int limited, int timed_out, double server)
{
    ol_client *c = call->client;
    int *tries = token ? &call->token_tries : &call->tries;
    double cost = timed_out ? OL_QUOTA_TIMEOUT : OL_QUOTA_RETRY;
    double delay = ol_retry_delay(&call->limits.backoff, *tries + call->patience, limited, server, random01(c));

    call->out.retry_after = server;
    if (patient(call, delay, limited)) {
        (*tries)--; /* waiting one's turn is no attempt */
        return schedule(call, now, delay, 1);
    }
    if (*tries >= call->limits.backoff.attempts) {
        return 0;
    }
    if (!ol_quota_take(&c->quota, cost)) {
        call->out.quota_spent = 1;
        return 0;
    }
    if (!schedule(call, now, delay, 0)) {
        ol_quota_refund(&c->quota, cost); /* nothing will be sent */
        return 0;
    }
    call->last_cost = cost;
    return 1;
}

static void want_store(ol_call *call, enum ol_store_op op)
{
    call->store = op;
    call->store_told = 0;
    call->after = S_READY;
    call->state = S_STORE;
}

/* S_READY and a bearer is needed: moves to JOIN, STORE or TOKEN_SENT.  1 = info holds a SEND. */
static int fetch_token(ol_call *call, ol_time now, ol_want_info *info)
{
    ol_client *c = call->client;
    if (c->owner != NULL && c->owner != call) {
        call->joined = c->flight;
        call->state = S_JOIN;
        return 0;
    }
    if (c->owner == NULL) {
        c->owner = call;
        c->flight++;
        c->ending = FLIGHT_LIVE;
        call->token_tries = 0;
        call->token_got = 0;
    }
    if (c->shared_store) {
        if (!call->token_got) {
            want_store(call, OL_STORE_GET_TOKEN);
            return 0;
        }
        if (now.mono >= c->locked_until && call->token_tries == 0) {
            call->lock_ttl = now.mono + call->limits.timeout;
            call->mark = random64(c) | 1;
            want_store(call, OL_STORE_LOCK_TOKEN);
            return 0;
        }
    }
    call->token_tries++;
    call->token_sends++;
    call->state = S_TOKEN_SENT;
    info->send.token = 1;
    info->send.once = 0;
    info->send.fresh_secret = call->reread == 1;
    call->reread = call->reread != 0 ? 2 : 0;
    return 1;
}

static void fill_send(ol_call *call, ol_time now, ol_want_info *info)
{
    double left = call->deadline - now.mono;
    info->send.timeout = call->limits.timeout < left ? call->limits.timeout : left;
    info->send.connect_timeout = call->limits.connect_timeout;
    call->sent_until = now.mono + info->send.timeout;
    info->until = call->sent_until;
}

/* Decides what comes next.  1 = info holds a SEND; 0 = the state has moved on. */
static int ready(ol_call *call, ol_time now, ol_want_info *info)
{
    ol_client *c = call->client;
    double hold;

    if (c->shared_store && !call->pace_got) {
        want_store(call, OL_STORE_GET_PACE);
        return 0;
    }
    if (call->auth == OL_AUTH_BEARER && ol_token_usable(&c->token, now)) {
        end_flight(call, FLIGHT_LANDED); /* another call, or another process, has brought a token meanwhile */
    }
    /* The token routes are not counted, and an owner of the flight must not hold up the other lane. */
    hold = call->auth == OL_AUTH_CLIENT || c->owner == call ? 0 : ol_pace_wait(&c->pace, call->lane, now.mono);
    if (hold > 0) {
        call->out.retry_after = hold;
        if (!schedule(call, now, hold, 1)) {
            if (call->sends > 0) {
                finish_with_last(call, 0);
            } else {
                finish(call, OL_RESULT_HELD);
            }
        }
        return 0;
    }
    if (call->auth == OL_AUTH_BEARER) {
        if (!ol_token_usable(&c->token, now)) {
            return fetch_token(call, now, info);
        }
        if (call->unauthorised == 1) {
            if (c->token.generation == call->generation) {
                call->out.unchanged_token = 1;
                finish_with_last(call, 0);
                return 0;
            }
            call->unauthorised = 2;
        }
        call->generation = c->token.generation;
    }
    call->tries++;
    call->sends++;
    call->have_failure = 0;
    call->out.retry_after = -1;
    call->state = S_SENT;
    info->send.token = 0;
    info->send.once = call->trait != OL_SAFE;
    info->send.fresh_secret = 0;
    return 1;
}

/* A joiner looks at its flight.  1 = still in the air. */
static int still_joined(ol_call *call, ol_time now)
{
    ol_client *c = call->client;
    if (c->owner != NULL && now.mono >= c->owner->deadline) {
        end_flight(c->owner, FLIGHT_ABANDONED); /* its time is up, though nobody has asked it */
    }
    if (c->flight == call->joined && !ol_token_usable(&c->token, now)) {
        if (c->ending == FLIGHT_LIVE) {
            return 1;
        }
        if (c->ending == FLIGHT_FAILED) {
            finish(call, OL_RESULT_JOINED);
            return 0;
        }
    }
    call->state = S_READY;
    return 0;
}

static void past_deadline(ol_call *call)
{
    if (call->state == S_STORE && call->after != S_READY) {
        call->state = call->after; /* what it knows is not changed by a store that hangs */
    }
    switch (call->state) {
    case S_DONE:
        break;
    case S_SENT:
        call->have_failure = 0;
        finish(call, OL_RESULT_DEADLINE);
        break;
    case S_WAIT:
        if (call->have_failure || call->sends > 0) {
            finish_with_last(call, 0);
        } else {
            finish(call, OL_RESULT_DEADLINE);
        }
        break;
    default:
        finish(call, OL_RESULT_DEADLINE);
    }
}

enum ol_want ol_call_want(ol_call *call, ol_time now, ol_want_info *info)
{
    for (;;) {
        if (call->state != S_DONE && now.mono >= call->deadline) {
            past_deadline(call);
        }
        switch (call->state) {
        case S_READY:
            if (ready(call, now, info)) {
                fill_send(call, now, info);
                return OL_SEND;
            }
            break;
        case S_WAIT:
            if (now.mono < call->wait_until) {
                info->until = call->wait_until;
                return OL_WAIT;
            }
            call->state = S_READY;
            break;
        case S_JOIN:
            if (still_joined(call, now)) {
                double end = call->client->owner->deadline;
                info->until = end < call->deadline ? end : call->deadline;
                return OL_JOIN;
            }
            break;
        case S_STORE:
            info->until = call->deadline;
            if (call->store_told) {
                return OL_WAIT;
            }
            if (call->store == OL_STORE_PUT_TOKEN && !ol_token_usable(&call->client->token, now)) {
                call->state = S_READY; /* revoked or refused meanwhile */
                break;
            }
            call->store_told = 1;
            info->store = call->store;
            info->store_mark = call->mark;
            info->store_seconds = call->store == OL_STORE_PUT_PACE ? call->pace_put : call->limits.timeout;
            return OL_STORE;
        case S_TOKEN_SENT:
            if (call->client->owner != call) {
                call->state = S_READY; /* taken over */
                break;
            }
            /* fall through */
        case S_SENT:
            if (now.mono < call->sent_until) {
                info->until = call->sent_until;
                return OL_WAIT;
            }
            /* The driver should have told; a transport that forgets to time out must not hang the call. */
            ol_call_failed(call, now, OL_FAIL_TIMEOUT, 1);
            break;
        case S_DONE:
            return OL_DONE;
        }
    }
}

/* An answer to its own request: done, waiting, or ready for the replay. */
static void digest(ol_call *call, ol_time now, const ol_facts *facts)
{
    ol_client *c = call->client;
    int limited = facts->kind == OL_KIND_RATE_LIMITED;
    enum ol_fate fate;

    if (facts->kind == OL_KIND_NONE) {
        ol_quota_refund(&c->quota, call->last_cost > 0 ? call->last_cost : 1);
        finish(call, OL_RESULT_ANSWER);
        return;
    }
    if (facts->status == 401 && facts->token_doubtful && call->auth == OL_AUTH_BEARER) {
        ol_token_drop(&c->token, call->generation);
        if (call->trait != OL_NEVER && call->unauthorised == 0) {
            call->unauthorised = 1;
            call->tries--; /* the replay is not a retry */
            call->state = S_READY;
            return;
        }
    }
    fate = ol_retry_status_fate(facts->status, limited);
    if (!ol_retry_allowed(call->trait, fate) || !retry(call, now, 0, limited, 0, facts->retry_after)) {
        call->out.retry_after = facts->retry_after;
        finish(call, OL_RESULT_ANSWER);
    }
}

void ol_call_answered(ol_call *call, ol_time now, const ol_facts *facts)
{
    ol_client *c = call->client;
    double hold;

    if (call->state != S_SENT) {
        return; /* too late: cancelled, or past the deadline */
    }
    hold = ol_pace_wait(&c->pace, call->lane, now.mono);
    ol_pace_learn(&c->pace, call->lane, facts, now.mono);
    digest(call, now, facts);
    call->pace_put = ol_pace_wait(&c->pace, call->lane, now.mono);
    if (c->shared_store && call->pace_put > hold) {
        /* Others are told at once: before a wait, and even when this call is over. */
        enum state after = call->state;
        want_store(call, OL_STORE_PUT_PACE);
        call->after = after;
    }
}

static void token_failed(ol_call *call, ol_time now)
{
    ol_client *c = call->client;
    end_flight(call, FLIGHT_FAILED);
    finish(call, OL_RESULT_TOKEN);
    if (c->shared_store && now.mono < c->locked_until) {
        /* Other processes need not wait for the lock to run out; the result stands. */
        c->locked_until = 0;
        call->mark = c->lock_mark;
        want_store(call, OL_STORE_UNLOCK_TOKEN);
        call->after = S_DONE;
    }
}

void ol_call_token_answered(ol_call *call, ol_time now, const ol_facts *facts, const ol_token_facts *token)
{
    ol_client *c = call->client;
    int limited = facts->kind == OL_KIND_RATE_LIMITED;

    if (call->state != S_TOKEN_SENT) {
        return;
    }
    if (token->access_token != NULL) {
        /* Good even for one whose flight was taken over meanwhile. */
        if (ol_token_set(&c->token, token->access_token, token->token_len, token->created_at, token->expires_in,
                         facts->date, now) < 0) {
            finish(call, OL_RESULT_MEMORY);
            return;
        }
        ol_quota_refund(&c->quota, call->last_cost > 0 ? call->last_cost : 1);
        call->last_cost = 0;
        call->state = S_READY;
        if (c->owner == call) {
            end_flight(call, FLIGHT_LANDED);
            if (c->shared_store) {
                want_store(call, OL_STORE_PUT_TOKEN);
            }
        }
        return;
    }
    if (c->owner != call) {
        call->state = S_READY;
        return;
    }
    if (c->secret_rereadable && call->reread == 0 && (facts->kind == OL_KIND_AUTH || facts->status == 401)) {
        call->reread = 1;
        call->token_tries--;
        call->state = S_READY;
        return;
    }
    if (!ol_retry_allowed(OL_SAFE, ol_retry_status_fate(facts->status, limited)) ||
        !retry(call, now, 1, limited, 0, facts->retry_after)) {
        token_failed(call, now);
    }
}

void ol_call_failed(ol_call *call, ol_time now, enum ol_failure failure, int sent)
{
    int token = call->state == S_TOKEN_SENT;
    enum ol_fate fate;

    if (call->state != S_SENT && !token) {
        return;
    }
    if (token && call->client->owner != call) {
        call->state = S_READY;
        return;
    }
    if (!token) {
        call->have_failure = 1;
    }
    if (failure == OL_FAIL_CANCELLED) {
        finish(call, OL_RESULT_CANCELLED);
        return;
    }
    fate = failure == OL_FAIL_PERMANENT ? OL_FATE_FINAL : sent ? OL_FATE_UNANSWERED : OL_FATE_UNSENT;
    if (ol_retry_allowed(token ? OL_SAFE : call->trait, fate) &&
        retry(call, now, token, 0, failure == OL_FAIL_TIMEOUT, -1)) {
        return;
    }
    if (token) {
        token_failed(call, now);
    } else {
        finish(call, OL_RESULT_FAILURE);
    }
}

void ol_call_stored(ol_call *call, ol_time now, const char *value, size_t len, double number)
{
    ol_client *c = call->client;
    if (call->state != S_STORE || !call->store_told) {
        return; /* too late, or never asked */
    }
    call->state = call->after;
    switch (call->store) {
    case OL_STORE_GET_PACE:
        call->pace_got = 1;
        ol_pace_hold(&c->pace, call->lane, number, now.mono);
        break;
    case OL_STORE_GET_TOKEN:
        call->token_got = 1;
        if (value != NULL && ol_token_adopt(&c->token, value, len, number, now) < 0) {
            finish(call, OL_RESULT_MEMORY);
        }
        break;
    case OL_STORE_LOCK_TOKEN:
        if (number != 0) {
            c->locked_until = call->lock_ttl;
            c->lock_mark = call->mark;
        } else {
            call->token_got = 0; /* look again: the holder of the lock may have put it by then */
            if (!schedule(call, now, LOCK_POLL * (0.5 + random01(c)), 0)) {
                finish(call, OL_RESULT_DEADLINE);
            }
        }
        break;
    case OL_STORE_UNLOCK_TOKEN:
    case OL_STORE_PUT_TOKEN:
    case OL_STORE_PUT_PACE:
        break;
    }
}

void ol_call_take(ol_call *call)
{
    ol_client *c = call->client;
    if (call->state == S_JOIN && c->owner != NULL && c->owner != call) {
        c->owner = NULL;
        c->ending = FLIGHT_ABANDONED;
        call->state = S_READY;
    }
}
