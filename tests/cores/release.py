"""One Node release: a core of workloads/everything.js against planted truth and V8's words about the same process."""
import json, os, pathlib
import compare, target
from stream import scan
from tap import Results
from v8snapshot import V8Snapshot


def capture(node, folder, workload='everything.js', k=1):
    """Runs the workload to its checkpoint; returns the path of the core. The truth files stand beside it."""
    with target.Target(node, workload, folder) as process:
        process.wait_for(f'ready {k}')
        core = process.core(f'core.{k}')
        process.go_on()
        process.wait_for('end', 400)
    return core


def truth_of(folder, name):
    folder = pathlib.Path(folder)
    truth = json.loads((folder / f'truth{name}.1.json').read_text())
    return truth, V8Snapshot(folder / f'snap{name}.1.heapsnapshot')


def judge(results, version, stream, areas, folder, row, twin=False):
    """Both isolates of everything.js against the truth in `folder`; summaries go into `row`. `twin`: the truth is another process's."""
    for role, name in (('main', ''), ('worker', '-worker')):
        ids = stream.isolates[role]
        if not results.check(len(ids) == 1, f'{version}: one {role} isolate', dict(stream.isolates)):
            continue
        truth, v8 = truth_of(folder, name)
        main, outcomes = role == 'main', [
            ('planted', 'planted classes', compare.planted(stream, ids[0], truth['groups'], v8)),
            ('constructors', 'objects by constructor', compare.constructors(stream, ids[0], v8)),
            ('spaces', 'bytes per space', compare.spaces(stream, ids[0], truth['spaces'], areas, twin=twin)),
            ('external', 'external bytes', compare.external(stream, ids[0], v8, twin=twin))]
        if main:    # objects of the shared read-only space are counted with the first isolate only
            outcomes.append(('types', 'node types', compare.node_types(stream, ids[0], v8, twin=twin)))
        for key, title, outcome in outcomes:
            passed, summary, wrong = outcome
            results.check(passed, f'{version}: {role}: {title}: {summary}', *wrong[:40])
            if main:
                row[key] = summary
            else:
                row[f'worker {key}'] = summary


def run(folder, version, thorough):
    results = Results()
    node = target.fetch(version)
    version = target.version_of(node)
    core = capture(node, folder)
    ran = scan(core, '--quick', '-j1', '-v')
    row = {'node': version, 'seconds': f'{ran.cpu:.2f} s'}
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
    judge(results, version, stream, areas, folder, row)
    if thorough:
        again = scan(core, '--quick', '-j2')
        results.check(again.output == ran.output, f'{version}: two threads give the same bytes as one', again.said())
    os.unlink(core)
    return results, row
