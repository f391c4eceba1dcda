/* machine.h - the hands that drive the call machine in its specs: one fake clock, short words for
 * what is asked and told.  Nothing here decides anything. */
#ifndef OL_MACHINE_H
#define OL_MACHINE_H

#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "tap.h"

static ol_time now = {1000, 1.7e9};
static ol_want_info info;

static inline void pass(double seconds)
{
    now.mono += seconds;
    now.wall += seconds;
}

static inline ol_limits usual(void)
{
    ol_limits l = {30, 5, 60, {4, 0.25, 1, 20}, 0};
    return l;
}

static inline ol_client *client_with(double quota, int store, int secret)
{
    ol_client_config config = {42, 500, 0, 0};
    ol_client *c;
    config.quota = quota;
    config.shared_store = store;
    config.secret_rereadable = secret;
    if ((c = ol_client_new(&config)) == NULL) {
        abort();
    }
    return c;
}

static inline ol_client *client(void)
{
    return client_with(500, 0, 0);
}

static inline ol_call *call_with(ol_client *c, enum ol_auth auth, enum ol_trait trait,
                                 enum ol_lane lane, ol_limits l)
{
    ol_call *call = ol_call_new(c, auth, trait, lane, &l, now);
    if (call == NULL) {
        abort();
    }
    return call;
}

static inline ol_call *get(ol_client *c)
{
    return call_with(c, OL_AUTH_BEARER, OL_SAFE, OL_LANE_V2, usual());
}

static inline ol_call *post(ol_client *c, enum ol_trait trait)
{
    return call_with(c, OL_AUTH_BEARER, trait, OL_LANE_V2, usual());
}

/* What it wants; info is poisoned first so that a field left unset is not right by luck. */
static inline enum ol_want want(ol_call *call)
{
    memset(&info, 0x5a, sizeof info);
    return ol_call_want(call, now, &info);
}

static inline int wants_own(ol_call *call)
{
    return want(call) == OL_SEND && !info.send.token;
}

static inline int wants_token(ol_call *call)
{
    return want(call) == OL_SEND && info.send.token;
}

static inline int wants_store(ol_call *call, enum ol_store_op op)
{
    return want(call) == OL_STORE && info.store == op;
}

static inline int done(ol_call *call, enum ol_result result)
{
    return want(call) == OL_DONE && ol_call_outcome(call).result == result;
}

/* Sleeps as long as it asks for and no longer; how long that was, or -1 when it did not ask. */
static inline double sleeps(ol_call *call)
{
    double began = now.mono;
    if (want(call) != OL_WAIT) {
        return -1;
    }
    pass(info.until - now.mono);
    now.mono = info.until; /* exactly */
    return now.mono - began;
}

static inline ol_facts facts(int status, enum ol_kind kind)
{
    ol_facts f = {0, OL_KIND_NONE, 0, -1, -1, -1, -1, -1};
    f.status = status;
    f.kind = kind;
    f.date = now.wall;
    return f;
}

static inline void answer(ol_call *call, int status)
{
    ol_facts f = facts(status, status < 300    ? OL_KIND_NONE
                               : status == 401 ? OL_KIND_AUTH
                               : status == 404 ? OL_KIND_NOT_FOUND
                               : status == 422 ? OL_KIND_INVALID
                               : status == 429 ? OL_KIND_RATE_LIMITED
                                               : OL_KIND_SERVER);
    f.token_doubtful = status == 401;
    ol_call_answered(call, now, &f);
}

static inline void limited(ol_call *call, double retry_after)
{
    ol_facts f = facts(429, OL_KIND_RATE_LIMITED);
    f.retry_after = retry_after;
    ol_call_answered(call, now, &f);
}

static inline void token(ol_call *call, const char *value)
{
    ol_facts f = facts(200, OL_KIND_NONE);
    ol_token_facts t = {NULL, 0, -1, 36000};
    t.access_token = value;
    t.token_len = strlen(value);
    t.created_at = now.wall;
    ol_call_token_answered(call, now, &f, &t);
}

static inline void token_refused(ol_call *call, int status)
{
    ol_facts f = facts(status, status == 429   ? OL_KIND_RATE_LIMITED
                               : status == 401 ? OL_KIND_AUTH
                                               : OL_KIND_SERVER);
    ol_token_facts t = {NULL, 0, -1, -1};
    ol_call_token_answered(call, now, &f, &t);
}

/* A client that has its first token already. */
static inline ol_client *warm(void)
{
    ol_client *c = client();
    ol_call *call = get(c);
    if (!wants_token(call)) {
        abort();
    }
    token(call, "T1");
    ol_call_free(call);
    return c;
}

static inline int holds_token(ol_client *c, const char *value)
{
    const ol_token *t = ol_client_token(c);
    return t->value != NULL && t->len == strlen(value) && memcmp(t->value, value, t->len) == 0;
}

#endif
