#define _GNU_SOURCE 1 /* O_CLOEXEC, strdup */
#include "elf/core_private.h"
#include "elf/core_zst.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define UNPACKED_BYTES_MAX ((uint64_t)1 << 40)

static void core_cleanup(struct hs_core **core) {
    hs_core_close(*core);
}

static struct hs_error *core_create(const char *path, struct hs_core **ret) {
    struct hs_core *core = calloc(1, sizeof *core);
    struct hs_core_private *priv = calloc(1, sizeof *priv);
    char *copy = strdup(path);
    if (!core || !priv || !copy) {
        free(core);
        free(priv);
        free(copy);
        return HS_ENOMEM;
    }
    priv->fd = -1;
    priv->path = copy;
    core->path = copy;
    core->priv = priv;
    core->captured_at = -1;
    *ret = core;
    return NULL;
}

/* Everything that follows from the bytes. */
static struct hs_error *core_load(struct hs_core *core) {
    core->file_bytes = core->priv->size;
    HS_TRY(hs_core_headers_load(core));
    HS_TRY(hs_core_segments_load(core));
    HS_TRY(hs_core_extents_load(core));
    HS_TRY(hs_core_notes_load(core));
    free(core->priv->headers);
    core->priv->headers = NULL;
    return NULL;
}

static struct hs_error *core_map(struct hs_core *core) {
    struct hs_core_private *priv = core->priv;
    struct stat status;
    if (fstat(priv->fd, &status) != 0) return hs_error_create_errno("%s cannot be read", core->path);
    if (status.st_size == 0) return NULL; /* told as "empty" by the header check */
    void *mapping = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE | MAP_NORESERVE, priv->fd, 0);
    if (mapping == MAP_FAILED) return hs_error_create_errno("%s cannot be mapped", core->path);
    priv->mapping = mapping;
    priv->bytes = mapping;
    priv->size = (size_t)status.st_size;
    return NULL;
}

/* Replaces a compressed file by the temporary one. */
static struct hs_error *core_unpack(struct hs_core *core) {
    struct hs_core_private *priv = core->priv;
    uint8_t magic[4];
    ssize_t n = pread(priv->fd, magic, sizeof magic, 0);
    if (n < 0) return hs_error_create_errno("%s cannot be read", core->path);
    if (!hs_core_zst_is(magic, (size_t)n)) return NULL;
    const struct hs_core_zst_limits limits = {.written = UINT64_MAX, .unpacked = UNPACKED_BYTES_MAX};
    int fd;
    HS_TRY(hs_core_zst_unpack(priv->fd, core->path, &limits, &fd, &priv->cut));
    close(priv->fd);
    priv->fd = fd;
    return NULL;
}

struct hs_error *hs_core_open(const char *path, struct hs_core **ret) {
    __attribute__((cleanup(core_cleanup))) struct hs_core *core = NULL;
    HS_TRY(core_create(path, &core));
    struct hs_core_private *priv = core->priv;
    /* O_NONBLOCK: opening a pipe that nobody writes to must not hang. */
    priv->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (priv->fd < 0 && errno == EACCES)
        return hs_error_create(
            HS_ERROR_IO,
            "%s may not be read by this user: cores are written for their owner only; run as "
            "the owner or as root",
            path);
    if (priv->fd < 0 && errno == ENOENT) return hs_error_create(HS_ERROR_IO, "%s does not exist", path);
    if (priv->fd < 0) return hs_error_create_errno("%s cannot be opened", path);
    struct stat status;
    if (fstat(priv->fd, &status) != 0) return hs_error_create_errno("%s cannot be read", path);
    if (S_ISDIR(status.st_mode)) return hs_error_create(HS_ERROR_IO, "%s is a directory, not a core", path);
    if (!S_ISREG(status.st_mode))
        return hs_error_create(
            HS_ERROR_IO, "%s is not a regular file: a core is read at random, so save it to a file first",
            path);
    HS_TRY(core_unpack(core));
    HS_TRY(core_map(core));
    HS_TRY(core_load(core));
    /* Neither gdb nor the kernel writes the time into the core: it is the file's. */
    core->captured_at = status.st_mtim.tv_sec < 0 || status.st_mtim.tv_sec > INT64_MAX / 1000 - 1
                            ? -1
                            : (int64_t)status.st_mtim.tv_sec * 1000 + status.st_mtim.tv_nsec / 1000000;
    *ret = core;
    core = NULL;
    return NULL;
}

struct hs_error *hs_core_open_memory(const void *bytes, size_t size, const char *name, struct hs_core **ret) {
    __attribute__((cleanup(core_cleanup))) struct hs_core *core = NULL;
    HS_TRY(core_create(name, &core));
    core->priv->bytes = bytes;
    core->priv->size = size;
    HS_TRY(core_load(core));
    *ret = core;
    core = NULL;
    return NULL;
}

void hs_core_close(struct hs_core *core) {
    if (!core) return;
    struct hs_core_private *priv = core->priv;
    if (priv->mapping) munmap(priv->mapping, priv->size);
    if (priv->fd >= 0) close(priv->fd);
    free(priv->headers);
    free(priv->load_starts);
    free(priv->load_executable);
    free(priv->path);
    free(priv);
    free(core->segments);
    free(core->extents);
    free(core->mappings);
    free(core->threads);
    free(core->auxv);
    free(core);
}

const struct hs_segment *hs_core_segment_find(const struct hs_core *core, hs_addr addr) {
    size_t low = 0, high = core->segment_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (core->segments[middle].start <= addr) low = middle + 1;
        else high = middle;
    }
    if (low == 0) return NULL;
    const struct hs_segment *segment = &core->segments[low - 1];
    return addr - segment->start < segment->memory_size ? segment : NULL;
}

bool hs_core_is_executable(const struct hs_core *core, hs_addr addr) {
    const struct hs_core_private *priv = core->priv;
    const struct hs_segment *segment = hs_core_segment_find(core, addr);
    if (!segment || !(segment->any_flags & HS_SEGMENT_X)) return false;
    size_t low = 0, high = priv->load_start_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (priv->load_starts[middle] <= addr) low = middle + 1;
        else high = middle;
    }
    return low > 0 && priv->load_executable[low - 1];
}

const void *hs_core_ptr(const struct hs_core *core, hs_addr addr, uint64_t size) {
    const struct hs_segment *segment = hs_core_segment_find(core, addr);
    if (!segment) return NULL;
    uint64_t offset = addr - segment->start;
    if (offset >= segment->file_size || size > segment->file_size - offset) return NULL;
    return segment->data + offset;
}

bool hs_core_word(const struct hs_core *core, hs_addr addr, uint64_t *ret) {
    const void *p = hs_core_ptr(core, addr, core->arch->word_size);
    if (!p) return false;
    *ret = hs_arch_word(core->arch, p);
    return true;
}

bool hs_core_u32(const struct hs_core *core, hs_addr addr, uint32_t *ret) {
    const void *p = hs_core_ptr(core, addr, 4);
    if (!p) return false;
    *ret = hs_arch_u32(core->arch, p);
    return true;
}

bool hs_core_auxv_find(const struct hs_core *core, uint64_t type, uint64_t *ret) {
    for (size_t i = 0; i < core->auxv_count; i++) {
        if (core->auxv[i].type != type) continue;
        *ret = core->auxv[i].value;
        return true;
    }
    return false;
}

struct hs_error *hs_core_recheck(const struct hs_core *core) {
    const struct hs_core_private *priv = core->priv;
    struct stat status;
    if (priv->fd < 0) return NULL;
    if (fstat(priv->fd, &status) != 0) return hs_error_create_errno("%s cannot be read", core->path);
    if ((uint64_t)status.st_size != priv->size)
        return hs_error_create(
            HS_ERROR_IO,
            "%s has changed its size while it was read: it is still being written, or it was "
            "written over; read it again when it is whole",
            core->path);
    return NULL;
}
