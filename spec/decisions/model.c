/* A randomised model check of the call machine: what happens, and in which order.
 *
 * One client, many calls, a server that keeps a token, revokes it, lets it expire, answers badly or
 * not at all, before or after acting; a shared store with another process behind it; a clock that
 * runs, leaps and is set wrong.  Every step is drawn from a seed; model.h checks after each.
 *
 *   model [STEPS [SEED]]      OL_TRACE=1 prints every step */
#include <time.h>

#include "model.h"

#define EPISODE 1500

/* ---- telling ---- */

static void tell_store(struct slot *s)
{
    char text[32];
    double hold;
    s->out = NOTHING;
    switch (s->op) {
    case OL_STORE_GET_TOKEN:
        if (shared.token == 0) {
            ol_call_stored(s->call, now, NULL, 0, 0);
            break;
        }
        if (shared.token != token_id()) {
            known_bad[shared.token] = 0; /* another process vouches for it */
        }
        snprintf(text, sizeof text, "T%lu", shared.token);
        ol_call_stored(s->call, now, text, strlen(text), shared.expires);
        break;
    case OL_STORE_LOCK_TOKEN:
        hold = now.mono >= shared.locked;
        if (hold != 0) {
            shared.locked = now.mono + s->limits.timeout;
            shared.mark = s->mark;
        }
        ol_call_stored(s->call, now, NULL, 0, hold);
        break;
    case OL_STORE_GET_PACE:
        hold = shared.pace[s->lane] - now.mono;
        ol_call_stored(s->call, now, NULL, 0, hold > 0 ? hold : 0);
        break;
    case OL_STORE_UNLOCK_TOKEN:
        if (s->mark == shared.mark) {
            shared.locked = 0;
        }
        ol_call_stored(s->call, now, NULL, 0, 0);
        break;
    case OL_STORE_PUT_TOKEN:
    case OL_STORE_PUT_PACE:
        ol_call_stored(s->call, now, NULL, 0, 0);
        break;
    }
}

static void tell_token(struct slot *s, int well)
{
    ol_facts f = facts(200, OL_KIND_NONE);
    ol_token_facts t = {NULL, 0, -1, -1};
    char text[32];
    s->out = NOTHING;
    if (well || !chance((unsigned long)server.mood)) {
        server_issues();
        snprintf(text, sizeof text, "T%lu", server.token);
        f.date = chance(80) ? server_time() : -1;
        t.access_token = text;
        t.token_len = strlen(text);
        t.created_at = chance(90) ? server.created : -1;
        t.expires_in = chance(90) ? server.life : -1;
        known_bad[server.token] = 0;
        s->run = 0;
        ol_call_token_answered(s->call, now, &f, &t);
        return;
    }
    switch (draw(7)) {
    case 0:
        token_refused(s->call, 401);
        break;
    case 1:
        token_refused(s->call, 500);
        break;
    case 2:
        token_refused(s->call, 429);
        break;
    case 3:
        f = facts(429, OL_KIND_RATE_LIMITED);
        f.retry_after = upto(chance(10) ? 5000 : 40);
        ol_call_token_answered(s->call, now, &f, &t);
        break;
    case 4:
        server_issues();
        ol_call_failed(s->call, now, OL_FAIL_NETWORK, 1);
        break;
    case 5:
        ol_call_failed(s->call, now, chance(50) ? OL_FAIL_TIMEOUT : OL_FAIL_NETWORK, (int)draw(2));
        break;
    default:
        ol_call_failed(s->call, now, chance(50) ? OL_FAIL_PERMANENT : OL_FAIL_CANCELLED,
                       (int)draw(2));
    }
}

static void tell_own(struct slot *s, int well)
{
    ol_facts f = facts(200, OL_KIND_NONE);
    int sent;
    s->out = NOTHING;
    s->open_fate |= s->trait == OL_NEVER; /* unless no byte left, see below */
    if (s->auth == OL_AUTH_BEARER &&
        (!server_accepts(s->with) || (!well && server.mood > 0 && chance(5)))) {
        f = facts(401, OL_KIND_AUTH);
        f.token_doubtful = well || chance(90);
        if (f.token_doubtful) {
            known_bad[s->with] |= !sharing || s->gen == ol_client_token(machine)->generation;
            s->refused = s->with;
        } else {
            s->open_fate = 1; /* for good */
        }
        ol_call_answered(s->call, now, &f);
        return;
    }
    if (s->lane == OL_LANE_V1 && !well) {
        f.limit = 5000;
        f.remaining = chance(3) ? 0 : 100;
        f.reset = upto(100);
    }
    if (well || !chance((unsigned long)server.mood)) {
        s->open_fate = 1;
        ol_call_answered(s->call, now, &f);
        return;
    }
    switch (draw(6)) {
    case 0:
        f.kind = OL_KIND_RATE_LIMITED;
        f.status = chance(50) ? 429 : 400;
        f.retry_after = chance(50)   ? -1
                        : chance(5)  ? 1e9
                        : chance(10) ? upto(5000)
                        : chance(50) ? upto(50)
                                     : 0;
        ol_call_answered(s->call, now, &f);
        break;
    case 1:
        f.kind = OL_KIND_SERVER;
        f.status = (int)(500 + draw(6));
        f.retry_after = chance(80) ? -1 : upto(100);
        s->open_fate = 1;
        ol_call_answered(s->call, now, &f);
        break;
    case 2:
        s->open_fate = 1;
        answer(s->call, chance(50) ? 404 : chance(50) ? 422 : 408);
        break;
    case 3:
    case 4:
        sent = (int)draw(2);
        if (sent) {
            s->open_fate = 1;
        } else if (s->trait == OL_NEVER) {
            s->open_fate = 0; /* it had not been sent before either, or it would not be under way */
        }
        ol_call_failed(s->call, now, chance(40) ? OL_FAIL_TIMEOUT : OL_FAIL_NETWORK, sent);
        break;
    default:
        s->open_fate = 1;
        ol_call_failed(s->call, now,
                       chance(40)   ? OL_FAIL_RESENT
                       : chance(50) ? OL_FAIL_PERMANENT
                                    : OL_FAIL_CANCELLED,
                       1);
    }
}

static void tell(struct slot *s, int well)
{
    if (trace) {
        printf("# %lu: t=%.3f call %d is told (%d)\n", step, now.mono, number(s), (int)s->out);
    }
    if (s->out == STORED) {
        tell_store(s);
    } else if (s->out == TOKEN) {
        tell_token(s, well);
    } else if (s->out == OWN) {
        tell_own(s, well);
    }
    check_all();
}

/* Tells things it did not ask for; what it wants must stay the same. */
static void babble(struct slot *s)
{
    enum out was;
    enum ol_want before = ask(s);
    double until = info.until;
    ol_facts f = facts(chance(50) ? 200 : 401, OL_KIND_NONE);
    ol_token_facts t = {"T99999", 6, -1, -1};
    unsigned long id = token_id();

    was = s->out;
    if (before == OL_SEND || before == OL_STORE) {
        return; /* just asked for: the answer would be no surprise */
    }
    if (was != OWN) {
        f.kind = f.status == 401 ? OL_KIND_AUTH : OL_KIND_NONE;
        f.token_doubtful = 1;
        ol_call_answered(s->call, now, &f);
    }
    if (was != TOKEN) {
        ol_call_token_answered(s->call, now, &f, &t);
    }
    if (was == NOTHING || was == STORED) {
        ol_call_failed(s->call, now, OL_FAIL_NETWORK, 1);
    }
    if (was != STORED) {
        ol_call_stored(s->call, now, "T99998", 6, 1e18);
    }
    if (before == OL_DONE) {
        ol_call_cancel(s->call);
    }
    if (before != OL_JOIN) {
        ol_call_take(s->call);
    }
    promise(DEAF, token_id() == id, "took a token nobody asked for", number(s));
    promise(DEAF, ask(s) == before && (before == OL_DONE || info.until == until), "listened",
            number(s));
}

/* ---- a call's beginning and end ---- */

static void start(struct slot *s)
{
    ol_limits l = usual();
    int i;
    l.timeout = chance(30) ? upto(100) + 0.1 : 30;
    l.deadline = chance(30) ? upto(200) : 60;
    l.backoff.attempts = 1 + (int)draw(5);
    l.backoff.cap = chance(20) ? 1 : 20;
    l.patient = chance(25);
    memset(s, 0, sizeof *s);
    i = (int)draw(10);
    s->auth = i == 0 ? OL_AUTH_NONE : i == 1 ? OL_AUTH_CLIENT : OL_AUTH_BEARER;
    s->trait = (enum ol_trait)draw(3);
    s->lane = (enum ol_lane)draw(OL_LANES);
    s->limits = l;
    s->began = now.mono;
    s->last = OL_JOIN; /* owns nothing yet */
    s->call = call_with(machine, s->auth, s->trait, s->lane, l);
    if (trace) {
        printf("# %lu: t=%.3f call %d begins: auth %d trait %d lane %d deadline %.3f patient %d\n",
               step, now.mono, number(s), (int)s->auth, (int)s->trait, (int)s->lane, l.deadline,
               l.patient);
    }
}

/* One joiner, asked right after the owner has gone, must not be a joiner still. */
static void heir(void)
{
    int i, from = (int)draw(SLOTS);
    for (i = 0; i < SLOTS; i++) {
        struct slot *s = &slots[(from + i) % SLOTS];
        if (s->call != NULL && !s->over && s->last == OL_JOIN && s->auth == OL_AUTH_BEARER) {
            promise(HANDED_ON, ask(s) != OL_JOIN, "waits for an owner that is gone", number(s));
            met[M_HANDED]++;
            return;
        }
    }
}

static void end(struct slot *s, int cancel)
{
    int flight = ol_client_in_flight(machine);
    if (trace) {
        printf("# %lu: t=%.3f call %d is %s\n", step, now.mono, number(s),
               cancel ? "cancelled" : "freed");
    }
    if (cancel) {
        ol_call_cancel(s->call);
        promise(STAYS_DONE, ask(s) == OL_DONE, "cancelled, yet not done", number(s));
    } else {
        ol_call_free(s->call);
        s->call = NULL;
    }
    check_all();
    if (flight && !ol_client_in_flight(machine)) {
        heir();
    }
}

static void take(struct slot *s)
{
    int i, joined = !s->over && s->last == OL_JOIN && ol_client_in_flight(machine);
    if (joined && ask(s) == OL_JOIN) {
        ol_call_take(s->call);
        for (i = 0; i < SLOTS; i++) {
            slots[i].superseded |= slots[i].out == TOKEN;
            slots[i].run = 0;
        }
        promise(HANDED_ON, ask(s) != OL_JOIN, "took a flight and still joins", number(s));
        met[M_TAKEN]++;
    }
}

static void elsewhere(void)
{
    switch (draw(5)) {
    case 0:
        server.valid = 0; /* revoked behind our back */
        break;
    case 1:
        server_issues();
        shared.token = server.token;
        shared.expires = now.wall + 600;
        break;
    case 2:
        shared.locked = now.mono + 30;
        shared.mark = 0;
        break;
    case 3:
        shared.pace[draw(OL_LANES)] = now.mono + upto(60);
        break;
    default:
        server.mood = chance(30) ? 0 : chance(50) ? 20 : 70;
        if (chance(20)) {
            ol_client_forget(machine);
            if (trace) {
                printf("# %lu: forget\n", step);
            }
        }
    }
}

static void time_passes(void)
{
    struct slot *s = &slots[draw(SLOTS)];
    if (chance(3)) {
        drift = 1.7e9 + (chance(50) ? upto(1e5) - 5e4 : 0);
        run_clock(0);
    } else if (draw(1000) < pace_of_time) {
        run_clock(upto(4000));
    } else if (draw(1000) < 10 * pace_of_time) {
        run_clock(upto(20));
    } else if (s->call != NULL && s->until > now.mono && s->until < now.mono + 100) {
        now.mono = s->until;
        run_clock(0);
    } else {
        run_clock(upto(0.5));
    }
}

static void one_step(void)
{
    struct slot *s = &slots[draw(crowd)];
    unsigned long what = draw(100);
    if (what < 6) {
        time_passes();
    } else if (what < 7) {
        elsewhere();
    } else if (s->call == NULL) {
        start(s);
    } else if (s->over ? what < 30 : what == 8) {
        end(s, 0);
    } else if (what == 9) {
        end(s, 1);
    } else if (what < 12) {
        take(s);
    } else if (what < 20) {
        babble(s);
    } else if (s->out != NOTHING && what < 60) {
        tell(s, 0);
    } else {
        ask(s);
    }
}

/* ---- the end of an episode: the server is well again ---- */

/* Drives all calls as a good driver would until none is left undone; how long that took. */
static double drain(void)
{
    double began = now.mono;
    int i, alive, moved, rounds = 0;
    do {
        double next = HUGE_VAL;
        moved = alive = 0;
        for (i = 0; i < SLOTS; i++) {
            struct slot *s = &slots[i];
            if (s->call == NULL || s->over) {
                continue;
            }
            alive = 1;
            if (s->out == NOTHING) {
                ask(s);
            }
            if (s->out != NOTHING) {
                tell(s, 1);
                moved = 1;
            } else if (!s->over && info.until < next) {
                next = info.until;
            }
            moved |= s->over;
        }
        if (alive && !moved) {
            now.mono = next;
            run_clock(0);
        }
    } while (alive && ++rounds < 200000);
    promise(ALIVE, !alive, "some calls never end", -1);
    return now.mono - began;
}

static void free_all(void)
{
    int i;
    for (i = 0; i < SLOTS; i++) {
        ol_call_free(slots[i].call);
        slots[i].call = NULL;
        slots[i].over = 0;
    }
}

static void recover(void)
{
    int i;
    double took;
    for (i = 0; i < SLOTS; i++) {
        if (slots[i].call != NULL && !slots[i].over && slots[i].limits.patient) {
            met[M_PATIENT] += now.mono > slots[i].began + slots[i].limits.deadline;
        }
    }
    drain();
    free_all();
    /* Holds and locks run out; then, come what may of what is remembered, everything works. */
    run_clock(OL_PACE_MAX + 200);
    server_issues();
    server.life += 1e6;
    for (i = 0; i < SLOTS; i++) {
        start(&slots[i]);
        ol_call_free(slots[i].call);
        slots[i].limits = usual();
        slots[i].call =
            call_with(machine, slots[i].auth, slots[i].trait, slots[i].lane, slots[i].limits);
    }
    took = drain();
    for (i = 0; i < SLOTS; i++) {
        struct slot *s = &slots[i];
        /* A token that has gone bad costs a `never` call its only try; that is its promise. */
        int right =
            s->outcome.result == OL_RESULT_ANSWER && (s->refused == 0 || s->trait == OL_NEVER);
        promise(ALIVE, s->over && right, "fails with a server that is well", i);
    }
    promise(ALIVE, took == 0, "needs time with a server that is well", -1);
    free_all();
}

static void episode(unsigned long steps)
{
    ol_client_config config = {0, 500, 0, 0};
    config.seed = draw(1000000);
    config.quota = capacity = chance(30) ? 12 : 500;
    config.shared_store = sharing = chance(40);
    config.secret_rereadable = rereads = chance(40);
    if ((machine = ol_client_new(&config)) == NULL) {
        abort();
    }
    memset(&shared, 0, sizeof shared);
    memset(slots, 0, sizeof slots);
    server.valid = 0;
    server.ahead = chance(50) ? 0 : upto(7200) - 3600;
    server.mood = chance(30) ? 0 : chance(50) ? 20 : 70;
    drift = 1.7e9;
    crowd = 1 + draw(chance(50) ? SLOTS : 5);
    pace_of_time = 1 + draw(10);
    run_clock(0);
    while (steps-- > 0) {
        one_step();
        step++;
    }
    recover();
    ol_client_unref(machine);
}

int main(int argc, char **argv)
{
    const char *mode = getenv("OL_MODE");
    unsigned long steps = mode != NULL && strcmp(mode, "valgrind") == 0 ? 300000 : 5000000;
    clock_t began = clock();
    double took;
    int i;

    steps = argc > 1 ? strtoul(argv[1], NULL, 10) : steps;
    seed = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
    trace = getenv("OL_TRACE") != NULL;
    dice = 0x9e3779b97f4a7c15ULL * (seed + 1);
    printf("# seed %lu, %lu steps\n", seed, steps);
    while (step < steps) {
        episode(steps - step < EPISODE ? steps - step : EPISODE);
        for (i = 0; i < PROMISES && broken[i] == 0; i++) {
        }
        if (i < PROMISES) {
            break;
        }
    }
    took = (double)(clock() - began) / CLOCKS_PER_SEC;
    printf("# %.0f steps a second\n", (double)step / (took > 0 ? took : 1));
    for (i = 0; i < PROMISES; i++) {
        ok(broken[i] == 0 && checks[i] > 0, "%s (checked %lu times)", promise_text[i], checks[i]);
    }
    for (i = 0; i < MET; i++) {
        ok(met[i] > 0 || steps < 20000, "met: %s (%lu)", met_text[i], met[i]);
    }
    return tap_done();
}
