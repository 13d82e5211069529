"""Workloads and truth of a kit outside the repository, where there is one: programs that heapscan's authors did not write.

EVALKIT names the folder, else ../shared/evalkit beside the repository is taken. Its capture.sh makes core.1,
planted.1.json, mem.1.json and snap.1.heapsnapshot."""
import json, os, pathlib, subprocess
import compare, target
from stream import scan
from tap import Results
from v8snapshot import V8Snapshot

WORKLOADS = ['plain', 'garbage']
# As in compare.py, for what the kit's own code leaves.
EXPLAINED = {
    **compare.EXPLAINED,
    'Array': (24, 3, "garbage of the kit's writeSync and readSync; the calls that write the truth"),
    'Buffer': (2, 0, 'the line that the kit writes, twice'),
    'Object': (12, 16, 'garbage of the same calls; statistics that the kit takes before the snapshot'),
    'Error': (0, 1, 'made by the calls that write the truth'),
    'system / Context': (0, 1, 'of the running truth code'),
}


def find(root):
    folder = pathlib.Path(os.environ.get('EVALKIT') or root.parent / 'shared' / 'evalkit')
    return str(folder) if (folder / 'capture.sh').exists() else None


def groups_of(planted):
    """The kit's groups in our words; those whose name is a matter of taste are looked up in V8's snapshot."""
    for g in planted['groups']:
        taste = g.get('any_ctor') or g.get('anonymous') or g['ctor'] == '' or g['ctor'] == 'ns.Member'
        yield {'type': g.get('type', 'object'), 'constructor': None if taste else g['ctor'], 'properties': g['props'],
               'count': g['count'], 'at_least': g.get('at_least'), 'role': g.get('role')}


def run(folder, evalkit, version, workload):
    results = Results()
    node = target.fetch(version)
    version = target.version_of(node)
    out = os.path.join(folder, 'out')
    made = subprocess.run([os.path.join(evalkit, 'capture.sh'), node, os.path.join(evalkit, 'workloads', workload + '.js'), out],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=dict(os.environ, TIMEOUT='400', NATIVES='0'))   # printing addresses would make garbage
    if not results.check(made.returncode == 0, f'{version}: {workload}: captured', made.stdout.decode(errors='replace')[-500:]):
        return results, None
    ran = scan(os.path.join(out, 'core.1'), '--quick')
    if not results.check(ran.status == 0, f'{version}: {workload}: heapscan finds the core complete', ran.said()):
        return results, None
    stream = ran.stream()
    v8 = V8Snapshot(os.path.join(out, 'snap.1.heapsnapshot'))
    with open(os.path.join(out, 'planted.1.json')) as file:
        groups = list(groups_of(json.load(file)))
    main = stream.isolates['main'][0]
    if workload == 'garbage':
        # Dead objects that no collection has met yet are found as well; optimised code may have made fewer young ones.
        for g in groups:
            g['at_least'] = None
    passed, summary, wrong = compare.planted(stream, main, groups, v8)
    results.check(passed, f'{version}: {workload}: planted classes: {summary}', *wrong[:40])
    row = {'planted': summary}
    results.check(stream.rejected == 0, f'{version}: {workload}: nothing is rejected', stream.lines['reject'])
    if workload == 'plain':
        passed, summary, wrong = compare.constructors(stream, main, v8, EXPLAINED)
        results.check(passed, f'{version}: {workload}: objects by constructor: {summary}', *wrong[:40])
        row['constructors'] = summary
    return results, row
