"""Cores of other processors: Node of arm64, armv7l, ppc64le and s390x under qemu-user, Debian's i386 Node natively.

qemu-user writes a core of its guest when a signal ends it: the process is gone then, and V8 is asked in a second one that
does the same. Such a core has no NT_FILE, no build-id and no thread pointer, and the guest's files are given with --exe.
The registers of each machine are judged by other means: where Node runs natively by what the kernel says of each blocked
thread in /proc, under qemu by the segments: every stack pointer lies in writable memory, every program counter in executable
memory, and the first thread's stack ends where the auxiliary vector has its strings."""
import glob, os, pathlib, shutil, signal, struct, subprocess
import alive, compare, release, series, target
from stream import Run, scan
from tap import Results

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAMPLES = ROOT / 'samples'
# What heapscan calls the machine, and the bits of its words.
NAMES = {'arm64': ('aarch64', 64), 'i386': ('i386', 32), 'armv7l': ('arm', 32), 'ppc64le': ('ppc64le', 64), 's390x': ('s390x', 64)}


NATIVE = ('i386',)   # run by the processor itself
# Two processes of the same program shall have the same heap.
FLAGS = ('--expose-gc', '--hash-seed=1', '--random-seed=1')


class Guest(target.Target):
    """A Node under qemu: a core of it ends it."""

    def __init__(self, node, workload, folder, qemu='', flags=('--expose-gc',)):
        super().__init__(node, workload, folder, env={'GUEST_QEMU': qemu}, kernel_core=True, flags=flags)

    def core(self, name):
        os.kill(self.pid, signal.SIGABRT)
        self.process.wait(300)
        made = glob.glob(str(self.folder / 'qemu_*.core'))
        for own in ('core', f'core.{self.pid}'):     # the kernel's, of qemu itself
            (self.folder / own).unlink(missing_ok=True)
        if len(made) != 1:
            raise target.TargetError(f'qemu wrote no core: {self.stderr()}')
        path = str(self.folder / name)
        os.rename(made[0], path)
        target.make_sparse(path)
        return path


def fetch(machine, version):
    """(path of a program that runs this node, arguments of heapscan for its cores), or a reason to skip."""
    run = subprocess.run([ROOT / 'scripts' / 'fetch-guest-node', machine, version], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, timeout=1000)
    if run.returncode:
        return None, run.stderr.decode(errors='replace').strip()[-200:].replace('\n', ' ')
    node = run.stdout.decode().strip()
    if machine in NATIVE:
        return node, ()
    return node, ('--exe', str(pathlib.Path(node).parent / 'bin' / 'node'))


def at_checkpoint(results, label, machine, node, workload, folder, word, qemu=''):
    """A core of the workload when it says `word`."""
    if machine in (*NATIVE, 'x64'):
        with target.Target(node, workload, folder) as process:
            process.wait_for(word, 300)
            core = process.core('core')
            native_registers(results, label, process.pid, core)
            return core
    with Guest(node, workload, folder, qemu) as process:
        process.wait_for(word, 300)
        return process.core('core')


def with_truth(machine, node, folder, qemu):
    """A core of everything.js, and the folder in which V8's words about it are."""
    if machine in NATIVE:
        return release.capture(node, folder), folder
    truth = os.path.join(folder, 'truth')
    with Guest(node, 'everything.js', folder, qemu, flags=FLAGS) as process, Guest(node, 'everything.js', truth, qemu, flags=FLAGS) as asked:
        process.wait_for('ready 1', 300)
        core = process.core('core')
        asked.wait_for('ready 1', 300)
        asked.go_on()
        asked.wait_for('end', 400)
    return core, truth


def threads(core):
    """tid -> (sp, pc, tp) as heapscan's library reads them."""
    run = subprocess.run([ROOT / os.environ.get('BUILD', 'build') / 'tests' / 'cores' / 'threads', core], stdout=subprocess.PIPE, check=True)
    rows = [[int(word, 16) for word in line.split()] for line in run.stdout.decode().splitlines()]
    return {row[0]: tuple(row[1:]) for row in rows}


def native_registers(results, label, pid, core):
    """`core` was just taken of the live process, which is stopped in the same system calls: /proc/PID/task/TID/syscall has the
    stack pointer and the program counter of each."""
    found, same, wrong = threads(core), 0, []
    for tid, (sp, pc, _) in found.items():
        said = pathlib.Path(f'/proc/{pid}/task/{tid}/syscall').read_text().split()
        if len(said) < 3:
            continue    # running
        expected = tuple(int(word, 16) for word in said[-2:])
        same += (sp, pc) == expected
        if (sp, pc) != expected:
            wrong.append(f'thread {tid}: sp {sp:#x}, pc {pc:#x}; the kernel says {expected[0]:#x}, {expected[1]:#x}')
    results.check(same >= 2 and not wrong, f'{label}: sp and pc of {same} threads are what the kernel says', *wrong)
    return found


def guest_registers(results, label, core):
    """By the program headers, read here anew."""
    with open(core, 'rb') as file:
        head = file.read(64)
        wide, order = head[4] == 2, '<' if head[5] == 1 else '>'
        phoff, = struct.unpack_from(order + ('Q' if wide else 'I'), head, 32 if wide else 28)
        size, count = struct.unpack_from(order + 'HH', head, 54 if wide else 42)
        file.seek(phoff)
        table = file.read(size * count)
        segments, auxv = [], {}
        for at in range(0, len(table), size):
            if wide:
                kind, flags, offset, start, _, stored, length = struct.unpack_from(order + 'IIQQQQQ', table, at)
            else:
                kind, offset, start, _, stored, length, flags = struct.unpack_from(order + '7I', table, at)
            if kind == 1:
                segments.append((start, start + length, flags))
            elif kind == 4:
                file.seek(offset)
                notes, note = file.read(stored), 0
                while note + 12 <= len(notes):
                    name, desc, number = struct.unpack_from(order + 'III', notes, note)
                    body = note + 12 + (name + 3 & ~3)
                    if number == 6:     # NT_AUXV
                        words = struct.unpack_from(order + ('Q' if wide else 'I') * (desc // (8 if wide else 4)), notes, body)
                        auxv = dict(zip(words[::2], words[1::2]))
                    note = body + (desc + 3 & ~3)
    flags_at = lambda address: next((f for start, end, f in segments if start <= address < end), 0)
    found = threads(core)
    wrong = [f'thread {tid}: sp {sp:#x} in {flags_at(sp)}, pc {pc:#x} in {flags_at(pc)}' for tid, (sp, pc, _) in found.items()
             if not flags_at(sp) & 2 or not flags_at(pc) & 1]
    results.check(len(found) > 4 and not wrong, f'{label}: sp is in writable and pc in executable memory, in {len(found)} threads', *wrong)
    first, strings = min(found), auxv[25]    # AT_RANDOM: above the first frame
    results.check(0 < strings - found[first][0] < 8 << 20, f'{label}: the first thread has the stack that the kernel gave it',
                  f'sp {found[first][0]:#x}, AT_RANDOM {strings:#x}')


def contents(folder, machine, version, node, more, qemu=''):
    """everything.js: classes, types, spaces, both isolates."""
    results, label = Results(), f'{machine} {version}' + (f' {qemu}' if qemu else '')
    core, truth = with_truth(machine, node, folder, qemu)
    if machine not in NATIVE:
        guest_registers(results, label, core)
    ran = scan(core, '--quick', '-j1', '-v', *more)
    row = {'machine': machine, 'node': version, 'seconds': f'{ran.cpu:.2f} s'}
    if not results.check(ran.status == 0, f'{label}: heapscan finds the core complete', ran.said()) and ran.status != 1:
        return results, row
    stream = ran.stream()
    results.check((stream.header['machine'], stream.header['bits']) == NAMES[machine], f'{label}: the header names the machine', stream.header)
    row['rejected'] = f'{stream.rejected} B'
    results.check(stream.rejected == 0, f'{label}: nothing is rejected', [s for s in stream.lines['space'] if s['rejected']])
    release.judge(results, label, stream, compare.open_areas(ran.errors), truth, row, twin=machine not in NATIVE)
    os.unlink(core)
    return results, row


def reachability(folder, machine, version, node, more):
    """alive.js: planted live and dead objects, and the path to some."""
    results, label = Results(), f'{machine} {version}'
    core = at_checkpoint(results, label, machine, node, 'alive.js', folder, 'ready')
    ran = scan(core, *more)
    words = ''
    if results.check(ran.status == 0, f'{label}: alive: complete', ran.said()):
        stream = ran.stream()
        words = alive.judge(results, label, stream, chain_is_one=NAMES[machine][1] == 32)
        kinds = {root['category'] for root in stream.lines['root'] if root['count']}
        missing = {'(Handle scope)', '(Global handles)', '(Eternal handles)', '(Stack roots)', '(Startup object cache)'} - kinds
        results.check(not missing and not stream.trailer['reasons'], f'{label}: roots of every kind are found', missing, stream.trailer['reasons'])
        for name, holder in alive.HOLDERS.items():
            sample = alive.objects(stream, name)[0]['sample']
            path = Run(['path', '--max', '1', *more, core, sample])
            results.check(path.status == 0 and holder in path.output.decode(), f'{label}: the path to {name} names {holder}', path.said(), path.output.decode()[-800:])
    os.unlink(core)
    return results, words


def ranking(folder, machine, version, node, more):
    """sessions.js: a core of each step. Under qemu each step is a run of its own, for a core ends the process."""
    results, cores = Results(), []
    for step in (1, 2, 3):
        if machine in NATIVE:
            cores = series.take(node, str(SAMPLES / 'sessions.js'), folder)
            break
        place = os.path.join(folder, str(step))
        with Guest(node, str(SAMPLES / 'sessions.js'), place) as process:
            for k in range(1, step + 1):
                process.wait_for(f'ready step {k}', 300)
                if k < step:
                    process.go_on()
            cores.append(process.core('core'))
    series.judge(results, f'{machine} {version}: sessions', 'Session', cores, more)
    return results


def run(folder, machine, version, parts=('contents', 'reachability', 'ranking')):
    node, more = fetch(machine, version)
    if not node:
        results = Results()
        results.skip(f'{machine} {version}', more)
        return results, None
    results, row = Results(), {'machine': machine, 'node': version}
    if 'contents' in parts:
        found, row = contents(os.path.join(folder, 'contents'), machine, version, node, more)
        results.extend(found)
    if 'reachability' in parts:
        found, row['reachability'] = reachability(os.path.join(folder, 'alive'), machine, version, node, more)
        results.extend(found)
    if 'ranking' in parts:
        results.extend(ranking(os.path.join(folder, 'series'), machine, version, node, more))
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder, exist_ok=True)
    return results, row


def large_pages(folder, version):
    """arm64 with system pages of 64 KB: V8's pages stay as they are, what stands around their areas does not."""
    node, more = fetch('arm64', version)
    if not node:
        results = Results()
        results.skip(f'arm64 {version} -p 65536', more)
        return results, None
    return contents(folder, 'arm64', version, node, more, '-p 65536')


def registers(folder, version):
    """x86-64: what the library reads of each thread is what the kernel says."""
    results, node = Results(), target.fetch(version)
    os.unlink(at_checkpoint(results, f'x86-64 {target.version_of(node)}', 'x64', node, 'alive.js', folder, 'ready'))
    return results, None
