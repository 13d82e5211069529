'use strict';
// A call that waits in an event loop of its own: what its callers hold is held by the stack alone.
var execSync = require('child_process').execSync;

function HeldByCaller(i) { this.number = i; }

function work() {
    var list = [];
    for (var i = 0; i < 100; i++) list.push(new HeldByCaller(i));
    var single = new HeldByCaller(-1);
    execSync('echo ready; read line', { stdio: 'inherit' });
    return list.length + single.number;
}

setTimeout(function () {
    process.stdout.write('end ' + work() + '\n');
}, 100);
