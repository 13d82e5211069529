// node devtools.cjs FILE: what Chrome DevTools makes of a .heapsnapshot, as JSON: nodes, total bytes, and for each row of its
// Summary view the count, the shallow and the retained bytes; and of every node, in the order of
// the file, its dominator (an ordinal), its retained bytes, and its own bytes as DevTools shares them out.
import * as fs from 'node:fs';
import * as Snapshot from './node_modules/chrome-devtools-frontend/front_end/entrypoints/heap_snapshot_worker/HeapSnapshot.js';
import * as Loader from './node_modules/chrome-devtools-frontend/front_end/entrypoints/heap_snapshot_worker/HeapSnapshotLoader.js';

async function load(file: string): Promise<any> {
    const loader = new Loader.HeapSnapshotLoader({sendEvent() {}} as any);
    const decoder = new TextDecoder();
    for await (const part of fs.createReadStream(file, {highWaterMark: 1 << 22})) {
        loader.write(decoder.decode(part, {stream: true}));
    }
    loader.close();
    const {port1, port2} = new MessageChannel();
    new Snapshot.SecondaryInitManager(port2 as any);
    return loader.buildSnapshot(port1 as any);
}

load(process.argv[2]).then((snapshot) => {
    const rows: any = {};
    for (const [key, row] of Object.entries(snapshot.aggregatesWithFilter({}) as any) as any) {
        rows[key] = {name: row.name, count: row.count, self: row.self, retained: row.maxRet};
    }
    const every = {dominator: Array.from(snapshot.dominatorsTree), retained: Array.from(snapshot.retainedSizes),
                   self: Array.from({length: snapshot.nodeCount}, (_, i) => snapshot.createNode(i * snapshot.nodeFieldCount).selfSize())};
    process.stdout.write(JSON.stringify({nodes: snapshot.nodeCount, total: snapshot.totalSize, rows, every}) + '\n', () => process.exit(0));
}, (error) => {
    console.error(String(error && error.stack || error));
    process.exit(1);
});
