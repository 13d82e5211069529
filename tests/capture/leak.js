// Leaks 20 sessions a millisecond, by the clock, so that it grows steadily on a busy machine too.
class Session { constructor(id) { this.id = id; this.cart = [id]; } }
const sessions = new Map(), began = Date.now();
function leak() {
    const want = Math.min(2000 + 20 * (Date.now() - began), 2000000);
    while (sessions.size < want) sessions.set(sessions.size, new Session(sessions.size));
}
leak();
setInterval(leak, 50);
console.log('ready');
