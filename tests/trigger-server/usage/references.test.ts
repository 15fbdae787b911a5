/** The list of runs by the caller's own reference. */
import type { UsagePage } from '@dograh-trigger/shared';
import { item, organizationRuns } from '../../support/listed-runs';
import { QueuedCalls } from '../../support/queued-calls';
import { plansOf } from '../../support/query-plans';

let calls: QueuedCalls;
beforeAll(async () => {
  calls = await QueuedCalls.start();
});
afterAll(() => calls.close());

async function listed(query: object, by = calls): Promise<number[]> {
  const reply = await calls.server.request
    .get(`/api/v1/${organizationRuns}`)
    .query(query)
    .set('X-API-Key', by.account.apiKey)
    .expect(200);
  return (reply.body as UsagePage).runs.map(({ id }) => id);
}

const byReference = (value: string) => ({ filters: JSON.stringify([item('reference', 'text', { value })]) });

test('the runs with this very reference are listed, newest first, of any status and of this organization only', async () => {
  const first = await calls.queued({ not_before: '2026-11-23T13:00:00Z', reference: 'order 7' });
  const second = (await calls.trigger({ reference: 'order 7' }).expect(200)).body as {
    workflow_run_id: number;
  };
  await calls.trigger({ reference: 'order 77' }).expect(200);
  await calls.trigger({}).expect(200);
  const others = await QueuedCalls.on(calls.server);
  const other = await others.queued({ not_before: '2026-11-23T13:00:00Z', reference: 'order 7' });
  expect(await listed(byReference('order 7'))).toEqual([second.workflow_run_id, first]);
  expect(await listed({ ...byReference('order 7'), limit: 1, page: 2 })).toEqual([first]);
  expect(await listed(byReference('order 7'), others)).toEqual([other]);
  expect(await listed(byReference('Order 7'))).toEqual([]);
});

test('with another filter both must hold', async () => {
  const runId = await calls.queued({ not_before: '2026-11-23T13:00:00Z', reference: 'both' });
  await calls.trigger({ reference: 'both' }).expect(200);
  const filters = [
    item('workflowId', 'number', { value: calls.agent.id }),
    item('status', 'radio', { status: 'queued' }),
    item('reference', 'text', { value: 'both' }),
  ];
  expect(await listed({ filters: JSON.stringify(filters) })).toEqual([runId]);
});

test('it is found through its index, in the order of the list', async () => {
  const queries: Parameters<typeof plansOf>[1][number][] = [];
  calls.server.storage.tap({ beforeQuery: (query) => void queries.push(query) });
  await listed(byReference('order 7'));
  calls.server.storage.untap();
  const steps = plansOf(calls.server.databaseFile, queries)
    .flat()
    .filter(({ table, by }) => table === 'runs' && by.includes('organization_id='));
  expect(steps.length).toBeGreaterThan(0);
  expect(new Set(steps.map(({ index }) => index))).toEqual(new Set(['runs_by_reference']));
});
