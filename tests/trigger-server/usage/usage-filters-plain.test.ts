/** With EXTENSIONS empty, the server ignores the filters that Dograh ignores, and drops the parameters that it drops. */
import {
  agentRuns,
  item,
  organizationRuns,
  startWithListedRuns,
  type ListedRuns,
} from '../../support/listed-runs';

let listed: ListedRuns;
beforeAll(async () => {
  listed = await startWithListedRuns({ EXTENSIONS: '' });
});
afterAll(() => listed.server.close());

const all = ['second', 'sold', 'going', 'busy', 'hungUp'];

test.each<[string, unknown[], string[]]>([
  ['what Dograh knows is honoured', [item('callDirection', 'radio', { status: 'inbound' })], []],
  [
    'without its type it filters nothing',
    [{ attribute: 'callDirection', value: { status: 'inbound' } }],
    all,
  ],
  ['nor with another type', [item('callDirection', 'text', { status: 'inbound' })], all],
  ['nor by an attribute of the other list', [item('status', 'radio', { status: 'in_progress' })], all],
  ['nor by dateRange', [item('dateRange', 'dateRange', { from: '2030-01-01' })], all],
  ['nor by tokenUsage', [item('tokenUsage', 'numberRange', { min: 1 })], all],
  ['nor by callTags', [item('callTags', 'tags', { codes: ['x'] })], all],
  ['nor by what nobody knows', [item('__proto__', 'number', { value: 1 })], all],
  ['nor by another direction', [item('callDirection', 'radio', { status: 'constructor' })], all],
  ['nor by a key that is not known', [item('duration', 'numberRange', { minimum: 60 })], all],
  ['nor without a value', [{ attribute: 'runId', type: 'number' }], all],
])('the organization’s list: %s', async (_, filters, names) => {
  expect(await listed.found(organizationRuns, filters)).toEqual(names);
});

test.each<[string, unknown[], string[]]>([
  ['ended', [item('status', 'radio', { status: 'completed' })], ['sold', 'busy', 'hungUp']],
  ['another status filters nothing', [item('status', 'radio', { status: 'busy' })], all.slice(1)],
  ['nor do statuses', [item('status', 'multiSelect', { codes: ['busy'] })], all.slice(1)],
  ['nor an item without its type', [{ attribute: 'status', value: { status: 'in_progress' } }], all.slice(1)],
])('an agent’s list: %s', async (_, filters, names) => {
  expect(await listed.found(agentRuns(listed), filters)).toEqual(names);
});

test('an attribute of the other list is 403 on an agent’s, and a value of another shape 400', async () => {
  const unknown = await listed.ask(agentRuns(listed), [item('runId', 'number', { value: 1 })]).expect(403);
  expect(unknown.body).toEqual({ detail: "Invalid attribute 'runId'" });
  const faulty = [item('dateRange', 'dateRange', { from: 'soon' })];
  expect((await listed.ask(agentRuns(listed), faulty).expect(400)).body).toEqual({
    detail: 'Invalid filter format',
  });
  for (const filters of [[{ type: 'number' }], [item('runId', 'number', { value: '1' })]]) {
    expect((await listed.ask(organizationRuns, filters).expect(400)).body).toEqual({
      detail: 'Invalid filters format',
    });
  }
});

test('an unknown sort order means the default, and an unknown parameter is ignored', async () => {
  const { server, account, runs } = listed;
  const { hungUp, busy, going, sold } = runs;
  for (const query of ['sort_order=newest', 'sort_by=nonsense', 'status=busy', 'statuz=busy', 'filter=[1]']) {
    const reply = await server.request
      .get(`/api/v1/${agentRuns(listed)}?${query}`)
      .set('X-API-Key', account.apiKey)
      .expect(200);
    const page = reply.body as { runs: { id: number }[] };
    expect(page.runs.map(({ id }) => id)).toEqual([sold, going, busy, hungUp]);
    expect(reply.headers).not.toHaveProperty('ignored-fields');
  }
});
