/* A mini heap with objects of C++ behind it: wrappers, the C++ objects that they stand for, and the nodes of
 * traced handles, in memory of the process that is not V8's pages. For tests and fuzzing of what looks there.
 * As V8 12.4 and cppgc lay them out (graph/traced.h, graph/cpp_holder.h). */
#ifndef HS_TESTS_CPP_HEAP_H
#define HS_TESTS_CPP_HEAP_H

#include "mini_heap.h"

enum {
    CPP_NODES = 256,   /* of traced handles, 16 bytes each */
    CPP_WRAPPERS = 4,  /* JSApiObjects whose first internal field is the C++ object */
    CPP_OBJECT = 0x60, /* bytes between the C++ objects; the 8 before one are the header of cppgc or malloc */
};
#define CPP_BLOCK (MINI_ISOLATE + 0x3800)
#define CPP_OBJECTS (CPP_BLOCK + 16 * CPP_NODES)
enum { CPP_MEMORY = 16 * CPP_NODES + (CPP_WRAPPERS + 1) * CPP_OBJECT }; /* bytes from CPP_BLOCK on */

struct cpp_heap {
    struct mini_heap heap;
    hs_addr wrappers[CPP_WRAPPERS];
};

/* No handle is in use; each wrapper has its C++ object. */
void cpp_heap_init(struct cpp_heap *heap);
/* Address of a C++ object. */
hs_addr cpp_heap_object(unsigned wrapper);
/* Node `index` is a traced handle of `object`. Returns its slot. */
hs_addr cpp_heap_trace(struct cpp_heap *heap, unsigned index, hs_addr object);

/* A binary of Node as far as its C++ objects are concerned: class node::ProbeWrap, whose vtable and code
 * cpp_heap_init() has put into the text of the heap's process. The bytes (ELF_OBJECT_SIZE of elf_writer.h)
 * are the caller's. */
uint8_t *cpp_heap_program(void);
#define CPP_VTABLE (MINI_TEXT + 0x810) /* what an object begins with */
enum { CPP_SELF_SIZE = 0x58 };

#endif
