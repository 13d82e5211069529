// nights.js NIGHT: a server of which one core is taken each night, in a new process. Its sessions expire; from the sixth night on
// a new build forgets to delete them. Load, uptime and caches differ from night to night, as they do. It prints
// "ready SESSIONS" (how many Session objects are alive) and waits for a line.
'use strict';
const night = Number(process.argv[2]);
let seed = night * 7919 + 17;
const random = (n) => (seed = (seed * 48271) % 2147483647) % n;

class Session {
    constructor(id) { this.id = id; this.user = { name: `visitor ${id}`, visits: random(9) }; this.pages = []; }
}
class Request { constructor(session, path) { this.session = session; this.path = path; this.at = random(1e9); } }
class Lru {
    constructor(limit) { this.limit = limit; this.entries = new Map(); }
    put(key, value) {
        this.entries.delete(key);
        this.entries.set(key, value);
        if (this.entries.size > this.limit) this.entries.delete(this.entries.keys().next().value);
    }
}

const LIMIT = 2000 + random(40); // how many visitors there happen to be
const sessions = new Map(), pages = new Lru(500), inFlight = new Set();
const requests = 20000 + random(8000);
for (let i = 0; i < requests; i++) {
    const session = new Session(i), request = new Request(session, `/page/${random(900)}`);
    sessions.set(i, session);
    if (sessions.size > LIMIT && night < 6) sessions.delete(sessions.keys().next().value);
    session.pages.push(request.path);
    pages.put(request.path, { path: request.path, html: `<p>${i}</p>` });
    if (i > requests - 30 - random(20)) inFlight.add(request);
}
console.log(`ready ${sessions.size}`);
process.stdin.once('data', () => process.exit(sessions.size + inFlight.size + pages.entries.size < 0)); // keeps all three alive
