/* multi.c - the least a program can do for many GETs at once: a libcurl multi handle and lua-cjson, no client.
 *
 *   multi BASE CA N LANES        N GETs of one user, LANES under way; seconds, and CPU in microseconds a call */
#define _POSIX_C_SOURCE 200809L
#include <curl/curl.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct lane {
    CURL *easy;
    size_t len;
    char body[65536];
};

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

static size_t on_body(char *data, size_t size, size_t n, void *user)
{
    struct lane *lane = user;
    n *= size;
    if (lane->len + n > sizeof lane->body) {
        return 0;
    }
    memcpy(lane->body + lane->len, data, n);
    lane->len += n;
    return n;
}

int main(int argc, char **argv)
{
    struct curl_slist *headers = NULL;
    struct lane *lanes;
    char url[1024];
    long n, count, i, begun = 0, done = 0;
    int running, left;
    double began = 0, cpu = 0;
    lua_State *L = luaL_newstate();
    CURLM *multi;

    if (argc != 5 || L == NULL) {
        die("usage: multi BASE CA N LANES");
    }
    n = strtol(argv[3], NULL, 10);
    count = strtol(argv[4], NULL, 10);
    luaL_openlibs(L);
    if (luaL_dostring(L, "decode = require('cjson').decode") != LUA_OK) {
        die(lua_tostring(L, -1));
    }
    curl_global_init(CURL_GLOBAL_DEFAULT);
    multi = curl_multi_init();
    lanes = calloc((size_t)count, sizeof *lanes);
    if (multi == NULL || lanes == NULL) {
        die("out of memory");
    }
    headers = curl_slist_append(headers, "Authorization: Bearer "
                                         "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");
    headers = curl_slist_append(headers, "Accept: application/json");
    headers = curl_slist_append(headers, "User-Agent: onelogin-lua/0.1.0 (Lua 5.4)");
    snprintf(url, sizeof url, "%s/api/2/users/1", argv[1]);
    for (i = 0; i < count; i++) {
        CURL *easy = lanes[i].easy = curl_easy_init();
        curl_easy_setopt(easy, CURLOPT_URL, url);
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(easy, CURLOPT_CAINFO, argv[2]);
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
        curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
        curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, &lanes[i]);
        curl_easy_setopt(easy, CURLOPT_PRIVATE, &lanes[i]);
    }
    /* The first call alone warms the connection and is not counted. */
    curl_multi_add_handle(multi, lanes[0].easy);
    begun = -1;
    do {
        CURLMsg *message;
        curl_multi_perform(multi, &running);
        while ((message = curl_multi_info_read(multi, &left)) != NULL) {
            struct lane *lane;
            char *private = NULL;
            long status = 0;
            CURL *easy = message->easy_handle;
            if (message->msg != CURLMSG_DONE || message->data.result != CURLE_OK) {
                die("a transfer failed");
            }
            curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
            curl_easy_getinfo(easy, CURLINFO_PRIVATE, &private);
            lane = (struct lane *)(void *)private;
            lua_getglobal(L, "decode");
            lua_pushlstring(L, lane->body, lane->len);
            if (status != 200 || lua_pcall(L, 1, 0, 0) != LUA_OK) {
                die("the server did not answer 200");
            }
            lane->len = 0;
            curl_multi_remove_handle(multi, easy);
            if (begun < 0) {
                began = at(CLOCK_MONOTONIC);
                cpu = at(CLOCK_PROCESS_CPUTIME_ID);
                for (begun = 0; begun < count && begun < n; begun++) {
                    curl_multi_add_handle(multi, lanes[begun].easy);
                }
                continue;
            }
            done++;
            if (begun < n) {
                begun++;
                curl_multi_add_handle(multi, easy);
            }
        }
        if (done < n) {
            curl_multi_poll(multi, NULL, 0, 1000, NULL);
        }
    } while (done < n);
    printf("seconds %.4f\n", at(CLOCK_MONOTONIC) - began);
    printf("us %.2f\n", (at(CLOCK_PROCESS_CPUTIME_ID) - cpu) / (double)n * 1e6);
    for (i = 0; i < count; i++) {
        curl_easy_cleanup(lanes[i].easy);
    }
    curl_multi_cleanup(multi);
    curl_slist_free_all(headers);
    free(lanes);
    lua_close(L);
    return 0;
}
