/* Node's queues of work under way, by where they stand.
 *
 * For a moment they hold what lives on elsewhere, by a shorter path than its holder's: a request on its way
 * names the server's stores. What they lead to is therefore named by any lasting holder first; captures taken
 * at different moments then agree. Names of Node's own sources, lib/internal/timers.js (immediateQueue,
 * outstandingQueue), lib/internal/process/task_queues.js (queue) and, to Node 10, lib/timers.js and
 * lib/internal/process/next_tick.js. No state: any thread. */
#ifndef HS_GROUP_IN_FLIGHT_H
#define HS_GROUP_IN_FLIGHT_H

#include "base/types.h"

/* Whether `variable` of the script is such a queue. Both may be NULL: no. */
bool hs_in_flight_is_queue(const char *script, const char *variable);

#endif
