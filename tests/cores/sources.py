"""Other kinds of cores than gcore's of an official build: the kernel's, a compressed one, Debian's Node, one without its
binary. Each is judged by planted classes against V8's snapshot of the same or of an equal process."""
import os, pathlib, shutil, subprocess
import compare, release, target
from stream import Run, scan
from tap import Results

ROOT = pathlib.Path(__file__).resolve().parents[2]


def judge(results, name, ran, folder):
    """Complete, and every planted class exact, with the truth in `folder`."""
    if not results.check(ran.status == 0, f'{name}: heapscan finds the core complete', ran.said()):
        return
    stream = ran.stream()
    truth, v8 = release.truth_of(folder, '')
    passed, summary, wrong = compare.planted(stream, stream.isolates['main'][0], truth['groups'], v8)
    results.check(passed, f'{name}: planted classes: {summary}', *wrong[:20])
    results.check(stream.rejected == 0, f'{name}: nothing is rejected', stream.lines['reject'])


def kernel(folder, version):
    """A core by the kernel of a process that aborts; the truth is a second run's, for the workload is deterministic."""
    results = Results()
    pattern = pathlib.Path('/proc/sys/kernel/core_pattern').read_text().strip()
    if pattern.startswith('|') or '/' in pattern:
        results.skip('core by the kernel', f'core_pattern is "{pattern}", which does not write into the working folder')
        return results, None
    node = target.fetch(version)
    with target.Target(node, 'everything.js', folder, kernel_core=True) as process:
        process.wait_for('ready 1')
        core = process.kernel_core()
    if core is None:
        results.skip('core by the kernel', 'the kernel wrote none (a limit of this machine)')
        return results, None
    truth = os.path.join(folder, 'truth')
    os.unlink(release.capture(node, truth))
    judge(results, f'{target.version_of(node)}: core by the kernel', scan(core, '--quick'), truth)
    return results, {'size on disk': f'{os.stat(core).st_blocks * 512 >> 20} MB'}


def compressed(folder, version):
    results = Results()
    node = target.fetch(version)
    core = release.capture(node, folder)
    subprocess.run(['zstd', '-q', '-1', '-T2', '--rm', core, '-o', core + '.zst'], check=True)
    judge(results, f'{target.version_of(node)}: core.zst', scan(core + '.zst', '--quick'), folder)
    return results, None


def debian(folder):
    """Debian's nodejs, whose V8 is in libnode.so: no options are needed."""
    results = Results()
    fetched = subprocess.run([ROOT / 'scripts' / 'fetch-debian-node'], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if fetched.returncode:
        results.skip('Debian\'s nodejs', fetched.stderr.decode(errors='replace').strip()[-200:].replace('\n', ' '))
        return results, None
    core = release.capture(fetched.stdout.decode().strip(), folder)
    ran = scan(core, '--quick')
    judge(results, "Debian's nodejs", ran, folder)
    return results, {'node': ran.stream().header.get('node')} if ran.status == 0 else None


def metadata(folder, version):
    """A core read where the binary is not: refused with the remedy, then read with --metadata, --exe and --sysroot."""
    results = Results()
    fetched = target.fetch(version)
    version = target.version_of(fetched)
    away = os.path.join(folder, 'sysroot')
    place = os.path.join(folder, 'node-of-the-server')
    shutil.copy(fetched, place)
    core = release.capture(place, folder)
    os.makedirs(away + folder)
    os.rename(place, away + place)
    saved = os.path.join(folder, 'node.metadata')
    ran = scan(core, '--quick')
    results.check(ran.status == 2 and ('--exe' in ran.errors or '--metadata' in ran.errors) and not ran.output,
                  f'{version}: without the binary: refused, with the remedy', ran.said())
    ran = Run(['--save-metadata', saved, fetched])
    results.check(ran.status == 0 and os.path.getsize(saved) > 1000, f'{version}: --save-metadata', ran.said())
    judge(results, f'{version}: --metadata', scan(core, '--quick', '--metadata', saved), folder)
    judge(results, f'{version}: --exe', scan(core, '--quick', '--exe', fetched), folder)
    judge(results, f'{version}: --sysroot', scan(core, '--quick', '--sysroot', away), folder)
    other = target.fetch('18.20.8')
    ran = scan(core, '--quick', '--exe', other)
    results.check(ran.status == 2 and 'build' in ran.errors.lower(), f'{version}: --exe of another release: refused, it names the build-id', ran.said())
    ran = scan(core, '--quick', '--metadata', saved + '-is-not-there')
    results.check(ran.status == 2 and ran.errors, f'{version}: --metadata of a file that is not there: refused', ran.said())
    return results, None


def wasm(folder, version):
    """A core of 10 GB that is nearly all holes: its cost follows the bytes that are there."""
    results = Results()
    node = target.fetch(version)
    core = release.capture(node, folder, 'wasm.js')
    apparent = os.path.getsize(core)
    ran = scan(core, '--quick')
    judge(results, f'{target.version_of(node)}: a core with a WebAssembly memory', ran, folder)
    results.check(ran.cpu < 2, f'{target.version_of(node)}: {apparent >> 30} GB of core in {ran.cpu:.2f} s of CPU')
    return results, {'apparent': f'{apparent / 1e9:.1f} GB', 'CPU': f'{ran.cpu:.2f} s'}
