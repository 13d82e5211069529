"""Bad input that needs a real core: cut off at any place, other programs, unknown versions. The rest is in tests/cli."""
import concurrent.futures, json, os, random, subprocess
import release, target
from stream import Run, scan
from tap import Results


def cut_off(results, name, core, cuts):
    """One core cut at `cuts` random offsets: status 1 (partial) or 2, each with a sentence; never a crash or a hang."""
    seed = int(os.environ.get('SEED', '0')) or random.randrange(1 << 30)
    chance = random.Random(seed)
    size = os.path.getsize(core)
    # Half of them anywhere, half of them where the headers, the notes and the first segments are.
    offsets = sorted([chance.randrange(size) for _ in range(cuts - cuts // 2)]
                     + [int(size ** chance.random()) for _ in range(cuts // 2)], reverse=True)
    copy = core + '.2'
    subprocess.run(['cp', '--sparse=always', core, copy], check=True)

    def shrink(path, places):   # a file is cut again and again, from long to short
        bad, seen, slowest = [], {1: 0, 2: 0}, 0.0
        for offset in places:
            os.truncate(path, offset)
            ran = scan(path, '--quick', timeout=30)
            slowest = max(slowest, ran.seconds)
            if ran.status in seen and ran.errors and (ran.status == 2 or not ran.stream().trailer['complete']):
                seen[ran.status] += 1
            else:
                bad.append(f'cut at {offset} of {size}: {ran.said()}')
        return bad, seen, slowest

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        halves = list(pool.map(shrink, (core, copy), (offsets[::2], offsets[1::2])))
    bad = [b for half in halves for b in half[0]]
    partial, refused_ = (sum(half[1][s] for half in halves) for s in (1, 2))
    results.check(not bad, f'{name} cut at {cuts} random offsets: {partial} partial, {refused_} refused, at most '
                           f'{max(h[2] for h in halves):.1f} s (seed {seed})', *bad[:10])
    return {'partial': partial, 'refused': refused_}


def truncated(folder, version, cuts):
    """gcore writes the notes last, so that any cut loses them; the kernel writes them first, and a cut loses memory."""
    results = Results()
    node = target.fetch(version)
    row = cut_off(results, "gcore's core", release.capture(node, folder), cuts // 2)
    with target.Target(node, 'everything.js', os.path.join(folder, 'kernel'), kernel_core=True) as process:
        process.wait_for('ready 1')
        core = process.kernel_core()
    if core:
        more = cut_off(results, "the kernel's core", core, cuts - cuts // 2)
        row = {key: row[key] + more[key] for key in row}
    else:
        results.skip("the kernel's core cut off", 'the kernel wrote none here')
    return results, row


def refused(results, name, arguments, folder, *words):
    """Status 2, a sentence with all `words` (upper and lower case alike), and -o left alone."""
    out = os.path.join(folder, 'precious')
    with open(out, 'w') as file:
        file.write('must stay\n')
    ran = Run(['--quick', '--format=ndjson', '-o', out, *arguments], timeout=60)
    with open(out) as file:
        kept = file.read() == 'must stay\n'
    results.check(ran.status == 2 and all(w.lower() in ran.errors.lower() for w in words) and len(ran.errors) > 20
                  and len(ran.errors.splitlines()) < 6, f'{name}: refused with a sentence', ran.said(), f'expected words: {words}')
    results.check(kept and not os.path.exists(out + '.tmp'), f'{name}: nothing is written over')


def run(folder, version, other):
    results = Results()
    node = target.fetch(version)
    core = release.capture(node, folder)
    refused(results, 'the node binary of another release', ['--exe', target.fetch(other), core], folder, 'build')
    refused(results, 'a binary that is not there', ['--exe', os.path.join(folder, 'none'), core], folder, 'none')
    refused(results, 'a binary that is none', ['--exe', __file__, core], folder, 'elf')
    refused(results, 'the executable instead of the core', [node], folder, 'core')
    refused(results, 'a good core and then a bad one', [core, node], folder, 'core')
    metadata = os.path.join(folder, 'metadata')
    results.check(Run(['--save-metadata', metadata, node]).status == 0, 'bad input: --save-metadata')
    with open(metadata) as file:
        known = json.load(file)
    known['constants'] = {name: value for name, value in known['constants'].items() if 'class_Map__instance_size' not in name}
    with open(metadata, 'w') as file:
        json.dump(known, file)
    refused(results, 'a V8 of which too little is known', ['--metadata', metadata, core], folder, 'Map.instance_size', 'not known')
    os.unlink(core)
    return results, None
