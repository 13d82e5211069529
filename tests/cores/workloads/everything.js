// One process with everything in it: the main thread's planted objects (parts/*.js) and a worker with its own.
'use strict';
const path = require('path');
const { Worker } = require('worker_threads');
const { checkpoint } = require('./lib/checkpoint');

for (const part of ['classes', 'literals', 'functions', 'collections', 'binary', 'primitives']) require('./parts/' + part);

const gate = new Int32Array(new SharedArrayBuffer(8));
const worker = new Worker(path.join(__dirname, 'worker.js'), { workerData: gate });
worker.once('message', () => {
    Atomics.wait(gate, 1, 0); // until the worker has collected its garbage and blocks
    checkpoint(1);
    Atomics.store(gate, 0, 1);
    Atomics.notify(gate, 0);
    worker.once('exit', () => { process.stdout.write('end\n'); process.exit(0); });
});
