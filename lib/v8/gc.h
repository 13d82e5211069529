/* Was a collection under way when the core was taken?
 *
 * gcore stops a process anywhere, also while V8 moves objects. What a collector has done so far cannot be
 * told from the heap alone: from-space holds forwarding words during a scavenge and after it. So the stacks
 * are asked: the frames of the thread that runs an isolate (frame.h), return addresses looked up among the
 * functions of V8's collectors. Where the binary has no names the answer is "unknown", never "no".
 *
 * During a scavenge the objects that were not copied yet are still in from-space: its pages get
 * HS_PAGE_LEAVING and are walked as well. Runs once, while a struct hs_v8 is opened. */
#ifndef HS_V8_GC_H
#define HS_V8_GC_H

#include "v8/v8.h"

/* What a function on a stack says. */
enum hs_gc_function {
    HS_GC_FUNCTION_NONE,
    HS_GC_FUNCTION_COLLECT,      /* Heap::CollectGarbage, Heap::Scavenge, …: in every atomic pause */
    HS_GC_FUNCTION_SCAVENGE,     /* Scavenger, ScavengerCollector */
    HS_GC_FUNCTION_MARK_COMPACT, /* MarkCompactCollector: also called by incremental marking */
    HS_GC_FUNCTION_EVACUATE,     /* the moving part of it */
    HS_GC_FUNCTION_UPDATE,       /* its end: all have moved, pointers are being updated */
    HS_GC_FUNCTION_MINOR_MARK,   /* MinorMarkSweepCollector, MinorMarkCompactCollector */
    HS_GC_FUNCTION_BUILTIN,      /* no collector: all of V8's builtins in the binary, as one (frame.h) */
    HS_GC_FUNCTION_POLL,         /* nor this: libuv's wait for events */
    HS_GC_FUNCTION_LOOP,         /* its loop, uv_run */
};

const char *hs_gc_name(enum hs_gc gc);
/* By the mangled name. */
enum hs_gc_function hs_gc_function_of(const char *symbol);
/* Sets gc of every isolate, marks from-space pages and adds the warnings. Needs labs and rules. */
struct hs_error *hs_gc_discover(struct hs_v8 *v8) HS_MUST_CHECK;

#endif
