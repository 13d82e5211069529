'use strict';
// What isolates share: structs in the shared heap that only one isolate holds, names in the shared string table, a port
// whose listener is all that holds an object. Started with --harmony-struct --shared-string-table.
const { Worker, isMainThread, MessageChannel, workerData } = require('worker_threads');

const Shared = new SharedStructType(['alpha', 'beta']);
const kept = (globalThis.keptByWorkload = []);
const size = isMainThread ? 400 : 600;
for (let i = 0; i < size; i++) {
    const outer = new Shared();
    outer.alpha = i;
    outer.beta = new Shared();
    kept.push(outer);
}
const row = new SharedArray(50);
for (let i = 0; i < 50; i++) row[i] = new Shared();
kept.push(row);
(function drop() { for (let i = 0; i < 100; i++) new Shared().alpha = i; })();

const table = {};
for (let i = 0; i < 1000; i++) table[(isMainThread ? 'NameOfMain_' : 'NameOfWorker_') + i] = i;
kept.push(table);

function HeldByPort(i) { this.number = i; }
function listen(port) {
    const list = [];
    for (let i = 0; i < size; i++) list.push(new HeldByPort(i));
    port.on('message', () => list.length);
}

if (isMainThread) {
    const { port1, port2 } = new MessageChannel();
    listen(port1);
    const worker = new Worker(__filename, { workerData: { port: port2 }, transferList: [port2] });
    worker.on('message', () => setTimeout(() => {
        process.stdout.write('ready 1\n');
        require('fs').readSync(0, Buffer.alloc(64));
        process.stdout.write('end\n');
        process.exit();
    }, 100));
} else {
    listen(workerData.port);
    require('worker_threads').parentPort.postMessage('made');
}
