/** A caller's trace (W3C Trace Context) goes on in the events of its call, and nowhere else. */
import type { AgentNode } from '@dograh-trigger/shared';
import { createAgent, definitionWith, readyToCall } from '../../support/agents';
import { addTwilio } from '../../support/telephony';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { startTwilio } from '../../support/vendors/twilio';
import { deliverDue, receiversAllowed, startReceiver, type Receiver } from '../../support/webhooks';

let server: TestServer;
let receiver: Receiver;
let account: Account;
let triggerPath: string;

beforeEach(async () => {
  server = await startTestServer(receiversAllowed);
  receiver = await startReceiver();
  ({ account } = await readyToCall(server));
  const node: AgentNode = {
    id: 'hook',
    type: 'webhook',
    data: {
      name: 'Tell',
      endpoint_url: receiver.url,
      custom_headers: [{ key: 'traceparent', value: 'of the node' }],
    },
  };
  const definition = definitionWith();
  ({ triggerPath } = await createAgent(server, account, {
    ...definition,
    nodes: [...definition.nodes, node],
  }));
});
afterEach(async () => {
  await receiver.close();
  await server.close();
});

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const callerSpan = '00f067aa0ba902b7';
const traced = { traceparent: `00-${traceId}-${callerSpan}-01`, tracestate: 'rojo=jane,congo=t61rcWkgMzE' };

/** Places a call with a callback URL, and lets it end. */
async function call(headers: Record<string, string>): Promise<void> {
  await server.request
    .post(`/api/v1/public/agent/${triggerPath}`)
    .set({ 'X-API-Key': account.apiKey, ...headers })
    .send({ phone_number: '+14155550100', callback_url: `${receiver.url}/callback` })
    .expect(200);
  await server.advance(5000);
}

const linesOf = ({ logLines }: TestServer) =>
  logLines.map((line) => JSON.parse(line) as Record<string, unknown>);

test('events and webhook nodes continue the trace, each attempt as a span of its own', async () => {
  receiver.status = 500;
  await call(traced);
  await deliverDue(server);
  receiver.status = 200;
  await server.advance(60_000);
  await deliverDue(server);
  const sent = receiver.requests.map(({ headers }) => headers);
  expect(sent).toHaveLength(4);
  const spans = sent.map(({ traceparent }) =>
    /^00-4bf92f3577b34da6a3ce929d0e0e4736-([\da-f]{16})-01$/.exec(String(traceparent))?.at(1),
  );
  expect(spans).not.toContain(undefined);
  expect(new Set([callerSpan, ...spans]).size).toBe(5);
  expect(sent.map(({ tracestate }) => tracestate)).toEqual(sent.map(() => traced.tracestate));
});

test('the log lines of the request and of its events have the trace’s id, and none has its state', async () => {
  await call(traced);
  await deliverDue(server);
  const named = linesOf(server).filter((line) => line.traceId === traceId);
  expect(named.map(({ msg, route }) => [msg, route])).toEqual([
    ['request', '/public/agent/{uuid}'],
    ['an event was delivered', undefined],
    ['an event was delivered', undefined],
  ]);
  expect(server.logLines.join('')).not.toContain('jane');
});

test('a call without a valid trace sends none, and is placed all the same', async () => {
  await call({ traceparent: `00-${'0'.repeat(32)}-${callerSpan}-01`, tracestate: traced.tracestate });
  await deliverDue(server);
  expect(
    receiver.requests.map(({ headers: { traceparent, tracestate } }) => [traceparent, tracestate]),
  ).toEqual(
    expect.arrayContaining([
      [undefined, undefined],
      ['of the node', undefined],
    ]),
  );
});

test('a repeat with the key of the call does not move it to another trace', async () => {
  await call({ ...traced, 'Idempotency-Key': 'k' });
  await call({ traceparent: `00-${'ab'.repeat(16)}-${callerSpan}-01`, 'Idempotency-Key': 'k' });
  await deliverDue(server);
  const ids = receiver.requests.map(({ headers }) => String(headers.traceparent).slice(3, 35));
  expect(ids).toEqual([traceId, traceId]);
});

test('a carrier gets no trace', async () => {
  const vendor = await startTwilio();
  const real = await startTestServer({
    TWILIO_API_BASE_URL: vendor.origin,
    PUBLIC_BASE_URL: 'https://calls.example.test',
  });
  try {
    const caller = await real.signUp();
    await addTwilio(real, caller, { name: 'Carrier', number: '+14155550123' });
    const agent = await createAgent(real, caller);
    await real.request
      .post(`/api/v1/public/agent/${agent.triggerPath}`)
      .set({ 'X-API-Key': caller.apiKey, ...traced })
      .send({ phone_number: '+14155550100' })
      .expect(200);
    expect(vendor.dials).toHaveLength(1);
    const [{ headers }] = vendor.dials as [(typeof vendor.dials)[0]];
    expect(headers).not.toHaveProperty('traceparent');
    expect(headers).not.toHaveProperty('tracestate');
  } finally {
    await real.close();
    await vendor.close();
  }
});

test('pages of other origins may send it', async () => {
  const preflight = await fetch(`${server.baseUrl}/api/v1/health`, { method: 'OPTIONS' });
  expect(preflight.headers.get('access-control-allow-headers')).toContain('traceparent, tracestate');
});
