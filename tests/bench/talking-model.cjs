/**
 * A language model for the benchmark of talks: it answers after a while, in pieces. They say, in nanoseconds of the machine's
 * monotonic clock, when the request had come (the first one) and when the last one left.
 */
const { createServer } = require('node:http');
const { clearInterval, setInterval, setTimeout } = require('node:timers');

const thinkingMilliseconds = 300;
const pieces = 20;
const pieceMilliseconds = 20;

function chunk(content, finish = null) {
  return `data: ${JSON.stringify({ model: 'bench', choices: [{ index: 0, delta: { content }, finish_reason: finish }] })}\n\n`;
}

const server = createServer((request, response) => {
  request.resume().on('end', () => {
    const came = process.hrtime.bigint();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    setTimeout(() => {
      response.write(chunk(`${came} `));
      let sent = 1;
      const timer = setInterval(() => {
        sent += 1;
        if (sent < pieces) {
          response.write(chunk('and so on, '));
          return;
        }
        clearInterval(timer);
        response.end(`${chunk(`${process.hrtime.bigint()}.`, 'stop')}data: [DONE]\n\n`);
      }, pieceMilliseconds);
    }, thinkingMilliseconds);
  });
});
server.listen(0, '127.0.0.1', () => {
  console.log(`listens on http://127.0.0.1:${server.address().port}`);
});
