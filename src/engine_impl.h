/* engine_impl.h - what engine.c (the loop) and transfer.c (one transfer on it) share.
 *
 * Nobody else includes it: the face of both is engine.h. */
#ifndef OL_ENGINE_IMPL_H
#define OL_ENGINE_IMPL_H

#include "buf.h"
#include "engine.h"

#include <curl/curl.h>
#include <stdint.h>
#include <sys/types.h>

enum ol_state { OL_FRESH, OL_LIVE, OL_DONE };

/* A request header: its text is in the transfer's `lines`, at `offset` until link_lines. */
struct ol_line {
    struct curl_slist node;
    size_t offset;
};

struct ol_transfer {
    ol_engine *engine; /* a reference, while owned by a caller */
    CURL *easy;        /* NULL after a fork: the parent's */
    unsigned process;  /* the process that made `easy` (fork.h) */
    enum ol_state state;
    enum ol_ending fail;
    int once;
    int64_t deadline; /* monotonic µs; libcurl keeps it too, except while one waits for a connection */
    int attempts;     /* how often libcurl was about to send the request */
    int dialled;      /* a socket was made for it */
    int typed;        /* a Content-Type was given */
    int scheme;       /* what CURLOPT_PROTOCOLS_STR says: 0 nothing, 1 http, 2 https */
    int body_began;
    ol_buf lines;     /* request header lines, each with its NUL */
    struct ol_line *line;
    size_t n_lines, cap_lines;
    ol_buf out;       /* request body */
    ol_buf head;      /* answer header lines */
    ol_buf body;      /* answer body */
    double number;    /* what ol_engine_ended tells of it; 0 = nothing */
    int untold;       /* on the list of those that ended and were not told of yet */
    struct ol_transfer *prev, *next; /* live list or untold list; `next` also links the pool */
    ol_answer answer; /* its buffers are filled in when asked for */
    char curl_error[CURL_ERROR_SIZE];
    char message[CURL_ERROR_SIZE + 256];
};

struct ol_engine {
    int refs;
    int closed;
    unsigned process; /* fork.h */
    CURLM *multi; /* made when first needed, once a process */
    char *ca_file, *ca_blob, *pinned_key, *proxy, *user_agent;
    size_t ca_blob_len;
    int max_connections;
    int http1;
    struct pollfd *polls, *ready; /* both of cap_polls entries */
    size_t n_polls, cap_polls;
    int64_t timer_at; /* monotonic µs; < 0 = none */
    ol_transfer *live;
    ol_transfer *untold, *untold_last; /* numbered ones that have ended, in that order */
    ol_transfer *pool;
    int n_pool;
    int running;
    int unsent;               /* of these: whose request libcurl has not begun to send */
    int64_t late_at;          /* while there are some: none of them has a deadline before this */
    double finished;
    ol_stats stats;
};

/* Every entry calls this first.  After a fork the child forgets the parent's handles without
 * touching them: ending them properly would send on the parent's connections. */
void ol_engine_here(ol_engine *e);

/* Monotonic µs. */
int64_t ol_engine_now(void);

/* The multi handle, made when first needed; NULL = out of memory. */
CURLM *ol_engine_multi(ol_engine *e);

/* libcurl is through with a live transfer: keeps what is to be known of it. */
void ol_transfer_finish(ol_transfer *t, CURLcode code);

/* Marks it done and takes it off the live list; its easy handle must have left the multi.
 * message NULL = none yet; else copied. */
void ol_transfer_settle(ol_transfer *t, enum ol_ending fail, const char *message);

/* Takes it off the untold list, if it is there. */
void ol_transfer_told(ol_transfer *t);

/* Wipes and frees it, its easy handle included. */
void ol_transfer_free(ol_transfer *t);

#endif
