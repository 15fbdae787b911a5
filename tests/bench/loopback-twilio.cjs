/** A carrier that accepts every call at once, with replies in Twilio's form. It never calls back. */
const { createServer } = require('node:http');

let calls = 0;
const server = createServer((request, response) => {
  request.resume().on('end', () => {
    calls += 1;
    const isNumberCheck = request.method === 'GET';
    const body = JSON.stringify(
      isNumberCheck
        ? { incoming_phone_numbers: [{ phone_number: '+14155550123' }] }
        : { sid: `CA${String(calls).padStart(32, '0')}`, status: 'queued' },
    );
    response.writeHead(isNumberCheck ? 200 : 201, { 'content-type': 'application/json' });
    response.end(body);
  });
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`listens on http://127.0.0.1:${server.address().port}\n`);
});
