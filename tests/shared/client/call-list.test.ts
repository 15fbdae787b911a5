import { baseUrl, json, scriptedClient } from '../../support/scripted-client';
import type { HttpRequest, UsagePage } from '@dograh-trigger/shared';

function page(ids: number[], changes: Partial<UsagePage> = {}) {
  return json(200, {
    runs: ids.map((id) => ({
      id,
      workflow_id: 7,
      workflow_name: null,
      name: `WR-API-${String(id)}`,
      created_at: '2026-08-22T03:04:05Z',
      dograh_token_usage: 0,
      call_duration_seconds: 0,
    })),
    total_dograh_tokens: 0,
    total_duration_seconds: 0,
    total_count: ids.length,
    page: 1,
    limit: 100,
    total_pages: 1,
    ...changes,
  });
}

function queryOf(request: HttpRequest | undefined): Record<string, string> {
  return Object.fromEntries(new URL(request?.url ?? baseUrl).searchParams);
}

const telephony = { attribute: 'callChannel', type: 'radio', value: { status: 'telephony' } };

test('by default the list requests the newest hundred phone calls', async () => {
  const { client, requests } = scriptedClient([page([2, 1])]);
  const list = await client.listCalls();
  expect(list.runs.map(({ id }) => id)).toEqual([2, 1]);
  expect(requests[0]?.url.startsWith(`${baseUrl}/api/v1/organizations/usage/runs?`)).toBe(true);
  expect(queryOf(requests[0])).toEqual({ page: '1', limit: '100', filters: JSON.stringify([telephony]) });
});

test('every option becomes a query parameter, or a filter with the type that Dograh requires', async () => {
  const { client, requests } = scriptedClient([page([])]);
  await client.listCalls({
    page: 3,
    limit: 5,
    createdSince: new Date('2026-08-21T00:00:00Z'),
    createdUntil: new Date('2026-08-22T00:00:00Z'),
    cursor: 'sealed',
    agentId: 7,
    calledNumber: '+14155550100',
    dispositions: ['busy', 'no-answer'],
  });
  expect(queryOf(requests[0])).toEqual({
    page: '3',
    limit: '5',
    start_date: '2026-08-21T00:00:00.000Z',
    end_date: '2026-08-22T00:00:00.000Z',
    cursor: 'sealed',
    filters: JSON.stringify([
      telephony,
      { attribute: 'workflowId', type: 'number', value: { value: 7 } },
      { attribute: 'calledNumber', type: 'text', value: { value: '+14155550100' } },
      { attribute: 'dispositionCode', type: 'multiSelect', value: { codes: ['busy', 'no-answer'] } },
    ]),
  });
});
