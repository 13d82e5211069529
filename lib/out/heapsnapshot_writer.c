#define _GNU_SOURCE 1 /* O_TMPFILE */
#include "out/heapsnapshot_writer.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/escape.h"
#include "snap/outfile.h"

enum { BUFFER_BYTES = 1 << 18, SPOOL_BYTES = 16 << 20, FIELDS = 6, NUMBERS = 1 << 16, RECENT = 256 };
enum { EDGE_BYTES = 48 }; /* of one edge at most, with the NUL */
enum section { NODES, EDGES, LOCATIONS, ENDED };

/* Open addressing; `number` 0 is free: string 0 is the dummy, which nobody asks for. Keys are hashes or
 * addresses. */
struct slot {
    uint64_t key;
    uint32_t number;
};
struct table {
    struct slot *slots;
    size_t count, capacity;
};

/* 0000 to 9999; so that most numbers of a file cost one division at most. */
struct fours {
    char text[10000][4];
};

struct hs_heapsnapshot_writer {
    struct hs_outfile *file;
    char *path;           /* escaped, for messages */
    char *directory;      /* of the file */
    struct hs_strbuf out; /* not yet written */
    uint64_t node_count, edge_count, nodes, edges, edges_due, locations;
    enum section section;
    struct table texts, names;
    struct slot recent[RECENT]; /* of names: the same few follow each other */
    uint32_t *numbers;          /* of small decimal numbers, 0: none yet */
    uint32_t string_count;
    struct hs_strbuf strings; /* JSON of the strings; what does not fit is in the spool */
    FILE *spool;
    struct fours fours;
};

static const char META[] = "{\"snapshot\":{\"meta\":{\"node_fields\":[\"type\",\"name\",\"id\",\"self_size\","
                           "\"edge_count\",\"detachedness\"],"
                           "\"node_types\":[[\"hidden\",\"array\",\"string\",\"object\",\"code\",\"closure\","
                           "\"regexp\",\"number\",\"native\",\"synthetic\","
                           "\"concatenated string\",\"sliced string\",\"symbol\",\"bigint\",\"object "
                           "shape\"],\"string\",\"number\",\"number\",\"number\",\"number\"],"
                           "\"edge_fields\":[\"type\",\"name_or_index\",\"to_node\"],\"edge_types\":[["
                           "\"context\",\"element\",\"property\",\"internal\",\"hidden\","
                           "\"shortcut\",\"weak\"],\"string_or_number\",\"node\"],\"trace_function_info_"
                           "fields\":[\"function_id\",\"name\",\"script_name\","
                           "\"script_id\",\"line\",\"column\"],\"trace_node_fields\":[\"id\",\"function_info_"
                           "index\",\"count\",\"size\",\"children\"],"
                           "\"sample_fields\":[\"timestamp_us\",\"last_assigned_id\"],\"location_fields\":["
                           "\"object_index\",\"script_id\",\"line\",\"column\"]},";

static struct hs_error *flush(struct hs_heapsnapshot_writer *w) {
    HS_TRY(hs_strbuf_error(&w->out));
    HS_TRY(hs_outfile_write(w->file, w->out.data, w->out.size));
    hs_strbuf_clear(&w->out);
    return NULL;
}

static struct hs_error *flush_if_full(struct hs_heapsnapshot_writer *w) {
    return w->out.size >= BUFFER_BYTES ? flush(w) : NULL;
}

static struct hs_error *misuse(const struct hs_heapsnapshot_writer *w) {
    return hs_error_create(HS_ERROR_FORMAT,
                           "%s: internal error: the parts of the heap snapshot do not add up", w->path);
}

/* --- strings */

static struct slot *find_slot(struct table *table, uint64_t key) {
    if (table->count >= table->capacity / 4 * 3) {
        struct table grown = {.capacity = table->capacity ? 2 * table->capacity : 4096,
                              .count = table->count};
        grown.slots = calloc(grown.capacity, sizeof *grown.slots);
        if (!grown.slots) return NULL;
        for (size_t i = 0; i < table->capacity; i++) {
            if (!table->slots[i].number) continue;
            size_t at = table->slots[i].key & (grown.capacity - 1);
            while (grown.slots[at].number) at = (at + 1) & (grown.capacity - 1);
            grown.slots[at] = table->slots[i];
        }
        free(table->slots);
        *table = grown;
    }
    size_t at = key & (table->capacity - 1);
    while (table->slots[at].number && table->slots[at].key != key) at = (at + 1) & (table->capacity - 1);
    return &table->slots[at];
}

static struct hs_error *spool_error(const struct hs_heapsnapshot_writer *w) {
    return hs_error_create_errno("%s: cannot write the temporary file of its strings", w->path);
}

/* Beside the file, where there is room for it; it has no name. */
static FILE *open_spool(const struct hs_heapsnapshot_writer *w) {
    int fd = open(w->directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    FILE *spool = fd >= 0 ? fdopen(fd, "w+") : tmpfile();
    if (!spool && fd >= 0) close(fd);
    return spool;
}

static struct hs_error *add_text(struct hs_heapsnapshot_writer *w, const char *text, size_t size,
                                 uint32_t *ret) {
    if (w->string_count == UINT32_MAX)
        return hs_error_create(HS_ERROR_UNSUPPORTED, "%s: more than 2^32 strings", w->path);
    if (w->string_count) hs_strbuf_puts(&w->strings, ",\n");
    hs_strbuf_putc(&w->strings, '"');
    hs_escape_json(&w->strings, text, size);
    hs_strbuf_putc(&w->strings, '"');
    HS_TRY(hs_strbuf_error(&w->strings));
    if (w->strings.size >= SPOOL_BYTES) {
        if (!w->spool && !(w->spool = open_spool(w))) return spool_error(w);
        if (fwrite(w->strings.data, 1, w->strings.size, w->spool) != w->strings.size) return spool_error(w);
        hs_strbuf_clear(&w->strings);
    }
    *ret = w->string_count++;
    return NULL;
}

void hs_heapsnapshot_writer_expect(const struct hs_heapsnapshot_writer *w, uint64_t hash) {
    if (w->texts.capacity) __builtin_prefetch(&w->texts.slots[hash & (w->texts.capacity - 1)]);
}

struct hs_error *hs_heapsnapshot_writer_string(struct hs_heapsnapshot_writer *w, const char *text,
                                               size_t size, uint32_t *ret) {
    return hs_heapsnapshot_writer_hashed(w, text, size, XXH3_64bits(text, size), ret);
}

struct hs_error *hs_heapsnapshot_writer_hashed(struct hs_heapsnapshot_writer *w, const char *text,
                                               size_t size, uint64_t hash, uint32_t *ret) {
    struct slot *slot = find_slot(&w->texts, hash);
    if (!slot) return HS_ENOMEM;
    if (!slot->number) {
        HS_TRY(add_text(w, text, size, &slot->number));
        slot->key = hash;
        w->texts.count++;
    }
    *ret = slot->number;
    return NULL;
}

struct hs_error *hs_heapsnapshot_writer_name(struct hs_heapsnapshot_writer *w, const char *text,
                                             uint32_t *ret) {
    uint64_t key = (uint64_t)(uintptr_t)text * UINT64_C(0x9e3779b97f4a7c15);
    key ^= key >> 32;
    struct slot *recent = &w->recent[key % RECENT];
    if (!recent->number || recent->key != key) {
        struct slot *slot = find_slot(&w->names, key);
        if (!slot) return HS_ENOMEM;
        if (!slot->number) {
            HS_TRY(hs_heapsnapshot_writer_string(w, text, strlen(text), &slot->number));
            slot->key = key;
            w->names.count++;
        }
        *recent = *slot;
    }
    *ret = recent->number;
    return NULL;
}

struct hs_error *hs_heapsnapshot_writer_number(struct hs_heapsnapshot_writer *w, uint32_t number,
                                               uint32_t *ret) {
    if (number < NUMBERS && w->numbers[number]) {
        *ret = w->numbers[number];
        return NULL;
    }
    char text[16];
    int size = snprintf(text, sizeof text, "%u", number);
    HS_TRY(hs_heapsnapshot_writer_string(w, text, (size_t)size, ret));
    if (number < NUMBERS) w->numbers[number] = *ret;
    return NULL;
}

static struct hs_error *write_strings(struct hs_heapsnapshot_writer *w) {
    if (w->spool) {
        char *buffer = malloc(BUFFER_BYTES);
        struct hs_error *error = !buffer                                            ? HS_ENOMEM
                                 : fflush(w->spool) || fseek(w->spool, 0, SEEK_SET) ? spool_error(w)
                                                                                    : NULL;
        for (size_t size; !error && (size = fread(buffer, 1, BUFFER_BYTES, w->spool));)
            error = hs_outfile_write(w->file, buffer, size);
        if (!error && ferror(w->spool)) error = spool_error(w);
        free(buffer);
        if (error) return error;
    }
    return hs_outfile_write(w->file, w->strings.data, w->strings.size);
}

/* --- records */

static void fill_fours(struct fours *fours) {
    for (unsigned i = 0; i < 10000; i++) {
        unsigned rest = i;
        for (unsigned digit = 4; digit-- > 0; rest /= 10) fours->text[i][digit] = (char)('0' + rest % 10);
    }
}

static char *put_decimal(const struct fours *fours, char *p, uint64_t value) {
    uint32_t groups[5], n = 0;
    for (; value >= 10000; value /= 10000) groups[n++] = (uint32_t)(value % 10000);
    unsigned zeros = value >= 1000 ? 0 : value >= 100 ? 1 : value >= 10 ? 2 : 3;
    memcpy(p, fours->text[value] + zeros, 4 - zeros);
    p += 4 - zeros;
    while (n) {
        memcpy(p, fours->text[groups[--n]], 4);
        p += 4;
    }
    return p;
}

static bool put_record(struct hs_heapsnapshot_writer *w, bool first, const uint64_t *fields, unsigned count) {
    struct hs_strbuf *out = &w->out;
    if (!hs_strbuf_reserve(out, (size_t)count * 21 + 2)) return false;
    char *p = out->data + out->size;
    if (!first) *p++ = ',';
    for (unsigned i = 0; i < count; i++) {
        if (i) *p++ = ',';
        p = put_decimal(&w->fours, p, fields[i]);
    }
    *p++ = '\n';
    *p = '\0';
    out->size = (size_t)(p - out->data);
    return true;
}

static struct hs_error *enter(struct hs_heapsnapshot_writer *w, enum section section) {
    if (section == w->section) return NULL;
    if (section < w->section) return misuse(w);
    if (w->section == NODES) {
        if (w->nodes != w->node_count || w->edges_due != w->edge_count) return misuse(w);
        hs_strbuf_puts(&w->out, "],\n\"edges\":[");
        w->section = EDGES;
    }
    if (w->section == EDGES && section > EDGES) {
        if (w->edges != w->edge_count) return misuse(w);
        hs_strbuf_puts(
            &w->out,
            "],\n\"trace_function_infos\":[],\n\"trace_tree\":[],\n\"samples\":[],\n\"locations\":[");
        w->section = LOCATIONS;
    }
    return NULL;
}

struct hs_error *hs_heapsnapshot_write_node(struct hs_heapsnapshot_writer *w,
                                            enum hs_heapsnapshot_node_type type, uint32_t name, uint64_t id,
                                            uint64_t size, uint32_t edge_count) {
    HS_TRY(enter(w, NODES));
    const uint64_t fields[FIELDS] = {type, name, id, size < UINT32_MAX ? size : UINT32_MAX, edge_count, 0};
    if (!put_record(w, !w->nodes, fields, FIELDS)) return HS_ENOMEM;
    w->nodes++;
    w->edges_due += edge_count;
    return flush_if_full(w);
}

struct hs_error *hs_heapsnapshot_write_edge(struct hs_heapsnapshot_writer *w, unsigned type, uint32_t name,
                                            uint32_t to) {
    HS_TRY(enter(w, EDGES));
    const uint64_t fields[] = {type, name, (uint64_t)to * FIELDS};
    if (!put_record(w, !w->edges, fields, 3)) return HS_ENOMEM;
    w->edges++;
    return flush_if_full(w);
}

void hs_heapsnapshot_format_edge(const struct hs_heapsnapshot_writer *w, unsigned type, uint32_t name,
                                 uint32_t to, struct hs_strbuf *text) {
    if (!hs_strbuf_reserve(text, EDGE_BYTES)) return;
    char *p = text->data + text->size;
    *p++ = ',';
    *p++ = (char)('0' + type % 10);
    *p++ = ',';
    p = put_decimal(&w->fours, p, name);
    *p++ = ',';
    p = put_decimal(&w->fours, p, (uint64_t)to * FIELDS);
    *p++ = '\n';
    *p = '\0';
    text->size = (size_t)(p - text->data);
}

struct hs_error *hs_heapsnapshot_write_edges(struct hs_heapsnapshot_writer *w, const struct hs_strbuf *text,
                                             size_t count) {
    HS_TRY(hs_strbuf_error(text));
    HS_TRY(enter(w, EDGES));
    if (!count || !text->size) return NULL;
    size_t comma = !w->edges;
    w->edges += count;
    HS_TRY(flush(w));
    return hs_outfile_write(w->file, text->data + comma, text->size - comma);
}

struct hs_error *hs_heapsnapshot_write_location(struct hs_heapsnapshot_writer *w, uint32_t node,
                                                uint32_t script, uint32_t line, uint32_t column) {
    HS_TRY(enter(w, LOCATIONS));
    const uint64_t fields[] = {(uint64_t)node * FIELDS, script, line, column};
    if (!put_record(w, !w->locations, fields, 4)) return HS_ENOMEM;
    w->locations++;
    return flush_if_full(w);
}

/* --- the whole */

static struct hs_error *begin(struct hs_heapsnapshot_writer *w, const char *path) {
    uint32_t unused;
    fill_fours(&w->fours);
    HS_STRBUF_AUTO shown = HS_STRBUF_INIT;
    hs_escape_terminal_string(&shown, path);
    w->path = hs_strbuf_detach(&shown, NULL);
    w->numbers = calloc(NUMBERS, sizeof *w->numbers);
    const char *slash = strrchr(path, '/');
    w->directory = slash == path ? strdup("/") : slash ? strndup(path, (size_t)(slash - path)) : strdup(".");
    if (!w->path || !w->numbers || !w->directory) return HS_ENOMEM;
    HS_TRY(hs_outfile_open(path, &w->file));
    HS_TRY(add_text(w, "<dummy>", 7, &unused));
    hs_strbuf_puts(&w->out, META);
    hs_strbuf_printf(&w->out,
                     "\"node_count\":%llu,\"edge_count\":%llu,\"trace_function_count\":0,\"extra_native_"
                     "bytes\":0},\n\"nodes\":[",
                     (unsigned long long)w->node_count, (unsigned long long)w->edge_count);
    return NULL;
}

struct hs_error *hs_heapsnapshot_writer_open(const char *path, uint64_t node_count, uint64_t edge_count,
                                             struct hs_heapsnapshot_writer **ret) {
    struct hs_heapsnapshot_writer *w = calloc(1, sizeof *w);
    if (!w) return HS_ENOMEM;
    hs_strbuf_init(&w->out);
    hs_strbuf_init(&w->strings);
    w->node_count = node_count;
    w->edge_count = edge_count;
    struct hs_error *error = begin(w, path);
    if (error) {
        hs_heapsnapshot_writer_destroy(w);
        return error;
    }
    *ret = w;
    return NULL;
}

struct hs_error *hs_heapsnapshot_writer_finish(struct hs_heapsnapshot_writer *w) {
    HS_TRY(enter(w, LOCATIONS));
    hs_strbuf_puts(&w->out, "],\n\"strings\":[");
    w->section = ENDED;
    HS_TRY(flush(w));
    HS_TRY(write_strings(w));
    hs_strbuf_puts(&w->out, "]}\n");
    HS_TRY(flush(w));
    return hs_outfile_commit(w->file);
}

void hs_heapsnapshot_writer_destroy(struct hs_heapsnapshot_writer *w) {
    if (!w) return;
    hs_outfile_destroy(w->file);
    if (w->spool) fclose(w->spool);
    hs_strbuf_deinit(&w->out);
    hs_strbuf_deinit(&w->strings);
    free(w->texts.slots);
    free(w->names.slots);
    free(w->numbers);
    free(w->path);
    free(w->directory);
    free(w);
}
