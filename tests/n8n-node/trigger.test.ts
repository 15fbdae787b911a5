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
/** What the server signs with now. */
let serverSecret: string;
let runStatus: number;
/** Each test has a workflow of its own: what was delivered is remembered in the process. */
let workflowId: string;
let workflows = 0;

beforeEach(async () => {
  workflowId = `workflow-${String(++workflows)}`;
  extensions = ['hooks'];
  staticData = {};
  serverSecret = secret;
  runStatus = 200;
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
const run = {
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

/** Sends a delivery as a server with subscriptions does. */
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

/** Sends a delivery as a Webhook node of Dograh does. */
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
  test('activating subscribes this workflow’s address, for the calls of the agent alone', async () => {
    expect(await lifecycle.checkExists.call(hookContext(options(), hookUrl))).toBe(false);
    await activate(byAgent);
    const request = server.requests.find(({ method }) => method === 'POST');
    expect(JSON.parse(request?.body.toString() ?? '')).toEqual({
      target_url: hookUrl,
      event: 'call.completed',
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

  test('activating anew, as after a crash, leaves no second subscription behind', async () => {
    await activate();
    await activate();
    expect(sent()).toContain('DELETE /hooks/1');
    expect(sent()).not.toContain('DELETE /hooks/2');
  });

  test('a signed delivery starts the workflow with the run as the server has it, in the fields of Get', async () => {
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

  test('a delivery that was signed with something else is refused, and starts nothing', async () => {
    await activate();
    expect(await deliver({ signedWith: newSecret })).toEqual({ started: null, status: 401 });
    expect(sent()).not.toContain('GET /workflow/0/runs/501');
  });

  test('a test event is taken and starts nothing: there is no such call', async () => {
    await activate();
    const testEvent = { event: { test: true }, runId: 0 };
    expect(await deliver(testEvent)).toEqual({ started: null, status: 200 });
    expect(await deliver({ ...testEvent, signedWith: newSecret })).toEqual({ started: null, status: 401 });
    expect(sent().filter((request) => request.includes('/runs/'))).toEqual([]);
  });

  test('after the secret was rotated the new one is read, once a minute at most', async () => {
    await activate();
    (staticData.subscription as IDataObject).secretReadAt = Date.now() - 61_000;
    serverSecret = newSecret;
    expect((await deliver({ signedWith: newSecret })).started).toHaveLength(1);
    await deliver({ signedWith: 'whsec_AAAAAAAAAAAAAAAAAAAAAAAA' });
    await deliver({ signedWith: 'whsec_AAAAAAAAAAAAAAAAAAAAAAAA' });
    expect(sent().filter((request) => request === 'GET /organizations/webhook-secret')).toHaveLength(1);
  });

  test('the same delivery again starts nothing, another one does', async () => {
    await activate();
    await deliver();
    expect(await deliver()).toEqual({ started: null, status: 200 });
    expect((await deliver({ id: 'd-2' })).started).toHaveLength(1);
  });

  /** What n8n has after a restart: the static data as it was saved, and a process that knows nothing. */
  function restart(saved: string): void {
    staticData = JSON.parse(saved) as IDataObject;
    workflowId = `${workflowId}-restarted`;
  }

  /** As n8n does with a delivery that starts the workflow. */
  async function deliverLosingStaticData(): Promise<void> {
    const saved = JSON.stringify(staticData);
    await deliver();
    staticData = JSON.parse(saved) as IDataObject;
  }

  test('after a restart a delivery is known if n8n could save it: with one that started nothing', async () => {
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

  test('"Listen for test event" shows every delivery, and the active workflow forgets none for it', async () => {
    await activate();
    await deliver();
    const saved = staticData;
    // A test has static data of its own.
    staticData = {};
    await activate();
    expect((await deliver({ mode: 'manual' })).started).toHaveLength(1);
    expect((await deliver({ mode: 'manual' })).started).toHaveLength(1);
    await lifecycle.delete.call(hookContext(options(), hookUrl));
    staticData = saved;
    expect(await deliver()).toEqual({ started: null, status: 200 });
  });

  test('what is remembered does not grow with the number of deliveries', async () => {
    await activate();
    for (let count = 0; count < 1001; count += 1) await deliver({ id: `d-${String(count)}` });
    expect(staticData.deliveries).toHaveLength(1000);
  });

  test('when the run cannot be read now, the sender is told to come again, and then it starts', async () => {
    await activate();
    runStatus = 401;
    expect(await deliver()).toEqual({ started: null, status: 503 });
    runStatus = 200;
    expect((await deliver()).started).toHaveLength(1);
  });

  test('a run of somebody else is no reason to come again', async () => {
    await activate();
    expect(await deliver({ runId: 999 })).toEqual({ started: null, status: 404 });
  });

  test.each<[string, INodeParameters]>([
    ['another agent', { agent: { __rl: true, mode: 'id', value: '13' } }],
    ['another status', { statuses: ['busy', 'no-answer'] }],
  ])('a call of %s starts nothing', async (_what, parameters) => {
    await activate(parameters);
    expect(await deliver({ parameters })).toEqual({ started: null, status: 200 });
  });
});

describe('on Dograh itself', () => {
  beforeEach(() => {
    extensions = [];
  });

  test('activating without a Webhook Secret says what to set up', async () => {
    await expect(activate()).rejects.toThrow(/no subscriptions\. Enter a Webhook Secret .*X-Webhook-Secret/);
  });

  test('activating with one subscribes to nothing', async () => {
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

  test('a repeated delivery starts nothing', async () => {
    await deliverPlain('s3cret');
    expect(await deliverPlain('s3cret')).toEqual({ started: null, status: 200 });
  });

  test('a delivery that names no run is refused', async () => {
    const headers = { 'x-webhook-secret': 's3cret' };
    expect(await receive(headers, '{}', options({}, 's3cret'))).toEqual({ started: null, status: 400 });
  });
});
