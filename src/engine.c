#define _GNU_SOURCE
#include "engine.h"

#include "engine_impl.h"
#include "fork.h"
#include "version.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    LONGEST_POLL_MS = 1000, /* a safety net: no lost timer can stall us longer */
    GRACE_US = 10 * 1000,   /* libcurl's own timeouts come first: they say more */
    CORKS = 4,              /* so many sockets are corked at most */
    CROWD = 4               /* when each carries so many transfers */
};

static pthread_once_t global_once = PTHREAD_ONCE_INIT;

static void global_init(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

int64_t ol_engine_now(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* ---- libcurl's callbacks: plain C, nothing else ---- */

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *socketp)
{
    ol_engine *e = user;
    size_t i;
    (void)easy;
    (void)socketp;
    for (i = 0; i < e->n_polls && e->polls[i].fd != fd; i++) {
    }
    if (what == CURL_POLL_REMOVE) {
        if (i < e->n_polls) {
            e->polls[i] = e->polls[--e->n_polls];
        }
        return 0;
    }
    if (i == e->n_polls) {
        if (e->n_polls == e->cap_polls) {
            size_t cap = e->cap_polls == 0 ? 16 : e->cap_polls * 2;
            struct pollfd *p = realloc(e->polls, cap * sizeof *p);
            if (p != NULL) {
                e->polls = p;
                p = realloc(e->ready, cap * sizeof *p);
            }
            if (p == NULL) {
                return -1;
            }
            e->ready = p;
            e->cap_polls = cap;
        }
        e->n_polls++;
    }
    e->polls[i].fd = fd;
    e->polls[i].events = (short)(((what & CURL_POLL_IN) ? POLLIN : 0)
                                 | ((what & CURL_POLL_OUT) ? POLLOUT : 0));
    e->polls[i].revents = 0;
    return 0;
}

static int on_timer(CURLM *multi, long ms, void *user)
{
    ol_engine *e = user;
    (void)multi;
    e->timer_at = ms < 0 ? -1 : ol_engine_now() + (int64_t)ms * 1000;
    return 0;
}

static void collect(ol_engine *e)
{
    CURLMsg *msg;
    int left;
    while (e->multi != NULL && (msg = curl_multi_info_read(e->multi, &left)) != NULL) {
        if (msg->msg == CURLMSG_DONE) {
            ol_transfer *t = NULL;
            CURLcode code = msg->data.result;
            curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&t);
            ol_transfer_finish(t, code);
        }
    }
}

static void end_all(ol_engine *e, enum ol_ending fail, const char *message)
{
    while (e->live != NULL) {
        ol_transfer *t = e->live;
        if (e->multi != NULL) {
            curl_multi_remove_handle(e->multi, t->easy);
        }
        ol_transfer_settle(t, fail, message);
    }
}

/* The multi itself gave up (out of memory): nothing on it can be saved, the next call makes
 * another. */
static void give_up(ol_engine *e, CURLMcode code)
{
    end_all(e, OL_END_NETWORK, curl_multi_strerror(code));
    curl_multi_cleanup(e->multi);
    e->multi = NULL;
    e->n_polls = 0;
    e->timer_at = -1;
}

/* ---- the loop ---- */

void ol_engine_here(ol_engine *e)
{
    unsigned here = ol_fork_number();
    if (e->process == here) {
        return;
    }
    e->process = here;
    e->multi = NULL;
    e->n_polls = 0;
    e->timer_at = -1;
    while (e->live != NULL) {
        e->live->easy = NULL;
        ol_transfer_settle(e->live, OL_END_CANCELLED, "started by the parent process");
    }
    while (e->pool != NULL) {
        ol_transfer *t = e->pool;
        e->pool = t->next;
        t->easy = NULL;
        ol_transfer_free(t);
    }
    e->n_pool = 0;
    e->finished = 0;
    memset(&e->stats, 0, sizeof e->stats);
}

/* libcurl sends each request of a burst, and each acknowledgement, by itself.  Where a few connections carry many
 * transfers the kernel is told to put together what is sent within one action: that halves its part of the work, and
 * the server is woken once.  Writes the sockets to fds, for uncork: libcurl may have left one idle by then. */
static int cork(const ol_engine *e, int *fds)
{
    int n = 0;
#ifdef TCP_CORK
    static const int on = 1;
    if (e->n_polls <= CORKS && e->running >= CROWD * (int)e->n_polls) {
        for (; n < (int)e->n_polls; n++) {
            fds[n] = e->polls[n].fd;
            (void)setsockopt(fds[n], IPPROTO_TCP, TCP_CORK, &on, sizeof on);
        }
    }
#else
    (void)e;
    (void)fds;
#endif
    return n;
}

static void uncork(const int *fds, int n)
{
#ifdef TCP_CORK
    static const int off = 0;
    while (n-- > 0) {
        (void)setsockopt(fds[n], IPPROTO_TCP, TCP_CORK, &off, sizeof off); /* fails for one that is closed */
    }
#else
    (void)fds;
    (void)n;
#endif
}

static void action(ol_engine *e, curl_socket_t fd, int mask)
{
    int running, corked, fds[CORKS];
    CURLMcode code;
    if (e->multi == NULL) {
        return;
    }
    corked = cork(e, fds);
    code = curl_multi_socket_action(e->multi, fd, mask, &running);
    uncork(fds, corked);
    if (code != CURLM_OK) {
        give_up(e, code);
    }
}

static void fire_timer(ol_engine *e)
{
    e->timer_at = -1;
    action(e, CURL_SOCKET_TIMEOUT, 0);
    /* Called a moment early, libcurl does nothing and does not set the timer again: ask. */
    if (e->timer_at < 0 && e->multi != NULL && e->running > 0) {
        long ms = -1;
        curl_multi_timeout(e->multi, &ms);
        if (ms >= 0) {
            on_timer(e->multi, ms, e);
        }
    }
}

/* When something has to be done even if no socket moves; < 0 = never.  Beside libcurl's timer: it
 * does not watch the timeouts of transfers that wait for a connection, a free one or one that
 * another transfer is making, so we do. */
static int64_t due_at(const ol_engine *e)
{
    int64_t at = e->timer_at;
    if (e->unsent > 0 && (at < 0 || e->late_at + GRACE_US < at)) {
        at = e->late_at + GRACE_US;
    }
    return at;
}

static void end_late_ones(ol_engine *e, int64_t now)
{
    const char *why = e->running > e->max_connections
                          ? "no connection was ready in time; see max_connections"
                          : "no connection was ready in time";
    ol_transfer *t, *next;
    if (e->unsent == 0 || now < e->late_at + GRACE_US) {
        return;
    }
    e->late_at = INT64_MAX;
    for (t = e->live; t != NULL; t = next) {
        next = t->next;
        if (t->attempts > 0) {
            continue;
        }
        if (now >= t->deadline + GRACE_US) {
            curl_multi_remove_handle(e->multi, t->easy);
            ol_transfer_settle(t, OL_END_TIMEOUT, why);
        } else if (t->deadline < e->late_at) {
            e->late_at = t->deadline;
        }
    }
}

static void do_what_is_due(ol_engine *e)
{
    fire_timer(e);
    collect(e); /* before: these have ended already */
    end_late_ones(e, ol_engine_now());
}

static int mask_of(int events)
{
    return ((events & (POLLIN | POLLHUP)) ? CURL_CSELECT_IN : 0)
           | ((events & POLLOUT) ? CURL_CSELECT_OUT : 0)
           | ((events & (POLLERR | POLLNVAL)) ? CURL_CSELECT_ERR : 0);
}

/* One poll and what it brings.  Returns how many things happened, -1 after a signal. */
static int turn(ol_engine *e, int ms)
{
    size_t i, n = 0;
    int happened;
    int64_t due;
    int r = poll(e->polls, (nfds_t)e->n_polls, ms);
    if (r < 0) {
        return errno == EINTR ? -1 : 0;
    }
    /* Copied first: each action may change the list. */
    for (i = 0; r > 0 && i < e->n_polls; i++) {
        if (e->polls[i].revents != 0) {
            e->ready[n++] = e->polls[i];
        }
    }
    happened = (int)n;
    for (i = 0; i < n; i++) {
        action(e, e->ready[i].fd, mask_of(e->ready[i].revents));
    }
    collect(e);
    due = due_at(e);
    if (due >= 0 && ol_engine_now() >= due) {
        do_what_is_due(e);
        happened++;
    } else if (happened == 0 && ms == LONGEST_POLL_MS) {
        do_what_is_due(e);
    }
    return happened;
}

int ol_engine_wait(ol_engine *e, const ol_transfer *t, double max)
{
    int64_t until = -1;
    double seen;

    ol_engine_here(e);
    seen = e->finished;
    if (max >= 0) {
        until = ol_engine_now() + (int64_t)((max < 1e9 ? max : 1e9) * 1e6);
    }
    for (;;) {
        int64_t due, now, left = LONGEST_POLL_MS * 1000;
        if (t != NULL ? t->state == OL_DONE : e->finished > seen || e->running == 0) {
            return 1;
        }
        due = due_at(e);
        if (due >= 0 || until >= 0) {
            now = ol_engine_now();
            if (until >= 0 && now >= until) {
                return 0;
            }
            if (due >= 0 && now >= due) {
                /* Straight on, without a poll: a transfer just added is started by its timer. */
                do_what_is_due(e);
                due = due_at(e);
                if (due < 0 || now < due) {
                    continue;
                }
                left = 0; /* due again: let the sockets have their turn in between */
            } else if (due >= 0 && due - now < left) {
                left = due - now;
            }
            if (until >= 0 && until - now < left) {
                left = until - now;
            }
        }
        if (turn(e, (int)((left + 999) / 1000)) < 0) {
            return -1;
        }
    }
}

void ol_engine_step(ol_engine *e, int fd, int events)
{
    ol_engine_here(e);
    if (fd < 0) {
        do_what_is_due(e);
    } else {
        action(e, fd, mask_of(events));
        collect(e);
    }
}

void ol_engine_tick(ol_engine *e, double budget)
{
    int64_t until = 0;
    ol_engine_here(e);
    if (budget > 0) {
        until = ol_engine_now() + (int64_t)((budget < 1e6 ? budget : 1e6) * 1e6);
    }
    while (e->running > 0 && turn(e, 0) > 0 && until > 0 && ol_engine_now() < until) {
    }
}

const struct pollfd *ol_engine_fds(ol_engine *e, size_t *n)
{
    ol_engine_here(e);
    *n = e->n_polls;
    return e->polls;
}

double ol_engine_timeout(ol_engine *e)
{
    int64_t due, left;
    ol_engine_here(e);
    due = due_at(e);
    if (due < 0) {
        return -1;
    }
    left = due - ol_engine_now();
    return left > 0 ? (double)left / 1e6 : 0;
}

int ol_engine_running(ol_engine *e)
{
    ol_engine_here(e);
    return e->running;
}

double ol_engine_finished(ol_engine *e)
{
    ol_engine_here(e);
    return e->finished;
}

double ol_engine_ended(ol_engine *e)
{
    ol_transfer *t;
    ol_engine_here(e);
    t = e->untold;
    if (t == NULL) {
        return 0;
    }
    ol_transfer_told(t);
    return t->number;
}

void ol_engine_stats(ol_engine *e, ol_stats *out)
{
    ol_engine_here(e);
    *out = e->stats;
}

/* ---- engine: making and closing ---- */

static int copy_option(char **to, const char *from, size_t len)
{
    if (from == NULL) {
        return 1;
    }
    *to = ol_strdup(from, len);
    return *to != NULL;
}

static int copy_string(char **to, const char *from)
{
    return copy_option(to, from, from != NULL ? strlen(from) : 0);
}

ol_engine *ol_engine_new(const ol_engine_options *o)
{
    ol_engine *e = calloc(1, sizeof *e);
    if (e == NULL) {
        return NULL;
    }
    pthread_once(&global_once, global_init);
    e->refs = 1;
    e->process = ol_fork_number();
    e->timer_at = -1;
    e->max_connections = o->max_connections > 0 ? o->max_connections : 32;
    e->http1 = o->http1;
    e->ca_blob_len = o->ca_blob_len;
    if (!copy_string(&e->ca_file, o->ca_file) || !copy_string(&e->pinned_key, o->pinned_key)
        || !copy_option(&e->ca_blob, o->ca_blob, o->ca_blob_len)
        || !copy_string(&e->proxy, o->proxy)
        || !copy_string(&e->user_agent,
                        o->user_agent != NULL ? o->user_agent : "lua-onelogin/" OL_VERSION)) {
        ol_engine_unref(e);
        return NULL;
    }
    return e;
}

CURLM *ol_engine_multi(ol_engine *e)
{
    if (e->multi == NULL && (e->multi = curl_multi_init()) != NULL) {
        curl_multi_setopt(e->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
        curl_multi_setopt(e->multi, CURLMOPT_SOCKETDATA, e);
        curl_multi_setopt(e->multi, CURLMOPT_TIMERFUNCTION, on_timer);
        curl_multi_setopt(e->multi, CURLMOPT_TIMERDATA, e);
        curl_multi_setopt(e->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
        curl_multi_setopt(e->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)e->max_connections);
        curl_multi_setopt(e->multi, CURLMOPT_MAXCONNECTS, (long)e->max_connections);
    }
    return e->multi;
}

void ol_engine_close(ol_engine *e)
{
    ol_engine_here(e);
    if (e->closed) {
        return;
    }
    e->closed = 1;
    end_all(e, OL_END_CANCELLED, "the engine was closed");
    while (e->pool != NULL) {
        ol_transfer *t = e->pool;
        e->pool = t->next;
        ol_transfer_free(t);
    }
    e->n_pool = 0;
    if (e->multi != NULL) {
        curl_multi_cleanup(e->multi);
        e->multi = NULL;
    }
    e->n_polls = 0;
    e->timer_at = -1;
}

int ol_engine_closed(const ol_engine *e)
{
    return e->closed;
}

void ol_engine_unref(ol_engine *e)
{
    if (--e->refs > 0) {
        return;
    }
    ol_engine_close(e);
    ol_strfree(e->ca_file);
    ol_strfree(e->ca_blob);
    ol_strfree(e->pinned_key);
    ol_strfree(e->proxy);
    ol_strfree(e->user_agent);
    free(e->polls);
    free(e->ready);
    free(e);
}
