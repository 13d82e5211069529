"""The same Node as other builds have it: stripped, deleted or replaced while it ran, a single executable, compressed pointers."""
import json, os, pathlib, shutil, subprocess
import alive, compare, release, target
from stream import Run, scan
from tap import Results


def stripped(folder, version):
    """strip takes .symtab with root_names_, the vtables and the thread-local isolate (24 and later): all of it is found by other
    means, so everything that holds with symbols holds without."""
    results, fetched = Results(), target.fetch(version)
    label = f'{target.version_of(fetched)} stripped'
    node = os.path.join(folder, 'node')
    subprocess.run(['strip', '-o', node, fetched], check=True)
    core = release.capture(node, folder)
    ran = scan(core, '--quick', '-v')
    row = {}
    if results.check(ran.status == 0, f'{label}: heapscan finds the core complete', ran.said()):
        stream = ran.stream()
        results.check(stream.rejected == 0, f'{label}: nothing is rejected', [s for s in stream.lines['space'] if s['rejected']])
        release.judge(results, label, stream, compare.open_areas(ran.errors), folder, row)
    os.unlink(core)
    with target.Target(node, 'alive.js', folder) as process:
        process.wait_for('ready')
        core = process.core('core')
        process.go_on()
    ran = scan(core)
    if results.check(ran.status == 0, f'{label}: alive: complete', ran.said()):
        row['reachability'] = alive.judge(results, label, ran.stream())
    ran = scan(core, '--quick', '--exe', fetched)
    results.check(ran.status == 0, f'{label}: its core read with the binary that was stripped', ran.said())
    return results, row


def deleted(folder, version):
    """A binary that is gone when its core is read: the running program has it still, then gcore's core itself."""
    results, fetched = Results(), target.fetch(version)
    label = f'{target.version_of(fetched)} deleted'
    node = os.path.join(folder, 'server')   # not called node, either
    shutil.copy(fetched, node)
    other = target.fetch('20.20.2' if version.startswith('18') else '18.20.8')
    with target.Target(node, 'alive.js', folder) as process:
        process.wait_for('ready')
        os.rename(node, node + '.old')      # as an upgrade does: a new file under the name
        os.unlink(node + '.old')
        shutil.copy(other, node)
        core = process.core('core')
        ran = scan(core)
        if results.check(ran.status == 0, f'{label}: read while it runs, from /proc', ran.said()):
            alive.judge(results, label, ran.stream())
        before = ran.output
        process.go_on()
        process.process.wait(60)
    ran = scan(core)
    results.check(ran.status == 0 and ran.output == before, f'{label}: read after it has ended, from what gcore dumped of it: the same', ran.said())
    os.unlink(node)
    ran = scan(core)
    results.check(ran.status == 0 and ran.output == before, f'{label}: the same where its name is free again', ran.said())
    ran = scan(core, '--quick', '--exe', other)
    results.check(ran.status == 2 and 'build-id' in ran.errors, f'{label}: --exe of another build is refused by build-ids', ran.said())
    return results, None


SINGLE = """const {createRequire} = require('node:module');
require('node:v8').setFlagsFromString('--expose-gc');
globalThis.gc = require('node:vm').runInNewContext('gc');
createRequire(%s)('./alive.js');
"""


def single(folder, version):
    """A program packed into the binary (single executable application): postject writes a segment of its own, and the table of
    program headers moves behind the code, where no core has it."""
    results, fetched = Results(), target.fetch(version)
    label = f'{target.version_of(fetched)} single executable'
    folder = pathlib.Path(folder)
    (folder / 'main.js').write_text(SINGLE % json.dumps(str(target.WORKLOADS / 'alive.js')))
    (folder / 'sea.json').write_text(json.dumps({'main': 'main.js', 'output': 'blob', 'disableExperimentalSEAWarning': True}))
    subprocess.run([fetched, '--experimental-sea-config', 'sea.json'], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(['npm', 'install', '--no-save', '--silent', '--prefix', str(folder), 'postject@1.0.0-alpha.6'], check=True,
                   stdout=subprocess.DEVNULL)
    program = str(folder / 'shop')
    shutil.copy(fetched, program)
    subprocess.run([fetched, str(folder / 'node_modules/postject/dist/cli.js'), program, 'NODE_SEA_BLOB', str(folder / 'blob'),
                    '--sentinel-fuse', 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with target.Target(program, 'alive.js', folder) as process:
        process.wait_for('ready')
        core = process.core('core')
        process.go_on()
    ran = scan(core)
    row = {}
    if results.check(ran.status == 0, f'{label}: complete', ran.said()):
        row['reachability'] = alive.judge(results, label, ran.stream())
    ran = scan(core, '--quick', '--exe', program)
    results.check(ran.status == 0, f'{label}: the same with --exe', ran.said())
    ran = scan(core, '--quick', '--exe', fetched)
    results.check(ran.status == 2 and 'is not the program of' in ran.errors, f'{label}: the Node that it was made from is refused', ran.said())
    return results, row


def compressed(folder, version):
    """A build with compressed pointers says so in its metadata: it is refused by name, never read as if it were another."""
    results, fetched = Results(), target.fetch(version)
    label = f'{target.version_of(fetched)} with pointer compression'
    saved = os.path.join(folder, 'node.metadata')
    Run(['--save-metadata', saved, fetched])
    words = json.loads(pathlib.Path(saved).read_text())
    text = json.dumps(words)
    changed = text.replace('"TaggedSize": 8', '"TaggedSize": 4').replace('"SmiShiftSize": 31', '"SmiShiftSize": 0')
    results.check(text.count('"TaggedSize": 8') == 1 and changed != text, f'{label}: the metadata has the size of a tagged word')
    pathlib.Path(saved).write_text(changed)
    with target.Target(fetched, 'alive.js', folder) as process:
        process.wait_for('ready')
        core = process.core('core')
        process.go_on()
    ran = scan(core, '--metadata', saved)
    results.check(ran.status == 2 and 'pointer compression' in ran.errors and not ran.output, f'{label}: refused by name', ran.said())
    return results, None
