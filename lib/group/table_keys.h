/* Which keys of a table are words of the program.
 *
 * The keys of a dictionary-mode object that is used as a table are data, and no path names them (group.h).
 * But V8 keeps others so too: the object to which a program copies an interface property by property, the
 * table of an EventEmitter's events, `process`, `console`. They are told by what they hold: a table with a
 * method among its keys is an interface, and `_events` holds listeners; of at most HS_TABLE_KEYS keys. Of
 * those the keys that look like names in a program, without digits, are steps of a path: `_events.drain`.
 *
 * Decided by object and key, not by class, so a path stays where it is while its object grows. No state: any
 * thread with an hs_js of its own. */
#ifndef HS_GROUP_TABLE_KEYS_H
#define HS_GROUP_TABLE_KEYS_H

#include "js/js.h"

enum { HS_TABLE_KEYS = 256 };

/* Whether the dictionary-mode object at `object` is an interface. `name`: of the step that leads to it, or
 * NULL. */
bool hs_table_is_interface(struct hs_js *js, hs_addr object, const char *name);
/* Whether a key of an interface is a word of the program: at most 64 letters, _, $; or a symbol. */
bool hs_table_key_is_word(const char *key);

#endif
