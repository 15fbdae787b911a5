/** A filter that cannot be applied is refused: otherwise the unfiltered list would be mistaken for its result. */
import fc from 'fast-check';
import {
  agentRuns,
  item,
  organizationRuns,
  startWithListedRuns,
  type ListedRuns,
} from '../../support/listed-runs';

let listed: ListedRuns;
beforeAll(async () => {
  listed = await startWithListedRuns();
});
afterAll(() => listed.server.close());

const organizationAttributes =
  'runId, workflowId, campaignId, callerNumber, calledNumber, dateRange, dispositionCode, duration, tokenUsage, status, callDirection, callChannel, apiKeyId, reference, source, text';
const statusWords =
  'queued, initiated, ringing, answered, completed, busy, no-answer, canceled, failed, error, expired, in_progress, all';

/** The title, the single filter item, the path of the fault within it, and a part of the error message. */
const faults: [string, unknown, (string | number)[], string][] = [
  [
    'a word that is no status',
    item('status', 'radio', { status: 'bussy' }),
    ['value', 'status'],
    statusWords,
  ],
  ['an empty status', item('status', 'radio', { status: '' }), ['value', 'status'], statusWords],
  [
    'a word of Dograh’s among statuses',
    item('status', 'multiSelect', { codes: ['in_progress'] }),
    ['value', 'codes', 0],
    'no-answer',
  ],
  ['the type of another attribute', item('duration', 'multiSelect', { min: 1 }), ['type'], 'numberRange'],
  ['an empty type', item('duration', '', { min: 1 }), ['type'], 'numberRange'],
  ['a value without its key', item('duration', 'numberRange', {}), ['value'], 'min or max'],
  ['a key that is not known', item('duration', 'numberRange', { minimum: 1 }), ['value'], 'min or max'],
  [
    'one key that is not known among others',
    item('duration', 'numberRange', { min: 1, maximum: 2 }),
    ['value'],
    'min or max',
  ],
  ['no value', { attribute: 'dispositionCode', type: 'multiSelect' }, ['value'], 'Field required'],
  ['a text for an object', item('dispositionCode', 'multiSelect', 'busy'), ['value'], 'dictionary'],
  [
    'a text for a list',
    item('dispositionCode', 'multiSelect', { codes: 'busy' }),
    ['value', 'codes'],
    'list',
  ],
  [
    'codes that are no texts',
    item('dispositionCode', 'multiSelect', { codes: [1] }),
    ['value', 'codes', 0],
    'string',
  ],
  ['a text for a number', item('duration', 'numberRange', { min: '1' }), ['value', 'min'], 'valid'],
  [
    'a key beside attribute, type and value',
    { ...item('status', 'radio', { status: 'busy' }), not: true },
    [],
    'no other keys',
  ],
];

const organizationFaults: typeof faults = [
  [
    'an attribute that nobody knows',
    item('dispositon', 'multiSelect', { codes: ['busy'] }),
    ['attribute'],
    organizationAttributes,
  ],
  [
    'callTags, which Dograh keeps for itself',
    item('callTags', 'tags', { codes: ['x'] }),
    ['attribute'],
    organizationAttributes,
  ],
  [
    'a name of JavaScript’s',
    item('__proto__', 'number', { value: 1 }),
    ['attribute'],
    organizationAttributes,
  ],
  ['no attribute', { type: 'number', value: { value: 1 } }, ['attribute'], organizationAttributes],
  [
    'another direction',
    item('callDirection', 'radio', { status: 'in' }),
    ['value', 'status'],
    'inbound, outbound, all',
  ],
  [
    'another channel',
    item('callChannel', 'radio', { status: 'phone' }),
    ['value', 'status'],
    'telephony, web, chat, all',
  ],
  ['a text for a run', item('runId', 'number', { value: '1' }), ['value', 'value'], 'integer'],
  ['no date', item('dateRange', 'dateRange', { from: 'soon' }), ['value', 'from'], 'ISO 8601'],
];

async function refusal(path: string, filters: unknown) {
  const { status, body } = await listed.ask(path, filters);
  return { status, body: body as { code: string; detail: { loc: unknown[]; msg: string }[] } };
}

test.each([...faults, ...organizationFaults])(
  'GET /organizations/usage/runs refuses %s, and says where and what is right',
  async (_, filter, place, words) => {
    const good = item('duration', 'numberRange', { min: 0 });
    const { status, body } = await refusal(organizationRuns, [good, filter]);
    expect(status).toBe(422);
    expect(body.code).toBe('invalid_request');
    expect(body.detail).toHaveLength(1);
    expect(body.detail[0]!.loc).toEqual(['query', 'filters', 1, ...place]);
    expect(body.detail[0]!.msg).toContain(words);
  },
);

test.each(faults)('GET /workflow/{workflow_id}/runs refuses %s', async (_, filter, place, words) => {
  const { status, body } = await refusal(agentRuns(listed), [filter]);
  expect(status).toBe(422);
  expect(body.detail[0]!.loc).toEqual(['query', 'filters', 0, ...place]);
  expect(body.detail[0]!.msg).toContain(words);
});

test('the report refuses what the list refuses, before a file begins', async () => {
  const { status, body } = await refusal(`${organizationRuns}/report`, [
    item('status', 'radio', { status: 'bussy' }),
  ]);
  expect(status).toBe(422);
  expect(body.detail[0]!.loc).toEqual(['query', 'filters', 0, 'value', 'status']);
});

describe('what Dograh refuses stays as it is', () => {
  test.each([
    ['no JSON', '['],
    ['no array', '{}'],
    ['no objects', '[1]'],
    ['deep JSON', `${'['.repeat(1_900)}${']'.repeat(1_900)}`],
  ])('%s is 400', async (_, filters) => {
    const own = await listed.ask(organizationRuns, filters).expect(400);
    expect(own.body).toEqual({ detail: 'Invalid filters format', code: 'bad_request' });
    const agents = await listed.ask(agentRuns(listed), filters).expect(400);
    expect(agents.body).toEqual({ detail: 'Invalid filter format', code: 'bad_request' });
  });

  test('an attribute that an agent’s list does not have is 403, whatever its type and value', async () => {
    for (const attribute of ['runId', 'workflowId', 'calledNumber', 'callTags', 'nonsense']) {
      const reply = await listed.ask(agentRuns(listed), [item(attribute, 'any', 1)]).expect(403);
      expect(reply.body).toEqual({ detail: `Invalid attribute '${attribute}'`, code: 'forbidden' });
    }
  });
});

describe('a parameter that would leave every call in the list is refused', () => {
  test.each([
    ['agent', 'status=busy', 'filters, with the attribute status'],
    ['agent', 'disposition_code=busy', 'filters, with the attribute dispositionCode'],
    ['agent', 'start_date=2026-01-01', 'filters, with the attribute dateRange'],
    ['agent', 'filter=[]', 'filters'],
    ['agent', 'sort_by=durations', 'created_at, duration'],
    ['agent', 'sort_order=newest', "'^(asc|desc)$'"],
    ['organization', 'status=busy', 'filters, with the attribute status'],
    ['organization', 'calledNumber=415', 'filters, with the attribute calledNumber'],
    ['organization', 'workflow-id=1', 'filters, with the attribute workflowId'],
    ['organization', 'sort_by=', 'created_at, duration'],
    ['report', 'status=busy', 'filters, with the attribute status'],
  ])('of the %s: %s', async (list, query, words) => {
    const path =
      list === 'agent' ? agentRuns(listed) : organizationRuns + (list === 'report' ? '/report' : '');
    const { server, account } = listed;
    const reply = await server.request.get(`/api/v1/${path}?${query}`).set('X-API-Key', account.apiKey);
    expect(reply.status).toBe(422);
    const { detail } = reply.body as { detail: { loc: string[]; msg: string }[] };
    expect(detail).toMatchObject([{ loc: ['query', query.split('=')[0]] }]);
    expect(detail[0]!.msg).toContain(words);
  });
});

test('any text in filters is answered with a list or a refusal', async () => {
  const attributes = organizationAttributes.split(', ');
  const filter = fc.record(
    {
      attribute: fc.oneof(fc.constantFrom(...attributes), fc.jsonValue()),
      type: fc.oneof(fc.constantFrom('radio', 'number', 'numberRange', 'multiSelect'), fc.jsonValue()),
      value: fc.oneof(
        fc.jsonValue(),
        fc.dictionary(fc.constantFrom('value', 'status', 'codes', 'min', 'from'), fc.jsonValue()),
      ),
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(filter, { maxLength: 4 }), async (filters) => {
      const path = filters.length % 2 === 0 ? agentRuns(listed) : organizationRuns;
      const { status } = await listed.ask(path, filters);
      expect([200, 403, 422]).toContain(status);
    }),
    { numRuns: 60 },
  );
});
