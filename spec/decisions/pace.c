/* Pace: what holds a lane, for how long, and that lanes do not touch each other. */
#include "pace.h"

#include <math.h>

#include "tap.h"

static ol_facts quiet(void)
{
    ol_facts f = {200, OL_KIND_NONE, 0, -1, -1, -1, -1, -1};
    return f;
}

int main(void)
{
    ol_pace p;
    ol_facts f = quiet();

    ol_pace_init(&p);
    ok(ol_pace_wait(&p, OL_LANE_V1, 0) == 0 && ol_pace_wait(&p, OL_LANE_V2, 1e9) == 0,
       "free at first");
    ok(p.limit[OL_LANE_V1] < 0 && p.remaining[OL_LANE_V1] < 0, "nothing seen at first");
    ol_pace_learn(&p, OL_LANE_V1, &f, 10);
    ok(p.remaining[OL_LANE_V1] < 0, "an answer without headers teaches nothing");

    f.limit = 5000, f.remaining = 4915, f.reset = 1197;
    ol_pace_learn(&p, OL_LANE_V1, &f, 10);
    ok(p.limit[OL_LANE_V1] == 5000 && p.remaining[OL_LANE_V1] == 4915 &&
           ol_pace_wait(&p, OL_LANE_V1, 10) == 0,
       "numbers are kept, calls left do not hold");
    f.remaining = 0;
    ol_pace_learn(&p, OL_LANE_V1, &f, 10);
    ok(ol_pace_wait(&p, OL_LANE_V1, 10) == 1197 && ol_pace_wait(&p, OL_LANE_V1, 1206) == 1,
       "none left holds");
    ok(ol_pace_wait(&p, OL_LANE_V2, 10) == 0, "the other lane is free");
    ok(ol_pace_wait(&p, OL_LANE_V1, 1207) == 0 && ol_pace_wait(&p, OL_LANE_V1, 5000) == 0,
       "until the reset");
    f.remaining = 5000, f.reset = 3600;
    ol_pace_learn(&p, OL_LANE_V1, &f, 1207);
    ok(ol_pace_wait(&p, OL_LANE_V1, 1207) == 0, "a new hour is free");

    f = quiet();
    f.status = 429, f.kind = OL_KIND_RATE_LIMITED;
    ol_pace_learn(&p, OL_LANE_V2, &f, 2000);
    ok(ol_pace_wait(&p, OL_LANE_V2, 2000) == 0, "a 429 that says nothing leaves it to the backoff");
    f.retry_after = 5;
    ol_pace_learn(&p, OL_LANE_V2, &f, 2000);
    ok(ol_pace_wait(&p, OL_LANE_V2, 2000) == 5, "Retry-After holds");
    f.retry_after = 1;
    ol_pace_learn(&p, OL_LANE_V2, &f, 2001);
    ok(ol_pace_wait(&p, OL_LANE_V2, 2001) == 4, "a shorter word does not shorten it");
    f = quiet();
    f.status = 503, f.kind = OL_KIND_SERVER, f.retry_after = 50;
    ol_pace_learn(&p, OL_LANE_V2, &f, 2001);
    ok(ol_pace_wait(&p, OL_LANE_V2, 2001) == 4, "a 503's Retry-After is that call's affair");

    ol_pace_hold(&p, OL_LANE_V2, -7, 2001);
    ol_pace_hold(&p, OL_LANE_V2, 0, 2001);
    ol_pace_hold(&p, OL_LANE_V2, (double)NAN, 2001);
    ok(ol_pace_wait(&p, OL_LANE_V2, 2001) == 4, "nonsense holds nothing");
    /* A reset sent as an epoch, or a wild Retry-After, must not lock a client up for years. */
    ol_pace_hold(&p, OL_LANE_V2, 1.7e9, 2001);
    ok(ol_pace_wait(&p, OL_LANE_V2, 2001) <= OL_PACE_MAX, "no hold beyond an hour and a bit");
    ol_pace_hold(&p, OL_LANE_V1, (double)INFINITY, 6000);
    ok(ol_pace_wait(&p, OL_LANE_V1, 6000) <= OL_PACE_MAX, "nor for ever");
    return tap_done();
}
