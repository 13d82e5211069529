/* Holding a process still for a moment.
 *
 * Every thread is seized and interrupted by ptrace, which sends no signal: a parent sees nothing, and if this
 * program dies, by SIGKILL too, the kernel lets all threads go on. A process that was stopped before stays
 * so. Threads that appear while we seize are seized as well. A signal that a thread was about to get is given
 * to it when it goes on. All calls come from one thread, as ptrace demands. */
#ifndef HS_DUMP_STOP_H
#define HS_DUMP_STOP_H

#include "base/error.h"
#include <sys/types.h>

struct dump_thread {
    pid_t id;
    int signal; /* to be delivered when it goes on; 0: none */
    bool stopped;
};

struct dump_stop {
    pid_t pid;
    struct dump_thread *threads; /* the first is the one whose id is the process's */
    size_t count;
    double began; /* seconds of CLOCK_MONOTONIC: when the first thread was asked to stop */
};

/* Stops all threads, or none. `deadline`: seconds after which it gives up (a thread in an uninterruptible
 * wait cannot be stopped). Errors say what to do about a lack of rights. */
struct hs_error *dump_stop(pid_t pid, double deadline, struct dump_stop *ret) HS_MUST_CHECK;
/* Lets all go on; returns the seconds that the process was held. Once. */
double dump_stop_end(struct dump_stop *stop);
double dump_now(void);

#endif
