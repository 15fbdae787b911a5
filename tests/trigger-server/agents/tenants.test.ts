/** Two organizations never see each other's agents. */
import { createAgent, definitionWith, type TestAgent } from '../../support/agents';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { fetchAgent, fetchVersions, get, post, put } from './support';

let server: TestServer;
let owner: Account;
let stranger: Account;
let agent: TestAgent;
beforeAll(async () => {
  server = await startTestServer();
  owner = await server.signUp();
  stranger = await server.signUp();
  agent = await createAgent(server, owner);
});
afterAll(() => server.close());

test('a stranger’s lists and counts are empty', async () => {
  expect((await get(server, stranger, 'fetch').expect(200)).body).toEqual([]);
  expect((await get(server, stranger, 'summary').expect(200)).body).toEqual([]);
  expect((await get(server, stranger, 'count').expect(200)).body).toEqual({
    total: 0,
    active: 0,
    archived: 0,
  });
});

test('every route of one agent answers a stranger 404, as if it did not exist, and changes nothing', async () => {
  const id = String(agent.id);
  const before = [await fetchAgent(server, owner, agent.id), await fetchVersions(server, owner, agent.id)];
  const replies = await Promise.all([
    get(server, stranger, `fetch/${id}`),
    get(server, stranger, `${id}/versions`),
    post(server, stranger, `${id}/create-draft`),
    post(server, stranger, `${id}/publish`),
    post(server, stranger, `${id}/validate`),
    post(server, stranger, `${id}/duplicate`),
    put(server, stranger, id, { name: 'Stolen', workflow_definition: definitionWith() }),
    put(server, stranger, `${id}/status`, { status: 'archived' }),
  ]);
  const [lower, capital] = [`Workflow with id ${id} not found`, `Workflow with ID ${id} not found`];
  expect(replies.map(({ status }) => status)).toEqual(Array<number>(8).fill(404));
  expect(replies.map(({ body }) => (body as { detail: string }).detail)).toEqual([
    ...Array<string>(6).fill(lower),
    capital,
    capital,
  ]);
  expect([await fetchAgent(server, owner, agent.id), await fetchVersions(server, owner, agent.id)]).toEqual(
    before,
  );
});

test('401 without a key on every route', async () => {
  const id = String(agent.id);
  const gets = ['fetch', 'summary', 'count', `fetch/${id}`, `${id}/versions`];
  const posts = [
    'create/definition',
    `${id}/create-draft`,
    `${id}/publish`,
    `${id}/validate`,
    `${id}/duplicate`,
  ];
  const replies = await Promise.all([
    ...gets.map((path) => server.request.get(`/api/v1/workflow/${path}`)),
    ...posts.map((path) => server.request.post(`/api/v1/workflow/${path}`)),
    ...[id, `${id}/status`].map((path) => server.request.put(`/api/v1/workflow/${path}`)),
  ]);
  expect(replies.map(({ status }) => status)).toEqual(Array<number>(12).fill(401));
});
