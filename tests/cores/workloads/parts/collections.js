// Maps, sets, weak things, arrays of every kind of elements.
'use strict';
const { plant, expect, keep } = require('../lib/checkpoint');

class MapHolder { constructor(m) { this.map = m; } }
plant('MapHolder', ['map'], 31, (i) => new MapHolder(new Map(Array.from({ length: 10 + i }, (_, j) => ['k' + j, { mapValue: j }]))));
expect('Object', ['mapValue'], Array.from({ length: 31 }, (_, i) => 10 + i).reduce((a, b) => a + b));
class SetHolder { constructor(s) { this.set = s; } }
plant('SetHolder', ['set'], 32, (i) => {
    const s = new Set(Array.from({ length: 60 }, (_, j) => j));
    for (let j = 0; j < 30; j++) s.delete(j); // deleted entries stay in the table for a time
    return new SetHolder(s);
});
class Registry extends Map { constructor(i) { super([[i, i]]); this.registryName = 'r' + i; } }
plant('Registry', ['registryName'], 33, (i) => new Registry(i));
class Titles extends Map {} // of its own nothing but the name, which V8 to 9.6 does not ask for
plant('Titles', [], 37, (i) => new Titles([[i, i]]));
class Marks extends Set {}
plant('Marks', [], 38, (i) => new Marks([i]));
keep(new Map(Array.from({ length: 20000 }, (_, i) => [i, i * 2]))); // a table of its own in large object space

class WeakKey { constructor(i) { this.weakKey = i; } }
class WeakValue { constructor(i) { this.weakValue = i; } }
const table = keep(new WeakMap());
plant('WeakKey', ['weakKey'], 81, (i) => new WeakKey(i)).forEach((key, i) => table.set(key, new WeakValue(i)));
expect('WeakValue', ['weakValue'], 81); // reachable as values of an ephemeron table only
class Target { constructor(i) { this.target = i; } }
const targets = plant('Target', ['target'], 82, (i) => new Target(i));
if (typeof WeakRef === 'function') { // Node 14.6 and later
    plant(null, null, 82, (i) => new WeakRef(targets[i]));
    const registry = keep(new FinalizationRegistry(() => {}));
    targets.forEach((t, i) => registry.register(t, i, t));
    class Dropped { constructor(i) { this.dropped = i; } } // held by weak references alone: gone at the checkpoint
    plant(null, null, 12, (i) => new WeakRef(new Dropped(i)));
    expect('Dropped', ['dropped'], 0);
}
keep(new WeakSet(targets));

// Arrays by kind of elements, each in a holder with a name.
class ArrayHolder { constructor(kind, array) { this.kind = kind; this.array = array; } }
const kinds = {
    smi: (i) => [1, 2, i], holeySmi: (i) => { const a = [1]; a[8] = i; return a; }, double: (i) => [0.5, i + 0.25],
    holeyDouble: (i) => { const a = [0.5]; a[4] = i; return a; }, object: (i) => ['a', { inArray: i }],
    holeyObject: (i) => { const a = ['a']; a[9] = 'z' + i; return a; }, sparse: (i) => { const a = []; a[5e6 + i] = 1; return a; },
    frozen: (i) => Object.freeze(['f', i]), sealed: (i) => Object.seal(['s', i]), empty: () => [], preallocated: () => new Array(700),
    copyOnWrite: () => [1, 2, 3, 4, 5], large: (i) => new Array(40000).fill(i),
};
const perKind = 6;
for (const kind of Object.keys(kinds)) keep(Array.from({ length: perKind }, (_, i) => new ArrayHolder(kind, kinds[kind](i))));
expect('ArrayHolder', ['kind', 'array'], perKind * Object.keys(kinds).length);
expect('Object', ['inArray'], perKind);
class List extends Array {}
plant('List', null, 34, (i) => List.of(i, i + 1));

plant(null, null, 9, () => new Map([[1, 2], [3, 4]]).entries());
plant(null, null, 9, () => new Set([1]).values());
plant(null, null, 9, () => ['x'][Symbol.iterator]());
plant(null, null, 9, () => 'text'[Symbol.iterator]());
plant(null, null, 9, () => 'aXbX'.matchAll(/X/g));

class Listening { constructor(i) { this.listening = i; } }
const emitter = keep(new (require('events').EventEmitter)());
emitter.setMaxListeners(0);
for (let i = 0; i < 83; i++) { const l = new Listening(i); emitter.on('tick', () => l); }
expect('Listening', ['listening'], 83);
