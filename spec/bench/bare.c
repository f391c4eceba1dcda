/* bare.c - the least a program can do for the same work: one libcurl handle, lua-cjson, no client.
 *
 *   bare get  BASE CA N        N GETs of one user, each decoded; microseconds a call
 *   bare walk BASE CA LIMIT    every page of the users, each row looked at; seconds and peak memory */
#define _POSIX_C_SOURCE 200809L
#include <curl/curl.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <time.h>

struct answer {
    char *body;
    size_t len, cap;
    char cursor[256];
};

static void die(const char *why)
{
    fprintf(stderr, "bare: %s\n", why);
    exit(1);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static size_t on_body(char *data, size_t size, size_t n, void *user)
{
    struct answer *a = user;
    n *= size;
    if (a->len + n > a->cap) {
        a->cap = (a->len + n) * 2;
        a->body = realloc(a->body, a->cap);
        if (a->body == NULL) {
            die("out of memory");
        }
    }
    memcpy(a->body + a->len, data, n);
    a->len += n;
    return n;
}

static size_t on_header(char *data, size_t size, size_t n, void *user)
{
    static const char name[] = "after-cursor:";
    struct answer *a = user;
    n *= size;
    if (n > sizeof name && strncasecmp(data, name, sizeof name - 1) == 0) {
        size_t from = sizeof name - 1, to = n;
        while (from < to && data[from] == ' ') {
            from++;
        }
        while (to > from && (data[to - 1] == '\r' || data[to - 1] == '\n')) {
            to--;
        }
        if (to - from < sizeof a->cursor) {
            memcpy(a->cursor, data + from, to - from);
            a->cursor[to - from] = '\0';
        }
    }
    return n;
}

static void fetch(CURL *easy, const char *url, struct answer *a)
{
    long status = 0;
    CURLcode rc;
    a->len = 0;
    a->cursor[0] = '\0';
    curl_easy_setopt(easy, CURLOPT_URL, url);
    rc = curl_easy_perform(easy);
    if (rc != CURLE_OK) {
        die(curl_easy_strerror(rc));
    }
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200) {
        die("the server did not answer 200");
    }
}

/* Decodes the body with cjson and hands it to the Lua function `use`. */
static void decode(lua_State *L, const struct answer *a)
{
    lua_getglobal(L, "use");
    lua_getglobal(L, "decode");
    lua_pushlstring(L, a->body, a->len);
    if (lua_pcall(L, 1, 1, 0) != LUA_OK || lua_pcall(L, 1, 0, 0) != LUA_OK) {
        die(lua_tostring(L, -1));
    }
}

int main(int argc, char **argv)
{
    struct answer a = {NULL, 0, 0, ""};
    struct curl_slist *headers = NULL;
    struct rusage usage;
    char url[1024];
    double began;
    long users, i, n;
    lua_State *L = luaL_newstate();
    CURL *easy;
    if (argc != 5 || L == NULL) {
        die("usage: bare get|walk BASE CA N");
    }
    n = strtol(argv[4], NULL, 10);
    luaL_openlibs(L);
    if (luaL_dostring(L, "decode = require('cjson').decode; users = 0; sum = 0\n"
                         "function use(rows)\n"
                         "  for i = 1, #rows do users = users + 1; sum = sum + rows[i].id end\n"
                         "end") != LUA_OK) {
        die(lua_tostring(L, -1));
    }
    curl_global_init(CURL_GLOBAL_DEFAULT);
    easy = curl_easy_init();
    /* The same lines that the library sends: a bearer of the usual length among them. */
    headers = curl_slist_append(headers, "Authorization: Bearer "
                                         "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");
    headers = curl_slist_append(headers, "Accept: application/json");
    headers = curl_slist_append(headers, "User-Agent: onelogin-lua/0.1.0 (Lua 5.4)");
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_CAINFO, argv[3]);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &a);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &a);

    if (strcmp(argv[1], "get") == 0) {
        snprintf(url, sizeof url, "%s/api/2/users/1", argv[2]);
        for (i = 0; i < 50; i++) {
            fetch(easy, url, &a);
        }
        began = now();
        for (i = 0; i < n; i++) {
            fetch(easy, url, &a);
            decode(L, &a);
        }
        printf("us %.3f\n", (now() - began) / (double)n * 1e6);
    } else {
        snprintf(url, sizeof url, "%s/api/2/users?limit=%ld", argv[2], n);
        began = now();
        for (;;) {
            char *cursor;
            fetch(easy, url, &a);
            decode(L, &a);
            if (a.cursor[0] == '\0') {
                break;
            }
            cursor = curl_easy_escape(easy, a.cursor, 0);
            snprintf(url, sizeof url, "%s/api/2/users?cursor=%s", argv[2], cursor);
            curl_free(cursor);
        }
        printf("seconds %.3f\n", now() - began);
        lua_getglobal(L, "users");
        users = (long)lua_tointeger(L, -1);
        printf("users %ld\n", users);
    }
    getrusage(RUSAGE_SELF, &usage);
    printf("peak_kib %ld\n", usage.ru_maxrss);
    curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
    free(a.body);
    lua_close(L);
    return 0;
}
