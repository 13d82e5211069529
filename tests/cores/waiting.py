"""A thread that waits for events holds nothing by its stack, unless JavaScript stands on it: in execSync it does."""
import os
import target
from stream import scan
from tap import Results


def run(folder, version):
    results, node = Results(), target.fetch(version)
    version = target.version_of(node)
    with target.Target(node, 'waiting.js', folder, flags=()) as process:
        process.wait_for('ready')
        core = process.core('core')
        process.go_on()
        process.wait_for('end 99')
    ran = scan(core, '-c', 'HeldByCaller')
    os.unlink(core)
    held = [c for c in ran.stream().classes if c['constructor'] == 'HeldByCaller' and c['properties'] == ['number']] if ran.status == 0 else []
    counts = [(c['count'], c['reachable_count']) for c in held]
    results.check(counts == [(101, 101)], f'{version}: what a caller of execSync holds is told reachable', counts, ran.said())
    return results, None
