"""Every edge of an export against V8's own snapshot of the same heap, as multisets of (from, type, name, to): nodes by their
type and name, contents of strings included. Two files of one heap have no ids in common, so this is as near as they can be compared.

What is left out, or seen as the same, is listed here with its reason; all else counts. A share is missing (V8 has it, we do not) and
a share is ours alone, each to be at most LIMIT per cent; what differs is printed, the most frequent first."""
import collections, json, re

LIMIT = 0.1
# (from, type, to): who is left out, and why.
NUMERIC = 'V8 spells the numbers of properties in nodes that it makes for them; of ours each small integer has one'
EMBEDDER = "Node's C++ objects, which V8 asks Node for"
ROOTS = 'what the roots hold: reachable objects and root groups are compared in holders.py and alive.py; stacks are read conservatively'
# Seen as the same, and why.
NUMBERED = 'a slot without a name: V8 counts those of an object that it has not named; by that number or by none, it leads to the same object'
CONTEXT = "a variable of a block: V8 names those of functions and scripts only, we name the block's as well; even where they are undefined"
CONSTANTS = ('system / Oddball', 'undefined', 'null', 'true', 'false')
SMALLEST = 3    # of a kind of difference, to be printed

NUMBER = re.compile(r'-?\d+(\.\d+)?(e[+-]\d+)?$|NaN$|-?Infinity$')


class Edges:
    def __init__(self, path):
        with open(path, 'rb') as file:
            data = json.loads(file.read().decode('utf-8', 'surrogatepass'))
        meta, nodes, edges, strings = data['snapshot']['meta'], data['nodes'], data['edges'], data['strings']
        width, types, kinds = len(meta['node_fields']), meta['node_types'][0], meta['edge_types'][0]
        name_at, size_at, count_at = (meta['node_fields'].index(field) for field in ('name', 'self_size', 'edge_count'))
        self.nodes = [(types[nodes[i]], strings[nodes[i + name_at]], nodes[i + size_at]) for i in range(0, len(nodes), width)]
        self.counts, at = collections.Counter(), 0
        left_out = [self.left_out(*node) for node in self.nodes]
        for number, (kind, name, _) in enumerate(self.nodes):
            end = at + 3 * nodes[number * width + count_at]
            for e in range(at, end, 3):
                to = edges[e + 2] // width
                nothing = name.startswith('system / Context') and self.nodes[to][1] in CONSTANTS    # CONTEXT
                if not left_out[number] and not left_out[to] and not nothing:
                    label = edges[e + 1] if kinds[edges[e]] in ('element', 'hidden') else strings[edges[e + 1]]
                    self.counts[self.seen_as(kind, name, kinds[edges[e]], label, *self.nodes[to][:2])] += 1
            at = end

    @staticmethod
    def left_out(kind, name, size):
        if kind == 'synthetic':
            return ROOTS
        if kind == 'native' and name != 'system / JSArrayBufferData' or ' / ' in name and name.startswith(('Node', 'Detached Node', 'C++')):
            return EMBEDDER
        return NUMERIC if (kind, name) == ('number', 'smi number') or kind == 'string' and not size and NUMBER.match(name) else None

    @staticmethod
    def seen_as(kind, name, edge, label, to_kind, to_name):
        if edge == 'internal' and ' part of key (' in label:
            label = 'part of key'   # the rest are ids
        elif edge in ('hidden', 'context') and name.startswith('system / Context'):
            edge, label = 'context', CONTEXT
        elif edge == 'hidden' or edge == 'weak' and label.isdigit():
            label = NUMBERED
        return kind, name, edge, label, to_kind, to_name


def kinds(difference):
    """Differences by the types of their ends: (kind, count, an example)."""
    sums, example = collections.Counter(), {}
    for key, count in difference.items():
        kind, name, edge, label, to_kind, to_name = key
        ends = [k if k in ('string', 'closure', 'array', 'symbol') or k == 'code' and not n.startswith('system') else f'{k} {n}'
                for k, n in ((kind, name), (to_kind, to_name))]
        group = (ends[0], edge, re.sub(r'\d+', 'N', str(label))[:40], ends[1])
        sums[group] += count
        example.setdefault(group, key)
    return [(group, count, example[group]) for group, count in sums.most_common()]


def compare(results, version, theirs, ours):
    """Says what is apart; returns a line for the table."""
    v8, we = Edges(theirs).counts, Edges(ours).counts
    missing, more = v8 - we, we - v8
    said = []
    for what, difference, of in (("V8's edges that the export lacks", missing, v8), ('edges of the export that V8 has not', more, we)):
        total, apart = sum(of.values()), sum(difference.values())
        share = 100 * apart / max(total, 1)
        results.check(total > 100000 and share <= LIMIT, f'{version}: {what}: {apart} of {total}, {share:.3f} % (limit {LIMIT} %)',
                      *[f'  {count} x {group[0]} --{group[1]} {group[2]}--> {group[3]}, as {example[1][:40]!r} {example[3]!s:.40} {example[5][:40]!r}'
                        for group, count, example in kinds(difference)[:25] if count >= SMALLEST])
        said.append(f'{100 - share:.3f}')
    return ' / '.join(said) + ' %'
