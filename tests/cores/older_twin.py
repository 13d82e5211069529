"""Our export of an older release against V8's own file of the same process, both loaded by Chrome DevTools' code and by memlab:
rows of classes compared as twin.py compares them for newer releases, in a core that was taken while V8 wrote its file (halt.c).

What V8's snapshot to Node 16 shows as held by feedback is given its true kind first (feedback.py); where it has no locations of
classes, to Node 10, DevTools is shown ours without them. Allowed by DevTools is more than there: it names plain objects by their
properties, and symbols among them V8 names from Node 15 on only."""
import json, os
import feedback, target, twin
from stream import Run
from tap import Results

# Per cent apart that are allowed, all differences added up: (count, self, retained) by judge.
LIMIT = {'devtools': (0.5, 0.5, 1), 'memlab': (0.5, 0.5, 0.5)}


def without_locations(path):
    with open(path, encoding='utf-8', errors='surrogatepass') as file:
        document = json.load(file)
    document['locations'] = []
    with open(path, 'w', encoding='utf-8', errors='surrogatepass') as file:
        json.dump(document, file, ensure_ascii=False)


def run(folder, version):
    results, row = Results(), {}
    oracles = twin.install()
    node = target.fetch(version)
    version = target.version_of(node)
    with target.Target(node, 'older.js', folder, arguments=('1',), env={'LD_PRELOAD': str(twin.HALT), 'HALT_AT': '/snap.heapsnapshot'}) as process:
        process.wait_for('ready step 1')
        process.go_on()
        process.wait_for('halted')
        core = process.core('core')
        process.go_on()
        process.wait_for('end', 200)
    theirs, ours = os.path.join(folder, 'snap.heapsnapshot'), os.path.join(folder, 'ours.heapsnapshot')
    ran = Run(['export', '--no-numbers', core, '-o', ours])
    os.unlink(core)
    if not results.check(ran.status == 0, f'{version}: older twin: export', ran.said()):
        return results, None
    if 10 < int(version.split('.')[0]) < 17:
        feedback.weaken(theirs, theirs)
    with open(theirs, encoding='utf-8', errors='surrogatepass') as file:
        if not json.load(file).get('locations'):
            without_locations(ours)
    for judge in twin.JUDGES:
        try:
            told = twin.ask(oracles, judge, ours)
        except target.TargetError as error:
            results.check(False, f'{version}: {judge} loads our export', error)
            continue
        try:
            said = twin.ask(oracles, judge, theirs)
        except target.TargetError as error:     # a file that the judge cannot read is no truth
            results.skip(f'{version}: {judge}', f"it cannot load V8's own file: {str(error)[:200]}")
            continue
        row[f'{judge}: count / shallow / retained apart'] = twin.compare(results, version, judge, said, told, LIMIT[judge])
    return results, row
