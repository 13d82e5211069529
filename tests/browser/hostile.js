// Leaks objects whose classes, properties and functions have names that want to be markup, script, shell or plot commands.
// A line on standard input is one more step of it; a line on standard output says when it is done.
'use strict';
const NAMES = [
  '<script>document.title="owned"</script>', '</script><script>alert(1)</script>', '<!--<script>', '"><img src=x onerror=alert(1)>',
  ']]><svg onload=alert(1)>', '`touch owned`', '$(touch owned)', '"; system("touch owned"); set output "owned" #', '{/Symbol a}_{b}^{c}@{d}',
  'a\\"; !touch owned\n!touch owned\n', '\u202egnp.exe', '\u0001\u0007\u001b[31m\u007f\u009b', '\u2028\u2029\ufeff\u200b\u2066', 'lone \ud800 surrogate', '\udc00',
  'x'.repeat(1 << 20), '\u{1f600}'.repeat(50000),
];
const classes = NAMES.map((name) => {
  const C = class { constructor(i) { this[name] = i; this.plain = name; } };
  Object.defineProperty(C, 'name', { value: name });
  C.prototype.constructor = C;
  return C;
});
// V8's heap snapshot names an object of no class after its Symbol.toStringTag.
const more = NAMES.map((name) => function (i) { return { [Symbol.toStringTag]: name, [name]: i }; });
const kept = global['`touch owned`</script>'] = new Map();
let step = 0;
const grow = () => {
  step++;
  for (let k = 0; k < classes.length; k++) {
    const list = kept.get(NAMES[k]) ?? [];
    for (let i = 0; i < 300; i++) list.push(new classes[k](i), new more[k](i));
    kept.set(NAMES[k], list);
  }
  global.gc?.();
  console.log(`ready ${step}`);
};
process.stdin.on('data', grow);
grow();
