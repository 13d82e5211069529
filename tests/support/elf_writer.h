/* Writes ELF cores and objects into memory, for unit tests.
 *
 * A core is laid out as gcore and the kernel do: ELF header, program headers, then notes and segments
 * (`notes_last` as gcore). Everything is little-endian ELF64; tests patch the bytes for what no writer would
 * write. Segments without `apart` follow each other in the file without a gap. The writer owns its buffers;
 * bytes from elf_writer_finish() belong to the caller (free). Memory that runs out aborts the test. */
#ifndef HS_TESTS_ELF_WRITER_H
#define HS_TESTS_ELF_WRITER_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ELF_WRITER_SEGMENTS = 64 };

struct elf_writer_segment {
    uint64_t vaddr, memory_size, file_size;
    const void *bytes; /* NULL: zeroes */
    uint32_t flags;
    bool apart; /* leave a gap before it in the file */
};

struct elf_writer {
    uint16_t machine, type;
    bool notes_last;
    bool xnum; /* count in section 0, whose header stands at the end of the file */
    struct elf_writer_segment segments[ELF_WRITER_SEGMENTS];
    size_t segment_count;
    uint8_t *notes;
    size_t notes_size;
};

/* A core of x86-64. */
void elf_writer_init(struct elf_writer *writer);
void elf_writer_deinit(struct elf_writer *writer);
struct elf_writer_segment *elf_writer_load(struct elf_writer *writer, uint64_t vaddr, uint64_t memory_size,
                                           const void *bytes, uint64_t file_size, uint32_t flags);
void elf_writer_note(struct elf_writer *writer, const char *owner, uint32_t type, const void *desc,
                     size_t size);
/* NT_PRSTATUS of x86-64 with these registers, the others are their index plus 1000. */
void elf_writer_thread(struct elf_writer *writer, uint32_t tid, uint64_t sp, uint64_t pc, uint64_t fs_base);
void elf_writer_process(struct elf_writer *writer, uint32_t pid, const char *program);
/* Pairs of type and value; AT_NULL is added. */
void elf_writer_auxv(struct elf_writer *writer, const uint64_t *pairs, size_t pair_count);

struct elf_writer_mapping {
    uint64_t start, end, page;
    const char *path;
};
/* NT_FILE with page size 4096. */
void elf_writer_files(struct elf_writer *writer, const struct elf_writer_mapping *mappings, size_t count);
uint8_t *elf_writer_finish(struct elf_writer *writer, size_t *size_ret);

/* The address of program header `index` in a finished file: 0 is PT_NOTE, 1 the first segment. */
Elf64_Phdr *elf_writer_header(uint8_t *bytes, size_t index);

/* An ELF object as a linker writes it, one page each for:
 *   0x0000  headers, build-id (if size is not 0), the string "read-only" at 0x800     PT_LOAD R, at `base`
 *   0x1000  data: the string "writable" at 0x1000                                     PT_LOAD RW, at `base` +
 * 0x1000 0x2000  .symtab: local_symbol (base+0x800), undefined_symbol; .dynsym: v8dbg_one (base+0x1000, size
 * 4), .strtab 0x3000  section headers with a PT_TLS of 24 bytes aligned to 8. */
struct elf_object {
    uint16_t type; /* ET_DYN, ET_EXEC */
    uint64_t base, entry;
    const char *build_id; /* its bytes, or NULL */
    size_t build_id_size;
};
enum { ELF_OBJECT_SIZE = 0x4000 };
uint8_t *elf_object_build(const struct elf_object *object);

#endif
