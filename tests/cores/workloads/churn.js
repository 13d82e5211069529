// Never rests: young garbage, old garbage, growing and shrinking tables, large objects, two threads. For cores that are
// taken at any moment.
'use strict';
const { Worker, isMainThread } = require('worker_threads');

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

if (isMainThread) {
    new Worker(__filename);
    setTimeout(() => console.log('ready'), 800);
}
churn();
