#include "facts.h"

const char *ol_kind_name(enum ol_kind kind)
{
    static const char *const names[] = {
        "none",   "network",   "timeout",  "cancelled", "auth",         "permission", "denied",
        "not_found", "conflict", "invalid", "rate_limited", "server", "decode",
    };
    if ((unsigned)kind >= sizeof names / sizeof names[0]) {
        return "none";
    }
    return names[kind];
}
