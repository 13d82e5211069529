// Who retains what: three isolates (the main thread and two workers), each with the holders of parts/holders.js under its own
// names and sizes, and its own truth: snap.1.heapsnapshot, snap-One.1.heapsnapshot, snap-Two.1.heapsnapshot.
'use strict';
const fs = require('fs');
const { Worker, isMainThread, workerData, parentPort } = require('worker_threads');
const make = require('./parts/holders');
const { prepare, truth } = require('./lib/checkpoint');

if (isMainThread) {
    globalThis.holders = make('Main', 150);
    const gates = ['One', 'Two'].map(() => new Int32Array(new SharedArrayBuffer(8)));
    const workers = ['One', 'Two'].map((tag, k) => new Worker(__filename, { workerData: { tag, size: 40 + 30 * k, gate: gates[k] } }));
    let made = 0, gone = 0;
    for (const worker of workers) {
        worker.once('message', () => {
            if (++made < workers.length) return;
            for (const gate of gates) Atomics.wait(gate, 1, 0); // until it has collected its garbage and blocks
            prepare('.1');
            fs.writeSync(1, 'ready 1\n');
            if (fs.readSync(0, Buffer.alloc(1), 0, 1, null) === 0) process.exit(0);
            truth('.1');
            for (const gate of gates) { Atomics.store(gate, 0, 1); Atomics.notify(gate, 0); }
        });
        worker.once('exit', () => { if (++gone === workers.length) { fs.writeSync(1, 'end\n'); process.exit(0); } });
    }
} else {
    const { tag, size, gate } = workerData;
    globalThis.holders = make(tag, size);
    parentPort.postMessage('made');
    prepare(`-${tag}.1`);
    Atomics.store(gate, 1, 1);
    Atomics.notify(gate, 1);
    Atomics.wait(gate, 0, 0);
    truth(`-${tag}.1`);
}
