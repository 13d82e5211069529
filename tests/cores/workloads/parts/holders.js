// One holder of every kind in which a program may keep things, each a class with one instance and a name of its own, so that
// it is one line in V8's snapshot and in ours: Holder<Kind><tag> keeps `size` objects of Held<Kind><tag>. Plain keeps them as
// its own properties. What hangs on a weak thing is in workloads/alive.js.
'use strict';

// V8 names an object by what its class is called in the source.
const classOf = (name, body) => new Function(`return class ${name} { ${body} }`)();
const heldOf = (name) => classOf(name, 'constructor(i) { this.i = i; this.text = `held ${i} `.repeat(3) + i; }');

module.exports = function make(tag, size) {
    const all = {};
    function holder(kind, fill) {
        const Holder = classOf(`Holder${kind}${tag}`, ''), Held = heldOf(`Held${kind}${tag}`);
        const object = new Holder();
        fill(object, Array.from({ length: size }, (_, i) => new Held(i)));
        all[kind] = object;
    }
    holder('Plain', (o, held) => { held.slice(0, 10).forEach((h, i) => { o['p' + i] = h; }); });
    holder('Wide', (o, held) => { held.forEach((h, i) => { if (i < 100) o['w' + i] = h; }); });
    holder('Dictionary', (o, held) => { held.forEach((h, i) => { o['key ' + i] = h; }); for (let i = 0; i < size; i += 3) delete o['key ' + i]; });
    holder('Array', (o, held) => { o.list = held; });
    holder('Sparse', (o, held) => { o.list = []; held.forEach((h, i) => { o.list[i * 100003] = h; }); });
    holder('Elements', (o, held) => { held.forEach((h, i) => { o[i] = h; }); });
    holder('Map', (o, held) => { o.map = new Map(held.map((h) => ['m' + h.i, h])); });
    holder('Set', (o, held) => { o.set = new Set(held); });
    holder('Closure', (o, held) => { o.use = () => held; });
    holder('Bound', (o, held) => { o.bound = ((...a) => a).bind(held[0], ...held.slice(1)); });
    holder('Promise', (o, held) => { o.promise = new Promise(() => { }); o.promise.then(() => held); });
    holder('Resolved', (o, held) => { o.promise = Promise.resolve(held); });
    holder('Generator', (o, held) => { o.generator = (function* () { const kept = held; yield 1; yield kept; })(); o.generator.next(); held = null; });
    holder('Async', (o, held) => { o.promise = (async () => { await new Promise((r) => { o.resolve = r; }); return held; })(); });
    holder('Accessor', (o, held) => { Object.defineProperty(o, 'all', { get() { return held; }, enumerable: true, configurable: true }); });
    holder('Proxy', (o, held) => { o.proxy = new Proxy(held, { get: (t, k) => t[k] }); });
    holder('Symbol', (o, held) => { o[Symbol('kept')] = held; });
    holder('Private', (o, held) => { class P { #kept = held; get() { return this.#kept; } } o.p = new P(); });
    holder('Chain', (o, held) => { let next = null; for (const h of held) { h.next = next; next = h; } o.head = next; });
    holder('Error', (o, held) => { o.error = new Error('with a cause', { cause: held }); });
    holder('Key', (o, held) => { const key = { k: tag }; all.table = all.table || new WeakMap(); all.table.set(key, held); o.key = key; });
    holder('Buffer', (o, held) => { o.buffers = held.map((h) => new Uint8Array(new ArrayBuffer(1000 + h.i))); });
    holder('Prototype', (o, held) => { o.object = Object.create({ kept: held }); });
    holder('Arguments', (o, held) => { (function () { o.arguments = arguments; })(...held); });
    // Two holders of one thing: neither retains it.
    const Twice = heldOf(`HeldTwice${tag}`), shared = Array.from({ length: size }, (_, i) => new Twice(i));
    holder('Left', (o) => { o.shared = shared; });
    holder('Right', (o) => { o.shared = shared; });
    return all;
};
