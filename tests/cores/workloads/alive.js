// What is alive, who holds it: planted objects whose fate is known. Everything is made old first, then the last references to the
// dead ones go, with no collection before the core. Held* must be told reachable, Dead* garbage, whatever weak things name them.
'use strict';
const fs = require('fs');

class HeldByGlobal { constructor(i) { this.g = i; } }
class HeldByClosure { constructor(i) { this.c = i; } }
class HeldByMap { constructor(i) { this.m = i; } }
class HeldByTimer { constructor(i) { this.t = i; } }
class HeldByPromise { constructor(i) { this.p = i; } }
class HeldByKey { constructor(i) { this.k = i; } }          // value of a WeakMap whose key lives
class HeldByStack { constructor(i) { this.s = i; } }
class DeadOld { constructor(i) { this.d = i; this.child = new DeadChild(i); } }
class DeadChild { constructor(i) { this.e = i; } }
class DeadCycle { constructor() { this.other = null; } }
class DeadYoung { constructor(i) { this.y = i; } }
class DeadWeakly { constructor(i) { this.w = i; } }          // only a WeakRef names it
class DeadPair { constructor(i) { this.v = i; this.key = null; } } // a WeakMap value that alone holds its key

class HeldLink { constructor(i) { this.l = i; } }            // each the key of the next one, in a WeakMap; the first one is held
class DeadLink { constructor(i) { this.n = i; } }            // the same, and nobody holds the first one
class DeadInSet { constructor(i) { this.a = i; } }           // only a WeakSet names it
class HeldAsHoldings { constructor(i) { this.h = i; } }      // what a FinalizationRegistry keeps for a target that lives
class DeadTarget { constructor(i) { this.r = i; } }          // a target of it that does not
class HeldDeep { constructor(i) { this.q = i; } }            // held by a long path that lasts, and by work under way
class HeldForDead { constructor(i) { this.f = i; } }         // what it keeps for that one, until it has told it

const hasRefs = typeof WeakRef === 'function'; // Node 14.6 and later
const weakSet = new WeakSet(), chain = new WeakMap(), registry = hasRefs ? new FinalizationRegistry(() => { }) : null;
const weakMap = new WeakMap(), keys = [], refs = [], sessions = new Map();
let old = [];
globalThis.heldList = [];
for (let i = 0; i < 300; i++) globalThis.heldList.push(new HeldByGlobal(i));
const listOfClosure = Array.from({ length: 200 }, (_, i) => new HeldByClosure(i));
globalThis.heldFunction = function holder() { return listOfClosure; };
for (let i = 0; i < 150; i++) sessions.set('session ' + i, new HeldByMap(i));
globalThis.useSessions = () => sessions;
for (let i = 0; i < 40; i++) setTimeout((o) => o, 1e8, new HeldByTimer(i)).unref();
globalThis.pending = Array.from({ length: 30 }, (_, i) => new Promise((resolve) => { const held = new HeldByPromise(i); setTimeout(() => resolve(held), 1e8).unref(); }));
for (let i = 0; i < 60; i++) { const key = { i }; keys.push(key); weakMap.set(key, new HeldByKey(i)); }
globalThis.keys = keys;
globalThis.weakMap = weakMap;
for (let i = 0; i < 400; i++) old.push(new DeadOld(i));
for (let i = 0; i < 100; i++) { const a = new DeadCycle(), b = new DeadCycle(); a.other = b; b.other = a; old.push(a); }
for (let i = 0; i < 50 && hasRefs; i++) { const w = new DeadWeakly(i); old.push(w); refs.push(new WeakRef(w)); }
globalThis.refs = refs;
const floor = { room: { rack: { shelf: { box: Array.from({ length: 50 }, (_, i) => new HeldDeep(i)) } } } };
function underWay() { // what the queues hold for a moment, by shorter paths
    const { box } = floor.room.rack.shelf;
    setImmediate(() => box);
    process.nextTick(() => box);
    queueMicrotask(() => box);
}
for (let i = 0; i < 50; i++) { const key = {}, v = new DeadPair(i); v.key = key; weakMap.set(key, v); old.push(key); }

function link(Link, count) { // the last ones first, so that no order of tables helps
    const links = Array.from({ length: count }, (_, i) => new Link(i));
    for (let i = count - 2; i >= 0; i--) chain.set(links[i], links[i + 1]);
    return links[0];
}
globalThis.chain = chain;
globalThis.headOfChain = link(HeldLink, 40);
old.push(link(DeadLink, 40));
globalThis.weakSet = weakSet;
for (let i = 0; i < 25; i++) { const o = new DeadInSet(i); old.push(o); weakSet.add(o); }
globalThis.registry = registry;
globalThis.targets = [];
for (let i = 0; i < 25 && hasRefs; i++) {
    const live = { target: i }, dead = new DeadTarget(i);
    globalThis.targets.push(live);
    old.push(dead);
    registry.register(live, new HeldAsHoldings(i), live);
    registry.register(dead, new HeldForDead(i), dead);
}

// What vm.Script compiles: from Node 24 on the only reference to it is a traced handle of its wrapper's C++ object.
const vm = require('vm'), v8 = require('v8');
v8.setFlagsFromString('--no-compilation-cache'); // which would hold it as well
function script(name, i) { return new vm.Script(`(class Made${i} { method() { return ${i}; } })`, { filename: `${name}-${i}.js` }); }
globalThis.scripts = Array.from({ length: 20 }, (_, i) => script('held-by-wrapper', i));
old.push(Array.from({ length: 20 }, (_, i) => script('dead-with-wrapper', i)));
v8.setFlagsFromString('--compilation-cache');

function settle(rounds, done) { gc(); setImmediate(rounds ? () => settle(rounds - 1, done) : done); }
function wait(onStack) { // the frame holds onStack while it waits
    fs.writeSync(1, hasRefs ? 'ready\n' : 'ready without WeakRef\n');
    const byte = Buffer.alloc(1);
    try { fs.readSync(0, byte, 0, 1); } catch (e) { if (e.code !== 'EOF') throw e; }
    return onStack.length;
}
settle(3, () => {
    old = null;
    let last = null;
    for (let i = 0; i < 2000; i++) last = new DeadYoung(i);
    last = null;
    underWay();
    wait(Array.from({ length: 20 }, (_, i) => new HeldByStack(i)));
    process.exit(0);
});
