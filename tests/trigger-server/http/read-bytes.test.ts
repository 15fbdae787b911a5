/** Incomplete request bodies. `wire/wire.test.ts` tests complete ones. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { readyToCall, type TestAgent } from '../../support/agents';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';

let server: TestServer;
let account: Account;
let agent: TestAgent;
beforeAll(async () => {
  server = await startTestServer();
  ({ account, agent } = await readyToCall(server));
});
afterAll(() => server.close());

const body = Buffer.from(JSON.stringify({ phone_number: '+14155550100' }));

/** Waits until the server expects the body, sends half of it, and disconnects. */
async function goHalfway(whole: Buffer, encoding: string): Promise<void> {
  const socket = connect(Number(new URL(server.baseUrl).port), '127.0.0.1');
  const head = [
    `POST /api/v1/public/agent/${agent.triggerPath} HTTP/1.1`,
    'Host: localhost',
    'Expect: 100-continue',
    `X-API-Key: ${account.apiKey}`,
    'Content-Type: application/json',
    `Content-Encoding: ${encoding}`,
    `Content-Length: ${String(whole.length)}`,
  ].join('\r\n');
  socket.write(`${head}\r\n\r\n`);
  await once(socket, 'data');
  socket.write(whole.subarray(0, whole.length / 2), () => socket.destroy());
  await once(socket, 'close');
}

test.each([
  ['plain', body, 'identity'],
  ['compressed', gzipSync(body), 'gzip'],
])(
  'a caller who goes in the middle of a %s body calls nobody, and his request is over',
  async (_title, whole, encoding) => {
    server.logLines.length = 0;
    await goHalfway(whole, encoding);
    // Two log lines: one for the request, and one for the reply that could not be sent.
    while (server.logLines.length < 2) await new Promise(setImmediate);
    const messages = server.logLines.map((line) => (JSON.parse(line) as { msg: string }).msg);
    expect(messages.sort()).toEqual(['a reply broke off', 'request']);
    const runs = await server.request
      .get('/api/v1/organizations/usage/runs')
      .set('X-API-Key', account.apiKey);
    expect(runs.body).toMatchObject({ total_count: 0 });
  },
);
