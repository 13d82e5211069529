#define _GNU_SOURCE 1 /* pipe2, posix_spawn_file_actions_addchdir_np */
#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/escape.h"

enum { OUT, ERR, STREAMS, COMPLAINT_MAX = 400 };

static int64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* "HOME=/root", or NULL where it is not set. */
static char *variable(const char *name) {
    const char *value = getenv(name);
    if (!value) return NULL;
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    hs_strbuf_printf(&text, "%s=%s", name, value);
    return hs_strbuf_detach(&text, NULL);
}

/* Returns an errno. */
static int spawn(const struct hs_child *child, int pipes[STREAMS][2], pid_t *ret) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int failed = posix_spawn_file_actions_init(&actions);
    if (failed) return failed;
    if ((failed = posix_spawnattr_init(&attributes))) {
        posix_spawn_file_actions_destroy(&actions);
        return failed;
    }
    sigset_t none, defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    char *path = variable("PATH"), *home = variable("HOME");
    char *environment[] = {"LC_ALL=C.UTF-8", path ? path : home, path ? home : NULL, NULL};
    if (!failed) failed = posix_spawnattr_setpgroup(&attributes, 0);
    if (!failed) failed = posix_spawnattr_setsigmask(&attributes, &none);
    if (!failed) failed = posix_spawnattr_setsigdefault(&attributes, &defaults);
    if (!failed)
        failed = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                                           POSIX_SPAWN_SETSIGDEF);
    if (!failed) failed = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    if (!failed) failed = posix_spawn_file_actions_adddup2(&actions, pipes[OUT][1], 1);
    if (!failed) failed = posix_spawn_file_actions_adddup2(&actions, pipes[ERR][1], 2);
    if (!failed && child->directory)
        failed = posix_spawn_file_actions_addchdir_np(&actions, child->directory);
    if (!failed)
        failed =
            posix_spawnp(ret, child->argv[0], &actions, &attributes, (char *const *)child->argv, environment);
    free(path);
    free(home);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

static struct hs_error *create_late(const struct hs_child *child) {
    return hs_error_create(HS_ERROR_IO, "it took longer than %g s", (double)child->limit_ms / 1000);
}

/* Reads both streams until they end. */
static struct hs_error *collect(const struct hs_child *child, int pipes[STREAMS][2],
                                struct hs_strbuf texts[STREAMS], int64_t deadline) {
    struct pollfd fds[STREAMS] = {{pipes[OUT][0], POLLIN, 0}, {pipes[ERR][0], POLLIN, 0}};
    while (fds[OUT].fd >= 0 || fds[ERR].fd >= 0) {
        int64_t left = deadline - now_ms();
        if (left <= 0) return create_late(child);
        if (poll(fds, STREAMS, left > 1000 ? 1000 : (int)left) < 0 && errno != EINTR)
            return hs_error_create_errno("cannot wait for it");
        for (size_t i = 0; i < STREAMS; i++) {
            if (fds[i].fd < 0 || !fds[i].revents) continue;
            char buffer[65536];
            ssize_t got = read(fds[i].fd, buffer, sizeof buffer);
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0) {
                fds[i].fd = -1;
                continue;
            }
            if (i == OUT && (size_t)got > child->limit_bytes - texts[OUT].size)
                return hs_error_create(HS_ERROR_IO, "it printed more than %zu bytes", child->limit_bytes);
            size_t keep = i == OUT || texts[i].size + (size_t)got < sizeof buffer ? (size_t)got : 0;
            hs_strbuf_append(&texts[i], buffer, keep);
        }
    }
    return hs_strbuf_error(&texts[OUT]);
}

static struct hs_error *complain(int status, const struct hs_strbuf *said) {
    size_t at = 0, size;
    while (at < said->size && strchr(" \t\r\n", said->data[at])) at++;
    size = strcspn(said->data + at, "\n");
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    hs_escape_terminal(&text, said->data + at, size < COMPLAINT_MAX ? size : COMPLAINT_MAX);
    if (WIFSIGNALED(status)) return hs_error_create(HS_ERROR_IO, "signal %d ended it", WTERMSIG(status));
    return hs_error_create(HS_ERROR_IO, "it failed with status %d%s%s", WEXITSTATUS(status),
                           text.size ? ": " : "", text.data);
}

static struct hs_error *run(const struct hs_child *child, int pipes[STREAMS][2],
                            struct hs_strbuf texts[STREAMS]) {
    pid_t pid;
    int64_t deadline = now_ms() + child->limit_ms;
    int failed = spawn(child, pipes, &pid);
    for (size_t i = 0; i < STREAMS; i++) {
        close(pipes[i][1]);
        pipes[i][1] = -1;
    }
    if (failed) {
        errno = failed;
        if (failed == ENOENT || failed == EACCES || failed == ENOTDIR)
            return hs_error_create(HS_ERROR_UNSUPPORTED, "it is not there");
        return hs_error_create_errno("cannot start it");
    }
    struct hs_error *error = collect(child, pipes, texts, deadline);
    int status = 0;
    pid_t ended = 0;
    /* A program may close its streams and go on. */
    while (!error && (ended = waitpid(pid, &status, WNOHANG)) == 0) {
        if (now_ms() >= deadline) error = create_late(child);
        else poll(NULL, 0, 5);
    }
    if (error) kill(-pid, SIGKILL);
    while (ended <= 0 && (ended = waitpid(pid, &status, 0)) < 0 && errno == EINTR) continue;
    if (!error && status) error = complain(status, &texts[ERR]);
    return error;
}

struct hs_error *hs_child_run(const struct hs_child *child, struct hs_strbuf *out) {
    int pipes[STREAMS][2] = {{-1, -1}, {-1, -1}};
    struct hs_strbuf texts[STREAMS] = {HS_STRBUF_INIT, HS_STRBUF_INIT};
    struct hs_error *error = NULL;
    for (size_t i = 0; i < STREAMS && !error; i++)
        if (pipe2(pipes[i], O_CLOEXEC)) error = hs_error_create_errno("cannot make a pipe");
    if (!error) error = run(child, pipes, texts);
    if (!error) hs_strbuf_append(out, texts[OUT].data, texts[OUT].size);
    for (size_t i = 0; i < STREAMS; i++) {
        hs_strbuf_deinit(&texts[i]);
        for (size_t k = 0; k < 2; k++)
            if (pipes[i][k] >= 0) close(pipes[i][k]);
    }
    return error ? hs_error_prefix(error, "%s", child->argv[0]) : hs_strbuf_error(out);
}
