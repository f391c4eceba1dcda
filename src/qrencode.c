/* qrencode.c - onelogin.qrencode: the dark and light modules of a QR code, computed by libqrencode.
 *
 * Built only where that library is; lua/onelogin/qr.lua checks the arguments a person gives, draws
 * the code and says what to install where this module is missing.  The text is a secret as a rule
 * (the key of an authenticator): what lies in our buffers and in the code that the library returns
 * is wiped.  Pure function on a Lua string: no state, no I/O. */
#include "buf.h"
#include "compat.h"

#include <errno.h>
#include <qrencode.h>

OL_EXPORT int luaopen_onelogin_qrencode(lua_State *L);

enum {
    MOST_BYTES = 2953,
    MOST_WIDTH = 17 + 4 * QRSPEC_VERSION_MAX,
    MOST_MODULES = MOST_WIDTH * MOST_WIDTH
};

/* Computes the code of `text` into `out` (one '0' or '1' for each module, row by row).  Returns its
 * width, or 0: errno says ERANGE when the text does not fit. */
static int encode(const unsigned char *text, int len, QRecLevel level, char *out)
{
    QRinput *input = QRinput_new2(0, level); /* 0: the smallest version that holds it */
    QRcode *code = NULL;
    int i, width = 0;

    if (input != NULL && QRinput_append(input, QR_MODE_8, len, text) == 0) {
        code = QRcode_encodeInput(input);
    }
    if (code != NULL && code->width <= MOST_WIDTH) {
        width = code->width;
        for (i = 0; i < width * width; i++) {
            out[i] = (code->data[i] & 1) != 0 ? '1' : '0';
        }
        ol_wipe(code->data, (size_t)width * (size_t)width);
    }
    i = errno;
    QRcode_free(code);
    QRinput_free(input);
    errno = i;
    return width;
}

/* encode(text, level) -> width, modules; or nil and a message when the text is too long for the
 * level.  level: 0 to 3, for L, M, Q, H. */
static int l_encode(lua_State *L)
{
    static const QRecLevel levels[] = {QR_ECLEVEL_L, QR_ECLEVEL_M, QR_ECLEVEL_Q, QR_ECLEVEL_H};
    size_t len;
    long long level;
    const char *text;
    char *out;
    int width;

    if (lua_type(L, 1) != LUA_TSTRING) {
        return luaL_error(L, "the text must be a string, not %s", luaL_typename(L, 1));
    }
    if (!ol_iswhole(L, 2, &level) || level < 0 || level > 3) {
        return luaL_error(L, "the level must be 0, 1, 2 or 3");
    }
    text = lua_tolstring(L, 1, &len);
    if (len == 0) {
        return luaL_error(L, "the text is empty");
    }
    if (len > MOST_BYTES) {
        lua_pushnil(L);
        lua_pushliteral(L, "too long");
        return 2;
    }
    /* Before the library allocates: no error of Lua shall leave something of it behind. */
    out = ol_newuserdata(L, MOST_MODULES);
    errno = 0;
    width = encode((const unsigned char *)text, (int)len, levels[level], out);
    if (width == 0) {
        int why = errno;
        ol_wipe(out, MOST_MODULES);
        if (why != ERANGE) {
            return luaL_error(L, "libqrencode failed (%d)", why);
        }
        lua_pushnil(L);
        lua_pushliteral(L, "too long");
        return 2;
    }
    ol_pushwhole(L, width);
    lua_pushlstring(L, out, (size_t)width * (size_t)width);
    ol_wipe(out, MOST_MODULES);
    return 2;
}

static const luaL_Reg functions[] = {
    {"encode", l_encode},
    {NULL, NULL}
};

int luaopen_onelogin_qrencode(lua_State *L)
{
    lua_newtable(L);
    ol_setfuncs(L, functions, 0);
    return 1;
}
