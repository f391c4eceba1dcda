/* pace.h - remembers when the server asked to be left alone.
 *
 * v1 counts calls per hour and says so in headers; v2 only answers 429.  Each is a lane of its own, held
 * for all calls of a client.  No clock: monotonic time comes in. */
#ifndef OL_PACE_H
#define OL_PACE_H

#include "facts.h"

/* Longest hold, in seconds: v1 counts by the hour, and a wild number must not lock a client up for years. */
#define OL_PACE_MAX 3700.0

enum ol_lane { OL_LANE_V1, OL_LANE_V2, OL_LANES };

typedef struct ol_pace {
    double until[OL_LANES];                            /* mono; 0 = free */
    double limit[OL_LANES], remaining[OL_LANES];       /* last seen, < 0 = never */
} ol_pace;

void ol_pace_init(ol_pace *p);

/* Learns from an answer: a rate limit with a known wait holds the lane, and so does a last call spent. */
void ol_pace_learn(ol_pace *p, enum ol_lane lane, const ol_facts *f, double now);

/* Holds the lane for at least this long, at most OL_PACE_MAX (what another process has met). */
void ol_pace_hold(ol_pace *p, enum ol_lane lane, double seconds, double now);

/* Seconds to wait before the next call of the lane, 0 = none. */
double ol_pace_wait(const ol_pace *p, enum ol_lane lane, double now);

#endif
