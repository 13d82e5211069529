"""Cores taken at any moment, while the program allocates and collects as hard as it can.

Each must give a result within a time limit, with at most half a percent of its bytes rejected and the planted objects of
both threads, all of them and no one twice, every third by a whole scan as reachable. KEEP_BAD=DIR keeps the cores that
did not."""
import os, random, subprocess, time
import target
from stream import scan
from tap import Results

LIMIT = 0.005
WHOLE = 3   # every third core is scanned whole
PLANTED, RING = 4000, 3000   # in each thread (churn.js)


def miscounts(stream, whole):
    """What is said of the planted objects and is not so."""
    wrong = []
    for isolate in stream.lines['isolate']:
        def count(name, field):
            return sum(c[field] for c in stream.classes_of(isolate['id']) if c['type'] == 'object' and c['constructor'] == name and c['properties'])
        said = [count('Planted', 'count'), count('Ring', 'count')]
        good = said[0] == PLANTED and said[1] >= RING
        if whole:
            said += [count('Planted', 'reachable_count'), count('Ring', 'reachable_count')]
            good &= said[2] == PLANTED and RING <= said[3] <= RING + 1
        if not good:
            wrong.append(f'{isolate["role"]}: Planted, Ring{", the same reachable" if whole else ""}: {said}')
    return wrong if len(stream.lines['isolate']) == 2 else wrong + ['not two isolates']


def discard(core, failed, version):
    place = os.environ.get('KEEP_BAD')
    if failed and place:
        os.makedirs(place, exist_ok=True)
        subprocess.run(['cp', '--sparse=always', core, os.path.join(place, f'{version}-{os.path.basename(core)}')], check=True)
    os.unlink(core)


def run(folder, version, cores):
    results = Results()
    node = target.fetch(version)
    version = target.version_of(node)
    seed = int(os.environ.get('SEED', '0')) or random.randrange(1 << 30)
    chance = random.Random(seed)
    worst, slowest, partial, bad = 0.0, 0.0, 0, []
    with target.Target(node, 'churn.js', folder, flags=['--max-semi-space-size=4', '--max-old-space-size=200']) as process:
        process.wait_for('ready')
        for k in range(cores):
            time.sleep(chance.uniform(0.05, 0.6))
            core = process.core(f'core.{k}')
            ran = scan(core, *([] if k % WHOLE == 0 else ['--quick']), timeout=60)
            slowest = max(slowest, ran.seconds)
            if ran.status not in (0, 1):
                bad.append(f'core {k}: {ran.said()}')
                discard(core, True, version)
                continue
            stream = ran.stream()
            share = stream.rejected / max(stream.rejected + stream.used, 1)
            worst = max(worst, share)
            partial += ran.status
            wrong = miscounts(stream, k % WHOLE == 0)
            failed = share > LIMIT or stream.trailer is None or (ran.status == 0) != stream.trailer['complete'] or wrong
            discard(core, failed, version)
            if failed:
                bad.append(f'core {k}: status {ran.status}, {stream.rejected} of {stream.used} bytes rejected ({share:.2%}): '
                           f'{stream.lines["reject"]} {stream.trailer} {wrong}')
    results.check(not bad, f'{version}: {cores} cores of a moving heap: {cores - len(bad)} good, at most {worst:.3%} rejected, '
                           f'{partial} partial (seed {seed})', *bad[:10])
    return results, {'cores': cores, 'good': cores - len(bad), 'worst rejected': f'{worst:.3%}', 'partial': partial,
                     'slowest scan': f'{slowest:.1f} s'}
