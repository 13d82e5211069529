// Ways to leak, and healthy programs that look as if they leaked. `growth.js NAME[+NAME…]`: one step each for a line on
// stdin, then "ready step K". ranking.py says what must be found for each name.
'use strict';
const { EventEmitter } = require('events');
const { AsyncLocalStorage } = require('async_hooks');
const vm = require('vm');

let seed = 12345; // the same load in every run
const random = (n) => { seed ^= seed << 13; seed ^= seed >>> 17; seed ^= seed << 5; return (seed >>> 0) % n; }; // xorshift32
const text = (what, i, n = 40) => (what + ' ' + i + ' ').repeat(Math.ceil(n / (what.length + 8)));
let serial = 0;
const flat = (s) => { Buffer.from(s); return JSON.parse(JSON.stringify(s)); };

const leaks = {
    map() { class CacheEntry { constructor(k) { this.key = k; this.value = { html: text('page', k), at: k }; } }
        const pages = new Map(); return () => { for (let i = 0; i < 400; i++) pages.set('user:' + serial++, new CacheEntry(serial)); }; },
    array() { class LeakNode { constructor(i) { this.id = i; this.name = text('leak', i); this.pos = { x: i, y: i + 0.5 }; } }
        global.collected = []; return () => { for (let i = 0; i < 300; i++) collected.push(new LeakNode(serial++)); }; },
    table() { const queues = {}; return () => { for (let i = 0; i < 2000; i++) queues['amq.gen-' + serial++] = 1; }; },
    symbols() { const marks = {}; return () => { for (let i = 0; i < 500; i++) marks[Symbol('mark')] = i; }; },
    numbers() { const samples = []; return () => { for (let i = 0; i < 5000; i++) samples.push(random(1e6) + 0.25); }; },
    integers() { const counts = []; return () => { for (let i = 0; i < 5000; i++) counts.push(i); }; },
    numbermap() { const hits = new Map(); return () => { for (let i = 0; i < 3000; i++) hits.set(serial++, i); }; },
    numberset() { const seen = new Set(); return () => { for (let i = 0; i < 3000; i++) seen.add(serial++); }; },
    rope() { class Recorder { constructor() { this.log = ''; } write(s) { this.log += s; } }
        const recorder = new Recorder(); return () => { for (let i = 0; i < 800; i++) recorder.write('event ' + serial++ + '\n'); }; },
    document() { const state = { body: '' }; return () => { state.body = flat(state.body + text('line', serial++, 60000)); }; },
    texts() { const lines = []; return () => { for (let i = 0; i < 800; i++) lines.push(flat('line ' + serial++ + ' of the log, kept')); }; },
    slices() { const ids = []; return () => { for (let i = 0; i < 60; i++) ids.push(flat(text('body', serial++, 8000)).slice(10, 40)); }; },
    headers() { class Header { constructor(b) { this.magic = b.subarray(0, 4); this.seq = serial++; } }
        const headers = []; return () => { for (let i = 0; i < 60; i++) headers.push(new Header(Buffer.allocUnsafeSlow(16384).fill(1))); }; },
    onebuffer() { const received = { data: Buffer.alloc(0) }; return () => { received.data = Buffer.concat([received.data, Buffer.alloc(100000, 1)]); }; },
    typed() { const series = { points: new Float64Array(10) }; return () => { const more = new Float64Array(series.points.length + 20000); more.set(series.points); series.points = more; }; },
    buffers() { const chunks = []; return () => { for (let i = 0; i < 40; i++) chunks.push(Buffer.alloc(20000)); }; },
    listeners() { class ConfigStore extends EventEmitter {} class Connection { constructor(i) { this.cid = i; this.buf = text('b', i); store.on('change', () => this.cid); } }
        const store = new ConfigStore(); store.setMaxListeners(0); return () => { for (let i = 0; i < 300; i++) new Connection(serial++); }; },
    process() { process.setMaxListeners(0); class Shutdown { constructor() { this.at = serial++; this.name = text('s', this.at); } }
        return () => { for (let i = 0; i < 200; i++) { const s = new Shutdown(); process.on('beforeExit', () => s.at); } }; },
    signals() { class Upload { constructor() { this.id = serial++; this.name = text('file', this.id); } }
        const controller = new AbortController(); EventEmitter.setMaxListeners?.(0, controller.signal);
        return () => { for (let i = 0; i < 200; i++) { const u = new Upload(); controller.signal.addEventListener('abort', () => u.id); } }; },
    intervals() { class Widget { constructor() { this.id = serial++; this.state = text('w', this.id); } }
        return () => { for (let i = 0; i < 200; i++) { const w = new Widget(); setInterval(() => w.id, 1e8); } }; },
    timeouts() { class Retry { constructor() { this.id = serial++; this.body = text('r', this.id); } }
        return () => { for (let i = 0; i < 200; i++) { const r = new Retry(); setTimeout(() => r.id, 1e8 + i); } }; },
    promises() { class Job { constructor() { this.id = serial++; this.kind = 'resize'; this.body = text('j', this.id); } }
        const waiting = new Map(); async function run(job) { await new Promise((done) => waiting.set(job.id, done)); return job; }
        return () => { for (let i = 0; i < 300; i++) run(new Job()); }; },
    race() { const stop = new Promise(() => {}); return async () => { for (let i = 0; i < 300; i++) await Promise.race([stop, Promise.resolve(i)]); }; },
    closures() { const undo = []; function remember(i, what) { return function revert() { return what + i; }; }
        return () => { for (let i = 0; i < 400; i++) undo.push(remember(serial++, text('u', serial))); }; },
    chain() { class BigThing { constructor(s, m) { this.longStr = s; this.someMethod = m; } } let theThing = null;
        function replaceThing(n) { const originalThing = theThing; const unused = function () { if (originalThing) return 'hi'; };
            theThing = new BigThing(flat(text('payload', n, 300)), function someMethod() { return 'x'; }); }
        global.useThing = () => theThing; return () => { for (let i = 0; i < 150; i++) replaceThing(serial++); }; },
    list() { class State { constructor(v, before) { this.v = v; this.op = { at: v }; this.before = before; } } const history = { head: null };
        return () => { for (let i = 0; i < 500; i++) history.head = new State(serial++, history.head); }; },
    tree() { class Leaf { constructor(k) { this.k = k; this.left = null; this.right = null; this.note = text('n', k, 20); } } const index = { root: new Leaf(5e5) };
        return () => { for (let i = 0; i < 500; i++) { const k = random(1e6); let n = index.root; for (;;) { const s = k < n.k ? 'left' : 'right'; if (!n[s]) { n[s] = new Leaf(k); break; } n = n[s]; } } }; },
    queue() { const backlog = []; class Message { constructor() { this.id = serial++; this.body = text('m', this.id); } }
        return () => { for (let i = 0; i < 1000; i++) backlog.push(new Message()); for (let i = 0; i < 700; i++) backlog.shift(); }; },
    storage() { class RequestStore { constructor() { this.id = serial++; this.user = { name: text('u', this.id) }; } } const als = new AsyncLocalStorage(), held = [];
        return () => { for (let i = 0; i < 200; i++) als.run(new RequestStore(), () => held.push(new Promise((done) => setTimeout(done, 1e9)).then(() => als.getStore()))); }; },
    contexts() { const sandboxes = []; return () => { for (let i = 0; i < 2; i++) { const box = vm.createContext({ rules: text('r', serial++) }); vm.runInContext('var a = rules + 1', box); sandboxes.push(box); } }; },
    scripts() { const compiled = new Map(); return () => { for (let i = 0; i < 60; i++) compiled.set(serial, new Function('x', 'return x + ' + serial++)); }; },
    weakkeys() { class Node3 { constructor() { this.id = serial++; this.label = text('n', this.id); } } const meta = new WeakMap(), registry = new Set();
        return () => { for (let i = 0; i < 300; i++) { const n = new Node3(); meta.set(n, { seen: n.id, tags: ['a', 'b'] }); registry.add(n); } }; },
    hidden() { class Order { static #all = []; #lines; constructor() { this.#lines = text('o', serial++); Order.#all.push(this); } total() { return this.#lines.length; } }
        global.Order = Order; return () => { for (let i = 0; i < 300; i++) new Order(); }; },
    errors() { const failed = []; class JobError extends Error { constructor() { super('job ' + serial++); this.job = serial; } }
        return () => { for (let i = 0; i < 100; i++) failed.push(new JobError()); }; },
    dates() { const stamps = []; return () => { for (let i = 0; i < 500; i++) stamps.push(new Date(serial++ * 1000)); }; },
    regexps() { const rules = []; return () => { for (let i = 0; i < 200; i++) rules.push(new RegExp('^user' + serial++ + '$', 'u')); }; },
    bigints() { const ledger = []; return () => { for (let i = 0; i < 800; i++) ledger.push(10n ** 30n + BigInt(serial++)); }; },
    generators() { const tasks = new Set(); function* cursor(rows) { for (const r of rows) yield r; }
        return () => { for (let i = 0; i < 300; i++) { const c = cursor([serial++, 1, 2]); c.next(); tasks.add(c); } }; },
    suspended() { class Rpc { constructor() { this.id = serial++; this.body = text('rpc', this.id); } } const never = () => new Promise((done) => pending.push(done)), pending = [];
        async function call(rpc) { await never(); return rpc.id; } return () => { for (let i = 0; i < 300; i++) call(new Rpc()); }; },
    proxies() { const observed = []; return () => { for (let i = 0; i < 300; i++) observed.push(new Proxy({ id: serial++, name: text('p', serial) }, {})); }; },
    literals() { const history = []; return () => { for (let i = 0; i < 500; i++) history.push({ type: 'click', at: serial++, payload: { x: i, y: 1 } }); }; },
    parsed() { const docs = new Map(); return () => { for (let i = 0; i < 300; i++) docs.set(serial, JSON.parse('{"id":' + serial++ + ',"owner":"u","tags":["a","b"],"size":{"w":1,"h":2}}')); }; },
    tenants() { class Event1 { constructor() { this.id = serial++; this.data = text('e', this.id); } } const tenants = new Map(); for (let i = 0; i < 20; i++) tenants.set('t' + i, { name: 't' + i, events: [] });
        return () => { for (let i = 0; i < 400; i++) tenants.get('t' + (i % 20)).events.push(new Event1()); }; },
    twomaps() { class Session { constructor() { this.id = serial++; this.user = text('u', this.id); } } const byId = new Map(), byUser = new Map();
        return () => { for (let i = 0; i < 300; i++) { const s = new Session(); byId.set(s.id, s); byUser.set(s.user, s); } }; },
    modules() { const Module = require('module'); return () => { for (let i = 0; i < 30; i++) { const m = new Module('/tmp/template-' + serial++ + '.js'); m._compile('module.exports = () => ' + serial, m.id); require.cache[m.id] = m; } }; },
    finalizers() { class Handle { constructor() { this.fd = serial++; this.name = text('h', this.fd); } } const registry = new FinalizationRegistry(() => {}), anchor = {};
        return () => { for (let i = 0; i < 300; i++) registry.register(anchor, new Handle()); }; },
    urls() { const visited = []; return () => { for (let i = 0; i < 200; i++) visited.push(new URL('http://host/' + serial++)); }; },
    inherited() { class Model { static track(x) { this.made.push(x); } } Model.made = []; class User extends Model {} // only User's map knows Model
        return () => { for (let i = 0; i < 300; i++) User.track({ id: serial++, name: text('u', i) }); }; },
    accessor() { const lazy = () => { const rows = []; return Object.defineProperty({}, 'rows', { get: () => rows }); }, view = lazy();
        return () => { for (let i = 0; i < 300; i++) view.rows.push({ row: serial++, name: text('r', i) }); }; },
    patched() { function spy(proto, name) { const real = proto[name], calls = []; proto[name] = function (x) { calls.push({ call: x }); return real.call(this, x); }; }
        class Mailer { send(x) { return x; } } spy(Mailer.prototype, 'send'); const mailer = new Mailer(); return () => { for (let i = 0; i < 500; i++) mailer.send(text('m', serial++)); }; },
    slow() { // ten sessions a step, among thousands of the same class that come and go
        class Session { constructor() { this.id = serial++; this.user = text('u', this.id, 200); } } const lost = new Map(), live = [];
        return () => { live.length = 0; for (let i = 0, n = 500 + random(4000); i < n; i++) live.push(new Session()); for (let i = 0; i < 10; i++) lost.set(serial, new Session()); }; },
};

const healthy = {
    lru() { class LruEntry { constructor(k) { this.k = k; this.body = text('v', k); } } const lru = new Map();
        return () => { for (let i = 0; i < 1500; i++) { const k = random(5000); const e = lru.get(k) || new LruEntry(k); lru.delete(k); lru.set(k, e); if (lru.size > 800) lru.delete(lru.keys().next().value); } }; },
    pool() { class Conn { constructor(i) { this.i = i; this.buf = Buffer.alloc(2000); } } const pool = [];
        return (step) => { while (pool.length < Math.min(100, step * 60)) pool.push(new Conn(pool.length)); }; },
    templates() { const compiled = {}; class Template { constructor(i) { this.tpl = i; this.src = text('t', i); } } const sizes = [2000, 3000, 3500];
        return (step) => { for (let i = 0; i < sizes[Math.min(step, 3) - 1]; i++) compiled['t' + i] = compiled['t' + i] || new Template(i); }; },
    warmup() { const lines = []; for (let i = 0; i < 60; i++) lines.push(new Function('a', 'let s = 0; for (let i = 0; i < a; i++) s += i * ' + i + '; return { s, t: [s] }'));
        return (step) => { for (let k = 0; k < Math.min(step * 20, 60); k++) for (let i = 0; i < 300; i++) lines[k](i); }; },
    burst() { const queue = []; class Burst { constructor() { this.id = serial++; this.body = text('b', this.id); } }
        return (step) => { if (step === 2) for (let i = 0; i < 3000; i++) queue.push(new Burst()); if (step > 3) queue.length = Math.min(queue.length, 100); }; },
    sessions() { class Session { constructor() { this.id = serial++; this.user = text('u', this.id); } } const store = new Map(); let clock = 0;
        return () => { for (let i = 0; i < 600; i++, clock++) { store.set(clock, new Session()); for (const k of store.keys()) { if (k > clock - 500 - random(60)) break; store.delete(k); } } }; },
    inflight() { class Request { constructor() { this.id = serial++; this.headers = { host: 'h' }; this.body = text('r', this.id); } } const active = new Set();
        return () => { active.clear(); for (let i = 0, n = 100 + random(300); i < n; i++) { const r = new Request(); active.add(r); r.done = new Promise(() => r); } for (let i = 0; i < 4000; i++) new Request(); }; },
    memo() { const memo = new Map(); return () => { for (let i = 0, n = 700 + random(900); i < n; i++) { const k = random(2000); if (!memo.has(k)) { if (memo.size >= 700) memo.clear(); memo.set(k, { k, v: text('m', k) }); } } }; },
    coupons() { const known = new Map(); class Coupon { constructor(k) { this.k = k; this.v = text('c', k); } } // fills to what there is
        return () => { for (let i = 0; i < 2500; i++) { const k = random(1500); if (!known.has(k)) known.set(k, new Coupon(k)); } }; },
    ring() { const ring = new Array(1000).fill(null); let at = 0; return () => { for (let i = 0; i < 1700; i++) ring[at++ % 1000] = { at, line: text('log', at) }; }; },
    swap() { let front = [], back = []; global.swapped = () => [front, back]; return () => { back = []; for (let i = 0; i < 500 + random(100); i++) back.push({ id: serial++, v: i }); [front, back] = [back, front]; }; },
    counters() { const counters = {}; for (let i = 0; i < 500; i++) counters['c' + i] = 0; return () => { for (let i = 0; i < 5000; i++) counters['c' + random(500)]++; }; },
    sawtooth() { class Scratch { constructor() { this.id = serial++; this.v = [1, 2, 3]; } } const last = new Array(300).fill(null);
        return () => { for (let i = 0, n = 1000 + random(12000); i < n; i++) last[i % 300] = new Scratch(); }; },
    builder() { const page = { text: '' }; return () => { page.text = ''; for (let i = 0, n = 200 + random(600); i < n; i++) page.text += 'row ' + i + '\n'; }; },
    backlog() { const backlog = []; class Message { constructor() { this.id = serial++; this.body = text('m', this.id); } }
        return () => { for (let i = 0; i < 1000; i++) backlog.push(new Message()); const left = random(400); while (backlog.length > left) backlog.shift(); }; },
    subscribers() { const bus = new EventEmitter(); bus.setMaxListeners(0); const bound = [];
        return () => { for (let i = 0; i < 400; i++) { const f = () => i; bus.on('x', f); bound.push(f); } const keep = 100 + random(100); while (bound.length > keep) bus.off('x', bound.shift()); }; },
    timers() { const set = []; return () => { for (let i = 0; i < 400; i++) set.push(setTimeout(() => i, 1e8)); const keep = random(150); while (set.length > keep) clearTimeout(set.shift()); }; },
    settled() { class Task { constructor() { this.id = serial++; } } return async () => { await Promise.all(Array.from({ length: 800 }, async () => { const t = new Task(); await null; return t.id; })); }; },
    replace() { const cache = new Array(600).fill(null); return () => { for (let i = 0; i < 900; i++) cache[random(600)] = { id: serial++, v: text('r', serial) }; }; },
    weak() { const cache = new WeakMap(), owners = []; return () => { owners.length = 0; for (let i = 0, n = 200 + random(300); i < n; i++) { const o = { id: serial++ }; cache.set(o, { v: text('w', i) }); owners.push(o); } }; },
    weakrefs() { const cache = new Map(); return () => { for (let i = 0; i < 300; i++) cache.set(random(400), new WeakRef({ v: text('w', i) })); }; },
    chunks() { const parts = []; return () => { parts.length = 0; for (let i = 0, n = 5 + random(20); i < n; i++) parts.push(Buffer.alloc(30000)); }; },
    rehash() { const names = {}; return () => { for (const k of Object.keys(names)) if (random(2)) delete names[k]; while (Object.keys(names).length < 600) names['k' + serial++] = serial; }; },
    lists() { class Cell { constructor(next) { this.v = serial++; this.next = next; } } const stack = { top: null };
        return () => { stack.top = null; for (let i = 0, n = 300 + random(500); i < n; i++) stack.top = new Cell(stack.top); }; },
};

if (process.argv[2] === '--names') {
    console.log(JSON.stringify({ leaks: Object.keys(leaks), healthy: Object.keys(healthy) }));
    process.exit(0);
}
const steps = process.argv[2].split('+').map((name) => (leaks[name] || healthy[name])());
let k = 0;
async function next() {
    k++;
    for (const step of steps) await step(k);
    if (global.gc) for (let i = 0; i < 3; i++) { gc(); await new Promise((done) => setImmediate(done)); }
    console.log('ready step ' + k);
}
let running = next();
process.stdin.setEncoding('utf8');
process.stdin.on('data', (s) => { for (const c of s) if (c === '\n') running = running.then(next); });
process.stdin.on('end', () => process.exit(0));
