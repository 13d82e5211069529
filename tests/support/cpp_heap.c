#include "cpp_heap.h"

#include <string.h>

#include "elf_writer.h"

enum { API_OBJECT = 301, TYPE_AT = 12, FIELD_AT = 24, INDEX_AT = 10, FLAGS_AT = 12 };

hs_addr cpp_heap_object(unsigned wrapper) {
    return CPP_OBJECTS + (hs_addr)wrapper * CPP_OBJECT + 16;
}

enum { IS_ROOT = MINI_TEXT + 0x900, SIZE_CODE = MINI_TEXT + 0x920, OTHER_CODE = MINI_TEXT + 0x940 };

/* {destructor, destructor, MemoryInfo, SelfSize, IsRootNode} */
static void put_class(struct mini_heap *heap) {
    static const hs_addr functions[] = {OTHER_CODE, OTHER_CODE, OTHER_CODE, SIZE_CODE, IS_ROOT};
    static const uint8_t code[] = {0xb8, CPP_SELF_SIZE, 0, 0, 0, 0xc3};
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        mini_heap_put(heap, CPP_VTABLE + 8 * (hs_addr)i, functions[i]);
    memcpy(mini_heap_at(heap, SIZE_CODE), code, sizeof code);
}

uint8_t *cpp_heap_program(void) {
    static const struct {
        const char *name;
        hs_addr value;
    } symbols[] = {{"_ZTVN4node9ProbeWrapE", CPP_VTABLE - 16},
                   {"_ZNK4node10BaseObject10IsRootNodeEv", IS_ROOT},
                   {"_ZNK4node9ProbeWrap8SelfSizeEv", SIZE_CODE}};
    enum { COUNT = sizeof symbols / sizeof *symbols, TABLE = 0x2400, TEXTS = 0x2800, SECTIONS = 0x3000 };
    const struct elf_object object = {.type = ET_EXEC, .base = 0x400000};
    uint8_t *bytes = elf_object_build(&object);
    uint32_t next = 1;
    for (int i = 0; i < COUNT; i++) {
        const Elf64_Sym symbol = {.st_name = next,
                                  .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT),
                                  .st_shndx = 1,
                                  .st_value = symbols[i].value};
        memcpy(bytes + TABLE + (size_t)(i + 1) * sizeof symbol, &symbol, sizeof symbol);
        memcpy(bytes + TEXTS + next, symbols[i].name, strlen(symbols[i].name) + 1);
        next += (uint32_t)strlen(symbols[i].name) + 1;
    }
    Elf64_Shdr *sections = (Elf64_Shdr *)(void *)(bytes + SECTIONS);
    sections[1].sh_offset = TABLE;
    sections[1].sh_size = (COUNT + 1) * sizeof(Elf64_Sym);
    sections[2].sh_size = 0;
    sections[3].sh_offset = TEXTS;
    sections[3].sh_size = next;
    return bytes;
}

void cpp_heap_init(struct cpp_heap *heap) {
    mini_heap_init(&heap->heap);
    mini_heap_constant(&heap->heap, "APIObjectType", API_OBJECT, false);
    uint8_t *type = mini_heap_at(&heap->heap, heap->heap.maps[MINI_OBJECT] + TYPE_AT);
    type[0] = API_OBJECT & 0xff;
    type[1] = API_OBJECT >> 8;
    for (unsigned i = 0; i < CPP_NODES; i++) {
        uint8_t *node = mini_heap_at(&heap->heap, CPP_BLOCK + 16 * (hs_addr)i);
        node[INDEX_AT] = (uint8_t)i;
        node[INDEX_AT + 1] = (uint8_t)(i >> 8);
    }
    for (unsigned i = 0; i < CPP_WRAPPERS; i++) {
        heap->wrappers[i] = mini_heap_object(&heap->heap, MINI_OLD);
        mini_heap_put(&heap->heap, heap->wrappers[i] + FIELD_AT, cpp_heap_object(i));
        /* {padding u32, type u16, size u16}: units of 8 bytes above the bit of the marker */
        mini_heap_put(&heap->heap, cpp_heap_object(i) - 8, (uint64_t)(CPP_OBJECT / 8) << 1 << 48);
    }
    put_class(&heap->heap);
    mini_heap_put(&heap->heap, MINI_STACK + 0x100, MINI_ISOLATE);
}

hs_addr cpp_heap_trace(struct cpp_heap *heap, unsigned index, hs_addr object) {
    hs_addr slot = CPP_BLOCK + 16 * (hs_addr)index;
    mini_heap_put(&heap->heap, slot, object + 1);
    mini_heap_at(&heap->heap, slot)[FLAGS_AT] = 1;
    return slot;
}
