// Memory outside the heap: array buffers, shared and seen by many, and typed arrays small and large.
'use strict';
const { MessageChannel } = require('worker_threads');
const { plant, keep } = require('../lib/checkpoint');

class Packet { constructor(bytes) { this.bytes = bytes; } }
plant('Packet', ['bytes'], 17, (i) => new Packet(Buffer.alloc(20000, i)));
const store = keep(new ArrayBuffer(1 << 20)); // one megabyte, counted once
class Window { constructor(view) { this.view = view; } }
plant('Window', ['view'], 90, (i) => new Window(new Uint8Array(store, i * 1000, 1000)));
plant(null, null, 8, (i) => new DataView(store, i));
for (const T of [Int8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array, BigInt64Array, BigUint64Array]) {
    plant(T.name, null, 5, () => new T(6), { at_least: true }); // in the heap
    plant(T.name, null, 3, () => new T(3000), { at_least: true }); // outside
}
plant(null, null, 4, () => new SharedArrayBuffer(65536));
plant(null, null, 30, (i) => Buffer.from('from the pool ' + i));
plant(null, null, 2, () => new ArrayBuffer(0));
if (ArrayBuffer.prototype.resize) plant(null, null, 2, () => { const b = new ArrayBuffer(1000, { maxByteLength: 100000 }); b.resize(5000); return b; });
class Pixels extends Uint8Array {}
plant('Pixels', [], 18, () => new Pixels(100));
{
    const { port1, port2 } = new MessageChannel(); // a transferred buffer is detached here
    const moved = keep(new ArrayBuffer(5000));
    port1.postMessage(moved, [moved]);
    port1.unref(); port2.unref();
    keep([port1, port2]);
}
// No WebAssembly.Memory here: each reserves 10 GB, which gcore writes out. See wasm.js.
