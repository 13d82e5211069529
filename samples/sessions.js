// A web shop that keeps a session for each visitor in a cache.
//
// The answer: `sessions` is a Map that only ever gets entries. A session has an expiry time, and `find` refuses the
// expired, but nothing deletes them: 8000 instances of Session {cart,country,csrf,expires,hits,id,locale,referrer,seen,
// theme,user,visitor} more with each step, held by the Map. The orders of a request are garbage after it, and the
// rates are a table of fixed size: neither leaks.
// The cure: delete what has expired, in `find` and by a timer; or a cache with a limit, as in lru.js.
'use strict';
const { steps } = require('./lib/steps');

class Session {
    constructor(id, visitor) {
        this.id = id;
        this.visitor = visitor;
        this.user = null;
        this.cart = null;
        this.csrf = Math.random();
        this.country = visitor % 3 ? 'de' : 'fr';
        this.locale = 'en';
        this.theme = 'light';
        this.referrer = null;
        this.seen = Date.now();
        this.expires = this.seen + 1800e3;
        this.hits = 0;
    }
}
class Order { constructor(session, rate) { this.session = session; this.sum = 10 * rate; } }

const sessions = new Map();
const rates = new Float64Array(365).fill(1.1);
let visitors = 0;

function find(id) {
    const session = sessions.get(id);
    return session && session.expires > Date.now() ? session : undefined;
}
function request(id, day) {
    let session = find(id);
    if (!session) sessions.set(id, session = new Session(id, visitors++));
    session.hits++;
    session.seen = Date.now();
    return new Order(session, rates[day]).sum;
}

steps(() => {
    for (let i = 0; i < 8000; i++) {
        const id = visitors; // each visitor is new, asks three times and never comes back
        for (let n = 0; n < 3; n++) request(id, i % 365);
    }
});
