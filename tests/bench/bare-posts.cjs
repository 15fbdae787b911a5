/**
 * The yardstick for the rate of events: a loop that signs and posts one event after the other and stores nothing. A `POST`
 * runs it: it sends the body to `?url=`, `?count=` times, and replies with the seconds it took.
 */
const { Buffer } = require('node:buffer');
const { randomUUID } = require('node:crypto');
const { createServer } = require('node:http');
const { performance } = require('node:perf_hooks');
const { signWebhook } = require('@dograh-trigger/shared');
const { Agent, request: send } = require('undici');

const dispatcher = new Agent();
const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;

async function post(url, body) {
  const id = randomUUID();
  const timestampSeconds = Math.floor(Date.now() / 1000);
  const reply = await send(url, {
    method: 'POST',
    dispatcher,
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(timestampSeconds),
      'webhook-signature': signWebhook(secret, { id, timestampSeconds, body }),
    },
    body,
  });
  await reply.body.dump();
}

const server = createServer(async (request, response) => {
  const { searchParams } = new URL(request.url, 'http://localhost');
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  const start = performance.now();
  for (let left = Number(searchParams.get('count')); left > 0; left -= 1) {
    await post(searchParams.get('url'), body);
  }
  response.end(JSON.stringify({ seconds: (performance.now() - start) / 1000 }));
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`listens on http://127.0.0.1:${server.address().port}\n`);
});
