"""Our export of an older release against V8's own file of the same process, both loaded by Chrome DevTools' code and by memlab:
rows of classes compared as twin.py compares them for newer releases.

Allowed is more than there: the snapshot call itself makes objects, through the inspector (Node 8 to 10) or by compiling what it
runs for the first time, and the process is small."""
import os
import older, target, twin
from stream import Run
from tap import Results

# Per cent apart that are allowed, all differences added up: (count, self, retained) by judge.
LIMIT = {'devtools': (0.5, 0.5, 1), 'memlab': (0.5, 0.5, 0.5)}


def run(folder, version):
    results, row = Results(), {}
    oracles = twin.install()
    node = target.fetch(version)
    version = target.version_of(node)
    with target.Target(node, 'older.js', folder, arguments=('1',)) as process:
        process.wait_for('ready step 1')
        core = process.core('core')
        process.go_on()
        process.wait_for('end', 200)
    theirs, ours = os.path.join(folder, 'snap.heapsnapshot'), os.path.join(folder, 'ours.heapsnapshot')
    ran = Run(['export', '--no-numbers', core, '-o', ours])
    os.unlink(core)
    if not results.check(ran.status == 0, f'{version}: older twin: export', ran.said()):
        return results, None
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
