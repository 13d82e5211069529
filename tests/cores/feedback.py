"""What V8's snapshot to Node 16 says wrongly of feedback vectors: what they name weakly, the maps and functions that a call or an
access has met, it writes as held by them (heap-snapshot-generator.cc until V8 9.5: VisitPointers() took weak references for
strong ones), while its collector lets them go. Retained sizes of such a file are those of another program: a class that is used
in one place shares its map with the function there.

weaken() gives these edges their true kind. Nothing else of the file changes."""
import collections, json


def weaken(path, out):
    """Copies the snapshot; returns how many edges to maps and to functions are weak now."""
    with open(path, encoding='utf-8', errors='surrogatepass') as file:
        document = json.load(file)
    meta, nodes, edges, strings = document['snapshot']['meta'], document['nodes'], document['edges'], document['strings']
    width, count_at, size_at = (len(meta['node_fields']), *map(meta['node_fields'].index, ('edge_count', 'self_size')))
    kinds, (internal, hidden, weak) = meta['node_types'][0], map(meta['edge_types'][0].index, ('internal', 'hidden', 'weak'))
    first = [0]
    for node in range(0, len(nodes), width):
        first.append(first[-1] + 3 * nodes[node + count_at])
    edges_of = lambda node: range(first[node // width], first[node // width + 1], 3)
    like = lambda node: (nodes[node], nodes[node + 1], nodes[node + size_at])
    # A FeedbackCell has no name of its own: it is what a closure has for one; its value is the vector.
    cells = {like(edges[e + 2]) for e in range(0, len(edges), 3) if edges[e] == internal and strings[edges[e + 1]] == 'feedback_cell'}
    vectors = {edges[e + 2] for cell in range(0, len(nodes), width) if like(cell) in cells for e in edges_of(cell)
               if edges[e] == internal and strings[edges[e + 1]] == 'value'}
    changed = collections.Counter()
    for vector in vectors:
        if kinds[nodes[vector]] != 'hidden':
            continue
        for e in edges_of(vector):
            to = edges[e + 2]
            what = 'function' if kinds[nodes[to]] == 'closure' else 'map' if strings[nodes[to + 1]] == 'system / Map' else None
            if edges[e] == hidden and what:
                edges[e] = weak
                changed[what] += 1
    with open(out, 'w', encoding='utf-8', errors='surrogatepass') as file:
        json.dump(document, file, ensure_ascii=False)
    return changed
