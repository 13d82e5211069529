// Just a process of a release that is not supported.
console.log('ready');
setTimeout(() => {}, 1e9);
