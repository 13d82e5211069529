// Objects without a class: literals, prototypes of one's own, symbols, accessors, tables.
'use strict';
const { plant, expect, keep } = require('../lib/checkpoint');

for (let shape = 0; shape < 30; shape++) {
    const names = Array.from({ length: 1 + (shape % 7) }, (_, j) => `lit${shape}_${j}`);
    const make = new Function('i', `return { ${names.map((n, j) => `${n}: ${['i', "'t' + i", 'null', 'i / 3'][j % 4]}`).join(', ')} };`);
    plant('Object', names, 12 + shape * 5, make);
}
plant('Object', ['bareA', 'bareB'], 46, (i) => Object.assign(Object.create(null), { bareA: i, bareB: 'b' }));
const parent = keep({ inherited: true });
plant('Object', ['ownOnly'], 47, (i) => Object.assign(Object.create(parent), { ownOnly: i }));
const first = Symbol('firstSymbol'), registered = Symbol.for('registered.symbol'), silent = Symbol();
plant('Object', ['symbolic', '<symbol firstSymbol>', '<symbol registered.symbol>'], 48, (i) => ({ symbolic: i, [first]: i, [registered]: 's' }));
plant(null, null, 4, (i) => ({ nearlySilent: i, [silent]: 1 }));
plant('Object', ['plainPart', 'computed'], 49, (i) => Object.defineProperty({ plainPart: i }, 'computed', { get() { return i; }, enumerable: true }));
plant('Object', ['both', 'getAndSet'], 51, (i) => ({ both: i, get getAndSet() { return this.both; }, set getAndSet(v) { this.both = v; } }));
plant('Object', ['quiet1', 'quiet2'], 52, (i) => Object.defineProperties({}, { quiet1: { value: i }, quiet2: { value: 'q' } }));
plant('Object', ['with space', 'comma,in', 'tab\tin', 'line\nin', 'quote"in', 'back\\slash', 'über', '日本語', '2.5', '-1'], 16, (i) => ({
    'with space': i, 'comma,in': 1, 'tab\tin': 2, 'line\nin': 3, 'quote"in': 4, 'back\\slash': 5, 'über': 6, '日本語': 7, '2.5': 8, '-1': 9,
}));
plant('Object', ['cut2', 'cut3'], 53, (i) => { const o = { cut1: 1, cut2: i, cut3: 3 }; delete o.cut1; return o; });
// Tables: the keys are data.
plant(null, null, 3, (i) => { const t = {}; for (let j = 0; j < 1500; j++) t['user' + i + '/' + j] = j; return t; });
plant(null, null, 3, () => { const t = {}; for (let j = 0; j < 400; j++) t[j * 1000003] = j; return t; });
keep(JSON.parse(`[${Array.from({ length: 54 }, (_, i) => `{"parsedId":${i},"parsedName":"p${i}","parsedList":[1,2,${i}]}`)}]`));
expect('Object', ['parsedId', 'parsedName', 'parsedList'], 54);

// Another realm, with its own Object and its own maps.
const vm = require('vm');
keep(vm.runInContext(`class Foreign { constructor(i) { this.foreign = i; } }
    Array.from({ length: 55 }, (_, i) => [new Foreign(i), { foreignLiteral: i }])`, vm.createContext({})));
expect('Foreign', ['foreign'], 55);
expect('Object', ['foreignLiteral'], 55);
