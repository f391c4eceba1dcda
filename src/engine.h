/* engine.h - bytes over HTTPS: one libcurl multi handle and the transfers on it.
 *
 * The face of everything that talks to libcurl: engine.c has the loop, transfer.c one transfer on
 * it.  It knows no OAuth, no JSON and no Lua: a request goes in, an answer or a failure comes out.
 * The multi is driven by socket_action alone; whoever owns the engine either waits here (poll(2))
 * or feeds it events from a loop of its own.
 *
 * Thread rule: an engine and its transfers belong to one thread at a time.  Fork rule: a child may
 * keep using the same engine; what it inherited is abandoned untouched at its first call. */
#ifndef OL_ENGINE_H
#define OL_ENGINE_H

#include <poll.h>
#include <stddef.h>

typedef struct ol_engine ol_engine;
typedef struct ol_transfer ol_transfer;

/* What went wrong with a transfer; ol_ending_name gives the spelling of the transport contract. */
enum ol_ending {
    OL_END_ANSWERED = 0,
    OL_END_NETWORK,
    OL_END_TIMEOUT,
    OL_END_CANCELLED,
    OL_END_TLS,
    OL_END_TOO_LARGE,
    OL_END_RESENT
};

/* NULL or 0 = default.  The strings are copied. */
typedef struct ol_engine_options {
    const char *ca_file;    /* PEM file; replaces the system's authorities */
    const char *ca_blob;    /* PEM text; replaces them too */
    size_t ca_blob_len;
    const char *pinned_key; /* "sha256//..." */
    const char *proxy;      /* the environment's proxies are never used */
    const char *user_agent;
    int max_connections;    /* open at once */
    int http1;              /* 1 = never HTTP/2 */
} ol_engine_options;

/* A request; only borrowed during ol_transfer_start.  Its parts have passed request.h's checks. */
typedef struct ol_request {
    const char *method;
    const char *url;
    const char *body;       /* NULL = none */
    size_t body_len;
    double timeout;         /* seconds for the whole transfer */
    double connect_timeout; /* seconds until connected, name and TLS included */
    size_t max_body;        /* most bytes of an answer, after decompression; > 0 */
    int once;               /* 1 = must never leave twice */
} ol_request;

typedef struct ol_stats {
    double requests;    /* transfers started */
    double connections; /* opened */
    double reused;      /* transfers that needed no new connection */
    double resends;     /* requests libcurl sent again on a new connection by itself */
    double refused;     /* such re-sends stopped because of `once` */
} ol_stats;

/* Seconds from the start; 0 = did not happen. */
typedef struct ol_times {
    double dns, connect, tls, first_byte, total;
} ol_times;

/* The parts of an answer.  Borrowed: valid until the transfer is released.  Headers are the raw
 * lines of the final answer, status line first; the caller may scribble on them. */
typedef struct ol_answer {
    int status;
    char *headers;
    size_t headers_len;
    const char *body;
    size_t body_len;
    const char *http_version; /* "1.0", "1.1", "2"; NULL = unknown */
    int reused;
    ol_times times;
} ol_answer;

/* An engine with one reference, owned by the caller; nothing is opened yet.  NULL = no memory. */
ol_engine *ol_engine_new(const ol_engine_options *o);
void ol_engine_unref(ol_engine *e);

/* Ends every live transfer as cancelled and closes the connections.  Idempotent; the struct lives
 * on until the last reference goes. */
void ol_engine_close(ol_engine *e);
int ol_engine_closed(const ol_engine *e);

/* Waits until t is done (t NULL: until any transfer is done or none runs), at most max seconds
 * (< 0 = no limit).  1 = so it is, 0 = the time is over, -1 = a signal came in between. */
int ol_engine_wait(ol_engine *e, const ol_transfer *t, double max);

/* One event from a foreign loop: fd with POLLIN/POLLOUT/POLLERR, or fd < 0 for the timeout. */
void ol_engine_step(ol_engine *e, int fd, int events);

/* Everything that is due now, without blocking; repeats until idle or `budget` seconds are used. */
void ol_engine_tick(ol_engine *e, double budget);

/* The sockets to watch.  Borrowed, valid until the next call on the engine. */
const struct pollfd *ol_engine_fds(ol_engine *e, size_t *n);

/* Seconds until ol_engine_step(e, -1, 0) is due; < 0 = no timeout is set. */
double ol_engine_timeout(ol_engine *e);

int ol_engine_running(ol_engine *e);
double ol_engine_finished(ol_engine *e); /* count since the start, to tell progress by */

/* The number of a transfer that has ended, once for each that was given one, in the order of their ends; 0 = no
 * further one.  A released transfer is not told of any more. */
double ol_engine_ended(ol_engine *e);
void ol_engine_stats(ol_engine *e, ol_stats *out);

/* A transfer on e, owned by the caller, which must release it; it keeps e's struct alive.
 * NULL = out of memory, or a libcurl that lacks what is needed.  e must not be closed. */
ol_transfer *ol_transfer_new(ol_engine *e);

/* Adds a header before the start; 0 = out of memory. */
int ol_transfer_header(ol_transfer *t, const char *name, size_t name_len, const char *value,
                       size_t value_len);

/* Before the start: the number, above 0, by which ol_engine_ended will tell of its end. */
void ol_transfer_number(ol_transfer *t, double number);

/* Puts it on its way.  Never fails by itself: what cannot start is done at once, with a failure. */
void ol_transfer_start(ol_transfer *t, const ol_request *r);

int ol_transfer_done(ol_transfer *t);
int ol_transfer_belongs(const ol_transfer *t, const ol_engine *e);

/* Ends it as cancelled unless it is done.  Idempotent. */
void ol_transfer_cancel(ol_transfer *t);

/* Cancels, wipes and gives the handle back; t is gone afterwards. */
void ol_transfer_release(ol_transfer *t);

/* Of a transfer that is done.  OL_END_ANSWERED means that ol_transfer_answer has the answer. */
enum ol_ending ol_transfer_failure(const ol_transfer *t);
const char *ol_transfer_message(const ol_transfer *t);

/* 0 only when it is certain that no byte of the request left. */
int ol_transfer_sent(const ol_transfer *t);
void ol_transfer_answer(ol_transfer *t, ol_answer *out);

/* "network", "timeout", ...; never NULL. */
const char *ol_ending_name(enum ol_ending f);

#endif
