/** The erasure of a call: nothing about the person called is left, and what accounting needs is. */
import type { ServerResponse } from 'node:http';
import type { AuditPage, JsonObject, Run, UsagePage } from '@dograh-trigger/shared';
import { readyToCall, type TestAgent } from '../../support/agents';
import { readRun, startCall } from '../../support/calls';
import { startLocalServer } from '../../support/local-server';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import {
  completeCall,
  deliverDue,
  listDeliveries,
  readDelivery,
  receiversAllowed,
  startReceiver,
  type Receiver,
} from '../../support/webhooks';
import { countRows, erase, everything } from './support';

let server: TestServer;
let receiver: Receiver;
let account: Account;
let agent: TestAgent;

beforeEach(async () => {
  server = await startTestServer(receiversAllowed);
  receiver = await startReceiver();
  ({ account, agent } = await readyToCall(server));
});
afterEach(async () => {
  await receiver.close();
  await server.close();
});

const number = '+14155550177';

/** A call whose every place holds something about the person: number, name, callback URL, events and replies. */
async function personalCall(key = 'order 4711', receiverUrl = receiver.url): Promise<number> {
  const reply = await server.request
    .post(`/api/v1/public/agent/${agent.triggerPath}`)
    .set({
      'X-API-Key': account.apiKey,
      'Idempotency-Key': key,
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      tracestate: 'crm=Jane Personal',
    })
    .send({
      phone_number: number,
      initial_context: { user: { name: 'Jane Personal' } },
      callback_url: `${receiverUrl}/jane-personal?to=14155550177`,
      voicemail: { action: 'leave_message', message: 'For Jane Personal' },
      reference: 'Jane Personal, order 4711',
      metadata: { mail: 'jane-personal@example.com' },
    })
    .expect(200);
  await server.advance(5000);
  return (reply.body as { workflow_run_id: number }).workflow_run_id;
}

function eraseRun(runId: number, by = account) {
  return server.request.delete(`/api/v1/workflow/0/runs/${String(runId)}`).set('X-API-Key', by.apiKey);
}

test('no row holds anything about the person any more', async () => {
  const runId = await personalCall();
  await deliverDue(server);
  const before = await everything(server);
  for (const trace of ['Jane Personal', '14155550177', 'jane-personal']) expect(before).toContain(trace);
  await eraseRun(runId).expect(200);
  const after = await everything(server);
  for (const trace of ['Jane', '4155550177', 'jane-personal']) expect(after).not.toContain(trace);
});

test('the run stays with its ids, times, status and duration, and says when it was erased', async () => {
  const runId = await personalCall();
  const before = await readRun(server, account, runId);
  const reply = await eraseRun(runId).expect(200);
  const { erased_at: at } = reply.body as { erased_at: string };
  expect(at).toBe(server.clock.now().toISOString());
  const after = await readRun(server, account, runId);
  const kept: (keyof Run)[] = ['id', 'workflow_id', 'name', 'mode', 'created_at', 'definition_id', 'status'];
  const times: (keyof Run)[] = [
    'answered_at',
    'completed_at',
    'artifacts_ready_at',
    'usage_info',
    'cost_info',
  ];
  for (const name of [...kept, ...times, 'source' as const])
    expect([name, after[name]]).toEqual([name, before[name]]);
  expect(after).toMatchObject({
    erased_at: at,
    transcript_url: null,
    recording_url: null,
    gathered_context: { call_disposition: before.gathered_context?.call_disposition },
    logs: { realtime_feedback_events: [] },
  });
  expect(Object.keys(after.initial_context as JsonObject)).toEqual([]);
});

test('lists and the report show it without its number', async () => {
  const runId = await personalCall();
  await eraseRun(runId).expect(200);
  const get = (path: string) =>
    server.request
      .get(`/api/v1/organizations/usage/runs${path}`)
      .set('X-API-Key', account.apiKey)
      .expect(200);
  const list = (await get('')).body as UsagePage;
  expect(list.runs).toMatchObject([
    { id: runId, called_number: null, phone_number: null, erased_at: expect.any(String) as string },
  ]);
  const [, line] = (await get('/report')).text.split('\r\n');
  expect(line?.split(',')).toMatchObject({ 0: String(runId), 5: '' });
});

test('a link to its transcript, sent before, finds nothing', async () => {
  const runId = await personalCall();
  const { transcript_public_url: link } = await readRun(server, account, runId);
  await server.request.get(link!).expect(200);
  await eraseRun(runId).expect(200);
  await server.request.get(link!).expect(404);
});

test('its key still answers with the run, whatever the body is, and nobody is called', async () => {
  const runId = await personalCall('k');
  await eraseRun(runId).expect(200);
  for (const phone of [number, '+14155550199']) {
    const reply = await server.request
      .post(`/api/v1/public/agent/${agent.triggerPath}`)
      .set({ 'X-API-Key': account.apiKey, 'Idempotency-Key': 'k' })
      .send({ phone_number: phone })
      .expect(200);
    expect(reply.body).toMatchObject({ workflow_run_id: runId });
    expect(reply.headers['idempotency-replayed']).toBe('true');
  }
  expect(await countRows(server, 'runs')).toBe(1);
});

test('a repeat adds no callback URL to it, and says so', async () => {
  const runId = await personalCall('k');
  await eraseRun(runId).expect(200);
  const reply = await server.request
    .post(`/api/v1/public/agent/${agent.triggerPath}`)
    .set({ 'X-API-Key': account.apiKey, 'Idempotency-Key': 'k' })
    .send({ phone_number: number, callback_url: `${receiver.url}/again?to=14155550177` })
    .expect(200);
  expect(reply.headers['ignored-fields']).toBe('callback_url');
  await deliverDue(server);
  expect(receiver.requests).toEqual([]);
  expect(await everything(server)).not.toContain('4155550177');
});

test('an event that is not delivered yet is canceled, and a delivered one cannot be sent again', async () => {
  const runId = await personalCall();
  await eraseRun(runId).expect(200);
  await server.advance(120_000);
  await deliverDue(server);
  expect(receiver.requests).toEqual([]);
  const [delivery] = await listDeliveries(server, account);
  expect(await readDelivery(server, account, delivery!.id)).toMatchObject({ status: 'canceled', body: null });
  const again = await server.request
    .post(`/api/v1/webhook-deliveries/${delivery!.id}/redeliver`)
    .set('X-API-Key', account.apiKey)
    .expect(409);
  expect(again.body).toMatchObject({ code: 'event_body_removed' });
});

test('the reply to an attempt under way is not kept: it may quote the event', async () => {
  let arrived: (response: ServerResponse) => void = () => undefined;
  const attempted = new Promise<ServerResponse>((resolve) => (arrived = resolve));
  const quoting = await startLocalServer((_request, response) => {
    arrived(response);
  });
  try {
    const runId = await personalCall('k', quoting.url);
    const delivering = deliverDue(server);
    const response = await attempted;
    await eraseRun(runId).expect(200);
    response.writeHead(500).end('Cannot store a call to +14155550177');
    await delivering;
  } finally {
    await quoting.close();
  }
  expect(await countRows(server, 'webhook_attempts')).toBe(1);
  expect(await everything(server)).not.toContain('4155550177');
});

test('a call under way is not erased', async () => {
  const runId = await startCall(server, account, agent, { phone_number: '+15005550016' });
  await eraseRun(runId).expect(409);
  expect(await readRun(server, account, runId)).toMatchObject({ erased_at: null });
});

describe('a call that has not been dialled', () => {
  const later = { phone_number: number, not_before: '2026-11-24T12:00:00Z' };

  async function queued(changes: object = {}): Promise<number> {
    const reply = await server.request
      .post(`/api/v1/public/agent/${agent.triggerPath}`)
      .set('X-API-Key', account.apiKey)
      .send({ ...later, initial_context: { user: { name: 'Jane Personal' } }, ...changes })
      .expect(202);
    return (reply.body as { workflow_run_id: number }).workflow_run_id;
  }

  test('is canceled while it is queued, and nothing about the person is left', async () => {
    const runId = await queued();
    expect(await everything(server)).toContain('Jane Personal');
    expect(await erase(server, account, number)).toBe(1);
    expect(await readRun(server, account, runId)).toMatchObject({
      status: 'canceled',
      erased_at: expect.any(String) as string,
    });
    const after = await everything(server);
    for (const trace of ['Jane', '4155550177']) expect(after).not.toContain(trace);
    await server.advance(2 * 24 * 60 * 60_000);
    expect(await readRun(server, account, runId)).toMatchObject({ status: 'canceled', answered_at: null });
  });

  test('can be erased after it has left the queue', async () => {
    const runId = await queued();
    await server.request
      .post(`/api/v1/workflow/0/runs/${String(runId)}/cancel`)
      .set('X-API-Key', account.apiKey)
      .expect(202);
    await eraseRun(runId).expect(200);
    expect(await everything(server)).not.toContain('4155550177');
  });
});

test('the second erasure of a call changes nothing', async () => {
  const runId = await personalCall();
  const first = await eraseRun(runId).expect(200);
  await server.advance(60_000);
  const second = await eraseRun(runId).expect(200);
  expect(second.body).toEqual(first.body);
});

test('another organization can neither erase a call nor learn that it exists', async () => {
  const runId = await personalCall();
  const stranger = await server.signUp();
  await eraseRun(runId, stranger).expect(404);
  expect(await erase(server, stranger, number)).toBe(0);
  expect(await readRun(server, account, runId)).toMatchObject({ erased_at: null });
});

test('the audit trail says who erased which call, and neither it nor the log has the number', async () => {
  const runId = await personalCall();
  await erase(server, account, number);
  const reply = await server.request
    .get('/api/v1/organizations/audit?action=run.erased')
    .set('X-API-Key', account.apiKey)
    .expect(200);
  const { entries } = reply.body as AuditPage;
  expect(entries).toMatchObject([{ subject_id: String(runId), key: { name: 'test' }, changed: [] }]);
  expect(JSON.stringify(entries) + server.logLines.join('')).not.toContain('4155550177');
});

describe('by number', () => {
  test('all calls to it are erased, however it is written, and no other call', async () => {
    const own = [await personalCall('1'), await personalCall('2'), await personalCall('3')];
    const other = await completeCall(server, account, agent);
    expect(await erase(server, account, '+1 (415) 555-0177')).toBe(3);
    for (const runId of own) {
      expect(await readRun(server, account, runId)).toMatchObject({
        erased_at: expect.any(String) as string,
      });
    }
    expect(await readRun(server, account, other)).toMatchObject({ erased_at: null });
    expect(await erase(server, account, number)).toBe(0);
  });

  test('those under way are left and counted, the others are erased', async () => {
    const ended = await personalCall();
    const underWay = await startCall(server, account, agent, { phone_number: number });
    const tidyUp = jest.spyOn(server.services.storage, 'tidyUp');
    const request = () =>
      server.request
        .post('/api/v1/organizations/erase')
        .set('X-API-Key', account.apiKey)
        .send({ phone_number: number });
    const reply = await request().expect(409);
    expect(reply.body).toMatchObject({
      detail: expect.stringMatching(/under way \(1\) were not erased; the others \(1\) were/) as string,
    });
    expect(tidyUp).toHaveBeenCalledTimes(1);
    expect(await readRun(server, account, ended)).toMatchObject({ erased_at: expect.any(String) as string });
    expect(await readRun(server, account, underWay)).toMatchObject({ erased_at: null });
    await server.advance(5000);
    expect((await request().expect(200)).body).toEqual({ erased: 1 });
  });

  test('a number that nobody could call is refused with its place', async () => {
    const reply = await server.request
      .post('/api/v1/organizations/erase')
      .set('X-API-Key', account.apiKey)
      .send({ phone_number: '0415' })
      .expect(422);
    expect(reply.body).toMatchObject({ detail: [{ loc: ['body', 'phone_number'] }] });
  });

  test('a number on the do-not-call list stays there', async () => {
    await personalCall();
    const path = `/api/v1/organizations/do-not-call/${encodeURIComponent(number)}`;
    const key = { 'X-API-Key': account.apiKey };
    const added = await server.request.put(path).set(key).send({}).expect(200);
    await erase(server, account, number);
    expect((await server.request.get(path).set(key).expect(200)).body).toEqual(added.body);
  });
});
