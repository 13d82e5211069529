// A service that replaces its configuration now and then and keeps the way back to the one before.
//
// The answer: closures made in one call of `replace` share one context. `undo` needs `previous` for its first call only,
// but `describe`, which lives in `current`, is in that same context and so keeps `previous` alive; `previous` has a
// `describe` of its own, and so on: a chain of 400 contexts, each with a Settings {describe,flags,undo,values} object
// and an array of 300 elements, longer with each step, through one single variable.
// The cure: set `previous = null` when it is no longer needed, or make the two closures in different functions.
'use strict';
const { steps } = require('./lib/steps');

class Settings {
    constructor(values, describe, undo) {
        this.values = values;
        this.flags = 0;
        this.describe = describe;
        this.undo = undo;
    }
}

let current = null;
let generation = 0;

function replace() {
    const previous = current;
    const number = ++generation;
    const undo = function undoReplace() { current = previous || current; };
    const describe = function describeSettings() { return 'generation ' + number; };
    const values = new Array(300).fill(number);
    current = new Settings(values, describe, null); // undo is thrown away, its context is not
    if (number % 1000 === 0) undo.name; // a debug switch, long forgotten
}

steps(() => {
    for (let i = 0; i < 400; i++) replace();
    current.describe();
});
