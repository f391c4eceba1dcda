/* sys.c - fork for the specs: Lua has none.  Compiled by spec/support/child.lua when a spec asks. */
#include <lauxlib.h>
#include <lua.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int luaopen_sys(lua_State *L);

static int l_fork(lua_State *L)
{
    lua_pushnumber(L, (lua_Number)fork());
    return 1;
}

/* wait(pid) -> exit status, or -signal */
static int l_wait(lua_State *L)
{
    int status = 0;
    if (waitpid((pid_t)lua_tonumber(L, 1), &status, 0) < 0) {
        return luaL_error(L, "waitpid failed");
    }
    lua_pushnumber(L, WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
    return 1;
}

/* leave(): at once, without Lua's or libc's clearing up, and without a memory checker's report: what
 * a child abandons on purpose is a leak to it. */
static int l_leave(lua_State *L)
{
    (void)L;
    kill(getpid(), SIGKILL);
    return 0;
}

int luaopen_sys(lua_State *L)
{
    lua_newtable(L);
    lua_pushcfunction(L, l_fork);
    lua_setfield(L, -2, "fork");
    lua_pushcfunction(L, l_wait);
    lua_setfield(L, -2, "wait");
    lua_pushcfunction(L, l_leave);
    lua_setfield(L, -2, "leave");
    return 1;
}
