"""What is reachable and what retains how much, in three isolates, against V8's own snapshots of the same process.

V8 takes each snapshot just after the core, of a heap that a snapshot to nowhere before the core has cleaned in the same way
(workloads/lib/checkpoint.js), so what differs is what the writing itself makes. Retained sizes of V8's snapshot are those of
DevTools' rules (heapscan reads the file; tests/unit checks the dominators against their definition)."""
import collections, os
import feedback, release, target
from stream import scan
from tap import Results
from v8snapshot import V8Snapshot

ISOLATES = [('Main', ''), ('One', '-One'), ('Two', '-Two')]
# Objects of a type that may be fewer or more in the core, with the reason. V8's snapshot call makes them, or ends their life.
TYPE_EXPLAINED = {
    'object': (8, 'options and file name of the snapshot call; the arguments of the read that blocks'),
    'string': (110, 'the same; strings of digits in read-only space, which v8snapshot.py leaves out with the numbers of the options'),
    'concatenated string': (4, 'the same'),
    'number': (4, 'the same'),
    'array': (12, 'elements and properties of the same'),
    'hidden': (40, 'the same; feedback that the call changes'),
    'code': (60, 'functions that V8 compiles or optimises in the call'),
    'closure': (4, 'the same'),
    'object shape': (12, 'maps of the same'),
}
UNCOMPARED = {'synthetic': 'roots, no objects', 'native': 'memory of Node itself'}
# Objects of a constructor that may be fewer or more, for the same reasons.
NAME_EXPLAINED = {'Array': 3, 'Object': 4, 'Uint8Array': 1, 'ArrayBuffer': 2, 'Arguments': 1, 'system / Context': 2}


# Of the 100 constructors that retain most in an isolate, so many retain the same to 0.1 %. Measured: 80 to 95, by release, isolate
# and run; the others are printed.
LARGEST = 75
SUSPENDED = ('Error', 'Async', 'Promise', 'Generator')

# Node 12 to 17. The snapshot call collects so often that V8 discards the bytecode of functions that rest; told not to, it compares.
EARLIER_FLAGS = ('--expose-gc', '--no-flush-bytecode')


def totals(stream, isolate, key, *fields):
    sums = [collections.Counter() for _ in fields]
    for c in stream.classes_of(isolate):
        for total, field in zip(sums, fields):
            total[key(c)] += c[field]
    return sums


def isolate_of(stream, tag):
    found = {c['isolate'] for c in stream.classes if c['constructor'] == f'HolderPlain{tag}' and c['reachable_count']}
    return found.pop() if len(found) == 1 else None


def compare_types(count, v8):
    """Reachable objects by node type."""
    apart, wrong = 0, []
    for kind in sorted(set(count) | set(v8)):
        if kind in UNCOMPARED or not max(count[kind], v8[kind]):
            continue
        off = abs(count[kind] - v8[kind])
        allowed, _ = TYPE_EXPLAINED.get(kind, (0, ''))
        share = 1 - off / max(count[kind], v8[kind])
        apart += off
        if off > allowed and share < 0.999:
            wrong.append(f'{kind}: {count[kind]} reachable, {v8[kind]} in the snapshot')
    total = sum(n for kind, n in v8.items() if kind not in UNCOMPARED)
    return 1 - apart / max(total, 1), wrong


def compare_names(count, v8):
    wrong, apart = [], 0
    for name in sorted(set(count) | set(v8)):
        off = abs(count[name] - v8[name])
        apart += off
        if off > NAME_EXPLAINED.get(name, 0):
            wrong.append(f'{name!r}: {count[name]} reachable, {v8[name]} in the snapshot')
    return apart, wrong


def compare_retained(ours, theirs, tag):
    """Every planted holder, and what it holds, byte for byte. Of stack traces and suspended functions V8's snapshot shares out
    code otherwise, and up to V8 12 it leaves out the characters of external strings, such as sources: up to 5 %."""
    wrong, said, equal = [], [], 0
    names = sorted(n for n in theirs if n.startswith(('Holder', 'Held')) and n.endswith(tag))
    for name in names:
        if ours[name] == theirs[name]:
            equal += 1
            continue
        said.append(f'{name}: retains {ours[name]}, {theirs[name]} by the snapshot')
        if name[6:-len(tag)] not in SUSPENDED or abs(ours[name] - theirs[name]) > theirs[name] / 20:
            wrong.append(said[-1])
    return equal, names, wrong, said


def largest(ours, theirs, count=100):
    """Of the constructors that retain most by V8's snapshot, how many retain the same to 0.1 %; and which do not."""
    names = [n for n, _ in theirs.most_common(count)]
    apart = [f'{n}: {ours[n]}, {theirs[n]} by the snapshot' for n in names if abs(ours[n] - theirs[n]) > theirs[n] / 1000]
    return len(names) - len(apart), len(names), apart


def run(folder, version):
    results, row = Results(), {}
    node = target.fetch(version)
    version = target.version_of(node)
    earlier, weaken = int(version.split('.')[0]) < 18, int(version.split('.')[0]) < 17
    core = release.capture(node, folder, 'holders.js', **({'flags': EARLIER_FLAGS} if earlier else {}))
    ran = scan(core)
    os.unlink(core)
    if not results.check(ran.status == 0, f'{version}: holders: complete', ran.said()):
        return results, None
    stream = ran.stream()
    for tag, suffix in ISOLATES:
        path = os.path.join(folder, f'snap{suffix}.1.heapsnapshot')
        isolate, v8 = isolate_of(stream, tag), V8Snapshot(path)
        if weaken:
            told = feedback.weaken(path, path)
            results.check(min(told['map'], told['function']) > 50, f'{version}: {tag}: what feedback names weakly in the snapshot: {dict(told)}')
        snapshot = scan(path).stream()
        if not results.check(isolate is not None, f'{version}: {tag}: an isolate of its own'):
            continue
        objects = lambda c: c['constructor'] if c['type'] == 'object' else None
        count, = totals(stream, isolate, lambda c: c['type'], 'reachable_count')
        named, retained = totals(stream, isolate, objects, 'reachable_count', 'retained_bytes')
        said, = totals(snapshot, 0, objects, 'retained_bytes')
        for counter in (named, retained, said):
            del counter[None]
        if tag != 'Main':    # objects of the shared read-only space are counted with the first isolate only
            count = {}
        agree, wrong = compare_types(collections.Counter(count), v8.count if count else {})
        if count:
            results.check(not wrong, f'{version}: {tag}: reachable objects by node type: {agree:.3%}', *wrong)
        apart, wrong = compare_names(named, collections.Counter({n: k for (t, n), k in v8.named.items() if t == 'object'}))
        results.check(not wrong, f'{version}: {tag}: reachable objects by constructor: {apart} of {sum(named.values())} apart', *wrong)
        equal, names, wrong, unequal = compare_retained(retained, said, tag)
        results.check(not wrong and len(names) >= 48, f'{version}: {tag}: retained sizes of planted holders: {equal} of {len(names)} equal',
                      *wrong, *unequal)
        close, among, off = largest(retained, said)
        results.check(close >= LARGEST, f'{version}: {tag}: retained by the {among} largest constructors: {close} equal to 0.1 %', *off[:30])
        if tag == 'Main':
            row.update({'types': f'{agree:.3%}', 'constructors apart': apart, 'of': sum(named.values()), 'holders': f'{equal} of {len(names)}',
                        'largest': f'{close} of {among}'})
    return results, row
