"""V8's own heap snapshot (.heapsnapshot) as counts: the truth that cores are compared with.

Counted are nodes that stand for a heap object. Left out: synthetic nodes (roots), and what `exposeNumericValues` adds:
numbers for small integers, and strings of size 0 that spell numbers. (Since V8 13 objects of read-only space have size 0.)"""
import collections, json, re

NUMBER = re.compile(r'-?(\d+(\.\d+)?(e[+-]\d+)?|Infinity)$|NaN$')

# Until V8 12 a global object's name has the URL of its realm appended: "global / ", "Object / file:///…".
GLOBAL = re.compile(r'(?<!^system) / .*')


class V8Snapshot:
    def __init__(self, path):
        with open(path, 'rb') as file:
            data = json.loads(file.read().decode('utf-8', 'surrogatepass'))
        meta = data['snapshot']['meta']
        self.nodes, self.edges, self.strings = data['nodes'], data['edges'], data['strings']
        self.fields = meta['node_fields']
        self.types = meta['node_types'][0]
        self.types = self.types + ['symbol', 'bigint'][len(self.types) - 12:]     # V8 6.2 and 6.8 write more than their meta says
        self.edge_width = len(meta['edge_fields'])
        self.property_edge = meta['edge_types'][0].index('property')
        self.count = collections.Counter()          # by node type
        self.bytes = collections.Counter()
        self.named = collections.Counter()          # by (type, name)
        self.named_bytes = collections.Counter()
        self.signatures = collections.defaultdict(collections.Counter)  # sorted own names -> constructor -> count
        self._read()

    def _read(self):
        width = len(self.fields)
        name_at, size_at, edges_at = (self.fields.index(f) for f in ('name', 'self_size', 'edge_count'))
        nodes, edges, strings, step = self.nodes, self.edges, self.strings, self.edge_width
        edge = 0
        for i in range(0, len(nodes), width):
            kind = self.types[nodes[i]]
            name = strings[nodes[i + name_at]]
            if kind == 'object':
                name = GLOBAL.sub('', name)
            size = nodes[i + size_at]
            end = edge + nodes[i + edges_at] * step
            made_up = kind == 'synthetic' or kind == 'number' and name == 'smi number' or kind == 'string' and size == 0 and NUMBER.match(name)
            if not made_up:
                self.count[kind] += 1
                self.bytes[kind] += size
                self.named[kind, name] += 1
                self.named_bytes[kind, name] += size
                if kind == 'object':
                    names = {strings[edges[e + 1]] for e in range(edge, end, step) if edges[e] == self.property_edge}
                    self.signatures[signature(names)][name] += 1
            edge = end


def signature(names):
    """Own property names as a sorted tuple, without what V8's snapshot adds for itself."""
    return tuple(sorted(n for n in names
                        if n != '__proto__' and not (n[:4] in ('get ', 'set ') and n[4:] in names)))
