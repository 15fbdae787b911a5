import type { INodeParameters } from 'n8n-workflow';
import { Dograh } from '../../n8n-node/nodes/Dograh/Dograh.node';
import { replyJson, startLocalServer, type LocalServer } from '../support/local-server';
import { n8nContext } from '../support/n8n-context';

const agentUuid = '0b7e9d1c-3c55-4a0b-8f6d-91d2a4c6e8f0';

let server: LocalServer;
/** The number of calls; the newest has the highest id. */
let total: number;
/** Additional fields of every row. */
let changes: object;

beforeEach(async () => {
  total = 3;
  changes = {};
  server = await startLocalServer((request, response) => {
    const url = new URL(request.url, 'http://host');
    if (url.pathname.endsWith('/workflow/fetch')) {
      const agent = { id: 12, name: 'Sales', status: 'active', created_at: '2026-08-01T00:00:00Z' };
      replyJson(response, 200, [{ ...agent, workflow_uuid: agentUuid }]);
      return;
    }
    const page = Number(url.searchParams.get('page'));
    const limit = Number(url.searchParams.get('limit'));
    const ids = Array.from({ length: total }, (_, index) => total - index);
    const runs = ids.slice((page - 1) * limit, page * limit).map(listed);
    const counts = { total_dograh_tokens: 0, total_duration_seconds: 0, total_count: total };
    const total_pages = Math.ceil(total / limit);
    replyJson(response, 200, { runs, ...counts, page, limit, total_pages });
  });
});

afterEach(() => server.close());

function listed(id: number) {
  return {
    id,
    workflow_id: 12,
    workflow_name: 'Sales',
    name: `WR-API-${String(id)}`,
    created_at: '2026-08-22T03:04:05+00:00',
    dograh_token_usage: 0,
    call_duration_seconds: id === 3 ? 0 : 42,
    called_number: '+14155550100',
    disposition: id === 3 ? null : id === 2 ? 'no-answer' : 'user_hangup',
    gathered_context: { extracted_variables: { interested: true } },
    mode: 'twilio',
    ...changes,
  };
}

async function execute(parameters: INodeParameters) {
  const context = n8nContext({
    baseUrl: server.url,
    apiKey: 'dgr_m',
    parameters: { operation: 'getAll', ...parameters },
  });
  const [items] = await new Dograh().execute.call(context);
  return items ?? [];
}

function query(): URLSearchParams {
  const url = server.requests.map((request) => request.url).find((sent) => sent.includes('/usage/runs'));
  return new URL(url ?? '', 'http://host').searchParams;
}

test('calls are returned newest first, in the fields of Get, each linked to the item', async () => {
  const items = await execute({});
  expect(items.map(({ json }) => [json.run_id, json.status])).toEqual([
    [3, 'in-progress'],
    [2, 'no-answer'],
    [1, 'completed'],
  ]);
  expect(items[2]).toEqual({
    json: {
      run_id: 1,
      run_name: 'WR-API-1',
      agent_id: 12,
      status: 'completed',
      waiting_for: null,
      due_at: null,
      reason: null,
      explanation: null,
      reference: null,
      disposition: 'user_hangup',
      answered_by: null,
      voicemail_left: null,
      duration_seconds: 42,
      phone_number: '+14155550100',
      mode: 'twilio',
      fallback_from: null,
      context: {},
      learned: { interested: true },
      unresolved_variables: null,
      recording_url: null,
      transcript_url: null,
    },
    pairedItem: { item: 0 },
  });
});

test('on a Dograh with mapped dispositions a busy call has the status busy and the mapped disposition', async () => {
  changes = {
    disposition: 'BSY',
    call_duration_seconds: 0,
    gathered_context: { call_status: 'busy', call_disposition: 'busy', mapped_call_disposition: 'BSY' },
  };
  expect((await execute({}))[0]).toMatchObject({ json: { status: 'busy', disposition: 'BSY' } });
});

test('a call has the status that the server reports, even before its end', async () => {
  changes = { disposition: null, call_duration_seconds: 0, status: 'ringing' };
  expect((await execute({}))[0]).toMatchObject({ json: { status: 'ringing', duration_seconds: null } });
});

test('without Simplify a call is the raw row of the list', async () => {
  expect((await execute({ simplify: false }))[2]).toMatchObject({ json: listed(1) });
});

test('Limit ends the list, and Return All reads every page', async () => {
  total = 250;
  expect(await execute({ limit: 120 })).toHaveLength(120);
  const all = await execute({ returnAll: true });
  expect(all.map(({ json }) => json.run_id)).toEqual(Array.from({ length: 250 }, (_, index) => 250 - index));
});

test('the filters reach the server', async () => {
  await execute({
    filters: {
      agent: { __rl: true, mode: 'list', value: agentUuid },
      disposition: 'busy, no-answer',
      phoneNumber: '+1 (415) 555',
      placedAfter: '2026-08-22T00:00:00+02:00',
      placedBefore: '2026-08-23T00:00:00Z',
    },
  });
  expect(query().get('start_date')).toBe('2026-08-21T22:00:00.000Z');
  expect(query().get('end_date')).toBe('2026-08-23T00:00:00.000Z');
  expect(JSON.parse(query().get('filters') ?? '')).toEqual([
    { attribute: 'callChannel', type: 'radio', value: { status: 'telephony' } },
    { attribute: 'workflowId', type: 'number', value: { value: 12 } },
    { attribute: 'calledNumber', type: 'text', value: { value: '1415555' } },
    { attribute: 'dispositionCode', type: 'multiSelect', value: { codes: ['busy', 'no-answer'] } },
  ]);
});

test.each([
  ['2026-08-22T12:00:00', '2026-08-22T10:00:00.000Z'],
  ['2026-12-22 12:00:00', '2026-12-22T11:00:00.000Z'],
  ['2026-08-22', '2026-08-21T22:00:00.000Z'],
  ['2026-08-22T12:00:00-05:00', '2026-08-22T17:00:00.000Z'],
  ['={{ DateTime.fromISO("2026-08-22T12:00:00Z") }}', '2026-08-22T12:00:00.000Z'],
])('the date %s means %s: without a zone it is in the workflow’s time zone', async (placedAfter, instant) => {
  await execute({ filters: { placedAfter } });
  expect(query().get('start_date')).toBe(instant);
});

test('an agent selected by id is not looked up, so that an archived one works', async () => {
  await execute({ filters: { agent: { __rl: true, mode: 'id', value: '77' } } });
  expect(server.requests).toHaveLength(1);
  expect(query().get('filters')).toContain('{"value":77}');
});

test.each([
  [{ agent: { __rl: true, mode: 'list', value: 'gone' } }, 'no active agent with the UUID gone'],
  [{ placedAfter: 'yesterday' }, 'Placed After: enter a date and time'],
])('%j is refused with an explanation', async (filters, message) => {
  await expect(execute({ filters })).rejects.toThrow(message);
});
