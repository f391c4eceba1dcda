/* model.h - the world of the model check, and the promises that hold in it.
 *
 * The machine is asked in one place, `ask`, which knows from what came before what may follow. */
#ifndef OL_MODEL_H
#define OL_MODEL_H

#include <math.h>

#include "machine.h"

#define SLOTS     40
#define MAX_WAITS 10 /* rate limits a patient call waits out */

/* ---- promises ---- */

enum promise {
    ONE_FLIGHT,
    NOT_TWICE,
    IN_TIME,
    HANDED_ON,
    STAYS_DONE,
    BOUNDED,
    NOT_REFUSED,
    QUOTA,
    DEAF,
    SANE,
    ALIVE,
    PROMISES
};

static const char *const promise_text[PROMISES] = {
    "at most one live token flight a client",
    "no `unsent` or `never` call is sent again with its fate open, or `never` once answered",
    "every call ends by its deadline, and asks to be asked by then",
    "a flight whose owner is gone is handed on without time passing",
    "a call that is done stays done, with the same outcome",
    "sends are bounded by attempts, one replay and patience",
    "no request carries a token that is known to be refused, or none",
    "the retry quota stays between nothing and its capacity",
    "what was not asked for, or comes too late, changes nothing",
    "what is wanted makes sense: times, flags, who joins whom",
    "when the server is well again every call succeeds",
};

static unsigned long checks[PROMISES], broken[PROMISES];
static unsigned long step, seed;
static int trace;

static void promise(enum promise p, int kept, const char *detail, int slot)
{
    checks[p]++;
    if (!kept && broken[p]++ == 0) {
        printf("# seed %lu, step %lu, call %d: %s\n", seed, step, slot, detail);
    }
}

/* ---- what was met, so that a check that never ran is seen ---- */

enum met {
    M_SEND,
    M_TOKEN,
    M_JOIN,
    M_STORE,
    M_WAIT,
    M_REPLAY,
    M_UNCHANGED,
    M_ANSWER,
    M_FAILURE,
    M_TOKEN_RESULT,
    M_JOINED,
    M_DEADLINE,
    M_HELD,
    M_CANCELLED,
    M_QUOTA,
    M_PATIENT,
    M_HANDED,
    M_TAKEN,
    M_REREAD,
    M_ABORTED,
    MET
};

static const char *const met_text[MET] = {"own sends",
                                          "token sends",
                                          "joins",
                                          "store",
                                          "waits",
                                          "replays",
                                          "unchanged tokens",
                                          "answers",
                                          "failures",
                                          "token results",
                                          "joined results",
                                          "deadlines",
                                          "held",
                                          "cancelled",
                                          "quota spent",
                                          "patient waits",
                                          "hand-overs",
                                          "take-overs",
                                          "secrets read again",
                                          "attempts given up"};

static unsigned long met[MET];

/* ---- chance ---- */

static unsigned long long dice;

static unsigned long draw(unsigned long n)
{
    dice ^= dice << 13;
    dice ^= dice >> 7;
    dice ^= dice << 17;
    return (unsigned long)((dice >> 11) % n);
}

static int chance(unsigned long percent)
{
    return draw(100) < percent;
}

static double upto(double most)
{
    return most * (double)draw(1000001) / 1e6;
}

/* ---- server, store, calls ---- */

static struct {
    unsigned long token; /* the one it gives and accepts; grows */
    int valid;
    double created, life, ahead; /* its clock against ours (true time is mono) */
    int mood;                    /* percent of requests that go wrong */
} server;

static struct {
    unsigned long token; /* 0 = none */
    double expires;      /* wall */
    double locked;       /* mono */
    unsigned long long mark; /* of who locked it */
    double pace[OL_LANES];
} shared;

enum out { NOTHING, OWN, TOKEN, STORED };

static struct slot {
    ol_call *call; /* NULL = free */
    enum ol_auth auth;
    enum ol_trait trait;
    enum ol_lane lane;
    ol_limits limits;
    double began;
    enum out out; /* what is under way */
    enum ol_store_op op;
    unsigned long long mark;
    double until;          /* of the attempt under way */
    int superseded;        /* its token request was taken over */
    unsigned long with;    /* token its request was sent with */
    unsigned long gen;     /* and that token's generation */
    unsigned long refused; /* token a 401 has met */
    int open_fate;         /* sent, and not known to have had no effect */
    int sends, run;        /* own requests; token requests of this flight */
    enum ol_want last;
    int over;
    ol_outcome outcome;
} slots[SLOTS];

static ol_client *machine;
static double capacity;
static int sharing, rereads;
static unsigned char known_bad[100000]; /* tokens refused and not confirmed since */
static unsigned long crowd;             /* how many calls at a time */
static unsigned long pace_of_time;
static double drift; /* wall - mono */

static void run_clock(double seconds)
{
    now.mono += seconds;
    now.wall = now.mono + drift;
}

static double server_time(void)
{
    return now.mono + 1.7e9 + server.ahead;
}

static int server_accepts(unsigned long id)
{
    return server.valid && id == server.token && server_time() < server.created + server.life;
}

static void server_issues(void)
{
    if (!server_accepts(server.token)) {
        server.token = server.token + 1 < sizeof known_bad ? server.token + 1 : 1;
        known_bad[server.token] = 0;
        server.valid = 1;
        server.created = server_time();
        server.life = chance(20) ? upto(30) : chance(50) ? 36000 : 600;
    }
}

static unsigned long token_id(void)
{
    const ol_token *t = ol_client_token(machine);
    return t->value != NULL ? strtoul(t->value + 1, NULL, 10) : 0;
}

static int number(const struct slot *s)
{
    return (int)(s - slots);
}

/* ---- promises that hold between any two steps ---- */

static void check_all(void)
{
    int live = 0, i;
    double q = ol_client_quota(machine);
    for (i = 0; i < SLOTS; i++) {
        struct slot *s = &slots[i];
        live += s->call != NULL && s->out == TOKEN && !s->superseded && now.mono < s->until;
    }
    promise(ONE_FLIGHT, live <= 1, "two token requests under way", -1);
    promise(QUOTA, q >= 0 && q <= capacity, "quota out of bounds", -1);
}

static void is_over(struct slot *s)
{
    ol_outcome o = ol_call_outcome(s->call);
    static const enum met count[] = {M_ANSWER,   M_FAILURE, M_TOKEN_RESULT, M_JOINED,
                                     M_DEADLINE, M_HELD,    M_CANCELLED,    M_CANCELLED};
    if (s->over) {
        promise(STAYS_DONE,
                o.result == s->outcome.result && o.sends == s->outcome.sends &&
                    o.token_sends == s->outcome.token_sends &&
                    o.unchanged_token == s->outcome.unchanged_token &&
                    o.quota_spent == s->outcome.quota_spent,
                "another outcome", number(s));
        return;
    }
    s->over = 1;
    s->outcome = o;
    s->out = NOTHING;
    met[count[o.result]]++;
    met[M_UNCHANGED] += o.unchanged_token != 0;
    met[M_QUOTA] += o.quota_spent != 0;
    promise(BOUNDED, o.sends == s->sends, "sends miscounted", number(s));
    promise(SANE, o.result != OL_RESULT_MEMORY && o.result >= 0, "no memory was asked for",
            number(s));
    promise(SANE, o.result != OL_RESULT_ANSWER || o.sends > 0, "an answer without a request",
            number(s));
    promise(SANE, o.result != OL_RESULT_HELD || o.sends == 0, "held, yet sent", number(s));
}

/* ---- asking ---- */

static void own_send(struct slot *s)
{
    unsigned long id = token_id();
    int most = s->limits.backoff.attempts + 1 + (s->limits.patient ? MAX_WAITS : 0);
    met[M_SEND]++;
    s->sends++;
    s->run = 0;
    promise(BOUNDED, s->sends <= most, "too many sends", number(s));
    promise(NOT_TWICE, s->trait == OL_SAFE || !s->open_fate, "sent again", number(s));
    promise(SANE, info.send.once == (s->trait != OL_SAFE), "once does not follow the trait",
            number(s));
    s->with = 0;
    if (s->auth == OL_AUTH_BEARER) {
        promise(NOT_REFUSED, id != 0 && !known_bad[id], "a refused token, or none", number(s));
        /* Through a store an old token may come back under a new generation; nowhere else. */
        promise(NOT_TWICE, s->refused == 0 || s->gen != ol_client_token(machine)->generation,
                "replayed with an unchanged token", number(s));
        promise(NOT_TWICE, sharing || s->refused != id, "replayed with the token that was refused",
                number(s));
        met[M_REPLAY] += s->refused != 0;
        s->with = id;
        s->gen = ol_client_token(machine)->generation;
    }
    s->refused = 0;
    s->out = OWN;
}

static enum ol_want ask(struct slot *s)
{
    int i, owner = 0;
    double latest =
        s->began + s->limits.deadline +
        (s->limits.patient ? MAX_WAITS * (OL_PACE_MAX + s->limits.backoff.base_limited) : 0);
    enum ol_want w = want(s->call);

    if (s->out != NOTHING && w != OL_WAIT) {
        /* It has given up what is under way: a driver aborts that; its fate stays open. */
        met[M_ABORTED]++;
        promise(SANE, w == OL_DONE || s->superseded || now.mono >= s->until || s->out == STORED,
                "gave up an attempt before its time", number(s));
        s->open_fate |= s->out == OWN;
        s->out = NOTHING;
    } else if (s->out == OWN || s->out == TOKEN) {
        if (now.mono >= s->until) { /* given up, and now it pauses */
            s->open_fate |= s->out == OWN;
            s->out = NOTHING;
        }
    }
    s->last = w;
    promise(IN_TIME, w == OL_DONE || now.mono < latest, "alive past its deadline", number(s));
    promise(STAYS_DONE, !s->over || w == OL_DONE, "wants something after it was done", number(s));
    if (trace) {
        printf("# %lu: t=%.3f call %d wants %d until %.3f token %d store %d\n", step, now.mono,
               number(s), (int)w, w != OL_DONE ? info.until : 0,
               w == OL_SEND ? info.send.token : -1, w == OL_STORE ? (int)info.store : -1);
    }
    if (w != OL_DONE) {
        promise(IN_TIME, info.until <= latest, "wants to be asked after its deadline", number(s));
    }
    switch (w) {
    case OL_SEND:
        s->until = info.until;
        s->superseded = 0;
        promise(SANE, info.send.timeout > 0 && info.send.timeout <= s->limits.timeout,
                "attempt's time", number(s));
        if (!info.send.token) {
            own_send(s);
            break;
        }
        met[M_TOKEN]++;
        met[M_REREAD] += info.send.fresh_secret != 0;
        s->run++;
        s->out = TOKEN;
        promise(BOUNDED,
                s->run <= s->limits.backoff.attempts + 1 + (s->limits.patient ? MAX_WAITS : 0),
                "too many token requests", number(s));
        promise(SANE, s->auth == OL_AUTH_BEARER && ol_client_in_flight(machine),
                "a token for whom?", number(s));
        break;
    case OL_WAIT:
        met[M_WAIT]++;
        promise(SANE, info.until > now.mono, "waits for the past", number(s));
        break;
    case OL_JOIN:
        met[M_JOIN]++;
        s->run = 0;
        for (i = 0; i < SLOTS; i++) {
            owner += slots[i].call != NULL && &slots[i] != s && !slots[i].over &&
                     slots[i].auth == OL_AUTH_BEARER && slots[i].last != OL_JOIN;
        }
        promise(HANDED_ON, ol_client_in_flight(machine) && owner > 0,
                "joins a flight without an owner", number(s));
        promise(SANE, info.until > now.mono, "joins into the past", number(s));
        break;
    case OL_STORE:
        met[M_STORE]++;
        promise(SANE, sharing, "no store to ask", number(s));
        s->out = STORED;
        s->op = info.store;
        s->mark = info.store_mark;
        s->until = info.until;
        if (s->op == OL_STORE_PUT_TOKEN) {
            shared.token = token_id();
            shared.expires = ol_client_token(machine)->expires;
            promise(NOT_REFUSED, shared.token != 0 && !known_bad[shared.token],
                    "shares a bad token", number(s));
        } else if (s->op == OL_STORE_PUT_PACE) {
            promise(SANE, info.store_seconds > 0 && info.store_seconds <= OL_PACE_MAX + 1e-3,
                    "shares no hold", number(s));
            shared.pace[s->lane] = now.mono + info.store_seconds;
        }
        break;
    case OL_DONE:
        is_over(s);
        break;
    }
    check_all();
    return w;
}

#endif
