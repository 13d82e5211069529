#include "snap/infile.h"

#include "base/escape.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

enum { RAW_SIZE = 1 << 17 };

struct hs_infile {
    FILE *stream;
    bool owned;
    char *name;         /* escaped, for messages */
    uint64_t line;      /* number of the line handed out last */
    unsigned char *raw; /* bytes as read */
    size_t raw_at, raw_size;
    bool raw_ended;
    bool started;    /* the first bytes have been looked at */
    ZSTD_DCtx *zstd; /* NULL where plain */
    bool frame_open; /* inside a zstd frame */
    char *data;      /* decompressed bytes: [at, size) is not handed out yet */
    size_t at, size, capacity;
    bool ended;
};

struct hs_error *hs_infile_wrap(FILE *stream, const char *name, struct hs_infile **ret) {
    struct hs_infile *file = calloc(1, sizeof *file);
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    hs_escape_terminal_string(&text, name);
    if (file) {
        file->stream = stream;
        file->name = hs_strbuf_detach(&text, NULL);
        file->raw = malloc(RAW_SIZE);
        file->capacity = RAW_SIZE;
        file->data = malloc(file->capacity);
    }
    if (!file || !file->name || !file->raw || !file->data) {
        hs_infile_close(file);
        return HS_ENOMEM;
    }
    *ret = file;
    return NULL;
}

struct hs_error *hs_infile_open(const char *path, struct hs_infile **ret) {
    if (!strcmp(path, "-")) return hs_infile_wrap(stdin, "standard input", ret);
    FILE *stream = fopen(path, "re");
    if (!stream) {
        int saved = errno;
        HS_STRBUF_AUTO text = HS_STRBUF_INIT;
        hs_escape_terminal_string(&text, path);
        errno = saved;
        return hs_error_create_errno("cannot open %s", text.data);
    }
    struct hs_error *error = hs_infile_wrap(stream, path, ret);
    if (error) fclose(stream);
    else (*ret)->owned = true;
    return error;
}

void hs_infile_close(struct hs_infile *file) {
    if (!file) return;
    if (file->owned) fclose(file->stream);
    ZSTD_freeDCtx(file->zstd);
    free(file->name);
    free(file->raw);
    free(file->data);
    free(file);
}

const char *hs_infile_name(const struct hs_infile *file) {
    return file->name;
}

uint64_t hs_infile_line_number(const struct hs_infile *file) {
    return file->line;
}

static struct hs_error *read_raw(struct hs_infile *file) {
    if (file->raw_at < file->raw_size || file->raw_ended) return NULL;
    file->raw_at = 0;
    file->raw_size = fread(file->raw, 1, RAW_SIZE, file->stream);
    if (file->raw_size < RAW_SIZE) {
        if (ferror(file->stream)) return hs_error_create_errno("cannot read %s", file->name);
        file->raw_ended = true;
    }
    return NULL;
}

static bool starts_with(const struct hs_infile *file, const char *magic, size_t size) {
    return file->raw_size >= size && !memcmp(file->raw, magic, size);
}

/* Looks at the first bytes: decides on decompression and recognises what people hand us by mistake. */
static struct hs_error *start(struct hs_infile *file) {
    file->started = true;
    HS_TRY(read_raw(file));
    if (starts_with(file, "\x28\xb5\x2f\xfd", 4)) {
        file->zstd = ZSTD_createDCtx();
        return file->zstd ? NULL : HS_ENOMEM;
    }
    if (starts_with(file,
                    "\x7f"
                    "ELF",
                    4))
        return hs_error_create(
            HS_ERROR_FORMAT,
            "%s is an ELF file, not a snapshot: make one with `heapscan CORE -o NAME.hsnap`, or pipe "
            "heapscan's output in",
            file->name);
    if (starts_with(file, "\x1f\x8b", 2))
        return hs_error_create(HS_ERROR_UNSUPPORTED,
                               "%s is compressed with gzip: unpack it with gunzip (zstd is read as it is)",
                               file->name);
    if (starts_with(file, "{\"snapshot\":", 12))
        return hs_error_create(HS_ERROR_FORMAT,
                               "%s is a heap snapshot of V8, not of heapscan: run `heapscan` on it first",
                               file->name);
    return NULL;
}

/* Appends some more bytes to the data, or sets `ended`. There is room for at least one byte. */
static struct hs_error *fill(struct hs_infile *file) {
    HS_TRY(read_raw(file));
    size_t room = file->capacity - file->size, left = file->raw_size - file->raw_at;
    if (!file->zstd) {
        size_t size = left < room ? left : room;
        memcpy(file->data + file->size, file->raw + file->raw_at, size);
        file->size += size;
        file->raw_at += size;
        file->ended = !size;
        return NULL;
    }
    ZSTD_inBuffer in = {file->raw, file->raw_size, file->raw_at};
    ZSTD_outBuffer out = {file->data + file->size, room, 0};
    bool fed = left > 0;
    if (!fed && !file->frame_open) {
        file->ended = true;
        return NULL;
    }
    size_t result = ZSTD_decompressStream(file->zstd, &out, &in);
    if (ZSTD_isError(result))
        return hs_error_create(HS_ERROR_FORMAT, "%s: line %" PRIu64 ": the compressed data is broken: %s",
                               file->name, file->line + 1, ZSTD_getErrorName(result));
    file->raw_at = in.pos;
    file->size += out.pos;
    file->frame_open = result != 0;
    if (!fed && !out.pos && file->frame_open)
        return hs_error_create(
            HS_ERROR_FORMAT, "%s: line %" PRIu64 ": the compressed data ends in the middle: the file is cut",
            file->name, file->line + 1);
    return NULL;
}

static struct hs_error *make_room(struct hs_infile *file) {
    if (file->at) {
        memmove(file->data, file->data + file->at, file->size - file->at);
        file->size -= file->at;
        file->at = 0;
    }
    if (file->capacity - file->size >= RAW_SIZE / 2) return NULL;
    char *data = realloc(file->data, file->capacity * 2);
    if (!data) return HS_ENOMEM;
    file->data = data;
    file->capacity *= 2;
    return NULL;
}

struct hs_error *hs_infile_line(struct hs_infile *file, size_t limit, const char **ret, size_t *size_ret) {
    if (!file->started) HS_TRY(start(file));
    size_t seen = 0; /* bytes from `at` on that are known to hold no line feed */
    for (;;) {
        const char *from = file->data + file->at;
        size_t have = file->size - file->at;
        const char *end = have > seen ? memchr(from + seen, '\n', have - seen) : NULL;
        size_t size = end ? (size_t)(end - from) + 1 : have;
        if (size > limit)
            return hs_error_create(HS_ERROR_FORMAT,
                                   "%s: line %" PRIu64 ": longer than %zu bytes: this is no snapshot",
                                   file->name, file->line + 1, limit);
        if (end || file->ended) {
            file->at += size;
            file->line += size > 0;
            *ret = from;
            *size_ret = size;
            return NULL;
        }
        seen = have;
        HS_TRY(make_room(file));
        HS_TRY(fill(file));
    }
}
