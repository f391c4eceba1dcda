#include "pace.h"

void ol_pace_init(ol_pace *p)
{
    int i;
    for (i = 0; i < OL_LANES; i++) {
        p->until[i] = 0;
        p->limit[i] = p->remaining[i] = -1;
    }
}

void ol_pace_hold(ol_pace *p, enum ol_lane lane, double seconds, double now)
{
    if (seconds > OL_PACE_MAX) {
        seconds = OL_PACE_MAX;
    }
    if (seconds > 0 && now + seconds > p->until[lane]) {
        p->until[lane] = now + seconds;
    }
}

void ol_pace_learn(ol_pace *p, enum ol_lane lane, const ol_facts *f, double now)
{
    if (f->limit >= 0) {
        p->limit[lane] = f->limit;
    }
    if (f->remaining >= 0) {
        p->remaining[lane] = f->remaining;
        if (f->remaining == 0 && f->reset >= 0) {
            ol_pace_hold(p, lane, f->reset, now);
        }
    }
    if (f->kind == OL_KIND_RATE_LIMITED && f->retry_after >= 0) {
        ol_pace_hold(p, lane, f->retry_after, now);
    }
}

double ol_pace_wait(const ol_pace *p, enum ol_lane lane, double now)
{
    double left = p->until[lane] - now;
    return left > 0 ? left : 0;
}
