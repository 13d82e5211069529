"""Six nights of one program, a process and a core each: five are quiet, the sixth leaks. The history must be silent until then,
and must name the class and the night."""
import json, os, sqlite3
import target
from stream import HEAPDIFF, Run, scan
from tap import Results

NIGHTS = 6


def judge(history, snapshot, *options):
    """heapdiff's status, and its lines by kind."""
    run = Run(['-q', '--format=ndjson', '--store', history, '--last', '30', *options, snapshot], program=HEAPDIFF)
    lines = [json.loads(line) for line in run.output.decode().splitlines()]
    return run, {kind: [line for line in lines if line['kind'] == kind] for kind in ('change', 'history', 'history_verdict')}


def run(folder, version):
    results, planted = Results(), []
    node, history = target.fetch(version), os.path.join(folder, 'history')
    name = f'{target.version_of(node)}: nights'
    for night in range(1, NIGHTS + 1):
        with target.Target(node, 'nights.js', folder, flags=(), arguments=(str(night),)) as process:
            planted.append(int(process.wait_for('ready').split()[1]))
            core = process.core('core')
        snapshot = os.path.join(folder, f'{night}.hsnap')
        ran = scan(core, '-o', snapshot)
        os.unlink(core)
        if not results.check(ran.status == 0, f'{name}: the core of night {night} is complete', ran.said()):
            return results, None
        diff, lines = judge(history, snapshot)
        verdict = lines['history_verdict'][0] if lines['history_verdict'] else {}
        shown = [f"{c['verdict']} {c['constructor']} {c['counts']}" for c in lines['change'][:8]]
        if night < NIGHTS:
            want = 'insufficient' if night < 5 else 'steady'
            results.check(diff.status == 0 and verdict.get('result') == want, f'{name}: night {night} is {want}', diff.said(), *shown)
    top = next((c for c in lines['change'] if c['rank'] == 1), {})
    results.check(diff.status == 1 and top.get('constructor') == 'Session' and top.get('verdict') == 'jumped',
                  f'{name}: in night {NIGHTS} Session jumped, rank 1', diff.said(), *shown)
    results.check(top.get('counts') == planted, f'{name}: its numbers are the planted ones, night by night', top.get('counts'), planted)
    before = os.path.getsize(history)
    diff, again = judge(history, snapshot)
    results.check(again == lines and os.path.getsize(history) == before, f'{name}: the same snapshot again changes nothing', diff.said())
    with sqlite3.connect(history) as database:
        tables = [database.execute(f'SELECT count(*) FROM {table}').fetchone()[0] for table in ('night', 'snapshot')]
    results.check(tables == [NIGHTS, NIGHTS], f'{name}: six nights of one snapshot each', tables)
    return results, {'tested classes': lines['history'][0]['tested_classes'], 'changes': len(lines['change']),
                     'history': f'{before / 1e6:.1f} MB'}
