// Strings of every representation, numbers, symbols, and objects around primitives.
'use strict';
const { plant, expect, keep } = require('../lib/checkpoint');

class Text { constructor(kind, text) { this.textKind = kind; this.text = text; } }
const latin = (s) => Buffer.from(s, 'latin1').toString('latin1'); // fresh, sequential, one byte a character
const long = keep(Buffer.alloc(150000, 'the quick brown fox ').toString('latin1'));
const kinds = {
    oneByte: (i) => latin('a plain string, number ' + i), latin1: (i) => latin('caf\xe9 ' + i), twoByte: (i) => Buffer.from('Привет ' + i).toString(),
    emoji: (i) => '😀' + String.fromCodePoint(0x1f600 + i), lonely: (i) => 'x' + String.fromCharCode(0xd800 + i), nul: (i) => 'a\0b' + i,
    cons: (i) => latin('the left half of it ') + latin('the right half ' + i), sliced: (i) => long.slice(100 + i, 190 + i),
    thin: (i) => { const s = latin('made thin by ') + latin('being a key ' + i); const o = {}; o[s] = 1; keep(o); return s; },
    external1: (i) => Buffer.alloc(2 << 20, 'e' + i).toString('latin1'), external2: (i) => Buffer.alloc(3 << 20, 'f\0').toString('ucs2'),
    flattened: (i) => { let s = ''; for (let j = 0; j < 500; j++) s += 'part ' + j; s.charCodeAt(9); return s; },
    deep: () => { let s = ''; for (let j = 0; j < 3000; j++) s += 'piece ' + j + ';'; return s; },
};
const each = { external1: 2, external2: 2, deep: 1 };
let texts = 0;
for (const kind of Object.keys(kinds)) {
    const n = each[kind] || 7;
    texts += n;
    keep(Array.from({ length: n }, (_, i) => new Text(kind, kinds[kind](i))));
}
expect('Text', ['textKind', 'text'], texts);

plant(null, null, 19, (i) => BigInt('9'.repeat(20 + i)));
plant(null, null, 19, (i) => Symbol('of the user ' + i));
plant(null, null, 19, (i) => i + 0.123);
plant(null, null, 5, (i) => [new Number(i), new String('w' + i), new Boolean(false), Object(Symbol('in a box')), Object(7n)]);
plant(null, null, 20, (i) => new Date(1.7e12 + i));
plant(null, null, 21, (i) => new RegExp('^re' + i + '$', 'g'));
plant(null, null, 4, (i) => new URL('http://host' + i + '.example/path?x=1'));
plant(null, null, 1, () => new Intl.NumberFormat('en'));
