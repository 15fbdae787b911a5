/**
 * What the trigger route is measured against: an Express 5 echo. With `same-middleware` it stands behind the
 * server's own helmet, request log and body parser; with `bare` behind the body parser alone.
 */
const express = require('express');
const helmet = require('helmet').default;
const pino = require('pino');
const { requestLog } = require('../../trigger-server/dist/http/request-log');

const app = express();
app.disable('x-powered-by');
if (process.argv[2] === 'same-middleware') {
  app.use(requestLog(pino({ level: 'info' }, pino.destination(2))));
  app.use(helmet());
}
app.post('/echo', express.json({ limit: '1mb' }), (request, response) => {
  response.json(request.body);
});
const server = app.listen(0, '127.0.0.1', () => {
  process.stdout.write(`listens on http://127.0.0.1:${server.address().port}\n`);
});
