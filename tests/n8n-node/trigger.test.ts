import type { IDataObject, INodeParameters } from 'n8n-workflow';
import { signWebhook } from '@dograh-trigger/shared';
import { DograhTrigger } from '../../n8n-node/nodes/DograhTrigger/DograhTrigger.node';
import { standInAgentUuid } from '../support/dograh-stand-in';
import { replyJson, startLocalServer, type LocalServer } from '../support/local-server';
import { hookContext, webhookContext, type TriggerContextOptions } from '../support/n8n-trigger-contexts';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const newSecret = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
const hookUrl = 'https://n8n.example/webhook/1/webhook';
const node = new DograhTrigger();
const lifecycle = node.webhookMethods.default;

let server: LocalServer;
let extensions: string[];
let staticData: IDataObject;
/** The server's current secret. */
let serverSecret: string;
let runStatus: number;
let run: object;
/** Each test uses another workflow, because the process remembers deliveries. */
let workflowId: string;
let workflows = 0;

beforeEach(async () => {
  workflowId = `workflow-${String(++workflows)}`;
  extensions = ['hooks'];
  staticData = {};
  serverSecret = secret;
  runStatus = 200;
  run = endedRun;
  let hooks = 0;
  server = await startLocalServer(({ method, url }, response) => {
    const route = `${method} ${url.replace('/api/v1', '')}`;
    if (route === 'GET /health') replyJson(response, 200, { status: 'ok', version: '1', extensions });
    else if (route === 'POST /hooks') replyJson(response, 200, { ...hook, id: ++hooks, secret });
    else if (method === 'DELETE') replyJson(response, 200, { success: true, message: 'Hook deleted' });
    else if (route === 'GET /organizations/webhook-secret')
      replyJson(response, 200, { secret: serverSecret, previous_secret_expires_at: null });
    else if (route === 'GET /workflow/fetch?status=active') replyJson(response, 200, [agent]);
    else if (route === 'GET /workflow/0/runs/501' && runStatus === 200) replyJson(response, 200, run);
    else replyJson(response, runStatus === 200 ? 404 : runStatus, { detail: 'Workflow run not found' });
  });
});

afterEach(() => server.close());

const hook = {
  target_url: hookUrl,
  events: ['call.completed'],
  workflow_uuid: null,
  created_at: '2026-08-22T03:04:05Z',
};
const agent = {
  id: 12,
  name: 'Sales',
  status: 'active',
  created_at: '2026-08-22T03:04:05Z',
  workflow_uuid: standInAgentUuid,
};
const endedRun = {
  id: 501,
  workflow_id: 12,
  name: 'WR-API-501',
  mode: 'sandbox',
  created_at: '2026-08-22T03:04:05Z',
  call_type: 'outbound',
  is_completed: true,
  status: 'completed',
  gathered_context: { call_disposition: 'user_hangup' },
};
const byAgent = { agent: { __rl: true, mode: 'list', value: standInAgentUuid } };

function options(parameters: INodeParameters = {}, webhookSecret = ''): TriggerContextOptions {
  const credential = { baseUrl: server.url, apiKey: 'dgr_t', webhookSecret };
  return { ...credential, nodeType: node, parameters, staticData, workflowId };
}

function activate(parameters: INodeParameters = {}, webhookSecret = ''): Promise<boolean> {
  return lifecycle.create.call(hookContext(options(parameters, webhookSecret), hookUrl));
}

function sent(): string[] {
  return server.requests.map(({ method, url }) => `${method} ${url.replace('/api/v1', '')}`);
}

/** Sends a delivery like a server with subscriptions. */
function deliver({
  parameters = {},
  signedWith = secret,
  id = 'd-1',
  runId = 501,
  mode = 'webhook',
  event = {},
}: {
  parameters?: INodeParameters;
  signedWith?: string;
  id?: string;
  runId?: number;
  mode?: 'manual' | 'webhook';
  event?: object;
} = {}) {
  const timestampSeconds = Math.floor(Date.now() / 1000);
  const data = { id: runId, gathered_context: 'forged' };
  const body = JSON.stringify({ type: 'call.completed', ...event, data });
  const headers = {
    'webhook-id': id,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': signWebhook(signedWith, { id, timestampSeconds, body }),
  };
  return receive(headers, body, options(parameters), mode);
}

/** Sends a delivery like a Webhook node of Dograh. */
function deliverPlain(sentSecret: string, webhookSecret = 's3cret', id = 'p-1') {
  const headers = {
    'x-webhook-secret': sentSecret,
    'x-dograh-delivery-id': id,
    'x-dograh-workflow-run-id': '501',
  };
  return receive(headers, '{}', options({}, webhookSecret));
}

async function receive(
  headers: Record<string, string>,
  body: string,
  from: TriggerContextOptions,
  mode?: 'manual' | 'webhook',
) {
  const { context, reply } = webhookContext(from, { headers, body }, mode);
  const { workflowData } = await node.webhook.call(context);
  return { started: workflowData?.[0]?.map(({ json }) => json) ?? null, status: reply.status };
}

describe('on a server with subscriptions', () => {
  test('activating subscribes this workflow’s address to the calls of the chosen agent', async () => {
    expect(await lifecycle.checkExists.call(hookContext(options(), hookUrl))).toBe(false);
    await activate(byAgent);
    const request = server.requests.find(({ method }) => method === 'POST');
    expect(JSON.parse(request?.body.toString() ?? '')).toEqual({
      target_url: hookUrl,
      event: ['call.completed'],
      workflow_uuid: standInAgentUuid,
    });
  });

  test('deactivating ends the subscription', async () => {
    await activate();
    await lifecycle.delete.call(hookContext(options(), hookUrl));
    expect(sent().at(-1)).toBe('DELETE /hooks/1');
    await lifecycle.delete.call(hookContext(options(), hookUrl));
    expect(sent().filter((request) => request.startsWith('DELETE'))).toHaveLength(1);
  });

  test('activating again, as after a crash, leaves only one subscription', async () => {
    await activate();
    await activate();
    expect(sent()).toContain('DELETE /hooks/1');
    expect(sent()).not.toContain('DELETE /hooks/2');
  });

  test('a signed delivery starts the workflow with the run read from the server, in the fields of Get', async () => {
    await activate();
    expect(await deliver()).toMatchObject({
      started: [
        { run_id: 501, status: 'completed', disposition: 'user_hangup', learned: {}, webhook_id: 'd-1' },
      ],
      status: null,
    });
    expect(await deliver({ id: 'd-2', parameters: { simplify: false } })).toMatchObject({
      started: [{ ...run, webhook_id: 'd-2' }],
    });
  });

  test('a delivery with another signature is refused and does not start the workflow', async () => {
    await activate();
    expect(await deliver({ signedWith: newSecret })).toEqual({ started: null, status: 401 });
    expect(sent()).not.toContain('GET /workflow/0/runs/501');
  });

  test('a test event is accepted and does not start the workflow', async () => {
    await activate();
    const testEvent = { event: { test: true }, runId: 0 };
    expect(await deliver(testEvent)).toEqual({ started: null, status: 200 });
    expect(await deliver({ ...testEvent, signedWith: newSecret })).toEqual({ started: null, status: 401 });
    expect(sent().filter((request) => request.includes('/runs/'))).toEqual([]);
  });

  test('after a rotation the new secret is read, at most once a minute', async () => {
    await activate();
    (staticData.subscription as IDataObject).secretReadAt = Date.now() - 61_000;
    serverSecret = newSecret;
    expect((await deliver({ signedWith: newSecret })).started).toHaveLength(1);
    await deliver({ signedWith: 'whsec_AAAAAAAAAAAAAAAAAAAAAAAA' });
    await deliver({ signedWith: 'whsec_AAAAAAAAAAAAAAAAAAAAAAAA' });
    expect(sent().filter((request) => request === 'GET /organizations/webhook-secret')).toHaveLength(1);
  });

  test('a repeated delivery does not start the workflow, another one does', async () => {
    await activate();
    await deliver();
    expect(await deliver()).toEqual({ started: null, status: 200 });
    expect((await deliver({ id: 'd-2' })).started).toHaveLength(1);
  });

  /** A restarted n8n: the saved static data, and an empty memory. */
  function restart(saved: string): void {
    staticData = JSON.parse(saved) as IDataObject;
    workflowId = `${workflowId}-restarted`;
  }

  /** n8n does not save static data after a delivery that starts the workflow. */
  async function deliverLosingStaticData(): Promise<void> {
    const saved = JSON.stringify(staticData);
    await deliver();
    staticData = JSON.parse(saved) as IDataObject;
  }

  test('after a restart a delivery is remembered if a later one did not start the workflow, so that n8n saved it', async () => {
    await activate();
    await deliverLosingStaticData();
    await deliver();
    restart(JSON.stringify(staticData));
    expect(await deliver()).toEqual({ started: null, status: 200 });
  });

  test('or when the workflow was deactivated', async () => {
    await activate();
    await deliverLosingStaticData();
    await lifecycle.delete.call(hookContext(options(), hookUrl));
    restart(JSON.stringify(staticData));
    await activate();
    expect(await deliver()).toEqual({ started: null, status: 200 });
  });

  test('"Listen for test event" accepts every delivery, and does not affect the active workflow’s memory', async () => {
    await activate();
    await deliver();
    const saved = staticData;
    // A test run has separate static data.
    staticData = {};
    await activate();
    expect((await deliver({ mode: 'manual' })).started).toHaveLength(1);
    expect((await deliver({ mode: 'manual' })).started).toHaveLength(1);
    await lifecycle.delete.call(hookContext(options(), hookUrl));
    staticData = saved;
    expect(await deliver()).toEqual({ started: null, status: 200 });
  });

  test('the stored ids do not grow with the number of deliveries', async () => {
    await activate();
    for (let count = 0; count < 1001; count += 1) await deliver({ id: `d-${String(count)}` });
    expect(staticData.deliveries).toHaveLength(1000);
  });

  test('when the run cannot be read, the answer is 503, and the repeated delivery starts the workflow', async () => {
    await activate();
    runStatus = 401;
    expect(await deliver()).toEqual({ started: null, status: 503 });
    runStatus = 200;
    expect((await deliver()).started).toHaveLength(1);
  });

  test('a run of another organization is a 404, so that the sender does not repeat it', async () => {
    await activate();
    expect(await deliver({ runId: 999 })).toEqual({ started: null, status: 404 });
  });

  test.each<[string, INodeParameters]>([
    ['another agent', { agent: { __rl: true, mode: 'id', value: '13' } }],
    ['another status', { statuses: ['busy', 'no-answer'] }],
  ])('a call of %s does not start the workflow', async (_what, parameters) => {
    await activate(parameters);
    expect(await deliver({ parameters })).toEqual({ started: null, status: 200 });
  });
});

describe('on Dograh itself', () => {
  beforeEach(() => {
    extensions = [];
  });

  test('activating without a Webhook Secret is an error that says what to set up', async () => {
    await expect(activate()).rejects.toThrow(/no subscriptions\. Enter a Webhook Secret .*X-Webhook-Secret/);
  });

  test('activating with one does not subscribe', async () => {
    await activate({}, 's3cret');
    expect(sent()).toEqual(['GET /health']);
  });

  test('a delivery with the secret in its header starts the workflow with the run', async () => {
    expect(await deliverPlain('s3cret')).toMatchObject({
      started: [{ run_id: 501, webhook_id: 'p-1' }],
      status: null,
    });
  });

  test.each([
    ['another secret', 'other', 's3cret'],
    ['no secret', '', 's3cret'],
    ['no secret on either side', '', ''],
  ])('a delivery with %s is refused', async (_what, sentSecret, webhookSecret) => {
    expect(await deliverPlain(sentSecret, webhookSecret)).toEqual({ started: null, status: 401 });
    expect(sent()).toEqual([]);
  });

  test('a repeated delivery does not start the workflow', async () => {
    await deliverPlain('s3cret');
    expect(await deliverPlain('s3cret')).toEqual({ started: null, status: 200 });
  });

  test('a delivery without a run id is refused', async () => {
    const headers = { 'x-webhook-secret': 's3cret' };
    expect(await receive(headers, '{}', options({}, 's3cret'))).toEqual({ started: null, status: 400 });
  });
});

describe('the field Events', () => {
  const attempts = [
    {
      number: 1,
      call_id: 'CA1',
      status: 'busy',
      disposition: 'busy',
      reason: 'busy',
      started_at: '2026-08-22T03:04:05Z',
      ended_at: '2026-08-22T03:04:15Z',
    },
  ];
  const attemptEnded = { type: 'call.attempt_ended', attempt: { number: 1, status: 'forged' } };

  function subscribedEvents(): unknown[] {
    return server.requests
      .filter(({ method }) => method === 'POST')
      .map(({ body }) => (JSON.parse(body.toString()) as { event: unknown }).event);
  }

  test('subscribes to what is chosen; a workflow that was saved without it, to ended calls', async () => {
    await activate();
    await activate({ events: ['call.artifacts_ready', 'call.attempt_ended'] });
    await activate({ events: [] });
    const ends = ['call.completed'];
    expect(subscribedEvents()).toEqual([ends, ['call.attempt_ended', 'call.artifacts_ready'], ends]);
  });

  test('on a server without subscriptions other events are refused in words', async () => {
    extensions = [];
    const activated = activate({ events: ['call.completed', 'call.attempt_ended'] }, 's3cret');
    await expect(activated).rejects.toThrow('Events: this server only tells of ended calls');
  });

  test('the output names the event; of an attempt it has what the server knows of it', async () => {
    await activate();
    run = { ...endedRun, status: 'queued', is_completed: false, attempts };
    const { started } = await deliver({ event: attemptEnded });
    expect(started).toMatchObject([{ event: 'call.attempt_ended', status: 'queued', attempt: attempts[0] }]);
    run = endedRun;
    const completed = await deliver({ id: 'd-2' });
    expect(completed.started).toMatchObject([{ event: 'call.completed', attempt: null }]);
  });

  test('an answer starts the workflow whatever Statuses says, because the call has not ended', async () => {
    await activate();
    run = { ...endedRun, status: 'answered', is_completed: false };
    const { started } = await deliver({
      event: { type: 'call.answered' },
      parameters: { statuses: ['busy'] },
    });
    expect(started).toMatchObject([{ event: 'call.answered', status: 'answered', attempt: null }]);
  });

  test('Statuses is about the attempt, because the call may go on', async () => {
    await activate();
    run = { ...endedRun, status: 'queued', is_completed: false, attempts };
    const busy = await deliver({ event: attemptEnded, parameters: { statuses: ['busy'] } });
    expect(busy.started).toHaveLength(1);
    const unanswered = await deliver({
      id: 'd-2',
      event: attemptEnded,
      parameters: { statuses: ['no-answer'] },
    });
    expect(unanswered.started).toBeNull();
  });

  test('a test event of any kind starts no workflow', async () => {
    await activate();
    const tested = await deliver({ event: { ...attemptEnded, test: true } });
    expect(tested.started).toBeNull();
  });
});
