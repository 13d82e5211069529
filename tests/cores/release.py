"""One Node release: a core of workloads/everything.js against planted truth and V8's words about the same process."""
import json, os, pathlib
import compare, target
from stream import Run, scan
from tap import Results
from v8snapshot import V8Snapshot


def capture(node, folder, workload='everything.js', k=1, flags=('--expose-gc',)):
    """Runs the workload to its checkpoint; returns the path of the core. The truth files stand beside it."""
    with target.Target(node, workload, folder, flags=flags) as process:
        process.wait_for(f'ready {k}')
        core = process.core(f'core.{k}')
        process.go_on()
        process.wait_for('end', 400)
    return core


# Until V8 9.6 what a class extends names its objects, where that has a Symbol.toStringTag.
NAMED_BY_TAG = {'Registry': 'Map', 'Titles': 'Map', 'Marks': 'Set', 'Deferred': 'Promise'}


# Before Node 18: what else the calls that write the truth make, and what a release does not say.
OLD_EXPLAINED = {**compare.EXPLAINED, 'Object': (3, 5, 'options and statistics, in Node 12')}
OLD_SPACE_EXPLAINED = {**compare.SPACE_EXPLAINED, 'map_space': (1 << 11, 'maps of the objects that the answers are')}
UNNAMED_EXPLAINED = {**OLD_EXPLAINED, 'Object': (27, 5, "suspended async functions: Node 13's V8 names no types of generators"),
                     'Generator': (0, 24, 'the same')}


def old_explained(version):
    return UNNAMED_EXPLAINED if version.startswith('13.') else OLD_EXPLAINED


def truth_of(folder, name):
    folder = pathlib.Path(folder)
    truth = json.loads((folder / f'truth{name}.1.json').read_text())
    if int(truth['node'].lstrip('v').split('.')[0]) < 18:
        for group in truth['groups']:
            if group['constructor'] in NAMED_BY_TAG:
                group.update(constructor=NAMED_BY_TAG[group['constructor']], at_least=not group['properties'])
    return truth, V8Snapshot(folder / f'snap{name}.1.heapsnapshot')


def judge(results, version, stream, areas, folder, row, twin=False, old=False):
    """Both isolates of everything.js against the truth in `folder`; summaries go into `row`. `twin`: the truth is another process's.
    `old`: before Node 18, where the snapshot throws away bytecode that the core still has, so node types are not compared."""
    for role, name in (('main', ''), ('worker', '-worker')):
        ids = stream.isolates[role]
        if not results.check(len(ids) == 1, f'{version}: one {role} isolate', dict(stream.isolates)):
            continue
        truth, v8 = truth_of(folder, name)
        main, outcomes = role == 'main', [
            ('planted', 'planted classes', compare.planted(stream, ids[0], truth['groups'], v8)),
            ('constructors', 'objects by constructor', compare.constructors(stream, ids[0], v8, old_explained(version) if old else compare.EXPLAINED)),
            ('spaces', 'bytes per space', compare.spaces(stream, ids[0], truth['spaces'], areas, twin=twin,
                                                         explained=OLD_SPACE_EXPLAINED if old else compare.SPACE_EXPLAINED)),
            ('external', 'external bytes', compare.external(stream, ids[0], v8, twin=twin or old))]
        if main and not old:    # objects of the shared read-only space are counted with the first isolate only
            outcomes.append(('types', 'node types', compare.node_types(stream, ids[0], v8, twin=twin)))
        for key, title, outcome in outcomes:
            passed, summary, wrong = outcome
            results.check(passed, f'{version}: {role}: {title}: {summary}', *wrong[:40])
            if main:
                row[key] = summary
            else:
                row[f'worker {key}'] = summary


# Of these every verb is asked with one thread and with several.
THREADED = ('18.0.0', '22.12.0', '26.0.0')


def threads_agree(results, version, core, stream, folder):
    """Whatever is asked, the number of threads does not show in the answer; nor does an index."""
    biggest = max((c for c in stream.classes if c['sample'] and c['constructor'] and c['reachable_count']), key=lambda c: c['retained_bytes'])
    environment = {'XDG_CACHE_HOME': str(folder)}
    questions = [['--format=ndjson', core], ['--format=table', core], ['--list', '-c', biggest['constructor'], '--reachable', core],
                 ['path', core, biggest['sample']], ['retainers', core, biggest['sample']], ['dominators', core],
                 ['dominators', '--folded', core], ['dominators', core, biggest['sample']], ['suspects', core]]
    answers = {}
    for way in (['-j1', '--index=never'], ['-j2', '--index=never'], ['-j5', '--index=never'], ['-j2']):
        for question in questions:
            ran = Run(question[:-1] + way + question[-1:] if question[0].startswith('-') else [question[0], *way, *question[1:]], environment=environment)
            known = answers.setdefault(' '.join(question[:-1]), ran)
            same = ran.status == 0 and ran.output and ran.output == known.output
            results.check(same, f'{version}: {" ".join(q for q in question if q[0] not in "/@")}: {" ".join(way)} answers as -j1 does', not same and ran.said())
    exports = []
    for threads in ('-j1', '-j2'):
        path = pathlib.Path(folder) / f'export{threads}.heapsnapshot'
        ran = Run(['export', threads, '--index=never', core, '-o', str(path)])
        exports.append(path.read_bytes() if ran.status == 0 else b'')
        path.unlink(missing_ok=True)
    results.check(len(exports[0]) > 1 << 20 and exports[0] == exports[1], f'{version}: export: -j2 writes what -j1 does')


def run(folder, version, thorough):
    results = Results()
    node = target.fetch(version)
    version = target.version_of(node)
    core = capture(node, folder)
    # Before 18 the snapshot to nowhere leaves more garbage than it takes: there what is reachable is compared.
    old = int(version.split('.')[0]) < 18
    ran = scan(core, '-j1', '-v', *(() if old else ('--quick',)))
    row = {'node': version, 'seconds': '' if old else f'{ran.cpu:.2f} s'}
    if not results.check(ran.status == 0, f'{version}: heapscan reads the core and finds it complete', ran.said()):
        if ran.status != 1:
            return results, row
    stream, areas = ran.stream(), compare.open_areas(ran.errors)
    row['v8'] = stream.header.get('v8')
    results.check(stream.header.get('node') == version, f'{version}: the header names the release', stream.header)
    results.check(stream.trailer and stream.trailer['complete'], f'{version}: the trailer says complete', stream.trailer)
    rejects = sum(r['count'] for r in stream.lines['reject'])
    row['rejected'] = f'{stream.rejected} B'
    results.check(stream.rejected == 0 and rejects == 0, f'{version}: nothing is rejected', stream.lines['reject'],
                  [s for s in stream.lines['space'] if s['rejected']])
    if old:
        stream.leave_garbage_out()
    judge(results, version, stream, areas, folder, row, old=old)
    if thorough:
        again = scan(core, '-j2', *(() if old else ('--quick',)))
        results.check(again.output == ran.output, f'{version}: two threads give the same bytes as one', again.said())
    if thorough and version in THREADED:
        threads_agree(results, version, core, scan(core, '-j1', '--index=never').stream(), folder)
    os.unlink(core)
    return results, row
