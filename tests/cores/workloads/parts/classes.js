// Instances of classes and constructor functions, in every state that a map can be in.
'use strict';
const util = require('util');
const { plant, expect } = require('../lib/checkpoint');
const names = (prefix, n) => Array.from({ length: n }, (_, i) => prefix + i);

class Bare {}
plant('Bare', [], 101, () => new Bare());
class Single { constructor(i) { this.value = i; } }
plant('Single', ['value'], 1103, (i) => new Single(i));
class Few { constructor(i) { this.few = i; } } // slack tracking of the map has not ended
plant('Few', ['few'], 5, (i) => new Few(i));

for (const width of [12, 40, 128, 240]) { // in the object, out of it, past the limits of both
    const C = { [`Wide`]: class Wide { constructor(i) { for (let j = 0; j < width; j++) this['w' + j] = j % 2 ? i : 's' + j; } } }.Wide;
    plant('Wide', names('w', width), 9, (i) => new C(i));
}

class Shape { constructor(i) { this.x = i; this.y = -i; } }
class Circle extends Shape { constructor(i) { super(i); this.r = i / 2; } }
class Ring extends Circle { constructor(i) { super(i); this.inner = { hollow: i }; } }
plant('Shape', ['x', 'y'], 211, (i) => new Shape(i));
plant('Circle', ['x', 'y', 'r'], 212, (i) => new Circle(i));
plant('Ring', ['x', 'y', 'r', 'inner'], 213, (i) => new Ring(i));
expect('Object', ['hollow'], 213);

function Legacy(i) { this.legacyId = i; this.legacyName = 'n' + i; }
Legacy.prototype.say = function () { return this.legacyName; };
function LegacyChild(i) { Legacy.call(this, i); this.extra = null; }
util.inherits(LegacyChild, Legacy);
plant('Legacy', ['legacyId', 'legacyName'], 61, (i) => new Legacy(i));
plant('LegacyChild', ['legacyId', 'legacyName', 'extra'], 62, (i) => new LegacyChild(i));
const space = { types: {} };
space.types.Member = function (i) { this.memberOf = i; };
plant(null, ['memberOf'], 63, (i) => new space.types.Member(i));
const nameless = [class { constructor(i) { this.nameless = i; } }][0];
plant(null, ['nameless'], 64, (i) => new nameless(i));
class Liar { constructor(i) { this.lie = i; } static get name() { return 'SomethingElse'; } }
plant('Liar', ['lie'], 17, (i) => new Liar(i));
const atRunTime = 'Made' + 'Later';
const Made = { [atRunTime]: class { constructor(i) { this.madeLater = i; } } }[atRunTime];
plant(null, ['madeLater'], 18, (i) => new Made(i));

{ class Twin { constructor(i) { this.left = i; } } plant('Twin', ['left'], 19, (i) => new Twin(i)); }
{ class Twin { constructor(i) { this.right = i; this.hand = 'r'; } } plant('Twin', ['right', 'hand'], 20, (i) => new Twin(i)); }

class Branch { constructor(i) { this.always = i; if (i % 2) this.odd = i; if (i % 5 === 0) { this.fifth = 'f'; } } }
const branches = plant(null, null, 100, (i) => new Branch(i));
for (const sig of [['always'], ['always', 'odd'], ['always', 'fifth'], ['always', 'odd', 'fifth']])
    expect('Branch', sig, branches.filter((b) => Object.keys(b).join() === sig.join()).length);
// The field becomes more general twice: the first objects keep deprecated maps until somebody touches them.
class Widened { constructor(v) { this.v = v; this.tag = 'w'; } }
plant('Widened', ['v', 'tag'], 120, (i) => new Widened(i < 40 ? i : i < 80 ? i + 0.5 : 'v' + i));
class Doubles { constructor(i) { this.a = i + 0.25; this.b = -i / 7; this.small = i; } }
plant('Doubles', ['a', 'b', 'small'], 121, (i) => new Doubles(i));
class Nothing { constructor() { this.u = undefined; this.n = null; this.yes = true; this.no = false; } }
plant('Nothing', ['u', 'n', 'yes', 'no'], 31, () => new Nothing());

class Frost { constructor(i) { this.ice = i; Object.freeze(this); } }
class Seal { constructor(i) { this.wax = i; Object.seal(this); } }
class Fixed { constructor(i) { this.fix = i; Object.preventExtensions(this); } }
plant('Frost', ['ice'], 32, (i) => new Frost(i));
plant('Seal', ['wax'], 33, (i) => new Seal(i));
plant('Fixed', ['fix'], 34, (i) => new Fixed(i));
class Indexed { constructor(i) { this[0] = i; this[5] = 'five'; this[4294967294] = 'last'; this.named = 1; } }
plant('Indexed', ['named'], 35, (i) => new Indexed(i));

try { // private methods: Node 14.6 and later
    const Fields = (0, eval)("(class Fields { label = 'f'; #hidden = 1; #method() { return this.#hidden; } get shown() { return this.#method(); } static made = 0; })");
    plant(null, null, 36, () => new Fields());
} catch (e) { /* a syntax error */ }
class Secret { #code; #pin; constructor(i) { this.#code = 'c' + i; this.#pin = i; this.open = i; } read() { return this.#code + this.#pin; } }
plant('Secret', ['#code', '#pin', 'open'], 37, (i) => new Secret(i));

class TaggedByGetter { constructor(i) { this.tg = i; } get [Symbol.toStringTag]() { return 'NotThis'; } }
plant('TaggedByGetter', ['tg'], 38, (i) => new TaggedByGetter(i));
class TaggedByValue { constructor(i) { this.tv = i; } }
TaggedByValue.prototype[Symbol.toStringTag] = 'TagOfPrototype';
plant(null, ['tv'], 39, (i) => new TaggedByValue(i));
plant(null, ['ownTag', '<symbol Symbol.toStringTag>'], 41, (i) => ({ ownTag: i, [Symbol.toStringTag]: 'OwnTag' }));
class OwnConstructor { constructor(i) { this.constructor = 'text'; this.oc = i; } }
plant('OwnConstructor', ['constructor', 'oc'], 42, (i) => new OwnConstructor(i));
class Before { constructor(i) { this.changed = i; } }
class After {}
plant(null, ['changed'], 43, (i) => Object.setPrototypeOf(new Before(i), After.prototype));

class Emptied { constructor(i) { this.gone = 1; this.stays = i; this.also = 'a'; delete this.gone; } }
plant('Emptied', ['stays', 'also'], 44, (i) => new Emptied(i));
