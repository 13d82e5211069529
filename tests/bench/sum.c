/* sum CORE <RANGES: adds up the words of the given stretches of a core once: the least that any reader of
 * them must do. RANGES: lines "START SIZE", hexadecimal addresses and bytes of the target. Prints the bytes
 * and the sum. */
#include <elf.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

int main(int argc, char **argv) {
    struct stat st;
    int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;
    if (fd < 0 || fstat(fd, &st)) return perror("sum"), 2;
    const unsigned char *file = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (file == MAP_FAILED) return perror("sum"), 2;
    const Elf64_Ehdr *header = (const void *)file;
    const Elf64_Phdr *segments = (const void *)(file + header->e_phoff);
    uint64_t start, size, bytes = 0, sum = 0;
    while (scanf("%" SCNx64 " %" SCNx64, &start, &size) == 2)
        for (unsigned s = 0; s < header->e_phnum; s++) {
            const Elf64_Phdr *p = &segments[s];
            if (p->p_type != PT_LOAD || start < p->p_vaddr || start >= p->p_vaddr + p->p_filesz) continue;
            const uint64_t left = p->p_vaddr + p->p_filesz - start, n = (size < left ? size : left) / 8;
            const uint64_t *words = (const void *)(file + p->p_offset + (start - p->p_vaddr));
            for (uint64_t i = 0; i < n; i++) sum += words[i];
            bytes += n * 8;
        }
    printf("%" PRIu64 " bytes, sum %" PRIx64 "\n", bytes, sum);
    return 0;
}
