"""What single nodes retain, by heapscan and by Chrome DevTools' code.

Of V8's own file every node: the same dominator, the same bytes. DevTools counts the bytes of arrays and the like with an
object that alone owns them; what it moved that way is taken back before the bytes are compared.

Of the core the nodes that retain most in V8's file of the same process. No address is in that file, so nodes are matched by
paths: from the root along edges of the same name and number in both files."""
import collections, json, os, re, pathlib, subprocess
import edges

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = ROOT / os.environ.get('BUILD', 'build') / 'tests/cores/retained'
LARGEST = 100


def lines_of(path):
    run = subprocess.run([PROGRAM, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
    if run.returncode:
        raise RuntimeError(run.stderr.decode(errors='replace').strip()[-300:])
    return [tuple(map(int, line.split())) for line in run.stdout.splitlines()]


class Nodes:
    """A .heapsnapshot as lists by node number."""
    def __init__(self, path):
        data = json.loads(pathlib.Path(path).read_bytes().decode('utf-8', 'surrogatepass'))
        meta = data['snapshot']['meta']
        fields, types, edge_types = meta['node_fields'], meta['node_types'][0], meta['edge_types'][0]
        width, strings = len(fields), data['strings']

        def column(name):
            return data['nodes'][fields.index(name)::width]
        self.type = [types[t] for t in column('type')]
        self.name = [strings[n] for n in column('name')]
        self.size, self.id, counts = column('self_size'), column('id'), column('edge_count')
        self.count = len(self.type)
        self.edges, at, flat = [], 0, data['edges']
        for count in counts:
            self.edges.append([(edge_types[flat[i]], flat[i + 1] if edge_types[flat[i]] in ('element', 'hidden') else strings[flat[i + 1]],
                                flat[i + 2] // width) for i in range(at, at + 3 * count, 3)])
            at += 3 * count

    def label(self, node):
        return f'{self.type[node]} {self.name[node][:60]!r} @{self.id[node]}'

    def targets(self, node, variables=()):
        """By type and name of the edge, in their order. A context's slots are one group, but for `variables`: V8 numbers some of
        those that we name."""
        found, context = collections.defaultdict(list), self.name[node].startswith('system / Context')
        for kind, name, to in self.edges[node]:
            if context and kind in ('context', 'hidden') and (kind, name) not in variables:
                if self.name[to] not in edges.CONSTANTS:
                    found['slot', ''].append(to)
            else:
                found[kind, name].append(to)
        return found

    def variables(self, node):
        return {(kind, name) for kind, name, _ in self.edges[node] if kind == 'context'}


def below(parents, values):
    """Sums of `values` over each node and all that it dominates."""
    sums, waiting = list(values), [0] * len(parents)
    for node, parent in enumerate(parents):
        if parent != node:
            waiting[parent] += 1
    leaves = [node for node, n in enumerate(waiting) if not n]
    while leaves:
        node = leaves.pop()
        parent = parents[node]
        if parent == node:
            continue
        sums[parent] += sums[node]
        waiting[parent] -= 1
        if not waiting[parent]:
            leaves.append(parent)
    return sums


def check_every(results, version, path, every):
    """V8's file: `every` is what DevTools says of it."""
    nodes, ours = Nodes(path), lines_of(path)
    theirs = below(every['dominator'], [own - shown for own, shown in zip(nodes.size, every['self'])])   # what DevTools moved up
    wrong = [f'{nodes.label(n)}: dominated by {nodes.label(ours[n][0])}, DevTools: {nodes.label(every["dominator"][n])}'
             for n in range(nodes.count) if ours[n][0] != every['dominator'][n]]
    results.check(len(ours) == nodes.count and not wrong, f"{version}: V8's file: dominators of {nodes.count} nodes as DevTools finds them: "
                  f'{len(wrong)} apart', *wrong[:10])
    wrong = [f'{nodes.label(n)}: {ours[n][1]}, DevTools {every["retained"][n] + theirs[n]}'
             for n in range(nodes.count) if ours[n][1] != every['retained'][n] + theirs[n]]
    results.check(not wrong, f"{version}: V8's file: retained sizes of {nodes.count} nodes as DevTools computes them: {len(wrong)} apart", *wrong[:10])
    return nodes, ours


def alike(a, node, b, other):
    """Node's C++ objects have taken the place of their wrappers in V8's file."""
    return a.type[node] == 'native' and b.type[other] == 'object' or a.type[node] == b.type[other] and a.name[node] == b.name[other]


def unique(nodes, known):
    """Unmatched nodes that no other has the type and name of, by these."""
    found = {}
    for node in range(nodes.count):
        if nodes.name[node] and node not in known:
            key = nodes.type[node], nodes.name[node]
            found[key] = None if key in found else node
    return {key: node for key, node in found.items() if node is not None}


def match(a, b):
    """Nodes of V8's file that are nodes of the other: what equally many edges of one name lead to, in their order; what only one
    node of either file is called; and so on from there."""
    pairs, taken = {0: 0}, {0}

    def follow(queue):
        while queue:
            node = queue.popleft()
            both = a.variables(node) & b.variables(pairs[node])
            other = b.targets(pairs[node], both)
            for key, mine in a.targets(node, both).items():
                if len(mine) != len(other[key]):
                    continue
                for to, twin in zip(mine, other[key]):
                    if to in pairs or twin in taken or not alike(a, to, b, twin):
                        continue
                    pairs[to] = twin
                    taken.add(twin)
                    queue.append(to)
    follow(collections.deque([0]))
    names = unique(b, taken)
    more = {node: names[key] for key, node in unique(a, pairs).items() if key in names}
    pairs.update(more)
    taken.update(more.values())
    follow(collections.deque(more))
    return pairs


# Nodes of V8's file that may retain otherwise, or that no path leads to, with the reason.
EXPLAINED = (
    (r'(object|native) .global', r'18\.', "Node's C++ objects, which have no place in a core, share in what the global object holds"),
    (r"hidden 'system / NativeContext", '', 'V8 makes line tables and feedback while it writes'),
    (r"array ''", '', "V8's own tables (string table, handles of the embedder): their paths have no names"),
)
APART = 4        # of the largest: so many may be apart without a name, each listed
MATCHED = 95     # of the largest: so many must be found by their paths


def check_largest(results, version, theirs, retained, core, export):
    """theirs, retained: V8's file and what its nodes retain."""
    ours, said = Nodes(export), lines_of(core)
    first = next(n for n in range(ours.count) if ours.type[n] != 'synthetic')
    pairs = match(theirs, ours)
    largest = sorted((n for n in range(theirs.count) if theirs.type[n] not in ('synthetic', 'native')),
                     key=lambda n: -retained[n][1])[:LARGEST]
    equal, explained, apart, lost = 0, [], [], []
    for node in largest:
        twin, label, by_v8 = pairs.get(node), theirs.label(node), retained[node][1]
        if twin is None or not first <= twin < first + len(said):
            lost.append(f'{label}: {by_v8} by V8: no path leads to it in both')
            continue
        ours_says, characters = said[twin - first]
        if by_v8 in (ours_says, ours_says - characters):    # V8 13 and later count the characters of external strings
            equal += 1
            continue
        line = f'{label}: {ours_says}, {by_v8} by V8 ({ours_says - by_v8:+}, characters {characters})'
        named = [why for pattern, versions, why in EXPLAINED if re.match(pattern, label) and re.match(versions, version)]
        (explained if named else apart).append(line + ''.join(f': {why}' for why in named))
    matched = len(largest) - len(lost)
    results.check(matched >= MATCHED and len(apart) <= APART,
                  f"{version}: of the {len(largest)} nodes that retain most {matched} are found in the core, {equal} retain what V8's file says, "
                  f'{len(explained)} are explained, {len(apart)} are not', *apart, *explained, *lost)
    return equal, matched
