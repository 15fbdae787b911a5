import type { ServerResponse } from 'node:http';
import { StoreError } from '../../../trigger-server/src/artifacts/artifact-files';
import { publish, saveDraft } from '../../support/agents';
import { readRun } from '../../support/calls';
import { fetchDueRecordings } from '../../support/fetch-recordings';
import { replyJson } from '../../support/local-server';
import { addConfiguration, configurationsPath } from '../../support/telephony';
import { startCaller, type Caller } from './callers';
import { send, testStatuses, type Ask } from './documented';

let caller: Caller;
beforeAll(async () => {
  caller = await startCaller();
});
afterAll(() => caller.close());

const ask = (path: string, headers: Record<string, string> = {}): Ask => ({
  path,
  apiKey: caller.account.apiKey,
  headers,
});

/** Starts a call. @returns the id of its run. */
async function call(configurationId?: number): Promise<number> {
  const { server, account, agent } = caller;
  const reply = await send(server, 'POST', {
    path: `/public/agent/${agent.triggerPath}`,
    apiKey: account.apiKey,
    body: { phone_number: '+14155550100', telephony_configuration_id: configurationId },
  });
  return ((await reply.json()) as { workflow_run_id: number }).workflow_run_id;
}

/** A queued call. @returns the id of its run. */
async function queuedCall(): Promise<number> {
  const { server, account, agent } = caller;
  const reply = await send(server, 'POST', {
    path: `/public/agent/${agent.triggerPath}`,
    apiKey: account.apiKey,
    body: { phone_number: '+14155550100', not_before: '2026-12-24T09:00:00Z' },
  });
  return ((await reply.json()) as { workflow_run_id: number }).workflow_run_id;
}

const change = (runId: number): Ask => ({
  ...ask(`/workflow/0/runs/${runId}`),
  body: { reference: 'order-1' },
});

async function endedCall(): Promise<number> {
  const runId = await call();
  await caller.server.advance(5000);
  return runId;
}

async function erasedCall(): Promise<number> {
  const runId = await endedCall();
  await send(caller.server, 'DELETE', ask(`/workflow/0/runs/${runId}`));
  return runId;
}

const outcome = (runId: number, optOut: boolean): Ask => ({
  ...ask(`/workflow/0/runs/${runId}/outcome`),
  body: { opt_out: optOut },
});

const cancel = (runId: number) => ask(`/workflow/0/runs/${runId}/cancel`);

/** A request that cancels a call. The carrier answers the cancellation with `onCall`. */
async function cancelAtCarrier(onCall: (response: ServerResponse) => void): Promise<Ask> {
  caller.carrier.onCall = onCall;
  return cancel(await call(caller.lineId));
}

/** A call whose telephony configuration has been deleted. */
async function orphanedCall(): Promise<number> {
  const { server, account } = caller;
  const { id } = await addConfiguration(server, account, { name: 'Short-lived' });
  const runId = await call(id);
  await server.request.delete(`${configurationsPath}/${id}`).set('X-API-Key', account.apiKey).expect(200);
  return runId;
}

async function download(file: string, headers: Record<string, string> = {}): Promise<Ask> {
  const run = await readRun(caller.server, caller.account, await endedCall());
  return { path: `/public/download/workflow/${run.public_access_token ?? ''}/${file}`, headers };
}

/** A recording whose store fails. */
async function downloadFromBrokenStore(): Promise<Ask> {
  const { server, account, agent } = caller;
  await saveDraft(server, account, agent, { workflow_configurations: { recording_enabled: true } });
  await publish(server, account, agent);
  const recording = await download('recording');
  await fetchDueRecordings(server.services);
  jest.spyOn(server.services.artifacts, 'find').mockRejectedValueOnce(new StoreError('out of reach', null));
  return recording;
}

const unreadable = '?filters=nonsense';
const runsOfAgent = (query: string) => ask(`/workflow/${caller.agent.id}/runs${query}`);
const usage = '/organizations/usage/runs';

testStatuses(__filename, () => caller.server, {
  'POST /workflow/{workflow_id}/runs/{run_id}/cancel': {
    202: async () => cancel(await call()),
    400: () =>
      cancelAtCarrier((response) => {
        replyJson(response, 400, { code: 21000, message: 'No' });
      }),
    404: () => cancel(999_999),
    409: async () => cancel(await endedCall()),
    501: async () => cancel(await orphanedCall()),
    504: () =>
      cancelAtCarrier((response) => {
        response.destroy();
      }),
  },
  'POST /workflow/{workflow_id}/runs/{run_id}/outcome': {
    200: async () => outcome(await call(), false),
    404: () => outcome(999_999, true),
    409: async () => outcome(await erasedCall(), true),
  },
  'GET /workflow/{workflow_id}/runs/{run_id}': {
    200: async () => ask(`/workflow/0/runs/${await call()}`),
    404: () => ask('/workflow/0/runs/999999'),
  },
  'PATCH /workflow/{workflow_id}/runs/{run_id}': {
    200: async () => change(await queuedCall()),
    404: () => change(999_999),
    409: async () => change(await call()),
  },
  'POST /organizations/queue/cancel': {
    200: () => ({ ...ask('/organizations/queue/cancel'), body: { workflow_id: caller.agent.id } }),
    404: () => ({ ...ask('/organizations/queue/cancel'), body: { api_key_id: 999_999 } }),
  },
  'DELETE /workflow/{workflow_id}/runs/{run_id}': {
    200: async () => ask(`/workflow/0/runs/${await endedCall()}`),
    404: () => ask('/workflow/0/runs/999999'),
    409: async () => ask(`/workflow/0/runs/${await call()}`),
  },
  'GET /workflow/{workflow_id}/runs': {
    200: () => runsOfAgent(''),
    400: () => runsOfAgent(unreadable),
    403: () => runsOfAgent(`?filters=${encodeURIComponent('[{"attribute":"weather"}]')}`),
    404: () => ask('/workflow/mine/runs'),
    422: () => runsOfAgent('?page=0'),
  },
  'GET /organizations/usage/runs': {
    200: () => ask(usage),
    400: () => ask(`${usage}${unreadable}`),
    422: () => ask(`${usage}?page=0`),
  },
  'GET /organizations/usage/runs/report': {
    200: () => ask(`${usage}/report`),
    400: () => ask(`${usage}/report${unreadable}`),
    422: () => ask(`${usage}/report?start_date=yesterday`),
  },
  'GET /organizations/usage/summary': {
    200: () => ask('/organizations/usage/summary'),
    400: () => ask(`/organizations/usage/summary${unreadable}`),
    422: () => ask('/organizations/usage/summary?time_zone=here'),
  },
  'GET /organizations/disposition-codes': { 200: () => ask('/organizations/disposition-codes') },
  'GET /public/download/workflow/{token}/{artifact_type}': {
    200: () => download('transcript'),
    206: () => download('transcript', { Range: 'bytes=0-3' }),
    400: () => download('film'),
    404: () => ({ path: '/public/download/workflow/forged/transcript' }),
    416: () => download('transcript', { Range: 'bytes=1000000-' }),
    422: () => download('transcript?inline=perhaps'),
    503: downloadFromBrokenStore,
  },
});
