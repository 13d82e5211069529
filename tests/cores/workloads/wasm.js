// A server that has called fetch() holds a WebAssembly memory: 10 GB of address space, next to none of it in use.
'use strict';
const { plant, keep, checkpoint } = require('./lib/checkpoint');

keep(new WebAssembly.Memory({ initial: 2, maximum: 4 }));
class Client { constructor(i) { this.client = i; } }
plant('Client', ['client'], 1000, (i) => new Client(i));
checkpoint(1);
console.log('end');
