// A cache with a limit: a healthy program, for comparison.
//
// The answer: there is no leak. It fills in the first step and then stays: each new Page {body,hits,key,loaded} pushes
// out the one that was not used for the longest time. A core shows 5000 pages however long it runs (and, without
// --expose-gc, some dead ones that no collection has met yet), and `heapscan … | heapdiff` should find nothing to say
// about Page.
'use strict';
const { steps } = require('./lib/steps');

class Page {
    constructor(key, body) {
        this.key = key;
        this.body = body;
        this.hits = 0;
        this.loaded = Date.now();
    }
}
class Cache {
    constructor(limit) { this.limit = limit; this.pages = new Map(); }
    get(key, load) {
        let page = this.pages.get(key);
        if (page) this.pages.delete(key); // put in again at the young end
        else page = new Page(key, load(key));
        this.pages.set(key, page);
        if (this.pages.size > this.limit) this.pages.delete(this.pages.keys().next().value);
        page.hits++;
        return page;
    }
}

const cache = new Cache(5000);
let clock = 0;

steps(() => {
    for (let i = 0; i < 20000; i++, clock++) {
        const key = clock % 3 ? clock : clock % 900; // every third request asks for a popular page
        cache.get(key, (k) => 'the body of page ' + k);
    }
});
