/* lpager.c - the pager userdata: where a walk stands.  Calling and iterating is the Lua layer's part. */
#include <stdlib.h>

#include "buf.h"
#include "json.h"
#include "types.h"

typedef struct ol_lpager {
    ol_pages *pages; /* NULL = closed */
} ol_lpager;

/* core.pager(style, uservalue, place, page): style "v1", "v2" or nil; place resumes; page starts by number. */
static int new_pager(lua_State *L)
{
    const char *style = luaL_optstring(L, 1, "");
    size_t n = 0;
    const char *place = luaL_optlstring(L, 3, NULL, &n);
    double page = luaL_optnumber(L, 4, -1);
    ol_lpager *p;

    luaL_checktype(L, 2, LUA_TTABLE);
    if (!(page <= 1e15)) {
        return luaL_error(L, "page must be a page number");
    }
    lua_settop(L, 4);
    p = ol_newuserdata(L, sizeof *p);
    p->pages = NULL;
    ol_setmetatable(L, OL_PAGER);
    lua_pushvalue(L, 2);
    ol_setuservalue(L, 5);
    p->pages = malloc(sizeof *p->pages);
    if (p->pages == NULL) {
        return luaL_error(L, "not enough memory");
    }
    ol_pages_init(p->pages, strcmp(style, "v1") == 0   ? OL_PAGES_V1
                            : strcmp(style, "v2") == 0 ? OL_PAGES_V2
                                                       : OL_PAGES_NONE);
    if (place != NULL && n > 0 && !ol_pages_resume(p->pages, place, n)) {
        return luaL_error(L, "not enough memory");
    }
    if (page >= 0) {
        ol_pages_start_at(p->pages, page);
    }
    return 1;
}

static ol_lpager *check_pager(lua_State *L)
{
    return luaL_checkudata(L, 1, OL_PAGER);
}

/* pager.ask(p) -> "first" | "cursor", text | "page", number | nil at the end or when closed */
static int f_ask(lua_State *L)
{
    ol_lpager *p = check_pager(L);
    double page = 0;
    if (p->pages == NULL) {
        return 0;
    }
    switch (ol_pages_next(p->pages, &page)) {
    case OL_ASK_FIRST:
        lua_pushliteral(L, "first");
        return 1;
    case OL_ASK_CURSOR:
        lua_pushliteral(L, "cursor");
        lua_pushlstring(L, p->pages->cursor, p->pages->cursor_len);
        return 2;
    case OL_ASK_PAGE:
        lua_pushliteral(L, "page");
        ol_pushwhole(L, (long long)page);
        return 2;
    case OL_ASK_END:
        break;
    }
    return 0;
}

static double number_field(lua_State *L, int idx, const char *name)
{
    double v = -1;
    if (ol_json_field(L, idx, name) == LUA_TNUMBER) {
        v = (double)lua_tonumber(L, -1);
        v = v >= 0 && v <= 9007199254740992.0 ? v : -1;
    }
    lua_pop(L, 1);
    return v;
}

/* pager.got(p, info, rows, fresh) -> nil when good, else "repeated" or "no_progress" */
static int f_got(lua_State *L)
{
    ol_lpager *p = check_pager(L);
    ol_page_info info;
    enum ol_page_verdict verdict;

    lua_settop(L, 4);
    if (p->pages == NULL) {
        return 0;
    }
    memset(&info, 0, sizeof info);
    info.page = info.total_pages = info.total = -1;
    if (lua_istable(L, 2)) {
        info.page = number_field(L, 2, "page");
        info.total_pages = number_field(L, 2, "total_pages");
        info.total = number_field(L, 2, "total");
        if (ol_json_field(L, 2, "cursor") == LUA_TSTRING) {
            info.cursor = lua_tolstring(L, -1, &info.cursor_len); /* anchored by the info table */
        }
        lua_pop(L, 1);
    }
    info.rows = luaL_checknumber(L, 3);
    info.fresh = luaL_checknumber(L, 4);
    verdict = ol_pages_got(p->pages, &info);
    if (verdict == OL_PAGE_GOOD) {
        return 0;
    }
    lua_pushstring(L, verdict == OL_PAGE_REPEATED ? "repeated" : "no_progress");
    return 1;
}

/* pager.place(p) -> text that resumes at the next page, or nil when there is none (or at the very start) */
static int f_place(lua_State *L)
{
    ol_lpager *p = check_pager(L);
    char number[32];
    if (p->pages == NULL || p->pages->ended) {
        return 0;
    }
    if (p->pages->cursor != NULL) {
        lua_pushlstring(L, p->pages->cursor, p->pages->cursor_len);
        return 1;
    }
    if (ol_pages_place(p->pages, number, sizeof number) == 0) {
        return 0;
    }
    lua_pushstring(L, number);
    return 1;
}

/* pager.totals(p) -> rows seen, total told (or nil) */
static int f_totals(lua_State *L)
{
    ol_lpager *p = check_pager(L);
    if (p->pages == NULL) {
        return 0;
    }
    ol_pushwhole(L, (long long)p->pages->seen);
    if (p->pages->total < 0) {
        return 1;
    }
    ol_pushwhole(L, (long long)p->pages->total);
    return 2;
}

static int f_state(lua_State *L)
{
    check_pager(L);
    ol_getuservalue(L, 1);
    return 1;
}

static int m_close(lua_State *L)
{
    ol_lpager *p = check_pager(L);
    ol_pages *pages = p->pages;
    p->pages = NULL;
    if (pages != NULL) {
        ol_pages_free(pages);
        free(pages);
    }
    return 0;
}

static int m_tostring(lua_State *L)
{
    ol_lpager *p = check_pager(L);
    if (p->pages == NULL) {
        lua_pushliteral(L, "onelogin.pager (closed)");
    } else {
        char text[64];
        int n = snprintf(text, sizeof text, "onelogin.pager (%.0f rows so far%s)", p->pages->seen,
                         p->pages->ended ? ", at the end" : "");
        lua_pushlstring(L, text, (size_t)n);
    }
    return 1;
}

void ol_open_pager(lua_State *L)
{
    static const luaL_Reg methods[] = {{NULL, NULL}};
    static const luaL_Reg functions[] = {
        {"new", new_pager},   {"ask", f_ask},     {"got", f_got},     {"place", f_place},
        {"totals", f_totals}, {"state", f_state}, {"close", m_close}, {NULL, NULL},
    };
    ol_newtype(L, OL_PAGER, methods, m_close, m_tostring);
    lua_newtable(L);
    ol_setfuncs(L, functions, 0);
}
