"""Node 0.10 to 17: a core of each release against planted truth, V8's statistics and V8's snapshot where that release can
write one; what is alive and what is garbage; a growing list over three cores.

What a release cannot give (a snapshot, statistics by space) is a blank in its row, not a test that passes."""
import json, os, subprocess
import compare, layout, series, target
from stream import Run, scan
from tap import Results
from v8snapshot import V8Snapshot, signature

STACK_MAY_NAME = 2      # a word on the stack may still name a dead object
LEAST_AGREE = 0.995     # of the objects of V8's snapshot, by constructor
HEAP_USED = 0.005       # of process.memoryUsage().heapUsed, where V8 has no statistics by space
# Bytes that V8 allocates between the core and its own answer, by space.
AFTER = {'new_space': 1 << 20, 'old_space': 32 << 10, 'code_space': 48 << 10, 'map_space': 12 << 10}


def count(stream, group, field='count'):
    properties = signature(group['properties'])
    return sum(c[field] for c in stream.classes if c['type'] == 'object' and signature(c['properties']) == properties and
               (group['constructor'] is None or c['constructor'] == group['constructor']))


def check_planted(results, version, stream, groups, row):
    """All found; of the dead ones none told reachable, of the live ones all."""
    surplus = ()
    if version.startswith('0.10.'):
        # Its sweeper leaves small dead objects in their place, where another class may have taken their map's: such a one has a map
        # for a value, and no one holds it.
        surplus = {id(g) for g in groups if 0 <= count(stream, g) - g['count'] <= STACK_MAY_NAME and
                   count(stream, g, 'reachable_count') == (g['count'] if g['fate'] == 'live' else 0)}
    wrong = [f"{g['constructor']} {g['properties'][:4]}: {count(stream, g)} found, {g['count']} planted" for g in groups
             if count(stream, g) != g['count'] and id(g) not in surplus]
    row['planted'] = f'{len(groups) - len(wrong)} of {len(groups)}'
    results.check(not wrong, f"{version}: planted classes with their properties: {row['planted']}", *wrong)
    live = [g for g in groups if g['fate'] == 'live']
    lost = [f"{g['constructor']} {g['properties'][:4]}: {count(stream, g, 'reachable_count')} of {g['count']}" for g in live
            if count(stream, g, 'reachable_count') != g['count']]
    row['reachable'] = f"{sum(count(stream, g, 'reachable_count') for g in live)} of {sum(g['count'] for g in live)}"
    results.check(not lost, f"{version}: live ones told reachable: {row['reachable']}", *lost)
    dead = [g for g in groups if g['fate'] == 'dead']
    alive = sum(count(stream, g, 'reachable_count') for g in dead)
    total = sum(g['count'] for g in dead)
    row['garbage'] = f'{total - alive} of {total}'
    results.check(alive <= STACK_MAY_NAME, f"{version}: dead ones told garbage: {row['garbage']}",
                  *[f"{g['constructor']}: {count(stream, g, 'reachable_count')} reachable" for g in dead])


def check_roots(results, version, stream):
    """Node holds handles while it waits in a callback, on every release."""
    kinds = {root['category'] for root in stream.lines['root'] if root['count']}
    missing = {'(Handle scope)', '(Global handles)', '(Stack roots)'} - kinds
    results.check(not missing and not stream.trailer['reasons'], f'{version}: older: roots of every kind are found', missing, stream.trailer['reasons'])


def check_views(results, version, stream):
    """Lengths of views: a Smi, a HeapNumber or a word, by release. Nine of 5000 to 5008 bytes are planted; Node has a few of its own."""
    total = sum(c['elements'] for c in stream.classes if c['type'] == 'object' and c['constructor'] == 'Uint8Array' and not c['properties'])
    results.check(sum(range(5000, 5009)) <= total < 1 << 20, f'{version}: bytes of Uint8Arrays: {total}')


def check_spaces(results, version, ran, stream, said, row):
    if not said:
        return
    areas, wrong, worst = compare.open_areas(ran.errors), [], 0.0
    used, free = (stream.spaces_of(stream.isolates['main'][0], field) for field in ('used', 'free'))
    for space in said:
        name, theirs = space['space_name'], space['space_used_size']
        off = min(abs(used[name] - theirs), abs(used[name] + areas.get((0, name), 0) - theirs))
        # An area that a thread took counts as used: then used and free bytes together must agree.
        together = abs(used[name] + free[name] - theirs - space['space_available_size'])
        if off > theirs * 0.001 + AFTER.get(name, 0):
            off = min(off, together)
        after = used[name] <= theirs <= used[name] + AFTER.get(name, 0)     # what V8 allocated since was free in the core
        if name != 'new_space' and theirs:
            worst = max(worst, (min(off, together) if after else off) / theirs)
        if off > theirs * 0.001 + AFTER.get(name, 0):
            wrong.append(f'{name}: {used[name]} used in the core, V8 says {theirs}')
    row['spaces'] = f'{worst:.2%} off at worst'
    results.check(not wrong, f"{version}: bytes per space: {row['spaces']}", *wrong)


def check_total(results, version, stream, memory, row):
    """All spaces together, where V8 has no statistics by space (to 4.2)."""
    used = sum(stream.spaces_of(stream.isolates['main'][0], 'used').values())
    off = abs(used - memory['heapUsed'])
    row['spaces'] = f"{off / memory['heapUsed']:.2%} off in all"
    results.check(off <= memory['heapUsed'] * HEAP_USED, f"{version}: bytes in all spaces: {row['spaces']}",
                  f"{used} used in the core, {memory['heapUsed']} V8 says")


def check_snapshot(results, version, stream, path, row):
    if not os.path.exists(path) or not os.path.getsize(path):
        return
    v8 = V8Snapshot(path)
    theirs = {name: n for (kind, name), n in v8.named.items() if kind == 'object'}
    ours = {}
    for c in stream.classes:
        if c['type'] == 'object':    # the snapshot holds what is reachable, the core what the last collection left
            ours[c['constructor']] = ours.get(c['constructor'], 0) + c['reachable_count']
    apart = {n: (ours.get(n, 0), theirs.get(n, 0)) for n in set(ours) | set(theirs) if ours.get(n, 0) != theirs.get(n, 0)}
    total = sum(theirs.values())
    differ = sum(abs(a - b) for a, b in apart.values())
    agree = 1 - differ / total
    row['constructors'] = f'{agree:.2%} of {total}'
    results.check(differ <= total * (1 - LEAST_AGREE), f"{version}: objects by constructor as in V8's snapshot: {row['constructors']}",
                  *[f'{n}: {a} in the core, {b} in the snapshot' for n, (a, b) in
                    sorted(apart.items(), key=lambda item: -abs(item[1][0] - item[1][1]))[:20]])


def check_export(results, version, core, folder, groups, row):
    path = os.path.join(folder, 'out.heapsnapshot')
    ran = Run(['export', core, '-o', path])
    good = ran.status == 0 and os.path.exists(path)
    if good:
        again = scan(path).stream()
        live = [g for g in groups if g['fate'] == 'live' and g['constructor'] and g['constructor'] != 'Object']
        # a prototype carries its class's name as well
        found = {g['constructor']: sum(c['count'] for c in again.classes if c['type'] == 'object' and c['constructor'] == g['constructor'])
                 for g in live}
        wrong = [f"{g['constructor']}: {found[g['constructor']]} in the export, {g['count']} planted" for g in live
                 if found[g['constructor']] not in (g['count'], g['count'] + 1)]
        good = not wrong
        row['export'] = 'yes' if good else 'no'
        results.check(good, f'{version}: the export holds the live ones', *wrong)
        os.unlink(path)
    else:
        results.check(False, f'{version}: export', ran.said())


def check_paths(results, version, core, stream, row):
    """The variable of a closure is named, and the global property."""
    good = True
    for name, holder in (('HeldByClosure', b'variable list'), ('HeldByName', b'.olderHeld')):
        sample = next(c['sample'] for c in stream.classes if c['constructor'] == name and c['properties'])
        ran = Run(['path', '--max', '1', core, sample])
        good = results.check(ran.status == 0 and holder in ran.output, f'{version}: the path to {name} names {holder.decode()}',
                             ran.said(), ran.output.decode()[-600:]) and good
    row['paths'] = 'yes' if good else 'no'


def stripped(folder, version):
    """The same with a binary that has lost its symbol table."""
    node = os.path.join(folder, 'stripped')
    subprocess.run(['strip', '--strip-all', '-o', node, target.fetch(version)], check=True)
    return run(folder, version, node)


def run(folder, version, node=None):
    """Three cores. The first: planted classes, spaces, snapshot, reachability, export; all: what grows."""
    results = Results()
    node = node or target.fetch(version)
    version = target.version_of(node)
    row = {'node': version}
    with target.Target(node, 'older.js', folder, arguments=('3', 'truth')) as process:
        process.wait_for('ready step 1')
        cores = [process.core('core.1')]
        process.go_on()
        for k in (2, 3):
            process.wait_for(f'ready step {k}', 200)
            cores.append(process.core(f'core.{k}'))
            process.go_on()
        process.wait_for('end', 200)
    core = cores[0]
    ran = scan(core, '-v')
    if not results.check(ran.status == 0, f'{version}: older: heapscan reads the core and finds it complete', ran.said()):
        if ran.status != 1:
            return results, row
    stream = ran.stream()
    with open(os.path.join(folder, 'truth.json')) as file:
        truth = json.load(file)
    row['v8'], row['rejected'] = stream.header.get('v8'), f'{stream.rejected} B'
    results.check(stream.header.get('node') == version, f'{version}: older: the header names the release', stream.header)
    results.check(stream.rejected == 0, f'{version}: older: nothing is rejected', stream.lines['reject'])
    check_planted(results, version, stream, truth['groups'], row)
    check_roots(results, version, stream)
    if version.split('.')[0] != '0':    # 0.10 and 0.12 have elements of their own instead
        check_views(results, version, stream)
    check_spaces(results, version, ran, stream, truth['spaces'], row)
    if not truth['spaces']:
        check_total(results, version, stream, truth['memory'], row)
    check_snapshot(results, version, stream, os.path.join(folder, 'snap.heapsnapshot'), row)
    check_export(results, version, core, folder, truth['groups'], row)
    check_paths(results, version, core, stream, row)
    layout.check(results, version, Run(['--explain-layout', core]))
    check_growth(results, version, series.diff(cores, quick=False), row)
    for each in cores:
        os.unlink(each)
    return results, row


def check_growth(results, version, judged, row):
    """The class that grows from core to core is named first, and who holds it."""
    status, growth, said = judged
    row['rank'] = next((r['rank'] for r in growth if r.get('constructor') == 'Session'), None)
    results.check(status == 1 and row['rank'] == 1, f'{version}: older: the growing class is first', said, *map(series.row_text, growth[:5]))
    held = any('olderSessions' in (r.get('holder') or '') for r in growth[:2])
    results.check(held, f'{version}: older: its holder is named', *[str(r.get('holder')) for r in growth[:5]])


def three(node, folder, *arguments):
    """heapdiff's word about three cores."""
    cores = []
    with target.Target(node, 'older.js', folder, arguments=('3', *arguments)) as process:
        for k in (1, 2, 3):
            process.wait_for(f'ready step {k}')
            cores.append(process.core(f'core.{k}'))
            process.go_on()
    said = series.diff(cores, quick=False)
    for core in cores:
        os.unlink(core)
    return said


def in_isolate(stream, isolate, group, field='count'):
    return sum(c[field] for c in stream.classes_of(isolate) if c['type'] == 'object' and c['constructor'] == group['constructor'] and
               signature(c['properties']) == signature(group['properties']))


def workers(folder, version):
    """Node 10.5 to 11: an isolate of its own for each worker, with what was planted in it and what of that is garbage."""
    results = Results()
    node = target.fetch(version)
    version = target.version_of(node)
    row = {'node': version}
    with target.Target(node, 'older_worker.js', folder, flags=('--expose-gc', '--experimental-worker')) as process:
        isolates = json.loads(process.wait_for('ready').partition(' ')[2])
        core = process.core('core')
        process.go_on()
    ran = scan(core)
    os.unlink(core)
    if not results.check(ran.status == 0, f'{version}: workers: heapscan reads the core and finds it complete', ran.said()):
        return results, row
    stream = ran.stream()
    roles = {role: len(ids) for role, ids in stream.isolates.items()}
    results.check(roles == {'main': 1, 'worker': 2} and stream.rejected == 0 and not stream.trailer['reasons'],
                  f'{version}: workers: all isolates are found, nothing is rejected or missing', roles, stream.lines['reject'], stream.trailer['reasons'])
    right = 0
    for name, groups in isolates.items():
        ids = [i for i in stream.isolates['main' if name == 'Main' else 'worker'] if in_isolate(stream, i, groups[1])]
        if not results.check(len(ids) == 1, f'{version}: workers: one isolate has what {name} planted', dict(stream.isolates), ids):
            continue
        live, dead = ([g for g in groups if g['fate'] == fate] for fate in ('live', 'dead'))
        found = [(g['constructor'], in_isolate(stream, ids[0], g), g['count']) for g in groups]
        elsewhere = [(g['constructor'], count(stream, g)) for g in groups[1:] if count(stream, g) != in_isolate(stream, ids[0], g)]
        exact = results.check(all(n == planted for _, n, planted in found) and not elsewhere,
                              f'{version}: workers: planted classes of {name} are in its isolate: {len(groups)}', *found, *elsewhere)
        lost = [(g['constructor'], in_isolate(stream, ids[0], g, 'reachable_count')) for g in live
                if in_isolate(stream, ids[0], g, 'reachable_count') != g['count']]
        named = sum(in_isolate(stream, ids[0], g, 'reachable_count') for g in dead)
        told = results.check(not lost and named <= STACK_MAY_NAME,
                             f"{version}: workers: of {name} {sum(g['count'] for g in live)} live ones are reachable, {sum(g['count'] for g in dead)} dead ones garbage",
                             *lost, f'{named} dead ones told reachable')
        right += bool(exact and told)
    row['worker planted'] = f'{right} of {len(isolates)} isolates'
    return results, row


def growing(folder, version):
    """Three cores: the list that grows is named first; and of a program in which as much comes as goes, nothing."""
    results = Results()
    node = target.fetch(version)
    version = target.version_of(node)
    row = {'node': version}
    check_growth(results, version, three(node, folder), row)
    status, growth, said = three(node, folder, 'healthy')
    results.check(status == 0, f'{version}: older: a healthy program: nothing is named', said, *map(series.row_text, growth[:5]))
    row['healthy'] = 'silent' if status == 0 else 'named'
    return results, row
