#include "group/in_flight.h"

#include <string.h>

/* `script` without "node:" and ".js" is `name`: both came and went with releases. */
static bool is_script(const char *script, const char *name) {
    static const char scheme[] = "node:";
    if (!strncmp(script, scheme, sizeof scheme - 1)) script += sizeof scheme - 1;
    size_t length = strlen(name);
    return !strncmp(script, name, length) && (!script[length] || !strcmp(script + length, ".js"));
}

bool hs_in_flight_is_queue(const char *script, const char *variable) {
    static const struct {
        const char *script, *variable;
    } queues[] = {
        {"internal/timers", "immediateQueue"},
        {"internal/timers", "outstandingQueue"},
        {"timers", "immediateQueue"},
        {"timers", "outstandingQueue"},
        {"internal/process/task_queues", "queue"},
        {"internal/process/next_tick", "queue"},
        {"internal/process/next_tick", "nextTickQueue"},
    };
    if (!script || !variable) return false;
    for (size_t i = 0; i < sizeof queues / sizeof *queues; i++)
        if (!strcmp(variable, queues[i].variable) && is_script(script, queues[i].script)) return true;
    return false;
}
