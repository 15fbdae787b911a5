/** The hints above the output of the Dograh node in the editor. */
import { routingHeaders, type JsonObject } from '@dograh-trigger/shared';
import type { INodeParameters, NodeExecutionHint } from 'n8n-workflow';
import { Dograh } from '../../n8n-node/nodes/Dograh/Dograh.node';
import { replyPlaced, standInAgentUuid, startStandIn, type StandIn } from '../support/dograh-stand-in';
import { n8nContext, type N8nContextOptions } from '../support/n8n-context';

const createdAt = '2026-08-22T03:04:05Z';
const pbx = {
  telephony_configuration_id: 1,
  name: 'Main <b>PBX</b> & more',
  provider: 'ari',
  reason: 'It cannot be reached',
};
const query = new URLSearchParams({
  page: '1',
  limit: '100',
  filters: JSON.stringify([{ attribute: 'callChannel', type: 'radio', value: { status: 'telephony' } }]),
}).toString();

let server: StandIn;
/** Additional fields of every run. */
let fields: JsonObject;
let triggerHeaders: Record<string, string>;

beforeEach(async () => {
  fields = { mode: 'twilio' };
  triggerHeaders = {};
  const ids = Array.from({ length: 9 }, (_, index) => 501 + index);
  server = await startStandIn({
    trigger: (response, count) => {
      replyPlaced(response, count, triggerHeaders);
    },
    replies: {
      ...Object.fromEntries(ids.map((id) => [`GET /api/v1/workflow/0/runs/${String(id)}`, () => runOf(id)])),
      [`GET /api/v1/organizations/usage/runs?${query}`]: () => ({
        runs: ids.slice(0, 2).map((id) => ({ ...runOf(id), workflow_name: 'Sales', ...rowFields })),
        total_dograh_tokens: 0,
        total_duration_seconds: 0,
        total_count: 2,
        page: 1,
        limit: 100,
        total_pages: 1,
      }),
    },
  });
});

afterEach(() => server.close());

const rowFields = { dograh_token_usage: 0, call_duration_seconds: 42 };

function runOf(id: number) {
  return {
    id,
    workflow_id: 12,
    name: `WR-API-${String(id)}`,
    created_at: createdAt,
    call_type: 'outbound',
    is_completed: true,
    status: 'completed',
    ...fields,
  };
}

async function hintsOf(parameters: INodeParameters, options: Partial<N8nContextOptions> = {}) {
  const hints: NodeExecutionHint[] = [];
  const credential = { baseUrl: server.url, apiKey: 'dgr_h' };
  await new Dograh().execute.call(n8nContext({ ...credential, parameters, hints, ...options }));
  return hints;
}

const call = {
  agent: { __rl: true, mode: 'list', value: standInAgentUuid },
  phoneNumber: '+14155550100',
};

test.each<[string, INodeParameters, string]>([
  ['Get', { operation: 'get', runId: '501' }, 'the call with run ID 501'],
  ['Get Many', { operation: 'getAll' }, 'the calls with run IDs 501, 502'],
  ['Place and Wait', { operation: 'placeAndWait', ...call }, 'the call with run ID 501'],
  ['Wait for Completion', { operation: 'waitForCompletion', runId: '501' }, 'the call with run ID 501'],
])('%s shows a hint that the sandbox rang no phone', async (_, parameters, runs) => {
  fields = { mode: 'sandbox' };
  expect(await hintsOf(parameters)).toEqual([
    {
      message: expect.stringContaining(
        `No phone rang for ${runs}: the sandbox only simulates calls.`,
      ) as string,
      type: 'warning',
      location: 'outputPane',
    },
  ]);
});

test('Place shows the hints for a call that was just placed', async () => {
  triggerHeaders = routingHeaders({ mode: 'sandbox', fallbackFrom: pbx });
  expect((await hintsOf({ operation: 'place', ...call })).map(({ message }) => message)).toEqual([
    expect.stringContaining('No phone rang for the call with run ID 501'),
    expect.stringContaining('another one placed the call with run ID 501. '),
  ]);
});

test('the hint for a fallback names the account and the reason, escaped as HTML', async () => {
  fields = { mode: 'twilio', fallback_from: pbx };
  expect((await hintsOf({ operation: 'get', runId: '501' })).map(({ message }) => message)).toEqual([
    'The default carrier account was not ready, so another one placed the call with run ID 501. Main &lt;b&gt;PBX&lt;/b&gt; &amp; more: It cannot be reached',
  ]);
});

test('the hint for unresolved variables names them', async () => {
  fields = { unresolved_variables: ['user.nmae', 'order.id'], mode: 'twilio' };
  expect((await hintsOf({ operation: 'get', runId: '501' })).map(({ message }) => message)).toEqual([
    'Nothing was said in the place of some variables in the call with run ID 501: they had no value, and the agent has no fallback for them. user.nmae; order.id',
  ]);
});

test('many calls share one hint, which names only some of them', async () => {
  fields = { mode: 'sandbox', unresolved_variables: [], fallback_from: null };
  const items = Array.from({ length: 9 }, (_, index) => ({ id: 501 + index }));
  const hints = await hintsOf({ operation: 'get', runId: '={{ $json.id }}' }, { items });
  expect(hints.map(({ message }) => message)).toEqual([
    expect.stringContaining('the calls with run IDs 501, 502, 503, 504, 505 and 4 more: '),
  ]);
});

test.each<[string, JsonObject]>([
  ['whose phone rang', { mode: 'twilio', fallback_from: null, unresolved_variables: [] }],
  ['of a server that says nothing of all this', { mode: '' }],
])('a call %s has no hint', async (_, said) => {
  fields = said;
  expect(await hintsOf({ operation: 'get', runId: '501' })).toEqual([]);
});

test('the node works in an n8n without hints', async () => {
  fields = { mode: 'sandbox' };
  const credential = { baseUrl: server.url, apiKey: 'dgr_h' };
  const context = n8nContext({ ...credential, parameters: { operation: 'get', runId: '501' }, asTool: true });
  expect(await new Dograh().execute.call(context)).toMatchObject([[{ json: { mode: 'sandbox' } }]]);
});
