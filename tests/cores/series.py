"""Three cores of one process through `heapscan a b c | heapdiff`: the planted class must stand on top."""
import json, os, pathlib, subprocess
import target
from stream import HEAPDIFF, HEAPSCAN, Run
from tap import Results

SAMPLES = pathlib.Path(__file__).resolve().parents[2] / 'samples'
PLANTED = {'sessions': 'Session', 'listeners': 'Connection', 'closures': 'Settings', 'requestlog': 'LogRecord', 'promises': 'Job',
           'lru': None}


def diff(cores, more=(), quick=True):
    """heapdiff's status and its growth rows by rank, and what both programs said."""
    scan = subprocess.Popen([HEAPSCAN, *(['--quick'] if quick else []), *more, *cores], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    run = Run(['--format=ndjson'], program=HEAPDIFF, stdin=scan.stdout)
    scan.stdout.close()
    said = scan.stderr.read().decode(errors='replace')
    scan.wait()
    rows = [json.loads(line) for line in run.output.decode().splitlines()]
    growth = sorted((r for r in rows if r['kind'] == 'growth'), key=lambda r: r['rank'])
    return run.status, growth, f'heapscan status {scan.returncode} {said[-300:]}; heapdiff {run.said()}'


def row_text(row):
    return f"{row['rank']}. {row.get('constructor')} {{{','.join(row.get('properties') or [])}}} {row.get('counts')} {row.get('bytes')}"


def take(node, program, folder, steps=3, flags=('--expose-gc',)):
    cores = []
    with target.Target(node, program, folder, flags=flags) as process:
        for k in range(1, steps + 1):
            process.wait_for(f'ready step {k}')
            cores.append(process.core(f'core.{k}'))
            process.go_on()
    return cores


def judge(results, name, planted, cores, more=()):
    status, growth, said = diff(cores, more)
    for core in cores:
        os.unlink(core)
    top = growth[0] if growth else {}
    shown = [row_text(r) for r in growth[:5]]
    if planted:
        results.check(status == 1 and top.get('constructor') == planted, f'{name}: {planted} stands on top', said, *shown)
    else:
        known = [r for r in growth if r.get('constructor') in ('Page', 'Cache')]
        results.check(status in (0, 1) and not known, f'{name}: nothing of the program itself grows', said, *shown)


def suspected(results, version, core):
    """One core: the Map that holds the sessions is suspected, and they are not suspected once more."""
    run = Run(['suspects', '--format=ndjson', '--index=never', core])
    rows = [json.loads(line) for line in run.output.decode().splitlines()]
    first = rows[0] if rows else {}
    results.check(first.get('subject') == 'object' and first.get('constructor') == 'Map' and 'variable sessions' in (first.get('path') or '')
                  and ' x Session (' in first['sentence'], f'{version}: the Map of sessions is the first suspect', run.said(), *rows[:3])
    results.check(all(r['constructor'] != 'Session' for r in rows), f'{version}: one cause, one suspect', *rows[:3])


def run(folder, version):
    results = Results()
    node = target.fetch(version)
    version = target.version_of(node)
    cores = take(node, str(SAMPLES / 'sessions.js'), folder)
    suspected(results, version, cores[-1])
    judge(results, f'{version}: sessions', 'Session', cores)
    return results, {'node': version, 'rank': 1}


def demo(folder, version):
    """The newcomer's first command, but for what it installs: its last word and its report."""
    results = Results()
    root, report = SAMPLES.parent, os.path.join(folder, 'report.html')
    run = subprocess.run([str(root / 'scripts' / 'demo')], cwd=root, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, timeout=300,
                         env={**os.environ, 'HEAPSCAN_NODE': target.fetch(version), 'DEMO_REPORT': report, 'TMPDIR': folder})
    said = run.stdout.decode(errors='replace')
    results.check(run.returncode == 0 and 'Session stands on top' in said, 'the demo finds its planted leak', said[-1500:])
    results.check(os.path.exists(report) and os.path.getsize(report) > 10000, 'the demo leaves a report', said[-300:])
    return results, None


def samples(folder, version):
    results = Results()
    node = target.fetch(version)
    for name, planted in PLANTED.items():
        if name != 'sessions':
            judge(results, f'{target.version_of(node)}: {name}', planted, take(node, str(SAMPLES / f'{name}.js'), folder))
    return results, None
