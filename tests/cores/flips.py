"""Random bytes of a real core changed, in heap pages, page headers, isolates, root tables, handles and stacks: whatever
heapscan does with it must end, without a crash and without the memory of a different heap (tests/cores/flip.c). `make flips`
builds the same program with ASan and UBSan, for longer runs by hand."""
import os, pathlib, random, re
import target
from stream import Run
from tap import Results

ROOT = pathlib.Path(__file__).resolve().parents[2]
FLIP = ROOT / os.environ.get('BUILD', 'build') / 'tests' / 'cores' / 'flip'


def run(folder, version, runs):
    results = Results()
    node = target.fetch(version)
    with target.Target(node, 'alive.js', folder) as process:
        process.wait_for('ready')
        core = process.core('core')
        process.go_on()
    seed = int(os.environ.get('SEED', '0')) or random.randrange(1 << 30)
    ran = Run([core, str(runs), str(seed)], timeout=1800 if runs > 100 else 240, program=FLIP)
    said = ran.output.decode(errors='replace')
    done = re.findall(r'(\d+) runs, (\d+) bytes changed, (\d+) refused', said)
    results.check(ran.status == 0 and done and int(done[-1][0]) == runs,
                  f'{target.version_of(node)}: {runs} runs on a core with {done[-1][1] if done else "?"} bytes changed, '
                  f'{done[-1][2] if done else "?"} refused (seed {seed})', ran.said(), said[-500:])
    return results, None
