/* call.h - an API call as a state machine that does no I/O.
 *
 * A call is asked what it wants (ol_call_want) and told what happened (answered, failed, stored, cancel).
 * Token fetching, 401 recovery, retries, pacing and deadlines are its transitions; who moves the bytes is
 * the driver's business.  No Lua, no curl, no clock, no sleep, no random: they come in as arguments.
 *
 * Threads: a client and its calls belong to one thread at a time.
 *
 * The token flight (the fetching of a token) belongs to the client, not to the call that started it.  Only its
 * owner sends; the others JOIN.  When the owner is cancelled or runs out of time the next one to ask takes over. */
#ifndef OL_CALL_H
#define OL_CALL_H

#include "facts.h"
#include "pace.h"
#include "retry.h"
#include "token.h"

enum ol_want {
    OL_SEND,  /* send info->send, then tell answered / token_answered / failed */
    OL_WAIT,  /* ask again at info->until (mono), or earlier: asking is harmless */
    OL_JOIN,  /* another call is fetching the token: ask again when it has moved, at the latest at info->until */
    OL_STORE, /* do info->store on the shared store, then tell stored; at info->until it is not waited for any more */
    OL_DONE   /* ask ol_call_outcome */
};

enum ol_auth { OL_AUTH_BEARER, OL_AUTH_CLIENT, OL_AUTH_NONE };

enum ol_failure {
    OL_FAIL_NETWORK,   /* connection refused, lost, cut */
    OL_FAIL_TIMEOUT,   /* the attempt's time was up */
    OL_FAIL_PERMANENT, /* TLS verification, body too large, a transport's own refusal: repeating cannot help */
    OL_FAIL_RESENT,    /* libcurl was about to send it a second time on its own and was stopped */
    OL_FAIL_CANCELLED  /* the transfer was cancelled from outside */
};

enum ol_store_op {
    OL_STORE_GET_TOKEN,
    OL_STORE_LOCK_TOKEN,
    OL_STORE_UNLOCK_TOKEN, /* if the lock still has store_mark */
    OL_STORE_PUT_TOKEN,
    OL_STORE_GET_PACE,
    OL_STORE_PUT_PACE
};

/* How long and how often; seconds.  Each caller passes finished numbers: merging is done elsewhere. */
typedef struct ol_limits {
    double timeout;         /* one attempt */
    double connect_timeout; /* one connection */
    double deadline;        /* the whole call, token included */
    ol_backoff backoff;
    int patient;            /* waiting out a rate limit does not count against the deadline */
} ol_limits;

typedef struct ol_send {
    int token;            /* a token request of the client's credential; else the call's own request */
    int fresh_secret;     /* token request: ask the secret function again */
    int once;             /* must not leave twice */
    double timeout;       /* this attempt, never beyond the deadline */
    double connect_timeout;
} ol_send;

typedef struct ol_want_info {
    ol_send send;
    double until;
    enum ol_store_op store;
    double store_seconds; /* lock: time to live; put pace: seconds to hold */
    unsigned long long store_mark; /* lock and unlock: not 0, and no other process has the same */
} ol_want_info;

/* Where the result of a finished call lies. */
enum ol_result {
    OL_RESULT_ANSWER,    /* the last answer to the call's own request, good or bad */
    OL_RESULT_FAILURE,   /* the last failure told of the call's own request */
    OL_RESULT_TOKEN,     /* the token answer or failure this call met as owner of the flight */
    OL_RESULT_JOINED,    /* the final failure of the flight it had joined */
    OL_RESULT_DEADLINE,  /* time was up before anything came */
    OL_RESULT_HELD,      /* not sent: the rate limit lasts longer than the deadline */
    OL_RESULT_CANCELLED,
    OL_RESULT_MEMORY
};

typedef struct ol_outcome {
    enum ol_result result;
    int sends;           /* requests of the call itself that were handed to a transport */
    int token_sends;     /* token requests this call made */
    double retry_after;  /* seconds until a repetition makes sense, < 0 = unknown */
    int unchanged_token; /* a 401 stands because the server re-issued the same token */
    int quota_spent;     /* would have been repeated, but the client's retry quota is spent */
} ol_outcome;

typedef struct ol_client ol_client;
typedef struct ol_call ol_call;

typedef struct ol_client_config {
    unsigned long long seed; /* jitter */
    double quota;            /* 500 */
    int shared_store;        /* token and pace are shared with other processes through STORE wants */
    int secret_rereadable;   /* client_secret is a function: read again once when a token call is refused */
} ol_client_config;

/* A client with one reference; NULL when out of memory. */
ol_client *ol_client_new(const ol_client_config *config);
void ol_client_ref(ol_client *client);
/* Gives one reference back; the last one wipes and frees.  NULL is ignored. */
void ol_client_unref(ol_client *client);

/* For bindings: the token to build a header from, the pace to show, the quota left. */
ol_token *ol_client_token(ol_client *client);
const ol_pace *ol_client_pace(const ol_client *client);
double ol_client_quota(const ol_client *client);
/* In a child process: jitter differs from the parent's, and a flight that the parent owns is not waited for. */
void ol_client_forked(ol_client *client, unsigned long long seed);
/* Uses the token no more (after a revoke): the next call fetches one. */
void ol_client_forget(ol_client *client);
/* 1 while a call owns a live flight. */
int ol_client_in_flight(const ol_client *client);

/* A call; it holds a reference to the client.  NULL when out of memory. */
ol_call *ol_call_new(ol_client *client, enum ol_auth auth, enum ol_trait trait, enum ol_lane lane,
                     const ol_limits *limits, ol_time now);
/* Cancels if need be and frees; NULL is ignored. */
void ol_call_free(ol_call *call);

/* What the call wants now; *info is filled.  Past its deadline a call is DONE whatever it was doing. */
enum ol_want ol_call_want(ol_call *call, ol_time now, ol_want_info *info);

/* The answer to its own request came. */
void ol_call_answered(ol_call *call, ol_time now, const ol_facts *facts);
/* The answer to the token request came.  token->access_token NULL: refused or unusable, facts say how. */
void ol_call_token_answered(ol_call *call, ol_time now, const ol_facts *facts, const ol_token_facts *token);
/* No answer.  sent: bytes may have left. */
void ol_call_failed(ol_call *call, ol_time now, enum ol_failure failure, int sent);
/* The store did what was wanted.  GET_TOKEN: value NULL = nothing there, else with its wall expiry in
 * `number`.  LOCK: number != 0 = got it.  GET_PACE: number = seconds to hold.  PUT, UNLOCK: ignored. */
void ol_call_stored(ol_call *call, ol_time now, const char *value, size_t len, double number);
/* Ends it; harmless when its result stands.  An owned flight is handed on. */
void ol_call_cancel(ol_call *call);
/* For a driver that cannot wait for a JOIN (blocking code met a flight of a suspended task): take the
 * flight over.  The former owner notices when it asks next. */
void ol_call_take(ol_call *call);

/* 1 once it has ended; saves asking what it wants. */
int ol_call_done(const ol_call *call);

/* Valid after DONE. */
ol_outcome ol_call_outcome(const ol_call *call);
/* Requests of its own so far. */
int ol_call_sends(const ol_call *call);

#endif
