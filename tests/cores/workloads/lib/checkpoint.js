// What a workload of these tests is made of: planted objects that are counted, and checkpoints at which a core is taken.
//
// A checkpoint: garbage is collected (four times, so that weak things, too, are gone), V8's statistics are taken, the
// line "ready K" goes to stdout and the main thread blocks in a synchronous read of stdin. The harness takes a core and
// writes a line; then the same state is written down in V8's own words: truth.K.json (space statistics before and after
// the core, planted groups) and snap.K.heapsnapshot, and "done K" is said. Node >= 18.
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

function collect() {
    for (let i = 0; i < 4; i++) gc();
    // lets the sweeper threads end; blocks without allocating
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150);
}
function statistics() {
    return { spaces: v8.getHeapSpaceStatistics(), heap: v8.getHeapStatistics(), memory: process.memoryUsage() };
}
function snapshot(name) {
    if (process.env.WORKLOAD_SNAPSHOT !== '0') v8.writeHeapSnapshot(name, { exposeNumericValues: true });
}
// The synchronous part; `workload` is its name, `more` is merged into the truth.
function checkpoint(k, more) {
    statistics(); // whatever these calls allocate once is allocated now
    if (!more || more.gc !== false) collect();
    const before = statistics();
    fs.writeSync(1, `ready ${k}\n`);
    if (fs.readSync(0, token, 0, 1, null) === 0) process.exit(0); // the harness has gone
    const after = statistics();
    fs.writeFileSync(`truth.${k}.json`, JSON.stringify({
        checkpoint: k, pid: process.pid, node: process.version, v8: process.versions.v8, before, after, groups, ...more,
    }));
    snapshot(`snap.${k}.heapsnapshot`);
    fs.writeSync(1, `done ${k}\n`);
}

module.exports = { plant, expect, keep, groups, collect, statistics, snapshot, checkpoint };
