/* multi.c - the least a program can do for many GETs at once: a libcurl multi handle, written as one would write it.
 *
 *   multi BASE CA N LANES ROUNDS [decode]
 *
 * N GETs of one user, LANES under way, ROUNDS times; prints for each round its seconds and the CPU of this process
 * (user and system) in microseconds a call.  The request and what is kept of the answer are those of the client: the
 * same headers, time limits, HTTP/2 over verified TLS, header lines and body collected in memory, the status looked
 * at.  The easy handles are kept and set for each transfer.  The answer is read by nobody, or, with `decode`, by
 * lua-cjson. */
#define _POSIX_C_SOURCE 200809L
#include <curl/curl.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct text {
    char data[16384];
    size_t len;
};

struct lane {
    CURL *easy;
    struct text head, body;
};

static char url[1024];
static const char *ca;
static struct curl_slist *headers;
static lua_State *decoder; /* NULL = none */

static void die(const char *why)
{
    fprintf(stderr, "multi: %s\n", why);
    exit(1);
}

static double at(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static size_t keep(char *data, size_t size, size_t n, void *user)
{
    struct text *text = user;
    n *= size;
    if (text->len + n > sizeof text->data) {
        return 0;
    }
    memcpy(text->data + text->len, data, n);
    text->len += n;
    return n;
}

static void begin(CURLM *multi, struct lane *lane)
{
    CURL *easy = lane->easy;
    lane->head.len = lane->body.len = 0;
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(easy, CURLOPT_CAINFO, ca);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 30000L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, 5000L);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, keep);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &lane->head);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &lane->body);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, lane);
    if (curl_multi_add_handle(multi, easy) != CURLM_OK) {
        die("out of memory");
    }
}

/* Takes what has ended off the multi handle; 0 when nothing has. */
static struct lane *ended(CURLM *multi)
{
    CURLMsg *message;
    struct lane *lane;
    char *private = NULL;
    long status = 0;
    int left;
    if ((message = curl_multi_info_read(multi, &left)) == NULL) {
        return NULL;
    }
    if (message->msg != CURLMSG_DONE || message->data.result != CURLE_OK) {
        die("a transfer failed");
    }
    curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
    lane = (struct lane *)(void *)private;
    if (status != 200 || lane->body.len == 0) {
        die("the server did not answer 200");
    }
    curl_multi_remove_handle(multi, message->easy_handle);
    if (decoder != NULL) {
        lua_getglobal(decoder, "decode");
        lua_pushlstring(decoder, lane->body.data, lane->body.len);
        lua_call(decoder, 1, 0);
    }
    return lane;
}

static void gets(CURLM *multi, struct lane *lanes, long n, long count)
{
    long begun, done = 0;
    for (begun = 0; begun < count && begun < n; begun++) {
        begin(multi, &lanes[begun]);
    }
    while (done < n) {
        struct lane *lane;
        int running;
        curl_multi_perform(multi, &running);
        while ((lane = ended(multi)) != NULL) {
            done++;
            if (begun < n) {
                begun++;
                begin(multi, lane);
            }
        }
        if (done < n) {
            curl_multi_poll(multi, NULL, 0, 1000, NULL);
        }
    }
}

int main(int argc, char **argv)
{
    struct lane *lanes;
    long n, count, rounds, i;
    CURLM *multi;

    if (argc < 6) {
        die("usage: multi BASE CA N LANES ROUNDS [decode]");
    }
    if (argc > 6 && (decoder = luaL_newstate()) != NULL) {
        luaL_openlibs(decoder);
        if (luaL_dostring(decoder, "decode = require('cjson').decode") != LUA_OK) {
            die(lua_tostring(decoder, -1));
        }
    }
    ca = argv[2];
    n = strtol(argv[3], NULL, 10);
    count = strtol(argv[4], NULL, 10);
    rounds = strtol(argv[5], NULL, 10);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    multi = curl_multi_init();
    lanes = calloc((size_t)count, sizeof *lanes);
    if (multi == NULL || lanes == NULL) {
        die("out of memory");
    }
    headers = curl_slist_append(headers, "Accept: application/json");
    headers = curl_slist_append(headers, "User-Agent: onelogin-lua/0.1.0 (Lua 5.4)");
    headers = curl_slist_append(headers, "Authorization: Bearer t");
    snprintf(url, sizeof url, "%s/api/2/users/1", argv[1]);
    for (i = 0; i < count; i++) {
        lanes[i].easy = curl_easy_init();
    }
    gets(multi, lanes, 1, 1); /* one alone opens the connection, then every handle has been used once: not counted */
    gets(multi, lanes, count, count);
    while (rounds-- > 0) {
        double began = at(CLOCK_MONOTONIC), cpu = at(CLOCK_PROCESS_CPUTIME_ID);
        gets(multi, lanes, n, count);
        cpu = at(CLOCK_PROCESS_CPUTIME_ID) - cpu;
        printf("seconds %.4f us %.2f\n", at(CLOCK_MONOTONIC) - began, cpu / (double)n * 1e6);
    }
    for (i = 0; i < count; i++) {
        curl_easy_cleanup(lanes[i].easy);
    }
    curl_multi_cleanup(multi);
    curl_slist_free_all(headers);
    free(lanes);
    if (decoder != NULL) {
        lua_close(decoder);
    }
    return 0;
}
