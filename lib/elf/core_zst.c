#include "elf/core_zst.h"
#include "base/spool.h"
#include "elf/arch.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include <zstd.h>

enum {
    BLOCK = 4096,        /* what may become a hole */
    CHUNK = 1 << 20,     /* unpacked bytes at a time, a multiple of BLOCK */
    SPARE = 64 << 20,    /* free bytes that are left to others on the disk */
    WINDOW_LOG_MAX = 31, /* zstd --long=31; memory is used only as far as a frame asks for it */
};

struct unpacker {
    const char *path, *directory;
    const struct hs_core_zst_limits *limits;
    int in, out;
    ZSTD_DStream *stream;
    uint8_t *input, *output;
    size_t input_capacity;
    uint64_t total, written, room;
};

static void unpacker_deinit(struct unpacker *u) {
    ZSTD_freeDStream(u->stream);
    free(u->input);
    free(u->output);
    if (u->out >= 0) close(u->out);
}

bool hs_core_zst_is(const void *bytes, size_t size) {
    const uint8_t *p = bytes;
    if (size < 4) return false;
    if (p[1] == 0xb5 && p[2] == 0x2f && p[3] == 0xfd) return p[0] == 0x28;
    return (p[0] & 0xf0) == 0x50 && p[1] == 0x2a && p[2] == 0x4d && p[3] == 0x18;
}

static struct hs_error *temporary_create(struct unpacker *u) {
    if ((u->out = hs_spool_make(&u->directory)) >= 0) return NULL;
    return hs_error_create_errno(
        "%s cannot be decompressed, because no temporary file can be made in %s (set TMPDIR to a "
        "directory that can be written)",
        u->path, u->directory);
}

static struct hs_error *full_error(const struct unpacker *u) {
    return hs_error_create(HS_ERROR_IO,
                           "%s needs more room than %s has free (%" PRIu64
                           " MB unpacked so far): set TMPDIR to a "
                           "directory on a larger disk",
                           u->path, u->directory, u->written >> 20);
}

static struct hs_error *run_write(struct unpacker *u, const uint8_t *bytes, size_t size, uint64_t offset) {
    if (size > u->room - u->written) return full_error(u);
    while (size) {
        ssize_t n = pwrite(u->out, bytes, size, (off_t)offset);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)) return full_error(u);
        if (n < 0) return hs_error_create_errno("%s cannot be decompressed into %s", u->path, u->directory);
        bytes += n, size -= (size_t)n, offset += (size_t)n, u->written += (size_t)n;
    }
    return NULL;
}

static bool block_is_zero(const uint8_t *bytes, size_t size) {
    return bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0;
}

/* Writes one chunk, which begins at a multiple of BLOCK, without its blocks of zeroes. */
static struct hs_error *chunk_write(struct unpacker *u, size_t size) {
    if (u->total == 0 && (size < SELFMAG || memcmp(u->output, ELFMAG, SELFMAG) != 0))
        return hs_error_create(HS_ERROR_FORMAT, "%s holds no ELF file: a compressed core is expected",
                               u->path);
    if (size > u->limits->unpacked - u->total)
        return hs_error_create(HS_ERROR_FORMAT, "%s unpacks to more than %" PRIu64 " GB: no core is so large",
                               u->path, u->limits->unpacked >> 30);
    size_t run = 0;
    for (size_t at = 0; at < size; at += BLOCK) {
        size_t length = size - at < BLOCK ? size - at : BLOCK;
        if (!block_is_zero(u->output + at, length)) continue;
        if (at > run) HS_TRY(run_write(u, u->output + run, at - run, u->total + run));
        run = at + length;
    }
    if (size > run) HS_TRY(run_write(u, u->output + run, size - run, u->total + run));
    u->total += size;
    return NULL;
}

static struct hs_error *input_fill(struct unpacker *u, ZSTD_inBuffer *in) {
    ssize_t n;
    do n = read(u->in, u->input, u->input_capacity);
    while (n < 0 && errno == EINTR);
    if (n < 0) return hs_error_create_errno("%s cannot be read", u->path);
    *in = (ZSTD_inBuffer){.src = u->input, .size = (size_t)n};
    return NULL;
}

static struct hs_error *frames_unpack(struct unpacker *u, bool *cut_ret) {
    ZSTD_inBuffer in = {.src = u->input};
    ZSTD_outBuffer out = {.dst = u->output, .size = CHUNK};
    size_t hint = 0; /* 0 at the border of two frames */
    for (;;) {
        if (in.pos == in.size) {
            HS_TRY(input_fill(u, &in));
            /* At the end of the input, output may still wait within the decoder. */
            if (in.size == 0 && (hint == 0 || out.pos < out.size)) break;
        }
        size_t before_in = in.pos, before_out = out.pos;
        hint = ZSTD_decompressStream(u->stream, &out, &in);
        if (ZSTD_isError(hint))
            return hs_error_create(HS_ERROR_FORMAT,
                                   "%s is damaged: zstd reports \"%s\" after %" PRIu64 " unpacked bytes",
                                   u->path, ZSTD_getErrorName(hint), u->total + out.pos);
        if (out.pos == out.size) {
            HS_TRY(chunk_write(u, out.pos));
            out.pos = 0;
        } else if (in.size == 0 && in.pos == before_in && out.pos == before_out) {
            break;
        }
    }
    if (out.pos || u->total == 0) HS_TRY(chunk_write(u, out.pos));
    *cut_ret = hint != 0;
    return NULL;
}

struct hs_error *hs_core_zst_unpack(int fd, const char *path, const struct hs_core_zst_limits *limits,
                                    int *fd_ret, bool *cut_ret) {
    __attribute__((cleanup(unpacker_deinit))) struct unpacker u = {
        .path = path, .limits = limits, .in = fd, .out = -1, .input_capacity = ZSTD_DStreamInSize()};
    u.stream = ZSTD_createDStream();
    u.input = malloc(u.input_capacity);
    u.output = malloc(CHUNK);
    if (!u.stream || !u.input || !u.output) return HS_ENOMEM;
    ZSTD_DCtx_setParameter(u.stream, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
    if (lseek(fd, 0, SEEK_SET) < 0) return hs_error_create_errno("%s cannot be read", path);
    HS_TRY(temporary_create(&u));

    struct statvfs disk;
    u.room = limits->written;
    if (fstatvfs(u.out, &disk) == 0) {
        uint64_t unit = disk.f_frsize, free_bytes = 0;
        if (__builtin_mul_overflow((uint64_t)disk.f_bavail, unit, &free_bytes)) free_bytes = UINT64_MAX;
        free_bytes = free_bytes > SPARE ? free_bytes - SPARE : 0;
        if (u.room > free_bytes) u.room = free_bytes;
    }
    bool cut = false;
    HS_TRY(frames_unpack(&u, &cut));
    if (ftruncate(u.out, (off_t)u.total) != 0)
        return hs_error_create_errno("%s cannot be decompressed into %s", path, u.directory);
    *fd_ret = u.out;
    *cut_ret = cut;
    u.out = -1;
    return NULL;
}
