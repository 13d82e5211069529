#define _GNU_SOURCE 1 /* O_TMPFILE */
#include "base/packed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

enum { CHUNK = 1 << 20, SPARE = 64 << 20 /* bytes that are left free */, WINDOW_LOG_MAX = 27 /* 128 MB */ };
enum packing { PLAIN, GZIP, ZSTD };

/* Reads a packed file from its start. */
struct unpacking {
    enum packing packing;
    int fd;
    gzFile gzip;
    ZSTD_DStream *zstd;
    uint8_t *input;
    ZSTD_inBuffer in;
    bool inside; /* of a zstd frame */
};

static void unpacking_deinit(struct unpacking *u) {
    if (u->gzip) gzclose_r(u->gzip);
    ZSTD_freeDStream(u->zstd);
    free(u->input);
}

static enum packing packing_of(int fd) {
    uint8_t magic[4];
    if (pread(fd, magic, sizeof magic, 0) != sizeof magic) return PLAIN;
    if (magic[0] == 0x1f && magic[1] == 0x8b) return GZIP;
    return memcmp(magic, "\x28\xb5\x2f\xfd", sizeof magic) == 0 ? ZSTD : PLAIN;
}

static bool begin(struct unpacking *u, int fd) {
    u->packing = packing_of(fd);
    u->fd = fd;
    if (lseek(fd, 0, SEEK_SET) < 0) return false;
    if (u->packing == GZIP) {
        int own = fcntl(fd, F_DUPFD_CLOEXEC, 0); /* gzclose_r() closes it */
        u->gzip = own >= 0 ? gzdopen(own, "rb") : NULL;
        if (!u->gzip && own >= 0) close(own);
        return u->gzip != NULL;
    }
    if (u->packing == ZSTD) {
        u->zstd = ZSTD_createDStream();
        u->input = malloc(CHUNK);
        u->in.src = u->input;
        return u->zstd && u->input &&
               !ZSTD_isError(ZSTD_DCtx_setParameter(u->zstd, ZSTD_d_windowLogMax, WINDOW_LOG_MAX));
    }
    return true;
}

static ssize_t next_zstd(struct unpacking *u, void *bytes, size_t size) {
    ZSTD_outBuffer out = {.dst = bytes, .size = size};
    while (out.pos < size) {
        if (u->in.pos == u->in.size) {
            ssize_t got = read(u->fd, u->input, CHUNK);
            if (got < 0 && errno == EINTR) continue;
            if (got < 0 || (got == 0 && u->inside)) return -1;
            if (got == 0) break;
            u->in.pos = 0;
            u->in.size = (size_t)got;
        }
        size_t hint = ZSTD_decompressStream(u->zstd, &out, &u->in);
        if (ZSTD_isError(hint)) return -1;
        u->inside = hint != 0;
    }
    return (ssize_t)out.pos;
}

/* Next bytes: `size` of them unless the data end; negative: they are damaged, or cut. */
static ssize_t next(struct unpacking *u, void *bytes, size_t size) {
    if (u->packing == ZSTD) return next_zstd(u, bytes, size);
    if (u->packing == PLAIN) return read(u->fd, bytes, size);
    int got = gzread(u->gzip, bytes, (unsigned)size), status = Z_OK;
    if (got >= 0 && (size_t)got < size) gzerror(u->gzip, &status);
    return status == Z_OK ? got : -1;
}

size_t hs_packed_start(int fd, void *bytes, size_t size) {
    __attribute__((cleanup(unpacking_deinit))) struct unpacking u = {0};
    ssize_t got = begin(&u, fd) ? next(&u, bytes, size) : 0;
    return got > 0 ? (size_t)got : 0;
}

static int open_temporary(const char **directory_ret) {
    const char *own = getenv("TMPDIR");
    const char *places[] = {own && *own ? own : "/var/tmp", "/tmp"};
    int fd = -1;
    for (unsigned i = 0; i < 2 && fd < 0 && !(i && own && *own); i++)
        fd = open(*directory_ret = places[i], O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    return fd;
}

static struct hs_error *write_all(int fd, const uint8_t *bytes, size_t size) {
    while (size) {
        ssize_t written = write(fd, bytes, size);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return hs_error_create_errno("a packed file cannot be unpacked");
        bytes += written;
        size -= (size_t)written;
    }
    return NULL;
}

static struct hs_error *unpack(struct unpacking *u, const char *path, const char *directory, int out,
                               uint8_t *buffer) {
    for (;;) {
        struct statvfs room;
        ssize_t got = next(u, buffer, CHUNK);
        if (got < 0)
            return hs_error_create(HS_ERROR_FORMAT, "%s: what %s packed here is damaged, or not whole", path,
                                   u->packing == GZIP ? "gzip" : "zstd");
        if (got == 0) return NULL;
        if (fstatvfs(out, &room) == 0 && (uint64_t)room.f_bavail * room.f_frsize < SPARE)
            return hs_error_create(HS_ERROR_IO,
                                   "%s: unpacked it needs more room than %s has: set TMPDIR to a directory "
                                   "on a larger disk",
                                   path, directory);
        HS_TRY(write_all(out, buffer, (size_t)got));
    }
}

struct hs_error *hs_packed_unpack(const char *path, int *fd) {
    if (packing_of(*fd) == PLAIN) return NULL;
    __attribute__((cleanup(unpacking_deinit))) struct unpacking u = {0};
    const char *directory = "";
    uint8_t *buffer = malloc(CHUNK);
    if (!buffer || !begin(&u, *fd)) {
        free(buffer);
        return HS_ENOMEM;
    }
    int out = open_temporary(&directory);
    struct hs_error *error =
        out < 0 ? hs_error_create_errno("%s: no temporary file can be made in %s", path, directory)
                : unpack(&u, path, directory, out, buffer);
    free(buffer);
    if (error) {
        if (out >= 0) close(out);
        return error;
    }
    close(*fd);
    *fd = out;
    return NULL;
}
