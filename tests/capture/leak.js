// Leaks 2,000 sessions every 100 ms, and says so.
class Session { constructor(id) { this.id = id; this.cart = [id]; } }
const sessions = new Map();
function leak() { for (let i = 0; i < 2000; i++) sessions.set(sessions.size, new Session(sessions.size)); }
leak();
setInterval(leak, 100);
console.log('ready');
