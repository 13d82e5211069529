/* The frames on a thread's stack, and whose they are.
 *
 * Node's builds keep the chain of frame pointers, in C++ and in JavaScript alike: {caller's frame, return
 * address} behind each other from the innermost frame to the first. libc keeps none, so the chain may break
 * at the innermost functions; it is taken up again at the next pair of words that can be a frame, but a pair
 * found so may be a dead one: `linked` tells a frame that the chain led to without a break. Reads the core
 * only, any thread. */
#ifndef HS_V8_FRAME_H
#define HS_V8_FRAME_H

#include "v8/v8.h"

/* Words [from, to) of a stack: the frame of the function that was at `pc`, an address inside it (of a caller:
 * inside its call). */
struct hs_frame {
    hs_addr from, to, pc;
    bool linked;
    bool rest; /* what lies behind the last frame found, up to the end of the stack's memory */
};

/* Calls `visit` for each part of the stack from the stack pointer to `end`, innermost first; the parts lie
 * without a gap. `end` must be present memory of the stack's segment. */
void hs_frames_each(const struct hs_v8 *v8, const struct hs_thread *thread, hs_addr end,
                    void (*visit)(void *context, const struct hs_frame *frame), void *context);

enum hs_frame_owner {
    HS_FRAME_UNKNOWN,
    HS_FRAME_NATIVE, /* C++ and C */
    HS_FRAME_JS      /* what V8 made: compiled code, builtins, stubs */
};
/* Whose code `pc` is in. Unknown where the binary does not say which of its own text is V8's builtins. */
enum hs_frame_owner hs_frame_owner(const struct hs_v8 *v8, hs_addr pc);
/* Does it wait for events in libuv's loop, and for nothing else? True where the innermost return address is
 * in uv__io_poll, or the innermost frame was called by uv_run, and the chain of frames leads from there to
 * the C library, which called the first of them, without a frame of JavaScript: a program that waits for a
 * child (execSync) has a loop of its own in there. A chain that breaks says nothing: false. */
bool hs_frames_are_idle(const struct hs_v8 *v8, const struct hs_thread *thread, hs_addr end);
/* Finds V8's builtins in the binary's text: by their symbols, else by what an isolate says of them. Once,
 * while a struct hs_v8 is opened. */
struct hs_error *hs_builtins_discover(struct hs_v8 *v8) HS_MUST_CHECK;
/* The function at an address, of those that struct hs_v8_symbols has; enum hs_gc_function. */
unsigned hs_frame_function(const struct hs_v8_symbols *symbols, hs_addr addr);

#endif
