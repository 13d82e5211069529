// heap.js [MB [large]]: fills a heap with MB (or HEAP_MB) megabytes of mixed objects, says "ready" and waits. For `make bench`.
// `large`: objects of 60 properties, arrays of 500 elements, long strings and Maps instead of small objects.
'use strict';
const limit = Number(process.argv[2] || process.env.HEAP_MB || 100) * 1048576;

class Account { constructor(i) { this.id = i; this.owner = 'owner ' + i; this.balance = i / 3; this.history = [i, i + 1, 'opened']; this.next = null; } }
class Edge { constructor(from, to) { this.from = from; this.to = to; this.weight = 1; } }
const shapes = [];
for (let s = 0; s < 150; s++) shapes.push(new Function('i', `return { shape${s}: i, common${s % 13}: 'text', rest: null, n: i }`));

function large(i) {
    const wide = {};
    for (let k = 0; k < 60; k++) wide['field' + k] = k * 1.5 + i;
    const array = new Array(500).fill(wide), map = new Map();
    for (let k = 0; k < 30; k++) map.set('key' + k, array);
    return { wide, array, map, text: Buffer.alloc(640, 'text ' + i).toString('latin1') };
}

const kept = [];
let i = 0;
while (process.argv[3] === 'large' && process.memoryUsage().heapUsed < limit) kept.push(large(i++));
while (process.memoryUsage().heapUsed < limit) {
    const some = [];
    for (let j = 0; j < 20000; j++, i++) {
        const before = some[j - 1];
        switch (i % 10) {
        case 0: case 1: case 2: { const a = new Account(i); a.next = before || null; some.push(a); break; }
        case 3: case 4: some.push(new Edge(before, some[j >> 1])); break;
        case 5: case 6: some.push(shapes[(i >> 4) % shapes.length](i)); break;
        case 7: some.push('a string of some length, number ' + i); break;
        case 8: some.push(i % 40 === 8 ? new Map([[i, 'value ' + i], ['k', before]]) : [i, 'element', i + 0.5]); break;
        default: some.push(() => i + j);
        }
    }
    kept.push(some);
}
global.kept = kept; // Node 8 has no globalThis
console.log('ready');
process.stdin.on('data', () => {     // a line: V8's own snapshot of the same heap
    const began = process.hrtime.bigint();
    require('v8').writeHeapSnapshot('v8.heapsnapshot');
    console.log('written', Number(process.hrtime.bigint() - began) / 1e9);
});
setTimeout(() => {}, 1e9);
