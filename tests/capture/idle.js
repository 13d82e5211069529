// idle.js MEGABYTES [WASM-MEMORIES]: holds memory, does nothing by itself, and answers each line of its input.
const held = Buffer.alloc(Number(process.argv[2]) << 20, 7);
const reserved = [];
for (let i = 0; i < Number(process.argv[3] || 0); i++) reserved.push(new WebAssembly.Memory({ initial: 1, maximum: 65536 }));
process.stdin.on('data', () => console.log('answer ' + held.length + ' ' + reserved.length));
console.log('ready');
