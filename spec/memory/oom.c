/* oom.c - the client when memory runs out: at every single allocation, Lua's and the core's own.
 *
 * A script makes a client, reads, walks, fails and closes.  It is run with the first allocation failing, then
 * with the second, and so on, until it gets through.  Each time the shortage has to come out as Lua's own error,
 * and the same lua_State has to work on.  In the end nothing may be left over. */
#include <stdio.h>
#include <string.h>

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

/* The compiler was told to include oom.h; here is where its functions are. */
#undef malloc
#undef calloc
#undef realloc
#undef free

#include "../decisions/tap.h"

int luaopen_onelogin_core(lua_State *L);

/* Leaks are counted here (blocks): lua-cjson loses a buffer of its own when Lua throws inside it. */
__attribute__((visibility("default"))) int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
    return 1;
}

/* Allocations `from` to `to` fail, counted since arm(); 0 = none does. */
static unsigned long from, to, count, refused;
static long blocks;

static void arm(unsigned long first, unsigned long last)
{
    count = refused = 0;
    from = first;
    to = last;
}

static int fails(void)
{
    count++;
    if (from == 0 || count < from || count > to) {
        return 0;
    }
    refused++;
    return 1;
}

void *oom_malloc(size_t n)
{
    void *p = fails() ? NULL : malloc(n);
    blocks += p != NULL;
    return p;
}

void *oom_calloc(size_t n, size_t size)
{
    void *p = fails() ? NULL : calloc(n, size);
    blocks += p != NULL;
    return p;
}

void *oom_realloc(void *p, size_t n)
{
    void *q = fails() ? NULL : realloc(p, n);
    blocks += q != NULL && p == NULL;
    return q;
}

void oom_free(void *p)
{
    blocks -= p != NULL;
    free(p);
}

static void *lua_memory(void *ud, void *p, size_t had, size_t n)
{
    (void)ud;
    if (n == 0) {
        oom_free(p);
        return NULL;
    }
    if (p != NULL && n <= had) { /* Lua counts on it that this works */
        void *q = realloc(p, n);
        return q != NULL ? q : p;
    }
    return oom_realloc(p, n);
}

static const char setup[] =
    "package.path = 'lua/?.lua;lua/?/init.lua'\n"
    "local onelogin = require 'onelogin'\n"
    "require 'onelogin.redact'\n"
    "require 'onelogin.pager'\n"
    "require 'onelogin.api.users'\n"
    "local null, array = onelogin.null, onelogin.array\n"
    "local now = 100\n"
    "local clock = { mono = function() return now end, wall = function() return now end,\n"
    "  sleep = function(s) now = now + s end }\n"
    "local store = {}\n"
    "local transport = { send = function(_, r)\n"
    "  if r.operation == 'oauth.generate_tokens' then\n"
    "    return { status = 200, headers = { date = 'Tue, 14 Nov 2023 22:13:20 GMT' },\n"
    "      body = '{\"access_token\":\"a-token\",\"created_at\":\"2023-11-14T22:13:20.000Z\",\"expires_in\":36000}' }\n"
    "  elseif r.method == 'PUT' then\n"
    "    return { status = 422, headers = {}, body = '{\"name\":\"E\",\"message\":[\"no \\\\u00e9\",\"a-secret\"],'\n"
    "      .. '\"statusCode\":422,\"field\":\"x\"}' }\n"
    "  elseif r.url:find('/users/7', 1, true) then\n"
    "    return nil, { kind = 'network', message = 'lost', sent = true }\n"
    "  elseif r.url:find('/users/', 1, true) then\n"
    "    return { status = 200, headers = {},\n"
    "      body = '{\"id\":123456789012345678,\"a\":[],\"b\":null,\"c\":{\"d\":1.5}}' }\n"
    "  end\n"
    "  local page = tonumber(r.url:match('cursor=(%d)') or 1)\n"
    "  return { status = 200, headers = { ['After-Cursor'] = page < 3 and tostring(page + 1) or nil },\n"
    "    body = ('[{\"id\":%d},{\"id\":%d}]'):format(page * 2, page * 2 + 1) }\n"
    "end }\n"
    "return function()\n"
    "  local ol = onelogin.new { base_url = 'https://x.test', client_id = 'id', transport = transport, clock = clock,\n"
    "    client_secret = function() return 'a-secret' end, store = { get = function(k) return store[k] end,\n"
    "      set = function(k, v) store[k] = v end } }\n"
    "  store = {}\n"
    "  local user = assert(ol.users:get(5, nil, { nulls = 'sentinel' }))\n"
    "  assert(user.b == null)\n"
    "  local n = 0\n"
    "  for _ in ol.users:each() do n = n + 1 end\n"
    "  assert(n == 6, n)\n"
    "  local value, err = ol.users:update(5, { firstname = '\\1\\195\\169', external_id = null })\n"
    "  assert(value == nil and err.kind == 'invalid', tostring(err))\n"
    "  value, err = ol.users:get(7, nil, { attempts = 2 })\n"
    "  assert(value == nil and err.kind == 'network', tostring(err))\n"
    "  local request = assert(ol:request('POST', '/api/2/x', { query = { a = 'b' }, body = array { 1, 'c', null },\n"
    "    dry_run = true }))\n"
    "  assert(request.url == 'https://x.test/api/2/x?a=b')\n"
    "  local ok, message = pcall(function() return ol.users:get(5, nil, { timeout = -1 }) end)\n"
    "  assert(not ok)\n"
    "  if message:find('memory') then error(message, 0) end\n"
    "  assert(tostring(ol) and tostring(err) and ol:inspect() and tostring(ol.users.get))\n"
    "  ol:close()\n"
    "end\n";

/* Opens a state with the core in it and leaves what the setup returns on the stack; NULL (with its message
 * printed) when it cannot. */
static lua_State *open_state(void)
{
    lua_State *L = lua_newstate(lua_memory, NULL);
    if (L == NULL) {
        return NULL;
    }
    luaL_openlibs(L);
    lua_getglobal(L, "package");
    lua_getfield(L, -1, "preload");
    lua_pushcfunction(L, luaopen_onelogin_core);
    lua_setfield(L, -2, "onelogin.core");
    lua_settop(L, 0);
    if (luaL_loadstring(L, setup) != 0 || lua_pcall(L, 0, 1, 0) != 0) {
        printf("# %s\n", lua_tostring(L, -1));
        lua_close(L);
        return NULL;
    }
    return L;
}

/* Runs the script with allocation n failing, and with it `more` that follow.  What it says, or NULL when it got
 * through without having been refused anything. */
static const char *run(lua_State *L, unsigned long n, unsigned long more)
{
    static char said[400];
    int failed;
    lua_settop(L, 1);
    lua_pushvalue(L, 1);
    arm(n, more == 0 ? (unsigned long)-1 : n + more);
    failed = lua_pcall(L, 0, 0, 0) != 0;
    from = 0;
    if (refused == 0 && !failed) {
        return NULL;
    }
    said[0] = '\0';
    if (failed) {
        lua_getglobal(L, "tostring");
        lua_insert(L, -2);
        lua_call(L, 1, 1);
        snprintf(said, sizeof said, "%s", lua_tostring(L, -1));
    }
    lua_settop(L, 1);
    lua_gc(L, LUA_GCCOLLECT, 0);
    return said;
}

/* A shortage that comes out as something else; that it has no effect at all is good, too (a cache left empty,
 * memory found by collecting). */
static int strange(const char *said)
{
    return said[0] != '\0' && strstr(said, "memory") == NULL && strstr(said, "stack overflow") == NULL;
}

static void shortage(lua_State *L, unsigned long more, const char *name)
{
    unsigned long n, odd = 0;
    const char *said;
    for (n = 1; (said = run(L, n, more)) != NULL && n < 100000; n++) {
        if (strange(said)) {
            odd++;
            printf("# allocation %lu: %s\n", n, said);
        }
    }
    printf("# %s: %lu allocations\n", name, n - 1);
    ok(odd == 0, "%s: every shortage is told as one", name);
    ok(n > 100, "the script allocates");
    ok(run(L, 0, 0) == NULL, "the same state works on");
}

/* The core's own opening, each time in a new state. */
static int open_core(lua_State *L)
{
    luaopen_onelogin_core(L);
    return 0;
}

static void opening(void)
{
    unsigned long n;
    int failed = 1, odd = 0;
    for (n = 1; failed && n < 10000; n++) {
        lua_State *L = lua_newstate(lua_memory, NULL);
        luaL_openlibs(L);
        lua_pushcfunction(L, open_core);
        arm(n, (unsigned long)-1);
        failed = lua_pcall(L, 0, 0, 0) != 0;
        from = 0;
        odd += failed && (lua_tostring(L, -1) == NULL || strstr(lua_tostring(L, -1), "memory") == NULL);
        lua_close(L);
    }
    ok(!failed && odd == 0, "opening the core without memory");
}

int main(void)
{
    lua_State *L = open_state();
    ok(L != NULL, "the script is set up");
    if (L != NULL) {
        ok(run(L, 0, 0) == NULL, "it works with memory");
        shortage(L, 0, "no memory from an allocation on");
        shortage(L, 2, "three allocations refused");
        lua_close(L);
    }
    opening();
    ok(blocks == 0, "nothing is left over");
    return tap_done();
}
