/* The words that every layer speaks in.
 *
 * hs_addr    an address in the target, never a C pointer of ours
 * hs_tagged  a raw tagged word as V8 stores it: low bit 1 is a pointer plus one, else a Smi
 * hs_id      the dense id of an object: its rank by address
 *
 * Values are always in host order here: bytes become values at the moment they are read (elf/arch.h). */
#ifndef HS_BASE_TYPES_H
#define HS_BASE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t hs_addr;
typedef uint64_t hs_tagged;
typedef uint32_t hs_id;

#define HS_ID_NONE UINT32_MAX

#endif
