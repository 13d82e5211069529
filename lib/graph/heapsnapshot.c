#include "graph/heapsnapshot_private.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/utf8.h"
#include "base/packed.h"
#include "graph/heapsnapshot_meta.h"

/* A cursor over the file. */
struct reader {
    struct hs_heapsnapshot *s;
    struct hs_heapsnapshot_meta meta;
    const char *name, *bytes;
    size_t size, at;
};

static struct hs_error *bad(const struct reader *r, const char *what) {
    if (r->at >= r->size)
        return hs_error_create_at(
            HS_ERROR_FORMAT, r->at,
            "%s: this .heapsnapshot is not whole: it ends at byte %zu where more must follow (%s). Did the "
            "process or the disk give out while it was written?",
            r->name, r->at, what);
    return hs_error_create_at(HS_ERROR_FORMAT, r->at,
                              "%s: this is no .heapsnapshot of V8, or it is damaged: %s at byte %zu", r->name,
                              what, r->at);
}

static void skip_space(struct reader *r) {
    while (r->at < r->size && (r->bytes[r->at] == ' ' || r->bytes[r->at] == '\n' || r->bytes[r->at] == '\r' ||
                               r->bytes[r->at] == '\t'))
        r->at++;
}

static struct hs_error *expect(struct reader *r, char c) {
    skip_space(r);
    if (r->at >= r->size || r->bytes[r->at] != c)
        return bad(r, c == '['   ? "an array is missing"
                      : c == ':' ? "a colon is missing"
                                 : "a brace is missing");
    r->at++;
    return NULL;
}

static char peek(struct reader *r) {
    skip_space(r);
    return r->at < r->size ? r->bytes[r->at] : '\0';
}

/* Moves behind the closing quote; the opening one has been read. */
static struct hs_error *skip_string(struct reader *r) {
    while (r->at < r->size) {
        const char *quote = memchr(r->bytes + r->at, '"', r->size - r->at);
        if (!quote) break;
        size_t end = (size_t)(quote - r->bytes), slashes = 0;
        while (end - slashes > r->at && r->bytes[end - slashes - 1] == '\\') slashes++;
        r->at = end + 1;
        if (slashes % 2 == 0) return NULL;
    }
    r->at = r->size;
    return bad(r, "a string does not end");
}

static struct hs_error *skip_value(struct reader *r) {
    uint64_t depth = 0;
    do {
        char c = peek(r);
        if (!c) return bad(r, "a value does not end");
        r->at++;
        if (c == '"') HS_TRY(skip_string(r));
        else if (c == '{' || c == '[') depth++;
        else if (c == '}' || c == ']') {
            if (!depth) return bad(r, "a bracket too many");
            depth--;
        } else if (c != ',' && c != ':')
            while (r->at < r->size && !strchr(",]}:[{\" \n\r\t", r->bytes[r->at])) r->at++;
    } while (depth);
    return NULL;
}

static struct hs_error *read_number(struct reader *r, uint64_t *ret) {
    skip_space(r);
    uint64_t value = 0;
    size_t start = r->at;
    while (r->at < r->size && r->bytes[r->at] >= '0' && r->bytes[r->at] <= '9') {
        if (value > (UINT64_MAX - 9) / 10) return bad(r, "a number is too large");
        value = value * 10 + (uint64_t)(r->bytes[r->at++] - '0');
    }
    if (r->at == start) return bad(r, "a number is missing");
    *ret = value;
    return NULL;
}

/* Next number of a flat array: *more false at its end. */
static struct hs_error *next_number(struct reader *r, bool *first, bool *more, uint64_t *ret) {
    char c = peek(r);
    if (c == ']') {
        r->at++;
        *more = false;
        return NULL;
    }
    if (!*first) {
        if (c != ',') return bad(r, "a comma is missing");
        r->at++;
    }
    *first = false;
    *more = true;
    return read_number(r, ret);
}

/* The same for what nearly all of a file is: a comma, with or without a line end before it, and a number. */
static inline struct hs_error *next_field(struct reader *r, bool *first, bool *more, uint64_t *ret) {
    const char *p = r->bytes + r->at;
    if (r->size - r->at > 24 && !*first) {
        p += *p == '\n';
        unsigned digit = (unsigned char)p[1] - '0';
        if (*p == ',' && digit < 10) {
            uint64_t value = digit;
            unsigned left = 18;
            for (p += 2; left && (digit = (unsigned char)*p - '0') < 10; p++, left--)
                value = value * 10 + digit;
            if (left) {
                r->at = (size_t)(p - r->bytes);
                *more = true;
                *ret = value;
                return NULL;
            }
        }
    }
    return next_number(r, first, more, ret);
}

static struct hs_error *read_snapshot(struct reader *r) {
    const size_t start = r->at;
    struct hs_heapsnapshot *s = r->s;
    struct hs_heapsnapshot_meta *m = &r->meta;
    const char *problem;
    HS_TRY(skip_value(r));
    if (m->type_names) return bad(r, "a second meta");
    HS_TRY(hs_heapsnapshot_meta_read(r->bytes + start, r->at - start, m, &problem));
    if (problem) return bad(r, problem);
    /* A field takes at least two bytes: a count that the file cannot hold is refused before memory is asked
     * for. */
    if (m->node_count == 0 || m->node_count > r->size / m->node_fields / 2 ||
        m->edge_count > r->size / m->edge_fields / 2)
        return bad(r, "its counts are more than the file can hold");
    if (m->node_count >= UINT32_MAX / 2 || m->edge_count >= UINT32_MAX)
        return hs_error_create(HS_ERROR_UNSUPPORTED,
                               "%s: it says that it has %llu objects and %llu references: more than 2^31 and "
                               "2^32 are not supported",
                               r->name, (unsigned long long)m->node_count, (unsigned long long)m->edge_count);
    if (m->root_index % m->node_fields || m->root_index / m->node_fields >= m->node_count)
        return bad(r, "its root is no node");
    s->root = (uint32_t)(m->root_index / m->node_fields);
    s->type_names = m->type_names;
    s->type_count = m->type_count;
    s->remark = m->remark;
    return NULL;
}

static struct hs_error *read_nodes(struct reader *r) {
    struct hs_heapsnapshot *s = r->s;
    if (!r->meta.node_fields || s->type) return bad(r, "nodes come before their meta, or twice");
    size_t n = r->meta.node_count;
    s->type = malloc(n);
    s->name = malloc(n * sizeof *s->name);
    s->id = malloc(n * sizeof *s->id);
    s->size = malloc(n * sizeof *s->size);
    s->first = malloc((n + 1) * sizeof *s->first);
    if (!s->type || !s->name || !s->id || !s->size || !s->first) return HS_ENOMEM;
    HS_TRY(expect(r, '['));
    bool first = true, more = true;
    uint64_t edges = 0, value = 0;
    for (size_t i = 0; i < n; i++) {
        s->first[i] = (uint32_t)edges;
        for (int f = 0; f < (int)r->meta.node_fields; f++) {
            HS_TRY(next_field(r, &first, &more, &value));
            if (!more) return bad(r, "nodes end too early");
            if (f == r->meta.node_type) s->type[i] = (uint8_t)(value < s->type_count ? value : s->type_count);
            else if (f == r->meta.node_name) s->name[i] = value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
            else if (f == r->meta.node_id) s->id[i] = value;
            else if (f == r->meta.node_size) s->size[i] = value;
            else if (f == r->meta.node_edges) {
                if (value > r->meta.edge_count - edges) return bad(r, "more edges than there are");
                edges += value;
            }
        }
    }
    s->first[n] = (uint32_t)edges;
    HS_TRY(next_number(r, &first, &more, &value));
    if (more) return bad(r, "more nodes than its meta says");
    if (edges != r->meta.edge_count) return bad(r, "the nodes' edges do not add up to edge_count");
    s->node_count = (uint32_t)n;
    return NULL;
}

static struct hs_error *read_edges(struct reader *r) {
    struct hs_heapsnapshot *s = r->s;
    if (!s->type || s->to) return bad(r, "edges come before the nodes, or twice");
    size_t n = r->meta.edge_count;
    s->to = malloc((n + 1) * sizeof *s->to);
    s->edge_name = malloc((n + 1) * sizeof *s->edge_name);
    s->edge_type = malloc(n + 1);
    if (!s->to || !s->edge_name || !s->edge_type) return HS_ENOMEM;
    HS_TRY(expect(r, '['));
    bool first = true, more = true;
    uint64_t value = 0;
    for (size_t i = 0; i < n; i++)
        for (int f = 0; f < (int)r->meta.edge_fields; f++) {
            HS_TRY(next_field(r, &first, &more, &value));
            if (!more) return bad(r, "edges end too early");
            if (f == r->meta.edge_type)
                s->edge_type[i] =
                    (uint8_t)(value < r->meta.edge_type_count && value < HS_HEAPSNAPSHOT_EDGE_TYPES
                                  ? r->meta.edge_types[value]
                                  : HS_HEAPSNAPSHOT_EDGE_OTHER);
            else if (f == r->meta.edge_name)
                s->edge_name[i] = value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
            else if (f == r->meta.edge_to) {
                if (value % r->meta.node_fields || value / r->meta.node_fields >= s->node_count)
                    return bad(r, "an edge leads to no node");
                s->to[i] = (uint32_t)(value / r->meta.node_fields);
            }
        }
    HS_TRY(next_number(r, &first, &more, &value));
    if (more) return bad(r, "more edges than its meta says");
    s->edge_count = (uint32_t)n;
    return NULL;
}

static int by_node(const void *a, const void *b) {
    const struct hs_heapsnapshot_location *x = a, *y = b;
    return x->node < y->node ? -1 : x->node > y->node;
}

static struct hs_error *read_locations(struct reader *r) {
    struct hs_heapsnapshot *s = r->s;
    if (!r->meta.location_fields ||
        (r->meta.location_object | r->meta.location_script | r->meta.location_line |
         r->meta.location_column) < 0 ||
        s->locations)
        return skip_value(r);
    HS_TRY(expect(r, '['));
    bool first = true, more = true;
    size_t capacity = 0;
    for (;;) {
        struct hs_heapsnapshot_location location = {0};
        bool good = true;
        for (int f = 0; f < (int)r->meta.location_fields; f++) {
            uint64_t value = 0;
            HS_TRY(next_number(r, &first, &more, &value));
            if (!more && f == 0) {
                if (s->locations) qsort(s->locations, s->location_count, sizeof *s->locations, by_node);
                return NULL;
            }
            if (!more) return bad(r, "locations end too early");
            uint32_t word = value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
            if (f == r->meta.location_object) {
                good = value % r->meta.node_fields == 0 && value / r->meta.node_fields < s->node_count;
                location.node = (uint32_t)(value / r->meta.node_fields);
            } else if (f == r->meta.location_script) location.script = word;
            else if (f == r->meta.location_line) location.line = word;
            else if (f == r->meta.location_column) location.column = word;
        }
        if (!good) return bad(r, "a location of no node");
        if (s->location_count == capacity) {
            capacity = capacity ? 2 * capacity : 1024;
            struct hs_heapsnapshot_location *grown = realloc(s->locations, capacity * sizeof *grown);
            if (!grown) return HS_ENOMEM;
            s->locations = grown;
        }
        s->locations[s->location_count++] = location;
    }
}

static struct hs_error *read_strings(struct reader *r) {
    struct hs_heapsnapshot *s = r->s;
    if (s->priv->strings) return bad(r, "strings come twice");
    HS_TRY(expect(r, '['));
    size_t capacity = 0;
    for (bool first = true;; first = false) {
        char c = peek(r);
        if (c == ']') {
            r->at++;
            return NULL;
        }
        if (!first) {
            if (c != ',') return bad(r, "a comma is missing");
            r->at++;
        }
        HS_TRY(expect(r, '"'));
        if (s->string_count == capacity) {
            capacity = capacity ? 2 * capacity : 4096;
            uint64_t *grown = realloc(s->priv->strings, capacity * sizeof *grown);
            if (!grown) return HS_ENOMEM;
            s->priv->strings = grown;
        }
        s->priv->strings[s->string_count++] = r->at;
        HS_TRY(skip_string(r));
    }
}

static struct hs_error *read_file(struct reader *r) {
    if (r->size >= 2 && (!memcmp(r->bytes, "\xff\xfe", 2) || !memcmp(r->bytes, "\xfe\xff", 2)))
        return hs_error_create(HS_ERROR_FORMAT,
                               "%s: this is UTF-16. V8 writes ASCII: convert it back, for instance "
                               "with iconv -f UTF-16 -t UTF-8",
                               r->name);
    if (r->size >= 3 && !memcmp(r->bytes, "\xef\xbb\xbf", 3)) r->at = 3;
    HS_TRY(expect(r, '{'));
    for (bool first = true; peek(r) != '}'; first = false) {
        if (!first) {
            if (peek(r) != ',') return bad(r, "a comma is missing");
            r->at++;
        }
        HS_TRY(expect(r, '"'));
        size_t start = r->at;
        HS_TRY(skip_string(r));
        size_t length = r->at - start - 1;
        HS_TRY(expect(r, ':'));
        const char *key = r->bytes + start;
#define IS(text) (length == sizeof(text) - 1 && memcmp(key, text, length) == 0)
        if (IS("snapshot")) HS_TRY(read_snapshot(r));
        else if (IS("nodes")) HS_TRY(read_nodes(r));
        else if (IS("edges")) HS_TRY(read_edges(r));
        else if (IS("locations")) HS_TRY(read_locations(r));
        else if (IS("strings")) HS_TRY(read_strings(r));
        else HS_TRY(skip_value(r));
#undef IS
    }
    if (!r->s->to || !r->s->priv->strings) return bad(r, "nodes, edges or strings are missing");
    return hs_heapsnapshot_learn(r->s);
}

bool hs_heapsnapshot_probe(const char *path) {
    struct stat about;
    if (stat(path, &about) || !S_ISREG(about.st_mode)) return false;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    char start[16];
    size_t got = hs_packed_start(fd, start, sizeof start), i = 0;
    close(fd);
    if (got >= 2 && (!memcmp(start, "\xff\xfe", 2) || !memcmp(start, "\xfe\xff", 2))) return true;
    if (got >= 3 && !memcmp(start, "\xef\xbb\xbf", 3)) i = 3;
    for (; i < got; i++)
        if (start[i] != ' ' && start[i] != '\n' && start[i] != '\r' && start[i] != '\t')
            return start[i] == '{';
    return false;
}

static struct hs_error *load(const void *bytes, size_t size, void *mapping, const char *name,
                             struct hs_heapsnapshot **ret) {
    struct hs_heapsnapshot *s = calloc(1, sizeof *s);
    if (s) s->priv = calloc(1, sizeof *s->priv);
    if (!s || !s->priv) {
        free(s);
        if (mapping) munmap(mapping, size);
        return HS_ENOMEM;
    }
    *s->priv = (struct hs_heapsnapshot_private){.bytes = bytes, .size = size, .mapping = mapping};
    struct reader reader = {.s = s, .name = name, .bytes = bytes, .size = size};
    struct hs_error *error = read_file(&reader);
    if (reader.meta.type_names != s->type_names) hs_heapsnapshot_meta_deinit(&reader.meta);
    if (error) {
        hs_heapsnapshot_close(s);
        return error;
    }
    *ret = s;
    return NULL;
}

struct hs_error *hs_heapsnapshot_open_memory(const void *bytes, size_t size, const char *name,
                                             struct hs_heapsnapshot **ret) {
    return load(bytes, size, NULL, name, ret);
}

struct hs_error *hs_heapsnapshot_open(const char *path, struct hs_heapsnapshot **ret) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return hs_error_create_errno("%s: cannot open", path);
    struct hs_error *unpacked = hs_packed_unpack(path, &fd);
    if (unpacked) {
        close(fd);
        return unpacked;
    }
    struct stat about;
    if (fstat(fd, &about) || about.st_size == 0) {
        close(fd);
        return hs_error_create(HS_ERROR_FORMAT, "%s: the file is empty", path);
    }
    void *mapping = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    struct hs_error *error = mapping == MAP_FAILED ? hs_error_create_errno("%s: cannot map", path) : NULL;
    close(fd);
    if (error) return error;
    madvise(mapping, (size_t)about.st_size, MADV_SEQUENTIAL);
    return load(mapping, (size_t)about.st_size, mapping, path, ret);
}

void hs_heapsnapshot_close(struct hs_heapsnapshot *s) {
    if (!s) return;
    hs_heapsnapshot_forget(s);
    struct hs_heapsnapshot_meta meta = {
        .type_names = s->type_names, .type_count = s->type_count, .remark = s->remark};
    hs_heapsnapshot_meta_deinit(&meta);
    free(s->type);
    free(s->name);
    free(s->id);
    free(s->size);
    free(s->first);
    free(s->to);
    free(s->edge_name);
    free(s->edge_type);
    free(s->locations);
    if (s->priv->mapping) munmap(s->priv->mapping, s->priv->size);
    free(s->priv->strings);
    free(s->priv);
    free(s);
}

static int hex_digit(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* \uXXXX at `p`, -1 if it is none. */
static int32_t unit(const char *p, const char *end) {
    if (end - p < 6 || p[0] != '\\' || p[1] != 'u') return -1;
    int32_t value = 0;
    for (int i = 2; i < 6; i++) {
        int digit = hex_digit(p[i]);
        if (digit < 0) return -1;
        value = value * 16 + digit;
    }
    return value;
}

void hs_heapsnapshot_string(const struct hs_heapsnapshot *s, uint32_t index, struct hs_strbuf *out) {
    if (index >= s->string_count) return;
    const char *p = s->priv->bytes + s->priv->strings[index], *end = s->priv->bytes + s->priv->size;
    while (p < end && *p != '"') {
        const char *run = p;
        while (p < end && *p != '"' && *p != '\\') p++;
        if (p > run) hs_utf8_put_sanitized(out, run, (size_t)(p - run));
        if (p >= end || *p != '\\') continue;
        int32_t first = unit(p, end);
        if (first >= 0) {
            p += 6;
            int32_t second = first >= 0xd800 && first < 0xdc00 ? unit(p, end) : -1;
            if (second >= 0xdc00 && second < 0xe000) {
                hs_utf8_put(out, 0x10000u + ((uint32_t)(first - 0xd800) << 10) + (uint32_t)(second - 0xdc00));
                p += 6;
            } else {
                hs_utf8_put(out, (uint32_t)first);
            }
            continue;
        }
        if (++p >= end) break;
        static const char from[] = "nrtbf", to[] = "\n\r\t\b\f";
        const char *known = strchr(from, *p);
        hs_strbuf_putc(out, known && *p ? to[known - from] : *p);
        p++;
    }
}
