"""heapscan's view of an isolate against planted truth and V8's own words about the same process.

Every function takes a Stream, the isolate's id and the truth, and returns (passed, summary, diagnostics). What may differ
is listed by name with its reason; there is no tolerance for all."""
import collections
from v8snapshot import signature

# Constructors whose count may differ, by how many (more in the core, fewer in the core), and why. The snapshot is taken
# after the core: a collection runs first, and the workload's truth code has run.
EXPLAINED = {
}
# V8 node types compared by count and bytes, and those left out with the reason.
UNCOMPARED = {'synthetic': 'roots, no objects'}


def class_totals(stream, isolate, key):
    count, size = collections.Counter(), collections.Counter()
    for c in stream.classes_of(isolate):
        count[key(c)] += c['count']
        size[key(c)] += c['bytes']
    return count, size


def planted(stream, isolate, groups, v8):
    """Every planted group: the number of objects with this constructor and these properties."""
    # Before 18.13 a snapshot has no edges for numbers, and so no complete property lists.
    numeric = tuple(map(int, stream.header['node'].split('.')[:2])) >= (18, 13)
    by_name = collections.defaultdict(list)
    for c in stream.classes_of(isolate):
        by_name[c['type'], c['constructor']].append(c)
    wrong, exact = [], 0
    for g in groups:
        properties = None if g['properties'] is None else signature(g['properties'])
        names = [g['constructor']]
        if g['constructor'] is None:    # V8's snapshot has the last word on the name, where it shows all properties
            names = sorted(v8.signatures[properties] if numeric else
                           {c['constructor'] for c in stream.classes_of(isolate) if signature(c['properties']) == properties})
        found = 0
        for name in names:
            for c in by_name[g['type'], name]:
                if properties is None or (not c['dictionary'] and signature(c['properties']) == properties):
                    found += c['count']
        want = g['count']
        good = found >= want if g.get('at_least') else found == want
        if not good and properties is not None and 0 < found - want <= 2 and names[0] == 'Object':
            # V8 keeps one boilerplate object for each literal in the source; its snapshot counts it as well.
            good = found == v8.signatures[properties][names[0]] or not numeric
        exact += good
        if not good:
            wrong.append(f"{g['type']} {'/'.join(map(str, names))} {{{','.join(properties or ['*'])[:80]}}}: "
                         f"planted {want}, found {found}, V8's snapshot {v8.signatures[properties].most_common(2) if properties is not None else v8.named[g['type'], names[0]]}")
    return not wrong, f'{exact} of {len(groups)}', wrong


def constructors(stream, isolate, v8):
    """JS objects by constructor against the snapshot."""
    ours = collections.Counter()
    for c in stream.classes_of(isolate):
        if c['type'] == 'object':
            ours[c['constructor']] += c['count']
    theirs = collections.Counter({name: n for (kind, name), n in v8.named.items() if kind == 'object'})
    names = sorted(set(ours) | set(theirs))
    wrong, differ, apart = [], 0, 0
    for name in names:
        more = ours[name] - theirs[name]
        if not more:
            continue
        differ += 1
        apart += abs(more)
        most, least, reason = EXPLAINED.get(name, (0, 0, ''))
        if not -least <= more <= most:
            wrong.append(f'{name!r}: {ours[name]} in the core, {theirs[name]} in V8\'s snapshot')
    total = sum(theirs.values())
    summary = f'{len(names) - differ} of {len(names)} names equal, {apart} of {total} objects apart, all explained'
    return not wrong, summary if not wrong else summary.replace('all explained', f'{len(wrong)} names unexplained'), wrong


def node_types(stream, isolate, v8, least=0.995):
    """Objects and bytes by V8 node type."""
    count, size = class_totals(stream, isolate, lambda c: c['type'])
    wrong, worst, rows = [], 1.0, []
    for kind in sorted(set(count) | set(v8.count)):
        if kind in UNCOMPARED:
            continue
        for what, a, b in (('objects', count[kind], v8.count[kind]), ('bytes', size[kind], v8.bytes[kind])):
            agree = 1.0 if a == b else 1 - abs(a - b) / max(a, b)
            worst = min(worst, agree)
            rows.append(f'{kind} {what}: {a} in the core, {b} in the snapshot: {agree:.3%}')
            if agree < least:
                wrong.append(rows[-1])
    return not wrong, f'{worst:.2%} at worst', wrong


def spaces(stream, isolate, before, after, tolerance=0.001):
    """Used bytes per space against v8.getHeapSpaceStatistics(), taken just before and just after the core."""
    ours = stream.spaces_of(isolate)
    wrong, worst = [], 0.0
    after = {s['space_name']: s['space_used_size'] for s in after}
    for s in before:
        name, low = s['space_name'], s['space_used_size']
        if name == 'read_only_space' and name not in ours:
            continue    # shared by all isolates, listed with the first
        high = after[name]
        low, high = min(low, high), max(low, high)
        used = ours[name]
        off = max(low - used, used - high, 0)
        share = off / max(high, 1)
        worst = max(worst, share if off > 64 else 0)
        if off > max(high * tolerance, 64):
            wrong.append(f'{name}: {used} in the core, V8 says {low} to {high} ({share:.3%} off)')
    return not wrong, f'{worst:.3%} off at worst', wrong


def external(stream, isolate, truth, v8):
    """Backing stores of array buffers, each once however many views it has, against the native nodes of the snapshot."""
    node = ('native', 'system / JSArrayBufferData')
    mine = [c for c in stream.classes_of(isolate) if (c['type'], c['constructor']) == node]
    ours, count = sum(c['bytes'] for c in mine), sum(c['count'] for c in mine)
    wrong = []
    if (ours, count) != (v8.named_bytes[node], v8.named[node]):
        wrong.append(f'{count} array buffer stores of {ours} bytes, V8 says {v8.named[node]} of {v8.named_bytes[node]}')
    return not wrong, f'{ours} of {v8.named_bytes[node]} B', wrong
