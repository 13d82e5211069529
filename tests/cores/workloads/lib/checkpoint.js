// What a workload of these tests is made of: planted objects that are counted, and checkpoints at which a core is taken.
//
// A checkpoint: garbage is collected (four times, so that weak things, too, are gone), V8's statistics are taken, the
// line "ready K" goes to stdout and the main thread blocks in a synchronous read of stdin. The harness takes a core and
// writes a line; then the same state is written down in V8's own words: truth.K.json (statistics of the spaces, planted groups)
// and snap.K.heapsnapshot, and "done K" is said. Node >= 12.
'use strict';
const fs = require('fs');
const v8 = require('v8');

const groups = [];
const kept = (globalThis.keptByWorkload = []);
const token = Buffer.alloc(64);

// Makes `count` objects and keeps them. `constructor` is the name that V8 should give (null: whatever the snapshot says
// for these properties), `properties` the own names (null: not compared). With both null nothing is expected: what was
// made is judged by the snapshot alone.
function plant(constructor, properties, count, make, extra) {
    const list = new Array(count);
    for (let i = 0; i < count; i++) list[i] = make(i);
    kept.push(list);
    if (constructor !== null || properties !== null) expect(constructor, properties, count, extra);
    return list;
}
// Only says that they are there (made by something else).
function expect(constructor, properties, count, extra) {
    groups.push({ type: 'object', constructor, properties, count, ...extra });
}
function keep(value) {
    kept.push(value);
    return value;
}

// Made before the core, so that it is not garbage of the checkpoint itself.
const bell = new Int32Array(new SharedArrayBuffer(4));
const options = { exposeNumericValues: true, captureNumericValue: true };
let session = null; // Node 18 has the option in the inspector only, under its second name
let pieces = null;
if (process.versions.node.startsWith('18.')) {
    session = new (require('inspector').Session)();
    session.connect();
    session.on('HeapProfiler.addHeapSnapshotChunk', (message) => { fs.writeSync(pieces, message.params.chunk); });
}

function statistics() {
    return { spaces: v8.getHeapSpaceStatistics(), heap: v8.getHeapStatistics(), memory: process.memoryUsage() };
}
function snapshot(name) {
    if (!session) {
        v8.writeHeapSnapshot(name, options);
        return;
    }
    pieces = fs.openSync(name, 'w');
    session.post('HeapProfiler.takeHeapSnapshot', options);
    fs.closeSync(pieces);
}
// Taking a snapshot collects more than gc() does (it drops bytecode and maps that were not used lately, and makes line
// tables), and it ends with every page swept, so that V8's own statistics are not behind: one to nowhere before the core,
// and the one after the core shows the same heap. In Node 18 taking one makes garbage, so it comes first there.
function collect() {
    if (session) snapshot('/dev/null');
    for (let i = 0; i < 4; i++) gc();
    Atomics.wait(bell, 0, 0, 150); // lets the sweeper threads end; allocates nothing
    if (session) v8.getHeapCodeStatistics(); // makes V8 count what they have swept
    else snapshot('/dev/null');
}
// Writes what V8 says about the state that a core has just been taken of. Nothing is asked before the core, because the
// answer would be in it; what writeTruth makes is garbage when it has returned, in no register of a running frame.
function writeTruth(suffix) {
    const { spaces, heap, memory } = statistics();
    fs.writeFileSync(`truth${suffix}.json`, JSON.stringify({ node: process.version, spaces, heap, memory, groups }));
}
function truth(suffix) {
    writeTruth(suffix);
    snapshot(`snap${suffix}.heapsnapshot`);
}
// Before a checkpoint: what the truth code compiles and allocates only once is done with, then all garbage is collected.
function prepare(suffix) {
    writeTruth(suffix);
    if (v8.getHeapCodeStatistics) v8.getHeapCodeStatistics();
    collect();
}
// The synchronous part of a checkpoint.
function checkpoint(k) {
    prepare(`.${k}`);
    fs.writeSync(1, `ready ${k}\n`);
    if (fs.readSync(0, token, 0, 1, null) === 0) process.exit(0); // the harness has gone
    truth(`.${k}`);
    fs.writeSync(1, `done ${k}\n`);
}

module.exports = { plant, expect, keep, prepare, truth, checkpoint };
