// A job queue: batches of jobs go to workers, and the caller awaits the answer of the whole batch.
//
// The answer: one batch in four loses the answer to one of its jobs (the worker died), and `runBatch` has no time limit.
// Its promise stays pending for ever: `batches` holds the batch {done,jobs,left}, which holds ten instances of Job
// {attempts,batch,created,error,id,kind,owner,payload,priority,result} and the function that would wake the suspended
// async function. 2000 jobs and 200 suspended calls more with each step (Generator and Promise in the ranking are V8's
// names for the latter).
// The cure: a time limit that rejects the promise and deletes the batch.
'use strict';
const { steps } = require('./lib/steps');

class Job {
    constructor(id, kind, batch) {
        this.id = id;
        this.kind = kind;
        this.batch = batch;
        this.priority = 1;
        this.payload = null;
        this.owner = null;
        this.attempts = 0;
        this.created = id;
        this.result = undefined;
        this.error = null;
    }
}

const batches = new Map();
let made = 0;

function answer(number, job, value) {
    const batch = batches.get(number);
    job.result = value;
    if (--batch.left === 0) {
        batches.delete(number);
        batch.done(batch.jobs.length);
    }
}
async function runBatch(number) {
    const jobs = Array.from({ length: 10 }, () => new Job(made++, 'resize', number));
    const finished = await new Promise((done) => batches.set(number, { jobs, left: jobs.length, done }));
    return finished;
}

steps(async (step) => {
    const running = [];
    for (let i = 0; i < 800; i++) {
        const number = step * 1000 + i;
        const result = runBatch(number);
        const { jobs } = batches.get(number);
        const lost = i % 4 === 0 ? jobs[3] : null;
        for (const job of jobs) if (job !== lost) answer(number, job, 'done');
        if (!lost) running.push(result);
    }
    await Promise.all(running);
});
