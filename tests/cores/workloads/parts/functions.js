// Functions of every kind, what they close over, and what is suspended in the middle of one.
'use strict';
const { plant, expect, keep } = require('../lib/checkpoint');
const closure = { type: 'closure' };

plant('namedClosure', null, 71, (i) => function namedClosure() { return i; }, closure);
plant('arrowClosure', null, 72, (i) => { const arrowClosure = () => i; return arrowClosure; }, closure);
plant('asyncClosure', null, 73, (i) => async function asyncClosure() { return i; }, closure);
plant('generatorClosure', null, 74, (i) => function* generatorClosure() { yield i; }, closure);
plant('methodClosure', null, 75, (i) => ({ methodClosure() { return i; } }), closure);
plant('InnerClass', null, 16, (i) => class InnerClass { get value() { return i; } }, closure);
plant(null, null, 21, (i) => function target() { return this; }.bind({ boundTo: i }, 1, 2));
expect('Object', ['boundTo'], 21);

class InContext { constructor(i) { this.inContext = i; } }
plant(null, null, 1, () => { const hidden = Array.from({ length: 76 }, (_, i) => new InContext(i)); return () => hidden; });
expect('InContext', ['inContext'], 76);
function host() {}
class OnFunction { constructor(i) { this.onFunction = i; } }
host.list = Array.from({ length: 77 }, (_, i) => new OnFunction(i));
keep(host);
expect('OnFunction', ['onFunction'], 77);

function* counting(i) { const local = { generatorLocal: i }; yield local; yield 2; }
plant(null, null, 23, (i) => { const g = counting(i); g.next(); return g; });
expect('Object', ['generatorLocal'], 23);
async function* asyncCounting(i) { const local = { asyncGeneratorLocal: i }; yield local; }
plant(null, null, 13, (i) => { const g = asyncCounting(i); g.next(); return g; });
expect('Object', ['asyncGeneratorLocal'], 13);
const never = keep(new Promise(() => {}));
async function waiting(i) { const local = { asyncLocal: i }; await never; return local; }
plant(null, null, 24, (i) => waiting(i));
expect('Object', ['asyncLocal'], 24);
plant(null, null, 25, (i) => Promise.resolve({ resolvedWith: i }));
expect('Object', ['resolvedWith'], 25);
plant(null, null, 26, (i) => { const p = Promise.reject({ rejectedWith: i }); p.catch(() => {}); return p; });
expect('Object', ['rejectedWith'], 26);
class Deferred extends Promise {}
plant('Deferred', [], 27, () => new Deferred(() => {}));
class Inherits extends Function {}
plant(null, null, 3, () => new Inherits('return 1'));

plant(null, null, 14, function (i) { return (function () { return arguments; })(i, 'sloppy'); });
plant(null, null, 15, function (i) { 'use strict'; return (function () { return arguments; })(i, 'strict'); });
plant(null, null, 28, (i) => new Proxy({ proxied: i }, { get: (t, p) => t[p] }));
expect('Object', ['proxied'], 28);
plant(null, null, 5, () => { const r = Proxy.revocable({}, {}); r.revoke(); return r.proxy; });

class Failure extends Error { constructor(i) { super('failed ' + i); this.failureCode = i; } }
plant('Failure', null, 29, (i) => new Failure(i));
plant(null, null, 7, (i) => new RangeError('out of range ' + i));
if (typeof AggregateError === 'function') plant(null, null, 6, (i) => new AggregateError([new Error('one')], 'several'));
plant(null, null, 6, (i) => new Error('outer', { cause: { errorCause: i } }));
if (new Error('', { cause: 1 }).cause) expect('Object', ['errorCause'], 6); // Node 16.9 and later

class InTimer { constructor(i) { this.inTimer = i; } }
for (let i = 0; i < 78; i++) setTimeout((o) => o, 1e8, new InTimer(i)).unref();
expect('InTimer', ['inTimer'], 78);
