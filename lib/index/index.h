/* The index of an analysed core: a file from which the next question is answered without another scan.
 *
 * Holds a whole struct hs_analysis with its struct hs_group as raw arrays of this machine, the shortest
 * paths, who points to whom, and what a whole look found (group/holdings.h), about 51 bytes an object
 * (measured); of texts the names of constructors, properties and scripts, no contents of strings. It is a
 * cache: safe to delete at any time, never shared between machines, and worth nothing to another build of the
 * program (the key has the build-id of both).
 *
 * Layout: a header block {magic, version, byte order, key, section table, digest of all this}; sections, each
 * at the start of a block; the XXH3-64 sums of all blocks. Sections that every question needs are verified
 * when the file is opened, the big arrays block by block where they are touched (base/blocks.h): sums against
 * damage, and every id, number and offset against its bound, so that a file that was forged with right sums
 * gives wrong answers at worst. Sizes are compared with each other and with the freshly opened V8, whose
 * pages and layout facts are part of the key.
 *
 * The group and the analysis that hs_index_read() hands out are used and destroyed like others (the analysis
 * first). One thread at a time. */
#ifndef HS_INDEX_H
#define HS_INDEX_H

#include "group/analysis.h"

/* What an index is of. Compared as bytes. */
struct hs_index_key {
    uint64_t device, inode, size; /* of the core file; all 0 if there is no file */
    int64_t modified, modified_ns;
    uint64_t ends;     /* of its first and last bytes */
    uint64_t process;  /* of threads, registers, auxiliary vector */
    uint64_t layout;   /* of every fact of the layout, the pages, the isolates, the symbols */
    uint64_t tool;     /* of version and build-id of this program */
    char build_id[72]; /* of node */
};
struct hs_error *hs_index_key_make(const struct hs_v8 *v8, struct hs_index_key *ret) HS_MUST_CHECK;

/* Reads the index at `path`. An error says why it cannot be used (none there, of another core, damaged, …);
 * nothing has happened then. Both results are the caller's. */
struct hs_error *hs_index_read(const char *path, const struct hs_index_key *key, const struct hs_v8 *v8,
                               struct hs_group **group_ret, struct hs_analysis **analysis_ret) HS_MUST_CHECK;
/* Writes the index, mode 0600, to a temporary file beside `path`, then renames. Makes the paths and
 * references of the analysis if nobody has. `core_path`: where the core is, for hs_index_core_path(). */
struct hs_error *hs_index_write(const char *path, const struct hs_index_key *key, const char *core_path,
                                struct hs_analysis *analysis, unsigned threads) HS_MUST_CHECK;
/* The core that the index at `path` is of: its header is looked at, no more. *ret is malloc'ed. */
struct hs_error *hs_index_core_path(const char *path, char **ret) HS_MUST_CHECK;

#endif
