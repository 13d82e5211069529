"""Isolates that share: each holds its own structs in the shared heap, its names in the shared string table, its ports."""
import json, os, re, struct
import target
from stream import scan
from tap import Results

FLAGS = ('--harmony-struct', '--shared-string-table')
STRUCTS = 2 * (400 + 600) + 2 * 50   # that an isolate holds (sharing.js)
DROPPED = 2 * 100                    # and does not; a collection may have come
STALE = 2                            # that a word left on a stack may still name
PT_LOAD, CHARS = 1, 16               # of a sequential one-byte string: map, hash, length before its characters


def strings(core, prefix):
    """Address of every string of the core that is `prefix` and a number, by its bytes: {address: number}."""
    with open(core, 'rb') as file:
        head = file.read(64)
        start, count = struct.unpack_from('<Q', head, 32)[0], struct.unpack_from('<H', head, 56)[0]
        file.seek(start)
        segments = [s for s in struct.iter_unpack('<IIQQQQQQ', file.read(56 * count)) if s[0] == PT_LOAD and s[5]]
        found = {}
        for _, _, offset, address, _, size, _, _ in segments:
            file.seek(offset)
            text = file.read(min(size, 64 << 20))
            for match in re.finditer(prefix.encode() + rb'(\d{1,3})', text):
                at, length = match.start(), match.end() - match.start()
                if at >= CHARS and struct.unpack_from('<I', text, at - 4)[0] == length:
                    found[address + at - CHARS] = int(match.group(1))
        return found


def reachable(core):
    ran = scan(core, '-l', '--reachable', '-c', '(string)')
    return {int(json.loads(line)['address'], 16) for line in ran.output.decode().splitlines()}


def run(folder, version):
    results, node = Results(), target.fetch(version)
    version = target.version_of(node)
    with target.Target(node, 'sharing.js', folder, flags=FLAGS) as process:
        process.wait_for('ready 1')
        core = process.core('core')
    ran = scan(core)
    stream = ran.stream() if ran.status == 0 else None
    results.check(stream is not None, f'{version}: a heap that isolates share is read', ran.said())
    if not stream:
        return results, None
    structs = [(c['count'], c['reachable_count']) for c in stream.classes if c['properties'] == ['alpha', 'beta']]
    good = len(structs) == 1 and structs[0][0] <= STRUCTS + DROPPED and STRUCTS <= structs[0][1] <= STRUCTS + STALE
    results.check(good, f'{version}: structs of the shared heap that either isolate holds are reachable, the {DROPPED} dropped are not', structs)
    held = sorted(c['reachable_count'] for c in stream.classes if c['constructor'] == 'HeldByPort' and c['properties'] == ['number'])
    results.check(held == [400, 600], f'{version}: what listeners of a port hold is reachable in its isolate', held)
    alive = reachable(core)
    for prefix in ('NameOfMain_', 'NameOfWorker_'):
        names = {number for address, number in strings(core, prefix).items() if address in alive}
        results.check(len(names) == 1000, f'{version}: each shared name is held by the isolate that uses it: {prefix}', len(names))
    os.unlink(core)
    return results, None
