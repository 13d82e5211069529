/* Size rules: how many bytes an object has whose map says "variable".
 *
 * A rule is data: a form and its numbers. For a type whose rule moved between releases there are several
 * candidates; the one under which the next word is a map, most often, is taken (votes), so that no release
 * needs a row. */
#ifndef HS_V8_SIZE_H
#define HS_V8_SIZE_H

#include "v8/map.h"

enum hs_rule_form {
    HS_RULE_UNKNOWN,   /* resynchronise at the next map word */
    HS_RULE_LINEAR,    /* align(header + count * scale) */
    HS_RULE_SCAN,      /* header + count * scale at least, then up to the next map word */
    HS_RULE_METADATA,  /* FeedbackMetadata: header + 4 * ceil(count / 6) + second * scale */
    HS_RULE_TWO_PARTS, /* align(header + u32) + second * scale: PreparseData; CODE of 10.x: align(header + u32
                          + second) */
    HS_RULE_TYPED, /* typed elements: header + count * scale, header alone where the data is elsewhere (a zero
                      at `second`) */
    HS_RULE_VIA_CODE, /* InstructionStream of 11.x: header + two fields of the Code object it points to */
};
enum hs_count_unit { HS_COUNT_SMI, HS_COUNT_U32, HS_COUNT_U16 };

struct hs_rule {
    uint8_t form, unit; /* enum hs_rule_form, hs_count_unit */
    uint8_t shift;      /* count >>= shift, then &= mask */
    uint8_t align;      /* bytes */
    int16_t at, second; /* offsets of the count fields, bytes */
    uint32_t header;    /* bytes */
    uint8_t scale, second_scale;
    uint32_t mask;
    char name[28]; /* "16+8n" for --explain-layout */
};

struct hs_rules {
    struct hs_rule *items; /* 0 is HS_RULE_UNKNOWN */
    uint32_t count;
    uint8_t *by_type; /* instance type -> rule */
};

struct hs_v8;
/* Size in bytes of the object at `addr` with map `map`; `p` is the host's view and `room` the bytes from
 * there to the end of the page's present area. 0 if the rule does not give a size between one word and
 * `room`. */
uint64_t hs_rule_size(const struct hs_v8 *v8, const struct hs_map *map, hs_addr addr, const uint8_t *p,
                      uint64_t room, struct hs_maps *maps);

/* Size of the object that was at `addr` (`from` for us, `room` bytes to the end of its area) before a
 * collector moved it; 0 if its first word is no forwarding word: the untagged address of an object
 * (MapWord::FromForwardingAddress, objects.h). */
uint64_t hs_moved_size(const struct hs_v8 *v8, struct hs_maps *maps, hs_addr addr, const uint8_t *from,
                       uint64_t room);

#endif
