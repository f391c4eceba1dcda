#define _GNU_SOURCE /* strcasestr */
#include "engine_impl.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    POOL_MAX = 64,             /* idle easy handles kept */
    KEEP_BUFFER = 128 * 1024,  /* a larger buffer is not kept with an idle handle */
    MAX_HEADERS = 256 * 1024,  /* all header lines of an answer */
    MAX_RESERVE = 1024 * 1024, /* most that a Content-Length alone makes us allocate */
    LONGEST_IDLE = 55,         /* seconds; balancers drop idle connections after a minute */
    KEEPALIVE = 60             /* seconds of silence before TCP asks whether anybody is there */
};

const char *ol_ending_name(enum ol_ending f)
{
    static const char *const names[] = {
        "none", "network", "timeout", "cancelled", "tls", "too_large", "resent"
    };
    return names[f];
}

/* ---- libcurl's callbacks: plain C, bounded buffers, nothing else ---- */

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
    if (t->attempts++ == 0) {
        t->engine->unsent--;
    }
    return t->once && t->attempts > 1 ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

/* Programs started by the script must not inherit our connections. */
static int on_socket_made(void *user, curl_socket_t fd, curlsocktype purpose)
{
    ol_transfer *t = user;
    (void)purpose;
    t->dialled = 1;
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    return CURL_SOCKOPT_OK;
}

/* ---- ending a transfer ---- */

static void wipe_request(ol_transfer *t)
{
    ol_wipe(t->lines.data, t->lines.len);
    ol_wipe(t->out.data, t->out.len);
    ol_buf_clear(&t->lines);
    ol_buf_clear(&t->out);
    t->n_lines = 0;
}

static void count(const ol_transfer *t)
{
    ol_stats *stats = &t->engine->stats;
    long opened = 0;

    if (t->attempts > 0 || t->dialled) { /* else the handle still says what its last use opened */
        curl_easy_getinfo(t->easy, CURLINFO_NUM_CONNECTS, &opened);
    }
    stats->connections += (double)opened;
    if (t->attempts > 0 && opened == 0) {
        stats->reused++;
    }
    if (t->attempts > 1) {
        if (t->once) {
            stats->refused++;
        } else {
            stats->resends += t->attempts - 1;
        }
    }
}

void ol_transfer_told(ol_transfer *t)
{
    ol_engine *e = t->engine;
    if (!t->untold) {
        return;
    }
    t->untold = 0;
    if (t->prev != NULL) {
        t->prev->next = t->next;
    } else {
        e->untold = t->next;
    }
    if (t->next != NULL) {
        t->next->prev = t->prev;
    } else {
        e->untold_last = t->prev;
    }
    t->prev = t->next = NULL;
}

void ol_transfer_settle(ol_transfer *t, enum ol_ending fail, const char *message)
{
    ol_engine *e = t->engine;
    if (t->state == OL_LIVE) {
        if (t->easy != NULL) {
            count(t);
        }
        if (t->prev != NULL) {
            t->prev->next = t->next;
        } else {
            e->live = t->next;
        }
        if (t->next != NULL) {
            t->next->prev = t->prev;
        }
        e->running--;
        e->unsent -= t->attempts == 0;
    }
    t->prev = t->next = NULL;
    t->state = OL_DONE;
    t->fail = fail;
    e->finished++;
    if (t->number > 0 && !t->untold) {
        t->untold = 1;
        t->prev = e->untold_last;
        if (t->prev != NULL) {
            t->prev->next = t;
        } else {
            e->untold = t;
        }
        e->untold_last = t;
    }
    if (message != NULL) {
        snprintf(t->message, sizeof t->message, "%s", message);
    }
    wipe_request(t);
}

static enum ol_ending classify(const ol_transfer *t, CURLcode code)
{
    switch (code) {
    case CURLE_OK:
        return OL_END_ANSWERED;
    case CURLE_OPERATION_TIMEDOUT:
        return OL_END_TIMEOUT;
    case CURLE_WRITE_ERROR:
        return t->body.failed == 1 || t->head.failed == 1 ? OL_END_TOO_LARGE : OL_END_NETWORK;
    case CURLE_ABORTED_BY_CALLBACK:
        return OL_END_RESENT;
    case CURLE_SSL_CONNECT_ERROR:
        /* A connection that breaks during the handshake says nothing about trust. */
        if (strstr(t->curl_error, "SSL_ERROR_SYSCALL") != NULL
            || strcasestr(t->curl_error, "connection reset") != NULL
            || strcasestr(t->curl_error, "unexpected eof") != NULL) {
            return OL_END_NETWORK;
        }
        return OL_END_TLS;
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
        return OL_END_TLS;
    default:
        return OL_END_NETWORK;
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
    case OL_END_TOO_LARGE:
        if (t->head.failed == 1) {
            snprintf(t->message, sizeof t->message, "the answer has more than %d bytes of headers",
                     MAX_HEADERS);
        } else {
            snprintf(t->message, sizeof t->message,
                     "the answer is larger than max_body (%zu bytes)", t->body.max);
        }
        break;
    case OL_END_RESENT:
        snprintf(t->message, sizeof t->message,
                 "the connection was closed after the request had been sent, without an answer; "
                 "it was not sent again");
        break;
    default:
        snprintf(t->message, sizeof t->message, "%s%s", detail, hint(code, detail));
    }
}

static double seconds(CURL *c, CURLINFO info)
{
    curl_off_t us = 0;
    curl_easy_getinfo(c, info, &us);
    return (double)us / 1e6;
}

static void keep_facts(ol_transfer *t)
{
    long status = 0, version = 0, opened = 0;
    CURL *c = t->easy;
    ol_answer *a = &t->answer;

    curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(c, CURLINFO_HTTP_VERSION, &version);
    curl_easy_getinfo(c, CURLINFO_NUM_CONNECTS, &opened);
    a->status = (int)status;
    a->reused = opened == 0;
    a->http_version = version == CURL_HTTP_VERSION_2_0   ? "2"
                      : version == CURL_HTTP_VERSION_1_1 ? "1.1"
                      : version == CURL_HTTP_VERSION_1_0 ? "1.0"
                                                         : NULL;
    a->times.dns = seconds(c, CURLINFO_NAMELOOKUP_TIME_T);
    a->times.connect = seconds(c, CURLINFO_CONNECT_TIME_T);
    a->times.tls = seconds(c, CURLINFO_APPCONNECT_TIME_T);
    a->times.first_byte = seconds(c, CURLINFO_STARTTRANSFER_TIME_T);
    a->times.total = seconds(c, CURLINFO_TOTAL_TIME_T);
}

void ol_transfer_finish(ol_transfer *t, CURLcode code)
{
    if (code == CURLE_OK) {
        keep_facts(t);
    }
    curl_multi_remove_handle(t->engine->multi, t->easy);
    ol_transfer_settle(t, classify(t, code), NULL);
    if (t->fail != OL_END_ANSWERED) {
        explain(t, code);
    }
}

void ol_transfer_free(ol_transfer *t)
{
    if (t->easy != NULL) {
        curl_easy_cleanup(t->easy);
    }
    ol_buf_free(&t->lines);
    ol_buf_free(&t->out);
    ol_buf_free(&t->head);
    ol_buf_free(&t->body);
    free(t->line);
    free(t);
}

/* ---- transfers ---- */

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
    SET(CURLOPT_SOCKOPTDATA, t);
    SET(CURLOPT_ERRORBUFFER, t->curl_error);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_PATH_AS_IS, 1L);
    SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    SET(CURLOPT_ACCEPT_ENCODING, "");
    SET(CURLOPT_TCP_NODELAY, 1L);
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    SET(CURLOPT_TCP_KEEPIDLE, (long)KEEPALIVE);
    SET(CURLOPT_TCP_KEEPINTVL, (long)KEEPALIVE);
    SET(CURLOPT_MAXAGE_CONN, (long)LONGEST_IDLE);
    SET(CURLOPT_USERAGENT, e->user_agent);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_PROXY_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_HTTP_VERSION, (long)(e->http1 ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS));
    SET(CURLOPT_PROXY, e->proxy != NULL ? e->proxy : "");
    /* Plain http never takes a proxy.  Without one there is nothing to except, and nothing to look up each time. */
    SET(CURLOPT_NOPROXY, e->proxy != NULL ? "localhost,127.0.0.0/8,::1" : "");
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

    ol_engine_here(e);
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
        t->process = e->process;
        t->easy = curl_easy_init();
        if (t->easy == NULL || !set_constants(e, t)) {
            ol_transfer_free(t);
            return NULL;
        }
    }
    t->next = t->prev = NULL;
    t->state = OL_FRESH;
    t->fail = OL_END_ANSWERED;
    t->attempts = t->dialled = t->typed = t->body_began = t->untold = 0;
    t->number = 0;
    t->curl_error[0] = t->message[0] = '\0';
    t->engine = e;
    e->refs++;
    return t;
}

static int add_line(ol_transfer *t, const char *name, size_t name_len, const char *glue,
                    const char *value, size_t value_len)
{
    if (t->n_lines == t->cap_lines) {
        size_t cap = t->cap_lines == 0 ? 16 : t->cap_lines * 2;
        struct ol_line *p = realloc(t->line, cap * sizeof *p);
        if (p == NULL) {
            return 0;
        }
        t->line = p;
        t->cap_lines = cap;
    }
    t->line[t->n_lines++].offset = t->lines.len;
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

/* Once all are there and nothing moves any more.  libcurl only reads the list. */
static struct curl_slist *link_lines(ol_transfer *t)
{
    size_t i;
    for (i = 0; i < t->n_lines; i++) {
        t->line[i].node.data = t->lines.data + t->line[i].offset;
        t->line[i].node.next = i + 1 < t->n_lines ? &t->line[i + 1].node : NULL;
    }
    return &t->line[0].node;
}

static long milliseconds(double s)
{
    double ms = s * 1000;
    return !(ms >= 1) ? 1 : ms > INT_MAX ? INT_MAX : (long)ms;
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

void ol_transfer_number(ol_transfer *t, double number)
{
    t->number = number;
}

void ol_transfer_start(ol_transfer *t, const ol_request *r)
{
    ol_engine *e = t->engine;
    CURLMcode code;

    e->stats.requests++;
    t->once = r->once;
    t->deadline = ol_engine_now() + (int64_t)milliseconds(r->timeout) * 1000;
    t->body.max = r->max_body;
    if (!set_request(t, r) || ol_engine_multi(e) == NULL) {
        ol_transfer_settle(t, OL_END_NETWORK, "out of memory");
        return;
    }
    t->state = OL_LIVE;
    t->next = e->live;
    if (t->next != NULL) {
        t->next->prev = t;
    }
    e->live = t;
    e->running++;
    if (e->unsent++ == 0 || t->deadline < e->late_at) {
        e->late_at = t->deadline;
    }
    code = curl_multi_add_handle(e->multi, t->easy);
    if (code != CURLM_OK) {
        ol_transfer_settle(t, OL_END_NETWORK, curl_multi_strerror(code));
    }
}

int ol_transfer_done(ol_transfer *t)
{
    ol_engine_here(t->engine);
    return t->state == OL_DONE;
}

int ol_transfer_belongs(const ol_transfer *t, const ol_engine *e)
{
    return t->engine == e;
}

void ol_transfer_cancel(ol_transfer *t)
{
    ol_engine *e = t->engine;
    ol_engine_here(e);
    if (t->state == OL_DONE) {
        return;
    }
    if (t->state == OL_LIVE) {
        curl_multi_remove_handle(e->multi, t->easy);
    }
    ol_transfer_settle(t, OL_END_CANCELLED, "cancelled");
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
    ol_transfer_told(t);
    if (t->process != e->process) {
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
        ol_transfer_free(t);
    }
    ol_engine_unref(e);
}

enum ol_ending ol_transfer_failure(const ol_transfer *t)
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

void ol_transfer_answer(ol_transfer *t, ol_answer *out)
{
    *out = t->answer;
    out->headers = t->head.data;
    out->headers_len = t->head.len;
    out->body = t->body.len > 0 ? t->body.data : "";
    out->body_len = t->body.len;
}
