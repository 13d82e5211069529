// The second isolate of everything.js. Its truth: truth-worker.1.json and snap-worker.1.heapsnapshot.
'use strict';
const { parentPort, workerData } = require('worker_threads');
const { plant, prepare, truth } = require('./lib/checkpoint');

class WorkerItem { constructor(i) { this.item = i; this.worker = true; } }
plant('WorkerItem', ['item', 'worker'], 333, (i) => new WorkerItem(i));
plant('Object', ['workerLiteral'], 44, (i) => ({ workerLiteral: i }));
plant('workerClosure', null, 45, (i) => function workerClosure() { return i; }, { type: 'closure' });
class Ping {} // the main thread has none of these
plant('Ping', [], 46, () => new Ping());

const gate = workerData;
parentPort.postMessage('made');
prepare('-worker.1');
Atomics.store(gate, 1, 1); // by the gate, not by a message: that would make garbage
Atomics.notify(gate, 1);
Atomics.wait(gate, 0, 0);
truth('-worker.1');
