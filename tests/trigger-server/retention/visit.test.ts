/** What retention removes, and what it must not touch. */
import type { AuditPage } from '@dograh-trigger/shared';
import { removals } from '../../../trigger-server/src/artifacts/removal/worker';
import { addOrganizations, runRound } from '../../../trigger-server/src/retention/worker';
import { readyToCall, type TestAgent } from '../../support/agents';
import { countRuns, readRun, startCall } from '../../support/calls';
import { fetchDueRecordings } from '../../support/fetch-recordings';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import {
  completeCall,
  deliverDue,
  listDeliveries,
  readDelivery,
  receiversAllowed,
  redeliver,
  startReceiver,
  type Receiver,
} from '../../support/webhooks';
import { agentWith } from '../artifacts/support';
import { applyRetention, countRows, day, keep } from './support';

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

/** A call that has ended, whose event was delivered. */
async function deliveredCall(): Promise<number> {
  const runId = await completeCall(server, account, agent, { callback_url: `${receiver.url}/x` });
  await deliverDue(server);
  return runId;
}

const runPath = (runId: number) => `/api/v1/workflow/0/runs/${String(runId)}`;

async function isThere(runId: number): Promise<boolean> {
  const reply = await server.request.get(runPath(runId)).set('X-API-Key', account.apiKey);
  return reply.status === 200;
}

function trigger(key: string, lifetimeSeconds: number) {
  return server.request
    .post(`/api/v1/public/agent/${agent.triggerPath}`)
    .set('X-API-Key', account.apiKey)
    .set({ 'Idempotency-Key': key, 'Idempotency-Key-Lifetime': String(lifetimeSeconds) })
    .send({ phone_number: '+14155550100' });
}

describe('calls', () => {
  test('a call is deleted with everything of it once it is old enough, and no day earlier', async () => {
    const runId = await deliveredCall();
    await keep(server, account, { runs_days: 10 });
    await server.advance(10 * day - 6000);
    await applyRetention(server);
    expect(await isThere(runId)).toBe(true);
    await server.advance(60 * 60_000);
    await applyRetention(server);
    expect(await isThere(runId)).toBe(false);
    const tables = ['runs', 'run_events', 'callback_urls', 'webhook_deliveries', 'webhook_attempts'] as const;
    for (const table of tables) expect([table, await countRows(server, table)]).toEqual([table, 0]);
  });

  test('a call that waited for longer than calls are kept is kept as long after its end', async () => {
    const reply = await server.request
      .post(`/api/v1/public/agent/${agent.triggerPath}`)
      .set('X-API-Key', account.apiKey)
      .send({ phone_number: '+14155550100', not_before: '2027-01-10T12:00:00Z' })
      .expect(202);
    const runId = (reply.body as { workflow_run_id: number }).workflow_run_id;
    await keep(server, account, { runs_days: 10 });
    server.clock.pass(49 * day);
    await server.advance(60 * 60_000);
    await applyRetention(server);
    expect((await readRun(server, account, runId)).status).toBe('completed');
    server.clock.pass(11 * day);
    await applyRetention(server);
    expect(await isThere(runId)).toBe(false);
  });

  test('without a setting no call is ever deleted', async () => {
    const runId = await deliveredCall();
    await server.advance(10_000 * day);
    await applyRetention(server);
    expect(await isThere(runId)).toBe(true);
  });

  test('the totals of the lists agree with what is left', async () => {
    for (let count = 0; count < 45; count += 1) {
      await startCall(server, account, agent, { phone_number: '+14155550100' });
      await server.advance(5000);
    }
    await keep(server, account, { runs_days: 1 });
    await server.advance(2 * day);
    const kept = await deliveredCall();
    await applyRetention(server);
    expect(await countRuns(server, account)).toBe(1);
    const list = await server.request
      .get(`/api/v1/workflow/${String(agent.id)}/runs`)
      .set('X-API-Key', account.apiKey)
      .expect(200);
    expect(list.body).toMatchObject({ total_count: 1, runs: [{ id: kept }] });
  });

  test('one entry of the audit trail says how much a visit has removed, and none says that nothing was', async () => {
    for (let count = 0; count < 25; count += 1) await deliveredCall();
    await keep(server, account, { runs_days: 10 });
    await server.advance(20 * day);
    await applyRetention(server);
    await server.advance(2 * 60 * 60_000);
    await applyRetention(server);
    const trail = await server.request
      .get('/api/v1/organizations/audit?action=retention.applied')
      .set('X-API-Key', account.apiKey)
      .expect(200);
    expect((trail.body as AuditPage).entries).toMatchObject([
      { changed: ['runs: 25'], subject_id: null, user: null, key: null, command: null },
    ]);
  });

  test('a call whose key still holds is kept, because a repeat would dial again', async () => {
    const first = await trigger('k', 5 * 24 * 3600).expect(200);
    const { workflow_run_id: runId } = first.body as { workflow_run_id: number };
    await server.advance(5000);
    await keep(server, account, { runs_days: 1 });
    await server.advance(4 * day);
    await applyRetention(server);
    const again = await trigger('k', 5 * 24 * 3600).expect(200);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(await isThere(runId)).toBe(true);
    await server.advance(1 * day);
    await applyRetention(server);
    expect(await isThere(runId)).toBe(false);
    expect(await countRows(server, 'idempotency_keys')).toBe(0);
  });

  test('a call with an event that is not delivered yet is kept until it is', async () => {
    receiver.status = 500;
    const runId = await deliveredCall();
    await keep(server, account, { runs_days: 1 });
    await server.clock.advance(2 * day, () => Promise.resolve());
    await applyRetention(server);
    expect(await isThere(runId)).toBe(true);
    receiver.status = 200;
    await deliverDue(server);
    await server.advance(60 * 60_000);
    await applyRetention(server);
    expect(await isThere(runId)).toBe(false);
  });

  test('a call that has not ended is kept', async () => {
    const runId = await startCall(server, account, agent, { phone_number: '+15005550016' });
    await keep(server, account, { runs_days: 1 });
    server.clock.jump(3 * day);
    await applyRetention(server);
    expect(await readRun(server, account, runId)).toMatchObject({ is_completed: false });
  });

  test('the settings of one organization do not touch the calls of another', async () => {
    const runId = await deliveredCall();
    const other = await server.signUp();
    await keep(server, other, { runs_days: 1 });
    await server.advance(3 * day);
    await applyRetention(server);
    expect(await isThere(runId)).toBe(true);
  });
});

describe('recordings and transcripts', () => {
  test('they are removed and the call stays; the file goes only once no call names it', async () => {
    const recorded = await agentWith(server, account, { recording_enabled: true });
    const runId = await startCall(server, account, recorded, { phone_number: '+14155550100' });
    await server.advance(5000);
    await fetchDueRecordings(server.services);
    const key = `recordings/${String(runId)}.wav`;
    expect(await readRun(server, account, runId)).toMatchObject({ recording_url: key });
    await keep(server, account, { artifacts_days: 3 });
    await server.advance(4 * day);
    await applyRetention(server);
    const run = await readRun(server, account, runId);
    expect(run).toMatchObject({
      status: 'completed',
      recording_url: null,
      transcript_url: null,
      erased_at: null,
    });
    expect(run.logs?.realtime_feedback_events).toEqual([]);
    // Until here a crash would have left the file, and the note that it is to be deleted.
    expect(await server.services.artifacts.find(key)).not.toBeNull();
    const worker = await removals(server.services).start();
    await server.advance(10_000);
    await worker.stop();
    expect(await server.services.artifacts.find(key)).toBeNull();
    expect(await countRows(server, 'removed_files')).toBe(0);
  });

  test('a deleted call leaves no recording behind', async () => {
    const recorded = await agentWith(server, account, { recording_enabled: true });
    const runId = await startCall(server, account, recorded, { phone_number: '+14155550100' });
    await server.advance(5000);
    await fetchDueRecordings(server.services);
    await keep(server, account, { runs_days: 1 });
    await server.advance(2 * day);
    await applyRetention(server);
    const worker = await removals(server.services).start();
    await server.advance(10_000);
    await worker.stop();
    expect(await server.services.artifacts.find(`recordings/${String(runId)}.wav`)).toBeNull();
  });
});

describe('events', () => {
  test('the body of a delivered event goes after 30 days, and it cannot be sent again', async () => {
    await deliveredCall();
    const [delivery] = await listDeliveries(server, account);
    await server.advance(30 * day - 60_000);
    await applyRetention(server);
    expect(await readDelivery(server, account, delivery!.id)).toMatchObject({
      body: expect.any(String) as string,
    });
    await server.advance(60 * 60_000);
    await applyRetention(server);
    expect(await readDelivery(server, account, delivery!.id)).toMatchObject({
      status: 'succeeded',
      body: null,
      attempts: [{ status_code: 200, response: null }],
    });
    const refused = await server.request
      .post(`/api/v1/webhook-deliveries/${delivery!.id}/redeliver`)
      .set('X-API-Key', account.apiKey)
      .expect(409);
    expect(refused.body).toMatchObject({ code: 'event_body_removed' });
  });

  test('the body of an event that was given up is kept, so that it can be sent by hand', async () => {
    receiver.status = 410;
    await deliveredCall();
    const [delivery] = await listDeliveries(server, account);
    expect(delivery).toMatchObject({ status: 'dead_letter' });
    await server.advance(60 * day);
    await applyRetention(server);
    receiver.status = 200;
    await redeliver(server, account, delivery!.id);
    await deliverDue(server);
    expect(await readDelivery(server, account, delivery!.id)).toMatchObject({ status: 'succeeded' });
  });

  test('events are deleted after their own time, and the call stays', async () => {
    const runId = await deliveredCall();
    await keep(server, account, { events_days: 5 });
    await server.advance(6 * day);
    await applyRetention(server);
    expect(await listDeliveries(server, account)).toEqual([]);
    expect(await countRows(server, 'webhook_attempts')).toBe(0);
    expect(await isThere(runId)).toBe(true);
  });
});

describe('the worker', () => {
  test('of two processes only one visits an organization, and another takes over when it is gone', async () => {
    for (let count = 0; count < 45; count += 1) await completeCall(server, account, agent);
    await keep(server, account, { runs_days: 1 });
    await server.advance(2 * day);
    let wakeUp: (mayGoOn: boolean) => void = () => undefined;
    let pauses = 0;
    // What has expired takes one pause, and the choice of the organization another one.
    const stopsAfterFirstPart = () => {
      pauses += 1;
      return pauses <= 3 ? Promise.resolve(true) : new Promise<boolean>((resolve) => (wakeUp = resolve));
    };
    await addOrganizations(server.services, 0);
    const paused = runRound(server.services, stopsAfterFirstPart);
    while (pauses < 4) await server.storage.quiet();
    expect(await countRows(server, 'runs')).toBe(25);
    await applyRetention(server);
    expect(await countRows(server, 'runs')).toBe(25);
    await server.advance(60_000);
    const other = await completeCall(server, account, agent);
    await applyRetention(server);
    expect(await countRows(server, 'runs')).toBe(1);
    wakeUp(true);
    await paused;
    expect(await isThere(other)).toBe(true);
  });

  test('organizations that are made after the first 600 are visited without a restart', async () => {
    const make = async (count: number) => {
      for (let made = 0; made < count; made += 1) await server.signUp();
    };
    await make(600);
    const known = await addOrganizations(server.services, 0);
    await make(3);
    await addOrganizations(server.services, known);
    expect(await countRows(server, 'retention')).toBe(await countRows(server, 'organizations'));
  });

  test('it forgets sessions, links, keys and secrets that nobody can use any more', async () => {
    await trigger('k', 3600).expect(200);
    await server.advance(5000);
    const rotate = () =>
      server.request
        .post('/api/v1/organizations/webhook-secret')
        .set('X-API-Key', account.apiKey)
        .expect(200);
    await rotate();
    await rotate();
    expect(await countRows(server, 'webhook_secrets')).toBe(2);
    await server.advance(2 * day);
    await applyRetention(server);
    expect(await countRows(server, 'sessions')).toBe(0);
    expect(await countRows(server, 'idempotency_keys')).toBe(0);
    expect(await countRows(server, 'webhook_secrets')).toBe(1);
  });
});
