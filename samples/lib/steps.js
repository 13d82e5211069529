// Runs a sample in steps, so that a core can be taken between them. The program waits after each step:
//   Enter               the next step (or a line on stdin from a script)
//   node x.js 2000      a step every 2000 ms instead
// End of input ends the program. With --expose-gc each step ends with a collection, so a core shows little garbage.
'use strict';

exports.steps = function steps(step) {
    const every = Number(process.argv[2]) || 0;
    let k = 0;
    async function next() {
        await step(++k);
        if (globalThis.gc) for (let i = 0; i < 3; i++) { gc(); await new Promise((done) => setImmediate(done)); }
        const mb = (process.memoryUsage().heapUsed / 1048576).toFixed(1);
        console.log(`ready step ${k}  (pid ${process.pid}, ${mb} MB of heap in use)`);
    }
    if (every) {
        next();
        setInterval(next, every);
        return;
    }
    let running = next();
    process.stdin.setEncoding('utf8');
    process.stdin.on('data', (text) => {
        for (const c of text) if (c === '\n') running = running.then(next);
    });
    process.stdin.on('end', () => running.then(() => process.exit(0)));
};
