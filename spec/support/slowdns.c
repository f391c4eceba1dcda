/* slowdns.c - preloaded: a name server that never answers in time, without a network.
 *
 * getaddrinfo of a name below "slow.test" writes the file $SLOW_DNS.began, sleeps far longer than any
 * spec, and writes $SLOW_DNS.ended; a spec that finds no .ended has proved that nobody waited. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void mark(const char *what)
{
    char path[512];
    const char *base = getenv("SLOW_DNS");
    if (base != NULL) {
        snprintf(path, sizeof path, "%s.%s", base, what);
        close(open(path, O_WRONLY | O_CREAT, 0600));
    }
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **out)
{
    static int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    size_t n = name != NULL ? strlen(name) : 0;
    if (n >= 9 && strcmp(name + n - 9, "slow.test") == 0) {
        mark("began");
        sleep(60);
        mark("ended");
        return EAI_AGAIN;
    }
    if (real == NULL) {
        void *symbol = dlsym(RTLD_NEXT, "getaddrinfo");
        memcpy(&real, &symbol, sizeof real);
    }
    return real(name, service, hints, out);
}
