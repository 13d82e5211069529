// One heap, written twice: by V8, and as a core of the process, halted while it writes (halt.c).
'use strict';
const fs = require('fs'), path = require('path'), v8 = require('v8'), events = require('events');

class Account { constructor(i) { this.id = i; this.owner = 'owner ' + i; this.balance = i / 3; this.history = [i, i + 0.5, 'opened']; this.next = null; } }
class Order { constructor(account, i) { this.account = account; this.lines = new Map([[i, 'line ' + i], ['note', { text: 'n' + i }]]); this.#secret = { i }; } #secret; get secret() { return this.#secret; } }
class Cache extends Map { constructor(name) { super(); this.name = name; } }
const accounts = [], orders = new Set(), cache = new Cache('orders'), weak = new WeakMap(), emitter = new events.EventEmitter();
const table = Object.create(null);
for (let i = 0; i < 3000; i++) {
    const account = new Account(i);
    account.next = accounts[i - 1] || null;
    accounts.push(account);
    if (i % 3 === 0) { const order = new Order(account, i); orders.add(order); weak.set(order, { since: i }); cache.set('order ' + i, order); }
    if (i % 10 === 0) table['session ' + i] = { account, bytes: new Uint8Array(i % 100), text: Buffer.from('text of ' + i) };
    if (i % 50 === 0) emitter.on('change ' + i % 100, () => account.balance += i);
}
emitter.setMaxListeners(1000);
const pending = Array.from({ length: 100 }, (_, i) => new Promise((resolve) => setTimeout(resolve, 1e8, { i }).unref()).then((x) => [x, accounts[i]]));
const generators = Array.from({ length: 20 }, function* (_, i) { const local = accounts[i]; yield local; return i; }.constructor ? (_, i) => (function* () { const local = accounts[i]; yield local; return i; })() : null);
for (const g of generators) g.next();
const strings = Array.from({ length: 500 }, (_, i) => 'a'.repeat(i % 40) + i).map((s, i) => i % 2 ? s + s.slice(0, 20) + 'tail of it' : s + ' and a part of it'.slice(3, 14 + i % 3));
class Fleeting { constructor(i) { this.fleeting = i; this.text = 'of ' + i; } }
let fleeting = Array.from({ length: 400 }, (_, i) => new Fleeting(i)); // dies old: no collection follows
globalThis.everything = { accounts, orders, cache, weak, emitter, table, pending, generators, strings, big: 12345678901234567890n, re: /a+b/g, symbol: Symbol('one'),
                          bound: accounts[0].constructor.bind(null, accounts[1]), proxy: new Proxy({ target: 1 }, {}), date: new Date(0), error: new Error('planted') };
{ // what an open socket alone holds: in V8's file its C++ object may be a root
    const sessions = Array.from({ length: 300 }, (_, i) => ({ session: i, of: 'client ' + i }));
    require('net').createServer(() => sessions).listen(0);
}

function settle(rounds, done) { gc(); setImmediate(rounds ? () => settle(rounds - 1, done) : done); }
const byte = Buffer.alloc(1), options = { exposeNumericValues: true };
settle(3, () => {
    v8.writeHeapSnapshot('/dev/null', options); // what V8 makes once is there when the one that counts is written
    fleeting = null;
    fs.writeSync(1, 'ready\n');
    fs.readSync(0, byte, 0, 1);
    v8.writeHeapSnapshot(path.resolve('twin.heapsnapshot'), options); // halts at its first write (halt.c)
    fs.writeSync(1, 'written\n');
    process.exit(0);
});
