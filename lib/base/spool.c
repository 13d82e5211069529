#define _GNU_SOURCE 1 /* O_TMPFILE, mkostemp, asprintf */
#include "base/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int open_in(const char *directory) {
    int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0) return fd;
    /* Some file systems know no O_TMPFILE. */
    char *name;
    if (asprintf(&name, "%s/heapscan-XXXXXX", directory) < 0) return -1;
    fd = mkostemp(name, O_CLOEXEC);
    if (fd >= 0) unlink(name);
    free(name);
    return fd;
}

static int open_beside(const char *path) {
    struct stat status;
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode)) return -1;
    const char *slash = strrchr(path, '/');
    char *directory = slash == path ? strdup("/")
                      : slash       ? strndup(path, (size_t)(slash - path))
                                    : strdup(".");
    int fd = directory ? open_in(directory) : -1;
    free(directory);
    return fd;
}

int hs_spool_make(const char **directory_ret) {
    const char *own = getenv("TMPDIR");
    const char *places[] = {own && *own ? own : "/var/tmp", own && *own ? NULL : "/tmp"};
    int fd = -1;
    for (size_t i = 0; fd < 0 && i < sizeof places / sizeof *places && places[i]; i++)
        fd = open_in(*directory_ret = places[i]);
    return fd;
}

struct hs_error *hs_spool_open(const char *path, int *fd_ret) {
    const char *directory;
    int fd = path ? open_beside(path) : -1;
    if (fd < 0) fd = hs_spool_make(&directory);
    if (fd < 0)
        return hs_error_create_errno(
            "no temporary file can be made (set TMPDIR to a directory that can be written)");
    *fd_ret = fd;
    return NULL;
}

struct hs_error *hs_spool_write(int fd, const void *bytes, size_t size, uint64_t offset) {
    for (const char *p = bytes; size;) {
        ssize_t done = pwrite(fd, p, size, (off_t)offset);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0)
            return hs_error_create_errno(
                "a temporary file, beside the output or in TMPDIR, cannot be written");
        p += done;
        offset += (uint64_t)done;
        size -= (size_t)done;
    }
    return NULL;
}

struct hs_error *hs_spool_read(int fd, void *bytes, size_t size, uint64_t offset) {
    for (char *p = bytes; size;) {
        ssize_t done = pread(fd, p, size, (off_t)offset);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return hs_error_create_errno("a temporary file cannot be read");
        if (done == 0) return hs_error_create(HS_ERROR_IO, "a temporary file ends too soon");
        p += done;
        offset += (uint64_t)done;
        size -= (size_t)done;
    }
    return NULL;
}
