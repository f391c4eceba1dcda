/* fork.h - tells a child process from its parent without asking the kernel at every call.
 *
 * Connections, jitter and token flights must not cross a fork; getpid would cost a system call for each
 * request.  Counts fork(2) as libc does it (fork, daemon); a raw clone is not seen. */
#ifndef OL_FORK_H
#define OL_FORK_H

/* A number that differs between a process and the children it forks.  Any thread. */
unsigned ol_fork_number(void);

#endif
