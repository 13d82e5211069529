// A chat server: each connection listens to the room it is in.
//
// The answer: `Connection.open` adds a listener to the room, `close` does not take it away. The room lives for ever, its
// listener list holds a closure, the closure holds the Connection, and that holds its 512-byte buffer: 1500 of each
// more with each step ({buffer,lastMessage,name,room}), though `open` connections are only ever 20.
// Node's own warning of this (MaxListenersExceededWarning) was silenced with setMaxListeners(0).
// The cure: keep the listener and call `room.off('message', listener)` in close().
'use strict';
const { EventEmitter } = require('events');
const { steps } = require('./lib/steps');

class Room extends EventEmitter {
    constructor(title) { super(); this.title = title; this.setMaxListeners(0); }
}
class Connection {
    constructor(name, room) {
        this.name = name;
        this.room = room;
        this.lastMessage = '';
        this.buffer = Buffer.alloc(512);
    }
    open() { this.room.on('message', (text) => { this.lastMessage = text; }); }
    close() { this.room = null; }
}

const rooms = [new Room('general'), new Room('random')];
const open = [];
let served = 0;

steps(() => {
    for (let i = 0; i < 1500; i++, served++) {
        const connection = new Connection('guest ' + served, rooms[served % rooms.length]);
        connection.open();
        open.push(connection);
        if (open.length > 20) open.shift().close();
    }
    rooms.forEach((room) => room.emit('message', 'hello to all in ' + room.title));
});
