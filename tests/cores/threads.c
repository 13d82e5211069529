/* threads CORE: lists what a core says of its threads, "TID SP PC TP" a line in hexadecimal, for
 * tests/cores/machines.py. */
#include "elf/core.h"

#include <inttypes.h>
#include <stdio.h>

int main(int argc, char **argv) {
    if (argc != 2) return 64;
    struct hs_core *core;
    struct hs_error *error = hs_core_open(argv[1], &core);
    if (error) {
        fprintf(stderr, "threads: %s\n", error->message);
        hs_error_destroy(error);
        return 2;
    }
    for (size_t i = 0; i < core->thread_count; i++) {
        const struct hs_thread *thread = &core->threads[i];
        printf("%x %" PRIx64 " %" PRIx64 " %" PRIx64 "\n", thread->tid, thread->sp, thread->pc, thread->tp);
    }
    hs_core_close(core);
    return 0;
}
