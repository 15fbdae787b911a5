import { summarizeListedRun, type UsageRun } from '@dograh-trigger/shared';
import { rejectionOf } from '../../support/caught';
import { json, scriptedClient } from '../../support/scripted-client';

function listed(id: number, fields: Partial<UsageRun> = {}): UsageRun {
  return {
    id,
    workflow_id: 7,
    workflow_name: 'Sales',
    name: `WR-API-${String(id)}`,
    created_at: '2026-08-22T03:04:05+00:00',
    dograh_token_usage: 0,
    call_duration_seconds: 0,
    ...fields,
  };
}

function page(ids: number[], number: number, totalPages: number, more: object = {}) {
  const totals = { total_dograh_tokens: 0, total_duration_seconds: 0, total_count: 0, limit: 100 };
  const runs = ids.map((id) => listed(id));
  return json(200, { runs, ...totals, page: number, total_pages: totalPages, ...more });
}

function queryOf(url: string | undefined): URLSearchParams {
  return new URL(url ?? '').searchParams;
}

test('all pages are read, and a call that moved to the next page is returned once', async () => {
  const { client, requests } = scriptedClient([page([5, 4], 1, 3), page([4, 3], 2, 3), page([2], 3, 3)]);
  expect((await client.listNewestCalls(Infinity)).map(({ id }) => id)).toEqual([5, 4, 3, 2]);
  expect(requests.map(({ url }) => queryOf(url).get('page'))).toEqual(['1', '2', '3']);
});

test('no page beyond the maximum is read', async () => {
  const { client, requests } = scriptedClient([page([5, 4], 1, 9), page([3, 2], 2, 9)]);
  expect(await client.listNewestCalls(3)).toHaveLength(3);
  expect(requests).toHaveLength(2);
});

test('the cursor of the first page is sent with the next ones', async () => {
  const { client, requests } = scriptedClient([page([5], 1, 2, { cursor: 'sealed' }), page([4], 2, 2)]);
  await client.listNewestCalls(Infinity);
  expect(requests.map(({ url }) => queryOf(url).get('cursor'))).toEqual([null, 'sealed']);
});

test('the filters are sent in the format of the API', async () => {
  const { client, requests } = scriptedClient([page([], 1, 0)]);
  const createdUntil = new Date('2026-08-23T00:00:00Z');
  await client.listNewestCalls(5, { createdUntil, dispositions: ['busy'] });
  const query = queryOf(requests[0]?.url);
  expect(query.get('end_date')).toBe('2026-08-23T00:00:00.000Z');
  expect(JSON.parse(query.get('filters') ?? '')).toContainEqual({
    attribute: 'dispositionCode',
    type: 'multiSelect',
    value: { codes: ['busy'] },
  });
});

test.each<[Partial<UsageRun>, object]>([
  [{ disposition: null }, { status: 'in-progress', disposition: null, durationSeconds: null }],
  [{ disposition: 'busy' }, { status: 'busy', disposition: 'busy', durationSeconds: 0 }],
  [
    { disposition: 'user_hangup', call_duration_seconds: 42 },
    { status: 'completed', disposition: 'user_hangup', durationSeconds: 42 },
  ],
  // A call of Dograh whose carrier reported the end and whose media never started.
  [{ call_duration_seconds: 3 }, { status: 'completed', disposition: null, durationSeconds: 3 }],
  [{ called_number: '+14155550100' }, { phoneNumber: '+14155550100' }],
])('a listed call with %j is summarized as %j', (fields, summary) => {
  expect(summarizeListedRun(listed(1, fields))).toMatchObject(summary);
});

test('an active agent is found by its UUID; an unknown one is an error that names the UUID', async () => {
  const agent = { id: 7, name: 'Sales', status: 'active', created_at: 'x', workflow_uuid: 'a-1' };
  const { client } = scriptedClient([json(200, [agent]), json(200, [agent])]);
  expect(await client.findAgent('a-1')).toEqual({ id: 7, name: 'Sales', uuid: 'a-1' });
  expect(await rejectionOf(client.findAgent('a-2'))).toMatchObject({
    code: 'not_found',
    message: expect.stringContaining('a-2'),
  });
});

test('the signing secret is read', async () => {
  const { client, calls } = scriptedClient([
    json(200, { secret: 'whsec_x', previous_secret_expires_at: null }),
  ]);
  expect(await client.readWebhookSecret()).toBe('whsec_x');
  expect(calls()).toEqual(['GET /organizations/webhook-secret']);
});

test('root-relative links become absolute', async () => {
  const fields = { recording_public_url: '/r', transcript_public_url: 'https://dograh.example/t' };
  const reply = page([], 1, 1, { runs: [listed(1, fields)] });
  const { client } = scriptedClient([reply]);
  expect((await client.listCalls()).runs).toMatchObject([
    { recording_public_url: 'https://api.example.test/r', transcript_public_url: 'https://dograh.example/t' },
  ]);
});
