// A small HTTP server with a leak, and load on it, to try heapscan-nightly on. The leak: a session for every visitor is kept in
// `sessions` for ever; what looks like one but is none: `recent`, which holds the last 1,000 requests.
const http = require('http');

class Session {
    constructor(visitor) { this.visitor = visitor; this.basket = []; this.seen = new Date(); }
}
const sessions = new Map(), recent = [];
let requests = 0;

const server = http.createServer((request, response) => {
    const session = new Session(`visitor ${requests++}`);
    sessions.set(session.visitor, session);
    recent.push({ url: request.url, at: Date.now() });
    if (recent.length > 1000) recent.shift();
    response.end('hello\n');
});
server.listen(0, '127.0.0.1', () => {
    console.log(`shop: pid ${process.pid}, port ${server.address().port}`);
    const agent = new http.Agent({ keepAlive: true });
    const visit = () => http.get({ port: server.address().port, path: '/item', agent }, (r) => { r.resume(); r.on('end', () => setTimeout(visit, 2)); });
    for (let i = 0; i < 8; i++) visit();
});
