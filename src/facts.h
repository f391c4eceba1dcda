/* facts.h - what the mapping layer tells the decisions about an answer.
 *
 * The call machine never sees JSON or headers; it decides from this small struct, which
 * response.c fills.  Plain data: no ownership except where said, no thread rule. */
#ifndef OL_FACTS_H
#define OL_FACTS_H

/* The closed list of error kinds (err.kind); ol_kind_name gives the public spelling. */
enum ol_kind {
    OL_KIND_NONE = 0,
    OL_KIND_NETWORK,
    OL_KIND_TIMEOUT,
    OL_KIND_CANCELLED,
    OL_KIND_AUTH,       /* the API credential */
    OL_KIND_PERMISSION, /* scope too small, or object out of reach */
    OL_KIND_DENIED,     /* the person: password, code, locked */
    OL_KIND_NOT_FOUND,
    OL_KIND_CONFLICT,
    OL_KIND_INVALID,
    OL_KIND_RATE_LIMITED,
    OL_KIND_SERVER,
    OL_KIND_DECODE
};

typedef struct ol_facts {
    int status;             /* HTTP status */
    enum ol_kind kind;      /* OL_KIND_NONE = success */
    int token_doubtful;     /* 401 that may be the bearer's fault: not a person's 401, not a lack of scope */
    double retry_after;     /* seconds the server asks to wait (Retry-After in both forms; X-RateLimit-Reset when
                               rate limited; v1 rate_limit_exceeded), < 0 = said nothing */
    double limit, remaining, reset; /* X-RateLimit-*; each < 0 = absent; reset is seconds left */
    double date;            /* the answer's Date header as unix time, < 0 = absent */
} ol_facts;

typedef struct ol_token_facts {
    const char *access_token; /* NULL = the answer carries none; valid while the Lua string lives */
    unsigned long token_len;
    double created_at;        /* unix time, < 0 = absent or unreadable */
    double expires_in;        /* seconds, < 0 = absent */
} ol_token_facts;

/* "network", "timeout", ... ; never NULL ("none" for OL_KIND_NONE). */
const char *ol_kind_name(enum ol_kind kind);

#endif
