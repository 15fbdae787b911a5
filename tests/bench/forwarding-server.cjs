/**
 * What the trigger route through a carrier is measured against: an Express 5 route behind the server's own middleware
 * that does nothing but the outbound POST that a call takes, with the server's own HTTP client.
 */
const { Buffer } = require('node:buffer');
const { URLSearchParams } = require('node:url');
const express = require('express');
const helmet = require('helmet').default;
const pino = require('pino');
const { requestLog } = require('../../trigger-server/dist/http/request-log');
const { createAddressGuard } = require('../../trigger-server/dist/telephony/carrier/address-guard');
const { systemClock } = require('../../trigger-server/dist/clock');
const { createCarrierHttp } = require('../../trigger-server/dist/telephony/carrier/http');

const [, , carrierUrl] = process.argv;
const { send } = createCarrierHttp({ addressGuard: createAddressGuard([]), clock: systemClock });
const callback = `http://127.0.0.1:9/api/v1/telephony/callbacks/twilio/status/1/${'A'.repeat(43)}`;
const form = new URLSearchParams([
  ['To', '+14155550100'],
  ['From', '+14155550123'],
  ['Url', callback],
  ['StatusCallback', callback],
  ...['initiated', 'ringing', 'answered', 'completed'].map((event) => ['StatusCallbackEvent', event]),
  ['StatusCallbackMethod', 'POST'],
  ['Timeout', '30'],
  ['TimeLimit', '300'],
]).toString();

const app = express();
app.disable('x-powered-by');
app.use(requestLog(pino({ level: 'info' }, pino.destination(2))));
app.use(helmet());
app.post('/forward', express.json({ limit: '1mb' }), async (request, response) => {
  const reply = await send({
    method: 'POST',
    url: `${carrierUrl}/2010-04-01/Accounts/AC${'0'.repeat(32)}/Calls.json`,
    headers: {
      authorization: `Basic ${Buffer.from('AC:token').toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: form,
  });
  response.json(JSON.parse(reply.body));
});
const server = app.listen(0, '127.0.0.1', () => {
  process.stdout.write(`listens on http://127.0.0.1:${server.address().port}\n`);
});
