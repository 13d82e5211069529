#define _GNU_SOURCE 1 /* O_TMPFILE, AT_EMPTY_PATH */
#include "writer.h"

#include "notes.h"
#include "out/size.h"
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { CHUNK = 1 << 20, CHECK_EVERY = 64 << 20, PAGEMAP_ENTRIES = 65536 };
#define PAGE_PRESENT (UINT64_C(3) << 62) /* Documentation/admin-guide/mm/pagemap.rst: present, swapped */

struct writer {
    const struct dump_limits *limits;
    struct dump_result *result;
    const struct dump_stop *stop;
    int file, memory, pagemap;
    size_t page;
    uint64_t unchecked; /* bytes written since the limits were looked at */
    unsigned char *buffer;
    uint64_t *entries;
};

static struct hs_error *too_large(const struct dump_limits *limits, uint64_t bytes, bool expected) {
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    hs_size_put(&text, (int64_t)bytes, HS_SIGN_MINUS);
    hs_strbuf_puts(&text, expected ? ", and the limit is " : " are written already, and the limit is ");
    hs_size_put(&text, limits->max_size, HS_SIGN_MINUS);
    return hs_error_create(HS_ERROR_IO, "the core %s%s (--max-size)",
                           expected ? "would take " : "is too large: ", text.data);
}

/* Looks at the disk: are `bytes` more possible? */
static struct hs_error *check_room(const struct dump_limits *limits, int fd, uint64_t bytes) {
    struct statvfs disk;
    if (!limits->min_free || fstatvfs(fd, &disk)) return NULL;
    uint64_t free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
    if (free_bytes >= bytes && free_bytes - bytes >= (uint64_t)limits->min_free) return NULL;
    HS_STRBUF_AUTO text = HS_STRBUF_INIT;
    hs_size_put(&text, (int64_t)free_bytes, HS_SIGN_MINUS);
    hs_strbuf_puts(&text, " are free");
    if (bytes) hs_strbuf_puts(&text, ", the core needs up to ");
    if (bytes) hs_size_put(&text, (int64_t)bytes, HS_SIGN_MINUS);
    hs_strbuf_puts(&text, ", and ");
    hs_size_put(&text, limits->min_free, HS_SIGN_MINUS);
    return hs_error_create(HS_ERROR_IO, "not enough room on the disk: %s have to stay free (--min-free)",
                           text.data);
}

/* Before the process is stopped: what the core will take at most. */
static struct hs_error *check_before(pid_t pid, int fd, const struct dump_limits *limits) {
    struct dump_mappings mappings;
    struct hs_error *error = dump_mappings_read(pid, &mappings);
    if (error) { /* no rights, or no process: stopping it fails as well, and that says why */
        hs_error_destroy(error);
        return NULL;
    }
    uint64_t bytes = dump_mappings_resident(&mappings);
    dump_mappings_deinit(&mappings);
    if (limits->max_size && bytes > (uint64_t)limits->max_size) return too_large(limits, bytes, true);
    return check_room(limits, fd, bytes);
}

static struct hs_error *check_while(struct writer *w) {
    const struct dump_limits *limits = w->limits;
    if (*limits->stopped) return hs_error_create(HS_ERROR_IO, "interrupted");
    if (limits->max_pause > 0 && dump_now() - w->stop->began > limits->max_pause)
        return hs_error_create(HS_ERROR_IO,
                               "the process was held for %.1f s, and the core is not done (--max-pause)",
                               dump_now() - w->stop->began);
    if (limits->max_size && w->result->on_disk > (uint64_t)limits->max_size)
        return too_large(limits, w->result->on_disk, false);
    if (w->unchecked < CHECK_EVERY) return NULL;
    w->unchecked = 0;
    return check_room(limits, w->file, 0);
}

static struct hs_error *put(struct writer *w, const void *bytes, size_t size, uint64_t at) {
    size_t done = 0;
    while (done < size) {
        ssize_t n = pwrite(w->file, (const char *)bytes + done, size - done, (off_t)(at + done));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return hs_error_create_errno("cannot write the core");
        done += (size_t)n;
    }
    w->result->on_disk += size;
    w->unchecked += size;
    return NULL;
}

static bool is_zero(const unsigned char *bytes, size_t size) {
    return bytes[0] == 0 && !memcmp(bytes, bytes + 1, size - 1);
}

/* Writes the pages of a chunk that are not all zero. */
static struct hs_error *put_pages(struct writer *w, size_t size, uint64_t at) {
    size_t from = 0;
    for (size_t page = 0; page <= size; page += w->page) {
        if (page < size && !is_zero(w->buffer + page, w->page)) continue;
        if (page > from) HS_TRY(put(w, w->buffer + from, page - from, at + from));
        from = page + w->page;
    }
    return NULL;
}

/* Copies memory; what cannot be read is passed over page by page. */
static struct hs_error *copy(struct writer *w, uint64_t addr, uint64_t size, uint64_t at) {
    while (size) {
        HS_TRY(check_while(w));
        size_t want = size < CHUNK ? (size_t)size : CHUNK;
        ssize_t n = pread(w->memory, w->buffer, want, (off_t)addr);
        if (n < 0 && errno == EINTR) continue;
        if (n == 0) return hs_error_create(HS_ERROR_IO, "the process has ended");
        size_t got = n < 0 ? 0 : (size_t)n & ~(w->page - 1);
        if (got) HS_TRY(put_pages(w, got, at));
        if (!got) {
            w->result->unreadable++;
            got = w->page;
        }
        addr += got;
        at += got;
        size -= got;
    }
    return NULL;
}

/* Copies what is present of a mapping, run by run. */
static struct hs_error *copy_present(struct writer *w, const struct dump_mapping *m, uint64_t at) {
    uint64_t pages = (m->end - m->start) / w->page, first = m->start / w->page, run = 0;
    for (uint64_t i = 0; i < pages;) {
        size_t want = pages - i < PAGEMAP_ENTRIES ? (size_t)(pages - i) : PAGEMAP_ENTRIES;
        ssize_t n = pread(w->pagemap, w->entries, want * 8, (off_t)((first + i) * 8));
        if (n < 8) return copy(w, m->start + i * w->page, m->end - m->start - i * w->page, at + i * w->page);
        size_t got = (size_t)n / 8;
        for (size_t k = 0; k < got; k++) {
            if (w->entries[k] & PAGE_PRESENT) {
                run++;
                continue;
            }
            uint64_t from = (i + k - run) * w->page;
            if (run) HS_TRY(copy(w, m->start + from, run * w->page, at + from));
            run = 0;
        }
        i += got;
        uint64_t from = (i - run) * w->page;
        if (run) HS_TRY(copy(w, m->start + from, run * w->page, at + from));
        run = 0;
    }
    return NULL;
}

/* Whether an ELF file begins here: then its first page tells its build-id. */
static bool is_elf(const struct writer *w, const struct dump_mapping *m) {
    char magic[SELFMAG];
    return pread(w->memory, magic, SELFMAG, (off_t)m->start) == SELFMAG && !memcmp(magic, ELFMAG, SELFMAG);
}

static uint64_t file_size(const struct writer *w, const struct dump_mapping *m) {
    if (m->choice == DUMP_HEADER) return is_elf(w, m) ? w->page : 0;
    return m->choice == DUMP_ABSENT ? 0 : m->end - m->start;
}

static struct hs_error *put_headers(struct writer *w, const struct dump_mappings *mappings,
                                    const struct hs_strbuf *notes, uint64_t memory_at) {
    size_t count = mappings->count + 1;
    Elf64_Ehdr head = {
        .e_type = ET_CORE, .e_version = EV_CURRENT, .e_phoff = sizeof head, .e_ehsize = sizeof head};
    Elf64_Ehdr self;
    /* Class, byte order and machine of the process are those of this program: a 32-bit one is refused before.
     */
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    bool known = fd >= 0 && pread(fd, &self, sizeof self, 0) == sizeof self;
    if (fd >= 0) close(fd);
    if (!known) return hs_error_create_errno("cannot read /proc/self/exe");
    memcpy(head.e_ident, self.e_ident, EI_NIDENT);
    head.e_ident[EI_OSABI] = 0;
    head.e_machine = self.e_machine;
    head.e_flags = self.e_flags;
    head.e_phentsize = sizeof(Elf64_Phdr);
    head.e_phnum = (Elf64_Half)count;
    HS_TRY(put(w, &head, sizeof head, 0));
    HS_STRBUF_AUTO table = HS_STRBUF_INIT;
    uint64_t notes_at = sizeof head + count * sizeof(Elf64_Phdr), at = memory_at;
    Elf64_Phdr row = {.p_type = PT_NOTE, .p_offset = notes_at, .p_filesz = notes->size, .p_align = 4};
    hs_strbuf_append(&table, &row, sizeof row);
    for (size_t i = 0; i < mappings->count; i++) {
        const struct dump_mapping *m = &mappings->items[i];
        row = (Elf64_Phdr){.p_type = PT_LOAD,
                           .p_flags = m->flags,
                           .p_offset = at,
                           .p_vaddr = m->start,
                           .p_filesz = file_size(w, m),
                           .p_memsz = m->end - m->start,
                           .p_align = w->page};
        hs_strbuf_append(&table, &row, sizeof row);
        at += row.p_filesz;
    }
    HS_TRY(hs_strbuf_error(&table));
    HS_TRY(put(w, table.data, table.size, sizeof head));
    HS_TRY(put(w, notes->data, notes->size, notes_at));
    w->result->apparent = at;
    return ftruncate(w->file, (off_t)at) ? hs_error_create_errno("cannot write the core") : NULL;
}

static struct hs_error *put_memory(struct writer *w, const struct dump_mappings *mappings, uint64_t at) {
    for (size_t i = 0; i < mappings->count; i++) {
        const struct dump_mapping *m = &mappings->items[i];
        uint64_t size = file_size(w, m);
        if (m->choice == DUMP_PRESENT) HS_TRY(copy_present(w, m, at));
        else if (size) HS_TRY(copy(w, m->start, size, at));
        at += size;
    }
    return NULL;
}

/* The kernel ends a list of mappings without a word where the process is killed while it is read: then its
 * memory is gone, and any part of it reads as the end of the file. */
static struct hs_error *check_alive(const struct writer *w, const struct dump_mappings *mappings) {
    char byte;
    if (mappings->count && pread(w->memory, &byte, 1, (off_t)mappings->items[0].start) != 0) return NULL;
    return hs_error_create(HS_ERROR_IO, "process %d has ended", w->stop->pid);
}

static struct hs_error *write_stopped(struct writer *w) {
    struct dump_mappings mappings;
    HS_TRY(dump_mappings_read(w->stop->pid, &mappings));
    HS_STRBUF_AUTO notes = HS_STRBUF_INIT;
    struct hs_error *error = check_alive(w, &mappings);
    if (!error) error = dump_notes_put(&notes, w->stop, &mappings);
    uint64_t at = sizeof(Elf64_Ehdr) + (mappings.count + 1) * sizeof(Elf64_Phdr) + notes.size;
    at = (at + w->page - 1) & ~(uint64_t)(w->page - 1);
    if (!error && mappings.count + 1 >= PN_XNUM)
        error = hs_error_create(HS_ERROR_UNSUPPORTED, "the process has %zu mappings; a core holds %d",
                                mappings.count, PN_XNUM - 2);
    if (!error) error = put_headers(w, &mappings, &notes, at);
    if (!error) error = put_memory(w, &mappings, at);
    if (!error) error = check_alive(w, &mappings);
    dump_mappings_deinit(&mappings);
    return error;
}

static struct hs_error *open_proc(pid_t pid, const char *name, int *ret) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    *ret = open(path, O_RDONLY | O_CLOEXEC);
    return *ret < 0 ? hs_error_create_errno("cannot open %s", path) : NULL;
}

/* Whatever went wrong, the reason is that the process is gone. */
static struct hs_error *mend_error(pid_t pid, struct hs_error *error) {
    char path[64], state = 'X', text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *stream = error ? fopen(path, "re") : NULL;
    if (!error) return NULL;
    if (stream) {
        size_t size = fread(text, 1, sizeof text - 1, stream);
        text[size] = '\0';
        char *end = strrchr(text, ')'); /* the name before it may hold anything */
        if (end) sscanf(end + 1, " %c", &state);
        fclose(stream);
    }
    if (state != 'X' && state != 'Z') return error;
    hs_error_destroy(error);
    return hs_error_create(HS_ERROR_IO, "process %d has ended", pid);
}

static struct hs_error *write_core(pid_t pid, int fd, const struct dump_limits *limits,
                                   struct dump_result *ret) {
    struct dump_stop stop;
    struct writer w = {.limits = limits,
                       .result = ret,
                       .stop = &stop,
                       .file = fd,
                       .memory = -1,
                       .pagemap = -1,
                       .page = (size_t)sysconf(_SC_PAGESIZE),
                       .buffer = malloc(CHUNK),
                       .entries = malloc(PAGEMAP_ENTRIES * sizeof *w.entries)};
    struct hs_error *error = w.buffer && w.entries ? NULL : HS_ENOMEM;
    if (!error) error = dump_stop(pid, limits->max_pause > 0 ? limits->max_pause : 30, &stop);
    if (!error) {
        error = open_proc(pid, "mem", &w.memory);
        if (!error) error = open_proc(pid, "pagemap", &w.pagemap);
        if (!error) error = write_stopped(&w);
        ret->threads = stop.count;
        ret->pause = dump_stop_end(&stop);
        error = mend_error(pid, error);
    }
    if (w.memory >= 0) close(w.memory);
    if (w.pagemap >= 0) close(w.pagemap);
    free(w.buffer);
    free(w.entries);
    return error;
}

/* A 32-bit process has other notes and headers. */
static struct hs_error *check_class(pid_t pid) {
    unsigned char ident[EI_NIDENT] = {0};
    int fd;
    struct hs_error *error = open_proc(pid, "exe", &fd);
    if (error) { /* as above */
        hs_error_destroy(error);
        return NULL;
    }
    ssize_t n = pread(fd, ident, sizeof ident, 0);
    close(fd);
    if (n != sizeof ident || memcmp(ident, ELFMAG, SELFMAG) || ident[EI_CLASS] == ELFCLASS64) return NULL;
    return hs_error_create(HS_ERROR_UNSUPPORTED, "process %d is a 32-bit program: use gcore", pid);
}

/* The file: without a name if the file system can do that, else under `part`. */
static struct hs_error *open_file(const char *path, const char *part, int *ret, bool *named_ret) {
    if (!access(path, F_OK)) return hs_error_create(HS_ERROR_IO, "%s is there already", path);
    char *copied = strdup(path);
    if (!copied) return HS_ENOMEM;
    *named_ret = false;
    *ret = open(dirname(copied), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    free(copied);
    if (*ret < 0) {
        *named_ret = true;
        *ret = open(part, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    }
    return *ret < 0 ? hs_error_create_errno("cannot create %s", part) : NULL;
}

static struct hs_error *give_name(int fd, const char *path, const char *part, bool named) {
    char self[64];
    snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    int failed = named ? link(part, path) : linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
    return failed ? hs_error_create_errno("cannot give the core its name, %s", path) : NULL;
}

struct hs_error *dump_core(pid_t pid, const char *path, const struct dump_limits *limits,
                           struct dump_result *ret) {
    HS_STRBUF_AUTO part = HS_STRBUF_INIT;
    hs_strbuf_printf(&part, "%s.part", path);
    HS_TRY(hs_strbuf_error(&part));
    *ret = (struct dump_result){0};
    HS_TRY(check_class(pid));
    int fd = -1;
    bool named = false;
    HS_TRY(open_file(path, part.data, &fd, &named));
    struct hs_error *error = check_before(pid, fd, limits);
    if (!error) error = write_core(pid, fd, limits, ret);
    struct stat status;
    if (!error && !fstat(fd, &status)) ret->on_disk = (uint64_t)status.st_blocks * 512;
    if (!error) error = give_name(fd, path, part.data, named);
    if (named) unlink(part.data);
    if (close(fd) && !error) error = hs_error_create_errno("cannot write %s", path);
    return error;
}
