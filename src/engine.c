#define _GNU_SOURCE /* explicit POSIX: clock_gettime, fcntl, strcasecmp, strcasestr */
#include "engine.h"

#include "buf.h"
#include "version.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

enum {
    POOL_MAX = 16,            /* idle easy handles kept */
    KEEP_BUFFER = 128 * 1024, /* a larger buffer is not kept with an idle handle */
    MAX_HEADERS = 256 * 1024, /* all header lines of an answer */
    MAX_RESERVE = 1024 * 1024,/* most that a Content-Length alone makes us allocate */
    LONGEST_POLL_MS = 1000    /* a safety net: no lost timer can stall us longer */
};

enum state { FRESH, LIVE, DONE };

struct ol_transfer {
    ol_engine *engine; /* a reference, while owned by a caller */
    CURL *easy;        /* NULL after a fork: the parent's */
    pid_t pid;         /* the process that made `easy` */
    enum state state;
    enum ol_fail fail;
    int once;
    int attempts;     /* how often libcurl was about to send the request */
    int typed;        /* a Content-Type was given */
    int scheme;       /* what CURLOPT_PROTOCOLS_STR says: 0 nothing, 1 http, 2 https */
    int body_began;
    ol_buf lines;     /* request header lines, each with its NUL */
    struct curl_slist *nodes;
    size_t n_nodes, cap_nodes;
    ol_buf out;       /* request body */
    ol_buf head;      /* answer header lines */
    ol_buf body;      /* answer body */
    struct ol_transfer *prev, *next; /* live list; `next` also links the pool */
    char curl_error[CURL_ERROR_SIZE];
    char message[CURL_ERROR_SIZE + 256];
};

struct ol_engine {
    int refs;
    int closed;
    pid_t pid;
    CURLM *multi; /* made when first needed, once a process */
    char *ca_file, *ca_blob, *pinned_key, *proxy, *user_agent;
    size_t ca_blob_len;
    int max_connections;
    int http1;
    struct pollfd *polls, *ready; /* both of cap_polls entries */
    size_t n_polls, cap_polls;
    int64_t timer_at; /* monotonic µs; < 0 = none */
    ol_transfer *live;
    ol_transfer *pool;
    int n_pool;
    int running;
    double finished;
    ol_stats stats;
};

static pthread_once_t global_once = PTHREAD_ONCE_INIT;

static void global_init(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static int64_t now_us(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

const char *ol_fail_name(enum ol_fail f)
{
    static const char *const names[] = {
        "none", "network", "timeout", "cancelled", "tls", "too_large", "resent"
    };
    return names[f];
}

/* ---- checks --------------------------------------------------------------------------------- */

static int is_alnum(unsigned char c)
{
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

const char *ol_check_method(const char *method, size_t len)
{
    size_t i;
    if (len == 0 || len > 16) {
        return "must be an HTTP method such as \"GET\"";
    }
    for (i = 0; i < len; i++) {
        if (method[i] < 'A' || method[i] > 'Z') {
            return "must be an HTTP method in capital letters, such as \"GET\"";
        }
    }
    if (strcmp(method, "CONNECT") == 0 || strcmp(method, "TRACE") == 0) {
        return "CONNECT and TRACE are not supported";
    }
    return NULL;
}

/* 127.0.0.0/8 as four plain decimal numbers, ::1 in brackets, or localhost: what libcurl takes there
 * too, with no room for another reading. */
static int is_loopback(const char *host, size_t len)
{
    size_t i = 0;
    int part;
    if (len == 9 && strncasecmp(host, "localhost", 9) == 0) {
        return 1;
    }
    if (len == 5 && memcmp(host, "[::1]", 5) == 0) {
        return 1;
    }
    for (part = 0; part < 4; part++) {
        size_t start = i;
        int n = 0;
        while (i < len && host[i] >= '0' && host[i] <= '9' && i - start < 3) {
            n = n * 10 + (host[i++] - '0');
        }
        if (i == start || n > 255 || (host[start] == '0' && i - start > 1)
            || (part == 0 && n != 127)) {
            return 0;
        }
        if (part < 3 && (i >= len || host[i++] != '.')) {
            return 0;
        }
    }
    return i == len;
}

const char *ol_check_url(const char *url, size_t len)
{
    size_t i, start, end, host_end;
    int plain;

    if (strncasecmp(url, "https://", 8) == 0) {
        plain = 0;
        start = 8;
    } else if (strncasecmp(url, "http://", 7) == 0) {
        plain = 1;
        start = 7;
    } else {
        return "must be an absolute https URL";
    }
    for (i = 0; i < len; i++) {
        unsigned char c = (unsigned char)url[i];
        if (c <= 0x20 || c >= 0x7f) {
            return "holds a blank, control or non-ASCII character; percent-encode it";
        }
    }
    end = start + strcspn(url + start, "/?#");
    for (i = start; i < end; i++) {
        if (url[i] == '@') {
            return "must not hold a user name or password; send them in a header";
        }
        if (!is_alnum((unsigned char)url[i]) && strchr(".-_:[]", url[i]) == NULL) {
            return "has a host name with characters that do not belong there";
        }
    }
    host_end = end;
    while (host_end > start && url[host_end - 1] >= '0' && url[host_end - 1] <= '9') {
        host_end--;
    }
    if (host_end > start && url[host_end - 1] == ':') {
        host_end--;
    } else {
        host_end = end;
    }
    if (host_end == start) {
        return "has no host name";
    }
    if (plain && !is_loopback(url + start, host_end - start)) {
        return "must be https; plain http is only for loopback hosts (127.0.0.1, ::1, localhost)";
    }
    return NULL;
}

const char *ol_check_header(const char *name, size_t name_len, const char *value, size_t value_len)
{
    size_t i;
    if (name_len == 0) {
        return "has an empty name";
    }
    for (i = 0; i < name_len; i++) {
        unsigned char c = (unsigned char)name[i];
        if (!is_alnum(c) && (c == '\0' || strchr("!#$%&'*+-.^_`|~", c) == NULL)) {
            return "has a character in its name that does not belong there";
        }
    }
    if (strcasecmp(name, "Content-Length") == 0 || strcasecmp(name, "Transfer-Encoding") == 0) {
        return "is written by the engine; leave it out";
    }
    for (i = 0; i < value_len; i++) {
        unsigned char c = (unsigned char)value[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f) {
            return "has a control character (such as a line break) in its value";
        }
    }
    return NULL;
}

const char *ol_check_proxy(const char *proxy, size_t len)
{
    static const char *const schemes[] = {"http://", "https://", "socks5://", "socks5h://"};
    size_t i;
    for (i = 0; i < len; i++) {
        unsigned char c = (unsigned char)proxy[i];
        if (c <= 0x20 || c >= 0x7f) {
            return "holds a blank, control or non-ASCII character";
        }
    }
    for (i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        size_t n = strlen(schemes[i]);
        if (len > n && strncasecmp(proxy, schemes[i], n) == 0) {
            return NULL;
        }
    }
    return "must be a URL such as \"http://proxy:3128\" (http, https, socks5 or socks5h)";
}

/* ---- libcurl's callbacks: plain C, bounded buffers, nothing else ------------------------------ */

static size_t on_write(char *p, size_t size, size_t n, void *user)
{
    ol_transfer *t = user;
    (void)size; /* always 1 */
    if (!t->body_began) {
        curl_off_t length = -1;
        t->body_began = 1;
        curl_easy_getinfo(t->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
        if (length > 0) {
            size_t want = length > MAX_RESERVE ? MAX_RESERVE : (size_t)length;
            if (want <= t->body.max && want > n) {
                (void)ol_buf_reserve(&t->body, want);
            }
        }
    }
    return ol_buf_add(&t->body, p, n) ? n : 0;
}

static size_t on_header(char *p, size_t size, size_t n, void *user)
{
    ol_transfer *t = user;
    (void)size;
    if (t->body_began) {
        return n; /* a trailer: nobody asked for it */
    }
    if (n > 5 && memcmp(p, "HTTP/", 5) == 0) {
        ol_buf_clear(&t->head); /* what came before was an interim answer */
    }
    return ol_buf_add(&t->head, p, n) ? n : 0;
}

/* Runs after connecting and right before each sending of the request. */
static int on_prereq(void *user, char *remote, char *local, int remote_port, int local_port)
{
    ol_transfer *t = user;
    (void)remote;
    (void)local;
    (void)remote_port;
    (void)local_port;
    t->attempts++;
    return t->once && t->attempts > 1 ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

/* Programs started by the script must not inherit our connections. */
static int on_socket_made(void *user, curl_socket_t fd, curlsocktype purpose)
{
    (void)user;
    (void)purpose;
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    return CURL_SOCKOPT_OK;
}

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
    e->timer_at = ms < 0 ? -1 : now_us() + (int64_t)ms * 1000;
    return 0;
}

/* ---- ending a transfer ------------------------------------------------------------------------ */

static void wipe_request(ol_transfer *t)
{
    ol_wipe(t->lines.data, t->lines.len);
    ol_wipe(t->out.data, t->out.len);
    ol_buf_clear(&t->lines);
    ol_buf_clear(&t->out);
    t->n_nodes = 0;
}

/* Marks it done and takes it off the live list; its easy handle must have left the multi. */
static void settle(ol_transfer *t, enum ol_fail fail, const char *message)
{
    ol_engine *e = t->engine;
    if (t->state == LIVE) {
        if (t->prev != NULL) {
            t->prev->next = t->next;
        } else {
            e->live = t->next;
        }
        if (t->next != NULL) {
            t->next->prev = t->prev;
        }
        e->running--;
    }
    t->prev = t->next = NULL;
    t->state = DONE;
    t->fail = fail;
    e->finished++;
    if (message != NULL) {
        snprintf(t->message, sizeof t->message, "%s", message);
    }
    wipe_request(t);
}

static enum ol_fail classify(const ol_transfer *t, CURLcode code)
{
    switch (code) {
    case CURLE_OK:
        return OL_FAIL_NONE;
    case CURLE_OPERATION_TIMEDOUT:
        return OL_FAIL_TIMEOUT;
    case CURLE_WRITE_ERROR:
        return t->body.failed == 1 || t->head.failed == 1 ? OL_FAIL_TOO_LARGE : OL_FAIL_NETWORK;
    case CURLE_ABORTED_BY_CALLBACK:
        return OL_FAIL_RESENT;
    case CURLE_SSL_CONNECT_ERROR:
        /* A connection that breaks during the handshake says nothing about trust. */
        if (strstr(t->curl_error, "SSL_ERROR_SYSCALL") != NULL
            || strcasestr(t->curl_error, "connection reset") != NULL
            || strcasestr(t->curl_error, "unexpected eof") != NULL) {
            return OL_FAIL_NETWORK;
        }
        return OL_FAIL_TLS;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_ENGINE_SETFAILED:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_USE_SSL_FAILED:
        return OL_FAIL_TLS;
    default:
        return OL_FAIL_NETWORK;
    }
}

static const char *hint(CURLcode code, const char *detail)
{
    switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
        if (strstr(detail, "does not match") != NULL || strstr(detail, "no alternative") != NULL) {
            return "; the certificate is for another host: check the URL";
        }
        return "; if a private authority signed it, give its certificate as ca_file";
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
        return "; the server's key is not the one given as pinned_key";
    case CURLE_SSL_CACERT_BADFILE:
        return "; check ca_file or ca_blob";
    case CURLE_SSL_CONNECT_ERROR:
        return "; TLS 1.2 or newer is required";
    case CURLE_COULDNT_RESOLVE_HOST:
        return "; check the host name and the network";
    default:
        return "";
    }
}

static void explain(ol_transfer *t, CURLcode code)
{
    const char *detail = t->curl_error[0] != '\0' ? t->curl_error : curl_easy_strerror(code);
    switch (t->fail) {
    case OL_FAIL_TOO_LARGE:
        if (t->head.failed == 1) {
            snprintf(t->message, sizeof t->message, "the answer has more than %d bytes of headers",
                     MAX_HEADERS);
        } else {
            snprintf(t->message, sizeof t->message,
                     "the answer is larger than max_body (%zu bytes)", t->body.max);
        }
        break;
    case OL_FAIL_RESENT:
        snprintf(t->message, sizeof t->message,
                 "the connection was closed after the request had been sent, without an answer; "
                 "it was not sent again");
        break;
    default:
        snprintf(t->message, sizeof t->message, "%s%s", detail, hint(code, detail));
    }
}

/* libcurl is through with it. */
static void finish(ol_transfer *t, CURLcode code)
{
    ol_engine *e = t->engine;
    long opened = 0;

    curl_easy_getinfo(t->easy, CURLINFO_NUM_CONNECTS, &opened);
    e->stats.connections += (double)opened;
    if (t->attempts > 0 && opened == 0) {
        e->stats.reused++;
    }
    if (t->attempts > 1) {
        if (t->once) {
            e->stats.refused++;
        } else {
            e->stats.resends += t->attempts - 1;
        }
    }
    curl_multi_remove_handle(e->multi, t->easy);
    settle(t, classify(t, code), NULL);
    if (t->fail != OL_FAIL_NONE) {
        explain(t, code);
    }
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
            finish(t, code);
        }
    }
}

static void end_all(ol_engine *e, enum ol_fail fail, const char *message)
{
    while (e->live != NULL) {
        ol_transfer *t = e->live;
        if (e->multi != NULL) {
            curl_multi_remove_handle(e->multi, t->easy);
        }
        settle(t, fail, message);
    }
}

/* The multi itself gave up (out of memory): nothing on it can be saved, the next call makes another. */
static void give_up(ol_engine *e, CURLMcode code)
{
    end_all(e, OL_FAIL_NETWORK, curl_multi_strerror(code));
    curl_multi_cleanup(e->multi);
    e->multi = NULL;
    e->n_polls = 0;
    e->timer_at = -1;
}

/* ---- the loop ----------------------------------------------------------------------------------- */

static void free_transfer(ol_transfer *t)
{
    if (t->easy != NULL) {
        curl_easy_cleanup(t->easy);
    }
    ol_buf_free(&t->lines);
    ol_buf_free(&t->out);
    ol_buf_free(&t->head);
    ol_buf_free(&t->body);
    free(t->nodes);
    free(t);
}

/* Every entry calls this.  After a fork the child forgets the parent's handles without touching them:
 * ending them properly would send on the parent's connections. */
static void here(ol_engine *e)
{
    pid_t pid = getpid();
    if (e->pid == pid) {
        return;
    }
    e->pid = pid;
    e->multi = NULL;
    e->n_polls = 0;
    e->timer_at = -1;
    while (e->live != NULL) {
        e->live->easy = NULL;
        settle(e->live, OL_FAIL_CANCELLED, "started by the parent process, which still has it");
    }
    while (e->pool != NULL) {
        ol_transfer *t = e->pool;
        e->pool = t->next;
        t->easy = NULL;
        free_transfer(t);
    }
    e->n_pool = 0;
    e->finished = 0;
    memset(&e->stats, 0, sizeof e->stats);
}

static void action(ol_engine *e, curl_socket_t fd, int mask)
{
    int running;
    CURLMcode code;
    if (e->multi == NULL) {
        return;
    }
    code = curl_multi_socket_action(e->multi, fd, mask, &running);
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
    if (e->timer_at >= 0 && now_us() >= e->timer_at) {
        fire_timer(e);
        happened++;
    } else if (happened == 0 && ms == LONGEST_POLL_MS) {
        fire_timer(e);
    }
    collect(e);
    return happened;
}

int ol_engine_wait(ol_engine *e, const ol_transfer *t, double max)
{
    int64_t until = -1;
    double seen;

    here(e);
    seen = e->finished;
    if (max >= 0) {
        until = now_us() + (int64_t)((max < 1e9 ? max : 1e9) * 1e6);
    }
    for (;;) {
        int64_t left = LONGEST_POLL_MS * 1000;
        if (t != NULL ? t->state == DONE : e->finished > seen || e->running == 0) {
            return 1;
        }
        if (e->timer_at >= 0 || until >= 0) {
            int64_t now = now_us();
            if (until >= 0 && now >= until) {
                return 0;
            }
            if (e->timer_at >= 0 && now >= e->timer_at) {
                /* Straight on: a transfer just added is started by its timer. */
                fire_timer(e);
                collect(e);
                if (e->timer_at < 0 || now < e->timer_at) {
                    continue;
                }
                left = 0; /* again at once; let the sockets have their turn in between */
            } else if (e->timer_at >= 0 && e->timer_at - now < left) {
                left = e->timer_at - now;
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
    here(e);
    if (fd < 0) {
        fire_timer(e);
    } else {
        action(e, fd, mask_of(events));
    }
    collect(e);
}

void ol_engine_tick(ol_engine *e, double budget)
{
    int64_t until = 0;
    here(e);
    if (budget > 0) {
        until = now_us() + (int64_t)((budget < 1e6 ? budget : 1e6) * 1e6);
    }
    while (e->running > 0 && turn(e, 0) > 0 && until > 0 && now_us() < until) {
    }
}

const struct pollfd *ol_engine_fds(ol_engine *e, size_t *n)
{
    here(e);
    *n = e->n_polls;
    return e->polls;
}

double ol_engine_timeout(ol_engine *e)
{
    int64_t left;
    here(e);
    if (e->timer_at < 0) {
        return -1;
    }
    left = e->timer_at - now_us();
    return left > 0 ? (double)left / 1e6 : 0;
}

int ol_engine_running(ol_engine *e)
{
    here(e);
    return e->running;
}

double ol_engine_finished(ol_engine *e)
{
    here(e);
    return e->finished;
}

void ol_engine_stats(ol_engine *e, ol_stats *out)
{
    here(e);
    *out = e->stats;
}

/* ---- engine: making and closing ----------------------------------------------------------------- */

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
    e->pid = getpid();
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

static CURLM *multi_of(ol_engine *e)
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
    here(e);
    if (e->closed) {
        return;
    }
    e->closed = 1;
    end_all(e, OL_FAIL_CANCELLED, "the engine was closed");
    while (e->pool != NULL) {
        ol_transfer *t = e->pool;
        e->pool = t->next;
        free_transfer(t);
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

/* ---- transfers ------------------------------------------------------------------------------------ */

/* What never changes on a handle; 0 when this libcurl cannot do it. */
static int set_constants(ol_engine *e, ol_transfer *t)
{
    CURL *c = t->easy;
    int bad = 0;
#define SET(option, value) (bad |= curl_easy_setopt(c, option, value) != CURLE_OK)
    SET(CURLOPT_PRIVATE, t);
    SET(CURLOPT_WRITEFUNCTION, on_write);
    SET(CURLOPT_WRITEDATA, t);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, t);
    SET(CURLOPT_PREREQFUNCTION, on_prereq);
    SET(CURLOPT_PREREQDATA, t);
    SET(CURLOPT_SOCKOPTFUNCTION, on_socket_made);
    SET(CURLOPT_ERRORBUFFER, t->curl_error);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_PATH_AS_IS, 1L);
    SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    SET(CURLOPT_HTTP09_ALLOWED, 0L);
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    SET(CURLOPT_ACCEPT_ENCODING, "");
    SET(CURLOPT_TCP_NODELAY, 1L);
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    SET(CURLOPT_USERAGENT, e->user_agent);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_HTTP_VERSION, (long)(e->http1 ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS));
    SET(CURLOPT_PROXY, e->proxy != NULL ? e->proxy : "");
    SET(CURLOPT_NOPROXY, "localhost,127.0.0.0/8,::1"); /* plain http never takes a proxy */
    if (e->ca_file != NULL || e->ca_blob != NULL) {
        SET(CURLOPT_CAPATH, NULL); /* instead of the system's authorities, not beside them */
    }
    if (e->ca_file != NULL) {
        SET(CURLOPT_CAINFO, e->ca_file);
    }
    if (e->ca_blob != NULL) {
        struct curl_blob blob;
        blob.data = e->ca_blob;
        blob.len = e->ca_blob_len;
        blob.flags = CURL_BLOB_COPY;
        SET(CURLOPT_CAINFO_BLOB, &blob);
    }
    if (e->pinned_key != NULL) {
        SET(CURLOPT_PINNEDPUBLICKEY, e->pinned_key);
    }
#undef SET
    return !bad;
}

ol_transfer *ol_transfer_new(ol_engine *e)
{
    ol_transfer *t;

    here(e);
    t = e->pool;
    if (t != NULL) {
        e->pool = t->next;
        e->n_pool--;
    } else {
        t = calloc(1, sizeof *t);
        if (t == NULL) {
            return NULL;
        }
        ol_buf_init(&t->lines, 0);
        ol_buf_init(&t->out, 0);
        ol_buf_init(&t->head, MAX_HEADERS);
        ol_buf_init(&t->body, 0);
        t->pid = e->pid;
        t->easy = curl_easy_init();
        if (t->easy == NULL || !set_constants(e, t)) {
            free_transfer(t);
            return NULL;
        }
    }
    t->next = t->prev = NULL;
    t->state = FRESH;
    t->fail = OL_FAIL_NONE;
    t->attempts = t->typed = t->body_began = 0;
    t->curl_error[0] = t->message[0] = '\0';
    t->engine = e;
    e->refs++;
    return t;
}

static int add_line(ol_transfer *t, const char *name, size_t name_len, const char *glue,
                    const char *value, size_t value_len)
{
    size_t offset = t->lines.len;
    if (t->n_nodes == t->cap_nodes) {
        size_t cap = t->cap_nodes == 0 ? 16 : t->cap_nodes * 2;
        struct curl_slist *p = realloc(t->nodes, cap * sizeof *p);
        if (p == NULL) {
            return 0;
        }
        t->nodes = p;
        t->cap_nodes = cap;
    }
    /* The buffer may still move: the offset becomes an address in link_lines. */
    t->nodes[t->n_nodes++].data = (char *)(uintptr_t)offset;
    return ol_buf_add(&t->lines, name, name_len) && ol_buf_adds(&t->lines, glue)
           && ol_buf_add(&t->lines, value, value_len) && ol_buf_addc(&t->lines, '\0');
}

int ol_transfer_header(ol_transfer *t, const char *name, size_t name_len, const char *value,
                       size_t value_len)
{
    if (name_len == 12 && strncasecmp(name, "Content-Type", 12) == 0) {
        t->typed = 1;
    }
    /* "Name;" is libcurl's way to write a header without a value. */
    return value_len == 0 ? add_line(t, name, name_len, ";", "", 0)
                          : add_line(t, name, name_len, ": ", value, value_len);
}

static struct curl_slist *link_lines(ol_transfer *t)
{
    size_t i;
    for (i = 0; i < t->n_nodes; i++) {
        t->nodes[i].data = t->lines.data + (uintptr_t)t->nodes[i].data;
        t->nodes[i].next = i + 1 < t->n_nodes ? &t->nodes[i + 1] : NULL;
    }
    return t->nodes;
}

static long milliseconds(double s)
{
    double ms = s * 1000;
    return ms < 1 ? 1 : ms > INT_MAX ? INT_MAX : (long)ms;
}

static int set_request(ol_transfer *t, const ol_request *r)
{
    CURL *c = t->easy;
    int bad = 0;
    int https = (r->url[4] | 32) == 's';
    int scheme = https ? 2 : 1;
    const char *method = r->method;
    int sends = r->body != NULL || strcmp(method, "POST") == 0 || strcmp(method, "PUT") == 0
                || strcmp(method, "PATCH") == 0;

    /* Neither is ours to send: no "Expect: 100-continue", no form type guessed for a body. */
    bad |= !add_line(t, "Expect:", 7, "", "", 0);
    if (sends && !t->typed) {
        bad |= !add_line(t, "Content-Type:", 13, "", "", 0);
    }
    if (r->body != NULL) {
        bad |= !ol_buf_add(&t->out, r->body, r->body_len);
    }
    if (bad) {
        return 0;
    }
#define SET(option, value) (bad |= curl_easy_setopt(c, option, value) != CURLE_OK)
    if (t->scheme != scheme) {
        SET(CURLOPT_PROTOCOLS_STR, https ? "https" : "http");
        SET(CURLOPT_PIPEWAIT, https && !t->engine->http1 ? 1L : 0L);
        t->scheme = scheme;
    }
    SET(CURLOPT_URL, r->url);
    SET(CURLOPT_HTTPHEADER, link_lines(t));
    if (strcmp(method, "HEAD") == 0) {
        SET(CURLOPT_NOBODY, 1L);
        SET(CURLOPT_CUSTOMREQUEST, NULL);
    } else if (sends) {
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_POSTFIELDS, t->out.len > 0 ? t->out.data : "");
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->out.len);
        SET(CURLOPT_CUSTOMREQUEST, strcmp(method, "POST") == 0 ? NULL : method);
    } else {
        SET(CURLOPT_HTTPGET, 1L);
        SET(CURLOPT_CUSTOMREQUEST, strcmp(method, "GET") == 0 ? NULL : method);
    }
    SET(CURLOPT_TIMEOUT_MS, milliseconds(r->timeout));
    SET(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(r->connect_timeout));
#undef SET
    return !bad;
}

void ol_transfer_start(ol_transfer *t, const ol_request *r)
{
    ol_engine *e = t->engine;
    CURLMcode code;

    e->stats.requests++;
    t->once = r->once;
    t->body.max = r->max_body;
    if (!set_request(t, r) || multi_of(e) == NULL) {
        settle(t, OL_FAIL_NETWORK, "out of memory");
        return;
    }
    t->state = LIVE;
    t->next = e->live;
    if (t->next != NULL) {
        t->next->prev = t;
    }
    e->live = t;
    e->running++;
    code = curl_multi_add_handle(e->multi, t->easy);
    if (code != CURLM_OK) {
        settle(t, OL_FAIL_NETWORK, curl_multi_strerror(code));
    }
}

int ol_transfer_done(ol_transfer *t)
{
    here(t->engine);
    return t->state == DONE;
}

int ol_transfer_belongs(const ol_transfer *t, const ol_engine *e)
{
    return t->engine == e;
}

void ol_transfer_cancel(ol_transfer *t)
{
    ol_engine *e = t->engine;
    here(e);
    if (t->state == DONE) {
        return;
    }
    if (t->state == LIVE) {
        curl_multi_remove_handle(e->multi, t->easy);
    }
    settle(t, OL_FAIL_CANCELLED, "cancelled");
}

static void tidy(ol_buf *b)
{
    if (b->cap > KEEP_BUFFER) {
        ol_buf_free(b);
    } else {
        ol_wipe(b->data, b->len);
        ol_buf_clear(b);
    }
}

void ol_transfer_release(ol_transfer *t)
{
    ol_engine *e = t->engine;
    ol_transfer_cancel(t);
    if (t->pid != e->pid) {
        t->easy = NULL;
    }
    if (t->easy != NULL && !e->closed && e->n_pool < POOL_MAX) {
        tidy(&t->head);
        tidy(&t->body);
        tidy(&t->out);
        tidy(&t->lines);
        t->next = e->pool;
        e->pool = t;
        e->n_pool++;
    } else {
        free_transfer(t);
    }
    ol_engine_unref(e);
}

enum ol_fail ol_transfer_failure(const ol_transfer *t)
{
    return t->fail;
}

const char *ol_transfer_message(const ol_transfer *t)
{
    return t->message;
}

int ol_transfer_sent(const ol_transfer *t)
{
    return t->attempts > 0;
}

static double seconds(CURL *c, CURLINFO info)
{
    curl_off_t us = 0;
    curl_easy_getinfo(c, info, &us);
    return (double)us / 1e6;
}

void ol_transfer_answer(ol_transfer *t, ol_answer *out)
{
    long status = 0, version = 0, opened = 0;
    CURL *c = t->easy;

    memset(out, 0, sizeof *out);
    out->headers = t->head.data;
    out->headers_len = t->head.len;
    out->body = t->body.len > 0 ? t->body.data : "";
    out->body_len = t->body.len;
    if (c == NULL || t->pid != t->engine->pid) {
        return;
    }
    curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(c, CURLINFO_HTTP_VERSION, &version);
    curl_easy_getinfo(c, CURLINFO_NUM_CONNECTS, &opened);
    out->status = (int)status;
    out->reused = opened == 0;
    out->http_version = version == CURL_HTTP_VERSION_2_0   ? "2"
                        : version == CURL_HTTP_VERSION_1_1 ? "1.1"
                        : version == CURL_HTTP_VERSION_1_0 ? "1.0"
                                                           : NULL;
    out->times.dns = seconds(c, CURLINFO_NAMELOOKUP_TIME_T);
    out->times.connect = seconds(c, CURLINFO_CONNECT_TIME_T);
    out->times.tls = seconds(c, CURLINFO_APPCONNECT_TIME_T);
    out->times.first_byte = seconds(c, CURLINFO_STARTTRANSFER_TIME_T);
    out->times.total = seconds(c, CURLINFO_TOTAL_TIME_T);
}
