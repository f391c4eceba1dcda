#include "retry.h"

int ol_retry_allowed(enum ol_trait trait, enum ol_fate fate)
{
    switch (fate) {
    case OL_FATE_UNSENT:
        return 1;
    case OL_FATE_REFUSED:
        return trait != OL_NEVER;
    case OL_FATE_UNANSWERED:
    case OL_FATE_BROKEN:
        return trait == OL_SAFE;
    case OL_FATE_FINAL:
        break;
    }
    return 0;
}

double ol_retry_delay(const ol_backoff *b, int n, int limited, double server, double random01)
{
    double base = limited ? b->base_limited : b->base;
    double ceiling = base;
    if (server >= 0) {
        return server + random01 * base;
    }
    while (--n > 0 && ceiling < b->cap) {
        ceiling *= 2;
    }
    if (ceiling > b->cap) {
        ceiling = b->cap;
    }
    return random01 * ceiling;
}

enum ol_fate ol_retry_status_fate(int status, int limited)
{
    if (limited) {
        return OL_FATE_REFUSED;
    }
    switch (status) {
    case 408: /* the server gave up waiting */
    case 500: /* seen for passing faults as well as for lasting ones */
    case 502: /* the edge proxy's HTML */
    case 503:
    case 504:
        return OL_FATE_BROKEN;
    default:
        return OL_FATE_FINAL;
    }
}

void ol_quota_init(ol_quota *q, double capacity)
{
    q->left = q->capacity = capacity;
}

int ol_quota_take(ol_quota *q, double cost)
{
    if (q->left < cost) {
        return 0;
    }
    q->left -= cost;
    return 1;
}

void ol_quota_refund(ol_quota *q, double cost)
{
    q->left += cost;
    if (q->left > q->capacity) {
        q->left = q->capacity;
    }
}
