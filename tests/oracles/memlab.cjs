// node memlab.cjs FILE: what memlab makes of a .heapsnapshot, as JSON: nodes, edges, bytes, and for each type and name of its
// objects and closures the count, the shallow and the retained bytes of all together.
'use strict';
const { getFullHeapFromFile } = require('@memlab/heap-analysis');

getFullHeapFromFile(process.argv[2]).then((heap) => {
    const rows = {};
    let nodes = 0, edges = 0, total = 0;
    heap.nodes.forEach((node) => {
        nodes++;
        edges += node.edge_count;
        total += node.self_size;
        if (node.type !== 'object' && node.type !== 'closure') return;
        const row = rows[`${node.type} ${node.name}`] ||= { count: 0, self: 0, retained: 0 };
        row.count++;
        row.self += node.self_size;
        row.retained += node.retainedSize;
    });
    process.stdout.write(JSON.stringify({ nodes, edges, total, rows }) + '\n', () => process.exit(0));
}, (error) => {
    console.error(String(error && error.stack || error));
    process.exit(1);
});
