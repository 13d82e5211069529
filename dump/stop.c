#include "stop.h"

#include "base/strbuf.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { POLL_NS = 200000, END_TRIES = 500 };

double dump_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int read_number(const char *path) {
    int value = -1;
    FILE *stream = fopen(path, "re");
    if (stream && fscanf(stream, "%d", &value) != 1) value = -1;
    if (stream) fclose(stream);
    return value;
}

/* Why the system refused, and what a person can do. */
static struct hs_error *refused(pid_t pid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d", pid);
    struct stat status;
    if (errno == ESRCH || stat(path, &status))
        return hs_error_create(HS_ERROR_IO, "there is no process %d", pid);
    if (errno != EPERM && errno != EACCES) return hs_error_create_errno("cannot hold process %d", pid);
    HS_STRBUF_AUTO why = HS_STRBUF_INIT;
    int scope = read_number("/proc/sys/kernel/yama/ptrace_scope");
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    FILE *stream = fopen(path, "re");
    char line[256];
    int tracer = 0;
    while (stream && fgets(line, sizeof line, stream)) sscanf(line, "TracerPid: %d", &tracer);
    if (stream) fclose(stream);
    if (tracer) hs_strbuf_printf(&why, "process %d traces it already (a debugger?)", tracer);
    else if (geteuid() == 0)
        hs_strbuf_puts(&why, "root lacks CAP_SYS_PTRACE here: start the container with --cap-add=SYS_PTRACE "
                             "(and --pid=host, or --pid=container:NAME, to see the process of another)");
    else if (status.st_uid != geteuid())
        hs_strbuf_printf(&why, "it belongs to user %u, this is user %u: run as that user, or by sudo",
                         (unsigned)status.st_uid, (unsigned)geteuid());
    else if (scope > 0)
        hs_strbuf_printf(&why,
                         "kernel.yama.ptrace_scope is %d, so only root or a parent may: run by sudo, give "
                         "heapcore the capability (setcap cap_sys_ptrace+ep), or, until the next boot, "
                         "`sysctl kernel.yama.ptrace_scope=0`",
                         scope);
    else
        hs_strbuf_puts(&why, "it may have other capabilities or be marked as not dumpable: run by sudo; in a "
                             "container, start that with --cap-add=SYS_PTRACE");
    return hs_error_create(HS_ERROR_IO, "the system does not let us read process %d: %s", pid, why.data);
}

static bool is_known(const struct dump_stop *stop, pid_t id) {
    for (size_t i = 0; i < stop->count; i++)
        if (stop->threads[i].id == id) return true;
    return false;
}

static struct hs_error *seize(struct dump_stop *stop, pid_t id, bool *new_ret) {
    struct dump_thread *threads = realloc(stop->threads, (stop->count + 1) * sizeof *threads);
    if (!threads) return HS_ENOMEM;
    stop->threads = threads;
    if (ptrace(PTRACE_SEIZE, id, NULL, NULL)) {
        /* A thread that has just ended is no loss; the process itself is. */
        if (id != stop->pid && (errno == ESRCH || errno == EPERM)) return NULL;
        return refused(stop->pid);
    }
    threads[stop->count++] = (struct dump_thread){id, 0, false};
    *new_ret = true;
    if (ptrace(PTRACE_INTERRUPT, id, NULL, NULL)) return NULL; /* ended since: the wait will tell */
    return NULL;
}

/* Seizes the threads that are not seized yet. */
static struct hs_error *seize_others(struct dump_stop *stop, bool *new_ret) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", stop->pid);
    DIR *folder = opendir(path);
    if (!folder) return hs_error_create(HS_ERROR_IO, "there is no process %d any more", stop->pid);
    struct hs_error *error = NULL;
    struct dirent *entry;
    while (!error && (entry = readdir(folder))) {
        pid_t id = (pid_t)atoi(entry->d_name);
        if (id > 0 && !is_known(stop, id)) error = seize(stop, id, new_ret);
    }
    closedir(folder);
    return error;
}

static void drop(struct dump_stop *stop, size_t at) {
    memmove(&stop->threads[at], &stop->threads[at + 1], (stop->count - at - 1) * sizeof *stop->threads);
    stop->count--;
}

static struct hs_error *wait_for_all(struct dump_stop *stop, double deadline) {
    for (;;) {
        size_t moving = 0;
        for (size_t i = 0; i < stop->count; i++) {
            struct dump_thread *thread = &stop->threads[i];
            if (thread->stopped) continue;
            int status;
            pid_t got = waitpid(thread->id, &status, __WALL | WNOHANG);
            if (got == thread->id && WIFSTOPPED(status)) {
                thread->stopped = true;
                /* Not PTRACE_EVENT_STOP: a signal was on its way. */
                if (status >> 16 == 0) thread->signal = WSTOPSIG(status);
            } else if (got == thread->id || (got < 0 && errno == ECHILD)) {
                if (thread->id == stop->pid)
                    return hs_error_create(HS_ERROR_IO, "process %d has ended", stop->pid);
                drop(stop, i--);
            } else {
                moving++;
            }
        }
        if (!moving) return NULL;
        if (dump_now() - stop->began > deadline)
            return hs_error_create(HS_ERROR_IO,
                                   "process %d does not stop: %zu of its threads wait for a device",
                                   stop->pid, moving);
        nanosleep(&(struct timespec){0, POLL_NS}, NULL);
    }
}

double dump_stop_end(struct dump_stop *stop) {
    for (size_t i = 0; i < stop->count; i++) {
        struct dump_thread *thread = &stop->threads[i];
        /* A thread that has not stopped yet cannot be let go. Nearly always it stops at once; one that waits
         * for a device goes on untraced when this program ends. */
        for (int tries = 0; !thread->stopped && tries < END_TRIES; tries++) {
            int status;
            if (waitpid(thread->id, &status, __WALL | WNOHANG) == thread->id && WIFSTOPPED(status)) {
                thread->stopped = true;
                if (status >> 16 == 0) thread->signal = WSTOPSIG(status);
            } else {
                nanosleep(&(struct timespec){0, POLL_NS}, NULL);
            }
        }
        ptrace(PTRACE_DETACH, thread->id, NULL, (void *)(intptr_t)thread->signal);
    }
    double held = dump_now() - stop->began;
    free(stop->threads);
    *stop = (struct dump_stop){0};
    return held;
}

struct hs_error *dump_stop(pid_t pid, double deadline, struct dump_stop *ret) {
    struct dump_stop stop = {.pid = pid, .began = dump_now()};
    bool found = false;
    struct hs_error *error = seize(&stop, pid, &found);
    while (!error && found) {
        error = wait_for_all(&stop, deadline);
        found = false;
        if (!error) error = seize_others(&stop, &found);
    }
    if (error) dump_stop_end(&stop);
    else *ret = stop;
    return error;
}
