/** The revision of an agent: two people who edit one agent do not overwrite each other unnoticed. */
import type { Agent } from '@dograh-trigger/shared';
import { createAgent, type TestAgent } from '../../support/agents';
import { startTestServer, type Account, type TestServer } from '../../support/test-server';
import { fetchAgent, post, put } from './support';

let server: TestServer;
let account: Account;
let agent: TestAgent;
beforeAll(async () => {
  server = await startTestServer();
  account = await server.signUp();
});
afterAll(() => server.close());
beforeEach(async () => {
  agent = await createAgent(server, account);
});

const read = () => fetchAgent(server, account, agent.id);
const save = (body: object) => put(server, account, String(agent.id), body);
const city = (name: string) => ({ template_context_variables: { city: name } });

test('a save with the current revision is stored, and the reply has the next revision', async () => {
  const { revision } = await read();
  const saved = (await save({ ...city('Pune'), revision }).expect(200)).body as Agent;
  expect(saved.revision).not.toBe(revision);
  expect(await read()).toEqual(saved);
  await save({ ...city('Oslo'), revision: saved.revision }).expect(200);
});

test('the second of two saves with the same revision is refused with 409, and changes nothing', async () => {
  const { revision } = await read();
  const first = (await save({ ...city('Pune'), revision }).expect(200)).body as Agent;
  const second = await save({ name: 'Renamed', ...city('Oslo'), revision }).expect(409);
  expect(second.body).toMatchObject({ code: 'draft_changed' });
  expect(await read()).toEqual(first);
});

test('of saves that arrive together with the same revision, exactly one is stored', async () => {
  const { revision } = await read();
  const names = ['Pune', 'Oslo', 'Lima', 'Bonn'];
  const replies = await Promise.all(names.map((name) => save({ ...city(name), revision })));
  expect(replies.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
  const stored = replies.findIndex(({ status }) => status === 200);
  expect(await read()).toMatchObject(city(names[stored]!));
});

test('a rename changes the revision', async () => {
  const { revision } = await read();
  await save({ name: 'Renamed' }).expect(200);
  await save({ ...city('Oslo'), revision }).expect(409);
});

test('publishing a draft changes nothing that a save could overwrite, so its revision stays valid', async () => {
  const { revision } = (await save(city('Pune')).expect(200)).body as Agent;
  await post(server, account, `${String(agent.id)}/publish`).expect(200);
  await save({ ...city('Oslo'), revision }).expect(200);
});

test('a save without a revision is always stored', async () => {
  await save(city('Pune')).expect(200);
  await save(city('Oslo')).expect(200);
  expect(await read()).toMatchObject(city('Oslo'));
});

test('a draft that was saved since its revision was read is not published, and production keeps its version', async () => {
  const { revision } = (await save(city('Pune')).expect(200)).body as Agent;
  const newer = (await save(city('Oslo')).expect(200)).body as Agent;
  const path = `${String(agent.id)}/publish?revision=`;
  const refused = await post(server, account, `${path}${revision!}`).expect(409);
  expect(refused.body).toMatchObject({ code: 'draft_changed' });
  expect(await read()).toEqual(newer);
  await post(server, account, `${path}${newer.revision!}`).expect(200);
  expect(await read()).toMatchObject({ ...city('Oslo'), version_status: 'published' });
});

test('plain Dograh shows no revision', async () => {
  const plain = await startTestServer({ EXTENSIONS: '' });
  try {
    const owner = await plain.signUp();
    const { id } = await createAgent(plain, owner);
    expect(Object.keys(await fetchAgent(plain, owner, id))).not.toContain('revision');
  } finally {
    await plain.close();
  }
});
