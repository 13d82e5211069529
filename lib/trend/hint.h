/* What it means that something is held there, in words.
 *
 * Some holders are places of Node or of V8 that say nothing to who has not read their sources: a list of
 * timers, a table of listeners, a reaction of a promise. What puts objects there is the same in every
 * program, and so is what is missing. No state: any thread. */
#ifndef HS_TREND_HINT_H
#define HS_TREND_HINT_H

/* `holder` as of struct hs_finding, or NULL. A line of plain text that lives for ever; NULL: nothing to say.
 */
const char *hs_holder_hint(const char *holder);

#endif
