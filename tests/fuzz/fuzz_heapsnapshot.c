/* Fuzzes .heapsnapshot files as sources: any bytes give a heap that every question can be asked about, or an
 * error, never a crash or a hang. */
#include <stdlib.h>

#include "../support/file_questions.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct hs_heapsnapshot *s;
    struct hs_error *error = hs_heapsnapshot_open_memory(data, size, "fuzz", &s);
    if (!error) {
        if (s->root >= s->node_count || s->first[s->node_count] != s->edge_count) abort();
        for (uint32_t i = 0; i < s->node_count; i++)
            if (s->type[i] > s->type_count || s->first[i] > s->first[i + 1]) abort();
        for (uint32_t i = 0; i < s->location_count; i++)
            if (s->locations[i].node >= s->node_count) abort();
        if (file_ask_everything(s)) abort(); /* what was accepted can be used */
    }
    hs_error_destroy(error);
    return 0;
}

#ifdef FUZZ_REPLAY
#include "fuzz_replay.h"
#endif
