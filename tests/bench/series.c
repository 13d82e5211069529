/* series SNAPSHOTS CLASSES PATHS: writes a series of snapshots of one process to standard output, to measure
 * heapdiff with: classes with five properties each, of whose counts a fifth moves from capture to capture,
 * and one hundred grow; a tree of named paths, eight levels deep. */
#include "snap/writer.h"

#include <stdlib.h>

enum { PROPERTIES = 5, FANOUT = 4 };

static void check(struct hs_error *error) {
    if (!error) return;
    fprintf(stderr, "series: %s\n", error->message);
    exit(2);
}

static struct hs_snap_class class_of(size_t index, size_t at, char name[64]) {
    static const char *properties[PROPERTIES] = {"created", "id", "owner", "tags", "value"};
    int64_t count = (int64_t)(index * 2654435761u % 9000);
    if (index % 5 == 0) count += (int64_t)((index + at) * 40503 % 97);
    if (index % (1 + index / 100) == 0 && index < 100) count += (int64_t)(50 * at);
    snprintf(name, 64, "SomeClass%zu", index);
    struct hs_snap_class class = {
        .isolate = 1,
        .type = "object",
        .constructor = name,
        .location = {"/srv/app/node_modules/package/lib/file.js", (int64_t)index, 3},
        .properties = properties,
        .properties_length = PROPERTIES,
        .property_count = PROPERTIES,
        .count = count,
        .bytes = count * 64,
        .reachable_count = count,
        .reachable_bytes = count * 64,
        .retained_bytes = count * 72,
        .elements = 0,
        .sample = 0x10000 + index * 64};
    class.key = hs_snap_class_key(&class);
    return class;
}

int main(int argc, char **argv) {
    if (argc != 4) return 64;
    size_t snapshots = strtoul(argv[1], NULL, 10), classes = strtoul(argv[2], NULL, 10),
           paths = strtoul(argv[3], NULL, 10);
    struct hs_snap_writer *writer;
    char name[64], edge[64];
    check(hs_snap_writer_create(stdout, "standard output", &writer));
    for (size_t at = 0; at < snapshots; at++) {
        struct hs_snap_header header = {.tool = "series",
                                        .source = "core",
                                        .format = "elf-core",
                                        .machine = "x86_64",
                                        .bits = 64,
                                        .build_id = "5e41e5",
                                        .pid = 1,
                                        .captured_at = 1732239727000 + (int64_t)at * 60000,
                                        .node = "22.12.0",
                                        .v8 = "12.4.254.21",
                                        .isolates = 1};
        check(hs_snap_write_header(writer, &header));
        for (size_t i = 0; i < classes; i++) {
            struct hs_snap_class class = class_of(i, at, name);
            check(hs_snap_write_class(writer, &class));
        }
        for (size_t i = 0; i < paths; i++) {
            struct hs_snap_class class = class_of(i % classes, at, name);
            snprintf(edge, sizeof edge, i % 3 ? "field%zu" : "[key]", i % FANOUT);
            struct hs_snap_path path = {.id = (int64_t)i,
                                        .parent = i ? (int64_t)((i - 1) / FANOUT) : HS_SNAP_NULL,
                                        .edge = edge,
                                        .class = class.key,
                                        .constructor = name,
                                        .count = class.count,
                                        .bytes = class.bytes,
                                        .fanout = class.count};
            check(hs_snap_write_path(writer, &path));
        }
        struct hs_snap_trailer trailer = {.complete = true};
        check(hs_snap_write_trailer(writer, &trailer));
    }
    check(hs_snap_writer_finish(writer));
    hs_snap_writer_destroy(writer);
    return 0;
}
