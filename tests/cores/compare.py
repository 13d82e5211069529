"""heapscan's view of an isolate against planted truth and V8's own words about the same process.

Every function takes a Stream, the isolate's id and the truth, and returns (passed, summary, diagnostics). What may differ
is listed by name with its reason; there is no tolerance for all."""
import collections
from v8snapshot import signature

# Constructors whose count may differ: by how many more, by how many fewer in the core, and why.
EXPLAINED = {
    'Arguments': (1, 0, 'of the readSync that the workload blocks in'),
    'Array': (12, 0, 'garbage of readSync and writeSync, in new space'),
    'Object': (3, 1, 'garbage of the same calls; the options of writeHeapSnapshot'),
    'Uint8Array': (0, 1, 'the options of v8.writeHeapSnapshot'),
    'ArrayBuffer': (0, 1, 'the options of v8.writeHeapSnapshot'),
}
# V8 node types that are not compared by their totals, with the reason.
UNCOMPARED = {
    'synthetic': 'roots, no objects',
    'native': 'the snapshot has memory of Node itself, the core external strings; array buffers: external() below',
}
# Space whose use may differ by more than the general tolerance: by how many bytes, and why.
SPACE_EXPLAINED = {
    'new_space': (8192, 'what getHeapSpaceStatistics() itself allocates'),
    'code_space': (16384, 'code that V8 finishes to compile between the core and the answer'),
}
# Node types: by how many objects more in the core than the snapshot has.
TYPE_EXPLAINED = {
    'array': (24, 'garbage of readSync, writeSync and getHeapCodeStatistics: 14 arrays and their backing stores'),
    'object': (16, 'the same'),
}
CODE_AFTER = 16384  # bytes of code that V8 compiles for the functions that write the truth, after the core


def class_totals(stream, isolate, key):
    count, size = collections.Counter(), collections.Counter()
    for c in stream.classes_of(isolate):
        count[key(c)] += c['count']
        size[key(c)] += c['bytes']
    return count, size


def planted(stream, isolate, groups, v8):
    """Every planted group: the number of objects with this constructor and these properties."""
    by_name = collections.defaultdict(list)
    for c in stream.classes_of(isolate):
        by_name[c['type'], c['constructor']].append(c)
    wrong, exact = [], 0
    for g in groups:
        properties = None if g['properties'] is None else signature(g['properties'])
        names = [g['constructor']]
        if g['constructor'] is None:    # V8's snapshot has the last word on the name, where it shows the properties
            names = sorted(v8.signatures[properties]) or sorted(
                {c['constructor'] for c in stream.classes_of(isolate) if signature(c['properties']) == properties})
        found = 0
        for name in names:
            for c in by_name[g['type'], name]:
                if properties is None or (not c['dictionary'] and signature(c['properties']) == properties):
                    found += c['count']
        want = g['count']
        good = found >= want if g.get('at_least') else found == want
        exact += good
        if not good:
            wrong.append(f"{g['type']} {'/'.join(map(str, names))} {{{','.join(properties or ['*'])[:80]}}}: "
                         f"planted {want}, found {found}, V8's snapshot {v8.signatures[properties].most_common(2) if properties is not None else v8.named[g['type'], names[0]]}")
    return not wrong, f'{exact} of {len(groups)}', wrong


def constructors(stream, isolate, v8, explained=EXPLAINED):
    """JS objects by constructor against the snapshot."""
    ours = collections.Counter()
    for c in stream.classes_of(isolate):
        if c['type'] == 'object':
            ours[c['constructor']] += c['count']
    theirs = collections.Counter({name: n for (kind, name), n in v8.named.items() if kind == 'object'})
    # V8 keeps one boilerplate for each literal in the source. heapscan tells them from the program's own objects, the
    # snapshot does not: give each name as many of them as it lacks.
    boilerplates = ours.pop('(literal boilerplate)', 0)
    for name in ('Object', 'Array'):
        more = min(boilerplates, max(theirs[name] - ours[name], 0))
        ours[name] += more
        boilerplates -= more
    ours['(literal boilerplate)'] = boilerplates
    names = sorted(set(ours) | set(theirs))
    wrong, differ, apart = [], 0, 0
    for name in names:
        more = ours[name] - theirs[name]
        if not more:
            continue
        differ += 1
        apart += abs(more)
        most, least, reason = explained.get(name, (0, 0, ''))
        if not -least <= more <= most:
            wrong.append(f'{name!r}: {ours[name]} in the core, {theirs[name]} in V8\'s snapshot')
    total = sum(theirs.values())
    summary = f'{len(names) - differ} of {len(names)} names equal, {apart} of {total} objects apart, all explained'
    return not wrong, summary if not wrong else summary.replace('all explained', f'{len(wrong)} names unexplained'), wrong


def node_types(stream, isolate, v8, least=0.995, twin=False):
    """Objects and bytes by V8 node type. `twin`: V8 was asked in another process that had done the same."""
    count, size = class_totals(stream, isolate, lambda c: c['type'])
    wrong, worst, rows = [], 1.0, []
    for kind in sorted(set(count) | set(v8.count)):
        if kind in UNCOMPARED:
            continue
        for what, a, b in (('objects', count[kind], v8.count[kind]), ('bytes', size[kind], v8.bytes[kind])):
            more, _ = TYPE_EXPLAINED.get(kind, (0, '')) if what == 'objects' else (0, '')
            fewer = CODE_AFTER if (kind, what) == ('code', 'bytes') else 0
            if twin and kind == 'bigint':   # garbage of a call of fs, in one process or the other
                more = fewer = 10 if what == 'objects' else 240
            agree = 1.0 if -fewer <= a - b <= more else 1 - abs(a - b) / max(a, b)
            worst = min(worst, agree)
            rows.append(f'{kind} {what}: {a} in the core, {b} in the snapshot: {agree:.3%}')
            if agree < least:
                wrong.append(rows[-1])
    return not wrong, f'{worst:.2%} at worst', wrong


def spaces(stream, isolate, said, accounts, tolerance=0.001, twin=False, explained=SPACE_EXPLAINED):
    """Used bytes per space against v8.getHeapSpaceStatistics(), asked just after the core.

    `accounts`: (isolate, space) -> bytes of open allocation areas, of heapscan -v. V8 counts the unused rest of an area as
    used when another thread holds it, or when it was taken after the core for the answer itself: then used and available
    bytes together must agree, but for the headers of pages that were added.

    `twin`: V8 was asked in another process that had done the same. How far its sweeper had come differs, by bytes from used
    to available and by whole pages, so there the sum is what must agree, within twice the tolerance."""
    used, free, committed, fillers = (stream.spaces_of(isolate, field) for field in ('used', 'free', 'committed', 'fillers'))
    wrong, worst, late = [], 0.0, ''
    for space in said:
        name, theirs, available = space['space_name'], space['space_used_size'], space['space_available_size']
        if name == 'read_only_space' and (name not in used or not theirs):
            continue    # shared by all isolates: listed with the first of them, and V8 itself may say 0
        open_area = accounts.get((isolate, name), 0)
        off = min(abs(used[name] - theirs), abs(used[name] + open_area - theirs))
        allowed, _ = explained.get(name, (0, ''))
        if off > theirs * tolerance and name != 'new_space':
            added = space['space_size'] - committed[name]
            ours = used[name] + free[name] + (added if twin else max(added, 0))
            pages = abs(added) * (0.04 if twin else 0.02) if twin or added > 0 else 0   # headers: 3.2 % where words have 4 bytes
            together = abs(ours - theirs - available)    # an open area of the core is in free
            if twin:    # V8 counts an open area with either, and gaps that became too small for a free list with neither
                together = min(together, abs(ours + open_area - theirs - available), max(theirs + available - ours - fillers[name], 0) if
                               theirs + available > ours else together)
            if together <= theirs * tolerance * (2 if twin else 1) + pages:
                off, late = max(together - pages, 0), ', with an area taken after the core'
        if name != 'new_space':
            worst = max(worst, off / max(theirs, 1))
        if off > max(theirs * tolerance * (2 if twin else 1), allowed):
            wrong.append(f'{name}: {used[name]} used, {open_area} in open areas, {free[name]} free in the core; V8 says {theirs} '
                         f'used, {available} available ({off / max(theirs, 1):.3%} off)')
    return not wrong, f'{worst:.3%} off at worst{late}', wrong


def open_areas(table):
    """(isolate, space) -> bytes that threads had taken and not filled, of the table that heapscan -v prints."""
    lines = [line.split() for line in table.splitlines()]
    heads = next((l for l in lines if l[:2] == ['iso', 'space']), None)
    areas = collections.Counter()
    for line in lines:
        if heads and len(line) == len(heads) and line[0].isdigit():
            areas[int(line[0]), line[1]] += sum(int(line[heads.index(column)]) for column in ('unused', 'unfilled'))
    return areas


def external(stream, isolate, v8, later=16, twin=False):
    """Backing stores of array buffers, each once however many views it has, against the native nodes of the snapshot. The
    snapshot may have a few more, of up to `later` bytes in all: the options and the message of the call that writes it.
    `twin`: V8 was asked in another process that had done the same; one of them may have one garbage Buffer of 64 bytes more
    (and where what is reachable is compared with a snapshot that keeps it: before Node 18, seen in 1 of 4 runs)."""
    node = ('native', 'system / JSArrayBufferData')
    mine = [c for c in stream.classes_of(isolate) if (c['type'], c['constructor']) == node]
    ours, count = sum(c['bytes'] for c in mine), sum(c['count'] for c in mine)
    theirs, expected = v8.named_bytes[node], v8.named[node]
    wrong = []
    more, fewer = (64, 1) if twin else (0, 0)
    if not (-more <= theirs - ours <= later + more and -fewer <= expected - count <= 4):
        wrong.append(f'{count} array buffer stores of {ours} bytes, V8 says {expected} of {theirs}')
    return not wrong, f'{ours} of {theirs} B', wrong
