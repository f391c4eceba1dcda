/* One token's life: expiry corrected by the server's clock, rest, drop, generations. */
#include "token.h"

#include <math.h>
#include <string.h>

#include "tap.h"

static ol_time at(double mono, double wall)
{
    ol_time t;
    t.mono = mono;
    t.wall = wall;
    return t;
}

int main(void)
{
    ol_token t;
    unsigned long g;

    ol_token_init(&t);
    ok(!ol_token_usable(&t, at(0, 0)) && t.generation == 0, "none at first");
    ol_token_drop(&t, 0);
    ok(ol_token_set(&t, "one", 3, 1000, 36000, 1000, at(5, 1000)) == 1 && t.generation == 1 &&
           !t.dropped,
       "the first is new");
    ok(ol_token_usable(&t, at(20, 36999)) && !ol_token_usable(&t, at(20, 37000)),
       "expires at created_at + expires_in");

    /* Re-issued after 35 minutes: created_at stays where it was. */
    ok(ol_token_set(&t, "one", 3, 1000, 36000, 3100, at(2105, 3100)) == 0 && t.generation == 1,
       "the same is not new");
    ok(t.expires == 37000, "asking again does not lengthen its life");

    ol_token_set(&t, "two", 3, 1000, 36000, 1000, at(5, 5000));
    ok(t.expires == 41000 && t.generation == 2, "our clock an hour ahead: expiry is moved to it");
    ol_token_set(&t, "three", 5, 5000, 36000, 5000, at(5, 1000));
    ok(t.expires == 37000, "our clock behind: likewise");
    ol_token_set(&t, "three", 5, 900, 100, -1, at(5, 1000));
    ok(t.expires == 1000, "no Date: created_at is taken as it is");
    ol_token_set(&t, "three", 5, -1, 100, 5000, at(5, 1000));
    ok(t.expires == 1100, "no created_at: life counts from now");
    ol_token_set(&t, "three", 5, -1, -1, -1, at(5, 1000));
    ok(t.expires == 37000, "nothing told: ten hours");

    /* An expired token that the server has just given again is used for a while. */
    ol_token_set(&t, "old", 3, 1000, 10, 2000, at(100, 2000));
    ok(ol_token_usable(&t, at(100, 2000)) && ol_token_usable(&t, at(109.9, 2010)),
       "expired yet confirmed: it rests");
    ok(!ol_token_usable(&t, at(110, 2010)), "for ten seconds");
    ok(!ol_token_usable(&t, at(99, 2000)), "a monotonic clock that went back gives no rest");
    ok(ol_token_usable(&t, at(200, 1009)), "a wall clock set back makes it good again");

    g = t.generation;
    ol_token_drop(&t, g - 1);
    ok(!t.dropped, "a 401 of an older token drops nothing");
    ol_token_drop(&t, g);
    ok(t.dropped && !ol_token_usable(&t, at(100, 1000)), "a 401 of this one drops it, rest or not");
    ol_token_set(&t, "old", 3, 1000, 36000, 1000, at(100, 1000));
    ok(!t.dropped && t.generation == g && ol_token_usable(&t, at(100, 1000)),
       "re-issued it counts as confirmed");

    /* Shared by another process. */
    ol_token_drop(&t, g);
    ok(ol_token_adopt(&t, "old", 3, 9999, at(100, 1000)) == 0 && t.dropped,
       "a shared copy confirms nothing");
    ok(ol_token_adopt(&t, "new", 3, 2000, at(100, 1000)) == 1 && !t.dropped &&
           t.generation == g + 1,
       "another one replaces it");
    ok(ol_token_usable(&t, at(100, 1999)) && !ol_token_usable(&t, at(100, 2000)),
       "and gets no rest when expired");
    ok(ol_token_adopt(&t, "new", 3, 3000, at(100, 1000)) == 0 && ol_token_usable(&t, at(300, 2999)),
       "the same with a later expiry lives longer");

    /* Memory: nothing changes. */
    ok(ol_token_set(&t, "x", (size_t)1 << 62, 0, 1, 0, at(0, 0)) == -1 && t.len == 3 &&
           strcmp(t.value, "new") == 0 && t.expires == 3000,
       "out of memory keeps the old one whole");
    ok(ol_token_adopt(&t, "x", (size_t)1 << 62, 1, at(0, 0)) == -1 && t.expires == 3000,
       "also when adopting");

    g = t.generation;
    ol_token_free(&t);
    ok(t.value == NULL && t.generation == g && !ol_token_usable(&t, at(100, 1000)),
       "free keeps counting");
    ol_token_set(&t, "new", 3, -1, -1, -1, at(100, 1000));
    ok(t.generation == g + 1, "what comes after a free is told apart from what was before");
    ol_token_free(&t);
    return tap_done();
}
