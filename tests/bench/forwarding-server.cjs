/**
 * The yardstick for the trigger route through a carrier: the proxy that an Express developer would write. It only makes the
 * outbound POST of a call.
 */
const { Buffer } = require('node:buffer');
const { URLSearchParams } = require('node:url');
const express = require('express');
const helmet = require('helmet').default;
const pino = require('pino');
const { pinoHttp } = require('pino-http');
const undici = require('undici');

const [, , carrierUrl] = process.argv;
const callback = `http://127.0.0.1:9/api/v1/telephony/callbacks/twilio/status/1/0/${'A'.repeat(43)}`;

const app = express();
app.use(pinoHttp({}, pino.destination(2)));
app.use(helmet());
app.use(express.json({ limit: '1mb' }));
app.post('/forward', async (request, response) => {
  const form = new URLSearchParams([
    ['To', request.body.phone_number],
    ['From', '+14155550123'],
    ['Url', callback],
    ['StatusCallback', callback],
    ...['initiated', 'ringing', 'answered', 'completed'].map((event) => ['StatusCallbackEvent', event]),
    ['StatusCallbackMethod', 'POST'],
    ['Timeout', '30'],
    ['TimeLimit', '300'],
  ]);
  const reply = await undici.request(`${carrierUrl}/2010-04-01/Accounts/AC${'0'.repeat(32)}/Calls.json`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from('AC:token').toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: form.toString(),
  });
  response.json(await reply.body.json());
});
const server = app.listen(0, '127.0.0.1', () => {
  process.stdout.write(`listens on http://127.0.0.1:${server.address().port}\n`);
});
