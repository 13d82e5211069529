"""heapscan run on a core, and its snapshot stream read back."""
import collections, json, os, resource, subprocess, time

BIN = os.environ.get('BIN', 'bin')
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HEAPSCAN = os.environ.get('HEAPSCAN') or os.path.join(ROOT, BIN, 'heapscan')
HEAPDIFF = os.environ.get('HEAPDIFF') or os.path.join(ROOT, BIN, 'heapdiff')


class Stream:
    """One snapshot: its lines by kind. `isolates` maps a role (main, worker) to ids."""

    def __init__(self, text):
        self.lines = collections.defaultdict(list)
        for line in text.splitlines():
            record = json.loads(line)
            self.lines[record['kind']].append(record)
        self.header = self.lines['header'][0] if self.lines['header'] else {}
        self.trailer = self.lines['trailer'][0] if self.lines['trailer'] else None
        self.classes = self.lines['class']
        self.isolates = collections.defaultdict(list)
        for isolate in self.lines['isolate']:
            self.isolates[isolate['role']].append(isolate['id'])

    def classes_of(self, isolate):
        return [c for c in self.classes if c['isolate'] == isolate]

    def leave_garbage_out(self):
        """Classes count what is reachable only, as V8's snapshots do."""
        for c in self.classes:
            c['count'], c['bytes'] = c['reachable_count'], c['reachable_bytes']
        self.classes = [c for c in self.classes if c['count']]

    def spaces_of(self, isolate, field):
        """One field of the space lines, by the name of the space."""
        total = collections.Counter()
        for space in self.lines['space']:
            if space['isolate'] == isolate:
                total[space['name']] += space[field]
        return total

    @property
    def rejected(self):
        return sum(s.get('rejected') or 0 for s in self.lines['space'])

    @property
    def used(self):
        return sum(s.get('used') or 0 for s in self.lines['space'])


class Run:
    """heapscan's (or heapdiff's) result: status, text, errors, seconds."""

    def __init__(self, arguments, timeout=300, program=HEAPSCAN, stdin=None, environment=None):
        began = time.monotonic()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        try:
            run = subprocess.run([program, *arguments], stdin=stdin or subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, timeout=timeout, env=dict(os.environ, **(environment or {})))
            self.status, self.output = run.returncode, run.stdout
            self.errors = run.stderr.decode(errors='replace').strip()
        except subprocess.TimeoutExpired as stopped:
            self.status, self.output, self.errors = None, stopped.stdout or b'', f'still running after {timeout} s'
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.seconds = time.monotonic() - began
        self.cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    def stream(self):
        return Stream(self.output.decode('utf-8', 'surrogatepass'))

    def said(self):
        return f'status {self.status}; ' + (self.errors[:500] or 'nothing on stderr')


def scan(core, *options, timeout=300):
    return Run(['--format=ndjson', *options, core], timeout=timeout)
