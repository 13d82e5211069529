// Never rests: young garbage, old garbage, growing and shrinking tables, large objects, two threads. For cores that are
// taken at any moment. In each thread 4000 Planted live throughout, and 3000 Ring (one more while one is replaced).
'use strict';
const { Worker, isMainThread, parentPort } = require('worker_threads');

class Planted { constructor(i) { this.i = i; this.next = null; this.text = 'planted ' + i; } }
class Ring { constructor(i) { this.i = i; this.data = [i, { of: i }]; } }
const planted = [], ring = [], gaps = [];
for (let i = 0; i < 4000; i++) {
    planted.push(new Planted(i));
    if (i) planted[i - 1].next = planted[i];
    gaps.push(new Array(20 + i % 60).fill(i)); // so that a collector has reason to move what is between them
}
gaps.length = 0;
for (let i = 0; i < 3000; i++) ring.push(new Ring(i));
globalThis.planted = planted;

class Live { constructor(i) { this.i = i; this.next = null; this.text = 'live ' + i; } }
const old = [];
const table = new Map();
let round = 0;

function churn() {
    round++;
    for (let i = 0; i < 3000; i++) {
        const live = new Live(i);
        live.next = old[(round * 31 + i) % 20000] || null;
        if (live.next) live.next.next = null; // chains stay short
        old[(round * 31 + i * 7) % 20000] = live;
        if (i % 20 === 0) ring[(round * 17 + i * 13) % 3000] = new Ring(i);
        table.set((round + i) % 5000, { round, i, list: [i, i + 0.5, 'x' + i] });
    }
    for (let i = 0; i < 1000; i++) table.delete((round * 13 + i) % 5000);
    const large = [];
    for (let i = 0; i < 3; i++) large.push(new Array(30000 + round % 1000).fill(round), 'y'.repeat(200000) + round, new Uint8Array(300000));
    const tree = JSON.parse(JSON.stringify(old.slice(0, 300).map((l) => l && { i: l.i, text: l.text })));
    const made = new Function('a', `return { field${round % 500}: a, f${round % 77}: ${round} }`);
    old[round % 20000] = made(tree);
    const dictionary = {};
    for (let i = 0; i < 200; i++) dictionary['key' + ((round + i) % 1000)] = i;
    for (let i = 0; i < 50; i++) delete dictionary['key' + ((round + i) % 1000)];
    old[(round + 1) % 20000] = dictionary;
    setImmediate(churn);
}

if (isMainThread) new Worker(__filename).once('message', () => setTimeout(() => console.log('ready'), 800));
else parentPort.postMessage('both run');
churn();
