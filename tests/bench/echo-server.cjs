/** The yardstick for the trigger route: the echo server that an Express developer would write. */
const express = require('express');
const helmet = require('helmet').default;
const pino = require('pino');
const { pinoHttp } = require('pino-http');

const app = express();
app.use(pinoHttp({}, pino.destination(2)));
app.use(helmet());
app.use(express.json({ limit: '1mb' }));
app.post('/echo', (request, response) => {
  response.json(request.body);
});
const server = app.listen(0, '127.0.0.1', () => {
  process.stdout.write(`listens on http://127.0.0.1:${server.address().port}\n`);
});
