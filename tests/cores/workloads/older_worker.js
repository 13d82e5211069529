// Two workers on Node 10.5 and later (everything.js needs 12): planted objects in each isolate, live ones and dead ones
// that no collection has met; one worker is stopped in Atomics.wait(), one waits in its event loop. Says "ready" and, as JSON, what
// each isolate has, before it blocks.
'use strict';
const fs = require('fs'), { Worker, isMainThread, parentPort, workerData } = require('worker_threads');
const ROLES = { Main: 500, Stopped: 333, Idle: 222 };
const role = isMainThread ? 'Main' : workerData.role, groups = [], keep = (global.keptByWorkload = []);
let dead = [];
function group(constructor, properties, count, make, fate) {
    const list = [];
    for (let i = 0; i < count; i++) list.push(make(i));
    (fate === 'dead' ? dead : keep).push(list);
    groups.push({ constructor, properties, count, fate: fate || 'live' });
}
const named = (suffix) => eval(`(class ${role}${suffix} { constructor(i) { this.item = i; } })`);

const count = ROLES[role], Item = named('Item'), Dead = named('Dead'), DeadChild = named('DeadChild');
class Shared { constructor(i) { this.shared = i; this.role = role; } } // in each isolate, by another number
group('Shared', ['shared', 'role'], count / 10 | 0, (i) => new Shared(i));
group(role + 'Item', ['item'], count, (i) => new Item(i));
group('Object', ['literalOf' + role], 44, (i) => ({ ['literalOf' + role]: i }));
group(role + 'Dead', ['item', 'child'], count - 50, (i) => { const o = new Dead(i); o.child = new DeadChild(i); return o; }, 'dead');
groups.push({ constructor: role + 'DeadChild', properties: ['item'], count: count - 50, fate: 'dead' });

function settle() {
    for (let i = 0; i < 4; i++) gc();
    dead = null; // no collection before the core
}
function ready(isolates) {
    settle();
    fs.writeSync(1, 'ready ' + JSON.stringify(isolates) + '\n');
    fs.readSync(0, Buffer.alloc(1), 0, 1, null);
    process.exit(0);
}
if (isMainThread) {
    const gate = new Int32Array(new SharedArrayBuffer(8)), isolates = { Main: groups };
    for (const role of Object.keys(ROLES).slice(1))
        new Worker(__filename, { workerData: { role, gate } }).on('message', (theirs) => { isolates[role] = theirs; }).on('error', (e) => { throw e; });
    const timer = setInterval(() => {
        if (Atomics.load(gate, 1) !== 2 || Object.keys(isolates).length !== 3) return;
        clearInterval(timer);
        setTimeout(ready, 100, isolates); // the workers wait by then
    }, 20);
} else {
    parentPort.postMessage(groups);
    setTimeout(() => {
        settle();
        Atomics.add(workerData.gate, 1, 1);
        if (role === 'Stopped') Atomics.wait(workerData.gate, 0, 0);
        else setTimeout(() => keep, 1e8);
    }, 50);
}
