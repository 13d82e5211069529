"""What is alive and who holds it: planted live and dead objects, the paths to them, the export, a second query."""
import collections, json, os
import layout, target
from stream import Run, scan
from tap import Results

HELD = {'HeldByGlobal': 300, 'HeldByClosure': 200, 'HeldByMap': 150, 'HeldByTimer': 40, 'HeldByPromise': 30, 'HeldByKey': 60,
        'HeldByStack': 20, 'HeldLink': 40, 'HeldAsHoldings': 25, 'HeldForDead': 25, 'HeldDeep': 50}
DEAD = ['DeadOld', 'DeadChild', 'DeadCycle', 'DeadYoung', 'DeadWeakly', 'DeadPair', 'DeadLink', 'DeadInSet', 'DeadTarget']
# A word on the stack or in a register may still name a dead object: the one made last, or one on the way to it.
STACK_MAY_NAME = 2
# What a release before 14.6, which has no WeakRef and no FinalizationRegistry, cannot plant.
BY_REFS = ('HeldAsHoldings', 'HeldForDead', 'DeadWeakly', 'DeadTarget')
SCRIPTS = 20
HOLDERS = {'HeldByGlobal': 'heldList', 'HeldByClosure': 'listOfClosure', 'HeldByMap': 'sessions'}


def objects(stream, name):
    return [c for c in stream.classes if c['type'] == 'object' and c['constructor'] == name and c['properties']]


def check_paths(results, version, core, stream):
    for name, holder in HOLDERS.items():
        sample = objects(stream, name)[0]['sample']
        ran = Run(['path', '--max', '1', core, sample])
        results.check(ran.status == 0 and holder in ran.output.decode(), f'{version}: the path to {name} names {holder}',
                      ran.said(), ran.output.decode()[-1500:])


def check_under_way(results, version, stream):
    """Work under way names what it holds by shorter paths; the tree takes the one that lasts."""
    key = objects(stream, 'HeldDeep')[0]['key']
    above = {p['id']: p for p in stream.lines['path']}
    places = []
    for path in [p for p in stream.lines['path'] if p['class'] == key]:
        edges = []
        while path:
            edges.insert(0, path['edge'])
            path = above.get(path['parent'])
        places.append(' / '.join(edges))
    wanted = 'variable floor / room / rack / shelf / box / [x]'
    results.check(places and all(place.endswith(wanted) for place in places),
                  f'{version}: what work under way names is told by the path that lasts', *places)


def check_export(results, version, core, folder, stream, held):
    path = os.path.join(folder, 'out.heapsnapshot')
    ran = Run(['export', core, '-o', path])
    if not results.check(ran.status in (0, 1) and os.path.exists(path), f'{version}: export', ran.said()):
        return
    with open(path, encoding='utf-8', errors='surrogatepass') as file:
        document = json.load(file)
    meta, nodes, strings = document['snapshot']['meta'], document['nodes'], document['strings']
    fields = len(meta['node_fields'])
    results.check(len(nodes) == fields * document['snapshot']['node_count'] and
                  len(document['edges']) == 3 * document['snapshot']['edge_count'], f'{version}: its counts are its arrays\'')
    kind, name = meta['node_fields'].index('type'), meta['node_fields'].index('name')
    object_type, code_type = (meta['node_types'][0].index(t) for t in ('object', 'code'))
    counts, scripts = {}, collections.Counter()
    for at in range(0, len(nodes), fields):
        if nodes[at + kind] == object_type:
            text = strings[nodes[at + name]]
            counts[text] = counts.get(text, 0) + 1
        elif nodes[at + kind] == code_type:
            scripts[strings[nodes[at + name]].rpartition('-')[0]] += 1
    # Some older releases (18.0.0, 20.0.0) hold it by a strong handle, until a collection has met the dead wrapper.
    traced = int(version.partition('.')[0]) >= 24
    results.check(scripts['held-by-wrapper'] == SCRIPTS and (not traced or scripts['dead-with-wrapper'] <= STACK_MAY_NAME),
                  f'{version}: what the wrapper of a vm.Script holds is exported if it lives: {scripts["held-by-wrapper"]} of {SCRIPTS}, '
                  f'{scripts["dead-with-wrapper"]} dead ones')
    # A prototype carries its class's name as well.
    wrong = [f'{n}: {counts.get(n)} in the export, {c} planted' for n, c in held.items() if counts.get(n) not in (c, c + 1)]
    wrong += [f'{n}: {counts[n]} dead ones exported' for n in DEAD if counts.get(n, 0) > 1 + STACK_MAY_NAME]
    results.check(not wrong, f'{version}: the export holds the live ones only', *wrong)
    again = scan(path)
    imported = {n: sum(c['count'] for c in objects(again.stream(), n)) for n in held}
    results.check(imported == held, f'{version}: the export read back', imported)


def planted(said):
    """What alive.js has planted that says `said`: the live ones with their numbers, the dead ones."""
    left = BY_REFS if said.endswith('without WeakRef') else ()
    return {n: c for n, c in HELD.items() if n not in left}, [n for n in DEAD if n not in left]


def judge(results, version, stream, chain_is_one=False, said='ready'):
    """Planted live objects told reachable, planted dead ones garbage. Returns both counts in words. `chain_is_one`: DeadLinks
    hang on one another, so one word of the stack may keep many; they count as one (words of 4 bytes: i386's stack has more
    stale ones, seen in 1 of 4 runs)."""
    held, dead_names = planted(said)
    live = {n: sum(c['reachable_count'] for c in objects(stream, n)) for n in held}
    results.check(live == held, f'{version}: planted live objects told reachable: {sum(live.values())} of {sum(held.values())}', live)
    found = {n: sum(c['count'] for c in objects(stream, n)) for n in dead_names}
    dead = {n: sum(c['reachable_count'] for c in objects(stream, n)) for n in dead_names}
    named = sum(min(n, 1) if chain_is_one and name == 'DeadLink' else n for name, n in dead.items())
    results.check(all(found.values()) and named <= STACK_MAY_NAME,
                  f'{version}: planted dead objects told garbage: {sum(found.values()) - sum(dead.values())} of {sum(found.values())}',
                  f'found {found}', f'told reachable {dead}')
    bad = [c for c in stream.classes if c['reachable_count'] > c['count'] or c['reachable_bytes'] > c['bytes']]
    results.check(not bad, f'{version}: reachable is never more than found', *[c['constructor'] for c in bad[:5]])
    return (f'{sum(live.values())} of {sum(held.values())} live, '
            f'{sum(found.values()) - sum(dead.values())} of {sum(found.values())} dead')


def run(folder, version):
    results = Results()
    node = target.fetch(version)
    version = target.version_of(node)
    with target.Target(node, 'alive.js', folder) as process:
        said = process.wait_for('ready')
        core = process.core('core')
        process.go_on()
    ran = scan(core)
    if not results.check(ran.status == 0, f'{version}: alive: complete', ran.said()):
        return results, None
    stream = ran.stream()
    row = {'node': version, 'reachability': judge(results, version, stream, said=said), 'ephemerons': 'yes'}
    if planted(said)[0] == HELD:
        row['weak references'] = 'yes'
    check_paths(results, version, core, stream)
    check_under_way(results, version, stream)
    check_export(results, version, core, folder, stream, planted(said)[0])
    row.update(paths='yes', export='yes')
    layout.check(results, version, Run(['--explain-layout', core]))
    dead_sample = objects(stream, 'DeadChild')[0]['sample']
    ran = Run(['path', core, dead_sample])
    results.check('garbage' in ran.output.decode(), f'{version}: the path to a dead object says so', ran.output.decode()[-300:])
    return results, row


def imports(folder, version):
    """A path that leads through an imported variable names it."""
    results = Results()
    node = target.fetch(version)
    with target.Target(node, 'imports.mjs', folder) as process:
        process.wait_for('ready')
        core = process.core('core')
        process.go_on()
    stream = scan(core).stream()
    held = objects(stream, 'ItemOfShelf')
    ran = Run(['path', '--max', '1', core, held[0]['sample']]) if held else None
    text = ran.output.decode() if ran else ''
    results.check(held and sum(c['reachable_count'] for c in held) == 100, f'{version}: what an ES module imports is reachable', held)
    results.check('variable shelf' in text and '(slot' not in text and 'system / Cell' not in text,
                  f'{version}: the path names the imported variable', text[-1500:])
    return results, None
