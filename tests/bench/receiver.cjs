/**
 * A receiver of events that answers after the given milliseconds. `GET` returns how many have arrived since the last reset,
 * and the seconds between the first and the last of them. `GET /reset` also resets the count.
 */
const { createServer } = require('node:http');
const { performance } = require('node:perf_hooks');
const { setTimeout } = require('node:timers');

const delayMilliseconds = Number(process.argv[2]);
let count = 0;
let first = 0;
let last = 0;

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.end(JSON.stringify({ count, seconds: (last - first) / 1000 }));
    if (request.url === '/reset') count = 0;
    return;
  }
  request.resume().on('end', () => {
    last = performance.now();
    if (count === 0) first = last;
    count += 1;
    if (delayMilliseconds === 0) response.end();
    else setTimeout(() => response.end(), delayMilliseconds);
  });
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`listens on http://127.0.0.1:${server.address().port}\n`);
});
