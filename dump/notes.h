/* The notes of a core: what a debugger wants to know besides memory.
 *
 * As the kernel writes them: NT_PRSTATUS and NT_FPREGSET of each thread (the first is the process's own),
 * NT_PRPSINFO, NT_AUXV, NT_FILE. The process must be stopped (stop.h). */
#ifndef HS_DUMP_NOTES_H
#define HS_DUMP_NOTES_H

#include "base/strbuf.h"
#include "mapping.h"
#include "stop.h"

struct hs_error *dump_notes_put(struct hs_strbuf *out, const struct dump_stop *stop,
                                const struct dump_mappings *mappings) HS_MUST_CHECK;

#endif
