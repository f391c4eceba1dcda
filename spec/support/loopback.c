/* loopback.c - preloaded into every process of the suite: a packet to anything but this machine's
 * loopback is refused, and named in the file $OL_REFUSED, which fails the run.  It holds for
 * libcurl, for name servers and for child processes alike. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

static void note(const char *what, int port)
{
    const char *log = getenv("OL_REFUSED");
    char line[320];
    if (log != NULL) {
        int fd = open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
        int n = snprintf(line, sizeof line, "%.255s port %d\n", what, port);
        if (fd < 0 || write(fd, line, (size_t)n) != n) {
            abort();
        }
        close(fd);
    }
}

static int refused(const struct sockaddr *address)
{
    char host[INET6_ADDRSTRLEN] = "?";
    int port = 0;
    if (address == NULL) {
        return 0;
    }
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)address;
        if ((ntohl(in->sin_addr.s_addr) >> 24) == 127) {
            return 0;
        }
        inet_ntop(AF_INET, &in->sin_addr, host, sizeof host);
        port = ntohs(in->sin_port);
    } else if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)(const void *)address;
        if (IN6_IS_ADDR_LOOPBACK(&in->sin6_addr) ||
            (IN6_IS_ADDR_V4MAPPED(&in->sin6_addr) && in->sin6_addr.s6_addr[12] == 127)) {
            return 0;
        }
        inet_ntop(AF_INET6, &in->sin6_addr, host, sizeof host);
        port = ntohs(in->sin6_port);
    } else {
        return 0;
    }
    note(host, port);
    errno = ENETUNREACH;
    return 1;
}

/* POSIX keeps function and object pointers apart; dlsym is the known exception. */
static void next(const char *name, void *fn)
{
    void *symbol = dlsym(RTLD_NEXT, name);
    memcpy(fn, &symbol, sizeof symbol);
}

int connect(int fd, const struct sockaddr *address, socklen_t size)
{
    static int (*real)(int, const struct sockaddr *, socklen_t);
    if (real == NULL) {
        next("connect", &real);
    }
    return refused(address) ? -1 : real(fd, address, size);
}

ssize_t sendto(int fd, const void *data, size_t n, int flags, const struct sockaddr *address,
               socklen_t size)
{
    static ssize_t (*real)(int, const void *, size_t, int, const struct sockaddr *, socklen_t);
    if (real == NULL) {
        next("sendto", &real);
    }
    return refused(address) ? -1 : real(fd, data, n, flags, address, size);
}

static int ends(const char *name, const char *tail)
{
    size_t n = strlen(name), t = strlen(tail);
    return n >= t && strcasecmp(name + n - t, tail) == 0;
}

/* Names: numbers and localhost are looked up; those reserved for never existing fail without a
 * question on the wire; every other one would be a question to a name server. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **out)
{
    static int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    unsigned char numeric[sizeof(struct in6_addr)];
    if (real == NULL) {
        next("getaddrinfo", &real);
    }
    if (name == NULL || strcasecmp(name, "localhost") == 0 ||
        inet_pton(AF_INET, name, numeric) == 1 || inet_pton(AF_INET6, name, numeric) == 1) {
        return real(name, service, hints, out);
    }
    if (!ends(name, ".invalid") && !ends(name, ".test") && !ends(name, ".example")) {
        note(name, 0);
    }
    return EAI_NONAME;
}
