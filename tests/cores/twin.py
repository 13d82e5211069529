"""One heap, written twice: by V8, and by `heapscan export` from a core that was taken while V8 wrote its file (halt.c). Chrome DevTools' own code
and memlab load both; neither is ours. Their rows for classes must be equal within 0.1 %, but for what EXPLAINED_IN names. The edges of
both files are compared one by one (edges.py).
V8's file is then a source of heapscan as well, judged node by node by what DevTools says about the same file (retained.py)."""
import filecmp, json, os, pathlib, re, subprocess
import edges, retained, target
from stream import Run, scan
from tap import Results

ROOT = pathlib.Path(__file__).resolve().parents[2]
HALT = ROOT / os.environ.get('BUILD', 'build') / 'tests/cores/halt.so'
JUDGES = ('devtools', 'memlab')
FIGURES = ('count', 'self', 'retained')
LIMIT = {'count': 0.1, 'self': 0.1, 'retained': 0.1}   # per cent of the whole, all differences added up
# Node's own C++ objects, which V8 asks Node for (the export has those that are roots, graph/base_object.h), and the roots of its files.
EMBEDDER = re.compile(r'^(Detached )?(Node / |C\+\+ )|^\(synthetic\)$')
# By release, (judge, figure): per cent allowed instead, and why.
EXPLAINED_IN = {
    # "Node / Environment" leads to its "Node / CleanupQueue", that to every "Node / ModuleWrap" and so to their wrappers, whose handles are
    # weak: without these edges of V8's file memlab finds in it what it finds in ours (0.527 % of 0.527 %). Our export has only Node's objects
    # that are roots.
    r'18\.(1[2-9]|2\d)\.': {('memlab', 'retained'): 0.6},
}


def install():
    """Folder of the judges, and a Node that can run them; both installed if need be."""
    run = subprocess.run([ROOT / 'tests' / 'oracles' / 'install'], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=600)
    if run.returncode:
        raise target.TargetError('tests/oracles/install: ' + run.stderr.decode(errors='replace').strip()[-500:])
    return pathlib.Path(run.stdout.decode().strip()), target.fetch('22')


def ask(oracles, judge, path):
    folder, node = oracles
    run = subprocess.run([node, '--max-old-space-size=4000', folder / f'{judge}.cjs', path], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, timeout=300)
    if run.returncode:
        raise target.TargetError(f'{judge}: ' + run.stderr.decode(errors='replace').strip()[-500:])
    return json.loads(run.stdout)


def without_stack(path):
    """A copy without what "(Stack roots)" lists. V8 knows which words of a frame are references; we read every word, and in the
    frames of the call that writes the snapshot old ones are left: on 26.10.0 a listener of the console, 0.1 % of what classes retain."""
    with open(path, encoding='utf-8', errors='surrogatepass') as file:
        data = json.load(file)
    meta, nodes, edges = data['snapshot']['meta'], data['nodes'], data['edges']
    width, count_at, at = len(meta['node_fields']), meta['node_fields'].index('edge_count'), 0
    name_at, group = meta['node_fields'].index('name'), data['strings'].index('(Stack roots)')
    for node in range(0, len(nodes), width):
        count = 3 * nodes[node + count_at]
        if nodes[node + name_at] == group:
            del edges[at:at + count]
            nodes[node + count_at] = 0
            data['snapshot']['edge_count'] -= count // 3
        else:
            at += count
    out = path.replace('.heapsnapshot', '.stackless.heapsnapshot')
    with open(out, 'w') as file:
        json.dump(data, file)
    return out


def allowed(version, judge, figure):
    limit = LIMIT[figure]
    for pattern, more in EXPLAINED_IN.items():
        if re.match(pattern, version):
            limit = max(limit, more.get((judge, figure), 0))
    return limit


def compare(results, version, judge, theirs, ours, limits=None):
    nothing = dict.fromkeys(FIGURES, 0)
    rows = set()
    for key in set(theirs['rows']) | set(ours['rows']):
        row = theirs['rows'].get(key) or ours['rows'][key]
        if not EMBEDDER.match(row.get('name', key.partition(' ')[2])):
            rows.add(key)
    said = []
    for figure in FIGURES:
        def apart(key):
            return abs(theirs['rows'].get(key, nothing)[figure] - ours['rows'].get(key, nothing)[figure])
        whole, sum_apart = sum(theirs['rows'].get(key, nothing)[figure] for key in rows), sum(map(apart, rows))
        share = 100 * sum_apart / whole
        limit = limits[FIGURES.index(figure)] if limits else allowed(version, judge, figure)
        worst = sorted(rows, key=apart, reverse=True)[:8]
        results.check(share <= limit, f'{version}: {judge}: {figure} of {len(rows)} classes: {share:.3f} % apart (limit {limit} %)',
                      *[f"  {key}: {theirs['rows'].get(key, nothing)[figure]} by V8, {ours['rows'].get(key, nothing)[figure]} by us" for key in worst if apart(key)])
        said.append(f'{share:.3f}')
    return ' / '.join(said) + ' %'


def check_threads(results, version, core, ours, numbers):
    """The file is the same, byte for byte, whoever wrote it."""
    apart = []
    for threads in '1', '5':
        ran = Run(['export', *numbers, '-j', threads, core, '-o', ours + threads])
        if ran.status or not filecmp.cmp(ours, ours + threads, shallow=False):
            apart.append(f'-j{threads}: status {ran.status}')
        os.unlink(ours + threads)
    results.check(not apart, f'{version}: export: the same bytes with any number of threads', *apart)


def check_secrets(results, version, oracles, core, folder, ours):
    path = os.path.join(folder, 'redacted.heapsnapshot')
    ran = Run(['export', '--redact', core, '-o', path])
    text = pathlib.Path(path).read_bytes() if ran.status == 0 else b''
    leaked = [secret for secret in (b'owner 77', b'text of 70', b'opened', b'a+b') if secret in text]
    told = ask(oracles, 'devtools', path) if text else {}
    results.check(text and not leaked and b'Account' in text and told.get('total') == ours['total'],
                  f'{version}: --redact: no contents of strings, names kept, the same bytes', leaked, ran.said())
    again = os.path.join(folder, 'again.heapsnapshot')
    ran = Run(['export', '--redact', os.path.join(folder, 'twin.heapsnapshot'), '-o', again])
    text = pathlib.Path(again).read_bytes() if ran.status == 0 else b''
    leaked = [secret for secret in (b'owner 77', b'text of 70', b'opened', b'a+b') if secret in text]
    results.check(text and not leaked and b'Account' in text, f"{version}: --redact of V8's own file", leaked, ran.said())


def check_garbage(results, version, oracles, core, folder):
    path = os.path.join(folder, 'garbage.heapsnapshot')
    ran = Run(['export', '--garbage', core, '-o', path])
    told = ask(oracles, 'devtools', path) if ran.status == 0 else {}
    dead = sum(c['count'] for c in scan(core).stream().classes if c['type'] == 'object' and c['constructor'] == 'Fleeting' and c['properties'])
    rows = sum(row['count'] for row in told.get('rows', {}).values() if row['name'] == 'Fleeting')
    results.check(dead >= 400 and rows in (dead, dead + 1), f'{version}: --garbage: DevTools shows {rows} dead objects of {dead} found', ran.said())
    back = scan(path).stream()
    alive = sum(c['reachable_count'] for c in back.classes if c['constructor'] == 'Fleeting' and c['properties'])
    results.check(alive <= 2, f'{version}: --garbage: read back, they are dead still: {alive} alive')


def run(folder, version):
    results = Results()
    oracles = install()
    node = target.fetch(version)
    version = target.version_of(node)
    with target.Target(node, 'twin.js', folder, env={'LD_PRELOAD': str(HALT), 'HALT_AT': '/twin.heapsnapshot'}) as process:
        process.wait_for('ready')
        before = process.core('before')     # the snapshot's collection takes what is dead
        process.go_on()
        process.wait_for('halted')
        core = process.core('core')
        process.go_on()
        process.wait_for('written')
    theirs, ours = os.path.join(folder, 'twin.heapsnapshot'), os.path.join(folder, 'ours.heapsnapshot')
    # Node 18 can write numbers through the inspector only.
    numbers = [] if b'smi number' in pathlib.Path(theirs).read_bytes() else ['--no-numbers']
    ran = Run(['export', *numbers, core, '-o', ours])
    if not results.check(ran.status == 0, f'{version}: twin: export', ran.said()):
        return results, None
    check_threads(results, version, core, ours, numbers)
    row, told = {}, {}
    for judge in JUDGES:
        told[judge] = [ask(oracles, judge, path if judge == 'devtools' else without_stack(path)) for path in (theirs, ours)]
        row[f'{judge}: count / shallow / retained apart'] = compare(results, version, judge, *told[judge])
    nodes, bytes_of = retained.check_every(results, version, theirs, told['devtools'][0]['every'])
    equal, matched = retained.check_largest(results, version, nodes, bytes_of, core, ours)
    row['of the largest nodes'] = f'{equal} of {matched} retain the same'
    row['edges of V8 / of ours found in the other'] = edges.compare(results, version, theirs, ours)
    check_secrets(results, version, oracles, core, folder, told['devtools'][1] if numbers == [] else ask(oracles, 'devtools', ours))
    check_garbage(results, version, oracles, before, folder)
    return results, row
