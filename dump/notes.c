#include "notes.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/procfs.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static void put_note(struct hs_strbuf *out, uint32_t type, const void *desc, size_t size) {
    Elf64_Nhdr head = {.n_namesz = 5, .n_descsz = (uint32_t)size, .n_type = type};
    hs_strbuf_append(out, &head, sizeof head);
    hs_strbuf_append(out, "CORE\0\0\0", 8);
    hs_strbuf_append(out, desc, size);
    hs_strbuf_fill(out, '\0', -size & 3);
}

/* The first 64 KiB of a file of /proc: more than any of those read here has. */
static size_t read_proc(pid_t pid, const char *name, char *buffer, size_t size) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    size_t done = 0;
    ssize_t n;
    while (done < size && (n = read(fd, buffer + done, size - done)) > 0) done += (size_t)n;
    close(fd);
    return done;
}

static void put_process(struct hs_strbuf *out, pid_t pid) {
    char text[4096];
    struct elf_prpsinfo info = {.pr_sname = 't', .pr_state = 0, .pr_pid = pid};
    size_t size = read_proc(pid, "stat", text, sizeof text - 1);
    text[size] = '\0';
    /* The name may hold anything; the last parenthesis ends it. */
    char *end = strrchr(text, ')');
    if (end) sscanf(end + 1, " %*c %d %d %d", &info.pr_ppid, &info.pr_pgrp, &info.pr_sid);
    size = read_proc(pid, "comm", text, sizeof info.pr_fname - 1);
    memcpy(info.pr_fname, text, size && text[size - 1] == '\n' ? size - 1 : size);
    size = read_proc(pid, "cmdline", text, sizeof info.pr_psargs - 1);
    for (size_t i = 0; i < size; i++) info.pr_psargs[i] = text[i] ? text[i] : ' ';
    struct stat status;
    snprintf(text, sizeof text, "/proc/%d", pid);
    if (!stat(text, &status)) {
        info.pr_uid = (__typeof__(info.pr_uid))status.st_uid;
        info.pr_gid = (__typeof__(info.pr_gid))status.st_gid;
    }
    put_note(out, NT_PRPSINFO, &info, sizeof info);
}

static void put_thread(struct hs_strbuf *out, const struct dump_thread *thread) {
    struct elf_prstatus status = {.pr_pid = thread->id, .pr_cursig = (short)thread->signal};
    struct iovec registers = {&status.pr_reg, sizeof status.pr_reg};
    if (ptrace(PTRACE_GETREGSET, thread->id, (void *)NT_PRSTATUS, &registers)) return; /* it has just ended */
    put_note(out, NT_PRSTATUS, &status, sizeof status);
    elf_fpregset_t floats;
    struct iovec floating = {&floats, sizeof floats};
    if (!ptrace(PTRACE_GETREGSET, thread->id, (void *)NT_PRFPREG, &floating))
        put_note(out, NT_PRFPREG, &floats, floating.iov_len);
}

/* count, page size, then start, end and file offset in pages of each, then their names. */
static struct hs_error *put_files(struct hs_strbuf *out, const struct dump_mappings *mappings) {
    HS_STRBUF_AUTO desc = HS_STRBUF_INIT;
    unsigned long page = (unsigned long)sysconf(_SC_PAGESIZE), count = 0;
    for (size_t i = 0; i < mappings->count; i++) count += mappings->items[i].inode != 0;
    hs_strbuf_append(&desc, &count, sizeof count);
    hs_strbuf_append(&desc, &page, sizeof page);
    for (size_t i = 0; i < mappings->count; i++) {
        const struct dump_mapping *m = &mappings->items[i];
        if (!m->inode) continue;
        unsigned long row[3] = {(unsigned long)m->start, (unsigned long)m->end,
                                (unsigned long)m->offset / page};
        hs_strbuf_append(&desc, row, sizeof row);
    }
    for (size_t i = 0; i < mappings->count; i++)
        if (mappings->items[i].inode)
            hs_strbuf_append(&desc, mappings->items[i].path, strlen(mappings->items[i].path) + 1);
    HS_TRY(hs_strbuf_error(&desc));
    if (count) put_note(out, NT_FILE, desc.data, desc.size);
    return NULL;
}

struct hs_error *dump_notes_put(struct hs_strbuf *out, const struct dump_stop *stop,
                                const struct dump_mappings *mappings) {
    char auxv[4096];
    put_thread(out, &stop->threads[0]);
    put_process(out, stop->pid);
    size_t size = read_proc(stop->pid, "auxv", auxv, sizeof auxv);
    if (size) put_note(out, NT_AUXV, auxv, size);
    HS_TRY(put_files(out, mappings));
    for (size_t i = 1; i < stop->count; i++) put_thread(out, &stop->threads[i]);
    return hs_strbuf_error(out);
}
