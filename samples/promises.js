// A job queue: workers answer by message, and a caller awaits the answer of its job.
//
// The answer: one answer in four never comes (the worker died), and `ask` has no time limit. Its promise stays pending
// for ever: `waiting` holds the Job {attempts,created,error,id,kind,owner,payload,priority,queue,reject,resolve,result,
// started,trace}, which holds the resolving functions, the promise and the suspended async function `run` with all its
// locals (`context`: {attempt,label}): 2000 more of each with each step. Generator and Promise in the ranking are V8's
// names for the suspended functions and what they wait for.
// The cure: a time limit that rejects the promise and deletes the entry of `waiting`.
'use strict';
const { steps } = require('./lib/steps');

class Job {
    constructor(id, kind, payload) {
        this.id = id;
        this.kind = kind;
        this.queue = 'default';
        this.priority = 1;
        this.payload = payload;
        this.owner = null;
        this.attempts = 0;
        this.created = id;
        this.started = 0;
        this.result = undefined;
        this.error = null;
        this.trace = null;
        this.resolve = null;
        this.reject = null;
    }
}

const waiting = new Map();
let asked = 0;

function ask(kind, payload) {
    const job = new Job(asked++, kind, payload);
    waiting.set(job.id, job);
    return new Promise((resolve, reject) => { job.resolve = resolve; job.reject = reject; });
}
function answer(id, value) {
    const job = waiting.get(id);
    waiting.delete(id);
    job.resolve(value);
}
async function run(label) {
    const context = { label, attempt: 1 };
    const result = await ask('resize', context);
    return result + context.attempt;
}

steps(async () => {
    const first = asked;
    const runs = [];
    for (let i = 0; i < 8000; i++) runs.push(run('job ' + i));
    for (let id = first; id < asked; id++) if (id % 4) answer(id, id);
    await Promise.all(runs.filter((_, i) => (first + i) % 4));
});
