/* The table of classes: what heapscan shows at a terminal.
 *
 * One row a class, several isolates added together; the last rows sum up and say what is not shown. Columns
 * that no class has a value for (reachable, retained) are left out. Reads the classes, changes nothing. Any
 * thread. */
#ifndef HS_OUT_CLASS_TABLE_H
#define HS_OUT_CLASS_TABLE_H

#include "out/terminal.h"
#include "snap/snap.h"

enum hs_class_sort { HS_CLASS_SORT_BYTES, HS_CLASS_SORT_COUNT, HS_CLASS_SORT_RETAINED, HS_CLASS_SORT_NAME };

struct hs_class_table_options {
    struct hs_terminal terminal;
    enum hs_class_sort sort; /* retained falls back to bytes where it is not known */
    size_t top;              /* rows to show; 0: all */
};

/* Reads the argument of --sort=; false if it is unknown. */
bool hs_class_sort_parse(const char *text, enum hs_class_sort *ret);
/* Two or three lines: where the snapshot comes from. */
struct hs_error *hs_class_table_heading(FILE *stream, const struct hs_snap_header *header,
                                        struct hs_terminal terminal) HS_MUST_CHECK;
struct hs_error *hs_class_table_print(FILE *stream, const struct hs_snap_class *classes, size_t count,
                                      const struct hs_class_table_options *options) HS_MUST_CHECK;

#endif
