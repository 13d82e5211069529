// For Node 0.10 and later, so in ES5: planted classes of every kind that older V8 keeps in its own way, live and dead objects
// whose fate is known, and a list that grows from step to step. Arguments: steps, and "healthy" for nothing that grows or "truth" for V8's own
// snapshot behind the first step of several (of one step there always is one). Writes truth.json, snap.heapsnapshot where
// this Node can, and says "ready step K" before it blocks.
'use strict';
var fs = require('fs'), util = require('util'), v8 = null;
try { v8 = require('v8'); } catch (e) {}
var steps = +process.argv[2] || 1, truth = steps === 1 || process.argv[3] === 'truth', groups = [], keep = global.olderKeep = [];
function group(name, properties, n, make, fate) {
    var list = [], i;
    for (i = 0; i < n; i++) list.push(make(i));
    if (fate !== 'dead') keep.push(list);
    if (properties) groups.push({ constructor: name, properties: properties, count: n, fate: fate || 'live' });
    return list;
}
function names(prefix, n) { var r = []; for (var i = 0; i < n; i++) r.push(prefix + i); return r; }

function Plain(i) { this.number = i; this.text = 'v' + i; } group('Plain', ['number', 'text'], 700, function (i) { return new Plain(i); });
function None() {} group('None', [], 123, function () { return new None(); });
// 24 properties: some do not fit into the object
function Outside(i) { for (var k = 0; k < 24; k++) this['o' + k] = i + k; } group('Outside', names('o', 24), 200, function (i) { return new Outside(i); });
// raw doubles in the object (V8 4.5 to 7.9): the bits of some are those of tagged pointers
function Doubles(i) { this.a = i + 0.25; this.b = -i / 3; this.c = i; this.d = 6.9e-310 + i * 5e-324; }
group('Doubles', ['a', 'b', 'c', 'd'], 300, function (i) { return new Doubles(i); });
function Table(i) { this.gone = 1; this.one = i; this.two = 'z'; delete this.gone; } group('Table', ['one', 'two'], 100, function (i) { return new Table(i); });
function Base(i) { this.base = i; } group('Base', ['base'], 88, function (i) { return new Base(i); });
function Sub(i) { Base.call(this, i); this.sub = i; } util.inherits(Sub, Base); group('Sub', ['base', 'sub'], 44, function (i) { return new Sub(i); });
function Elements(i) { this[0] = i; this[7] = 'seven'; this.e = 1; } group('Elements', ['e'], 60, function (i) { return new Elements(i); });
var space = { inner: {} }; space.inner.Anonymous = function (i) { this.anonymous = i; };   // a name of two levels, inferred
group(null, ['anonymous'], 70, function (i) { return new space.inner.Anonymous(i); });
group('Object', ['accessor', 'plainly'], 29, function (i) { return Object.defineProperty({ plainly: i }, 'accessor', { get: function () { return i; }, enumerable: true }); });
group('Object', ['nothing', 'inherits'], 33, function (i) { var o = Object.create(null); o.nothing = i; o.inherits = 2; return o; });
group('Object', names('many', 300), 4, function () { var o = {}; for (var k = 0; k < 300; k++) o['many' + k] = k; return o; });
group(null, null, 5, function () { return new Array(200000).join('x').split(''); });
group(null, null, 9, function (i) { return new (typeof Uint8Array === 'function' ? Uint8Array : Array)(i + 5000); });

// who holds them
function HeldByClosure(i) { this.c = i; } (function () { var list = group('HeldByClosure', ['c'], 90, function (i) { return new HeldByClosure(i); }); keep.pop(); keep.push(function () { return list; }); })();
function HeldByTimer(i) { this.t = i; } group('HeldByTimer', ['t'], 40, function (i) { var o = new HeldByTimer(i); setTimeout(function () { return o; }, 1e8); return o; }); keep.pop();
function HeldByName(i) { this.n = i; } global.olderHeld = { shelf: group('HeldByName', ['n'], 30, function (i) { return new HeldByName(i); }) }; keep.pop();
var weak = typeof WeakMap === 'function' ? new WeakMap() : null, dead = [];
global.olderWeak = weak;
function HeldByKey(i) { this.k = i; }
if (weak) { group('HeldByKey', ['k'], 60, function (i) { var key = { key: i }, o = new HeldByKey(i); keep.push(key); weak.set(key, o); return o; }); keep.splice(keep.length - 1, 1); }
// who is dead by the time of the core
function DeadChild(i) { this.e = i; } function DeadOld(i) { this.d = i; this.child = new DeadChild(i); }
dead.push(group('DeadOld', ['d', 'child'], 400, function (i) { return new DeadOld(i); }, 'dead'));
groups.push({ constructor: 'DeadChild', properties: ['e'], count: 400, fate: 'dead' });
function DeadCycle() { this.other = null; }
dead.push(group('DeadCycle', ['other'], 100, function () { var a = new DeadCycle(); a.other = a; return a; }, 'dead'));
function DeadPair(i) { this.v = i; this.key = null; }
if (weak) dead.push(group('DeadPair', ['v', 'key'], 50, function (i) { var key = {}, o = new DeadPair(i); o.key = key; weak.set(key, o); return o; }, 'dead'));

function Session(i) { this.id = i; this.name = 'session ' + i; }
var sessions = global.olderSessions = [];
function grow() { for (var i = 0; i < 1500; i++) sessions.push(new Session(sessions.length)); }
// As much comes as goes: a list that is filled anew, a table with a bound, a ring of buffers.
var healthy = process.argv[3] === 'healthy', table = {}, next = 0, ring = [];
function settle() {
    sessions.length = 0;
    grow();
    for (var i = 0; i < 3000; i++, next++) { table['key ' + next] = { entry: next }; delete table['key ' + (next - 500)]; ring[next % 64] = new Array(50); }
}

function buffer() { return Buffer.alloc ? Buffer.alloc(1) : new Buffer(1); }
function say(text) { var b = Buffer.from && Buffer.from !== Uint8Array.from ? Buffer.from(text) : new Buffer(text); fs.writeSync(1, b, 0, b.length, null); }
function block() { try { fs.readSync(0, buffer(), 0, 1, null); } catch (e) { if (e.code !== 'EOF') throw e; } }
// Node 8 to 11.12 have the inspector only: it is loaded, connected and used before the core, for the program would look different after.
var session = null, pieces = null;
if (truth && !(v8 && v8.writeHeapSnapshot)) {
    try { session = new (require('inspector').Session)(); } catch (e) {}
    if (session) { session.connect(); session.on('HeapProfiler.addHeapSnapshotChunk', function (m) { if (pieces !== null) fs.writeSync(pieces, m.params.chunk); }); snapshot(function () {}, '/dev/null'); }
}
function snapshot(done, name) {
    if (v8 && v8.writeHeapSnapshot) { v8.writeHeapSnapshot(name); return done(); }
    if (!session) return done();
    pieces = fs.openSync(name, 'w');
    session.post('HeapProfiler.takeHeapSnapshot', null, function () {});
    fs.closeSync(pieces);
    done();
}
function writeTruth() {
    fs.writeFileSync('truth.json', JSON.stringify({ groups: groups, memory: process.memoryUsage(), spaces: v8 && v8.getHeapSpaceStatistics ? v8.getHeapSpaceStatistics() : null }));
}
function step(k) {
    if (healthy) settle(); else grow();
    if (k === 1) writeTruth();      // what it makes once is in the core then
    for (var i = 0; i < 4; i++) gc();
    if (k === 1) dead = null;       // no collection before the first core
    say('ready step ' + k + '\n');
    block();
    if (k === 1) writeTruth();
    if (k === 1 && truth) return snapshot(function () { proceed(k); }, 'snap.heapsnapshot');
    proceed(k);
}
function proceed(k) {
    if (k < steps) return setImmediate ? setImmediate(step, k + 1) : step(k + 1);
    say('end\n');
    process.exit(0);
}
setTimeout(function () { step(1); }, 50);
