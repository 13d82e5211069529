"""Ways to leak, and healthy programs that look as if they leaked (workloads/growth.js): what does heapdiff say?

Many leaks run in one process, each of which must be a finding of its own with the right class or holder, in every one of
six and of three captures, and of two as growth. One leak beside healthy loads must be rank 1. Healthy programs alone:
exit status 0 and nothing that is growing, after six captures."""
import json, os, subprocess
import target
from stream import HEAPDIFF, HEAPSCAN
from tap import Results

CAPTURES = 6
# What the finding must name: its class, or a part of its holder's path.
EXPECT = {
    'map': 'CacheEntry', 'array': 'LeakNode', 'table': 'variable queues', 'symbols': 'variable marks', 'numbers': 'variable samples',
    'integers': 'variable counts', 'numbermap': 'variable hits', 'numberset': 'variable seen', 'rope': 'variable recorder',
    'document': 'variable state', 'texts': 'variable lines', 'slices': 'variable ids', 'headers': 'Header',
    'onebuffer': 'variable received', 'typed': 'variable series', 'buffers': 'variable chunks', 'listeners': 'variable store._events.change',
    'process': 'Shutdown', 'signals': 'Upload', 'intervals': 'Widget', 'timeouts': 'Retry', 'promises': 'Job',
    'race': 'variable stop', 'closures': 'variable undo', 'chain': 'BigThing', 'list': 'State', 'tree': 'Leaf', 'queue': 'Message',
    'storage': 'RequestStore', 'scripts': 'variable compiled', 'weakkeys': 'Node3', 'hidden': 'Order', 'errors': 'JobError',
    'dates': 'variable stamps', 'regexps': 'variable rules', 'bigints': 'variable ledger', 'generators': 'variable tasks',
    'suspended': 'Rpc', 'proxies': 'variable observed', 'literals': 'variable history', 'parsed': 'variable docs',
    'tenants': 'Event1', 'twomaps': 'Session', 'modules': 'Module', 'finalizers': 'Handle', 'urls': 'URL', 'slow': 'variable lost',
    'inherited': 'variable User.__proto__.made', 'accessor': 'variable view.get rows variable rows',
    'patched': 'variable mailer.__proto__.send variable calls', 'contexts': 'variable sandboxes',
}
# What the same holder gathers by the same step is one finding: `intervals`, `timeouts` and, where stores of
# AsyncLocalStorage hang on timers, `storage` stand apart.
LEAKS = [
    'map table numbers rope listeners timeouts chain tree errors slow headers twomaps',
    'array symbols integers document process list storage generators literals onebuffer finalizers hidden',
    'numbermap numberset texts slices typed signals promises race closures queue scripts weakkeys contexts',
    'intervals dates regexps bigints suspended proxies parsed tenants modules urls buffers inherited accessor patched',
]
HEALTHY = [
    'lru pool templates warmup burst sessions inflight memo',
    'coupons ring swap counters sawtooth builder backlog subscribers',
    'timers settled replace weak weakrefs chunks rehash lists',
]
# One leak each, beside loads that come and go.
NOISY = ['map inflight sawtooth lru', 'chain coupons backlog replace', 'numbers sessions builder swap', 'slow timers memo lists',
         'table subscribers weakrefs chunks', 'suspended inflight sessions sawtooth']


def take(node, names, folder, permute=False):
    """One snapshot a capture, as bytes. `permute`: whether threads, locale or time zone change a byte is checked too."""
    cores = []
    with target.Target(node, 'growth.js', folder, arguments=('+'.join(names),)) as process:
        for k in range(1, CAPTURES + 1):
            process.wait_for(f'ready step {k}')
            cores.append(process.core(f'core.{k}'))
            process.go_on()
    run = subprocess.run([HEAPSCAN, *cores], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    same = True
    if permute:
        for threads, changes in (('1', {'LC_ALL': 'de_DE.UTF-8', 'TZ': 'Asia/Kathmandu'}), ('2', {'LC_ALL': 'tr_TR.UTF-8'}), ('3', {'LC_ALL': 'C'})):
            again = subprocess.run([HEAPSCAN, '--index=never', '-j', threads, cores[-1]], stdout=subprocess.PIPE, env={**os.environ, **changes}).stdout
            same &= again != b'' and run.stdout.endswith(again)
    for core in cores:
        os.unlink(core)
    snapshots = run.stdout.split(b'{"kind":"header"')[1:]
    return [b'{"kind":"header"' + s for s in snapshots], same, f'heapscan status {run.returncode} {run.stderr.decode(errors="replace")[-300:]}'


def diff(snapshots):
    run = subprocess.run([HEAPDIFF, '-q', '--format=ndjson'], input=b''.join(snapshots), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    lines = [json.loads(line) for line in run.stdout.decode(errors='replace').splitlines()]
    return run.returncode, [x for x in lines if x['kind'] == 'growth'], [x for x in lines if x['kind'] == 'total'], run.stdout


def text(row):
    return f"{row['rank']}. {row['constructor']} by {row['holder']}: {row['verdict']} {row['counts']} {row['held_delta']}"


def matches(name, row):
    return row['constructor'] == EXPECT[name] or EXPECT[name] in (row['holder'] or '')


def leaks(folder, version, names):
    results = Results()
    node = target.fetch(version)
    names = names.split()
    snapshots, _, said = take(node, names, folder)
    label = f'{target.version_of(node)}: leaks'
    if not results.check(len(snapshots) == CAPTURES, f'{label}: captured', said):
        return results, None
    found = {}
    for count, verdict in ((6, 'growing'), (3, 'growing'), (2, 'grew')):
        status, growth, total, _ = diff(snapshots[:count])
        shown = [text(r) for r in growth]
        for name in names:
            if name == 'slow' and count < 6:
                continue   # ten of thousands that come and go: two or three captures cannot tell
            hits = [r for r in growth if matches(name, r) and r['verdict'] == verdict]
            results.check(status == 1 and hits, f'{label}: {name}, {count} captures: {verdict}', *shown)
            found[name] = min((r['rank'] for r in hits), default=None)
        if 'twomaps' in names and count == 6:
            # The sessions are in both Maps: one finding, which names both. (Sessions of `slow` come and go beside them.)
            both = [r for r in growth if {n for n in ('byId', 'byUser') for h in [r['holder'] or ''] + [a['holder'] for a in r['also'] or []]
                                          if f'variable {n}: Map' in h} == {'byId', 'byUser'}]
            alone = [r for r in growth if r not in both and ('variable byId' in (r['holder'] or '') or 'variable byUser' in (r['holder'] or ''))]
            results.check(len(both) == 1 and not alone, f'{label}: two Maps over the same sessions are one finding', *[str((r['holder'], r['also'])) for r in growth])
        t = total[0]
        parts = sum(t[k] for k in ('explained_bytes', 'not_shown_bytes', 'v8_bytes', 'ignored_bytes', 'below_thresholds_bytes', 'shrunk_bytes'))
        results.check(parts == t['bytes_delta'], f'{label}: {count} captures: the rows add up to the growth', str(t))
    return results, None


def noisy(folder, version, names):
    results = Results()
    node = target.fetch(version)
    leak, *_ = names = names.split()
    snapshots, same, said = take(node, names, folder, True)
    status, growth, _, out = diff(snapshots)
    top = growth[0] if growth else {}
    label = f"{target.version_of(node)}: {' + '.join(names)}"
    results.check(status == 1 and top and matches(leak, top) and top['verdict'] == 'growing', f'{label}: rank 1', said, *map(text, growth))
    results.check(same, f'{label}: the same snapshot with other threads, locales and time zones')
    again = diff(snapshots[::-1][2:] + snapshots[-2:])[3] if len(snapshots) == CAPTURES else b''
    results.check(again == out, f'{label}: the same bytes for files in another order')
    return results, None


def healthy(folder, version, names):
    results = Results()
    node = target.fetch(version)
    snapshots, _, said = take(node, names.split(), folder)
    status, growth, _, _ = diff(snapshots)
    growing = [r for r in growth if r['verdict'] == 'growing']
    results.check(len(snapshots) == CAPTURES and status == 0 and not growing, f'{target.version_of(node)}: healthy: {names}', said, *map(text, growth))
    return results, {'node': target.version_of(node), 'healthy': 'silent'}
