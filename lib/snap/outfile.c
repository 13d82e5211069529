#define _GNU_SOURCE 1 /* realpath with NULL, O_CLOEXEC, sync_file_range */
#include "snap/outfile.h"

#include "base/escape.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

struct hs_outfile {
    FILE *stream;
    bool owned;                /* the stream is ours to close */
    char *name;                /* escaped, for messages */
    char *path;                /* final name with links resolved; NULL where written directly */
    char *temporary;           /* NULL where written directly, and after commit */
    ZSTD_CCtx *zstd;           /* NULL where plain */
    void *compressed;          /* ZSTD_CStreamOutSize() bytes */
    uint64_t written, started; /* bytes; started: of these, those that the disk has been told to write */
};
enum { WRITE_BACK = 16 << 20 };

static struct hs_error *write_error(const struct hs_outfile *file) {
    return hs_error_create_errno("cannot write %s", file->name);
}

static struct hs_error *outfile_alloc(const char *name, struct hs_outfile **ret) {
    struct hs_outfile *file = calloc(1, sizeof *file);
    if (!file) return HS_ENOMEM;
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    hs_escape_terminal_string(&text, name);
    file->name = hs_strbuf_detach(&text, NULL);
    if (!file->name) {
        free(file);
        return HS_ENOMEM;
    }
    *ret = file;
    return NULL;
}

struct hs_error *hs_outfile_wrap(FILE *stream, const char *name, struct hs_outfile **ret) {
    struct hs_outfile *file;
    HS_TRY(outfile_alloc(name, &file));
    file->stream = stream;
    *ret = file;
    return NULL;
}

static struct hs_error *open_temporary(struct hs_outfile *file, int *fd_ret) {
    /* Not mkstemp: that one makes mode 0600, and the umask cannot be asked for without changing it. */
    for (unsigned attempt = 0; attempt < 100; attempt++) {
        char *temporary;
        if (asprintf(&temporary, "%s.tmp-%ld-%u", file->path, (long)getpid(), attempt) < 0) return HS_ENOMEM;
        int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0) {
            file->temporary = temporary;
            *fd_ret = fd;
            return NULL;
        }
        free(temporary);
        if (errno != EEXIST) break;
    }
    return hs_error_create_errno("cannot create %s", file->name);
}

static struct hs_error *open_named(struct hs_outfile *file, const char *path) {
    struct stat status;
    bool exists = stat(path, &status) == 0;
    if (exists && S_ISDIR(status.st_mode))
        return hs_error_create(HS_ERROR_IO, "cannot write %s: it is a directory", file->name);
    /* rename() would replace a file that may not be written: ask first. */
    if (exists && access(path, W_OK)) return write_error(file);
    int fd = -1;
    if (exists && !S_ISREG(status.st_mode)) {
        fd = open(path, O_WRONLY | O_CLOEXEC);
        if (fd < 0) return write_error(file);
    } else {
        file->path = exists ? realpath(path, NULL) : strdup(path);
        if (!file->path) return exists ? write_error(file) : HS_ENOMEM;
        HS_TRY(open_temporary(file, &fd));
    }
    file->stream = fdopen(fd, "w");
    if (!file->stream) {
        close(fd);
        return write_error(file);
    }
    file->owned = true;
    size_t length = strlen(path);
    if (length >= 4 && !strcmp(path + length - 4, ".zst")) {
        file->zstd = ZSTD_createCCtx();
        file->compressed = malloc(ZSTD_CStreamOutSize());
        if (!file->zstd || !file->compressed ||
            ZSTD_isError(ZSTD_CCtx_setParameter(file->zstd, ZSTD_c_checksumFlag, 1)))
            return HS_ENOMEM;
    }
    return NULL;
}

struct hs_error *hs_outfile_open(const char *path, struct hs_outfile **ret) {
    struct hs_outfile *file;
    HS_TRY(outfile_alloc(path, &file));
    struct hs_error *error = open_named(file, path);
    if (error) {
        hs_outfile_destroy(file);
        return error;
    }
    *ret = file;
    return NULL;
}

/* A large file is given to the disk while it grows, or hs_outfile_commit() would wait for all of it. Only a
 * hint: what becomes of it is fsync's matter. */
static struct hs_error *put(struct hs_outfile *file, const void *bytes, size_t size) {
    if (fwrite(bytes, 1, size, file->stream) != size) return write_error(file);
    file->written += size;
    if (!file->temporary || file->written - file->started < WRITE_BACK) return NULL;
    sync_file_range(fileno(file->stream), (off_t)file->started, (off_t)(file->written - file->started),
                    SYNC_FILE_RANGE_WRITE);
    file->started = file->written;
    return NULL;
}

static struct hs_error *compress_bytes(struct hs_outfile *file, const void *bytes, size_t size,
                                       ZSTD_EndDirective mode) {
    ZSTD_inBuffer in = {bytes, size, 0};
    for (;;) {
        ZSTD_outBuffer out = {file->compressed, ZSTD_CStreamOutSize(), 0};
        size_t left = ZSTD_compressStream2(file->zstd, &out, &in, mode);
        if (ZSTD_isError(left))
            return hs_error_create(HS_ERROR_IO, "cannot compress %s: %s", file->name,
                                   ZSTD_getErrorName(left));
        HS_TRY(put(file, file->compressed, out.pos));
        if (mode == ZSTD_e_continue ? in.pos == in.size : left == 0) return NULL;
    }
}

struct hs_error *hs_outfile_write(struct hs_outfile *file, const void *bytes, size_t size) {
    if (file->zstd) return compress_bytes(file, bytes, size, ZSTD_e_continue);
    return put(file, bytes, size);
}

struct hs_error *hs_outfile_flush(struct hs_outfile *file) {
    if (file->zstd) HS_TRY(compress_bytes(file, NULL, 0, ZSTD_e_flush));
    return fflush(file->stream) ? write_error(file) : NULL;
}

struct hs_error *hs_outfile_commit(struct hs_outfile *file) {
    if (file->zstd) HS_TRY(compress_bytes(file, NULL, 0, ZSTD_e_end));
    if (fflush(file->stream) || ferror(file->stream)) return write_error(file);
    if (!file->owned) return NULL;
    if (file->temporary && fsync(fileno(file->stream))) return write_error(file);
    FILE *stream = file->stream;
    file->stream = NULL;
    if (fclose(stream)) return write_error(file);
    if (!file->temporary) return NULL;
    if (rename(file->temporary, file->path))
        return hs_error_create_errno("cannot give %s its name", file->name);
    free(file->temporary);
    file->temporary = NULL;
    return NULL;
}

void hs_outfile_destroy(struct hs_outfile *file) {
    if (!file) return;
    if (file->owned && file->stream) fclose(file->stream);
    if (file->temporary) unlink(file->temporary);
    ZSTD_freeCCtx(file->zstd);
    free(file->compressed);
    free(file->temporary);
    free(file->path);
    free(file->name);
    free(file);
}
