// A job queue: workers answer by message, and a caller awaits the answer of its job.
//
// The answer: one answer in four never comes (the worker died), and `ask` has no time limit. Its promise stays pending
// for ever: `waiting` holds the Job {id,payload,resolve,sent}, which holds the resolver, the promise and the suspended
// async function `run` with all its locals ({attempt,label}): 2000 more of each with each step.
// The timers are innocent: each is cleared when its answer comes, and unref'ed ones of the lost jobs fire and end.
// The cure: a time limit that rejects the promise and deletes the entry of `waiting`.
'use strict';
const { steps } = require('./lib/steps');

class Job {
    constructor(id, payload, resolve) {
        this.id = id;
        this.payload = payload;
        this.resolve = resolve;
        this.sent = Date.now();
    }
}

const waiting = new Map();
let asked = 0;

function ask(payload) {
    return new Promise((resolve) => {
        const id = asked++;
        waiting.set(id, new Job(id, payload, resolve));
    });
}
function answer(id, value) {
    const job = waiting.get(id);
    waiting.delete(id);
    job.resolve(value);
}
async function run(label) {
    const context = { label, attempt: 1 };
    const timer = setTimeout(() => { context.attempt++; }, 50);
    timer.unref();
    const result = await ask({ size: 100, urgent: false });
    clearTimeout(timer);
    return result + context.attempt;
}

steps(async () => {
    const first = asked;
    const runs = [];
    for (let i = 0; i < 8000; i++) runs.push(run('job ' + i));
    for (let id = first; id < asked; id++) if (id % 4) answer(id, id);
    await Promise.all(runs.filter((_, i) => (first + i) % 4));
});
