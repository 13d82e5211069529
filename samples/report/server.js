// The program behind report.html: a small shop on express 4 and express-session, with two leaks and two things that only look like
// some. Six cores by gcore, a few seconds apart, under load from itself; Node 22.12.0. (npm install express@4 express-session)
//
// The answer: express-session's MemoryStore, the default, drops a session only when somebody asks for it again, and clients without
// cookies never do; and `quotes` keeps an offer for every request. `prices` ends at 300 and `recent` is a ring.
// What the report makes of it: `quotes` stands first, the store of the sessions second; `prices` and `recent` are silent. While
// requests are under way they name the store by shorter paths than the server's: the tree of paths takes the one that lasts, or the
// sessions would seem to come and go.
'use strict';
const express = require('express');
const session = require('express-session');
const http = require('http');

class Quote { constructor(id, customer, lines) { this.id = id; this.customer = customer; this.lines = lines; this.total = lines.length * 9.5; } }
class Line { constructor(item, count) { this.item = item; this.count = count; } }

const quotes = new Map();
const prices = new Map();
const recent = new Array(500).fill(null);
let count = 0;

const app = express();
app.use(session({ secret: 'a shop', resave: false, saveUninitialized: true, cookie: { maxAge: 60000 } }));
app.get('/offer/:item', (request, response) => {
    const id = `Q-${++count}`;
    request.session.last = id;
    const lines = Array.from({ length: 3 }, (_, i) => new Line(`${request.params.item}-${i}`, i + 1));
    quotes.set(id, new Quote(id, `customer ${count % 97}`, lines));
    prices.set(request.params.item, { net: count % 89, tax: 19 });
    if (prices.size > 300) prices.delete(prices.keys().next().value);
    recent[count % recent.length] = { id, at: Date.now() };
    response.json({ id, total: quotes.get(id).total });
});

const server = app.listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
    const ask = () => http.get({ port, host: '127.0.0.1', agent, path: `/offer/item${count % 700}` }, (answer) => answer.resume()).on('error', () => {});
    setInterval(() => { for (let i = 0; i < 20; i++) ask(); }, 250);
    console.log('ready');
});
