#include "verbs.h"
struct hs_error *scan_verb_retainers(struct scan_session *session) { (void)session; return NULL; }
struct hs_error *scan_verb_dominators(struct scan_session *session) { (void)session; return NULL; }
struct hs_error *scan_verb_suspects(struct scan_session *session) { (void)session; return NULL; }
