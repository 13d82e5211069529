#include "mapping.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static enum dump_choice choose(const struct dump_mapping *m) {
    if (m->special || m->start >= (uint64_t)INT64_MAX) return DUMP_ABSENT; /* [vvar], [vsyscall] */
    uint64_t there = m->resident + m->swapped;
    if (m->shared) {
        size_t length = strlen(m->path), suffix = strlen(" (deleted)");
        bool nameless = !m->inode || (length > suffix && !strcmp(m->path + length - suffix, " (deleted)"));
        return nameless && there ? DUMP_ALL : DUMP_ABSENT;
    }
    if (!m->inode) return there ? DUMP_PRESENT : DUMP_ABSENT;
    if (m->anonymous || m->swapped) return DUMP_ALL; /* its data, changed since it was mapped */
    return m->offset == 0 && m->flags & PF_R ? DUMP_HEADER : DUMP_ABSENT;
}

static bool parse_head(const char *line, struct dump_mapping *ret) {
    char perms[5];
    int at = 0;
    if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %*x:%*x %" SCNu64 " %n", &ret->start, &ret->end,
               perms, &ret->offset, &ret->inode, &at) != 5 ||
        !at || ret->end < ret->start || strlen(perms) != 4)
        return false;
    ret->flags = (perms[0] == 'r' ? PF_R : 0) | (perms[1] == 'w' ? PF_W : 0) | (perms[2] == 'x' ? PF_X : 0);
    ret->shared = perms[3] == 's';
    ret->path = strndup(line + at, strcspn(line + at, "\n"));
    return ret->path;
}

static void parse_field(const char *line, struct dump_mapping *m) {
    uint64_t kb;
    if (sscanf(line, "Rss: %" SCNu64, &kb) == 1) m->resident = kb * 1024;
    else if (sscanf(line, "Anonymous: %" SCNu64, &kb) == 1) m->anonymous = kb * 1024;
    else if (sscanf(line, "Swap: %" SCNu64, &kb) == 1) m->swapped = kb * 1024;
    else if (!strncmp(line, "VmFlags:", 8))
        m->special = strstr(line, " io") || strstr(line, " pf") || strstr(line, " dd");
}

static struct hs_error *add(struct dump_mappings *mappings, const char *line) {
    if ((mappings->count & (mappings->count - 1)) == 0) { /* 0 and powers of two */
        size_t capacity = mappings->count ? mappings->count * 2 : 1;
        struct dump_mapping *items = realloc(mappings->items, capacity * sizeof *items);
        if (!items) return HS_ENOMEM;
        mappings->items = items;
    }
    struct dump_mapping m = {0};
    if (!parse_head(line, &m)) {
        free(m.path);
        return hs_error_create(HS_ERROR_FORMAT, "cannot read the process's smaps: %.100s", line);
    }
    mappings->items[mappings->count++] = m;
    return NULL;
}

/* A mapping's line begins with an address, the others with a capital letter. */
static bool is_head(const char *line) {
    return (*line >= '0' && *line <= '9') || (*line >= 'a' && *line <= 'f');
}

struct hs_error *dump_mappings_parse(FILE *stream, struct dump_mappings *ret) {
    struct dump_mappings mappings = {0};
    struct hs_error *error = NULL;
    char *line = NULL;
    size_t capacity = 0;
    while (!error && getline(&line, &capacity, stream) > 0) {
        if (is_head(line)) error = add(&mappings, line);
        else if (mappings.count) parse_field(line, &mappings.items[mappings.count - 1]);
    }
    if (!error && ferror(stream)) error = hs_error_create_errno("cannot read the process's smaps");
    free(line);
    for (size_t i = 0; i < mappings.count; i++) mappings.items[i].choice = choose(&mappings.items[i]);
    if (error) dump_mappings_deinit(&mappings);
    else *ret = mappings;
    return error;
}

struct hs_error *dump_mappings_read(int pid, struct dump_mappings *ret) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/smaps", pid);
    FILE *stream = fopen(path, "re");
    if (!stream) return hs_error_create_errno("cannot open %s", path);
    struct hs_error *error = dump_mappings_parse(stream, ret);
    fclose(stream);
    return error;
}

void dump_mappings_deinit(struct dump_mappings *mappings) {
    for (size_t i = 0; i < mappings->count; i++) free(mappings->items[i].path);
    free(mappings->items);
    *mappings = (struct dump_mappings){0};
}

uint64_t dump_mappings_resident(const struct dump_mappings *mappings) {
    uint64_t bytes = 0;
    for (size_t i = 0; i < mappings->count; i++) {
        const struct dump_mapping *m = &mappings->items[i];
        if (m->choice == DUMP_PRESENT) bytes += m->resident + m->swapped;
        else if (m->choice == DUMP_ALL) bytes += m->end - m->start;
        else if (m->choice == DUMP_HEADER) bytes += 4096;
    }
    return bytes;
}
