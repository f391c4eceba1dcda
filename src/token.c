#include "token.h"

#include <string.h>

#include "buf.h"

#define DEFAULT_LIFE 36000.0

void ol_token_init(ol_token *t)
{
    memset(t, 0, sizeof *t);
}

void ol_token_free(ol_token *t)
{
    ol_strfree(t->value);
    t->value = NULL;
    t->len = 0;
    t->dropped = 0;
}

int ol_token_usable(const ol_token *t, ol_time now)
{
    double rested = now.mono - t->fetched;
    if (t->value == NULL || t->dropped) {
        return 0;
    }
    return now.wall < t->expires || (rested >= 0 && rested < OL_TOKEN_REST);
}

static int store(ol_token *t, const char *value, size_t len)
{
    char *copy;
    if (t->value != NULL && t->len == len && memcmp(t->value, value, len) == 0) {
        return 0;
    }
    copy = ol_strdup(value, len);
    if (copy == NULL) {
        return -1;
    }
    ol_strfree(t->value);
    t->value = copy;
    t->len = len;
    t->generation++;
    return 1;
}

int ol_token_set(ol_token *t, const char *value, size_t len, double created_at, double expires_in, double date,
                 ol_time now)
{
    double ahead = date >= 0 ? date - now.wall : 0; /* how far the server's clock is ahead of ours */
    int changed = store(t, value, len);
    if (changed < 0) {
        return -1;
    }
    if (expires_in < 0) {
        expires_in = DEFAULT_LIFE;
    }
    t->expires = (created_at >= 0 ? created_at - ahead : now.wall) + expires_in;
    t->fetched = now.mono;
    t->dropped = 0;
    return changed;
}

int ol_token_adopt(ol_token *t, const char *value, size_t len, double expires, ol_time now)
{
    int dropped = t->dropped;
    int changed = store(t, value, len);
    if (changed < 0) {
        return -1;
    }
    t->expires = expires;
    if (changed) {
        /* Not fetched now: an expired shared token gets no rest period. */
        t->fetched = now.mono - OL_TOKEN_REST;
    }
    t->dropped = changed ? 0 : dropped;
    return changed;
}

void ol_token_drop(ol_token *t, unsigned long generation)
{
    if (t->generation == generation) {
        t->dropped = 1;
    }
}
