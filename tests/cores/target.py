"""A Node process under test, and cores of it.

A Target runs one workload of workloads/ in a folder of its own, speaks the checkpoint protocol of
workloads/lib/checkpoint.js with it over stdin and stdout, and takes cores with gcore. Cores are made sparse in place and
are capped, because gcore writes reserved memory as well. The caller deletes the folder."""
import os, pathlib, resource, select, shutil, signal, subprocess, time

CORE_LIMIT = 24 << 30   # a process with one WebAssembly memory gives 10 GB, nearly all of it holes
WORKLOADS = pathlib.Path(__file__).parent / 'workloads'


class TargetError(Exception):
    pass


def limit_core():
    resource.setrlimit(resource.RLIMIT_FSIZE, (CORE_LIMIT, CORE_LIMIT))


def make_sparse(path):
    """Punches holes where the file is zero; its contents stay the same."""
    if subprocess.run(['fallocate', '-d', path], stderr=subprocess.DEVNULL).returncode:
        subprocess.run(['cp', '--sparse=always', path, f'{path}.sparse'], check=True)
        os.rename(f'{path}.sparse', path)


def gcore(pid, path):
    """A core of process `pid` at `path`."""
    run = subprocess.run(['gcore', '-o', path, str(pid)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, preexec_fn=limit_core, timeout=180)
    made = f'{path}.{pid}'
    if run.returncode or not os.path.exists(made):
        raise TargetError('gcore: ' + run.stdout.decode(errors='replace').strip()[-300:])
    os.rename(made, path)
    make_sparse(path)


class Target:
    def __init__(self, node, workload, folder, flags=('--expose-gc',), arguments=(), env=None, kernel_core=False):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.pending = b''
        self.log = open(self.folder / 'stderr', 'wb')

        def before_exec():
            if kernel_core:
                hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
                resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
            else:
                resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))

        workload = workload if os.path.isabs(str(workload)) else WORKLOADS / workload
        self.process = subprocess.Popen([node, *flags, str(workload), *arguments], cwd=self.folder, bufsize=0,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log,
                                        env=dict(os.environ, **(env or {})), preexec_fn=before_exec)
        self.pid = self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()
        self.log.close()

    def wait_for(self, word, seconds=120):
        """Reads lines until one starts with `word`; returns it."""
        end = time.monotonic() + seconds
        while True:
            while b'\n' in self.pending:
                line, self.pending = self.pending.split(b'\n', 1)
                if line.startswith(word.encode()):
                    return line.decode()
            left = end - time.monotonic()
            if left <= 0:
                raise TargetError(f'no "{word}" from the workload within {seconds} s')
            if select.select([self.process.stdout], [], [], min(left, 1))[0]:
                data = os.read(self.process.stdout.fileno(), 65536)
                if not data:
                    raise TargetError(f'the workload ended: {self.stderr()}')
                self.pending += data

    def go_on(self):
        self.process.stdin.write(b'\n')

    def core(self, name):
        """Takes a core into the folder; returns its path."""
        path = str(self.folder / name)
        gcore(self.pid, path)
        return path

    def kernel_core(self):
        """Ends the process by SIGABRT; returns the path of the core that the kernel wrote, or None."""
        os.kill(self.pid, signal.SIGABRT)
        self.process.wait(120)
        for name in ('core', f'core.{self.pid}'):
            path = self.folder / name
            if path.exists():
                make_sparse(path)
                return str(path)
        return None

    def stderr(self):
        self.log.flush()
        return (self.folder / 'stderr').read_text(errors='replace').strip()[-400:]


def fetch(version):
    """Path of the node binary of a release, or of the newest of a major, fetched if need be."""
    script = pathlib.Path(__file__).parents[2] / 'scripts' / 'fetch-node'
    run = subprocess.run([script, version], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=1000)
    if run.returncode:
        raise TargetError(run.stderr.decode(errors='replace').strip()[-300:])
    return run.stdout.decode().strip()


def version_of(node):
    return subprocess.run([node, '--version'], stdout=subprocess.PIPE, check=True).stdout.decode().strip().lstrip('v')


def remove(folder):
    shutil.rmtree(folder, ignore_errors=True)
