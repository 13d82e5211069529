// An API server that remembers its last requests for a status page.
//
// The answer: `remember` means to keep 1000 records, but it cuts the list by `log.slice(-LIMIT)`, which makes a new array
// and leaves `log` as it was. 3000 instances of LogRecord {agent,duration,headers,status,url} more with each step, each
// with a headers object of its own ({accept,host,traceId}), all in one array.
// The cure: `log.splice(0, log.length - LIMIT)`, or a ring.
'use strict';
const { steps } = require('./lib/steps');

const LIMIT = 1000;
const log = [];

class LogRecord {
    constructor(request, status, duration) {
        this.url = request.url;
        this.headers = request.headers;
        this.agent = request.agent;
        this.status = status;
        this.duration = duration;
    }
}

function remember(record) {
    log.push(record);
    if (log.length > LIMIT) log.slice(-LIMIT);
}

let served = 0;
function handle(request) {
    const answer = { body: JSON.stringify({ id: request.id, items: [1, 2, 3] }), status: request.id % 50 ? 200 : 404 };
    remember(new LogRecord(request, answer.status, request.id % 37));
    return answer;
}

steps(() => {
    for (let i = 0; i < 3000; i++, served++) {
        handle({
            id: served,
            url: '/item/' + served,
            agent: 'curl',
            headers: { host: 'api.example', accept: '*/*', traceId: served.toString(16).padStart(16, '0') },
        });
    }
});
